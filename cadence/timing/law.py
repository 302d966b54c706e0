"""The law table: when, and how often, a number may be sent texts that sell something.

The rows are data (``cadence/data/texting_hours.yaml``), dated and sourced, and a workspace may replace any of
them. Being open in every row that may apply to a person, and below every such row's number of texts, is lawful as far
as the table knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from cadence.timing.durations import format_duration, parse_duration
from cadence.timing.hours import Hours, parse_hours

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["ABROAD", "FEDERAL", "LawRow", "LawTable", "Most", "abroad", "own_rows", "parse_most"]

FEDERAL = "US"  #: the state of the row that holds for every US number
ABROAD = "abroad"  #: the state of a number outside the United States whose country is not known: no row holds

Basis = Literal["statute", "vendor table", "own"]
_NEEDED = frozenset({"hours", "basis", "source", "as_of"})
_MAY = frozenset({"state", "country", "most", "note"})
_MOST = re.compile(r"([1-9][0-9]{0,2}) in (\S+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Most:
    """How many texts a person may be sent in any stretch of some length."""

    number: int
    within: timedelta

    def __str__(self) -> str:
        return f"{self.number} in {format_duration(self.within, largest='h')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LawRow:
    """What one law allows."""

    state: str  #: two letters, :data:`FEDERAL`, or what :func:`abroad` makes of a country
    hours: Hours  #: open: texts may be sent, on the clock of the person
    most: Most | None = None  #: how often; None: as far as known, the law does not say
    basis: Basis  #: the law's text; what messaging vendors list; the workspace's own row
    source: str  #: where it is written
    as_of: date  #: when that was read
    note: str = ""  #: what the row does not say

    @property
    def country(self) -> str:
        """Two letters of the country of a row for numbers abroad; empty: a row for US numbers."""
        return self.state.partition(":")[2]


@dataclass(frozen=True, slots=True)
class LawTable:
    """All rows known."""

    rows: Mapping[str, LawRow]  #: state -> row, the federal one first

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> LawTable:
        """Build the table from the content of ``texting_hours.yaml``.

        Raises ValueError with a sentence that names the row.
        """
        rows = _rows(data.get("rows", ()))
        if FEDERAL not in rows:
            raise ValueError(f"the law table has no row for {FEDERAL}; add the federal hours")
        return cls(MappingProxyType({FEDERAL: rows.pop(FEDERAL), **rows}))

    def with_rows(self, rows: Iterable[LawRow]) -> LawTable:
        """Return the table with these rows put in place of those of the same state or country."""
        return LawTable(MappingProxyType({**self.rows, **{row.state: row for row in rows}}))

    def rows_for(self, states: Sequence[str]) -> tuple[LawRow, ...]:
        """Return the rows that may apply to somebody who lives in one of these states.

        The federal row is always among them for a US number. No state at all means that nothing is known: the row of
        every state may apply. A number abroad is under the row of its country, where there is one.
        """
        if not states:
            return tuple(row for row in self.rows.values() if not row.country)
        known = set(states)
        if any(not state.startswith(ABROAD) for state in states):
            known.add(FEDERAL)
        return tuple(row for state, row in self.rows.items() if state in known)

    def windows(self, states: Sequence[str]) -> tuple[Hours, ...]:
        """Return the different hours of those rows; a text may go while all of them are open."""
        return tuple(dict.fromkeys(row.hours for row in self.rows_for(states)))

    def most(self, states: Sequence[str]) -> tuple[Most, ...]:
        """Return the different numbers of texts of those rows; one may go while all of them leave room for it."""
        return tuple(dict.fromkeys(row.most for row in self.rows_for(states) if row.most))


def abroad(country: str) -> str:
    """Name, as a state, the country of a number abroad: ``GB`` is ``abroad:GB``; unlike CA, it is never a US state."""
    return f"{ABROAD}:{country}"


def parse_most(text: object) -> Most:
    """Read ``3 in 24h``. Raises ValueError with a sentence that says what to write instead."""
    match = _MOST.fullmatch(str(text))
    if match is None:
        raise ValueError(f"'{text}' does not say how many texts in how long; write for example 3 in 24h")
    return Most(int(match[1]), parse_duration(match[2]))


def own_rows(data: Iterable[Mapping[str, Any]]) -> tuple[LawRow, ...]:
    """Build the rows that a workspace writes under ``law:``; their basis is ``own``.

    Raises ValueError with a sentence that names the row.
    """
    return tuple(_rows([{**item, "basis": "own"} for item in data]).values())


def _rows(items: Iterable[Mapping[str, Any]]) -> dict[str, LawRow]:
    rows: dict[str, LawRow] = {}
    for number, item in enumerate(items, start=1):
        state, country = str(item.get("state", "")), str(item.get("country", ""))
        code = country or state
        if len(code) != 2 or not code.isupper() or (state and country):
            raise ValueError(
                f"row {number} of the law table names no state and no country; write two capitals, such as "
                "state: TX or country: GB"
            )
        key = abroad(country) if country else state
        if key in rows:
            raise ValueError(f"the law table has two rows for {code}; keep one")
        rows[key] = _row(key, code, item)
    return rows


def _row(state: str, code: str, item: Mapping[str, Any]) -> LawRow:
    if odd := (item.keys() - _NEEDED - _MAY) | (_NEEDED - item.keys()):
        raise ValueError(f"the row for {code} of the law table lacks or has too much of: {', '.join(sorted(odd))}")
    if item["basis"] not in get_args(Basis):
        raise ValueError(f"the basis of the row for {code} is one of: {', '.join(get_args(Basis))}")
    try:
        return LawRow(
            state=state,
            hours=Hours(parse_hours(item["hours"])),
            most=parse_most(item["most"]) if "most" in item else None,
            basis=item["basis"],
            source=str(item["source"]),
            as_of=date.fromisoformat(item["as_of"]),
            note=str(item.get("note", "")),
        )
    except (TypeError, ValueError) as error:
        raise ValueError(f"the row for {code} of the law table: {error}") from None
