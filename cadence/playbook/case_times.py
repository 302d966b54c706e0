"""The times of a test: when it begins and ends, how often ticks run, and when what it names happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cadence.timing.durations import parse_duration
from cadence.timing.shop_time import delay, shop_instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

__all__ = ["LONGEST", "CaseTimes", "case_times"]

LONGEST = timedelta(days=400)
_EVERY_MINUTE = "1m"
_AFTER_THE_LAST_EVENT = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTimes:
    """When a test begins and ends, on the shop's clock."""

    zone: ZoneInfo
    start: datetime
    end: datetime  #: the last instant at which a tick may run
    tick: timedelta
    down: tuple[datetime, datetime] | None = None  #: no tick runs from the one to before the other

    def of(self, item: Mapping[str, Any]) -> datetime:
        """Return when an event or an expectation is, in UTC."""
        return _instant(item, self.start, self.zone)


def case_times(page: Mapping[str, Any], test: Mapping[str, Any], zone: ZoneInfo) -> CaseTimes:
    """Work out the times of a test of a page; without ``until`` it ends a day after its last event."""
    start = shop_instant(test.get("start", page["start"]), zone)
    if "until" in test:
        end = start + parse_duration(test["until"])
    else:
        last = max((_instant(event, start, zone) for event in test.get("events", ())), default=start)
        end = max(last, start) + _AFTER_THE_LAST_EVENT
    down = test.get("down")
    return CaseTimes(
        zone=zone,
        start=start,
        end=end,
        tick=parse_duration(test.get("tick", page.get("tick", _EVERY_MINUTE))),
        down=(shop_instant(down["from"], zone), shop_instant(down["to"], zone)) if down else None,
    )


def _instant(item: Mapping[str, Any], start: datetime, zone: ZoneInfo) -> datetime:
    return start + delay(item["after"]) if "after" in item else shop_instant(item["at"], zone)
