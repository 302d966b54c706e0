"""In-flight leads follow a newly published version, without a message that nobody planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.decision import Outcome, Reason
from cadence.engine.due import touch_due
from cadence.engine.events import Decided
from cadence.engine.touches import Place, end_touch, open_touches, place_of
from cadence.engine.variants import sequence

if TYPE_CHECKING:
    from cadence.engine.work import Work

__all__ = ["adopt_versions"]


def adopt_versions(work: Work) -> None:
    """Let every active enrolment follow the version in force.

    A touch that the new version adds or moves, and whose due instant lies before the publication, is skipped. An
    enrolment whose stage the new version lacks stays with its own version.
    """
    for enrolment in work.state.active_enrolments():
        plan = work.book.current.get(enrolment.playbook)
        if plan is None or plan.digest == enrolment.digest or enrolment.visit.stage not in plan.playbook.stages:
            continue
        old = place_of(work, enrolment)
        work.record(Decided.ADOPTED, enrolment=enrolment, digest=plan.digest)
        new = place_of(work, enrolment)
        if new is not None:
            _end_what_is_dropped(work, old, new)
            _skip_what_lies_before(work, old, new)


def _end_what_is_dropped(work: Work, old: Place | None, new: Place) -> None:
    """End the touches that wait for another try and that the new version does not have any more."""
    staying = {touch.id for touch in sequence(new.stage, new.enrolment.visit.variant)}
    for touch in old.stage.touches if old else ():
        if touch.id in new.enrolment.visit.deferred and touch.id not in staying:
            end_touch(work, new, touch, Outcome.STOPPED, Reason.DROPPED, due=None)


def _skip_what_lies_before(work: Work, old: Place | None, new: Place) -> None:
    published_at = work.book.published_at.get(new.plan.digest, work.now)
    before = {touch.id: touch for touch in sequence(old.stage, old.enrolment.visit.variant)} if old else {}
    for touch, due in list(open_touches(new)):
        if due is None or due.instant >= published_at:
            continue
        was = before.get(touch.id)
        was_due = touch_due(old.plan, old.stage, was, old.enrolment, old.clock) if old and was else None
        if was_due is None or was_due.instant != due.instant:
            end_touch(work, new, touch, Outcome.SKIPPED, Reason.BEFORE_PUBLICATION, due=due)
