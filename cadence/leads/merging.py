"""Two accounts of one person made into one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cadence.leads.record import spoken

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["NAMES", "Change", "Merge", "merged", "same_identity"]

_CONTACTS = ("phone", "email")
_KEPT = ("id", "external_id", *_CONTACTS)  #: never replaced by a list
NAMES = ("name", "first_name", "last_name")  #: what makes up a name


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a merge fills or replaces."""

    field: str
    before: Any  #: None: it was not known
    after: Any


@dataclass(frozen=True, slots=True)
class Merge:
    """A lead after a row was merged into it."""

    attributes: dict[str, Any]
    changes: tuple[Change, ...]
    notes: tuple[str, ...]


def merged(before: Mapping[str, Any], given: Mapping[str, Any], said: Collection[str]) -> Merge:
    """Merge a row into a lead: what is not known is filled, of differing values the row's holds.

    ``said`` are the fields that earlier rows of the same file gave, which a later row does not replace. Phone,
    e-mail and ids on record stay. A shorter form of the name changes nothing, a longer one is taken. Notes are
    added up.
    """
    notes: list[str] = []
    row = _with_settled_name(before, given, said, notes)
    after = dict(before)
    for field, value in row.items():
        known = before.get(field)
        if known is None or known == "":
            after[field] = value
        elif _equal(field, known, value):
            pass
        elif field in _KEPT:
            notes.append(f"the {spoken(field)} differs from the one on record, which stays")
        elif field == "notes":
            after[field] = known if str(value) in str(known) else f"{known}\n{value}"
        elif field in said and field not in NAMES:
            notes.append(f"the {spoken(field)} differs from an earlier row of this file, which holds")
        else:
            after[field] = value
    changes = tuple(
        Change(field, before.get(field), after.get(field))
        for field in after.keys() | before.keys()
        if before.get(field) != after.get(field)
    )
    return Merge(after, tuple(sorted(changes, key=lambda change: change.field)), tuple(notes))


def same_identity(before: Mapping[str, Any], given: Mapping[str, Any], matched: Collection[str]) -> bool:
    """Whether a row that matches a lead by an id alone may be about the same person.

    Ids of two programs can be alike by chance: a row with another name, whose phone and e-mail are all
    others than those on record, is somebody else.
    """
    if any(field in matched for field in _CONTACTS):
        return True
    contacts = [field for field in _CONTACTS if field in given and before.get(field)]
    words, known = _words(given), _words(before)
    return not contacts or not words or not known or bool(words & known)


def _with_settled_name(
    before: Mapping[str, Any], given: Mapping[str, Any], said: Collection[str], notes: list[str]
) -> dict[str, Any]:
    """The row with the parts of the name it may set: all of them, or only those not known."""
    row = dict(given)
    known, new = before.get("name"), given.get("name")
    if not known or not new:
        return row
    longer = _words(given) > _words(before)
    if not longer and (_words(given) <= _words(before) or "name" in said):
        if not _words(given) <= _words(before):
            notes.append("the name differs from an earlier row of this file, which holds")
        for part in NAMES:
            if part in row and (known != new or before.get(part)):
                del row[part]
    return row


def _words(lead: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(lead.get("name", "")).casefold().replace(",", " ").replace(".", " ").split())


def _equal(field: str, known: Any, value: Any) -> bool:
    return bool(known == value or (field == "email" and str(known).casefold() == str(value).casefold()))
