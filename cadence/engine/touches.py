"""The touches of a visit: their verdicts, and the ending of those that will not go any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cadence.engine.clock import LeadClock, lead_clock
from cadence.engine.decision import Outcome, Reason, Verdict
from cadence.engine.due import visit_dues
from cadence.engine.events import Decided, instant_text
from cadence.engine.variants import draw
from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.engine.state import EnrolmentState
    from cadence.engine.work import Work
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage, Touch
    from cadence.timing.when import Due

__all__ = ["Place", "end_touch", "end_touches", "expiry", "open_touches", "places", "variant_of", "verdict"]

#: ``catch_up: skip`` lets nothing go that is later than this; ``latest`` sends only the newest of such touches.
STALE = timedelta(hours=1)

_ENTRIES = {
    Outcome.SKIPPED: Decided.TOUCH_SKIPPED,
    Outcome.STOPPED: Decided.TOUCH_STOPPED,
    Outcome.FAILED: Decided.TOUCH_FAILED,
}


@value()
class Place:
    """Where a touch stands: one enrolment in one stage of one plan, on the lead's clock."""

    plan: Plan
    enrolment: EnrolmentState
    stage: Stage
    clock: LeadClock


def places(work: Work) -> tuple[Place, ...]:
    """Return the place of every active enrolment whose stage its plan still has."""
    if work.places is None:
        active = work.state.active_enrolments()
        work.places = tuple([place for enrolment in active if (place := _look_up(work, enrolment))])
        work.promised = any(map(_promises, work.places))
    return work.places


def _promises(place: Place) -> bool:
    return bool(place.stage.sla or place.stage.lock or place.enrolment.visit.promises)


def place_of(work: Work, enrolment: EnrolmentState) -> Place | None:
    """Return where an enrolment stands; None when its plan or its stage is not known."""
    for place in places(work):
        if place.enrolment is enrolment:
            return place
    return _look_up(work, enrolment)


def _look_up(work: Work, enrolment: EnrolmentState) -> Place | None:
    plan = work.book.plan(enrolment.playbook, enrolment.digest)
    stage = plan.playbook.stages.get(enrolment.visit.stage) if plan else None
    if plan is None or stage is None:
        return None
    return Place(plan, enrolment, stage, lead_clock(plan, work.state.record))


def open_touches(place: Place) -> Iterator[tuple[Touch, Due | None]]:
    """Iterate over the touches of the running visit that have not ended, with their due instants."""
    return visit_dues(place.plan, place.stage, place.enrolment, place.clock)


def expiry(place: Place, touch: Touch, due: Due) -> datetime:
    """Return the last instant at which a touch may still go."""
    limit = min(touch.expires_after, STALE) if place.plan.playbook.catch_up == "skip" else touch.expires_after
    return due.instant + limit


def variant_of(place: Place, touch: Touch, lead: str) -> str:
    """Choose a touch's variant by a stable hash of lead and touch, by weight; empty when it has none."""
    if not touch.variants:
        return ""
    return draw(touch.variants, f"{lead}|{place.plan.playbook.id}|{place.stage.id}|{touch.id}")


def verdict(
    work: Work,
    place: Place,
    touch: Touch,
    outcome: Outcome,
    reason: Reason,
    *,
    due: Due | None,
    detail: str = "",
    line: int = 0,
    owner: str = "",
) -> Verdict:
    """State how one touch ends now."""
    enrolment, visit = place.enrolment, place.enrolment.visit.number
    return Verdict(
        enrolment.touch_key(touch.id),
        work.state.lead,
        enrolment.id,
        visit,
        enrolment.playbook,
        place.plan.digest,
        place.stage.id,
        touch.id,
        touch.channel,
        outcome,
        reason,
        due.instant if due else None,
        work.now,
        detail,
        line or touch.line,
        owner or enrolment.owner,
        due,
    )


def end_touch(
    work: Work,
    place: Place,
    touch: Touch,
    outcome: Outcome,
    reason: Reason,
    *,
    due: Due | None,
    detail: str = "",
    line: int = 0,
) -> None:
    """End a touch without carrying it out, and say why."""
    ended = verdict(work, place, touch, outcome, reason, due=due, detail=detail, line=line)
    data: dict[str, Any] = {"reason": reason.code, "detail": detail}
    if due:
        data["due_at"] = instant_text(due.instant)
    work.ended.append(ended)
    work.record(
        _ENTRIES[outcome],
        enrolment=place.enrolment,
        touch=touch.id,
        visit=place.enrolment.visit.number,
        channel=touch.channel,
        **data,
    )


def end_touches(
    work: Work, place: Place, reason: Reason, *, by: str, keep: tuple[str, ...] = (), only: str = "", line: int = 0
) -> None:
    """End all that is left of the running visit's sequence; what expired before is late, not stopped.

    ``only`` is the one channel whose touches end.
    """
    for touch, due in list(open_touches(place)):
        if touch.id in keep or (only and touch.channel != only):
            continue
        if due and work.now > expiry(place, touch, due):
            end_touch(work, place, touch, Outcome.SKIPPED, Reason.LATE, due=due)
        else:
            end_touch(work, place, touch, Outcome.STOPPED, reason, due=due, detail=by, line=line)
