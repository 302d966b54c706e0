"""In-flight leads follow a newly published version, without a message that nobody planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.engine.decision import Outcome, Reason
from cadence.engine.events import Decided
from cadence.engine.moves import SILENCE, move, move_across, silence_instant
from cadence.engine.names import stage_in, stage_names, touch_names
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
        carried = work.book.plan(enrolment.playbook, enrolment.digest)
        stage = stage_in(plan, enrolment.visit.stage, carried)
        if stage is not None:
            _go_on(work, enrolment, plan, stage, carried)
        elif answer := work.book.answers.get(plan.digest, {}).get(enrolment.visit.stage):
            move_across(work, enrolment, plan, answer)


def _go_on(work: Work, enrolment: EnrolmentState, plan: Plan, stage: Stage, carried: Plan | None) -> None:
    """Have a lead stay in its stage, as the new version has it."""
    old = place_of(work, enrolment)
    renamed: dict[str, Any] = {}
    if stages := stage_names(plan, carried):
        renamed["stages"] = dict(stages)
    touches = _new_names(enrolment, old, touch_names(plan, stage.id, carried))
    if touches:
        renamed["touches"] = touches
    before, silent = _dues(old, touches), silence_instant(work, old) if old else None
    work.record(Decided.ADOPTED, enrolment=enrolment, digest=plan.digest, **renamed)
    new = place_of(work, enrolment)
    if new is not None:
        _end_what_is_dropped(work, old, new, touches)
        _skip_what_lies_before(work, new, before)
        _move_no_earlier(work, new, silent)


def _new_names(enrolment: EnrolmentState, old: Place | None, names: Mapping[str, str]) -> dict[str, str]:
    """Return what the running visit's touches are called from now on: name it had -> name it has.

    A name that the visit has not used renames nothing, and one that it uses already stays what it is: the identity of
    what was claimed must not change.
    """
    visit = enrolment.visit
    known = {*visit.touches, *visit.deferred, *(touch.id for touch in (old.stage.touches if old else ()))}
    return {was: now for was, now in names.items() if was in known and now not in known}


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


def _move_no_earlier(work: Work, new: Place, before: datetime | None) -> None:
    """Have silence that an edit shortened to before the publication move the lead then, and not in the past.

    What the next stage plans would else be due before anybody planned it. ``before``: when silence would have moved the
    lead by the old version.
    """
    published_at, at = work.book.published_at.get(new.plan.digest, work.now), silence_instant(work, new)
    if at and at != before and at < published_at <= work.now and new.stage.silence:
        move(work, new, new.stage.silence.to, by=SILENCE, at=published_at)
