"""How a lead gets into each stage of a page: the facts that bring it there, the shortest way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cadence.engine.events import Event
from cadence.playbook.words import EVENTS, Actor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage, Touch

__all__ = ["Road", "arrival", "fact", "horizon", "roads"]

STEP = timedelta(minutes=20)  #: between the facts of a road
AHEAD = timedelta(days=3)  #: how far off the appointments are that are made on the way
_LONGEST = timedelta(days=120)
_AFTERWARDS = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Road:
    """The way into a stage."""

    stage: str
    kinds: tuple[str, ...]  #: of the facts behind ``lead.created``, in order
    first: str = "lead.created"  #: the fact that brings the lead in
    silence: tuple[timedelta, ...] = ()  #: how long nobody says anything after all of them, stage by stage

    @property
    def length(self) -> timedelta:
        """How long before the stage the lead has to come in."""
        return STEP * len(self.kinds) + sum(self.silence, timedelta())

    def facts(self, plan: Plan, record: Mapping[str, Any], there: datetime, zone: ZoneInfo) -> Iterator[Event]:
        """Yield the facts that bring a person into the stage at an instant, arrival included."""
        at = there - self.length
        yield from arrival(record, at, self.first)
        for kind in self.kinds:
            at += STEP
            yield fact(plan, kind, at, zone)


def arrival(record: Mapping[str, Any], at: datetime, kind: str = "lead.created") -> Iterator[Event]:
    """Yield the facts that bring a person in who asks for something."""
    by_itself = kind == "lead.created"
    data = {"lead": {**record, "id": "lead"}, "inquiry": by_itself}
    yield Event("lead.created", at, at, actor=Actor.SYSTEM.value, data=data)
    if not by_itself:
        yield Event(kind, at, at, actor=EVENTS[kind].actor.value if kind in EVENTS else Actor.SYSTEM.value)


def fact(
    plan: Plan, kind: str, at: datetime, zone: ZoneInfo, /, *, learned: datetime | None = None, **more: Any
) -> Event:
    """Return a fact with what it usually carries; its dates lie some days ahead, at the hour of the shop's clock."""
    known = EVENTS.get(kind)
    moments = known.moments if known else plan.workspace.events.get(kind, ("", ()))[1]
    ahead = (at + AHEAD).astimezone(zone)
    dates = {name: f"{ahead:%Y-%m-%dT}{11 + number}:00" for number, name in enumerate(moments[:2])}
    data: dict[str, Any] = {**dates}
    if kind == "no_decision":
        data = {"follow_up_due": f"{ahead:%Y-%m-%d}"}
    elif kind in ("estimate.sent", "work.approved", "contract.signed", "deposit.paid"):
        data["amount"] = 12000
    elif kind == "call.logged":
        data["result"] = next(iter(plan.playbook.results.get("call", ())), "spoke")
    elif kind == "automatic":
        data["kind"] = "out_of_office"
    actor = (known.actor if known else Actor.SYSTEM).value
    return Event(kind, at, learned or at, actor=actor, data={**data, **more})


def roads(plan: Plan) -> list[Road]:
    """List the shortest way into each stage that is no end, in the order of the page."""
    stages = plan.playbook.stages
    found: dict[str, Road] = {}
    for stage in stages.values():
        if stage.enter_on and not stage.end:
            first = "lead.created" if "lead.created" in stage.enter_on else stage.enter_on[0]
            found[stage.id] = Road(stage.id, (), first)
    waiting = list(found.values())
    while waiting:
        road = waiting.pop(0)
        for further in _further(stages[road.stage], road):
            if further.stage not in found and not stages[further.stage].end:
                found[further.stage] = further
                waiting.append(further)
    return [found[name] for name in stages if name in found]


def _further(stage: Stage, road: Road) -> Iterator[Road]:
    if not road.silence:
        contacts = road.kinds if "call.logged" in road.kinds else (*road.kinds, "call.logged")
        for kind, to in stage.next.items():
            yield Road(to, (*contacts, kind), road.first)
    if stage.silence:
        yield Road(stage.silence.to, road.kinds, road.first, (*road.silence, stage.silence.after))


def horizon(stage: Stage) -> timedelta:
    """Return how long to watch a lead in a stage: until its last touch has had its time, and a little longer."""
    return min(max((_reach(touch) for touch in stage.touches), default=timedelta()) * 1 + _AFTERWARDS, _LONGEST)


def _reach(touch: Touch) -> timedelta:
    """Estimate, generously, how long after the stage's beginning a touch may be due and still go."""
    days = max(
        max(row.day or 0, (row.business_day or 0) * 2, 5 if row.next_business_day else 0)
        + (row.after or timedelta()) / timedelta(days=1) * (4 if row.business_clock else 1)
        for row in touch.when
    )
    return (
        timedelta(days=int(days) + 1)
        + (AHEAD + timedelta(days=5) if touch.anchor else timedelta())
        + touch.expires_after
    )
