"""When standing reviews are held: on the business's clock, never on a holiday, once after an outage."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.engine.simulate import tick_at_or_after
from cadence.timing.cron import next_match
from cadence.timing.wall import local_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cadence.playbook.model import Review
    from cadence.timing.calendar import Calendar

__all__ = ["review_after", "review_before", "reviews_held"]

_INSTANT = timedelta(seconds=1)
_MOST_HOLIDAYS = 366  # matches passed over in a row
_NEAR, _FAR = timedelta(hours=1), timedelta(days=1000)  # how far back a time is looked for, first and at most


def reviews_held(
    review: Review, calendar: Calendar, *, start: datetime, end: datetime, tick: timedelta
) -> Iterator[datetime]:
    """Yield the ticks, from ``start`` to before ``end``, at which a review is held.

    It is held at the first tick at or after its time; times that no tick came between make one review.
    """
    since = start
    while True:
        due = _next_time(review, calendar, since)
        held = tick_at_or_after(due, start, tick) if due is not None else end
        if held >= end:
            return
        yield held
        since = held + _INSTANT


def review_after(review: Review, calendar: Calendar, held: datetime) -> datetime | None:
    """Return when a review that was held (or put on the page) at an instant is held next; None: not within a year.

    Times that passed before, and that nobody held it at, do not come again.
    """
    return _next_time(review, calendar, held + _INSTANT)


def review_before(review: Review, calendar: Calendar, instant: datetime) -> datetime | None:
    """Return the last of a review's times before an instant; None when there was none for years."""
    span = _NEAR
    while span <= _FAR:
        since, last = instant - span, None
        while (due := _next_time(review, calendar, since)) is not None and due < instant:
            last, since = due, due + _INSTANT
        if last is not None:
            return last
        span *= 2
    return None


def _next_time(review: Review, calendar: Calendar, since: datetime) -> datetime | None:
    holidays = calendar.hours.holidays
    for _ in range(_MOST_HOLIDAYS):
        due = next_match(review.cron, since, calendar.zone)
        if holidays is None or not holidays.includes(local_day(due, calendar.zone)):
            return due
        since = due + _INSTANT
    return None
