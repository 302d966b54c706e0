"""Claims: touches to be carried out now, written into the log as such."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.engine.cases import ANSWER_WITHIN, at_any_hour
from cadence.engine.decision import Claim, Outcome, Reason
from cadence.engine.events import Decided, instant_text
from cadence.engine.talk import with_hours
from cadence.engine.touches import verdict
from cadence.playbook.segments import count_segments
from cadence.playbook.words import PERSON_CHANNELS

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.engine.cases import Case, Ready
    from cadence.engine.work import Work
    from cadence.playbook.templates import Rendered

__all__ = ["claim_message", "claim_step"]


def claim_message(work: Work, each: Ready) -> Claim:
    """Claim a message to the person."""
    case, text = each.case, each.rendered
    sent = verdict(work, case.place, case.touch, Outcome.SENT, Reason.SENT, due=case.due)
    attempt, tries = _record_claim(work, case, counted=not case.exempt, answers=case.inquiry)
    segments = count_segments(text.body).segments if case.touch.channel == "sms" else 0
    until = _good_until(work, case)
    return Claim(
        sent, each.address, text.subject, text.body, segments, each.variant, attempt, tries, until, each.invite
    )


def _good_until(work: Work, case: Case) -> datetime | None:
    """Return when a message must have arrived: its window closes, or its answer to an inquiry is too late."""
    closing = case.place.clock.closes(case.touch.channel, work.now)
    if closing is None and work.state.inquiry and at_any_hour(work, case):
        return work.state.inquiry.at + ANSWER_WITHIN
    return closing


def claim_step(work: Work, case: Case, owner: str, rendered: Rendered, variant: str) -> Claim:
    """Claim a step of a colleague, or word to a program."""
    touch, due = case.touch, case.due.instant
    person = touch.channel in PERSON_CHANNELS
    sent = verdict(work, case.place, touch, Outcome.SENT, Reason.SENT, due=case.due, owner=owner)
    opening = case.place.plan.playbook.calendar.next_opening(due) if touch.due == "next_opening" else None
    due_at = opening or due
    calls = touch.channel == "call"
    title = f"{'Call' if calls else 'See to'} {work.name}: {touch.id.replace('-', ' ')}" if person else ""
    step: dict[str, Any] = {"title": title, "owner": owner, "step_due_at": instant_text(due_at)} if person else {}
    attempt, tries = _record_claim(work, case, counted=False, answers="", **step)
    return Claim(
        verdict=sent,
        to=owner if person else touch.audience or touch.endpoint,
        subject=rendered.subject,
        body=with_hours(rendered.body, case.place.clock, max(due_at, work.now)) if calls else rendered.body,
        variant=variant,
        title=title,
        task_due_at=due_at if person else None,
        attempt=attempt,
        tries=tries,
    )


def _record_claim(work: Work, case: Case, *, counted: bool, answers: str, **step: Any) -> tuple[int, int]:
    """Write the claim into the log; return which attempt it is, from 1, and how many calls surely did not go.

    ``step`` is what a person's step says besides.
    """
    deferral = case.place.enrolment.visit.deferred.get(case.touch.id)
    attempt, tries = (deferral.attempt + 1, deferral.tries) if deferral else (1, 0)
    work.record(
        Decided.TOUCH_CLAIMED,
        enrolment=case.place.enrolment,
        touch=case.touch.id,
        visit=case.place.enrolment.visit.number,
        channel=case.touch.channel,
        due_at=instant_text(case.due.instant),
        counted=counted,
        answers=answers,
        attempt=attempt,
        **step,
    )
    return attempt, tries
