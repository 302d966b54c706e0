"""The law table: in which hours of the day a US number may be sent texts that sell something.

The rows are data (``cadence/data/texting_hours.yaml``), dated and sourced, and a workspace may replace any of
them. Being open in every row that may apply to a person is lawful as far as the table knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from cadence.timing.hours import Hours, parse_hours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ABROAD", "FEDERAL", "LawRow", "LawTable"]

FEDERAL = "US"  #: the state of the row that holds for every US number
ABROAD = "abroad"  #: the state of a number outside the United States: no row holds

Basis = Literal["statute", "vendor table", "own"]
_KEYS = frozenset({"state", "hours", "basis", "source", "as_of"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LawRow:
    """What one law allows."""

    state: str  #: two letters, or :data:`FEDERAL`
    hours: Hours  #: open: texts may be sent, on the clock of the person
    basis: Basis  #: the law's text; what messaging vendors list; the workspace's own row
    source: str  #: where it is written
    as_of: date  #: when that was read


@dataclass(frozen=True, slots=True)
class LawTable:
    """All rows known."""

    rows: Mapping[str, LawRow]  #: state -> row, the federal one first

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> LawTable:
        """Build the table from the content of ``texting_hours.yaml``.

        Raises ValueError with a sentence that names the row.
        """
        rows = _rows(data)
        if FEDERAL not in rows:
            raise ValueError(f"the law table has no row for {FEDERAL}; add the federal hours")
        return cls(MappingProxyType({FEDERAL: rows.pop(FEDERAL), **rows}))

    def with_rows(self, data: Mapping[str, Any]) -> LawTable:
        """Return the table with the rows of ``data`` put in place of those of the same state.

        Raises ValueError with a sentence that names the row.
        """
        return LawTable(MappingProxyType({**self.rows, **_rows(data)}))

    def rows_for(self, states: Sequence[str]) -> tuple[LawRow, ...]:
        """Return the rows that may apply to somebody who lives in one of these states.

        The federal row is always among them. No state at all means that nothing is known: every row may apply.
        A number abroad (``(ABROAD,)``) is under no row.
        """
        if not states:
            return tuple(self.rows.values())
        at_home = [state for state in states if state != ABROAD]
        if not at_home:
            return ()
        return tuple(row for state, row in self.rows.items() if state == FEDERAL or state in at_home)

    def windows(self, states: Sequence[str]) -> tuple[Hours, ...]:
        """Return the different hours of those rows; a text may go while all of them are open."""
        return tuple(dict.fromkeys(row.hours for row in self.rows_for(states)))


def _rows(data: Mapping[str, Any]) -> dict[str, LawRow]:
    rows: dict[str, LawRow] = {}
    for number, item in enumerate(data.get("rows", ()), start=1):
        state = str(item.get("state", ""))
        if len(state) != 2 or not state.isupper():
            raise ValueError(f"row {number} of the law table names no state; write two capitals, such as TX, or US")
        if state in rows:
            raise ValueError(f"the law table has two rows for {state}; keep one")
        rows[state] = _row(state, item)
    return rows


def _row(state: str, item: Mapping[str, Any]) -> LawRow:
    if item.keys() != _KEYS:
        odd = ", ".join(sorted(item.keys() ^ _KEYS))
        raise ValueError(f"the row for {state} of the law table lacks or has too much of: {odd}")
    if item["basis"] not in get_args(Basis):
        raise ValueError(f"the basis of the row for {state} is one of: {', '.join(get_args(Basis))}")
    try:
        hours = Hours(parse_hours(item["hours"]))
        as_of = date.fromisoformat(item["as_of"])
    except (TypeError, ValueError) as error:
        raise ValueError(f"the row for {state} of the law table: {error}") from None
    return LawRow(state=state, hours=hours, basis=item["basis"], source=str(item["source"]), as_of=as_of)
