"""A lead comes in: its record with the places it may be in, and the fact that starts its log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cadence.engine.events import Event, instant_text
from cadence.leads.places import places_of
from cadence.playbook.words import Actor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["Arrival", "created_fact", "with_places"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A lead to be recorded."""

    id: str
    record: Mapping[str, Any]  #: attributes, with ``zones``, ``zone_source`` and ``states``
    at: datetime  #: when the lead came in, UTC
    inquiry: bool = True  #: it is the person's own inquiry, not a list
    job: str = ""


def with_places(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Add to a lead's attributes the time zones and states it may be in, and what says so."""
    places = places_of(attributes)
    return {
        **attributes,
        "zones": list(places.zones),
        "zone_source": places.zone_source,
        "states": list(places.states),
    }


def created_fact(arrival: Arrival, recorded_at: datetime) -> Event:
    """Return the fact that a lead came in; the same inquiry, told twice, has the same key."""
    return Event(
        type="lead.created",
        at=arrival.at,
        recorded_at=recorded_at,
        job=arrival.job,
        actor=Actor.SYSTEM.value,
        data={"lead": {**arrival.record, "id": arrival.id}, "inquiry": arrival.inquiry},
        key=f"lead.created/{arrival.job}@{instant_text(arrival.at)}" if arrival.inquiry else f"listed/{arrival.job}",
    )
