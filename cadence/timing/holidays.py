"""Holidays a shop keeps: named sets of US days, and days of its own.

Names and dates come from the ``holidays`` library (federal days of 5 U.S.C. 6103, which also settles the
observed day: a Saturday is kept on the Friday before, a Sunday on the Monday after).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

__all__ = ["HOLIDAY_NAMES", "Holidays", "parse_holidays"]

#: The named sets and what they hold.
HOLIDAY_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "US": "all federal holidays, observed days included",
        "US-major": "New Year's Day, Memorial Day, Independence Day, Labor Day, Thanksgiving and Christmas",
    }
)

_MAJOR = ("New Year's Day", "Memorial Day", "Independence Day", "Labor Day", "Thanksgiving Day", "Christmas Day")


@dataclass(frozen=True, slots=True)
class Holidays:
    """The days a shop is closed for a holiday."""

    names: tuple[str, ...] = ()  #: keys of :data:`HOLIDAY_NAMES`
    dates: frozenset[date] = frozenset()  #: days of the shop's own

    def includes(self, day: date) -> bool:
        """Whether the day is a holiday."""
        return day in self.dates or any(day in _days(name, day.year) for name in self.names)

    def name_of(self, day: date) -> str:
        """What the holiday is called; ``holiday`` for a day of the shop's own; empty when it is none."""
        for name in self.names:
            if title := _days(name, day.year).get(day):
                return title
        return "holiday" if day in self.dates else ""


def parse_holidays(items: Sequence[str]) -> Holidays:
    """Read a list of set names and dates, such as ``[US-major, "2026-11-27"]``.

    Raises ValueError with a sentence that names the item and what may be written.
    """
    from datetime import date

    names: list[str] = []
    dates: set[date] = set()
    for item in items:
        if item in HOLIDAY_NAMES:
            names.append(item)
            continue
        try:
            day = date.fromisoformat(item)
        except (TypeError, ValueError):
            day = None
        if day is None or day.isoformat() != item:
            raise ValueError(f"'{item}' is no holiday; {_suggestion(str(item))}")
        dates.add(day)
    return Holidays(tuple(dict.fromkeys(names)), frozenset(dates))


def _suggestion(item: str) -> str:
    for name in HOLIDAY_NAMES:
        if item.strip().lower().replace("_", "-").replace(" ", "-") == name.lower():
            return f"write {name}"
    return "write US, US-major or a date such as 2026-11-27"


@lru_cache(maxsize=256)
def _days(name: str, year: int) -> Mapping[date, str]:
    """The days of one named set in one calendar year, with their titles."""
    import holidays

    if name not in HOLIDAY_NAMES:
        raise ValueError(f"'{name}' is no set of holidays; {_suggestion(name)}")
    kept = {}
    for day, title in holidays.country_holidays("US", years=year, observed=True, language="en_US").items():
        plain = title.replace(" (observed)", "").split("; ")
        if day.year == year and (name == "US" or any(part in _MAJOR for part in plain)):
            kept[day] = title
    return MappingProxyType(kept)
