"""Repeating times on the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cadence.timing.cron import check_cron, next_match

CHICAGO = ZoneInfo("America/Chicago")


def at(text: str, zone: ZoneInfo = CHICAGO, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    "text",
    [
        "30 7 * * mon-fri",
        "0 9 29 2 *",
        "*/15 8-17 1,15 jan-mar MON",
        "0 9 * * 0-7",
        "0 0 31 2 sun",
        "5,10-20/3 * * * *",
    ],
)
def test_five_plain_fields_are_taken(text: str) -> None:
    check_cron(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("@daily", "write that"),
        ("", "0 fields"),
        ("0 9 * *", "4 fields"),
        ("0 9 * * * 5", "6 fields"),
        ("0 9 L * *", "'L' is not a day of month"),
        ("0 9 * * mon#1", "'mon#1' is not a day of week"),
        ("0 9 ? * *", "'?' is not a day of month"),
        ("R 9 * * *", "'R' is not a minute"),
        ("H 9 * * *", "'H' is not a minute"),
        ("0 9 * foo *", "'foo' is not a month"),
        ("0 mon * * *", "'mon' is not a hour"),
        ("60 * * * *", "it goes from 0 to 59"),
        ("0 24 * * *", "it goes from 0 to 23"),
        ("0 9 0 * *", "it goes from 1 to 31"),
        ("0 9 * 13 *", "it goes from 1 to 12"),
        ("0 9 * * 8", "it goes from 0 to 7"),
        ("*/0 * * * *", "not a step"),
        ("*/90 * * * *", "not a step"),
        ("0 9 31 2 *", "never matches"),
        ("0 9 30 2 *", "never matches"),
        ("0 9 31 2,4 *", "never matches"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r".+") as refused:
        check_cron(text)
    assert says in str(refused.value)


def test_the_base_instant_itself_may_match() -> None:
    assert next_match("0 9 * * *", at("2026-11-24T09:00"), CHICAGO) == at("2026-11-24T09:00")
    assert next_match("0 9 * * *", at("2026-11-24T09:00:01"), CHICAGO) == at("2026-11-25T09:00")
    assert next_match("0 9 * * *", at("2026-11-24T08:59:59"), CHICAGO) == at("2026-11-24T09:00")


def test_weekdays_days_of_month_and_lists() -> None:
    assert next_match("30 7 * * mon-fri", at("2026-11-27T08:00"), CHICAGO) == at("2026-11-30T07:30")
    assert next_match("0 9 1,15 * *", at("2026-11-24T00:00"), CHICAGO) == at("2026-12-01T09:00")
    assert next_match("*/20 8,17 * * *", at("2026-11-24T08:41"), CHICAGO) == at("2026-11-24T17:00")
    assert next_match("0 9 * * 7", at("2026-11-24T00:00"), CHICAGO) == at("2026-11-29T09:00")
    assert next_match("* * * * *", at("2026-11-24T23:59:30"), CHICAGO) == at("2026-11-25T00:00")


def test_cron_with_both_day_of_month_and_day_of_week_takes_either() -> None:
    text = "0 9 1 * mon"
    first = next_match(text, at("2026-11-24T00:00"), CHICAGO)
    second = next_match(text, first + timedelta(minutes=1), CHICAGO)
    assert (first, second) == (at("2026-11-30T09:00"), at("2026-12-01T09:00"))


def test_leap_day_comes_in_2028() -> None:
    assert next_match("0 9 29 2 *", at("2026-11-24T00:00"), CHICAGO) == at("2028-02-29T09:00")


def test_in_the_repeated_hour_one_local_occurrence_is_one_match() -> None:
    first = next_match("30 1 * * *", at("2026-11-01T00:00"), CHICAGO)
    assert first == at("2026-11-01T01:30")
    assert next_match("30 1 * * *", first + timedelta(minutes=1), CHICAGO) == at("2026-11-02T01:30")
    assert next_match("30 1 * * *", at("2026-11-01T01:00", fold=1), CHICAGO) == at("2026-11-02T01:30")


def test_a_match_in_a_gap_moves_to_the_first_instant_that_exists() -> None:
    moved = at("2026-03-08T03:00")
    assert next_match("30 2 * * *", at("2026-03-08T00:00"), CHICAGO) == moved
    assert next_match("30 2 * * *", moved, CHICAGO) == moved
    assert next_match("30 2 * * *", moved + timedelta(seconds=1), CHICAGO) == at("2026-03-09T02:30")


def test_a_midnight_that_is_missing_moves_to_one_o_clock() -> None:
    havana = ZoneInfo("America/Havana")
    assert next_match("0 0 * * sun", at("2026-03-07T12:00", havana), havana) == at("2026-03-08T01:00", havana)


def test_the_clock_is_the_zones_own_half_hours_included() -> None:
    kolkata = ZoneInfo("Asia/Kolkata")
    found = next_match("0 9 * * *", datetime(2026, 11, 24, tzinfo=UTC), kolkata)
    assert found == datetime(2026, 11, 24, 3, 30, tzinfo=UTC)


def test_spacing_and_capitals_do_not_matter() -> None:
    assert next_match(" 0  9 * *  MON ", at("2026-11-24T00:00"), CHICAGO) == at("2026-11-30T09:00")
