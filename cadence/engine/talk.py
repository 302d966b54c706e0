"""What a talk track tells besides its words: what time it is at the lead's, and when the law lets one call there.

No hours hold a colleague back: people mind them themselves, and here they read them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.playbook.filters import clock as time_of_day
from cadence.timing.timeline import at_second, merged, second_of
from cadence.timing.wall import local, local_day, say_day, start_of_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cadence.engine.clock import LeadClock

__all__ = ["with_hours"]


def with_hours(body: str, clock: LeadClock, at: datetime) -> str:
    """Return a talk track with the lead's local time at the instant the call is due, and that day's lawful hours."""
    there = " or ".join(dict.fromkeys(_time_in(zone, at) for zone in clock.zones.zones))
    lines = [f"Their time when this is due: {there}."]
    if clock.lawful is not None:
        spans = [f"{time_of_day(first)} to {time_of_day(last)}" for first, last in _spans(clock, at)]
        allowed = f"The law allows sales calls there from {' and '.join(spans)} that day."
        lines.append(allowed if spans else "The law allows no sales calls there that day.")
    return "\n\n".join(filter(None, (body, " ".join(lines))))


def _time_in(zone: ZoneInfo, at: datetime) -> str:
    moment = local(at, zone)
    return f"{say_day(moment.date())} {time_of_day(moment)} {moment.tzname() or ''}".rstrip()


def _spans(clock: LeadClock, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the lawful spans of the lead's day, on the lead's clock."""
    today = local_day(at, clock.zone)
    start, end = (start_of_day(day, clock.zone) for day in (today, today + timedelta(days=1)))
    if clock.lawful is not None:
        for first, last in merged(clock.lawful.pieces(second_of(start), second_of(end))):
            yield local(at_second(first), clock.zone), local(at_second(last), clock.zone)
