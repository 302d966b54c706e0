"""When something is to happen, as a colleague types it: a date, a date with a time, tomorrow, friday 9:00."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import TYPE_CHECKING

from cadence.engine.events import instant_text
from cadence.errors import UsageError
from cadence.inbox.dates import named_days
from cadence.playbook.phrases import read_text
from cadence.timing.wall import local_day
from cadence.timing.when import moment

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

__all__ = ["WHEN", "on_the_shops_clock", "read_when"]

WHEN = "WHEN"
_CLOCK = re.compile(
    r"(?:^|[\s,@]+)(?:at\s+)?(?:(?P<h24>\d{1,2}):(?P<minute>\d\d)\s*(?P<half>[ap]m)?|(?P<h12>\d{1,2})\s*(?P<ampm>[ap]m))$",
    re.IGNORECASE | re.ASCII,
)
_SMALL = frozenset({"in", "on", "this", "by", "the"})
_FAR = timedelta(days=731)
_SAYS = "write 2026-12-01, 2026-12-01T09:00, tomorrow, friday 9:00 or in 2 weeks"


def read_when(text: str, option: str, now: datetime, zone: ZoneInfo, *, past: bool = False) -> str:
    """Return the date (``2026-12-01``) or the time (``2026-12-01T09:00``, perhaps with an offset) that is meant.

    Words count from ``now`` on the clock of ``zone``. A date alone means that day; today, that it is due by its end.
    UsageError when nothing can be made of it, when it is too far off, or gone by unless ``past`` is allowed.
    """
    found = _exact(text.strip(), zone) or _spoken(text.strip(), now, zone)
    if found is None:
        raise UsageError(f"{option} {text!r} is not a date", help=_SAYS)
    try:
        at, day_only = moment(found, zone, time(23, 59))
    except ValueError as error:
        raise UsageError(f"{option} {error}") from None
    if at <= now and not past:
        raise UsageError(f"{option} {text!r} has gone by", help=_SAYS)
    if at - now > _FAR:
        raise UsageError(f"{option} {text!r} is more than two years away", help="check the year")
    if day_only and local_day(at, zone) == local_day(now, zone) and not past:
        return f"{found}T23:59"
    return found


def _exact(text: str, zone: ZoneInfo) -> str | None:
    """Return a date that is written as one; None for anything else."""
    try:
        moment(text, zone, time(10))
    except ValueError:
        return text if re.match(r"\d{4}-\d\d", text) else None
    return text


def _spoken(text: str, now: datetime, zone: ZoneInfo) -> str | None:
    clock = _CLOCK.search(text)
    words = text[: clock.start()] if clock else text
    day = local_day(now, zone) if clock and not words.strip() else _day(words, now, zone)
    if day is None:
        return None
    if clock is None:
        return day.isoformat()
    at = _time(clock)
    return f"{day.isoformat()}T{at:%H:%M}" if at else None


def _day(text: str, now: datetime, zone: ZoneInfo) -> date | None:
    for said in (text, f"on {text}", f"in {text}"):
        read = read_text(said).words
        named = list(named_days(read, now, zone))
        if len(named) == 1:
            before, behind = read[: named[0].first], read[named[0].last :]
            rest = {word.plain for word in before} - _SMALL | {word.plain for word in behind} - {"from", "now"}
            return None if rest else named[0].day
    return None


def _time(clock: re.Match[str]) -> time | None:
    half = (clock["half"] or clock["ampm"] or "").lower()
    hour, minute = int(clock["h24"] or clock["h12"]), int(clock["minute"] or 0)
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def on_the_shops_clock(when: str, zone: ZoneInfo) -> str:
    """Name the instant, so that the lead's own clock does not count; a date alone stays one."""
    at, day_only = moment(when, zone, time(10))
    return when if day_only else instant_text(at)
