"""Wall-clock times and the instants they stand for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from cadence.timing.wall import exists, local, local_day, parse_time, resolve, say_day, start_of_day


def wall(day: str, at: str, zone: str) -> str:
    """The resolved instant, as clocks in the zone show it, with its offset."""
    tz = ZoneInfo(zone)
    return resolve(date.fromisoformat(day), time.fromisoformat(at), tz).astimezone(tz).isoformat(timespec="minutes")


@pytest.mark.parametrize("text", ["00:00", "09:30", "23:59"])
def test_a_time_of_day_is_hours_and_minutes(text: str) -> None:
    assert parse_time(text).isoformat(timespec="minutes") == text


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("9:00", "write 09:00"),
        ("5pm", "write 17:00"),
        ("5:30 p.m.", "write 17:30"),
        ("12am", "write 00:00"),
        ("24:00", "write 00:00"),
        ("0930", "write 09:30"),
        ("09:60", "such as 09:30"),
        ("25:00", "such as 09:30"),
        ("noon", "such as 09:30"),
        ("", "such as 09:30"),
        ("10:00:00", "such as 09:30"),
        ("10:00\n", "write 10:00"),
    ],
)
def test_any_other_time_is_refused_with_what_to_write(text: str, suggestion: str) -> None:
    with pytest.raises(ValueError, match="is not a time of day") as refused:
        parse_time(text)
    assert suggestion in str(refused.value)


def test_nine_stays_nine_across_a_change_of_clocks() -> None:
    assert wall("2026-03-07", "09:00", "America/Chicago") == "2026-03-07T09:00-06:00"
    assert wall("2026-03-08", "09:00", "America/Chicago") == "2026-03-08T09:00-05:00"
    assert wall("2026-11-01", "09:00", "America/Chicago") == "2026-11-01T09:00-06:00"


@pytest.mark.parametrize(
    ("zone", "day", "at", "moved"),
    [
        ("America/Chicago", "2026-03-08", "02:00", "2026-03-08T03:00-05:00"),
        ("America/Chicago", "2026-03-08", "02:59", "2026-03-08T03:00-05:00"),
        ("America/Havana", "2026-03-08", "00:00", "2026-03-08T01:00-04:00"),
        ("Africa/Cairo", "2026-04-24", "00:30", "2026-04-24T01:00+03:00"),
        ("America/Santiago", "2026-09-06", "00:30", "2026-09-06T01:00-03:00"),
        ("Asia/Beirut", "2026-03-29", "00:00", "2026-03-29T01:00+03:00"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-04T02:30+11:00"),
        ("Pacific/Apia", "2011-12-30", "00:00", "2011-12-31T00:00+14:00"),
        ("Pacific/Apia", "2011-12-30", "23:59", "2011-12-31T00:00+14:00"),
    ],
)
def test_a_time_that_does_not_exist_is_the_first_instant_that_does(zone: str, day: str, at: str, moved: str) -> None:
    assert wall(day, at, zone) == moved
    assert not exists(date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(zone))


@pytest.mark.parametrize(
    ("zone", "day", "at", "first"),
    [
        ("America/Chicago", "2026-11-01", "01:00", "2026-11-01T01:00-05:00"),
        ("America/Chicago", "2026-11-01", "01:59", "2026-11-01T01:59-05:00"),
        ("America/Havana", "2026-11-01", "00:30", "2026-11-01T00:30-04:00"),
        ("America/Santiago", "2026-04-04", "23:30", "2026-04-04T23:30-03:00"),
        ("Asia/Beirut", "2026-10-24", "23:30", "2026-10-24T23:30+03:00"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-05T01:45+11:00"),
    ],
)
def test_a_time_that_exists_twice_is_the_first(zone: str, day: str, at: str, first: str) -> None:
    assert wall(day, at, zone) == first
    assert exists(date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(zone))


def test_a_day_starts_at_its_first_instant_even_where_midnight_is_missing() -> None:
    assert start_of_day(date(2026, 3, 8), ZoneInfo("America/Havana")) == datetime(2026, 3, 8, 5, tzinfo=UTC)
    assert start_of_day(date(2026, 11, 24), ZoneInfo("Asia/Kolkata")) == datetime(2026, 11, 23, 18, 30, tzinfo=UTC)


def test_instants_come_out_in_utc_and_days_are_the_zones_own() -> None:
    zone = ZoneInfo("America/Los_Angeles")
    instant = datetime(2026, 11, 25, 3, tzinfo=UTC)
    assert resolve(date(2026, 11, 24), time(19), zone) == instant
    assert resolve(date(2026, 11, 24), time(19), zone).tzinfo is UTC
    assert local(instant, zone).isoformat() == "2026-11-24T19:00:00-08:00"
    assert local_day(instant, zone) == date(2026, 11, 24)


def test_leap_day_is_a_day() -> None:
    assert wall("2028-02-29", "09:00", "America/Chicago") == "2028-02-29T09:00-06:00"


def test_a_day_is_told_in_english_whatever_the_locale() -> None:
    assert say_day(date(2026, 11, 23)) == "Mon 23 Nov"
