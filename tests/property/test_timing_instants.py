"""Facts that hold for any duration, any wall time and any change of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cadence.timing.calendar import Calendar
from cadence.timing.cron import next_match
from cadence.timing.durations import format_duration, parse_duration
from cadence.timing.hours import Hours, parse_hours
from cadence.timing.wall import resolve, start_of_day
from cadence.timing.when import Anchor, When, due_instant

ZONES = [
    "America/Chicago",
    "America/New_York",
    "America/Phoenix",
    "America/Havana",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/London",
]
TIMES = [time(0, 30), time(1, 30), time(2, 30), time(9, 30)]
FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def transitions(zone: ZoneInfo) -> list[datetime]:
    """The hours from 2026 to 2028 in which the zone's offset changes, found hour by hour."""
    hours = int((LAST - FIRST) / timedelta(hours=1))
    offsets = [(FIRST + timedelta(hours=h)).astimezone(zone).utcoffset() for h in range(hours)]
    return [FIRST + timedelta(hours=h) for h in range(1, hours) if offsets[h] != offsets[h - 1]]


def first_reading(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Oracle: watch the clock minute by minute until it first shows the time, or one that is later."""
    wanted = datetime.combine(day, at)
    instant = datetime.combine(day, time(0), tzinfo=UTC) - timedelta(hours=16)
    while instant.astimezone(zone).replace(tzinfo=None) < wanted:
        instant += MINUTE
    return instant


@pytest.mark.parametrize("name", ZONES)
def test_around_every_change_of_clocks_each_local_occurrence_is_one_instant(name: str) -> None:
    """Days, crons and wall times agree with a watched clock, in order, each once."""
    zone = ZoneInfo(name)
    calendar = Calendar(Hours(parse_hours("08:00-18:00")), zone, time(10))
    for change in transitions(zone) or [datetime(2026, 11, 24, tzinfo=UTC)]:
        days = [change.astimezone(zone).date() + timedelta(days=n) for n in range(-2, 3)]
        anchor = Anchor("", resolve(days[0], time(0, 5), zone))
        for at in TIMES:
            expected = [first_reading(day, at, zone) for day in days]
            assert expected == sorted(set(expected))
            assert [resolve(day, at, zone) for day in days] == expected
            by_day = [due_instant((When(day=n + 1, at=at),), anchor, zone, calendar).instant for n in range(5)]
            assert by_day == expected
            matched, now = [], start_of_day(days[0], zone)
            for _ in days:
                now = next_match(f"{at.minute} {at.hour} * * *", now, zone)
                matched.append(now)
                now += timedelta(seconds=1)
            assert matched == expected


def test_the_zones_of_these_tests_do_change_their_clocks() -> None:
    counted = {name: len(transitions(ZoneInfo(name))) for name in ZONES}
    assert counted.pop("America/Phoenix") == 0
    assert counted.pop("Asia/Kolkata") == 0
    assert all(count == 6 for count in counted.values()), counted


@given(st.integers(min_value=1, max_value=3660 * 1440))
@settings(max_examples=300, deadline=None)
def test_a_duration_reads_back_as_it_was_written(minutes: int) -> None:
    duration = timedelta(minutes=minutes)
    assert parse_duration(format_duration(duration)) == duration
    assert parse_duration(format_duration(duration, largest="h")) == duration


@given(st.text(max_size=12))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_duration_or_is_refused_in_a_sentence(text: str) -> None:
    try:
        duration, sentence = parse_duration(text), ""
    except ValueError as refused:
        duration, sentence = timedelta(0), str(refused)
    assert duration > timedelta(0) or "write" in sentence or "say of what" in sentence


instants = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 12, 31)).map(  # noqa: DTZ001
    lambda naive: naive.replace(second=0, microsecond=0, tzinfo=UTC)
)
clock_times = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(instants, st.sampled_from(ZONES), clock_times, st.integers(min_value=1, max_value=40))
@settings(max_examples=300, deadline=None)
def test_a_touch_is_never_due_before_its_anchor_and_later_days_come_later(
    now: datetime, name: str, at: time, number: int
) -> None:
    zone = ZoneInfo(name)
    calendar = Calendar(Hours(parse_hours({"mon-fri": "08:00-18:00"})), zone, at)
    anchor = Anchor("", now)

    def due(when: When) -> datetime:
        return due_instant((when,), anchor, zone, calendar).instant

    assert now <= due(When(day=number, at=at)) <= due(When(day=number + 1, at=at))
    assert now <= due(When(business_day=number)) < due(When(business_day=number + 1))
    assert due(When(day=number)) <= due(When(business_day=number))
    assert now < due(When(next_business_day=at))


@given(
    instants, st.sampled_from(ZONES), st.sampled_from(["*/7 * * * *", "30 1 * * *", "0 0 1,15 * mon", "15 2 * * sun"])
)
@settings(max_examples=200, deadline=None)
def test_a_cron_match_is_at_or_after_its_base_and_nothing_lies_between(now: datetime, name: str, text: str) -> None:
    zone = ZoneInfo(name)
    found = next_match(text, now, zone)
    assert found >= now
    assert next_match(text, found, zone) == found
    middle = now + (found - now) / 2
    assert next_match(text, middle.replace(second=0, microsecond=0), zone) == found
