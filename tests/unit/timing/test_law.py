"""The law table: which hours hold for whom."""

from datetime import UTC, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import pytest
import yaml

from cadence.timing.hours import Hours, parse_hours
from cadence.timing.law import ABROAD, FEDERAL, LawTable, Most, abroad, own_rows, parse_most
from cadence.timing.windows import Window, all_open

CHICAGO = ZoneInfo("America/Chicago")


def shipped_data() -> dict:
    return yaml.safe_load(resources.files("cadence").joinpath("data/texting_hours.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def law() -> LawTable:
    return LawTable.from_data(shipped_data())


def allowed(law: LawTable, states: tuple[str, ...], wall: str) -> bool:
    """Whether a text may go at this wall-clock time in Chicago."""
    instant = datetime.fromisoformat(wall).replace(tzinfo=CHICAGO).astimezone(UTC)
    return all_open(instant, [Window(hours, CHICAGO) for hours in law.windows(states)])


def row(state: str, hours: object, **other: object) -> dict:
    return {"state": state, "hours": hours, "basis": "own", "source": "our lawyer", "as_of": "2026-11-22"} | other


def own(state: str, hours: object, **other: object) -> dict:
    return {"state": state, "hours": hours, "source": "our lawyer", "as_of": "2026-11-22"} | other


def test_every_shipped_row_says_where_it_comes_from(law):
    assert all(each.source and each.as_of.year >= 2026 for each in law.rows.values())
    assert {each.basis for each in law.rows.values()} == {"statute", "vendor table"}


@pytest.mark.parametrize(
    ("state", "hours"),
    [
        ("US", "08:00-21:00"),
        ("FL", "08:00-20:00"),
        ("OK", "08:00-20:00"),
        ("MD", "08:00-20:00"),
        ("WA", "08:00-20:00"),
        ("CT", "09:00-20:00"),
        ("TX", {"mon-sat": "09:00-21:00", "sun": "12:00-21:00"}),
        ("MS", {"mon-sat": "08:00-20:00"}),
        ("RI", {"mon-fri": "09:00-18:00", "sat": "10:00-17:00", "sun": "10:00-17:00"}),
    ],
)
def test_the_shipped_hours_of_a_state(law, state, hours):
    assert law.rows[state].hours == Hours(parse_hours(hours))


def test_no_shipped_row_of_a_state_is_looser_than_the_federal_hours(law):
    federal = law.rows[FEDERAL].hours
    for each in law.rows_for(()):
        for day, ours in zip(each.hours.week, federal.week, strict=True):
            assert all(ours[0].start <= span.start and span.end <= ours[0].end for span in day), each.state


def test_the_federal_row_comes_first_and_holds_for_every_state(law):
    assert [each.state for each in law.rows_for(("MO",))] == ["US"]
    assert [each.state for each in law.rows_for(("TX", "LA"))] == ["US", "LA", "TX"]


def test_of_several_candidate_states_all_must_be_open(law):
    assert allowed(law, ("KS",), "2026-11-24T20:30")
    assert not allowed(law, ("KS", "OK"), "2026-11-24T20:30")
    assert allowed(law, ("KS", "OK"), "2026-11-24T19:59")


def test_texas_sundays_begin_at_noon(law):
    assert not allowed(law, ("TX",), "2026-11-22T11:59")
    assert allowed(law, ("TX",), "2026-11-22T12:00")
    assert allowed(law, ("TX",), "2026-11-23T09:00")


def test_no_text_goes_to_mississippi_on_a_sunday(law):
    assert not any(allowed(law, ("MS",), f"2026-11-22T{hour:02}:30") for hour in range(24))


def test_where_no_state_is_known_the_row_of_every_state_holds(law):
    assert law.rows_for(()) == tuple(each for each in law.rows.values() if not each.country)
    assert allowed(law, (), "2026-11-24T10:00")
    assert not allowed(law, (), "2026-11-24T09:59"), "Kentucky begins at ten"
    assert not allowed(law, (), "2026-11-24T18:00"), "Rhode Island ends at six"


def test_a_state_without_a_row_has_the_federal_hours(law):
    assert allowed(law, ("MO",), "2026-11-24T08:00")
    assert not allowed(law, ("MO",), "2026-11-24T21:00"), "the end is outside"


def test_a_number_abroad_is_under_the_row_of_its_country_alone(law):
    assert [each.country for each in law.rows_for((abroad("GB"),))] == ["GB"]
    assert law.rows_for((abroad("IE"),)) == ()
    assert law.rows_for((ABROAD,)) == (), "its country is not known"
    assert law.windows((ABROAD,)) == ()


def test_canada_is_not_california(law):
    assert [each.state for each in law.rows_for(("CA",))] == ["US"]
    assert [each.country for each in law.rows_for((abroad("CA"),))] == ["CA"]


def test_a_country_without_hours_in_its_law_is_open_and_says_so(law):
    british = law.rows[abroad("GB")]
    assert all(allowed(law, (abroad("GB"),), f"2026-11-22T{hour:02}:30") for hour in range(24))
    assert "no hours for texts were found" in british.note


def test_texts_to_france_rest_on_sundays(law):
    assert not any(allowed(law, (abroad("FR"),), f"2026-11-22T{hour:02}:30") for hour in range(24))


@pytest.mark.parametrize("state", ["FL", "MD", "NJ", "OK"])
def test_some_states_number_the_texts_of_a_day(law, state):
    assert law.most((state,)) == (Most(3, timedelta(hours=24)),)
    assert law.most(("MO", state)) == law.most((state,)), "one of the candidates is enough"


def test_where_no_state_is_known_the_texts_are_numbered(law):
    assert law.most(("MO",)) == ()
    assert [str(each) for each in law.most(())] == ["3 in 24h"]


@pytest.mark.parametrize("text", ["3", "0 in 24h", "three in 24h", "3 in 24", "3 per day", "3 in 0h", None])
def test_a_number_that_cannot_be_read_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match="; "):
        parse_most(text)


def test_equal_hours_are_named_once(law):
    assert len(law.windows(("FL", "OK", "MD"))) == 2


def test_a_row_of_ones_own_replaces_the_shipped_one(law):
    mine = law.with_rows(own_rows([own("TX", "10:00-18:00")]))
    assert mine.rows["TX"].basis == "own"
    assert not allowed(mine, ("TX",), "2026-11-24T19:00")
    assert mine.rows["FL"] == law.rows["FL"]
    assert law.rows["TX"].basis == "statute", "the shipped table stays as it is"


def test_a_row_of_ones_own_replaces_the_number_too(law):
    mine = law.with_rows(own_rows([own("FL", "08:00-20:00"), own("MO", "08:00-21:00", most="2 in 7d")]))
    assert mine.most(("FL",)) == ()
    assert mine.most(("MO",)) == (Most(2, timedelta(days=7)),)


def test_a_country_can_be_added(law):
    row_of_ireland = {"country": "IE", "hours": "08:00-20:00", "source": "our own choice", "as_of": "2026-11-22"}
    mine = law.with_rows(own_rows([row_of_ireland]))
    assert not allowed(mine, (abroad("IE"),), "2026-11-24T20:00")
    assert law.rows_for(()) == mine.rows_for(()), "a country abroad is nobody's state"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no row for US"),
        ([row("US", "08:00-21:00"), row("Texas", "09:00-21:00")], "row 2 of the law table names no state"),
        ([row("US", "08:00-21:00"), row("US", "09:00-21:00")], "two rows for US"),
        ([row("US", "8 to 9")], "the row for US of the law table: '8 to 9'"),
        ([row("US", "08:00-21:00", as_of="yesterday")], "the row for US of the law table"),
        ([row("US", "08:00-21:00", basis="hearsay")], "basis of the row for US"),
        ([row("US", "08:00-21:00", limit=3)], "limit"),
        ([{"state": "US", "hours": "08:00-21:00"}], "as_of, basis, source"),
        ([row("US", "08:00-21:00", most="3")], "the row for US of the law table: '3' does not say"),
        ([row("US", "08:00-21:00", country="GB")], "row 1 of the law table names no state and no country"),
    ],
)
def test_a_faulty_table_is_refused_and_the_row_named(rows, message):
    with pytest.raises(ValueError, match=message):
        LawTable.from_data({"rows": rows})
