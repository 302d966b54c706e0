"""Wall-clock time and instants: 09:00 on a day in a zone, and the instant it stands for.

Two rules hold everywhere. A local time that does not exist (the clock was moved forward) stands for the
first instant that does; one that exists twice (the clock was moved back) stands for the first of the two.
Both say the same: the instant at which the wall clock first reaches that time.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = [
    "closest_time",
    "exists",
    "local",
    "local_day",
    "parse_time",
    "resolve",
    "say_day",
    "say_minute",
    "start_of_day",
]

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_LOOSE = re.compile(r"(\d{1,2})(?:[:.h]?(\d\d))?\s*([ap])?\.?m?\.?", re.ASCII)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def parse_time(text: str) -> time:
    """Read a time of day, ``HH:MM`` from 00:00 to 23:59.

    Raises ValueError with a sentence that says what to write instead.
    """
    match = _TIME.fullmatch(str(text))
    if match is None:
        raise ValueError(f"'{text}' is not a time of day; {_suggestion(str(text))}")
    return time(int(match[1]), int(match[2]))


@lru_cache(maxsize=65536)
def resolve(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the wall clock in ``zone`` first reaches ``at`` on ``day``.

    A time inside a gap gives the first instant after the gap, be the gap an hour or, as in Pacific/Apia
    on 2011-12-30, a whole day.
    """
    wall = datetime.combine(day, at)
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    return _end_of_gap(wall, instant, zone)


def exists(day: date, at: time, zone: ZoneInfo) -> bool:
    """Whether clocks in ``zone`` show ``at`` on ``day`` at all."""
    return resolve(day, at, zone).astimezone(zone).replace(tzinfo=None) == datetime.combine(day, at)


def local(instant: datetime, zone: ZoneInfo) -> datetime:
    """The instant as clocks in ``zone`` show it (aware)."""
    return instant.astimezone(zone)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an instant in ``zone``."""
    return instant.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day in ``zone``, in UTC; not always midnight (America/Havana in March)."""
    return resolve(day, time(0), zone)


def closest_time(text: str) -> str:
    """The ``HH:MM`` that a loosely written time (``5pm``, ``9:00``) may mean; empty when there is none."""
    match = _LOOSE.fullmatch(text.strip().lower())
    if match is None:
        return ""
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    likely = (match[2] or half) and hour <= 24 and minute < 60
    return f"{hour % 24:02}:{minute:02}" if likely else ""


def say_day(day: date) -> str:
    """A day in a derivation: ``Mon 23 Nov``."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def say_minute(moment: datetime) -> str:
    """The time of day of a local datetime: ``08:05``."""
    return f"{moment.hour:02}:{moment.minute:02}"


def _end_of_gap(wall: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant whose local reading is ``wall`` or later; ``after`` lies behind the gap."""
    late = int(after.timestamp())
    early = late - 26 * 3600
    while late - early > 1:
        middle = (late + early) // 2
        if datetime.fromtimestamp(middle, zone).replace(tzinfo=None) >= wall:
            late = middle
        else:
            early = middle
    return datetime.fromtimestamp(late, UTC)


def _suggestion(text: str) -> str:
    meant = closest_time(text)
    return f"write {meant}" if meant else "write hours and minutes, such as 09:30 or 17:00"
