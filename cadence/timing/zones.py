"""Time zones: finding one by name, telling equal clocks, and choosing those a lead may live by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cadence.timing.hours import Hours
from cadence.timing.timeline import second_of
from cadence.timing.windows import Window, common_times

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MAX_ZONES", "LeadZones", "find_zone", "lead_zones", "same_clock"]

#: More zones than this are no answer to where a lead lives.
MAX_ZONES = 4

_WEEK = 7 * 86_400
_HOUR = 3_600
_COMPARED = (second_of(datetime(2020, 1, 1, tzinfo=UTC)), second_of(datetime(2038, 1, 1, tzinfo=UTC)))
#: One week of winter and one of summer, from a Monday: common hours must hold in both.
_SAMPLE_WEEKS = (second_of(datetime(2027, 1, 11, tzinfo=UTC)), second_of(datetime(2027, 7, 12, tzinfo=UTC)))
_NOT_PLACES = ("localtime", "posixrules", "Factory")
_USUAL = {
    "eastern": "America/New_York",
    "est": "America/New_York",
    "edt": "America/New_York",
    "et": "America/New_York",
    "central": "America/Chicago",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "ct": "America/Chicago",
    "mountain": "America/Denver",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "mt": "America/Denver",
    "pacific": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "pt": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
}


@dataclass(frozen=True, slots=True)
class LeadZones:
    """The zones a lead may live in, as far as known."""

    zone: ZoneInfo  #: the clock for days, times and ``now``
    zones: tuple[ZoneInfo, ...]  #: send windows must be open in every one
    source: str  #: where the answer came from, such as ``zip`` or ``business``
    gap: str  #: what to ask the lead for, and why; empty when nothing is missing


def find_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises ValueError with a suggestion when there is none."""
    zone = _zone(name)
    if zone is None:
        raise ValueError(f"'{name}' is not a time zone; {_suggestion(name)}")
    return zone


@lru_cache(maxsize=4096)
def same_clock(a: ZoneInfo, b: ZoneInfo) -> bool:
    """Whether clocks in both zones show the same time from 2020 to 2037."""
    return a is b or a.key == b.key or _clock(a) == _clock(b)


def lead_zones(candidates: Sequence[str], source: str, business: str, windows: Sequence[Hours]) -> LeadZones:
    """Choose the zones for a lead from the names one source allows, in that source's order.

    Zones that tell the same time count once; unknown names are left out. Where more than four are left, or
    some window has less than an hour a week that is common to all, the business's zone holds alone and
    ``gap`` asks for the ZIP code. Raises ValueError when ``business`` is no zone.
    """
    return _lead_zones(tuple(candidates), source, business, tuple(windows))


@lru_cache(maxsize=4096)
def _lead_zones(candidates: tuple[str, ...], source: str, business: str, windows: tuple[Hours, ...]) -> LeadZones:
    home = find_zone(business)
    zones: list[ZoneInfo] = []
    for name in candidates:
        zone = _zone(name)
        if zone is not None and not any(same_clock(zone, known) for known in zones):
            zones.append(zone)
        if len(zones) > MAX_ZONES:
            break
    if not zones:
        return LeadZones(home, (home,), "business", "")
    why = _no_answer(zones, windows)
    if why:
        return LeadZones(home, (home,), "business", f"{why}: ask for the ZIP code")
    one_is_home = len(zones) > 1 and any(same_clock(zone, home) for zone in zones)
    return LeadZones(home if one_is_home else zones[0], tuple(zones), source, "")


def _no_answer(zones: Sequence[ZoneInfo], windows: Sequence[Hours]) -> str:
    """Why these zones do not say when to write to the lead; empty when they do."""
    if len(zones) > MAX_ZONES:
        return f"the lead may live in any of more than {MAX_ZONES} time zones"
    if len(zones) > 1 and not all(_share_an_hour(hours, zones) for hours in windows):
        return f"the lead may live in {len(zones)} time zones that share no hour for messages"
    return ""


def _share_an_hour(hours: Hours, zones: Sequence[ZoneInfo]) -> bool:
    weekly = Hours(hours.week)
    common = common_times(tuple(Window(weekly, zone) for zone in zones))
    return all(common.open_seconds(week, week + _WEEK) >= _HOUR for week in _SAMPLE_WEEKS)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    if name in _NOT_PLACES or name.startswith(("posix/", "right/")):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


@lru_cache(maxsize=1024)
def _clock(zone: ZoneInfo) -> tuple[tuple[int, int], ...]:
    """Every change of offset from 2020 to 2037 as (POSIX second, offset in seconds), from the first offset on.

    Looks once a week: no zone changes its clock and back within one.
    """
    start, stop = _COMPARED
    changes = [(start, _offset(start, zone))]
    for second in range(start, stop, _WEEK):
        if _offset(second, zone) != changes[-1][1]:
            early, late = second - _WEEK, second
            while late - early > 1:
                middle = (early + late) // 2
                if _offset(middle, zone) == changes[-1][1]:
                    early = middle
                else:
                    late = middle
            changes.append((late, _offset(late, zone)))
    return tuple(changes)


def _offset(second: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _suggestion(name: str) -> str:
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    known = available_timezones()
    word = name.strip().lower().removesuffix(" time").removesuffix(" standard").removesuffix(" daylight")
    if word in _USUAL:
        return f"did you mean {_USUAL[word]}?"
    spelled = {zone.lower(): zone for zone in known}
    tails = {zone.lower().rpartition("/")[2]: zone for zone in sorted(known, reverse=True)}
    wanted = name.strip().lower().replace(" ", "_")
    found = spelled.get(wanted) or tails.get(wanted)
    if not found:
        close = get_close_matches(wanted, spelled, n=1, cutoff=0.7) or get_close_matches(wanted, tails, n=1)
        found = spelled.get(close[0]) or tails[close[0]] if close else ""
    return f"did you mean {found}?" if found else "names look like America/Chicago"
