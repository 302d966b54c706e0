"""When a touch is due. Tests named ``settled_…`` hold one row each of the language's settled readings."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cadence.timing.calendar import Calendar, NeverOpens
from cadence.timing.explain import explain_due
from cadence.timing.holidays import Holidays
from cadence.timing.hours import Hours, parse_hours
from cadence.timing.when import Anchor, When, due_instant, moment

CHICAGO = ZoneInfo("America/Chicago")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
SHOP = Calendar(
    Hours(parse_hours({"mon-fri": "08:00-18:00"}), {}, Holidays(("US-major",), frozenset({date(2026, 11, 27)}))),
    CHICAGO,
    time(10),
    (time(9), time(14)),
)
ESTIMATE = (When(if_before=time(15), day=1, at=time(17)), When(next_business_day=time(8, 15)))


def at(text: str, zone: ZoneInfo = CHICAGO, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def due(
    *rows: When, anchor: str, zone: ZoneInfo = CHICAGO, name: str = "", day_only: bool = False, fold: int = 0
) -> str:
    """The due instant as the lead's clock shows it."""
    found = due_instant(rows, Anchor(name, at(anchor, zone, fold), day_only), zone, SHOP)
    assert found.instant.tzinfo is UTC
    assert explain_due(found), "every due instant can be explained"
    return found.instant.astimezone(zone).replace(tzinfo=None).isoformat(timespec="minutes")


# what each key means


def test_send_now_is_the_anchors_instant() -> None:
    assert due(When(send_now=True), anchor="2026-11-24T13:12") == "2026-11-24T13:12"


def test_a_row_without_any_timing_is_the_anchors_instant() -> None:
    assert due(When(), anchor="2026-11-24T13:12") == "2026-11-24T13:12"


def test_after_is_elapsed_time_across_a_change_of_clocks() -> None:
    assert due(When(after=timedelta(hours=46)), anchor="2026-11-24T16:40") == "2026-11-26T14:40"
    assert due(When(after=timedelta(hours=24)), anchor="2026-03-07T12:00") == "2026-03-08T13:00"


def test_after_on_the_business_clock_is_open_time() -> None:
    rows = When(after=timedelta(hours=2), business_clock=True)
    assert due(rows, anchor="2026-11-25T17:00") == "2026-11-30T09:00"


def test_before_counts_back_from_a_dated_anchor() -> None:
    assert due(When(before=timedelta(hours=24)), anchor="2026-11-27T09:00") == "2026-11-26T09:00"


def test_day_one_is_the_anchors_own_day() -> None:
    assert due(When(day=1, at=time(17, 30)), anchor="2026-11-24T13:12") == "2026-11-24T17:30"
    assert due(When(day=3, at=time(9)), anchor="2026-11-24T23:59") == "2026-11-26T09:00"


def test_a_day_without_a_time_is_at_the_calendars_touch_time() -> None:
    assert due(When(day=3), anchor="2026-11-24T13:12") == "2026-11-26T10:00"
    assert due(When(business_day=2), anchor="2026-11-24T13:12") == "2026-11-25T10:00"


def test_business_day_one_is_the_anchors_day_when_open_else_the_next_open_day() -> None:
    row = When(business_day=1, at=time(17))
    assert due(row, anchor="2026-11-25T09:00") == "2026-11-25T17:00"
    assert due(row, anchor="2026-11-26T09:00") == "2026-11-30T17:00"
    assert due(When(business_day=2, at=time(9)), anchor="2026-11-25T09:00") == "2026-11-30T09:00"


def test_the_next_business_day_is_the_first_open_day_after_the_anchors_day() -> None:
    row = When(next_business_day=time(9, 15))
    assert due(row, anchor="2026-11-24T07:00") == "2026-11-25T09:15"
    assert due(row, anchor="2026-11-25T07:00") == "2026-11-30T09:15"
    assert due(row, anchor="2026-11-28T07:00") == "2026-11-30T09:15"


