"""Moments as lists write them: ISO dates, US dates, dates with the month's name."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from cadence.timing.wall import resolve

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["WrittenMoment", "received_at", "written_moment"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = (
    r"(?:,?\s*(?:T|at\b)?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<half>[ap])?\.?m?\.?)?"
)
_OFFSET = r"\s*(?P<offset>Z|UTC|GMT|[ECMP][SD]T|[+-]\d{2}:?\d{2})?"
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
_US_OFFSETS = {
    f"{zone}{kind}T": hours + (kind == "D")
    for zone, hours in (("E", -5), ("C", -6), ("M", -7), ("P", -8))
    for kind in "SD"
}
_EARLIEST = 2000
_IN_THE_FUTURE = "lies in the future; check the year, and that the month comes before the day"
_AHEAD = timedelta(days=1)  #: clocks and zones differ; further ahead is a mistake


class WrittenMoment(NamedTuple):
    """A moment as it stands in a cell."""

    day: date
    clock: time | None  #: None: a date alone
    offset: timedelta | None  #: ahead of UTC; None: not written


def written_moment(text: str, latest_year: int = 9998) -> WrittenMoment:
    """The moment a text names. Slashes are read the American way, month first; two digits of a year are 20...

    Raises ValueError with a reason that can follow "the date received …".
    """
    for shape in _SHAPES:
        if match := shape.fullmatch(text):
            break
    else:
        raise ValueError("is not a date such as 2026-11-24 16:40 or 11/24/2026 4:40 PM")
    parts = match.groupdict()
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    if year < _EARLIEST:
        raise ValueError(f"lies before {_EARLIEST}; check the year")
    if year > latest_year:
        raise ValueError(_IN_THE_FUTURE)
    try:
        return WrittenMoment(_day(year, parts), _clock(parts), _offset(parts["offset"] or ""))
    except ValueError:
        raise ValueError("is not a day of the calendar; dates are read as month/day/year") from None


def received_at(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The instant (UTC, whole seconds) a text names; without an offset it is the business's wall clock.

    A date alone is the start of that day. A time up to a day ahead of ``now`` counts as now. Raises ValueError with a
    reason that can follow "the date received …".
    """
    written = written_moment(text, latest_year=now.year + 1)
    clock = written.clock or time()
    if written.offset is None:
        instant = resolve(written.day, clock, zone)
    else:
        instant = datetime.combine(written.day, clock, UTC) - written.offset
    if instant > now + _AHEAD:
        raise ValueError(_IN_THE_FUTURE)
    return min(instant, now)


def _offset(text: str) -> timedelta | None:
    text = text.upper().replace(":", "")
    if not text:
        return None
    if text in _US_OFFSETS:
        return timedelta(hours=_US_OFFSETS[text])
    ahead = timedelta(hours=int(text[1:3]), minutes=int(text[3:5])) if text[0] in "+-" else timedelta()
    return -ahead if text[0] == "-" else ahead


def _day(year: int, parts: dict[str, str | None]) -> date:
    word = (parts.get("word") or "")[:3].lower()
    return date(year, _MONTHS.index(word) + 1 if word else int(parts["month"] or 0), int(parts["day"] or 0))


def _clock(parts: dict[str, str | None]) -> time | None:
    if parts["hour"] is None:
        return None
    hour = int(parts["hour"])
    if parts["half"]:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if parts["half"] in "pP" else 0)
    return time(hour, int(parts["minute"] or 0), int(parts["second"] or 0))
