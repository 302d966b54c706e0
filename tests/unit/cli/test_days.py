"""When something is to happen, as a colleague types it on a Tuesday at ten past one."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cadence.cli.days import on_the_shops_clock, read_when
from cadence.errors import UsageError

ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-12-01", "2026-12-01"),
        (" 2026-12-01T09:00 ", "2026-12-01T09:00"),
        ("2026-12-01 09:00", "2026-12-01 09:00"),
        ("2026-12-01T09:00Z", "2026-12-01T09:00Z"),
        ("tomorrow", "2026-11-25"),
        ("Friday 9:00", "2026-11-27T09:00"),
        ("friday at 5pm", "2026-11-27T17:00"),
        ("tuesday", "2026-12-01"),
        ("next week", "2026-11-30"),
        ("2 weeks", "2026-12-08"),
        ("in 3 days", "2026-11-27"),
        ("dec 1 12am", "2026-12-01T00:00"),
        ("12/1", "2026-12-01"),
        ("mañana 9:00", "2026-11-25T09:00"),
        ("15:00", "2026-11-24T15:00"),
        ("today", "2026-11-24T23:59"),
        ("2026-11-24", "2026-11-24T23:59"),
    ],
)
def test_a_date_a_time_or_a_word_is_read(typed: str, meant: str) -> None:
    assert read_when(typed, "--due", NOW, ZONE) == meant


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "is not a date"),
        ("soon", "is not a date"),
        ("yesterday", "is not a date"),
        ("not friday", "is not a date"),
        ("friday or monday", "is not a date"),
        ("friday 25:00", "is not a date"),
        ("friday 13pm", "is not a date"),
        ("\x00", "is not a date"),
        ("2026-13-01", "on no calendar"),
        ("2026-12-01T9", "is not a date; write"),
        ("9:00", "has gone by"),
        ("2026-11-23", "has gone by"),
        ("2026-11-24T13:10", "has gone by"),
        ("2030-01-01", "more than two years away"),
        ("9999-01-01", "too far away"),
    ],
)
def test_what_names_no_day_to_come_is_refused_in_a_sentence(typed: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_when(typed, "--due", NOW, ZONE)


def test_a_time_on_the_shops_clock_is_an_instant_and_a_date_stays_one() -> None:
    assert on_the_shops_clock("2026-12-01T09:00", ZONE) == "2026-12-01T15:00:00Z"
    assert on_the_shops_clock("2026-12-01", ZONE) == "2026-12-01"
