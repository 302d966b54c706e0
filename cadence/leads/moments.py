"""When a lead came in, as lists write it: ISO dates, US dates, dates with the month's name."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from cadence.timing.wall import resolve

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["received_at"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = (
    r"(?:,?\s*(?:T|at\b)?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<half>[ap])?\.?m?\.?)?"
)
_OFFSET = r"\s*(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_SHAPES = tuple(
    re.compile(day + _CLOCK + _OFFSET, re.ASCII | re.IGNORECASE)
    for day in (
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})",
        r"(?P<month>\d{1,2})([-/.])(?P<day>\d{1,2})\2(?P<year>\d{4}|\d{2})",
        r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
        r"(?P<word>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
        r"(?P<day>\d{1,2})[-\s](?P<word>[a-z]{3,9})\.?[-\s](?P<year>\d{4}|\d{2})",
    )
)
_EARLIEST = 2000
_AHEAD = timedelta(days=1)  #: clocks and zones differ; further ahead is a mistake


def received_at(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The instant (UTC, whole seconds) a text names; without an offset it is the business's wall clock.

    A date alone is the start of that day. Slashes are read the American way, month first. A time up to a day
    ahead of ``now`` counts as now. Raises ValueError with a reason that can follow "the date received …".
    """
    match = next((match for shape in _SHAPES if (match := shape.fullmatch(text))), None)
    if match is None:
        raise ValueError("is not a date such as 2026-11-24 16:40 or 11/24/2026 4:40 PM")
    parts = match.groupdict()
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    if year < _EARLIEST:
        raise ValueError(f"lies before {_EARLIEST}; check the year")
    if year > now.year + 1 or (instant := _instant(year, parts, zone)) > now + _AHEAD:
        raise ValueError("lies in the future; check the year, and that the month comes before the day")
    return min(instant, now)


def _instant(year: int, parts: dict[str, str | None], zone: ZoneInfo) -> datetime:
    try:
        day, clock = _day(year, parts), _clock(parts)
    except ValueError:
        raise ValueError("is not a day of the calendar; dates are read as month/day/year") from None
    offset = (parts["offset"] or "").upper().replace(":", "")
    if not offset:
        return resolve(day, clock, zone)
    ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5])) if offset[0] in "+-" else timedelta()
    return datetime.combine(day, clock, UTC) - (-ahead if offset[0] == "-" else ahead)


def _day(year: int, parts: dict[str, str | None]) -> date:
    word = (parts.get("word") or "")[:3].lower()
    return date(year, _MONTHS.index(word) + 1 if word else int(parts["month"] or 0), int(parts["day"] or 0))


def _clock(parts: dict[str, str | None]) -> time:
    if parts["hour"] is None:
        return time()
    hour = int(parts["hour"])
    if parts["half"]:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if parts["half"] in "pP" else 0)
    return time(hour, int(parts["minute"] or 0), int(parts["second"] or 0))
