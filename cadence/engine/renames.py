"""Names that an edit changed: what was done under the old one counts under the new one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState, LeadState
    from cadence.engine.visit import VisitState

__all__ = ["adopted", "by_its_present_name"]


def adopted(state: LeadState, event: Event) -> None:
    """Have an enrolment follow another version, under the names that version uses."""
    enrolment, data = state.enrolments[event.enrolment], event.data
    enrolment.digest = data["digest"]
    if stages := data.get("stages"):
        _rename_stages(enrolment, stages)
    if touches := data.get("touches"):
        state.renamed = True
        _rename_touches(state, enrolment, touches)


def _rename_stages(enrolment: EnrolmentState, stages: Mapping[str, str]) -> None:
    enrolment.visit.stage = stages.get(enrolment.visit.stage, enrolment.visit.stage)
    enrolment.former = tuple(
        (replace(visit, stage=stages[visit.stage]) if visit.stage in stages else visit, owner)
        for visit, owner in enrolment.former
    )
    if enrolment.waiting_move:
        to = enrolment.waiting_move.to
        enrolment.waiting_move = replace(enrolment.waiting_move, to=stages.get(to, to))


def _rename_touches(state: LeadState, enrolment: EnrolmentState, touches: Mapping[str, str]) -> None:
    visit = enrolment.visit
    visit.renamed = {was: touches.get(now, now) for was, now in visit.renamed.items()}
    for was, now in touches.items():
        visit.renamed.setdefault(was, now)
        if was in visit.touches:
            visit.touches[now] = visit.touches.pop(was)
        if was in visit.deferred:
            visit.deferred[now] = visit.deferred.pop(was)
        flight = state.flights.pop((enrolment.id, visit.number, was), None)
        if flight:
            state.flights[enrolment.id, visit.number, now] = flight
    if visit.stop:
        visit.stop = replace(visit.stop, keep=tuple(touches.get(name, name) for name in visit.stop.keep))
    for was, now in touches.items():
        if f"{visit.number}/{was}" in enrolment.opened:
            enrolment.opened |= {f"{visit.number}/{now}"}


def by_its_present_name(state: LeadState, event: Event) -> Event:
    """Return an entry about a touch as it would be told today: what comes of a message is told by its old name."""
    visit = _visit_of(state, event)
    touch = event.data["touch"]
    if visit is None or touch not in visit.renamed:
        return event
    return replace(event, data={**event.data, "touch": visit.renamed[touch]})


def _visit_of(state: LeadState, event: Event) -> VisitState | None:
    enrolment = state.enrolments.get(event.enrolment)
    if enrolment is None:
        return None
    return enrolment.visit_numbered(event.data.get("visit", enrolment.visit.number))