def test_a_time_alone_is_that_time_on_the_anchors_day() -> None:
    assert due(When(at=time(17)), anchor="2026-11-24T13:12") == "2026-11-24T17:00"


def test_cron_alone_is_the_first_match_at_or_after_the_anchor() -> None:
    row = When(cron="0 9 * * mon-fri")
    assert due(row, anchor="2026-11-27T09:00") == "2026-11-27T09:00"
    assert due(row, anchor="2026-11-27T09:01") == "2026-11-30T09:00"


def test_cron_snaps_what_the_rest_of_the_row_gives() -> None:
    assert due(When(after=timedelta(hours=46), cron="0 9 * * *"), anchor="2026-11-24T16:40") == "2026-11-27T09:00"
    assert due(When(day=3, at=time(8), cron="0 9 * * *"), anchor="2026-11-24T16:40") == "2026-11-26T09:00"
    assert due(When(next_business_day=time(8), cron="0 9 * * wed"), anchor="2026-11-24T16:40") == "2026-11-25T09:00"


def test_a_time_with_after_is_the_first_such_time_once_that_long_has_passed() -> None:
    row = When(after=timedelta(days=2), at=time(9))
    assert due(row, anchor="2026-11-24T08:00") == "2026-11-26T09:00"
    assert due(row, anchor="2026-11-24T16:00") == "2026-11-27T09:00"


def test_a_time_with_before_is_that_time_on_the_day_counted_back_to() -> None:
    assert due(When(before=timedelta(hours=24), at=time(17)), anchor="2026-11-27T09:00") == "2026-11-26T17:00"


# the first row that fits


@pytest.mark.parametrize(
    ("sent", "follow_up", "row"),
    [
        ("2026-11-24T14:59", "2026-11-24T17:00", 0),
        ("2026-11-24T15:00", "2026-11-25T08:15", 1),
        ("2026-11-24T16:40", "2026-11-25T08:15", 1),
        ("2026-11-25T16:40", "2026-11-30T08:15", 1),
        ("2026-11-26T10:00", "2026-11-26T17:00", 0),
    ],
)
def test_an_estimate_sent_before_three_is_followed_up_the_same_day_else_the_next_business_morning(
    sent: str, follow_up: str, row: int
) -> None:
    assert due(*ESTIMATE, anchor=sent, name="estimate.sent") == follow_up
    assert due_instant(ESTIMATE, Anchor("estimate.sent", at(sent)), CHICAGO, SHOP).row == row


def test_the_last_row_always_fits() -> None:
    assert due(When(if_before=time(9), at=time(12)), anchor="2026-11-24T10:00") == "2026-11-24T12:00"


def test_a_touch_without_rows_has_no_time() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        due_instant((), Anchor("", at("2026-11-24T10:00")), CHICAGO, SHOP)


# settled readings


def test_settled_a_wall_time_already_past_on_the_anchors_day_is_due_at_the_anchor_instant() -> None:
    assert due(When(day=1, at=time(10)), anchor="2026-11-24T16:00") == "2026-11-24T16:00"
    assert due(When(business_day=1, at=time(10)), anchor="2026-11-24T16:00") == "2026-11-24T16:00"
    assert due(When(at=time(10)), anchor="2026-11-24T16:00") == "2026-11-24T16:00"
    assert due(When(day=1, at=time(10)), anchor="2026-11-24T10:00") == "2026-11-24T10:00"


def test_settled_whose_clock_for_day_and_at_is_the_leads() -> None:
    """10:30 PM on Monday in Los Angeles is Tuesday at the shop."""
    late = "2026-11-23T22:30"
    assert due(When(day=2, at=time(9)), anchor=late, zone=LOS_ANGELES) == "2026-11-24T09:00"


