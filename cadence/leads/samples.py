"""Sample leads: people who do not exist, with what happens to them, for previews and rehearsals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cadence.leads.arrival import Arrival, with_places
from cadence.leads.record import normalise
from cadence.leads.stories import facts_of
from cadence.timing.shop_time import delay, shop_instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cadence.engine.events import Event

__all__ = ["Sample", "sample_start", "samples_of"]

NOW = "0m"


@dataclass(frozen=True, slots=True)
class Sample:
    """One made-up lead and its story."""

    arrival: Arrival
    facts: tuple[Event, ...]  #: what happens later, recorded as it happens


def sample_start(page: Mapping[str, Any], zone: ZoneInfo) -> datetime | None:
    """Return when the stories begin; None when the page leaves it to whoever asks."""
    return shop_instant(page["start"], zone) if "start" in page else None


def samples_of(
    page: Mapping[str, Any], start: datetime, zone: ZoneInfo, own_fields: Mapping[str, str]
) -> Iterator[Sample]:
    """Yield the sample leads of a checked page; ``start`` is when the stories begin, ``zone`` the business's."""
    for entry in page["leads"]:
        record = normalise(entry["lead"], tuple(own_fields))
        attributes = with_places(record.attributes)
        arrives = start + delay(entry.get("arrives", NOW))
        arrival = Arrival(
            id=entry["lead"]["id"],
            record=attributes,
            at=arrives,
            inquiry=entry.get("inquiry", True),
        )
        happens = [(_instant(event, arrives, zone), event) for event in entry.get("events", ())]
        yield Sample(arrival, facts_of(attributes, happens))


def _instant(entry: Mapping[str, Any], arrives: datetime, zone: ZoneInfo) -> datetime:
    return shop_instant(entry["at"], zone) if "at" in entry else arrives + delay(entry["after"])
