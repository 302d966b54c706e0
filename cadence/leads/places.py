"""Where a lead may be: time zones and states, from the best that is known about them.

A phone number is a guess (people move and keep it), so it gives every zone and state in which its area code is
used. What that means for sending is decided elsewhere: :func:`cadence.timing.zones.lead_zones` and
:class:`cadence.timing.law.LawTable`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from cadence.leads.fields import STATES
from cadence.timing.law import ABROAD, abroad
from cadence.timing.zones import find_zone

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Places", "places_of"]

_FEW = 4  #: more zones than this for one prefix mean that the numbering plan does not know
_US_REGIONS = frozenset({"US", "PR", "GU", "VI", "AS", "MP"})

_Found = tuple[tuple[str, ...], tuple[str, ...]]  # zones, states


@dataclass(frozen=True, slots=True)
class Places:
    """Where a lead may be, as far as the first source with an answer says."""

    zones: tuple[str, ...]  #: IANA names, the likeliest first; empty: only the business's zone is left
    zone_source: Literal["lead", "zip", "phone", "business"]  #: what the zones were read from
    states: tuple[
        str, ...
    ]  #: two-letter codes, the likeliest first; of a foreign number its country, as ``abroad:GB``; empty: unknown


def places_of(attributes: Mapping[str, Any]) -> Places:
    """Tell where a lead may be.

    Zones: given with the lead, else by its ZIP code, else by its phone number. States: given with the lead, else
    by ZIP code, else by area code. A ZIP code that is not in the table, or has no zone there, counts as not given.
    Toll-free numbers give every zone of North America, and no state.
    """
    given, state, zip_code, phone = (
        str(attributes.get(field) or "") for field in ("timezone", "state", "zip", "phone")
    )
    zones: tuple[str, ...] = (given,) if _is_zone(given) else ()
    states: tuple[str, ...] = (state,) if state in STATES else ()
    source: Literal["lead", "zip", "phone", "business"] = "lead" if zones else "business"
    if zip_code and not (zones and states):
        zip_zones, zip_states = _by_zip(zip_code)
        if not zones and zip_zones:
            zones, source = zip_zones, "zip"
        states = states or zip_states
    if phone and not (zones and states):
        phone_zones, phone_states = _by_phone(phone)
        if not zones and phone_zones:
            zones, source = phone_zones, "phone"
        states = states or phone_states
    return Places(zones, source, states)


@lru_cache(maxsize=65536)
def _by_zip(code: str) -> _Found:
    import zipcodes

    if not (len(code) == 5 and code.isascii() and code.isdigit()):
        return (), ()
    matching: list[dict[str, Any]] = zipcodes.matching(code)  # type: ignore[no-untyped-call]
    found = [place for place in matching if _is_zone(place["timezone"])]
    zones = tuple(dict.fromkeys(place["timezone"] for place in found))
    return zones, tuple(dict.fromkeys(place["state"] for place in found if place["state"] in STATES))


@lru_cache(maxsize=65536)
def _by_phone(phone: str) -> _Found:
    import phonenumbers
    from phonenumbers import timezone

    try:
        number = phonenumbers.parse(phone, "US")
    except phonenumbers.NumberParseException:
        return (), ()
    named = tuple(zone for zone in timezone.time_zones_for_number(number) if _is_zone(zone))
    region = phonenumbers.region_code_for_number(number)
    if number.country_code != 1 or (region is not None and region not in _US_REGIONS):
        return named, (abroad(region) if region and region.isalpha() else ABROAD,)
    zones, states = _area_codes().get(str(number.national_number)[:3], ((), ()))
    if not zones:
        return named, ()
    return tuple(dict.fromkeys((*zones, *(named if len(named) <= _FEW else ())))), states


@lru_cache(maxsize=1)
def _area_codes() -> dict[str, _Found]:
    text = resources.files("cadence").joinpath("data/area_codes.json").read_text(encoding="utf-8")
    return {code: (tuple(row["zones"]), tuple(row["states"])) for code, row in json.loads(text)["codes"].items()}


@lru_cache(maxsize=1024)
def _is_zone(name: str) -> bool:
    """Whether it is a time zone of a place: not empty, not a slip of the data, not ``Etc/Unknown``."""
    try:
        return bool(name) and not name.startswith("Etc/") and find_zone(name) is not None
    except ValueError:
        return False
