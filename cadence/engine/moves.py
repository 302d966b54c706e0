"""From stage to stage: entering, leaving, what the stages require, and the move that silence makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.context import EnrolmentContext, surely_holds
from cadence.engine.decision import Reason
from cadence.engine.events import Decided, Event, instant_text
from cadence.engine.holds import silence_due
from cadence.engine.owners import Choice, owner_of
from cadence.engine.person import person_is
from cadence.engine.promises import note_misses
from cadence.engine.scores import score_first
from cadence.engine.slas import stage_promises
from cadence.engine.steps import drop_sequence, drop_steps, drop_visit
from cadence.engine.touches import Place, end_touches, place_of, places
from cadence.engine.variants import stage_variant
from cadence.playbook.model import HANDOFF

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.engine.state import EnrolmentState
    from cadence.engine.work import Work
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Requirement, Stage

__all__ = [
    "advance",
    "end_for",
    "enrol",
    "missing",
    "move",
    "move_across",
    "restore",
    "silence_instant",
    "tell_new_owner",
    "try_move",
    "try_waiting_moves",
]

#: A plan whose stages hand a lead round and round in silence is stopped after this many moves in one decision.
_MOST_MOVES = 50
SILENCE = "silence"


def enrol(work: Work, plan: Plan, stage: Stage, fact: Event) -> None:
    """Start an enrolment: the lead enters a stage of a playbook for the fact's job."""
    lead = work.state.lead
    before = sum(
        1 for each in work.state.enrolments.values() if each.playbook == plan.playbook.id and each.job == fact.job
    )
    work.record(
        Decided.ENROLLED,
        at=fact.at,
        enrolment_id=f"{lead}/{plan.playbook.id}/{fact.job or '-'}/{before + 1}",
        job=fact.job,
        playbook=plan.playbook.id,
        digest=plan.digest,
        by=fact.type,
    )
    enrolment = next(reversed(work.state.enrolments.values()))
    score_first(work, plan, enrolment)
    _enter(work, plan, enrolment, stage, by=fact.type, at=fact.at)


def try_move(work: Work, place: Place, to: str, *, by: str, at: datetime) -> bool:
    """Move to a stage, or let the move wait when something it requires is missing; tell whether it was made."""
    target = place.plan.playbook.stages[to]
    lacking = missing(work, place, target, leaving=target.end != "lost")
    if lacking:
        work.record(Decided.MOVE_WAITING, at=at, enrolment=place.enrolment, to=to, by=by, missing=lacking)
        return False
    move(work, place, to, by=by, at=at)
    return True


def try_waiting_moves(work: Work, at: datetime) -> None:
    """Make the moves that waited for something which is now known."""
    for place in places(work):
        waiting = place.enrolment.waiting_move
        if not waiting or waiting.to not in place.plan.playbook.stages:
            continue
        target = place.plan.playbook.stages[waiting.to]
        if not missing(work, place, target, leaving=target.end != "lost"):
            move(work, place, waiting.to, by=waiting.by, at=max(at, waiting.at))


def move(work: Work, place: Place, to: str, *, by: str, at: datetime) -> None:
    """End the running visit and begin the next at ``at``."""
    end_touches(work, place, Reason.STAGE_LEFT, by=by)
    drop_sequence(work, place, by=by)
    _enter(work, place.plan, place.enrolment, place.plan.playbook.stages[to], by=by, at=at)


def move_across(work: Work, enrolment: EnrolmentState, plan: Plan, to: str) -> None:
    """Have a lead follow a version that lacks its stage, into a stage of it, from the publication on.

    Nothing the stages require holds it back: where it stood is no more.
    """
    at = max(work.book.published_at.get(plan.digest, work.now), enrolment.visit.started_at)
    left = place_of(work, enrolment)
    if left:
        end_touches(work, left, Reason.STAGE_LEFT, by=Decided.ADOPTED)
        drop_sequence(work, left, by=Decided.ADOPTED)
    work.record(Decided.ADOPTED, enrolment=enrolment, digest=plan.digest)
    _enter(work, plan, enrolment, plan.playbook.stages[to], by=Decided.ADOPTED, at=at)


def end_for(work: Work, place: Place, end: str, *, by: str, at: datetime) -> None:
    """End an enrolment as won or lost: in the playbook's own stage for it, when there is one."""
    stage = next((each for each in place.plan.playbook.stages.values() if each.end == end), None)
    if stage:
        move(work, place, stage.id, by=by, at=at)
    else:
        end_touches(work, place, Reason.STAGE_LEFT, by=by)
        _end(work, place.enrolment, end, by=by, at=at)


