"""Opening hours: reading them, and when they are open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cadence.timing.holidays import Holidays
from cadence.timing.hours import ALWAYS, Hours, HoursError, Span, parse_day, parse_hours

CHICAGO = ZoneInfo("America/Chicago")


def at(text: str, zone: ZoneInfo = CHICAGO, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def test_a_bare_text_means_every_day() -> None:
    assert parse_hours("08:00-20:00") == ((Span(480, 1200),),) * 7


def test_a_list_is_several_spans_a_day_in_any_order() -> None:
    assert parse_hours(["13:00-18:00", "08:00-12:00"]) == ((Span(480, 720), Span(780, 1080)),) * 7


def test_a_map_names_days_and_the_others_are_closed() -> None:
    week = parse_hours({"mon-wed": "08:00-18:00", "fri": ["08:00-12:00", "13:00-17:00"], "sat": "closed"})
    assert [len(day) for day in week] == [1, 1, 1, 0, 2, 0, 0]


def test_a_range_of_days_may_pass_the_weekend() -> None:
    assert [len(day) for day in parse_hours({"sat-mon": "10:00-12:00"})] == [1, 0, 0, 0, 0, 1, 1]


def test_midnight_as_an_end_is_24_00() -> None:
    assert parse_day("00:00-24:00") == (Span(0, 1440),)
    assert parse_day("18:00-00:00") == (Span(1080, 1440),)


def test_a_span_may_cross_midnight() -> None:
    assert parse_day("22:00-02:00") == (Span(1320, 1560),)
    assert parse_day("20:01-08:00") == (Span(1201, 1920),)
    assert str(Span(1320, 1560)) == "22:00-02:00"


def test_hours_on_one_day_may_touch() -> None:
    assert parse_day(["08:00-12:00", "12:00-18:00"]) == (Span(480, 720), Span(720, 1080))


@pytest.mark.parametrize(
    ("value", "code", "path", "says"),
    [
        ("8-18", "bad-hours", (), "write for example 08:00-18:00"),
        ("8am-6pm", "bad-hours", (), "write 08:00-18:00"),
        ("8:00 – 18:00", "bad-hours", (), "write 08:00-18:00"),
        ("08:00-25:00", "bad-hours", (), "no clock shows"),
        ("24:00-26:00", "bad-hours", (), "no clock shows"),
        ("08:60-18:00", "bad-hours", (), "no clock shows"),
        ("08:00-08:00", "bad-hours", (), "00:00-24:00"),
        (800, "bad-hours", (), "write 08:00-18:00"),
        (None, "bad-hours", (), "write 08:00-18:00"),
        ([], "bad-hours", (), "write 08:00-18:00"),
        ({}, "bad-hours", (), "no day is named"),
        ({"mon": None}, "bad-hours", ("mon",), "write 08:00-18:00"),
        ({"mon": ["08:00-12:00", 5]}, "bad-hours", ("mon", 1), "write for example"),
        ("18:00-08:00", "reversed-window", (), "08:00-18:00"),
        ("20:00-08:00", "reversed-window", (), "shorter than 12 hours"),
        ("08:00-00:00", "reversed-window", (), "write 08:00-24:00"),
        (["08:00-12:00", "11:00-18:00"], "overlapping-hours", (1,), "08:00-12:00 and 11:00-18:00"),
        ({"mon": ["11:00-18:00", "08:00-12:00"]}, "overlapping-hours", ("mon", 0), "overlap"),
        ({"sat": "22:00-03:00", "sun": "02:00-10:00"}, "overlapping-hours", ("sat",), "Sunday 02:00-10:00"),
        ({"sun": "22:00-03:00", "mon": "02:00-10:00"}, "overlapping-hours", ("sun",), "Monday 02:00-10:00"),
        (["02:00-10:00", "22:00-03:00"], "overlapping-hours", (), "runs into"),
        ({"Monday": "08:00-18:00"}, "bad-day", ("Monday",), "write mon"),
        ({"Mon-Friday": "08:00-18:00"}, "bad-day", ("Mon-Friday",), "write mon-fri"),
        ({"weekdays": "08:00-18:00"}, "bad-day", ("weekdays",), "days are mon to sun"),
        ({"mon-": "08:00-18:00"}, "bad-day", ("mon-",), "days are mon to sun"),
        ({"mon-fri": "08:00-18:00", "wed": "closed"}, "bad-day", ("wed",), "Wednesday again"),
    ],
)
def test_hours_that_cannot_be_read_say_where_and_what_to_write(
    value: object, code: str, path: tuple[str | int, ...], says: str
) -> None:
    with pytest.raises(HoursError) as refused:
        parse_hours(value)
    assert refused.value.code == code
    assert refused.value.path == path
    assert says in str(refused.value)


def test_the_end_of_a_span_is_outside_it() -> None:
    hours = Hours(parse_hours("08:00-20:00"))
    assert not hours.is_open(at("2026-11-24T07:59:59"), CHICAGO)
    assert hours.is_open(at("2026-11-24T08:00"), CHICAGO)
    assert hours.is_open(at("2026-11-24T19:59:59"), CHICAGO)
    assert not hours.is_open(at("2026-11-24T20:00"), CHICAGO)
    assert hours.closes_at(at("2026-11-24T19:59"), CHICAGO) == at("2026-11-24T20:00")
    assert hours.closes_at(at("2026-11-24T20:00"), CHICAGO) is None


def test_next_open_is_the_instant_itself_when_open_else_the_next_opening() -> None:
    hours = Hours(parse_hours({"mon-fri": "08:00-18:00"}))
    now = at("2026-11-27T17:30:30")
    assert hours.next_open(now, CHICAGO) is now
    assert hours.next_open(at("2026-11-27T18:00"), CHICAGO) == at("2026-11-30T08:00")


def test_hours_that_never_open_have_no_next_opening() -> None:
    assert Hours(((),) * 7).next_open(at("2026-11-24T12:00"), CHICAGO) is None


def test_hours_open_within_400_days_or_not_at_all() -> None:
    far = Hours(((),) * 7, {date(2027, 12, 29): (Span(600, 660),)})
    assert far.next_open(at("2026-11-24T10:00"), CHICAGO) == at("2027-12-29T10:00")
    assert far.next_open(at("2026-11-24T09:59"), CHICAGO) is None


def test_hours_round_the_clock_never_close() -> None:
    assert ALWAYS.is_open(at("2026-11-24T00:00"), CHICAGO)
    assert ALWAYS.closes_at(at("2026-11-24T12:00"), CHICAGO) is None
    nights = Hours(parse_hours({"mon-sat": "00:00-24:00"}))
    assert nights.closes_at(at("2026-11-23T12:00"), CHICAGO) == at("2026-11-29T00:00")


def test_a_span_across_midnight_belongs_to_the_day_it_starts() -> None:
    hours = Hours(parse_hours({"fri": "22:00-02:00"}), {}, Holidays((), frozenset({date(2026, 11, 28)})))
    assert hours.is_open(at("2026-11-28T01:59"), CHICAGO)
    assert not hours.is_open_day(date(2026, 11, 28))
    assert not hours.is_open(at("2026-11-28T02:00"), CHICAGO)
    closed_friday = Hours(parse_hours({"fri": "22:00-02:00"}), {}, Holidays((), frozenset({date(2026, 11, 27)})))
    assert not closed_friday.is_open(at("2026-11-28T01:00"), CHICAGO)


def test_a_dated_exception_wins_over_holidays_and_the_week() -> None:
    hours = Hours(
        parse_hours({"mon-fri": "08:00-18:00"}),
        {date(2026, 11, 26): parse_day("09:00-11:00"), date(2026, 11, 24): (), date(2026, 11, 29): (Span(600, 660),)},
        Holidays(("US-major",)),
    )
    assert hours.spans_on(date(2026, 11, 26)) == (Span(540, 660),)
    assert not hours.is_open_day(date(2026, 11, 24))
    assert hours.is_open(at("2026-11-29T10:30"), CHICAGO)
    assert hours.is_open_day(date(2026, 11, 25))
    assert not hours.is_open_day(date(2026, 12, 25))


def test_observed_holidays_are_closed() -> None:
    hours = Hours(parse_hours("08:00-18:00"), {}, Holidays(("US-major",)))
    assert not hours.is_open(at("2026-07-03T12:00"), CHICAGO)
    assert not hours.is_open(at("2026-07-04T12:00"), CHICAGO)
    assert not hours.is_open(at("2027-12-31T12:00"), CHICAGO)
    assert hours.is_open(at("2026-07-02T12:00"), CHICAGO)


def test_a_night_shift_is_an_hour_shorter_in_march_and_an_hour_longer_in_november() -> None:
    hours = Hours(parse_hours("22:00-06:00"))

    def length(day: date) -> timedelta:
        ((start, end),) = hours.open_intervals(day, day, CHICAGO)
        return end - start

    assert length(date(2026, 3, 6)) == timedelta(hours=8)
    assert length(date(2026, 3, 7)) == timedelta(hours=7)
    assert length(date(2026, 10, 31)) == timedelta(hours=9)


def test_a_door_that_closed_at_the_first_half_past_one_stays_closed_at_the_second() -> None:
    hours = Hours(parse_hours("01:00-01:30"))
    assert hours.is_open(at("2026-11-01T01:29"), CHICAGO)
    assert not hours.is_open(at("2026-11-01T01:00", fold=1), CHICAGO)


def test_hours_inside_a_gap_do_not_happen_that_day() -> None:
    hours = Hours(parse_hours("02:00-02:30"))
    assert list(hours.open_intervals(date(2026, 3, 8), date(2026, 3, 8), CHICAGO)) == []
    assert hours.next_open(at("2026-03-08T01:00"), CHICAGO) == at("2026-03-09T02:00")


def test_open_stretches_that_touch_are_joined() -> None:
    hours = Hours(parse_hours({"fri": ["08:00-12:00", "12:00-24:00"], "sat": "00:00-01:00"}))
    assert list(hours.open_intervals(date(2026, 11, 27), date(2026, 11, 28), CHICAGO)) == [
        (at("2026-11-27T08:00"), at("2026-11-28T01:00"))
    ]


def test_the_same_hours_are_equal_and_count_as_one() -> None:
    def make() -> Hours:
        return Hours(parse_hours("08:00-20:00"), {date(2026, 12, 24): ()}, Holidays(("US",)))

    assert make() == make()
    assert hash(make()) == hash(make())
    assert len({make(), make(), ALWAYS}) == 2
    assert make() != Hours(parse_hours("08:00-20:00"), {}, Holidays(("US",)))


def test_hours_do_not_change_when_the_map_they_were_made_of_does() -> None:
    dated = {date(2026, 12, 24): (Span(480, 720),)}
    hours = Hours(parse_hours("08:00-18:00"), dated)
    dated.clear()
    assert hours.spans_on(date(2026, 12, 24)) == (Span(480, 720),)


def test_a_day_that_a_zone_left_out_has_no_hours() -> None:
    apia = ZoneInfo("Pacific/Apia")
    hours = Hours(parse_hours("08:00-18:00"))
    assert list(hours.open_intervals(date(2011, 12, 30), date(2011, 12, 30), apia)) == []
    assert hours.next_open(at("2011-12-29T18:00", apia), apia) == at("2011-12-31T08:00", apia)


@pytest.mark.parametrize("name", ["Asia/Kolkata", "Pacific/Apia", "America/Chicago", "Pacific/Honolulu"])
def test_night_shifts_are_open_on_every_morning_of_a_month(name: str) -> None:
    zone = ZoneInfo(name)
    hours = Hours(parse_hours("21:30-09:00"))
    for day in range(1, 31):
        assert hours.is_open(at(f"2026-11-{day:02}T08:59", zone), zone)
        assert not hours.is_open(at(f"2026-11-{day:02}T09:00", zone), zone)
        assert hours.closes_at(at(f"2026-11-{day:02}T00:00", zone), zone) == at(f"2026-11-{day:02}T09:00", zone)
