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

__all__ = ["is_on_a_holiday", "next_review", "review_before", "reviews_held"]

_INSTANT = timedelta(seconds=1)
_HORIZON = timedelta(days=3660)
_NEAR, _FAR = timedelta(hours=1), timedelta(days=1000)  # how far back a time is looked for, first and at most


def reviews_held(
    review: Review, calendar: Calendar, *, start: datetime, end: datetime, tick: timedelta
) -> Iterator[datetime]:
    """Yield the ticks, from ``start`` to before ``end``, at which a review is held.

    It is held at the first tick at or after its time, unless that is a holiday: then its next time stands for it, too.
    Times that no tick came between make one review.
    """
    since = start
    while True:
        due = next_review(review, calendar, since)
        held = tick_at_or_after(due, start, tick) if due is not None else end
        if held >= end:
            return
        if not is_on_a_holiday(calendar, held):
            yield held
        since = held + _INSTANT


def next_review(review: Review, calendar: Calendar, since: datetime) -> datetime | None:
    """Return the first of a review's times at or after an instant; None when all of ten years fall on holidays."""
    end = since + _HORIZON
    while (due := next_match(review.cron, since, calendar.zone)) < end:
        if not is_on_a_holiday(calendar, due):
            return due
        since = due + _INSTANT
    return None


def is_on_a_holiday(calendar: Calendar, instant: datetime) -> bool:
    """Tell whether an instant lies on a holiday of the shop, on which no review is held."""
    holidays = calendar.hours.holidays
    return holidays is not None and holidays.includes(local_day(instant, calendar.zone))


def review_before(review: Review, calendar: Calendar, instant: datetime) -> datetime | None:
    """Return the last of a review's times before an instant; None when there was none for years."""
    span = _NEAR
    while span <= _FAR:
        since, last = instant - span, None
        while (due := next_review(review, calendar, since)) is not None and due < instant:
            last, since = due, due + _INSTANT
        if last is not None:
            return last
        span *= 2
    return None
