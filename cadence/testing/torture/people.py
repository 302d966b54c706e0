"""Who comes in: people made to fit a page, each lacking or having something that upsets a clock."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cadence.playbook.compile import Plan

__all__ = ["HOME", "PLACES", "person", "strangers"]

#: Where a person may live: what the program finds out by itself, so that no library of places is asked.
PLACES: Mapping[str, Mapping[str, Any]] = {
    "America/Chicago": {"phone": "+18165550142", "zip": "64110", "states": ["MO"]},
    "America/New_York": {"phone": "+13055550142", "zip": "33101", "states": ["FL"]},
    "America/Phoenix": {"phone": "+16025550142", "zip": "85004", "states": ["AZ"]},
    "America/Havana": {"phone": "+5372051234", "zip": "", "states": ["abroad:CU"]},
}
HOME = "America/Chicago"
_OF_A_PLACE = ("id", "phone", "email", "zip", "state", "timezone", "zones", "zone_source", "states", "name")
#: Every zone of North America, as a number that costs nothing to call may stand for any of them.
_TOLL_FREE = ("America/Adak", "America/Anchorage", "America/Chicago", "America/Denver", "America/New_York")

#: ``lead.x == 'a'``, ``lead.x in ['a', 'b']``; and ``'a' in lead.x``
_SAYS = re.compile(r"lead\.(\w+)\s*(?:==|in)\s*[\[(]?\s*(['\"])(.*?)\2")
_HOLDS = re.compile(r"(['\"])([^'\"]*)\1\s+in\s+lead\.(\w+)")
_NEEDS = re.compile(r"lead\.(\w+)")


def person(plan: Plan, zone: str, like: Mapping[str, Any], instead: Mapping[str, Any]) -> dict[str, Any]:
    """Return somebody whom a page takes, as far as can be read from it, and who has all that it may ask for.

    ``like`` are fields of somebody the page is known to take; ``instead`` those that matter now.
    """
    place = PLACES[zone]
    return {
        **dict.fromkeys(_asked(plan), "20"),
        "name": "Robin Doe",
        "email": "robin@example.com",
        "service": "repair",
        "source": "website",
        **wanted(plan.playbook.enroll_if),
        **{name: value for name, value in like.items() if name not in _OF_A_PLACE},
        **place,
        "zones": [zone],
        "zone_source": "zip" if place["zip"] else "phone",
        **instead,
    }


def strangers(plan: Plan, person: Callable[..., dict[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """Return people of whom little is known, or much, by what is known of them; ``person`` makes them."""
    nowhere: Mapping[str, Any] = {"zones": [], "zone_source": "", "states": []}
    border: Mapping[str, Any] = {"zones": ["America/New_York", "America/Chicago"], "states": ["FL", "AL", "GA"]}
    tolls: Mapping[str, Any] = {"zones": list(_TOLL_FREE), "states": [], "zip": "", "phone": "+18005550142"}
    return {
        "only a phone": person(email="", zip="", name=""),
        "only an e-mail": person(phone="", zip="", **nowhere),
        "no e-mail": person(email=""),
        "no phone": person(phone=""),
        "neither phone nor e-mail": person(phone="", email=""),
        "no ZIP, a number of two zones": person(zip="", phone="+18505550142", zone_source="phone", **border),
        "a toll-free number": person(zone_source="phone", **tolls),
        "a number abroad": person("America/Havana"),
        **{f"scored {bucket}": person(**wanted(said)) for bucket, said in plan.playbook.score.items()},
    }


def wanted(condition: str) -> dict[str, str]:
    """Read from a condition what a lead's record would have to say."""
    said = {name: value for name, _, value in _SAYS.findall(condition)}
    return said | {name: value for _, value, name in _HOLDS.findall(condition)}


def _asked(plan: Plan) -> set[str]:
    """Name the fields that the page's stages require, and those of the shop's own that it speaks of."""
    required = {
        each.path.removeprefix("lead.")
        for stage in plan.playbook.stages.values()
        for each in (*stage.to_enter, *stage.to_leave)
        if each.path.startswith("lead.")
    }
    spoken = {name for condition in plan.playbook.score.values() for name in _NEEDS.findall(condition)}
    return required | (spoken & set(plan.workspace.lead_fields))