def test_settled_whose_clock_for_business_day_is_the_leads_and_open_days_are_the_shops() -> None:
    """10:30 PM on Wednesday in Los Angeles is Thanksgiving at the shop."""
    late = "2026-11-25T22:30"
    assert due(When(business_day=1, at=time(23)), anchor=late, zone=LOS_ANGELES) == "2026-11-25T23:00"
    assert due(When(business_day=2, at=time(9)), anchor=late, zone=LOS_ANGELES) == "2026-11-30T09:00"
    assert due(When(next_business_day=time(8)), anchor=late, zone=LOS_ANGELES) == "2026-11-30T08:00"


def test_settled_whose_clock_for_if_before_is_the_leads() -> None:
    """2 PM in Los Angeles is 4 PM at the shop."""
    assert due(*ESTIMATE, anchor="2026-11-24T14:00", zone=LOS_ANGELES) == "2026-11-24T17:00"


def test_settled_cron_with_day_of_month_and_day_of_week_is_either() -> None:
    row = When(cron="0 9 1 * mon")
    assert due(row, anchor="2026-11-24T00:00") == "2026-11-30T09:00"
    assert due(row, anchor="2026-11-30T09:01") == "2026-12-01T09:00"


def test_settled_day_with_cron_and_no_at_counts_from_touch_time_of_that_day() -> None:
    assert due(When(day=3, cron="0 9 * * *"), anchor="2026-11-24T16:00") == "2026-11-27T09:00"
    assert due(When(day=3, cron="0 11 * * *"), anchor="2026-11-24T16:00") == "2026-11-26T11:00"
    assert due(When(day=1, cron="0 11 * * *"), anchor="2026-11-24T16:00") == "2026-11-25T11:00"


def test_settled_observed_holidays_are_closed() -> None:
    """The Fourth of July 2026 is a Saturday, New Year's Day 2028 too."""
    assert due(When(next_business_day=time(9)), anchor="2026-07-02T12:00") == "2026-07-06T09:00"
    assert due(When(next_business_day=time(9)), anchor="2027-12-30T12:00") == "2028-01-03T09:00"


def test_settled_a_task_made_now_is_due_when_the_shop_opens() -> None:
    assert SHOP.next_opening(at("2026-11-25T20:00")) == at("2026-11-30T08:00")
    assert SHOP.next_opening(at("2026-11-25T12:00")) == at("2026-11-25T12:00")


def test_settled_sla_warnings_are_before_the_due_instant_on_the_slas_clock() -> None:
    promised = SHOP.plus_open_time(at("2026-11-25T17:45"), timedelta(minutes=30))
    assert promised == at("2026-11-30T08:15")
    assert SHOP.subtract_open_time(promised, timedelta(minutes=20)) == at("2026-11-25T17:55")


# dates without an hour


def test_a_date_alone_counts_as_its_day_and_no_hour_of_it_has_passed() -> None:
    thursday = "2026-11-26T10:00"
    assert due(When(at=time(9)), anchor=thursday, day_only=True) == "2026-11-26T09:00"
    assert due(When(day=1, at=time(7)), anchor=thursday, day_only=True) == "2026-11-26T07:00"
    assert due(When(day=2), anchor=thursday, day_only=True) == "2026-11-27T10:00"


def test_where_an_instant_is_needed_a_date_alone_is_its_touch_time() -> None:
    thursday = "2026-11-26T10:00"
    assert due(When(send_now=True), anchor=thursday, day_only=True) == "2026-11-26T10:00"
    assert due(When(after=timedelta(hours=2)), anchor=thursday, day_only=True) == "2026-11-26T12:00"
    assert due(When(before=timedelta(hours=24)), anchor=thursday, day_only=True) == "2026-11-25T10:00"
    assert due(When(cron="0 9 * * *"), anchor=thursday, day_only=True) == "2026-11-27T09:00"


def test_a_moment_is_a_date_or_a_date_with_a_time() -> None:
    assert moment("2026-11-26", CHICAGO, time(10)) == (at("2026-11-26T10:00"), True)
    assert moment("2026-11-26T09:00", CHICAGO, time(10)) == (at("2026-11-26T09:00"), False)
    assert moment("2026-11-26 09:00", CHICAGO, time(10)) == (at("2026-11-26T09:00"), False)
    assert moment(" 2026-11-26T09:00:30.25 ", CHICAGO, time(10)) == (at("2026-11-26T09:00:30"), False)


