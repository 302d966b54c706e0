"""Opening hours and open time against a walk through every single minute.

The oracle shares nothing with the code: it goes through real minutes one by one and watches a wall clock.
A door opens when the clock first reaches an opening time and closes when it first reaches a closing time,
so it looks at the latest reading so far. It knows holidays from a list written here.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest

from cadence.timing.calendar import Calendar
from cadence.timing.holidays import Holidays
from cadence.timing.hours import Hours, Span
from cadence.timing.windows import Window, all_open, common_close, next_common_open

MINUTE = timedelta(minutes=1)
WALK_DAYS = 13

#: zone, and local days around which something happens: a change of clocks, a holiday, a leap day.
PLACES = [
    ("America/Chicago", "2026-03-08"),
    ("America/Chicago", "2026-11-01"),
    ("America/Chicago", "2026-07-03"),
    ("America/New_York", "2026-11-26"),
    ("America/Los_Angeles", "2027-12-31"),
    ("America/Phoenix", "2028-02-29"),
    ("America/Havana", "2026-03-08"),
    ("America/Havana", "2027-11-07"),
    ("Africa/Cairo", "2026-04-24"),
    ("Africa/Cairo", "2027-10-28"),
    ("America/Santiago", "2026-09-06"),
    ("America/Santiago", "2027-04-03"),
    ("Asia/Beirut", "2026-03-29"),
    ("Asia/Beirut", "2026-10-24"),
    ("Asia/Kolkata", "2026-11-24"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Australia/Lord_Howe", "2027-04-04"),
    ("Pacific/Apia", "2011-12-30"),
]

MAJOR_HOLIDAYS = {
    date.fromisoformat(day)
    for day in (
        "2011-12-25", "2011-12-26", "2012-01-01", "2012-01-02",
        "2026-01-01", "2026-05-25", "2026-07-03", "2026-07-04", "2026-09-07", "2026-11-26", "2026-12-25",
        "2027-01-01", "2027-05-31", "2027-07-04", "2027-07-05", "2027-09-06", "2027-11-25",
        "2027-12-24", "2027-12-25", "2027-12-31", "2028-01-01",
    )
}  # fmt: skip


@dataclass(frozen=True)
class Walked:
    """What the walk saw: for every minute from ``start`` on, whether the door was open."""

    hours: Hours
    zone: ZoneInfo
    start: datetime
    door: list[bool]

    def first_open(self, minute: int) -> int | None:
        return next((m for m in range(minute, len(self.door)) if self.door[m]), None)

    def first_closed(self, minute: int) -> int | None:
        return next((m for m in range(minute, len(self.door)) if not self.door[m]), None)

    def at(self, minute: int) -> datetime:
        return self.start + minute * MINUTE


def random_spans(rng: random.Random, *, night: bool) -> tuple[Span, ...]:
    """Up to three spans in order; the last may run into the next day as far as 01:59."""
    marks = sorted(rng.sample(range(120, 1440, rng.choice([1, 15, 30])), 2 * rng.choice([0, 1, 1, 2, 3])))
    spans = [Span(a, b) for a, b in zip(marks[::2], marks[1::2], strict=True)]
    if rng.random() < 0.3:
        spans.insert(0, Span(*sorted(rng.sample(range(120), 2))))
    if night and spans:
        spans[-1] = Span(spans[-1].start, 1440 + rng.randrange(0, 2))
        if spans[-1].start >= 780 and (len(spans) == 1 or spans[0].start >= 120):
            spans[-1] = Span(spans[-1].start, 1440 + rng.randrange(0, 120))
    return tuple(spans)


def random_hours(rng: random.Random, around: date) -> Hours:
    night = rng.random() < 0.4
    week = tuple(random_spans(rng, night=night) for _ in range(7))
    dated = {
        around + timedelta(days=rng.randrange(-3, 6)): random_spans(rng, night=False)
        for _ in range(rng.choice([0, 0, 1, 2]))
    }
    own = frozenset({around + timedelta(days=rng.randrange(-2, 5))}) if rng.random() < 0.3 else frozenset()
    holidays = rng.choice([None, Holidays(("US-major",), own), Holidays((), own)])
    return Hours(week, dated, holidays)


def is_closed_for_holiday(hours: Hours, day: date) -> bool:
    if hours.holidays is None:
        return False
    return day in hours.holidays.dates or ("US-major" in hours.holidays.names and day in MAJOR_HOLIDAYS)


def door_is_open(hours: Hours, reading: datetime) -> bool:
    """Whether one of the spans of the reading's day, or of the day before, holds the reading."""
    for back in (0, 1):
        day = reading.date() - timedelta(days=back)
        minute = reading.hour * 60 + reading.minute + 1440 * back
        if day in hours.dated:
            spans = hours.dated[day]
        elif is_closed_for_holiday(hours, day):
            spans = ()
        else:
            spans = hours.week[day.weekday()]
        if any(span.start <= minute < span.end for span in spans):
            return True
    return False


def walk(hours: Hours, zone: ZoneInfo, around: date) -> Walked:
    """Go through the minutes of some days around a date, with two days of run-up."""
    start = datetime.combine(around - timedelta(days=4), time(12), tzinfo=UTC)
    latest = datetime.min  # noqa: DTZ901 - a wall clock has no zone
    door = []
    for step in range(-2 * 1440, WALK_DAYS * 1440):
        latest = max(latest, (start + step * MINUTE).astimezone(zone).replace(tzinfo=None))
        if step >= 0:
            door.append(door_is_open(hours, latest))
    return Walked(hours, zone, start, door)


