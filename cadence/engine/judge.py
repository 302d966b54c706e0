"""Judgement of the touches of one lead at one instant: which go, which wait and until when, which end and why.

Decision time is send time: stops, conditions, windows and limits are judged on what is known now. At most one
message goes to a person per judgement, so no outage and no coincidence can end in a flood.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cadence.engine.cases import Case, Ready, at_any_hour, case_of
from cadence.engine.claims import claim_message, claim_step
from cadence.engine.context import EnrolmentContext
from cadence.engine.decision import HALTED, Outcome, Reason, Wait
from cadence.engine.holds import current_hold
from cadence.engine.invites import invite_of
from cadence.engine.limits import capped, limit_wait
from cadence.engine.owners import person_for
from cadence.engine.permission import forbids
from cadence.engine.person import person_is
from cadence.engine.touches import STALE, Place, end_touch, expiry, open_touches, places, variant_of
from cadence.errors import RenderError
from cadence.playbook.conditions import holds
from cadence.playbook.templates import Rendered, render
from cadence.playbook.words import ADDRESS_FIELDS, MESSAGE_CHANNELS, PERSON_CHANNELS, STOPPED_BY_OPT_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.engine.decision import Claim
    from cadence.engine.visit import Deferral
    from cadence.engine.work import Work
    from cadence.playbook.model import Touch
    from cadence.playbook.templates import Template
    from cadence.timing.when import Due

__all__ = ["judge"]

SPACING = timedelta(minutes=1)  #: messages that limits do not hold apart


@dataclass(slots=True)
class _Bench:
    """One judgement in the making."""

    work: Work
    claims: list[Claim] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    ready: list[Ready] = field(default_factory=list)
    limited: list[Case] = field(default_factory=list)  #: messages that limits keep from going now
    deferred: list[tuple[Case, Deferral]] = field(default_factory=list)  #: messages to be tried again later

    def wait(
        self,
        place: Place,
        touch: Touch,
        due: Due | None,
        reason: Reason,
        until: datetime | None = None,
        *,
        detail: str = "",
        line: int = 0,
    ) -> None:
        """Let a touch wait."""
        work, enrolment = self.work, place.enrolment
        lead, visit, owner = work.state.lead, enrolment.visit, enrolment.owner
        self.waits.append(Wait(place, visit, touch, due, reason, lead, owner, work.now, until, detail, line))

    def hold(self, case: Case, reason: Reason, until: datetime | None, *, detail: str = "", line: int = 0) -> None:
        """Let a touch that is due wait."""
        self.wait(case.place, case.touch, case.due, reason, until, detail=detail, line=line)

    def end(self, case: Case, outcome: Outcome, reason: Reason, *, detail: str = "", line: int = 0) -> None:
        """End a touch without carrying it out."""
        end_touch(self.work, case.place, case.touch, outcome, reason, due=case.due, detail=detail, line=line)


def judge(work: Work) -> tuple[list[Claim], list[Wait]]:
    """Judge every open touch of the lead; return what is to be carried out now and what waits."""
    bench = _Bench(work)
    for place in places(work):
        for touch, due in open_touches(place):  # the one that stands in for another opens while that one is judged
            _judge_touch(bench, place, touch, due)
    if bench.deferred:
        bench.ready = [each for each in bench.ready if not _waits_its_turn(bench, each.case)]
    if len(bench.ready) > 1:
        bench.ready.sort(key=lambda each: each.case.due.instant)  # stable: touches due together keep the page's order
        bench.ready = _supersede(bench)
    for each in bench.ready:
        _send_or_wait(bench, each)
    for case in bench.limited:
        _wait_or_cap(bench, case)
    return bench.claims, bench.waits


def _judge_touch(bench: _Bench, place: Place, touch: Touch, due: Due | None) -> None:
    """Take one touch as far as it can be judged without the lead's facts."""
    work, stop = bench.work, place.enrolment.visit.stop
    if stop and touch.id not in stop.keep:
        end_touch(work, place, touch, Outcome.STOPPED, Reason.STOPPED, due=due, detail=stop.by)
    elif due is None:
        bench.wait(place, touch, due, Reason.NO_ANCHOR, detail=touch.anchor)
    elif due.instant > work.now:
        bench.wait(place, touch, due, Reason.NOT_DUE, due.instant)
    else:
        _judge_due(bench, case_of(work, place, touch, due))


def _judge_due(bench: _Bench, case: Case) -> None:
    """Judge the clock of a touch that is due: is it held, too late, wanted, and is its window open?"""
    work, place, touch = bench.work, case.place, case.touch
    hold = current_hold(work.state, place.enrolment.playbook, work.now)
    if hold:
        bench.hold(case, Reason.PAUSED if hold.kind == "paused" else Reason.SNOOZED, hold.end, detail=hold.kind)
    elif work.now > expiry(place, touch, case.due):
        bench.end(case, Outcome.SKIPPED, Reason.LATE)
    elif touch.channel in STOPPED_BY_OPT_OUT and work.state.opted_out(touch.channel):
        bench.end(case, Outcome.STOPPED, Reason.OPTED_OUT, detail="opt_out")
    elif (deferral := place.enrolment.visit.deferred.get(touch.id)) and deferral.until > work.now:
        bench.hold(case, Reason.RETRY, deferral.until, detail=deferral.code)
        if case.is_message:
            bench.deferred.append((case, deferral))
    elif touch.answers and work.state.inquiry is None:
        bench.end(case, Outcome.SKIPPED, Reason.NO_INQUIRY)
    elif case.is_message and not at_any_hour(work, case) and (opening := _opening(work, case)) != work.now:
        bench.hold(case, Reason.QUIET_HOURS, opening, line=place.plan.playbook.lines.get("send_windows", 0))
    else:
        _judge_facts(bench, case)


