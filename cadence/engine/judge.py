"""Judgement of the touches of one lead at one instant: which go, which wait and until when, which end and why.

Decision time is send time: stops, conditions, windows and limits are judged on what is known now. At most one
message goes to a person per judgement, so no outage and no coincidence can end in a flood.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cadence.engine.context import context_of
from cadence.engine.decision import Claim, Outcome, Reason, Verdict
from cadence.engine.events import Decided, instant_text
from cadence.engine.holds import current_hold
from cadence.engine.limits import capped, limit_wait
from cadence.engine.owners import owner_of
from cadence.engine.touches import STALE, Place, end_touch, expiry, open_touches, places, variant_of, verdict
from cadence.errors import RenderError
from cadence.playbook.conditions import holds
from cadence.playbook.segments import count_segments
from cadence.playbook.templates import Rendered, render
from cadence.playbook.words import MESSAGE_CHANNELS, PERSON_CHANNELS

if TYPE_CHECKING:
    from cadence.engine.work import Work
    from cadence.playbook.model import Touch
    from cadence.timing.when import Due

__all__ = ["judge"]

ANSWER_WITHIN = timedelta(minutes=15)  #: an inquiry may be answered outside the windows for so long
SPACING = timedelta(minutes=1)  #: messages that limits do not hold apart


@dataclass(frozen=True, slots=True)
class _Ready:
    """A message that could go at this moment."""

    place: Place
    touch: Touch
    due: Due
    order: int
    rendered: Rendered
    variant: str
    address: str
    answers: str  #: the inquiry it answers
    exempt: bool  #: neither waits for limits nor counts in them

    def lateness(self, now: datetime) -> timedelta:
        return now - self.due.instant


def judge(work: Work) -> tuple[list[Claim], list[Verdict]]:
    """Judge every open touch of the lead; return what is to be carried out now and what waits."""
    claims: list[Claim] = []
    waits: list[Verdict] = []
    ready: list[_Ready] = []
    for place in list(places(work)):
        for touch, due in list(open_touches(place)):
            _judge_touch(work, place, touch, due, claims, waits, ready)
    for each in _supersede(work, sorted(ready, key=lambda each: (each.due.instant, each.order))):
        _send_or_wait(work, each, claims, waits)
    return claims, waits


def _judge_touch(
    work: Work,
    place: Place,
    touch: Touch,
    due: Due | None,
    claims: list[Claim],
    waits: list[Verdict],
    ready: list[_Ready],
) -> None:
    """Take one touch as far as it can be judged on its own."""
    stop = place.enrolment.visit.stop
    if stop and touch.id not in stop.keep:
        end_touch(work, place, touch, Outcome.STOPPED, Reason.STOPPED, due=due, detail=stop.by)
        return
    if due is None:
        waits.append(verdict(work, place, touch, Outcome.WAITS, Reason.NO_ANCHOR, due=None, detail=touch.anchor))
        return
    if due.instant > work.now:
        waits.append(verdict(work, place, touch, Outcome.WAITS, Reason.NOT_DUE, due=due, until=due.instant))
        return
    hold = current_hold(work.state, place.enrolment.playbook, work.now)
    if hold:
        reason = Reason.PAUSED if hold.kind == "paused" else Reason.SNOOZED
        waits.append(verdict(work, place, touch, Outcome.WAITS, reason, due=due, until=hold.end, detail=hold.kind))
        return
    if work.now > expiry(place, touch, due):
        end_touch(work, place, touch, Outcome.SKIPPED, Reason.LATE, due=due)
        return
    if touch.channel not in PERSON_CHANNELS and work.state.opted_out_at:
        end_touch(work, place, touch, Outcome.STOPPED, Reason.OPTED_OUT, due=due, detail="opt_out")
        return
    inquiry = _inquiry(work, touch)
    if touch.channel in MESSAGE_CHANNELS and not _at_any_hour(work, place, inquiry):
        opening = place.clock.next_open(touch.channel, work.now)
        if opening != work.now:
            waits.append(
                verdict(
                    work, place, touch, Outcome.WAITS, Reason.QUIET_HOURS,
                    due=due, until=opening, line=place.plan.playbook.lines.get("send_windows", 0),
                )
            )  # fmt: skip
            return
    _prepare(work, place, touch, due, inquiry, claims, waits, ready)


def _prepare(
    work: Work,
    place: Place,
    touch: Touch,
    due: Due,
    inquiry: str,
    claims: list[Claim],
    waits: list[Verdict],
    ready: list[_Ready],
) -> None:
    """Judge what needs the lead's facts: condition, address, limits, text."""
    lead = work.state.lead
    variant = variant_of(place, touch, lead)
    owner = owner_of(place.plan, touch.owner, lead, lambda _: False) if touch.owner else place.enrolment.owner
    context = context_of(
        place.plan, work.state, place.clock, work.now,
        enrolment=place.enrolment, stage=place.stage, owner=owner, variant=variant,
    )  # fmt: skip
    try:
        if touch.condition and not holds(touch.condition, context):
            end_touch(work, place, touch, Outcome.SKIPPED, Reason.CONDITION, due=due, detail=touch.condition)
            return
        if touch.channel in MESSAGE_CHANNELS:
            _prepare_message(work, place, touch, due, inquiry, variant, context, waits, ready)
        else:
            rendered = _text(place, touch, variant, context)
            claims.append(_claim_step(work, place, touch, due, owner, rendered, variant))
    except RenderError as error:
        end_touch(work, place, touch, Outcome.FAILED, Reason.TEMPLATE, due=due, detail=error.message)


