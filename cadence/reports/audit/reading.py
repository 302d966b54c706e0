"""An export read: its leads, each once, and all that was noticed on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cadence.leads.sheet import TableError, read_sheet
from cadence.reports.audit.cells import CellReader
from cadence.reports.audit.columns import find_columns, recognised
from cadence.reports.audit.lead import ExportLead, Placed, standing_of
from cadence.reports.audit.moments import FileClock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    from cadence.leads.sheet import Row
    from cadence.reports.audit.cells import Unread
    from cadence.reports.audit.columns import Columns
    from cadence.reports.audit.moments import Moment
    from cadence.reports.audit.vocabulary import Vocabulary

__all__ = ["Export", "SetAside", "read_export"]

_FURTHEST = ("won", "locked", "open", "closed")  #: of several rows about a lead the first of these counts


class SetAside(NamedTuple):
    """A row that is not counted."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What an export says, as of a moment."""

    as_of: datetime  #: on the wall of the shop, without a zone
    since: datetime  #: where the period begins
    columns: Columns
    leads: tuple[Placed, ...]  #: each once, in the order of the file
    rows: int  #: below the headings, blank ones left out
    set_aside: tuple[SetAside, ...]
    doubles: int  #: rows about a lead that another row is about
    later: int  #: leads that came in after ``as_of``; they are not among the leads
    unread: tuple[Unread, ...]  #: cells taken for empty
    unknown: Mapping[str, int]  #: status words nobody knows, the most frequent first
    seen: frozenset[str]  #: what the status words mean
    notes: tuple[str, ...]
    clock: FileClock = field(repr=False)


def read_export(
    data: bytes,
    words: Vocabulary,
    *,
    as_of: datetime,
    period: timedelta,
    zone: ZoneInfo | None = None,
    own: Mapping[str, Sequence[str]] | None = None,
) -> Export:
    """Read an export as it stood at ``as_of``, on the wall of the shop.

    ``zone`` is the shop's, for times that are written with an offset; ``own`` says which columns to read. Raises
    :class:`~cadence.leads.sheet.TableError` when it is no table, UsageError when ``own`` names what is not there.
    """
    own = own or {}
    sheet = read_sheet(data, lambda cells: recognised(cells, words, own), "Name, Status, Owner, Created")
    columns = find_columns(sheet.header, words, own)
    reading = _Reading(columns, words, FileClock(zone), as_of, as_of - period)
    rows = 0
    for row in sheet.rows():
        rows += 1
        reading.take(row)
    if not rows:
        raise TableError("the file has headings and no rows", help="export the leads once more, and look into the file")
    cells = reading.cells
    return Export(
        as_of=as_of,
        since=as_of - period,
        columns=columns,
        leads=tuple(reading.leads.values()),
        rows=rows,
        set_aside=tuple(reading.set_aside),
        doubles=reading.doubles,
        later=reading.later,
        unread=tuple(cells.unread),
        unknown=dict(cells.unknown.most_common()),
        seen=frozenset(cells.seen),
        notes=sheet.notes,
        clock=reading.clock,
    )


class _Reading:
    """One reading of one export."""

    def __init__(self, columns: Columns, words: Vocabulary, clock: FileClock, as_of: datetime, since: datetime) -> None:
        self.cells = CellReader(columns, words, clock)
        self.clock = clock
        self.leads: dict[int, Placed] = {}  #: by the row that was the first about it
        self.set_aside: list[SetAside] = []
        self.doubles = 0
        self.later = 0
        self._created = next(iter(columns.read.get("created", ())), None)  #: its heading
        self._nobody = words.nobody
        self._as_of = as_of
        self._since = since
        self._first: dict[tuple[str, object, bool], int] = {}  #: who, in the period or not -> first row

    def take(self, row: Row) -> None:
        """Take a row in: a lead, a lead once more, or a row that is not counted."""
        if row.fault:
            self.set_aside.append(SetAside(row.number, f"it {row.fault}"))
            return
        self.cells.turn_to(row.number, row.cells)
        try:
            came_in = self._came_in()
        except ValueError as error:
            self.set_aside.append(SetAside(row.number, str(error)))
            return
        if came_in and not came_in.has_come(self._as_of):
            self.later += 1
            return
        lead = self._lead(row.number, came_in)
        placed = Placed(lead, standing_of(lead, self._as_of), came_in is None or came_in.at >= self._since)
        keys = [(*who, placed.recent) for who in self._who(row, lead.id)]
        first = next((self._first[key] for key in keys if key in self._first), row.number)
        for key in keys:
            self._first.setdefault(key, first)
        self.doubles += first != row.number
        self.leads[first] = min(self.leads.get(first, placed), placed, key=_how_far)

    def _came_in(self) -> Moment | None:
        """When the lead came in; None where no column says so. Raises ValueError with a reason."""
        if self._created is None:
            return None
        text = self.cells.text("created")
        if not text:
            raise ValueError(f"column '{self._created}' is empty, so nobody can tell when the lead came in")
        try:
            return self.clock.read(text)
        except ValueError as error:
            raise ValueError(f"column '{self._created}' {error}") from None

    def _lead(self, row: int, came_in: Moment | None) -> ExportLead:
        cells = self.cells
        owner, id_ = cells.text("owner"), cells.text("id")
        return ExportLead(
            row=row,
            id=id_,
            name=cells.text("name") or self._full_name() or id_ or f"row {row}",
            owner="" if owner.casefold() in self._nobody else owner,
            status=cells.status(),
            says=cells.says(),
            came_in=came_in,
            next_action=cells.text("next_action"),
            **cells.facts(),
        )

    def _full_name(self) -> str:
        return " ".join(part for field in ("first_name", "last_name") if (part := self.cells.text(field)))

    def _who(self, row: Row, id_: str) -> list[tuple[str, object]]:
        """What tells whose row it is: its id, else phone and e-mail, else all that it says."""
        if id_:
            return [("id", id_)]
        phone = re.sub(r"\D", "", self.cells.text("phone"))[-10:]
        email = self.cells.text("email").casefold()
        who: list[tuple[str, object]] = [("phone", phone)] if len(phone) >= 7 else []
        who += [("email", email)] if "@" in email else []
        return who or [("row", row.cells)]


def _how_far(placed: Placed) -> int:
    return _FURTHEST.index(placed.standing.kind)
