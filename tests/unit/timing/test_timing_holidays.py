"""Holidays a shop keeps."""

from __future__ import annotations

from datetime import date

import pytest

from cadence.timing.holidays import HOLIDAY_NAMES, Holidays, parse_holidays

US = Holidays(("US",))
MAJOR = Holidays(("US-major",))


def closed(holidays: Holidays, year: int) -> list[str]:
    days = (date.fromordinal(n) for n in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()))
    return [day.strftime("%m-%d") for day in days if holidays.includes(day)]


def test_us_is_every_federal_day_with_observed_days() -> None:
    assert closed(US, 2026) == [
        "01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "07-04", "09-07", "10-12", "11-11", "11-26", "12-25",
    ]  # fmt: skip


def test_us_major_is_the_six_days_shops_close_on_with_observed_days() -> None:
    assert closed(MAJOR, 2026) == ["01-01", "05-25", "07-03", "07-04", "09-07", "11-26", "12-25"]
    assert closed(MAJOR, 2027) == ["01-01", "05-31", "07-04", "07-05", "09-06", "11-25", "12-24", "12-25", "12-31"]


def test_new_year_on_a_saturday_is_observed_in_the_year_before() -> None:
    for holidays in (US, MAJOR):
        assert holidays.includes(date(2027, 12, 31))
        assert holidays.name_of(date(2027, 12, 31)) == "New Year's Day (observed)"
        assert holidays.includes(date(2028, 1, 1))
        assert not holidays.includes(date(2026, 12, 31))


def test_a_holiday_has_its_name() -> None:
    assert MAJOR.name_of(date(2026, 11, 26)) == "Thanksgiving Day"
    assert MAJOR.name_of(date(2026, 7, 3)) == "Independence Day (observed)"
    assert MAJOR.name_of(date(2026, 11, 27)) == ""


def test_a_shop_adds_days_of_its_own() -> None:
    holidays = parse_holidays(["US-major", "2026-11-27"])
    assert holidays == Holidays(("US-major",), frozenset({date(2026, 11, 27)}))
    assert holidays.includes(date(2026, 11, 27))
    assert holidays.name_of(date(2026, 11, 27)) == "holiday"
    assert not holidays.includes(date(2027, 11, 27))


@pytest.mark.parametrize(
    ("item", "suggestion"),
    [
        ("us-major", "write US-major"),
        ("US major", "write US-major"),
        ("UK", "write US, US-major or a date"),
        ("11/27/2026", "write US, US-major or a date"),
        ("20261127", "write US, US-major or a date"),
        ("2026-02-30", "write US, US-major or a date"),
    ],
)
def test_an_unknown_holiday_is_refused_with_what_to_write(item: str, suggestion: str) -> None:
    with pytest.raises(ValueError, match="is no holiday") as refused:
        parse_holidays([item])
    assert suggestion in str(refused.value)


def test_an_unknown_set_of_holidays_is_no_quietly_open_calendar() -> None:
    with pytest.raises(ValueError, match="is no set of holidays; write US-major"):
        Holidays(("Us-Major",)).includes(date(2026, 11, 26))


def test_every_named_set_is_described() -> None:
    assert set(HOLIDAY_NAMES) == {"US", "US-major"}