def test_a_moment_without_an_offset_is_on_the_leads_clock() -> None:
    assert moment("2026-11-26T09:00", LOS_ANGELES, time(10))[0] == at("2026-11-26T11:00")
    assert moment("2026-11-26", LOS_ANGELES, time(10))[0] == at("2026-11-26T12:00")


def test_a_moment_with_an_offset_is_that_instant() -> None:
    expected = (datetime(2026, 11, 26, 15, tzinfo=UTC), False)
    for text in ("2026-11-26T15:00Z", "2026-11-26T09:00-06:00", "2026-11-26T09:00-0600", "2026-11-26 16:00:00+01:00"):
        assert moment(text, LOS_ANGELES, time(10)) == expected


def test_a_moment_in_a_gap_is_the_first_instant_that_exists() -> None:
    assert moment("2026-03-08T02:30", CHICAGO, time(10))[0] == at("2026-03-08T03:00")
    assert moment("2026-11-01T01:30", CHICAGO, time(10))[0] == at("2026-11-01T01:30")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("11/26/2026", "is not a date; write 2026-11-26 or 2026-11-26T09:00"),
        ("Thursday", "is not a date"),
        ("", "is not a date"),
        ("20261126", "is not a date"),
        ("2026-11-26T9:00", "is not a date"),
        ("2026-02-29", "is on no calendar"),
        ("2026-11-26T24:00", "is on no calendar or clock"),
        ("2026-11-26T09:00+99:00", "is on no calendar or clock"),
        ("0026-11-26", "is too far away"),
        ("9999-12-31T23:59-12:00", "is too far away"),
    ],
)
def test_anything_else_is_no_moment_and_says_so(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r".+") as refused:
        moment(text, CHICAGO, time(10))
    assert says in str(refused.value)


# changes of clocks, odd zones, leap day


@pytest.mark.parametrize(
    ("zone", "anchor", "at_time", "expected"),
    [
        ("America/Chicago", "2026-03-07T12:00", time(2, 30), "2026-03-08T03:00"),
        ("America/Chicago", "2026-10-31T12:00", time(1, 30), "2026-11-01T01:30"),
        ("America/Havana", "2026-03-07T12:00", time(0), "2026-03-08T01:00"),
        ("Africa/Cairo", "2026-04-23T12:00", time(0, 30), "2026-04-24T01:00"),
        ("America/Santiago", "2026-09-05T12:00", time(0, 15), "2026-09-06T01:00"),
        ("Asia/Beirut", "2026-03-28T12:00", time(0), "2026-03-29T01:00"),
        ("Australia/Lord_Howe", "2026-10-03T12:00", time(2, 15), "2026-10-04T02:30"),
        ("Asia/Kolkata", "2026-11-24T12:00", time(9), "2026-11-25T09:00"),
        ("Pacific/Apia", "2011-12-29T12:00", time(9), "2011-12-31T00:00"),
        ("America/Chicago", "2028-02-28T12:00", time(9), "2028-02-29T09:00"),
    ],
)
def test_day_two_is_on_the_leads_wall_clock_whatever_the_clocks_do(
    zone: str, anchor: str, at_time: time, expected: str
) -> None:
    assert due(When(day=2, at=at_time), anchor=anchor, zone=ZoneInfo(zone)) == expected


def test_the_first_of_two_equal_times_has_passed_in_the_second_of_the_hours() -> None:
    """At the second 1:15, 1:30 has been; the touch is due at once."""
    anchor = Anchor("", at("2026-11-01T01:15", fold=1))
    assert due_instant((When(day=1, at=time(1, 30)),), anchor, CHICAGO, SHOP).instant == anchor.instant


def test_day_366_after_leap_day() -> None:
    assert due(When(day=367, at=time(9)), anchor="2028-02-29T12:00") == "2029-03-01T09:00"