def walks() -> list[Walked]:
    rng = random.Random(20261122)
    return [
        walk(random_hours(rng, date.fromisoformat(day)), ZoneInfo(zone), date.fromisoformat(day))
        for zone, day in PLACES
        for _ in range(3)
    ]


@pytest.fixture(scope="module")
def walked() -> list[Walked]:
    return walks()


def test_the_random_calendars_have_what_makes_hours_hard(walked: list[Walked]) -> None:
    """Guards the generator: several spans, nights, exceptions, holidays, and doors that do move."""
    assert sum(any(len(spans) > 1 for spans in w.hours.week) for w in walked) > 20
    assert sum(any(span.end > 1440 for spans in w.hours.week for span in spans) for w in walked) > 10
    assert sum(bool(w.hours.dated) for w in walked) > 10
    assert sum(w.hours.holidays is not None for w in walked) > 20
    assert sum(any(w.door) and not all(w.door) for w in walked) > 50


def test_open_or_closed_equals_the_walk_at_every_minute(walked: list[Walked]) -> None:
    for w in walked:
        for minute in range(0, len(w.door), 7):
            assert w.hours.is_open(w.at(minute), w.zone) == w.door[minute], (w.zone, w.at(minute), w.hours)


def test_next_open_and_closing_equal_the_walk(walked: list[Walked]) -> None:
    rng = random.Random(1)
    for w in walked:
        for minute in rng.sample(range(len(w.door)), 60):
            expected = w.first_open(minute)
            found = w.hours.next_open(w.at(minute), w.zone)
            if expected is None:
                assert found is None or found >= w.at(len(w.door))
                continue
            assert found == w.at(expected), (w.zone, w.at(minute), w.hours)
            closed = w.first_closed(expected)
            if closed is not None:
                assert w.hours.closes_at(w.at(expected), w.zone) == w.at(closed)


def test_open_intervals_equal_the_walk(walked: list[Walked]) -> None:
    for w in walked:
        first, last = w.at(0), w.at(len(w.door))
        days = (first.date() - timedelta(days=3), last.date() + timedelta(days=3))
        covered = [False] * len(w.door)
        end_before = None
        for start, end in w.hours.open_intervals(*days, w.zone):
            assert end_before is None or end_before < start < end
            end_before = end
            for minute in range(max(0, (start - first) // MINUTE), min(len(w.door), (end - first) // MINUTE)):
                covered[minute] = True
        assert covered == w.door


def test_open_time_forwards_and_back_equals_the_walk(walked: list[Walked]) -> None:
    """Some four thousand amounts: how long between, when it is used up, and where it began."""
    rng = random.Random(2)
    checked = 0
    for w in walked:
        shop = Calendar(w.hours, w.zone, time(10))
        open_before = [0, *accumulate(int(is_open) for is_open in w.door)]
        for _ in range(80):
            start = rng.randrange(len(w.door) // 2)
            total = open_before[-1] - open_before[start]
            if total == 0:
                continue
            amount = rng.choice([1, rng.randint(1, total), rng.randint(1, min(total, 90))])
            # used up at the end of the minute that is the amount-th open one
            due = next(m for m in range(start, len(w.door)) if open_before[m + 1] - open_before[start] == amount) + 1
            found = shop.plus_open_time(w.at(start), amount * MINUTE)
            assert found == w.at(due), (w.zone, w.at(start), amount, w.hours)
            assert shop.open_time_between(w.at(start), w.at(due)) == amount * MINUTE
            # the latest minute from which the amount passes until then
            back = max(m for m in range(due) if open_before[due] - open_before[m] == amount and w.door[m])
            assert shop.subtract_open_time(w.at(due), amount * MINUTE) == w.at(back)
            checked += 1
    assert checked > 3000


def test_the_lines_of_a_derivation_add_up_to_the_amount(walked: list[Walked]) -> None:
    rng = random.Random(3)
    for w in walked:
        shop = Calendar(w.hours, w.zone, time(10))
        total = sum(w.door[len(w.door) // 2 :])
        if not total:
            continue
        amount = rng.randint(1, total)
        due, lines = shop.add_open_time(w.at(rng.randrange(len(w.door) // 2)), amount * MINUTE)
        counted = [line.split(": ")[1].removesuffix(" counted") for line in lines if line.endswith("counted")]
        assert sum(minutes_of(text) for text in counted) == amount, (due, lines)


def minutes_of(text: str) -> int:
    hours, _, rest = text.rpartition("h")
    return int(hours or 0) * 60 + int(rest.removesuffix("m") or 0)


def test_windows_in_several_zones_equal_the_walk() -> None:
    """The common time of two or three windows is where every door of the walk is open."""
    rng = random.Random(4)
    for day in ("2026-03-08", "2026-11-01", "2026-11-24"):
        around = date.fromisoformat(day)
        for _ in range(3):
            zones = rng.sample(
                ["America/New_York", "America/Chicago", "America/Phoenix", "America/St_Johns"], rng.choice([2, 3])
            )
            parts = [walk(random_hours(rng, around), ZoneInfo(zone), around) for zone in zones]
            windows = tuple(Window(part.hours, part.zone) for part in parts)
            common = Walked(
                parts[0].hours,
                UTC,
                parts[0].start,
                [all(doors) for doors in zip(*(p.door for p in parts), strict=True)],
            )  # type: ignore[arg-type]
            for minute in rng.sample(range(len(common.door)), 150):
                now = common.at(minute)
                assert all_open(now, windows) == common.door[minute]
                opening = common.first_open(minute)
                found = next_common_open(now, windows)
                if opening is None:
                    assert found is None or found >= common.at(len(common.door))
                    continue
                assert found == common.at(opening)
                closing = common.first_closed(opening)
                if closing is not None:
                    assert common_close(found, windows) == common.at(closing)