def _prepare_message(
    work: Work,
    place: Place,
    touch: Touch,
    due: Due,
    inquiry: str,
    variant: str,
    context: dict[str, Any],
    waits: list[Verdict],
    ready: list[_Ready],
) -> None:
    limits = place.plan.playbook.limits
    address = str(work.state.record.get("phone" if touch.channel == "sms" else "email") or "")
    exempt = bool(inquiry) or touch.expects == "ack"
    if not address:
        end_touch(work, place, touch, Outcome.SKIPPED, Reason.NO_ADDRESS, due=due)
        return
    if not exempt and capped(work.state, limits, work.now):
        end_touch(work, place, touch, Outcome.SKIPPED, Reason.CAPPED, due=due, line=limits.line)
        return
    wait = None if exempt else limit_wait(work.state, limits, place.clock, touch.channel, work.now)
    if wait:
        waits.append(verdict(work, place, touch, Outcome.WAITS, wait[1], due=due, until=wait[0], line=limits.line))
        return
    rendered = _text(place, touch, variant, context)
    ready.append(_Ready(place, touch, due, len(ready), rendered, variant, address, inquiry, exempt))


def _text(place: Place, touch: Touch, variant: str, context: dict[str, Any]) -> Rendered:
    template = place.plan.template_of(touch, variant)
    return render(template, context) if template else Rendered(subject="", body="")


def _inquiry(work: Work, touch: Touch) -> str:
    """Name the inquiry a touch answers; empty when it answers none, or when that one has its answer."""
    fact = work.state.inquiry
    if touch.answers != "inquiry" or fact is None:
        return ""
    name = f"{fact.type}@{instant_text(fact.at)}"
    return "" if name in work.state.answered else name


def _at_any_hour(work: Work, place: Place, inquiry: str) -> bool:
    fact = work.state.inquiry
    return bool(inquiry and fact and place.plan.workspace.answer_any_hour and work.now - fact.at <= ANSWER_WITHIN)


def _supersede(work: Work, ready: list[_Ready]) -> list[_Ready]:
    """Of messages that could go together, drop those more than an hour late for a newer one."""
    stale = [each for each in ready if each.lateness(work.now) > STALE]
    fresh = [each for each in ready if each.lateness(work.now) <= STALE]
    staying = fresh or stale[-1:]
    for each in stale:
        if each not in staying:
            newer = staying[-1].touch.id
            end_touch(work, each.place, each.touch, Outcome.SKIPPED, Reason.SUPERSEDED, due=each.due, detail=newer)
    return staying


def _send_or_wait(work: Work, each: _Ready, claims: list[Claim], waits: list[Verdict]) -> None:
    """Let the first message go; the others wait for their gap, or at least for the next tick."""
    gone = any(claim.verdict.channel in MESSAGE_CHANNELS for claim in claims)
    if not gone:
        claims.append(_claim_message(work, each))
        return
    place, limits = each.place, each.place.plan.playbook.limits
    wait = None if each.exempt else limit_wait(work.state, limits, place.clock, each.touch.channel, work.now)
    until, reason = wait or (work.now + SPACING, Reason.ONE_PER_TICK)
    waits.append(verdict(work, place, each.touch, Outcome.WAITS, reason, due=each.due, until=until))


def _claim_message(work: Work, each: _Ready) -> Claim:
    sent = verdict(work, each.place, each.touch, Outcome.SENT, Reason.SENT, due=each.due)
    _record_claim(work, each.place, each.touch, each.due, counted=not each.exempt, answers=each.answers)
    body = each.rendered.body
    return Claim(
        verdict=sent,
        to=each.address,
        subject=each.rendered.subject,
        body=body,
        segments=count_segments(body).segments if each.touch.channel == "sms" else 0,
        variant=each.variant,
    )


def _claim_step(
    work: Work, place: Place, touch: Touch, due: Due, owner: str, rendered: Rendered, variant: str
) -> Claim:
    person = touch.channel in PERSON_CHANNELS
    sent = verdict(work, place, touch, Outcome.SENT, Reason.SENT, due=due, owner=owner)
    _record_claim(work, place, touch, due, counted=False, answers="")
    opening = place.plan.playbook.calendar.next_opening(due.instant) if touch.due == "next_opening" else None
    return Claim(
        verdict=sent,
        to=owner if person else touch.audience,
        subject=rendered.subject,
        body=rendered.body,
        variant=variant,
        task_due_at=(opening or due.instant) if person else None,
    )


def _record_claim(work: Work, place: Place, touch: Touch, due: Due, *, counted: bool, answers: str) -> None:
    work.record(
        Decided.TOUCH_CLAIMED,
        enrolment=place.enrolment,
        touch=touch.id,
        visit=place.enrolment.visit.number,
        channel=touch.channel,
        due_at=instant_text(due.instant),
        counted=counted,
        answers=answers,
    )
