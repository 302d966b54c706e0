"""One lead's clock under one plan: the zone of its days, and the windows in which it may be written to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cadence.playbook.words import PHONE_CHANNELS
from cadence.timing.timeline import Timeline, at_second, second_of
from cadence.timing.windows import Window, common_times
from cadence.timing.zones import LeadZones, lead_zones

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cadence.playbook.compile import Plan
    from cadence.timing.hours import Hours
    from cadence.timing.law import Most

__all__ = ["LeadClock", "lead_clock"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeadClock:
    """Zones and windows of one lead."""

    zones: LeadZones
    zone: ZoneInfo  #: the zone of the lead's days and hours
    lawful: Timeline | None  #: when the law lets one call a US number to sell something; None: not known
    open_times: Mapping[str, Timeline]  #: channel -> when all its windows are open; a channel without has none
    most: tuple[Most, ...] = ()  #: how many texts the law allows in how long; all of them hold

    def next_open(self, channel: str, instant: datetime) -> datetime | None:
        """Return the first instant at or after ``instant`` when the channel may be used; None if never."""
        times = self.open_times.get(channel)
        return instant if times is None else _next_open(times, instant)

    def closes(self, channel: str, instant: datetime) -> datetime | None:
        """Return when the window that is open at ``instant`` closes; None when it is closed, or never closes."""
        times = self.open_times.get(channel)
        return None if times is None else _closes(times, instant)


def lead_clock(plan: Plan, record: Mapping[str, Any]) -> LeadClock:
    """Return the clock of a lead; ``record`` carries ``zones``, ``zone_source`` and ``states``."""
    return _clock(
        plan,
        tuple(record.get("zones", ())),
        str(record.get("zone_source", "")),
        tuple(record.get("states", ())),
    )


@lru_cache(maxsize=4096)
def _next_open(times: Timeline, instant: datetime) -> datetime | None:
    """Find an opening; kept, because those who live by the same windows are looked at at the same instants."""
    second = second_of(instant)
    opening = times.next_open(second)
    if opening is None:
        return None
    return instant if opening == second else at_second(opening)


@lru_cache(maxsize=4096)
def _closes(times: Timeline, instant: datetime) -> datetime | None:
    closing = times.closes_at(second_of(instant))
    return None if closing is None else at_second(closing)


@lru_cache(maxsize=4096)
def _clock(plan: Plan, candidates: tuple[str, ...], source: str, states: tuple[str, ...]) -> LeadClock:
    law = plan.law.windows(states)
    hours = {
        channel: (own, *law) if channel in PHONE_CHANNELS else (own,)
        for channel, own in plan.playbook.send_windows.items()
    }
    calls = dict.fromkeys(row.hours for row in plan.law.rows_for(states) if not row.country)
    business = plan.workspace.business.timezone
    zones = lead_zones(candidates, source, business, [each for group in hours.values() for each in group])

    def together(group: Iterable[Hours]) -> Timeline:
        return common_times(tuple(Window(hours=each, zone=zone) for each in group for zone in zones.zones))

    return LeadClock(
        zones=zones,
        zone=zones.zone,
        lawful=together(calls) if calls else None,
        open_times={channel: together(group) for channel, group in hours.items()},
        most=plan.law.most(states),
    )
