"""Times, money and phone numbers are written as people write them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cadence.errors import RenderError
from cadence.playbook.blank import Blank, BlankError
from cadence.playbook.filters import FILTERS, clock, day, money, phone, when

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 24, 13, 10, tzinfo=CHICAGO)  # a Tuesday


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (local(2026, 11, 24, 17, 30), "today at 5:30 PM"),
        (local(2026, 11, 24, 8), "today at 8 AM"),
        (local(2026, 11, 25, 7, 30), "tomorrow at 7:30 AM"),
        (local(2026, 11, 26, 8), "Thursday at 8 AM"),
        (local(2026, 11, 30, 8), "Monday at 8 AM"),
        (local(2026, 12, 1, 8), "Tue, Dec 1 at 8 AM"),
        (local(2026, 12, 7, 8), "Mon, Dec 7 at 8 AM"),
        (local(2026, 11, 23, 16, 40), "yesterday at 4:40 PM"),
        (local(2026, 11, 20, 9), "Fri, Nov 20 at 9 AM"),
        (local(2027, 1, 4, 9), "Mon, Jan 4 at 9 AM"),
        (local(2027, 12, 6, 9), "Mon, Dec 6, 2027 at 9 AM"),
        (date(2026, 11, 24), "today"),
        (date(2026, 11, 26), "Thursday"),
        (date(2026, 12, 7), "Mon, Dec 7"),
    ],
)
def test_a_moment_is_said_from_where_the_lead_stands_in_time(moment, said):
    assert when({"now": NOW}, moment) == said


def test_a_moment_of_another_zone_is_said_in_the_leads_zone():
    denver = datetime(2026, 11, 24, 23, 30, tzinfo=ZoneInfo("America/Denver"))
    assert when({"now": NOW}, denver) == "tomorrow at 12:30 AM"
    assert when({"now": NOW}, datetime(2026, 11, 25, 2, tzinfo=UTC)) == "today at 8 PM"


def test_days_are_counted_on_the_calendar_across_a_clock_change():
    before = local(2026, 10, 31, 23, 30)
    assert when({"now": before}, local(2026, 11, 1, 23, 0)) == "tomorrow at 11 PM"


@pytest.mark.parametrize(
    ("hour", "minute", "written"),
    [(0, 0, "12 AM"), (0, 5, "12:05 AM"), (7, 30, "7:30 AM"), (8, 0, "8 AM"), (12, 0, "12 PM"), (23, 59, "11:59 PM")],
)
def test_a_time_of_day_has_no_needless_zeros(hour, minute, written):
    assert clock(local(2026, 11, 24, hour, minute)) == written


def test_a_day_is_written_in_full():
    assert day(local(2026, 11, 26, 9)) == "Thursday, November 26"
    assert day(date(2026, 3, 1)) == "Sunday, March 1"


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (8400, "$8,400"),
        (8400.0, "$8,400"),
        (89.5, "$89.50"),
        (0, "$0"),
        (1234567.891, "$1,234,567.89"),
        (0.005, "$0.01"),
        (-50, "-$50"),
        ("8400", "$8,400"),
        ("$8,400.50", "$8,400.50"),
        (99.999, "$100"),
    ],
)
def test_an_amount_is_written_in_dollars(amount, written):
    assert money(amount) == written


@pytest.mark.parametrize("amount", ["a lot", "", None, True, float("nan"), float("inf"), "1e999999999", [1]])
def test_what_is_no_amount_is_refused_without_repeating_it(amount):
    with pytest.raises(RenderError, match=r"^`money` needs a number$"):
        money(amount)


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("+18165550100", "(816) 555-0100"),
        ("8165550100", "(816) 555-0100"),
        ("18165550100", "(816) 555-0100"),
        ("+447700900123", "+447700900123"),
        ("+1816555", "+1816555"),
        ("call the office", "call the office"),
    ],
)
def test_a_north_american_number_is_written_with_its_area_code_apart(number, written):
    assert phone(number) == written


@pytest.mark.parametrize("name", ["when", "day", "clock", "money", "phone", "upper", "title", "trim", "truncate"])
def test_a_value_that_is_not_known_stays_so_through_a_filter(name):
    blank = Blank("lead.phone")
    result = FILTERS[name]({"now": NOW}, blank) if name == "when" else FILTERS[name](blank)
    assert result is blank


def test_default_takes_the_place_of_what_is_not_known():
    assert FILTERS["default"](Blank("lead.first_name"), "there") == "there"
    assert FILTERS["default"]("Maria", "there") == "Maria"
    assert FILTERS["default"](0, 5) == 0


def test_joining_a_hole_into_a_list_is_an_error():
    with pytest.raises(BlankError):
        FILTERS["join"](["Kansas City", Blank("lead.state")], ", ")


@pytest.mark.parametrize("name", ["when", "day", "clock"])
def test_a_text_is_no_moment(name):
    filter_ = FILTERS[name]
    with pytest.raises(RenderError, match=f"^`{name}` needs"):
        filter_({"now": NOW}, "Thursday") if name == "when" else filter_("Thursday")


def test_a_day_without_an_hour_has_no_clock():
    with pytest.raises(RenderError) as error:
        clock(date(2026, 11, 26))
    assert error.value.help == "use `day` for a date"


def test_when_needs_to_know_the_time():
    with pytest.raises(RenderError, match="what time it is"):
        when({}, NOW + timedelta(hours=1))


def test_a_shortened_text_ends_between_words_and_stays_in_the_sms_alphabet():
    assert FILTERS["truncate"]("two missing shingles above the garage", 20) == "two missing..."
    assert FILTERS["truncate"]("short", 20) == "short"


def test_a_text_cannot_be_blown_up():
    with pytest.raises(RenderError, match="grows past"):
        FILTERS["replace"]("x" * 1000, "x", "y" * 1000)
    with pytest.raises(RenderError, match="grows past"):
        FILTERS["join"](["a"] * 10, "y" * 50_000)
    assert FILTERS["replace"]("leak", "l", "p") == "peak"
