"""Where a lead may be: by what was given, by ZIP code, by phone number."""

import json
import runpy
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from cadence.leads.places import Places, places_of
from cadence.timing.law import ABROAD, abroad
from cadence.timing.zones import MAX_ZONES, lead_zones

ROOT = Path(__file__).resolve().parents[3]


def zones_that_differ(places: Places) -> list[str]:
    """The zones by which a lead's hours are judged, equal clocks named once."""
    return [zone.key for zone in lead_zones(places.zones, places.zone_source, "America/Denver", []).zones]


def test_a_zone_given_with_the_lead_wins():
    places = places_of({"timezone": "America/Phoenix", "zip": "64110", "phone": "+12125550142"})
    assert places == Places(("America/Phoenix",), "lead", ("MO",))


def test_the_zip_code_comes_before_the_phone():
    places = places_of({"zip": "64110", "phone": "+12125550142"})
    assert places == Places(("America/Chicago",), "zip", ("MO",))


@pytest.mark.parametrize(
    ("zip_code", "zone", "state"),
    [
        ("02139", "America/New_York", "MA"),
        ("85001", "America/Phoenix", "AZ"),
        ("83814", "America/Los_Angeles", "ID"),
        ("79901", "America/Denver", "TX"),
        ("32501", "America/Chicago", "FL"),
        ("99501", "America/Anchorage", "AK"),
        ("00901", "America/Puerto_Rico", "PR"),
    ],
)
def test_zip_codes_that_are_easily_got_wrong(zip_code, zone, state):
    assert places_of({"zip": zip_code}) == Places((zone,), "zip", (state,))


@pytest.mark.parametrize("zip_code", ["99999", "09012", "64110x", "６４１１０"])
def test_a_zip_without_a_zone_counts_as_not_given(zip_code):
    """09012 is an army post office; its row has no zone."""
    assert places_of({"zip": zip_code, "phone": "+18165550142"}).zone_source == "phone"


def test_the_state_of_the_lead_wins_over_zip_and_phone():
    assert places_of({"state": "TX", "zip": "64110", "phone": "+12125550142"}).states == ("TX",)


def test_an_area_code_gives_every_state_it_is_used_in_the_likeliest_first():
    assert places_of({"phone": "+18165550142"}).states == ("MO", "KS")


@pytest.mark.parametrize(
    ("area_code", "zones"),
    [
        ("816", ["America/Chicago"]),
        ("812", ["America/Indiana/Indianapolis", "America/Chicago"]),
        ("850", ["America/Chicago", "America/New_York"]),
        ("906", ["America/Detroit", "America/Menominee"]),
        ("907", ["America/Anchorage", "America/Adak"]),
        ("605", ["America/Chicago", "America/Denver"]),
    ],
)
def test_an_area_code_across_a_border_gives_every_zone(area_code, zones):
    places = places_of({"phone": f"+1{area_code}5550142"})
    assert places.zone_source == "phone"
    assert zones_that_differ(places) == zones


def test_no_area_code_has_more_zones_than_count_as_an_answer():
    codes = json.loads(resources.files("cadence").joinpath("data/area_codes.json").read_text(encoding="utf-8"))["codes"]
    for code in codes:
        places = places_of({"phone": f"+1{code}5550142"})
        assert len(zones_that_differ(places)) <= MAX_ZONES, code
        assert places.zone_source == "phone", code


@pytest.mark.parametrize("phone", ["+18005550142", "+18885550142", "+15005550006"])
def test_a_number_without_a_place_gives_too_many_zones_and_no_state(phone):
    places = places_of({"phone": phone})
    assert len(places.zones) > MAX_ZONES
    assert places.states == ()
    assert lead_zones(places.zones, places.zone_source, "America/Denver", []).source == "business"


def test_an_area_code_newer_than_the_zip_data_gives_the_zone_and_no_state():
    """324 was added in Jacksonville, Florida, in 2024."""
    assert places_of({"phone": "+13245550142"}) == Places(("America/New_York",), "phone", ())


@pytest.mark.parametrize(
    ("phone", "zone", "country"),
    [("+442079460123", "Europe/London", "GB"), ("+14165550142", "America/Toronto", "CA")],
)
def test_a_foreign_number_is_under_the_law_of_its_country(phone, zone, country):
    assert places_of({"phone": phone}) == Places((zone,), "phone", (abroad(country),))


def test_a_number_of_no_country_is_abroad_all_the_same():
    assert places_of({"phone": "+883510000000000"}).states == (ABROAD,)


def test_a_foreign_number_of_somebody_in_the_us_is_under_us_law():
    assert places_of({"phone": "+14165550142", "zip": "64110"}).states == ("MO",)


def test_a_territory_is_not_abroad():
    assert places_of({"phone": "+17875550142"}) == Places(("America/Puerto_Rico",), "phone", ("PR",))


@pytest.mark.parametrize(
    "attributes", [{}, {"timezone": "Mars/Olympus"}, {"phone": "+15555550100"}, {"phone": "words"}]
)
def test_nothing_known_leaves_the_business_zone(attributes):
    assert places_of(attributes) == Places((), "business", ())


def test_the_geocoder_and_the_zip_data_are_not_loaded_for_nothing():
    code = (
        "import sys; from cadence.leads.places import places_of;"
        "assert not {'phonenumbers', 'zipcodes'} & sys.modules.keys();"
        "places_of({'phone': '+18165550142'});"
        "assert not {'phonenumbers.geocoder', 'zipcodes'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_area_code_table_is_what_the_tool_makes():
    tool = runpy.run_path(str(ROOT / "tools" / "make_area_codes.py"))
    assert tool["FILE"].read_text(encoding="utf-8") == tool["area_codes"]()
