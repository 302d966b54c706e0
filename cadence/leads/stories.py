"""What happens to a made-up person, as facts: for samples and for tests of playbooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.engine.events import Event
from cadence.leads.arrival import with_places
from cadence.playbook.words import EVENTS, Actor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

__all__ = ["facts_of"]


def facts_of(record: Mapping[str, Any], told: Iterable[tuple[datetime, Mapping[str, Any]]]) -> tuple[Event, ...]:
    """Return a person's story as facts, in order of time, each recorded as it happens.

    ``record``: what is known of the person at first, with zones and states; ``told``: instants (UTC) and what a page
    says of them (``event``, ``data``). What is learned of the person changes where they may be, as it does in earnest.
    """
    facts, known = [], dict(record)
    for at, said in sorted(told, key=lambda each: each[0]):
        data = dict(said.get("data", {}))
        if said["event"] == "lead.updated":
            known = with_places({**known, **data.get("lead", {})})
            data["lead"] = known
        facts.append(_fact(said["event"], at, data))
    return tuple(facts)


def _fact(name: str, at: datetime, data: Mapping[str, Any]) -> Event:
    kind = EVENTS.get(name)
    return Event(type=name, at=at, recorded_at=at, actor=(kind.actor if kind else Actor.SYSTEM).value, data=data)
