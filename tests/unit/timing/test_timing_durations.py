"""Durations as a page writes them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cadence.timing.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("5m", 5), ("48h", 2880), ("3d", 4320), ("2w", 20160), ("1h30m", 90), ("1w2d3h4m", 10080 + 2880 + 180 + 4)],
)
def test_a_duration_is_weeks_days_hours_minutes_in_that_order(text: str, minutes: int) -> None:
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("15 min", "write 15m"),
        ("2 hours", "write 2h"),
        ("1 hr 30 mins", "write 1h30m"),
        ("1h 30m", "write 1h30m"),
        ("30m1h", "write 1h30m"),
        ("1.5h", "write 1h30m"),
        ("48H", "write 48h"),
        ("5 months", "write 15m, 2h or 3d"),
        ("5", "5m, 5h or 5d"),
        ("", "write 15m, 2h or 3d"),
        ("soon", "write 15m, 2h or 3d"),
        ("30s", "write 15m, 2h or 3d"),
        ("-5m", "write 15m, 2h or 3d"),
        ("٥m", "write 15m, 2h or 3d"),
        ("5m\n", "write 5m"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(text: str, suggestion: str) -> None:
    with pytest.raises(ValueError, match="is not a duration") as refused:
        parse_duration(text)
    assert suggestion in str(refused.value)


@pytest.mark.parametrize("text", ["0m", "0h0m", "0w"])
def test_no_time_at_all_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no time at all"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["600w", "99999999999999999999999w", "90000h"])
def test_more_than_ten_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="longer than ten years"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (90, "1h30m"),
        (15, "15m"),
        (2760, "46h"),
        (2880, "2d"),
        (4500, "3d3h"),
        (20160, "2w"),
        (21600, "15d"),
        (0, "0m"),
        (-90, "-1h30m"),
    ],
)
def test_the_canonical_form_uses_the_largest_units_and_whole_weeks_only(minutes: int, text: str) -> None:
    assert format_duration(timedelta(minutes=minutes)) == text


def test_open_time_is_written_in_hours_because_a_day_of_24_hours_means_nothing_there() -> None:
    assert format_duration(timedelta(hours=30, minutes=5), largest="h") == "30h5m"


def test_seconds_are_dropped_in_writing() -> None:
    assert format_duration(timedelta(seconds=119)) == "1m"
    assert format_duration(timedelta(seconds=-30)) == "0m"
