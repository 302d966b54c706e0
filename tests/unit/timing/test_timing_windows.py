"""Windows that must be open together."""

from __future__ import annotations

import timeit
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cadence.timing.hours import ALWAYS, Hours, parse_hours
from cadence.timing.windows import Window, all_open, common_close, next_common_open

NEW_YORK, CHICAGO, LOS_ANGELES = (ZoneInfo(f"America/{city}") for city in ("New_York", "Chicago", "Los_Angeles"))
DAYTIME = Hours(parse_hours("08:00-20:00"))
COASTS = (Window(DAYTIME, NEW_YORK), Window(DAYTIME, LOS_ANGELES))


def at(text: str, zone: ZoneInfo = CHICAGO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def test_a_lead_who_may_live_on_either_coast_is_written_to_when_both_are_awake() -> None:
    assert not all_open(at("2026-11-24T10:59", NEW_YORK), COASTS)
    assert all_open(at("2026-11-24T11:00", NEW_YORK), COASTS)
    assert not all_open(at("2026-11-24T20:00", NEW_YORK), COASTS)
    assert next_common_open(at("2026-11-24T20:00", NEW_YORK), COASTS) == at("2026-11-25T11:00", NEW_YORK)
    assert common_close(at("2026-11-24T12:00", NEW_YORK), COASTS) == at("2026-11-24T20:00", NEW_YORK)


def test_the_instant_itself_counts_when_all_are_open() -> None:
    now = at("2026-11-24T14:00:07")
    assert next_common_open(now, COASTS) is now


def test_outside_a_window_a_touch_waits_for_the_next_opening_and_is_never_early() -> None:
    window = (Window(DAYTIME, CHICAGO),)
    assert next_common_open(at("2026-11-24T20:00"), window) == at("2026-11-25T08:00")
    assert next_common_open(at("2026-11-24T07:59:59"), window) == at("2026-11-24T08:00")


def test_a_window_may_cross_midnight_and_differ_by_weekday() -> None:
    window = (Window(Hours(parse_hours({"fri-sat": "20:00-02:00", "mon": "12:00-13:00"})), CHICAGO),)
    assert all_open(at("2026-11-28T01:59"), window)
    assert next_common_open(at("2026-11-28T02:00"), window) == at("2026-11-28T20:00")
    assert next_common_open(at("2026-11-29T02:00"), window) == at("2026-11-30T12:00")
    assert common_close(at("2026-11-27T23:00"), window) == at("2026-11-28T02:00")


def test_windows_without_a_common_hour_never_open() -> None:
    apart = (Window(Hours(parse_hours("08:00-10:00")), CHICAGO), Window(Hours(parse_hours("18:00-20:00")), CHICAGO))
    assert next_common_open(at("2026-11-24T08:00"), apart) is None
    assert common_close(at("2026-11-24T08:00"), apart) is None


def test_windows_that_only_touch_have_no_common_time() -> None:
    touching = (Window(Hours(parse_hours("08:00-10:00")), CHICAGO), Window(Hours(parse_hours("10:00-12:00")), CHICAGO))
    assert next_common_open(at("2026-11-24T08:00"), touching) is None


def test_no_window_at_all_is_always_open() -> None:
    now = at("2026-11-24T03:00")
    assert all_open(now, ())
    assert next_common_open(now, ()) is now
    assert common_close(now, ()) is None


def test_the_horizon_is_the_callers() -> None:
    weekly = (Window(Hours(parse_hours({"mon": "10:00-11:00"})), CHICAGO),)
    assert next_common_open(at("2026-11-24T10:00"), weekly, horizon_days=5) is None
    assert next_common_open(at("2026-11-24T10:00"), weekly, horizon_days=6) == at("2026-11-30T10:00")


def test_a_window_round_the_clock_does_not_narrow_the_other() -> None:
    pair = (Window(ALWAYS, LOS_ANGELES), Window(DAYTIME, CHICAGO))
    assert next_common_open(at("2026-11-24T20:00"), pair) == at("2026-11-25T08:00")


def test_asking_again_is_cheap() -> None:
    """The hot path of a tick: single microseconds; the bound leaves room for a slow machine."""
    now = at("2026-11-24T22:00")
    seconds = min(timeit.repeat(lambda: next_common_open(now, COASTS), number=1000, repeat=5)) / 1000
    assert seconds < 50e-6
    assert next_common_open(now + timedelta(days=1), COASTS) is not None
