"""The business calendar: open days, open time, the shop's next opening and the times it offers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from cadence.timing.durations import format_duration
from cadence.timing.hours import Hours, opening_times
from cadence.timing.timeline import HORIZON_DAYS, Timeline, at_second, second_of
from cadence.timing.wall import local, local_day, resolve, say_day, say_minute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

__all__ = ["Calendar", "NeverOpens"]

_DAY = timedelta(days=1)
_OFFER_NOTICE = timedelta(hours=2)
_MOST_DAYS = 3660  #: no walk through open time goes on for longer than ten years


class NeverOpens(ValueError):  # noqa: N818 - reads as what happened
    """The calendar has no opening where one is needed; its text says from when on."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the shop is open, on its own clock. No walk looks for the next opening beyond 400 days."""

    hours: Hours
    zone: ZoneInfo
    touch_time: time  #: where a touch names a day and no time
    offer_times: tuple[time, ...] = ()  #: times of day offered in booking texts

    def is_open(self, instant: datetime) -> bool:
        """Whether the shop is open at the instant."""
        return self._times.is_open(second_of(instant))

    def is_open_day(self, day: date) -> bool:
        """Whether the shop opens on the day at all."""
        return self.hours.is_open_day(day)

    def next_opening(self, instant: datetime) -> datetime | None:
        """The instant itself when open, else when the shop opens next; None when not within 400 days."""
        return self.hours.next_open(instant, self.zone)

    def plus_open_time(self, instant: datetime, amount: timedelta) -> datetime:
        """The instant at which ``amount`` of open time has passed since ``instant``.

        A start outside opening hours counts from the next opening. An amount used up exactly at closing time
        ends at that closing, not at the next opening. Raises NeverOpens.
        """
        left = _seconds(amount)
        start = self._times.next_open(second_of(instant), HORIZON_DAYS)
        if start is None:
            raise self._never(instant)
        reached = start
        for begin, end in self._times.pieces(start, start + _MOST_DAYS * 86_400):
            if begin - reached > HORIZON_DAYS * 86_400:
                break
            if end - begin >= left:
                return at_second(begin + left)
            left -= end - begin
            reached = end
        raise self._never(at_second(reached))

    def add_open_time(self, instant: datetime, amount: timedelta) -> tuple[datetime, tuple[str, ...]]:
        """As ``plus_open_time``, with a line for each opening that was used: ``Mon 23 Nov 08:00-18:00: 5m counted``."""
        due = self.plus_open_time(instant, amount)
        return due, tuple(self._lines(instant, due))

    def subtract_open_time(
        self, instant: datetime, amount: timedelta, *, not_before: datetime | None = None
    ) -> datetime:
        """The latest instant from which ``amount`` of open time passes until ``instant``.

        Never earlier than ``not_before``, when that is given. Raises NeverOpens.
        """
        left = _seconds(amount)
        reached = stop = second_of(instant)
        if left == 0:
            return instant
        for begin, end in self._times.pieces_back(stop - _MOST_DAYS * 86_400, stop):
            if reached - end > HORIZON_DAYS * 86_400:
                break
            if end - begin >= left:
                found = at_second(end - left)
                return found if not_before is None else max(found, not_before)
            left -= end - begin
            reached = begin
        if not_before is not None:
            return not_before
        raise NeverOpens(f"the shop is not open long enough before {self._say(instant)}; look at business_hours")

    def open_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How long the shop is open between two instants; zero when ``end`` is not after ``start``."""
        return timedelta(seconds=self._times.open_seconds(second_of(start), second_of(end)))

    def open_days_from(self, day: date) -> Iterator[date]:
        """Every open day from ``day`` on, in order. Raises NeverOpens after 400 closed days in a row."""
        last = day.toordinal()
        number = last - 1
        while number - last < HORIZON_DAYS:
            number += 1
            candidate = date.fromordinal(number)
            if self.hours.is_open_day(candidate):
                yield candidate
                last = number
        after = f"{say_day(day)} {day.year}"
        raise NeverOpens(f"the shop has no open day within {HORIZON_DAYS} days after {after}; look at business_hours")

    def nth_open_day(self, day: date, number: int) -> date:
        """The open day of that number: 1 is ``day`` itself when open, else the next open day. Raises NeverOpens."""
        if number < 1:
            raise ValueError("open days are counted from 1")
        return _nth_open_day(self, day, number)

    def first_open_day_after(self, day: date) -> date:
        """The next open day after ``day``. Raises NeverOpens."""
        return _nth_open_day(self, day + _DAY, 1)

    def next_offers(
        self, instant: datetime, count: int = 2, lead_time: timedelta = _OFFER_NOTICE
    ) -> tuple[datetime, ...]:
        """The next times to offer in a booking text, in UTC: offer times of open days after the instant's own day.

        None is closer than ``lead_time``. A time is passed over on a day whose hours leave it out, unless it
        lies outside the hours of every weekday. Empty when there are no offer times. Raises NeverOpens.
        """
        offers: list[datetime] = []
        if not self.offer_times or count < 1:
            return ()
        for day in self.open_days_from(local_day(instant, self.zone) + _DAY):
            if (day - instant.date()).days > HORIZON_DAYS:
                break
            for at in sorted(self.offer_times):
                offer = resolve(day, at, self.zone)
                if offer - instant >= lead_time and (self.is_open(offer) or self._never_inside(at)):
                    offers.append(offer)
                    if len(offers) == count:
                        return tuple(offers)
        raise self._never(instant)

    @property
    def _times(self) -> Timeline:
        return opening_times(self.hours, self.zone)

    def _never_inside(self, at: time) -> bool:
        minute = at.hour * 60 + at.minute
        return not any(
            span.start <= minute < span.end or minute < span.end - 1440 for spans in self.hours.week for span in spans
        )

    def _never(self, instant: datetime) -> NeverOpens:
        return NeverOpens(
            f"the shop does not open within {HORIZON_DAYS} days after {self._say(instant)}; look at business_hours"
        )

    def _say(self, instant: datetime) -> str:
        wall = local(instant, self.zone)
        return f"{say_day(wall.date())} {wall.year} {say_minute(wall)}"

    def _lines(self, instant: datetime, due: datetime) -> Iterator[str]:
        """What was counted from ``instant`` to ``due``, opening by opening, and why days were left out."""
        if not self.is_open(instant):
            wall = local(instant, self.zone)
            yield f"{say_day(wall.date())} {say_minute(wall)} is outside opening hours"
        told = first = local_day(instant, self.zone)
        last = local_day(due, self.zone)
        for start, end in self.hours.open_intervals(first - 2 * _DAY, last, self.zone):
            if end <= instant:
                continue
            if start >= due and start > instant:
                break
            opens = local(start, self.zone)
            yield from self._closed_days(told, opens.date())
            told = max(told, opens.date())
            counted = min(end, due) - max(start, instant)
            yield f"{_opening(opens, local(end, self.zone))}: {format_duration(counted, largest='h')} counted"

    def _closed_days(self, start: date, stop: date) -> Iterator[str]:
        """Days from ``start`` up to ``stop`` that are closed against the usual week."""
        for number in range(start.toordinal(), stop.toordinal()):
            day = date.fromordinal(number)
            if self.hours.week[day.weekday()] and not self.hours.is_open_day(day):
                holiday = self.hours.holidays.name_of(day) if self.hours.holidays else ""
                yield f"{say_day(day)} is closed" + (f" ({holiday})" if holiday else "")


def _opening(opens: datetime, closes: datetime) -> str:
    """One opening in local time: ``Mon 23 Nov 08:00-18:00``."""
    start = f"{say_day(opens.date())} {say_minute(opens)}"
    if closes.date() == opens.date():
        return f"{start}-{say_minute(closes)}"
    if closes.date() == opens.date() + _DAY and (closes.hour, closes.minute) == (0, 0):
        return f"{start}-24:00"
    return f"{start}-{say_day(closes.date())} {say_minute(closes)}"


def _seconds(amount: timedelta) -> int:
    if amount < timedelta(0):
        raise ValueError("an amount of open time cannot be negative")
    return int(amount.total_seconds())


@lru_cache(maxsize=16384)
def _nth_open_day(calendar: Calendar, day: date, number: int) -> date:
    for place, found in enumerate(calendar.open_days_from(day), start=1):
        if place == number:
            return found
    raise AssertionError
