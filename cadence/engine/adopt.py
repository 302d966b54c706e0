"""In-flight leads follow a newly published version, without a message that nobody planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.engine.decision import Outcome, Reason
from cadence.engine.events import Decided
from cadence.engine.moves import move_across
from cadence.engine.touches import Place, end_touch, open_touches, place_of
from cadence.engine.variants import sequence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.engine.state import EnrolmentState
    from cadence.engine.work import Work
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage

__all__ = ["adopt_versions"]


def adopt_versions(work: Work) -> None:
    """Let every active enrolment follow the version in force.

    A stage or touch that was renamed is the same one. A touch that the new version adds or moves, and whose due instant
    lies before the publication, is skipped. An enrolment whose stage the new version lacks goes where whoever published
    it said; where nobody did, it stays with its own version.
    """
    for enrolment in work.state.active_enrolments():
        plan = work.book.current.get(enrolment.playbook)
        if plan is None or plan.digest == enrolment.digest:
            continue
        stage = plan.playbook.stage_once(enrolment.visit.stage)
        if stage is not None:
            _go_on(work, enrolment, plan, stage)
        elif answer := work.book.answers.get(plan.digest, {}).get(enrolment.visit.stage):
            move_across(work, enrolment, plan, answer)


def _go_on(work: Work, enrolment: EnrolmentState, plan: Plan, stage: Stage) -> None:
    """Have a lead stay in its stage, as the new version has it."""
    old = place_of(work, enrolment)
    renamed: dict[str, Any] = {}
    if stages := {was: each.id for each in plan.playbook.stages.values() for was in each.renamed_from}:
        renamed["stages"] = stages
    touches = {was: touch.id for touch in stage.touches for was in touch.renamed_from}
    if touches:
        renamed["touches"] = touches
    before = _dues(old, touches)
    work.record(Decided.ADOPTED, enrolment=enrolment, digest=plan.digest, **renamed)
    new = place_of(work, enrolment)
    if new is not None:
        _end_what_is_dropped(work, old, new, touches)
        _skip_what_lies_before(work, new, before)


def _dues(place: Place | None, renamed: Mapping[str, str]) -> dict[str, datetime]:
    """Return when the open touches of a visit are due, by the names they will have."""
    if place is None:
        return {}
    return {renamed.get(touch.id, touch.id): due.instant for touch, due in open_touches(place) if due}


def _end_what_is_dropped(work: Work, old: Place | None, new: Place, renamed: Mapping[str, str]) -> None:
    """End the touches that wait for another try and that the new version does not have any more."""
    staying = {touch.id for touch in sequence(new.stage, new.enrolment.visit.variant)}
    for touch in old.stage.touches if old else ():
        if touch.id in new.enrolment.visit.deferred and renamed.get(touch.id, touch.id) not in staying:
            end_touch(work, new, touch, Outcome.STOPPED, Reason.DROPPED, due=None)


def _skip_what_lies_before(work: Work, new: Place, before: Mapping[str, datetime]) -> None:
    """Skip what would have been due before the publication; ``before``: when touches were due by the old version."""
    published_at = work.book.published_at.get(new.plan.digest, work.now)
    for touch, due in list(open_touches(new)):
        if due is not None and due.instant < published_at and before.get(touch.id) != due.instant:
            end_touch(work, new, touch, Outcome.SKIPPED, Reason.BEFORE_PUBLICATION, due=due)
