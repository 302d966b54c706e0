"""The procedure that a playbook lays down: trigger, owner, action, time limit, proof, and what follows on a miss."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from cadence.playbook.event_nouns import moment_noun
from cadence.playbook.model import HANDOFF, LOCK
from cadence.playbook.words import PERSON_CHANNELS
from cadence.reports.plan_words import (
    events_words,
    lasting,
    listed,
    people_words,
    say_time,
    ways_in,
)
from cadence.reports.sop.rules import rules_of
from cadence.reports.sop.steps import actions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Escalation, Lock, Requirement, Sla, Stage
    from cadence.reports.sop.rules import Rule
    from cadence.reports.sop.steps import Action
    from cadence.timing.when import When

__all__ = ["Card", "End", "Procedure", "Promise", "procedure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One time limit: of an SLA, or of the lock."""

    name: str  #: of the SLA; ``lock`` for the lock
    limit: str  #: ``5m open``
    warning: str  #: ``10m before``, or empty
    proof: str  #: ``message or logged call``
    miss: tuple[str, ...]  #: ``tell ops_lead (Pat)``


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One stage that leads stay in."""

    number: int
    stage: str
    title: str
    owner: str  #: role and who that is now
    triggers: tuple[str, ...]
    to_enter: tuple[str, ...]  #: what must be known or true before
    by_people: tuple[Action, ...]
    by_itself: tuple[Action, ...]
    promises: tuple[Promise, ...]
    to_leave: tuple[str, ...]  #: what must be known or true before the lead moves on


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One way it ends."""

    stage: str
    outcome: str  #: won or lost
    triggers: tuple[str, ...]
    to_enter: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """The whole page."""

    business: str
    playbook: str
    title: str
    version: str  #: first characters of the digest
    cards: tuple[Card, ...]
    ends: tuple[End, ...]
    rules: tuple[Rule, ...]  #: hours, messages, stops, reviews
    notes: str  #: how the signs on the page are to be read


def procedure(plan: Plan) -> Procedure:
    """Write the procedure of a playbook; names of people are those of the team as it is now."""
    page = plan.playbook
    stays = [stage for stage in page.stages.values() if not stage.end]
    return Procedure(
        business=plan.workspace.business.name,
        playbook=page.id,
        title=page.title or page.id,
        version=plan.short,
        cards=tuple(_card(number, stage, plan) for number, stage in enumerate(stays, 1)),
        ends=tuple(_end(stage, plan) for stage in page.stages.values() if stage.end),
        rules=tuple(rules_of(plan)),
        notes=" ".join(_notes(stays, plan)),
    )


def _notes(stays: list[Stage], plan: Plan) -> Iterator[str]:
    """Say how the signs that stand on the page are to be read."""
    touches = [touch for stage in stays for touch in stage.touches]
    rows = [when for touch in touches for when in touch.when]
    promises = [promise for stage in stays for promise in (*stage.sla, stage.lock) if promise]
    if any(touch.condition for touch in touches):
        yield "* if its condition holds."
    if any(when.business_clock for when in rows) or any(promise.clock == "business" for promise in promises):
        yield "5h open: open hours only."
    if any(map(_has_no_hour, rows)):
        yield f"No hour given: {say_time(plan.playbook.calendar.touch_time)}."


def _has_no_hour(when: When) -> bool:
    return (when.day is not None or when.business_day is not None) and when.at is None


def _card(number: int, stage: Stage, plan: Plan) -> Card:
    touches = [touch for touch in stage.touches if not touch.instead_of]
    return Card(
        number=number,
        stage=stage.id,
        title=stage.title or stage.id,
        owner=people_words(stage.owner, plan) if stage.owner else "nobody",
        triggers=_triggers(stage, plan),
        to_enter=_needs(stage.to_enter, plan),
        by_people=actions_of((touch for touch in touches if touch.channel in PERSON_CHANNELS), stage, plan),
        by_itself=actions_of((touch for touch in touches if touch.channel not in PERSON_CHANNELS), stage, plan),
        promises=tuple(_promises(stage, plan)),
        to_leave=_needs(stage.to_leave, plan),
    )


def _end(stage: Stage, plan: Plan) -> End:
    return End(
        stage=stage.id, outcome=stage.end, triggers=_triggers(stage, plan), to_enter=_needs(stage.to_enter, plan)
    )


def _triggers(stage: Stage, plan: Plan) -> tuple[str, ...]:
    """What moves a lead here: events, then silence in other stages."""
    silent = [
        (lasting(other.silence.after), other.id)
        for other in plan.playbook.stages.values()
        if other.silence and other.silence.to == stage.id
    ]
    lengths = [f"{after} in {listed(name for _, name in group)}" for after, group in groupby(silent, itemgetter(0))]
    return (
        *events_words(ways_in(plan.playbook)[stage.id], plan),
        *([f"silence of {', '.join(lengths)}"] if lengths else []),
    )


def _needs(needs: Iterable[Requirement], plan: Plan) -> tuple[str, ...]:
    return tuple(dict.fromkeys(need.say or _known(need.path, plan) or need.condition for need in needs))


def _known(path: str, plan: Plan) -> str:
    """What must be known: ``zip``, ``score``, ``hand-off note``, ``follow-up date``."""
    if path == HANDOFF:
        return "hand-off note"
    if path.startswith("lead."):
        return path.removeprefix("lead.").replace("_", " ")
    return moment_noun(path, plan.workspace.events).removeprefix("the ") if "." in path else path


def _promises(stage: Stage, plan: Plan) -> Iterator[Promise]:
    for sla in stage.sla:
        yield _promise(sla.name, sla, _limit(sla), plan)
    if stage.lock:
        lock = stage.lock
        limit = lasting(lock.within, business=lock.clock == "business") if lock.within else "no limit"
        yield _promise(LOCK, lock, limit, plan)


def _limit(sla: Sla) -> str:
    if sla.within is None:
        return f"{sla.business_days} open days"
    return lasting(sla.within, business=sla.clock == "business")


def _promise(name: str, promise: Sla | Lock, limit: str, plan: Plan) -> Promise:
    events = promise.met_by if hasattr(promise, "met_by") else promise.by
    return Promise(
        name=name,
        limit=limit,
        warning=f"{lasting(promise.warn)} before" if promise.warn else "",
        proof=listed(events_words(events, plan)),
        miss=tuple(_consequences(promise.on_miss)),
    )


def _consequences(steps: Iterable[Escalation]) -> Iterator[str]:
    """``tell owner``, ``1h later ops_lead``."""
    verb = ""
    for step in steps:
        before, verb = verb, "give to" if step.reassign else "tell"
        later = f"{lasting(step.after)} later" if step.after else ""
        yield " ".join(filter(None, (later, verb if verb != before else "", step.reassign or step.alert)))
