"""Time zones of leads and shops."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

import pytest

from cadence.timing.hours import ALWAYS, Hours, parse_hours
from cadence.timing.zones import find_zone, lead_zones, same_clock

DAYTIME = Hours(parse_hours("08:00-20:00"))
MORNING = Hours(parse_hours("08:00-10:00"))
HOME = "America/Chicago"


def keys(zones: tuple[ZoneInfo, ...]) -> list[str]:
    return [zone.key for zone in zones]


def test_a_zone_is_found_by_its_iana_name() -> None:
    assert find_zone("America/Chicago") is ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("america/chicago", "America/Chicago"),
        ("America/Chicgo", "America/Chicago"),
        ("Chicago", "America/Chicago"),
        ("new york", "America/New_York"),
        ("CST", "America/Chicago"),
        ("Pacific Time", "America/Los_Angeles"),
        ("Central Standard Time", "America/Chicago"),
    ],
)
def test_an_unknown_zone_is_refused_with_the_one_probably_meant(name: str, meant: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone") as refused:
        find_zone(name)
    assert f"did you mean {meant}?" in str(refused.value)


@pytest.mark.parametrize(
    "name", ["", "America", "../etc/passwd", "/etc/passwd", "Etc/Unknown", "localtime", "zone.tab", "qq"]
)
def test_what_is_no_place_is_no_zone(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        find_zone(name)


def test_zones_that_tell_the_same_time_are_one_clock() -> None:
    assert same_clock(ZoneInfo("America/Detroit"), ZoneInfo("America/New_York"))
    assert same_clock(ZoneInfo("US/Central"), ZoneInfo("America/Chicago"))
    assert not same_clock(ZoneInfo("America/Phoenix"), ZoneInfo("America/Denver"))
    assert not same_clock(ZoneInfo("America/Phoenix"), ZoneInfo("America/Los_Angeles"))


def test_a_zone_that_broke_step_in_2022_is_a_clock_of_its_own() -> None:
    assert not same_clock(ZoneInfo("America/Ojinaga"), ZoneInfo("America/Denver"))


def test_the_only_candidate_is_the_leads_zone() -> None:
    lead = lead_zones(["America/Denver"], "zip", HOME, [DAYTIME])
    assert (lead.zone.key, keys(lead.zones), lead.source, lead.gap) == ("America/Denver", ["America/Denver"], "zip", "")


def test_without_candidates_the_business_zone_holds() -> None:
    lead = lead_zones([], "phone", HOME, [DAYTIME])
    assert (lead.zone.key, keys(lead.zones), lead.source, lead.gap) == (HOME, [HOME], "business", "")


def test_unknown_names_are_left_out() -> None:
    lead = lead_zones(["Etc/Unknown", "Napakiak", "America/Denver"], "zip", HOME, [DAYTIME])
    assert keys(lead.zones) == ["America/Denver"]
    assert lead_zones(["Etc/Unknown"], "phone", HOME, [DAYTIME]).source == "business"


def test_whose_clock_the_business_zone_where_it_is_one_of_several_candidates() -> None:
    lead = lead_zones(["America/New_York", "America/Menominee"], "phone", HOME, [DAYTIME])
    assert lead.zone.key == HOME
    assert keys(lead.zones) == ["America/New_York", "America/Menominee"]
    assert lead.source == "phone"


def test_whose_clock_the_first_candidate_where_the_business_zone_is_none_of_them() -> None:
    lead = lead_zones(["America/Denver", "America/Los_Angeles"], "phone", HOME, [DAYTIME])
    assert lead.zone.key == "America/Denver"


def test_windows_hold_in_every_candidate_and_equal_clocks_count_once() -> None:
    lead = lead_zones(["America/New_York", "America/Detroit", "America/Chicago"], "phone", HOME, [DAYTIME])
    assert keys(lead.zones) == ["America/New_York", "America/Chicago"]


FOUR = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"]


def test_four_zones_are_an_answer_and_five_are_not() -> None:
    assert keys(lead_zones(FOUR, "phone", HOME, [DAYTIME]).zones) == FOUR
    lead = lead_zones([*FOUR, "America/Anchorage"], "phone", HOME, [DAYTIME])
    assert (lead.zone.key, keys(lead.zones), lead.source) == (HOME, [HOME], "business")
    assert "more than 4 time zones" in lead.gap
    assert "ZIP" in lead.gap


def test_zones_without_a_common_hour_are_no_answer() -> None:
    lead = lead_zones(["America/New_York", "America/Los_Angeles"], "phone", HOME, [DAYTIME, MORNING])
    assert (keys(lead.zones), lead.source) == ([HOME], "business")
    assert "ZIP" in lead.gap


def test_one_common_hour_a_week_in_every_window_is_enough() -> None:
    pair = ["America/New_York", "America/Chicago"]
    one_hour = Hours(parse_hours({"mon": "08:00-10:00"}))
    less = Hours(parse_hours({"mon": "08:00-09:59"}))
    assert lead_zones(pair, "phone", HOME, [DAYTIME, one_hour]).gap == ""
    assert lead_zones(pair, "phone", HOME, [DAYTIME, less]).gap != ""


def test_the_common_hour_must_last_through_summer_and_winter() -> None:
    """Phoenix keeps Denver's time in winter and Los Angeles' in summer."""
    pair = ["America/Phoenix", "America/Denver"]
    assert lead_zones(pair, "phone", HOME, [Hours(parse_hours({"mon": "08:00-09:30"}))]).gap != ""
    assert lead_zones(pair, "phone", HOME, [Hours(parse_hours({"mon": "08:00-10:00"}))]).gap == ""


def test_a_toll_free_number_fits_the_whole_country_and_says_nothing() -> None:
    everywhere = sorted(name for name in available_timezones() if name.startswith("America/"))[::8]
    lead = lead_zones(everywhere, "phone", HOME, [ALWAYS])
    assert lead.zone.key == HOME
    assert "ZIP" in lead.gap


def test_the_business_zone_must_exist() -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        lead_zones([], "business", "America/Chicgo", [DAYTIME])
