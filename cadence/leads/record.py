"""A lead's record: what somebody wrote about a person, in the form the program keeps it.

Fields are those of :data:`cadence.playbook.words.LEAD_FIELDS` and the workspace's own ``lead_fields``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from cadence.errors import LeadError
from cadence.leads import fields
from cadence.playbook.words import LEAD_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

__all__ = ["BadLead", "LeadRecord", "normalise", "place", "spoken"]

_CLEANERS: dict[str, Callable[[str], tuple[str | int | float, str]]] = {
    "id": fields.lead_id,
    "phone": fields.phone_number,
    "email": fields.email_address,
    "zip": fields.zip_code,
    "state": fields.state_code,
    "timezone": fields.time_zone,
    "trade": fields.keyword,
    "source": fields.keyword,
    "urgency": fields.keyword,
    "value": fields.value_in_dollars,
    "notes": fields.free_text,
}
_SAID = {"email": "e-mail", "zip": "ZIP code", "timezone": "time zone"}
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "rev", "sir"})
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "md", "phd", "esq", "dds", "cpa"})
_FIRMS = frozenset({"llc", "inc", "ltd", "corp", "company", "corporation", "llp", "lp", "pllc", "hoa", "properties"})


class BadLead(LeadError):  # noqa: N818 - the word of the domain
    """A lead cannot be recorded; ``problems`` lists every reason, in plain words and without its phone number."""

    def __init__(self, problems: Collection[str]) -> None:
        super().__init__("; ".join(problems), help="correct these and try again")
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class LeadRecord:
    """A lead's attributes in the form they are kept, and what was noticed on the way."""

    attributes: dict[str, str | int | float]  #: field -> value; a field that is not known is absent
    notes: tuple[str, ...] = ()  #: things a person may want to look at; nothing is wrong


def normalise(
    raw: Mapping[str, object],
    own_fields: Collection[str] = (),
    *,
    columns: Mapping[str, str] | None = None,
    row: int = 0,
) -> LeadRecord:
    """Bring what was written about a lead into the form it is kept in.

    ``own_fields`` are the names the workspace declares; ``columns`` (field -> column heading) and ``row`` say
    where the values stand in a table, for the messages. Raises :class:`BadLead` with every problem at once.
    """
    known: dict[str, str | int | float] = {}
    problems: list[str] = []
    notes: list[str] = []
    for field, written in raw.items():
        if field not in LEAD_FIELDS and field not in own_fields:
            problems.append(_unknown(field, own_fields))
            continue
        try:
            value, note = _cleaned(field, "" if written is None else str(written))
        except ValueError as error:
            problems.append(f"{place(spoken(field), (columns or {}).get(field, ''), row)} {error}")
            continue
        if value != "":
            known[field] = value
        if note:
            notes.append(f"{place(spoken(field), (columns or {}).get(field, ''), row)} {note}")
    _complete_names(known)
    if not problems and not known.keys() & {"name", "phone", "email"}:
        problems.append("there is no name, no phone and no e-mail; give at least one")
    if problems:
        raise BadLead(problems)
    order = (*LEAD_FIELDS, *sorted(own_fields))
    return LeadRecord({field: known[field] for field in order if field in known}, tuple(notes))


def _cleaned(field: str, written: str) -> tuple[str | int | float, str]:
    cleaner = _CLEANERS.get(field, fields.line_of_text)
    text = fields.unwrapped(written)
    if cleaner is fields.free_text or cleaner is fields.line_of_text:
        return cleaner(text)
    line, _ = fields.line_of_text(text)
    return ("", "") if fields.is_blank(line) else cleaner(line)


def _complete_names(known: dict[str, str | int | float]) -> None:
    """Turn "Lopez, Maria" round, and fill the full, first and last name from each other where that is certain."""
    name, first, last = (str(known.get(field, "")) for field in ("name", "first_name", "last_name"))
    before, comma, after = (part.strip() for part in name.partition(","))
    if comma and before and after and "," not in after and _bare(after) not in _SUFFIXES | _FIRMS:
        name = f"{after} {before}"
        last = last or before
    name = name or " ".join(part for part in (first, last) if part)
    words = name.split()
    if not words:
        return
    known["name"] = name
    if not any(_bare(word) in _FIRMS for word in words):
        titled = _bare(words[0]) in _TITLES
        people = words[1:] if titled else words
        if not first and people and (len(people) > 1 or not titled):
            first = people[0].rstrip(",")
        if not last and len(people) == 2 and _bare(people[1]) not in _SUFFIXES:
            last = people[1]
    known.update({field: value for field, value in (("first_name", first), ("last_name", last)) if value})


def _bare(word: str) -> str:
    return re.sub(r"[^a-z]", "", word.casefold())


def place(said: str, heading: str = "", row: int = 0) -> str:
    """Where a value stands, for a message: ``the phone (column 'Cell', row 7)``."""
    parts = [f"column '{_shown(heading)}'"] if heading else []
    parts += [f"row {row}"] if row else []
    return f"the {said} ({', '.join(parts)})" if parts else f"the {said}"


def spoken(field: str) -> str:
    """The word for a field in a sentence: ``e-mail``, ``ZIP code``, ``first name``."""
    return _SAID.get(field, field.replace("_", " "))


def _unknown(field: str, own_fields: Collection[str]) -> str:
    near = get_close_matches(field, [*LEAD_FIELDS, *own_fields], n=1, cutoff=0.75)
    meant = f"was '{near[0]}' meant?" if near else "declare it under lead_fields in cadence.yaml"
    return f"there is no field '{_shown(field)}'; {meant}"


def _shown(text: str) -> str:
    """A name fit for a message: short, and without anything that may be a phone number."""
    text = text[:40] + "…" if len(text) > 40 else text
    return re.sub(r"\d(?:\D{0,3}\d){5,}", "…", text)
