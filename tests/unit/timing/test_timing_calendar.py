"""The business calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from cadence.timing.calendar import Calendar, NeverOpens
from cadence.timing.holidays import Holidays
from cadence.timing.hours import ALWAYS, Hours, parse_day, parse_hours

CHICAGO = ZoneInfo("America/Chicago")


def shop(
    hours: object, *, holidays: Holidays | None = None, dated: dict[str, str] | None = None, zone: ZoneInfo = CHICAGO
) -> Calendar:
    exceptions = {date.fromisoformat(day): parse_day(text) for day, text in (dated or {}).items()}
    return Calendar(Hours(parse_hours(hours), exceptions, holidays), zone, time(10), (time(9), time(14)))


def at(text: str, zone: ZoneInfo = CHICAGO, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


ROOFER = shop(
    {"mon-fri": "08:00-18:00", "sat": "09:00-13:00"}, holidays=Holidays(("US-major",), frozenset({date(2026, 11, 27)}))
)
OFFICE = shop({"mon-fri": "10:00-18:00"})


def test_an_answer_promised_within_five_minutes_on_a_saturday_is_due_on_monday() -> None:
    due, lines = OFFICE.add_open_time(at("2026-11-21T14:00"), minutes(5))
    assert due == at("2026-11-23T10:05")
    assert lines == ("Sat 21 Nov 14:00 is outside opening hours", "Mon 23 Nov 10:00-18:00: 5m counted")


def test_an_amount_that_ends_at_closing_is_due_at_closing() -> None:
    assert OFFICE.plus_open_time(at("2026-11-24T17:30"), minutes(30)) == at("2026-11-24T18:00")
    assert OFFICE.plus_open_time(at("2026-11-24T17:30"), minutes(31)) == at("2026-11-25T10:01")
    assert OFFICE.plus_open_time(at("2026-11-24T10:00"), timedelta(hours=16)) == at("2026-11-25T18:00")


def test_a_start_outside_opening_hours_counts_from_the_next_opening() -> None:
    assert OFFICE.plus_open_time(at("2026-11-24T18:00"), minutes(1)) == at("2026-11-25T10:01")
    assert OFFICE.plus_open_time(at("2026-11-24T18:00"), minutes(0)) == at("2026-11-25T10:00")
    assert OFFICE.plus_open_time(at("2026-11-24T12:00"), minutes(0)) == at("2026-11-24T12:00")


def test_holidays_and_closed_days_do_not_count_and_are_named() -> None:
    due, lines = ROOFER.add_open_time(at("2026-11-25T17:00"), timedelta(hours=6))
    assert due == at("2026-11-30T09:00")
    assert lines == (
        "Wed 25 Nov 08:00-18:00: 1h counted",
        "Thu 26 Nov is closed (Thanksgiving Day)",
        "Fri 27 Nov is closed (holiday)",
        "Sat 28 Nov 09:00-13:00: 4h counted",
        "Mon 30 Nov 08:00-18:00: 1h counted",
    )


def test_a_half_day_counts_for_what_it_is() -> None:
    calendar = shop({"mon-fri": "08:00-18:00"}, dated={"2026-12-24": "08:00-12:00", "2026-12-25": "closed"})
    due, lines = calendar.add_open_time(at("2026-12-24T11:00"), timedelta(hours=2))
    assert due == at("2026-12-28T09:00")
    assert lines == (
        "Thu 24 Dec 08:00-12:00: 1h counted",
        "Fri 25 Dec is closed",
        "Mon 28 Dec 08:00-18:00: 1h counted",
    )


def test_several_spans_a_day_leave_lunch_out() -> None:
    calendar = shop({"mon-fri": ["08:00-12:00", "13:00-18:00"]})
    due, lines = calendar.add_open_time(at("2026-11-24T11:50"), minutes(20))
    assert due == at("2026-11-24T13:10")
    assert lines == ("Tue 24 Nov 08:00-12:00: 10m counted", "Tue 24 Nov 13:00-18:00: 10m counted")


def test_a_night_shift_is_told_with_both_days() -> None:
    due, lines = shop({"fri": "22:00-02:00"}).add_open_time(at("2026-11-27T23:00"), timedelta(hours=2))
    assert due == at("2026-11-28T01:00")
    assert lines == ("Fri 27 Nov 22:00-Sat 28 Nov 02:00: 2h counted",)


def test_a_day_that_ends_at_midnight_is_told_with_24_00() -> None:
    _, lines = shop({"fri": "22:00-24:00"}).add_open_time(at("2026-11-27T23:00"), minutes(5))
    assert lines == ("Fri 27 Nov 22:00-24:00: 5m counted",)


def test_open_time_on_the_days_clocks_change_is_real_time() -> None:
    nights = shop("00:00-06:00")
    assert nights.open_time_between(at("2026-03-08T00:00"), at("2026-03-09T00:00")) == timedelta(hours=5)
    assert nights.open_time_between(at("2026-11-01T00:00"), at("2026-11-02T00:00")) == timedelta(hours=7)
    assert nights.plus_open_time(at("2026-03-08T01:30"), timedelta(hours=1)) == at("2026-03-08T03:30")
    assert nights.plus_open_time(at("2026-11-01T01:30"), timedelta(hours=1)) == at("2026-11-01T01:30", fold=1)


def test_no_open_time_lies_between_an_instant_and_an_earlier_one() -> None:
    assert OFFICE.open_time_between(at("2026-11-24T12:00"), at("2026-11-24T11:00")) == timedelta(0)


def test_a_warning_comes_so_much_open_time_before_the_due_instant() -> None:
    assert OFFICE.subtract_open_time(at("2026-11-23T10:30"), minutes(10)) == at("2026-11-23T10:20")
    assert OFFICE.subtract_open_time(at("2026-11-23T10:05"), minutes(10)) == at("2026-11-20T17:55")
    assert OFFICE.subtract_open_time(at("2026-11-23T10:05"), minutes(5)) == at("2026-11-23T10:00")
    assert OFFICE.subtract_open_time(at("2026-11-24T18:00"), minutes(10)) == at("2026-11-24T17:50")
    assert OFFICE.subtract_open_time(at("2026-11-24T20:00"), minutes(10)) == at("2026-11-24T17:50")
    assert OFFICE.subtract_open_time(at("2026-11-24T20:00"), minutes(0)) == at("2026-11-24T20:00")


def test_a_warning_is_never_before_the_clock_started() -> None:
    start = at("2026-11-21T14:00")
    due = OFFICE.plus_open_time(start, minutes(5))
    assert OFFICE.subtract_open_time(due, minutes(10), not_before=start) == start
    assert OFFICE.subtract_open_time(due, minutes(2), not_before=start) == at("2026-11-23T10:03")


def test_the_next_opening_is_now_when_the_shop_is_open() -> None:
    assert ROOFER.next_opening(at("2026-11-24T12:00")) == at("2026-11-24T12:00")
    assert ROOFER.next_opening(at("2026-11-25T18:00")) == at("2026-11-28T09:00")
    assert ROOFER.is_open(at("2026-11-24T12:00"))
    assert not ROOFER.is_open(at("2026-11-26T12:00"))


def test_open_days_are_counted_from_one_and_a_closed_day_gives_the_next() -> None:
    assert list(islice(ROOFER.open_days_from(date(2026, 11, 25)), 4)) == [
        date(2026, 11, 25), date(2026, 11, 28), date(2026, 11, 30), date(2026, 12, 1),
    ]  # fmt: skip
    assert ROOFER.nth_open_day(date(2026, 11, 25), 1) == date(2026, 11, 25)
    assert ROOFER.nth_open_day(date(2026, 11, 26), 1) == date(2026, 11, 28)
    assert ROOFER.nth_open_day(date(2026, 11, 26), 2) == date(2026, 11, 30)
    assert ROOFER.first_open_day_after(date(2026, 11, 25)) == date(2026, 11, 28)
    assert ROOFER.first_open_day_after(date(2026, 11, 26)) == date(2026, 11, 28)
    assert ROOFER.is_open_day(date(2026, 11, 28))
    with pytest.raises(ValueError, match="counted from 1"):
        ROOFER.nth_open_day(date(2026, 11, 25), 0)


def test_three_hundred_open_days_are_more_than_a_year_and_still_counted() -> None:
    assert OFFICE.nth_open_day(date(2026, 1, 1), 300) == date(2027, 2, 24)


def test_leap_day_is_an_open_day() -> None:
    assert OFFICE.nth_open_day(date(2028, 2, 28), 2) == date(2028, 2, 29)


def test_booking_texts_offer_tomorrow_or_later_on_open_days() -> None:
    assert ROOFER.next_offers(at("2026-11-23T08:00")) == (at("2026-11-24T09:00"), at("2026-11-24T14:00"))
    assert ROOFER.next_offers(at("2026-11-23T23:30")) == (at("2026-11-24T09:00"), at("2026-11-24T14:00"))
    assert ROOFER.next_offers(at("2026-11-23T08:00"), count=3)[2] == at("2026-11-25T09:00")


def test_an_offer_skips_days_and_hours_on_which_the_shop_is_closed() -> None:
    """Thanksgiving and the Friday after are closed; on Saturday the shop closes at one."""
    assert ROOFER.next_offers(at("2026-11-25T09:00")) == (at("2026-11-28T09:00"), at("2026-11-30T09:00"))


def test_an_offer_leaves_time_to_prepare() -> None:
    early = Calendar(OFFICE.hours, CHICAGO, time(10), (time(1), time(9)))
    assert early.next_offers(at("2026-11-23T23:30"), 1) == (at("2026-11-24T09:00"),)
    assert early.next_offers(at("2026-11-23T22:30"), 1) == (at("2026-11-24T01:00"),)


def test_an_offer_outside_the_hours_of_every_day_is_meant_so() -> None:
    evenings = Calendar(OFFICE.hours, CHICAGO, time(10), (time(19),))
    assert evenings.next_offers(at("2026-11-27T12:00")) == (at("2026-11-30T19:00"), at("2026-12-01T19:00"))


def test_without_offer_times_nothing_is_offered() -> None:
    assert Calendar(OFFICE.hours, CHICAGO, time(10)).next_offers(at("2026-11-23T08:00")) == ()


def test_a_shop_round_the_clock_counts_every_minute() -> None:
    always = Calendar(ALWAYS, CHICAGO, time(10))
    assert always.plus_open_time(at("2026-11-24T12:34"), timedelta(days=30)) == at("2026-12-24T12:34")
    assert always.subtract_open_time(at("2026-12-24T12:34"), timedelta(days=30)) == at("2026-11-24T12:34")


def test_a_shop_that_never_opens_is_said_in_a_sentence() -> None:
    never = shop({"mon": "closed"})
    now = at("2026-11-24T12:00")
    assert never.next_opening(now) is None
    with pytest.raises(
        NeverOpens, match="does not open within 400 days after Tue 24 Nov 2026 12:00; look at business_hours"
    ):
        never.add_open_time(now, minutes(5))
    with pytest.raises(NeverOpens, match="no open day within 400 days after Tue 24 Nov 2026"):
        never.nth_open_day(date(2026, 11, 24), 1)
    with pytest.raises(NeverOpens, match="not open long enough before"):
        never.subtract_open_time(now, minutes(5))
    with pytest.raises(NeverOpens, match="no open day"):
        never.next_offers(now)


def test_a_shop_that_is_open_for_one_more_day_runs_out_of_open_time() -> None:
    last = shop({"mon": "closed"}, dated={"2026-11-24": "08:00-18:00"})
    assert last.plus_open_time(at("2026-11-24T12:00"), timedelta(hours=6)) == at("2026-11-24T18:00")
    with pytest.raises(NeverOpens, match="after Tue 24 Nov 2026 18:00"):
        last.plus_open_time(at("2026-11-24T12:00"), timedelta(hours=7))
    with pytest.raises(NeverOpens):
        last.subtract_open_time(at("2026-11-24T12:00"), timedelta(hours=7))


def test_open_time_is_never_negative() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        OFFICE.plus_open_time(at("2026-11-24T12:00"), -minutes(1))


def test_the_next_opening_is_looked_for_400_days_ahead_and_no_further() -> None:
    """29 December 2027 is 400 days after 24 November 2026."""
    far = shop({"mon": "closed"}, dated={"2026-11-24": "08:00-18:00", "2027-12-29": "08:00-18:00"})
    assert far.first_open_day_after(date(2026, 11, 24)) == date(2027, 12, 29)
    assert far.nth_open_day(date(2026, 11, 24), 2) == date(2027, 12, 29)
    assert far.plus_open_time(at("2026-11-24T12:00"), timedelta(hours=7)) == at("2027-12-29T09:00")
    farther = shop({"mon": "closed"}, dated={"2026-11-24": "08:00-18:00", "2027-12-30": "08:00-18:00"})
    with pytest.raises(NeverOpens):
        farther.nth_open_day(date(2026, 11, 24), 2)
    with pytest.raises(NeverOpens):
        farther.plus_open_time(at("2026-11-24T12:00"), timedelta(hours=7))
    with pytest.raises(NeverOpens):
        farther.subtract_open_time(at("2027-12-30T12:00"), timedelta(hours=7))


def test_an_offer_in_the_small_hours_of_a_night_shift_is_inside_it() -> None:
    nights = Calendar(shop({"fri-sat": "22:00-02:00"}).hours, CHICAGO, time(10), (time(1),))
    assert nights.next_offers(at("2026-11-23T12:00")) == (at("2026-11-28T01:00"), at("2026-12-05T01:00"))
