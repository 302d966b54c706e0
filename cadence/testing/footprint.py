"""Which parts of a playbook a story used: touches that went, ways it took, stops and promises that worked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.engine.decision import Outcome
from cadence.engine.events import Decided
from cadence.engine.moves import SILENCE
from cadence.engine.slas import met_at, promises_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cadence.engine.decision import Decision
    from cadence.engine.state import EnrolmentState, LeadState
    from cadence.engine.visit import VisitState
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage

__all__ = ["MET", "MISSED", "Footprint", "FootprintMaker"]

MET, MISSED = "met", "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """Parts of a playbook by their names."""

    touches: frozenset[tuple[str, str]]  #: stage, touch: carried out
    ways: frozenset[tuple[str, str]]  #: stage, event or ``silence``: it led on
    stops: frozenset[str]  #: events that ended touches
    promises: frozenset[tuple[str, str, str]]  #: stage, SLA or ``lock``, MET or MISSED


class FootprintMaker:
    """Follows the decisions of one test."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._stages: dict[str, str] = {}  #: enrolment -> the stage it stands in
        self._touches: set[tuple[str, str]] = set()
        self._ways: set[tuple[str, str]] = set()
        self._stops: set[str] = set()
        self._promises: set[tuple[str, str, str]] = set()

    def note(self, decision: Decision) -> None:
        """Take in one decision."""
        self._touches.update((claim.verdict.stage, claim.verdict.touch) for claim in decision.claims)
        for verdict in decision.ended:
            if verdict.outcome is Outcome.STOPPED:
                self._stop(verdict.detail)
        for event in decision.events:
            if event.type == Decided.STAGE_ENTERED:
                self._way(event.enrolment, event.data["stage"], event.data["by"])
            elif event.type == Decided.STOPPED:
                self._stop(event.data["by"])
            elif event.type == Decided.SLA_MISSED:
                self._promises.add((self._stages.get(event.enrolment, ""), event.data["sla"], MISSED))

    def close(self, states: Iterable[LeadState]) -> None:
        """Take in how the leads stand at the end: which promises were kept."""
        for state in states:
            for enrolment in state.enrolments.values():
                for visit in (*(visit for visit, _ in enrolment.former), enrolment.visit):
                    self._kept(enrolment, visit)

    def made(self) -> Footprint:
        """Return what was used."""
        return Footprint(
            touches=frozenset(self._touches),
            ways=frozenset(self._ways),
            stops=frozenset(self._stops),
            promises=frozenset(self._promises),
        )

    def _way(self, enrolment: str, to: str, by: str) -> None:
        before = self._plan.playbook.stages.get(self._stages.get(enrolment, ""))
        self._stages[enrolment] = to
        if before is not None and (way := _way_by(before, to, by)):
            self._ways.add((before.id, way))

    def _stop(self, by: str) -> None:
        stops = self._plan.playbook.stop_on
        if by not in stops and by == "acknowledgement":
            by = "reply"  # what confirms nothing is taken as one
        if by in stops:
            self._stops.add(by)

    def _kept(self, enrolment: EnrolmentState, visit: VisitState) -> None:
        if enrolment.playbook != self._plan.playbook.id or visit.stage not in self._plan.playbook.stages:
            return
        for promise in promises_in(self._plan, visit.stage, visit):
            met = met_at(promise, visit)
            if met is not None and met <= promise.due_at:
                self._promises.add((visit.stage, promise.name, MET))


def _way_by(stage: Stage, to: str, by: str) -> str:
    if by == SILENCE:
        return SILENCE
    for event in (by, "reply") if by == "acknowledgement" else (by,):
        if stage.next.get(event) == to:
            return event
    return ""
