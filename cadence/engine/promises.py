"""SLAs at work: warnings, misses and what they set off, once each, in every running visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.events import Decided, instant_text
from cadence.engine.owners import owner_of
from cadence.engine.slas import SlaClock, met_at, sla_derivation, stage_clocks
from cadence.engine.state import SlaState
from cadence.engine.touches import Place, places

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cadence.engine.work import Work
    from cadence.playbook.model import Escalation, Sla

__all__ = ["keep_promises", "note_misses", "promise_instants"]

_NOT_STARTED = SlaState()


def keep_promises(work: Work) -> None:
    """Warn of, record and escalate every SLA whose instants have come."""
    for place, sla, clock in _running(work):
        state = place.enrolment.visit.sla.get(sla.name, _NOT_STARTED)
        met = met_at(sla, place.enrolment.visit)
        if met and met <= clock.due_at:
            continue
        if clock.warn_at and clock.warn_at <= work.now < clock.due_at and not state.warned and not met:
            _warn(work, place, sla, clock)
        if clock.due_at <= work.now and not state.missed:
            _record(work, Decided.SLA_MISSED, place, sla, clock)
        if not met:
            for at, step in clock.steps[state.steps :]:
                if at <= work.now:
                    _escalate(work, place, sla, clock, at, step)


def note_misses(work: Work, until: datetime) -> None:
    """Record the SLAs missed before ``until``, so that what then meets or ends them does not hide the miss."""
    for place, sla, clock in _running(work):
        state = place.enrolment.visit.sla.get(sla.name, _NOT_STARTED)
        met = met_at(sla, place.enrolment.visit)
        if clock.due_at < until and not state.missed and (met is None or met > clock.due_at):
            _record(work, Decided.SLA_MISSED, place, sla, clock)


def promise_instants(work: Work) -> Iterator[datetime]:
    """Yield the instants at which some SLA will want attention."""
    for place, sla, clock in _running(work):
        state = place.enrolment.visit.sla.get(sla.name, _NOT_STARTED)
        met = met_at(sla, place.enrolment.visit)
        if not state.missed and (met is None or met > clock.due_at):
            yield clock.due_at
        if met:
            continue
        if clock.warn_at and not state.warned and work.now < clock.due_at:
            yield clock.warn_at
        yield from (at for at, _ in clock.steps[state.steps :])


def _running(work: Work) -> list[tuple[Place, Sla, SlaClock]]:
    return [
        (place, sla, clock)
        for place in places(work)
        if place.stage.sla
        for sla, clock in stage_clocks(place.plan, place.stage.id, place.enrolment.visit.started_at)
    ]


def _warn(work: Work, place: Place, sla: Sla, clock: SlaClock) -> None:
    _record(work, Decided.SLA_WARNED, place, sla, clock)
    work.make_task(
        place.enrolment,
        title=f"{_name(work)}: {_words(sla)} is due soon",
        body=_how(place, sla),
        due_at=clock.due_at,
        cause=f"sla.warned/{sla.name}/{place.enrolment.visit.number}",
    )


def _escalate(work: Work, place: Place, sla: Sla, clock: SlaClock, at: datetime, step: Escalation) -> None:
    _record(work, Decided.SLA_ESCALATED, place, sla, clock)
    target = owner_of(place.plan, step.alert or step.reassign, work.state.lead, lambda _: False)
    if step.reassign and place.enrolment.reassigns < place.plan.playbook.max_reassigns and target:
        work.record(Decided.OWNER_CHANGED, enrolment=place.enrolment, owner=target, cause=sla.name)
    work.make_task(
        place.enrolment,
        title=f"{_name(work)}: {_words(sla)} was missed",
        body=_how(place, sla),
        due_at=at,
        owner=target,
        cause=f"sla.missed/{sla.name}/{place.enrolment.visit.number}",
    )


def _record(work: Work, kind: str, place: Place, sla: Sla, clock: SlaClock) -> None:
    work.record(
        kind,
        enrolment=place.enrolment,
        sla=sla.name,
        visit=place.enrolment.visit.number,
        due_at=instant_text(clock.due_at),
    )


def _how(place: Place, sla: Sla) -> str:
    """Say how the due instant came about."""
    lines = sla_derivation(sla, place.enrolment.visit.started_at, place.plan.playbook.calendar)
    return "\n".join(("Counted:", *lines))


def _words(sla: Sla) -> str:
    return sla.name.replace("-", " ")


def _name(work: Work) -> str:
    return str(work.state.record.get("name") or work.state.lead)