def restore(work: Work, enrolment: EnrolmentState, *, by: str) -> None:
    """Have a lead stand where it stood before what moved it was taken back; the owner decides how it goes on.

    The sequence of that visit has ended, and stays so: nothing is sent because somebody corrected a slip. What the
    visit that is taken back still had to do is over.
    """
    left = place_of(work, enrolment)
    if left:
        end_touches(work, left, Reason.STAGE_LEFT, by=by)
        drop_visit(work, left, by=by)
    work.record(Decided.VISIT_RESTORED, enrolment=enrolment, visit=enrolment.former[-1][0].number, by=by)
    place = place_of(work, enrolment)
    opening = place.plan.playbook.calendar.next_opening(work.now) if place else None
    work.make_task(
        enrolment,
        title=f"{work.name} is back in {place.stage.title if place else enrolment.visit.stage}: decide the next step",
        due_at=opening or work.now,
        cause=f"{by}@{instant_text(work.now)}",
    )


def missing(work: Work, place: Place, target: Stage, *, leaving: bool) -> list[str]:
    """List what the stages require and the lead lacks, in words for a person.

    ``leaving`` is false for moves that give the lead up: nobody must fill in a ZIP to lose a job.
    """
    required = (*(place.stage.to_leave if leaving else ()), *target.to_enter)
    if not required:
        return []
    context = _context(work, place)
    return [_say(each) for each in required if not _fulfilled(each, context)]


def _say(requirement: Requirement) -> str:
    if requirement.path == HANDOFF:
        return "there is no hand-off note: what they want, what was said, what is missing, who acts next, when"
    return requirement.say or f"{requirement.path} is not known"


def _fulfilled(requirement: Requirement, context: EnrolmentContext) -> bool:
    path = requirement.path
    if path == HANDOFF:
        noted = context.enrolment.latest.get("handoff.noted")
        return noted is not None and noted.at >= context.enrolment.visit.started_at
    if path and path != "score" and not path.startswith("lead."):
        path = f"events.{path}"
    return surely_holds(requirement.condition or path, context)


def silence_instant(work: Work, place: Place) -> datetime | None:
    """Return when silence moves the lead on; None when it never does."""
    silence, enrolment = place.stage.silence, place.enrolment
    if silence is None:
        return None
    base = max(enrolment.visit.started_at, enrolment.last_activity or enrolment.visit.started_at)
    return silence_due(work.state, enrolment.playbook, base, silence.after)


def advance(work: Work, until: datetime) -> None:
    """Make the moves that silence is due to make by ``until``, in order of time."""
    for _ in range(_MOST_MOVES):
        due = _next_silence(work, until)
        if due is None:
            return
        at, place, to = due
        note_misses(work, at)
        move(work, place, to, by=SILENCE, at=at)


def _next_silence(work: Work, until: datetime) -> tuple[datetime, Place, str] | None:
    first = None
    for place in places(work):
        silence = place.stage.silence
        if silence is None:
            continue
        at = silence_instant(work, place)
        if at and at <= until and (first is None or at < first[0]):
            first = at, place, silence.to
    return first


def _enter(work: Work, plan: Plan, enrolment: EnrolmentState, stage: Stage, *, by: str, at: datetime) -> None:
    before, lead = enrolment.owner, work.state.lead
    choice = owner_of(
        plan, stage.owner, lead, lambda condition: person_is(work, plan, condition), work.roster, enrolment.had
    )
    if stage.end and not choice.owner:
        choice = Choice(owner=before, role="", by="ended")
    promises = stage_promises(plan, stage.id, at)
    variant = {"variant": stage_variant(plan, stage, lead)} if stage.variants else {}
    work.record(
        Decided.STAGE_ENTERED,
        at=at,
        enrolment=enrolment,
        stage=stage.id,
        visit=enrolment.entered + 1,
        owner=choice.owner,
        before=before,
        how=choice.told(),
        by=by,
        promises=promises,
        **variant,
    )
    if stage.end:
        _end(work, enrolment, stage.end, by=by, at=at)
    elif choice.owner != before:
        tell_new_owner(work, enrolment, stage.title)


def _end(work: Work, enrolment: EnrolmentState, end: str, *, by: str, at: datetime) -> None:
    drop_steps(work, enrolment, by=by)
    work.record(Decided.ENROLMENT_ENDED, at=at, enrolment=enrolment, end=end, by=by, owner=enrolment.owner)


def tell_new_owner(work: Work, enrolment: EnrolmentState, title: str) -> None:
    """Have whoever owns the lead now told that it is theirs."""
    bucket = f", {enrolment.score}" if enrolment.score in ("hot", "warm") else ""
    work.alert(
        enrolment,
        enrolment.owner,
        "assigned",
        title=f"{work.name} is yours: {title}{bucket}",
        cause=f"owner/{enrolment.visit.number}/{instant_text(work.now)}",
    )


def _context(work: Work, place: Place) -> EnrolmentContext:
    return EnrolmentContext(place, work.state, work.now)
