"""Days that people name, on their own calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cadence.inbox.dates import instant_of, named_days
from cadence.playbook.phrases import read_text

CHICAGO = ZoneInfo("America/Chicago")
TUESDAY = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)  #: 24 Nov 2026, 13:10 in Chicago


def days(text: str, at: datetime = TUESDAY) -> list[str]:
    """List the days named, those that are near with a mark."""
    return [f"{named.day}{' near' if named.near else ''}" for named in named_days(read_text(text).words, at, CHICAGO)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("next week", "2026-11-30"),
        ("the week after next", "2026-12-07"),
        ("after next week", "2026-12-07"),
        ("next month", "2026-12-01"),
        ("next year", "2027-01-02"),
        ("in two weeks", "2026-12-08"),
        ("in a couple of weeks", "2026-12-08"),
        ("in a few weeks", "2026-12-15"),
        ("in 6-8 weeks", "2027-01-19"),
        ("in a week or two", "2026-12-08"),
        ("a month from now", "2026-12-24"),
        ("in 3 months", "2027-02-24"),
        ("in a year", "2027-11-24"),
        ("give me another 10 days", "2026-12-04"),
        ("in March", "2027-03-01"),
        ("after March", "2027-04-01"),
        ("mid January", "2027-01-15"),
        ("late February", "2027-02-25"),
        ("in November", "2027-11-01"),
        ("December 3", "2026-12-03"),
        ("Dec 3rd, 2026", "2026-12-03"),
        ("the 3rd of December", "2026-12-03"),
        ("after the 15th", "2026-12-16"),
        ("until the 28th", "2026-11-28"),
        ("until 12/14", "2026-12-14"),
        ("until 14/12", "2026-12-14"),
        ("until 1/5/27", "2027-01-05"),
        ("2026-12-24", "2026-12-24"),
        ("through November 29", "2026-11-30"),
        ("after the holidays", "2027-01-02"),
        ("after Christmas", "2026-12-26"),
        ("after Thanksgiving", "2026-11-27"),
        ("after New Year's", "2027-01-02"),
        ("after the first of the year", "2027-01-02"),
        ("after tax season", "2027-04-16"),
        ("in the spring", "2027-03-01"),
        ("after the summer", "2027-09-01"),
        ("after the weekend", "2026-11-30"),
        ("end of the month", "2026-11-30"),
        ("end of the year", "2026-12-31"),
        ("la próxima semana", "2026-11-30"),
        ("la semana que viene", "2026-11-30"),
        ("el mes que viene", "2026-12-01"),
        ("en dos semanas", "2026-12-08"),
        ("hasta el 7 de diciembre", "2026-12-07"),
        ("después del 15 de enero de 2027", "2027-01-16"),
        ("en marzo", "2027-03-01"),
        ("después de las fiestas", "2027-01-02"),
        ("en la primavera", "2027-03-01"),
        ("tomorrow", "2026-11-25 near"),
        ("on Friday", "2026-11-27 near"),
        ("next Monday", "2026-11-30 near"),
        ("el lunes", "2026-11-30 near"),
        ("hoy", "2026-11-24 near"),
    ],
)
def test_a_day_that_is_named(text: str, day: str) -> None:
    assert days(text) == [day]


@pytest.mark.parametrize(
    "text",
    [
        "two weeks ago",
        "I have been waiting two weeks",
        "hace dos semanas",
        "we may want it",
        "march in and look",
        "in 100 years",
        "February 30",
        "until 99/99",
        "the fall from the roof",
        "2 bathrooms",
        "por la mañana",
        "in 999 months",
    ],
)
def test_what_is_no_day_to_come(text: str) -> None:
    assert days(text) == []


def test_next_week_said_on_a_sunday_night_is_the_day_after() -> None:
    """The person's calendar counts, not UTC's: it is Monday there already."""
    assert days("next week", datetime(2026, 11, 30, 3, 0, tzinfo=UTC)) == ["2026-11-30"]


def test_a_month_that_runs_is_that_of_the_next_year_and_feasts_that_are_over_too() -> None:
    assert days("after Christmas", datetime(2026, 12, 20, 18, 0, tzinfo=UTC)) == ["2026-12-26"]
    assert days("after Christmas", datetime(2026, 12, 27, 18, 0, tzinfo=UTC)) == ["2027-12-26"]
    assert days("in a month", datetime(2027, 1, 31, 18, 0, tzinfo=UTC)) == ["2027-02-28"]


def test_a_day_begins_at_nine_in_the_morning_there() -> None:
    (named,) = named_days(read_text("next week").words, TUESDAY, CHICAGO)

    assert instant_of(named.day, CHICAGO) == datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
