"""When a touch is due: rows of timing, what they count from, and the instant that results.

Wall-clock first, then resolve: days and times are those of the lead's zone, open days and open time those of
the business calendar. A due instant never depends on the present.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from cadence.timing.cron import next_match
from cadence.timing.value import value
from cadence.timing.wall import local, local_day, resolve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from cadence.timing.calendar import Calendar

__all__ = [
    "Anchor",
    "Due",
    "When",
    "base_instant",
    "counted_day",
    "due_instant",
    "fitting_row",
    "moment",
    "time_of_day",
]

_DAY = timedelta(days=1)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,6})?)?\s?(Z|z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_YEARS = range(1970, 2200)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """One row of timing. At most one of ``send_now`` to ``next_business_day`` is given; ``at`` and ``cron`` refine it.

    With none of them the row means the anchor's own instant.
    """

    if_before: time | None = None  #: the row fits when the anchor's local time is strictly earlier
    send_now: bool = False  #: at the anchor's instant
    after: timedelta | None = None  #: elapsed time, or open time when ``business_clock``
    business_clock: bool = False  #: ``after`` counts the shop's open time
    before: timedelta | None = None  #: elapsed time back from a dated anchor
    day: int | None = None  #: calendar day of the anchor in the lead's zone; 1 is the anchor's own
    business_day: int | None = None  #: the same in open days
    next_business_day: time | None = None  #: this time on the first open day after the anchor's day
    at: time | None = None  #: time of day in the lead's zone
    cron: str = ""  #: first match at or after what the rest gives


@value()
class Anchor:
    """What a row counts from."""

    name: str  #: event, event.date or touch id; empty: the visit's start
    instant: datetime  #: for a date without an hour: that day at the calendar's touch time
    day_only: bool = False  #: a date without an hour: no time of its day has passed

    def day(self, zone: ZoneInfo) -> date:
        """The anchor's calendar day in a zone."""
        return local_day(self.instant, zone)


@value()
class Due:
    """When a touch is due, and by which row."""

    instant: datetime
    row: int  #: index of the row that fitted, from 0
    #: what it came from, for :func:`cadence.timing.explain.explain_due`
    inputs: tuple[Sequence[When], Anchor, ZoneInfo, Calendar] = field(repr=False, compare=False)


def due_instant(rows: Sequence[When], anchor: Anchor, zone: ZoneInfo, calendar: Calendar) -> Due:
    """The instant at which a touch with these rows is due for a lead in ``zone``.

    The first row that fits counts; the last always fits. A wall time already past on the anchor's own day is
    due at the anchor's instant. Raises NeverOpens where the calendar has no open day or time to count.
    """
    row = fitting_row(rows, anchor, zone)
    when = rows[row]
    base = base_instant(when, anchor, zone, calendar)
    return Due(next_match(when.cron, base, zone) if when.cron else base, row, (rows, anchor, zone, calendar))


def fitting_row(rows: Sequence[When], anchor: Anchor, zone: ZoneInfo) -> int:
    """The index of the first row whose ``if_before`` holds at the anchor's local time, else of the last."""
    if not rows:
        raise ValueError("a touch needs at least one row of timing")
    last = len(rows) - 1
    if last == 0:
        return 0
    clock = local(anchor.instant, zone).time()
    return next(
        (row for row, when in enumerate(rows[:last]) if when.if_before is None or clock < when.if_before),
        last,
    )


def base_instant(when: When, anchor: Anchor, zone: ZoneInfo, calendar: Calendar) -> datetime:
    """What a row gives before ``cron`` snaps it to a match."""
    day = counted_day(when, anchor, zone, calendar)
    if day is not None:
        found = resolve(day, time_of_day(when, calendar), zone)
        return found if anchor.day_only or found >= anchor.instant else anchor.instant
    if when.after is not None:
        if when.business_clock:
            base = calendar.plus_open_time(anchor.instant, when.after)
        else:
            base = anchor.instant + when.after
        return base if when.at is None else _next_at(when.at, base, zone)
    if when.before is not None:
        base = anchor.instant - when.before
        return base if when.at is None else resolve(local_day(base, zone), when.at, zone)
    return anchor.instant


def counted_day(when: When, anchor: Anchor, zone: ZoneInfo, calendar: Calendar) -> date | None:
    """The day a row names in the lead's zone; None when it counts hours instead."""
    if when.day is not None:
        return anchor.day(zone) + timedelta(days=when.day - 1)
    if when.business_day is not None:
        return calendar.nth_open_day(anchor.day(zone), when.business_day)
    if when.next_business_day is not None:
        return calendar.first_open_day_after(anchor.day(zone))
    if when.at is not None and when.after is None and when.before is None and not when.send_now:
        return anchor.day(zone)
    return None


def time_of_day(when: When, calendar: Calendar) -> time:
    """The time of day at which a row that names a day is due."""
    if when.next_business_day is not None:
        return when.next_business_day
    return calendar.touch_time if when.at is None else when.at


def moment(value: str, zone: ZoneInfo, touch_time: time) -> tuple[datetime, bool]:
    """Read a moment an event carries: ``2026-11-26`` or ``2026-11-26T09:00``, with or without offset or ``Z``.

    Without an offset the time is the lead's own, in ``zone``. Returns the instant in UTC and whether the text
    was a date alone, which stands for ``touch_time`` of that day. Seconds count, fractions are dropped.
    Raises ValueError with a sentence.
    """
    match = _MOMENT.fullmatch(str(value).strip())
    if match is None:
        raise ValueError(f"'{value}' is not a date; write 2026-11-26 or 2026-11-26T09:00")
    day_text, clock, seconds, offset = match.groups()
    try:
        day = date.fromisoformat(day_text)
        wall = time.fromisoformat(clock + (seconds or "").partition(".")[0]) if clock else touch_time
        stamp = datetime.combine(day, wall)
        if offset:
            stamp = datetime.fromisoformat(f"{stamp.isoformat()}{offset.upper()}")
    except ValueError as error:
        raise ValueError(f"'{value}' is on no calendar or clock; check the day and the time") from error
    if day.year not in _YEARS:
        raise ValueError(f"'{value}' is too far away; check the year")
    return (stamp.astimezone(UTC) if offset else resolve(day, wall, zone)), not clock


def _next_at(at: time, base: datetime, zone: ZoneInfo) -> datetime:
    """The first ``at`` on the wall clock at or after an instant."""
    today = local_day(base, zone)
    found = resolve(today, at, zone)
    return found if found >= base else resolve(today + _DAY, at, zone)