def _judge_facts(bench: _Bench, case: Case) -> None:
    """Judge what needs the lead's facts: condition, address, limits, text."""
    work, place, touch = bench.work, case.place, case.touch
    variant = variant_of(place, touch, work.state.lead)
    owner = _owner(work, place, touch)
    context = EnrolmentContext(place, work.state, work.now, owner, variant)
    template = place.plan.template_of(touch, variant)
    try:
        if touch.condition and not holds(touch.condition, context):
            bench.end(case, Outcome.SKIPPED, Reason.CONDITION, detail=touch.condition)
        elif case.is_message:
            _judge_message(bench, case, template, context)
        elif touch.channel in PERSON_CHANNELS or not _waits_for_its_way(bench, case):
            bench.claims.append(claim_step(work, case, owner, _text(template, context), variant))
    except RenderError as error:
        bench.end(case, Outcome.FAILED, Reason.TEMPLATE, detail=error.message)


def _owner(work: Work, place: Place, touch: Touch) -> str:
    """Name who does a touch: the lead's owner, unless the touch asks for somebody else than its stage does."""
    if touch.owner in ("", place.stage.owner):
        return place.enrolment.owner
    wanted = person_for(
        place.plan,
        touch.owner,
        work.state.lead,
        place.enrolment.had,
        lambda condition: person_is(work, place.plan, condition),
    )
    return wanted or place.enrolment.owner


def _judge_message(bench: _Bench, case: Case, template: Template | None, context: EnrolmentContext) -> None:
    work, touch = bench.work, case.touch
    limits = case.place.plan.playbook.limits
    address = str(work.state.record.get(ADDRESS_FIELDS[touch.channel]) or "")
    if not address:
        bench.end(case, Outcome.SKIPPED, Reason.NO_ADDRESS)
    elif forbidden := forbids(work, case, address):
        bench.end(case, *forbidden)
    elif (not case.exempt and capped(work.state, limits, work.now)) or _limit_wait(work, case):
        bench.limited.append(case)
    else:
        rendered, invite = _text(template, context), _invite(template, context)
        bench.ready.append(Ready(case, address, rendered, context.variant, invite))


def _text(template: Template | None, context: Mapping[str, Any]) -> Rendered:
    return render(template, context) if template else Rendered(subject="", body="")


def _invite(template: Template | None, context: EnrolmentContext) -> Mapping[str, Any] | None:
    """Return the appointment that goes along as a calendar file, when the text asks for one."""
    return invite_of(context, template.invite) if template and template.invite else None


def _opening(work: Work, case: Case) -> datetime | None:
    return case.place.clock.next_open(case.touch.channel, work.now)


def _limit_wait(work: Work, case: Case) -> tuple[datetime, Reason] | None:
    limits = None if case.exempt else case.place.plan.playbook.limits
    lawful = bool(case.inquiry) and at_any_hour(work, case)
    return limit_wait(work.state, limits, case.place.clock, case.touch.channel, work.now, lawful=lawful)


def _waits_its_turn(bench: _Bench, case: Case) -> bool:
    """Keep a person's messages in order: behind one that is tried again, the later ones of its channel wait.

    An answer to what the person has just asked, and a request to confirm, wait for nothing.
    """
    if case.exempt:
        return False
    for before, deferral in bench.deferred:
        if before.touch.channel == case.touch.channel and before.due.instant < case.due.instant:
            bench.hold(case, Reason.RETRY, deferral.until, detail=before.touch.id)
            return True
    return False


def _supersede(bench: _Bench) -> list[Ready]:
    """Of messages that could go together, drop those more than an hour late for a newer one."""
    now = bench.work.now
    stale = [each for each in bench.ready if each.lateness(now) > STALE]
    fresh = [each for each in bench.ready if each.lateness(now) <= STALE]
    staying = fresh or stale[-1:]
    for each in stale:
        if each not in staying:
            bench.end(each.case, Outcome.SKIPPED, Reason.SUPERSEDED, detail=staying[-1].case.touch.id)
    return staying


def _send_or_wait(bench: _Bench, each: Ready) -> None:
    """Let the first message go whose sender is free; the others wait for their gap, or at least for the next tick."""
    if _waits_for_its_way(bench, each.case):
        return
    if not (bench.claims and any(claim.verdict.channel in MESSAGE_CHANNELS for claim in bench.claims)):
        bench.claims.append(claim_message(bench.work, each))
    else:
        bench.limited.append(each.case)


def _waits_for_its_way(bench: _Bench, case: Case) -> bool:
    """Let a touch wait while its channel is halted, or its sender has sent enough for now."""
    free_at = bench.work.traffic.get(case.touch.channel)
    if free_at is None or free_at <= bench.work.now:
        return False
    bench.hold(case, Reason.HALTED if free_at == HALTED else Reason.RATE, free_at)
    return True


def _wait_or_cap(bench: _Bench, case: Case) -> None:
    """Let a message wait for its limits; the one that has just gone may have been the week's last."""
    work, limits = bench.work, case.place.plan.playbook.limits
    if not case.exempt and capped(work.state, limits, work.now):
        bench.end(case, Outcome.SKIPPED, Reason.CAPPED, line=limits.line)
    elif wait := _limit_wait(work, case):
        bench.hold(case, wait[1], wait[0], line=0 if wait[1] is Reason.LAW_LIMIT else limits.line)
    else:
        bench.hold(case, Reason.ONE_PER_TICK, work.now + SPACING)
