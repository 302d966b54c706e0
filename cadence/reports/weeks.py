"""Weeks of the business: Monday to Sunday on its own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from cadence.timing.wall import local_day, start_of_day

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["Week", "last_weeks"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week; the clock may have been changed in it, so it need not be 168 hours long."""

    monday: date
    starts_at: datetime
    ends_at: datetime  #: the next week's first instant
    runs: bool  #: it is not over yet

    @property
    def sunday(self) -> date:
        """The last day."""
        return self.monday + 6 * _DAY


def last_weeks(now: datetime, zone: ZoneInfo, number: int) -> tuple[Week, ...]:
    """Return so many weeks, the oldest first; the last is the one that ``now`` lies in."""
    today = local_day(now, zone)
    this = today - today.weekday() * _DAY
    mondays = [this - 7 * back * _DAY for back in reversed(range(number))]
    return tuple(
        Week(
            monday=monday,
            starts_at=start_of_day(monday, zone),
            ends_at=start_of_day(monday + 7 * _DAY, zone),
            runs=monday == this,
        )
        for monday in mondays
    )