# how it came about


def derivation(*rows: When, anchor: str, name: str = "", day_only: bool = False) -> tuple[str, ...]:
    return explain_due(due_instant(rows, Anchor(name, at(anchor), day_only), CHICAGO, SHOP))


def test_a_day_is_explained_with_its_anchor_and_its_clock() -> None:
    assert derivation(When(day=3), anchor="2026-11-24T13:12") == (
        "day 3 counted from Tue 24 Nov (visit start): Thu 26 Nov",
        "10:00 America/Chicago",
    )


def test_rows_that_did_not_fit_are_explained() -> None:
    assert derivation(*ESTIMATE, anchor="2026-11-25T16:40", name="estimate.sent") == (
        "16:40 is not before 15:00",
        "first open day after Wed 25 Nov (estimate.sent): Mon 30 Nov",
        "08:15 America/Chicago",
    )
    assert derivation(*ESTIMATE, anchor="2026-11-24T14:59", name="estimate.sent")[0] == "14:59 is before 15:00"


def test_a_change_of_clocks_is_explained() -> None:
    assert derivation(When(day=2, at=time(2, 30)), anchor="2026-03-07T12:00")[-1] == (
        "02:30 does not exist that day: moved to 03:00"
    )
    assert derivation(When(day=2, at=time(1, 30)), anchor="2026-10-31T12:00")[-1] == (
        "01:30 comes twice that day: the first counts"
    )


def test_a_time_that_had_passed_is_explained() -> None:
    assert derivation(When(at=time(10)), anchor="2026-11-24T16:00", name="estimate.sent") == (
        "on Tue 24 Nov (estimate.sent)",
        "10:00 America/Chicago",
        "10:00 had passed: due at once, Tue 24 Nov 16:00",
    )
    assert derivation(When(at=time(9)), anchor="2026-11-24T10:00", day_only=True)[-1] == "09:00 America/Chicago"


def test_counted_time_is_explained() -> None:
    assert derivation(When(after=timedelta(hours=46)), anchor="2026-11-24T16:40", name="estimate.sent") == (
        "46h after Tue 24 Nov 16:40 (estimate.sent), America/Chicago",
    )
    assert derivation(
        When(before=timedelta(hours=2)), anchor="2026-11-24T16:40", name="appointment.booked.starts_at"
    ) == ("2h before Tue 24 Nov 16:40 (appointment.booked.starts_at), America/Chicago",)
    assert derivation(When(after=timedelta(hours=2), business_clock=True), anchor="2026-11-24T17:00") == (
        "2h of open time after Tue 24 Nov 17:00 (visit start), America/Chicago",
        "Tue 24 Nov 08:00-18:00: 1h counted",
        "Wed 25 Nov 08:00-18:00: 1h counted",
    )
    assert derivation(When(after=timedelta(days=2), at=time(9)), anchor="2026-11-24T16:00")[-1] == (
        "then at 09:00 on Fri 27 Nov"
    )
    assert derivation(When(send_now=True), anchor="2026-11-24T16:00") == (
        "at Tue 24 Nov 16:00 (visit start), America/Chicago",
    )


def test_a_cron_match_is_explained() -> None:
    assert derivation(When(business_day=3, cron="0 9 * * mon"), anchor="2026-11-24T16:00") == (
        "open day 3 counted from Tue 24 Nov (visit start): Mon 30 Nov",
        "10:00 America/Chicago",
        "first match of 0 9 * * mon at or after Mon 30 Nov 10:00: Mon 7 Dec 09:00 America/Chicago",
    )


def test_a_due_instant_that_needs_an_open_day_says_when_there_is_none() -> None:
    never = Calendar(Hours(((),) * 7), CHICAGO, time(10))
    with pytest.raises(NeverOpens, match="look at business_hours"):
        due_instant((When(next_business_day=time(9)),), Anchor("", at("2026-11-24T16:00")), CHICAGO, never)
