"""Which columns of an export say what: by their headings, or as the caller says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.errors import UsageError
from cadence.playbook.diagnostics import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cadence.reports.audit.vocabulary import Vocabulary

__all__ = ["FIELDS", "Columns", "find_columns", "recognised"]

#: What a column can say, and how a sentence says it.
FIELDS: dict[str, str] = {
    "id": "which lead a row is about",
    "name": "what a lead is called",
    "first_name": "what a lead's first name is",
    "last_name": "what a lead's last name is",
    "phone": "what a lead's phone is",
    "email": "what a lead's e-mail is",
    "created": "when a lead came in",
    "status": "how a lead stands",
    "owner": "who owns a lead",
    "appointment": "when an appointment is",
    "appointment_status": "how an appointment stands",
    "confirmed": "whether an appointment was confirmed",
    "callback": "when a callback was agreed",
    "contract_sent": "when a contract was sent",
    "contract_signed": "when a contract was signed",
    "contract_status": "how a contract stands",
    "deposit_paid": "whether a deposit was paid",
    "next_action": "what the next action is",
    "next_due": "when the next action is due",
    "estimate_sent": "when an estimate was sent",
    "estimate_status": "how an estimate stands",
    "followed_up": "when an estimate was followed up",
    "last_contact": "when a lead was last contacted",
    "first_response": "when somebody first answered a lead",
}
_ALL_READ = frozenset({"status", "name", "phone", "email"})  #: every column of these is read, the best first


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of an export."""

    header: tuple[str, ...]
    places: Mapping[str, tuple[int, ...]]  #: field -> where it stands, the best first; a field without a column: absent
    units: Mapping[str, str]  #: field -> second, minute or hour, where the heading names it

    def has(self, *fields: str) -> bool:
        """Whether the export has a column for one of the fields."""
        return any(field in self.places for field in fields)

    @property
    def read(self) -> dict[str, tuple[str, ...]]:
        """Field -> the headings it was read from."""
        return {field: tuple(self.header[index] for index in places) for field, places in self.places.items()}

    @property
    def unread(self) -> tuple[str, ...]:
        """Headings of the columns that are not read."""
        used = {index for places in self.places.values() for index in places}
        return tuple(name for index, name in enumerate(self.header) if index not in used and name.strip())


def recognised(cells: Sequence[str], words: Vocabulary, own: Mapping[str, Sequence[str]]) -> int:
    """How many fields a row names, were it the row of headings."""
    given = {words.plain(heading) for headings in own.values() for heading in headings}
    named = [cell for cell in cells[:500] if cell.strip()]
    found = {heading.field for cell in named if (heading := words.heading(cell))}
    return len(found) + sum(1 for cell in named if words.plain(cell) in given)


def find_columns(header: Sequence[str], words: Vocabulary, own: Mapping[str, Sequence[str]]) -> Columns:
    """Find what each column says. ``own`` (field -> headings, best first; none: no column) goes before all else.

    Raises UsageError for a field that is not one of :data:`FIELDS`, and for a heading that the export has not.
    """
    places = {field: tuple(_place(header, words, heading) for heading in own[field]) for field in _known(own)}
    taken = {index for indices in places.values() for index in indices}
    found: dict[str, list[tuple[int, int, str]]] = {}
    for index, heading in enumerate(header):
        meant = words.heading(heading) if index not in taken else None
        if meant and meant.field not in own:
            found.setdefault(meant.field, []).append((meant.rank, index, meant.unit))
    units = {}
    for field, candidates in found.items():
        best = sorted(candidates)
        places[field] = tuple(index for _, index, _ in (best if field in _ALL_READ else best[:1]))
        units[field] = best[0][2]
    return Columns(tuple(header), {field: places[field] for field in FIELDS if places.get(field)}, units)


def _known(own: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    for field in own:
        if field not in FIELDS:
            near = did_you_mean(field, list(FIELDS))
            raise UsageError(f"--columns: there is no {field!r}", help=near or f"there are: {', '.join(FIELDS)}")
    return own


def _place(header: Sequence[str], words: Vocabulary, wanted: str) -> int:
    exactly = [index for index, heading in enumerate(header) if heading.strip() == wanted.strip()]
    nearly = [index for index, heading in enumerate(header) if words.plain(heading) == words.plain(wanted)]
    for index in (*exactly, *nearly):
        return index
    near = did_you_mean(wanted, list(header))
    raise UsageError(
        f"--columns: the export has no column {wanted!r}",
        help=near or f"it has: {', '.join(heading for heading in header if heading.strip())}",
    )
