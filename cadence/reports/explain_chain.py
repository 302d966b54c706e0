"""The chain of one touch: what it counts from, when it is due, and all that was asked before it went or ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cadence.engine.context import surely_holds
from cadence.engine.decision import Reason
from cadence.engine.events import instant_text, parse_instant
from cadence.engine.holds import current_hold
from cadence.playbook.condition_parts import values_in
from cadence.playbook.event_nouns import event_noun
from cadence.playbook.words import ADDRESS_FIELDS, MESSAGE_CHANNELS, PERSON_CHANNELS
from cadence.reports.explain_when import why_then
from cadence.runner.closed import local_text, member_name
from cadence.timing.durations import format_duration
from cadence.timing.wall import local_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cadence.playbook.model import Touch
    from cadence.reports.explain_case import Case

__all__ = ["chain_of", "reasons_for_its_time", "what_stopped"]


def chain_of(case: Case) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the links, in the order they are asked: what is asked, the answer, more of it line by line.

    The chain ends where the touch did: what comes behind was not asked any more.
    """
    touch, verdict = case.touch, case.verdict
    if touch is None or verdict is None:
        return
    yield "in", f"{case.stage.title}, since {_at(case, case.visit.started_at)}: {case.happens(case.visit.by)}", []
    yield from _timing(case, touch)
    if verdict.due_at is not None and verdict.reason not in _NOT_ASKED:
        for link in _asked(case, touch):
            yield link
            if link[0] == _DECISIVE.get(verdict.reason):
                break
    yield from _stops(case)
    yield from _step(case, touch)


def _step(case: Case, touch: Touch) -> Iterator[tuple[str, str, list[str]]]:
    """Tell what became of a colleague's step."""
    enrolment = case.story.state.enrolments.get(case.enrolment.id)
    task = enrolment.tasks.get(case.key) if enrolment and touch.channel in PERSON_CHANNELS else None
    if task:
        due = f", due {_at(case, task.due_at)}" if task.due_at else ""
        how = {"": "open", "done": "done", "dropped": "off the list"}.get(task.closed, task.closed)
        yield "step", f"{task.title}{due}", [f"{how}; {member_name(case.story.book, task.owner) or 'nobody'} has it"]


def _asked(case: Case, touch: Touch) -> Iterator[tuple[str, str, list[str]]]:
    yield from _holds(case)
    message = touch.channel in MESSAGE_CHANNELS
    if message:
        yield from _window(case, touch)
    yield from _condition(case, touch)
    if message:
        yield from _permission(case, touch)
        yield from _limits(case, touch)


#: Reasons for which nothing was asked of a touch but its time.
_NOT_ASKED = (Reason.STOPPED, Reason.STAGE_LEFT, Reason.DROPPED, Reason.OPTED_OUT, Reason.BEFORE_PUBLICATION)
#: Reason -> the link at which the chain ends.
_DECISIVE = {
    Reason.PAUSED: "held back",
    Reason.SNOOZED: "held back",
    Reason.QUIET_HOURS: "window",
    Reason.CONDITION: "condition",
    Reason.NO_ADDRESS: "address",
    Reason.DEAD_ADDRESS: "address",
    Reason.SUPPRESSED: "address",
    Reason.NO_CONSENT: "consent",
}


def _timing(case: Case, touch: Touch) -> Iterator[tuple[str, str, list[str]]]:
    verdict = case.verdict
    if verdict is None or verdict.due is None:
        what = f"{touch.anchor}, which has not happened" if touch.anchor else "nothing that has happened"
        yield "counts from", what, []
        return
    anchor = verdict.due.inputs[1]
    name = case.happens(anchor.name) if anchor.name else f"the visit's start: {case.happens(case.visit.by)}"
    yield "counts from", f"{name}, {_at(case, anchor.instant)}", []
    yield "due", _at(case, verdict.due.instant), list(verdict.derivation)
    went = _went_at(case)
    if went and (why := reasons_for_its_time(case)):
        yield "why then", f"{'goes' if case.standing == 'waits' else 'went'} {_at(case, went)}", why


def reasons_for_its_time(case: Case) -> list[str]:
    """Say why it went when it did, and not when it was due; nothing where the two are one."""
    went, due = _went_at(case), case.verdict.due_at if case.verdict else None
    return why_then(case, due, went) if went and due else []


def _went_at(case: Case) -> datetime | None:
    """Tell when it was carried out, or will be if nobody speaks."""
    told = case.story.foreseen.get(case.key)
    if case.standing == "waits":
        return told.at if told and told.claim else None
    return case.decided_at if case.standing in ("sent", "unknown", "on_its_way") else None


def _holds(case: Case) -> Iterator[tuple[str, str, list[str]]]:
    hold = current_hold(case.known, case.enrolment.playbook, case.decided_at)
    if hold:
        until = f", until {_at(case, hold.end)}" if hold.end else ""
        yield "held back", f"{hold.kind.replace('_', ' ')} since {_at(case, hold.start)}{until}", []


def _window(case: Case, touch: Touch) -> Iterator[tuple[str, str, list[str]]]:
    clock, verdict = case.clock, case.verdict
    at = verdict.due_at if verdict and verdict.due_at and verdict.reason is Reason.NOT_DUE else case.decided_at
    opening = clock.next_open(touch.channel, at)
    closing = clock.closes(touch.channel, at)
    if opening == at:
        says = f"open, until {_at(case, closing)}" if closing else "open at any hour"
    elif touch.answers and case.standing == "sent":
        says = "closed; an answer to the person's own inquiry may go at any hour"
    else:
        says = f"closed, until {_at(case, opening)}" if opening else "never open"
    zones = ", ".join(zone.key for zone in clock.zones.zones)
    line = case.plan.playbook.lines.get("send_windows", 0)
    own = (each for each in range(line + 1, line + 9) if case.plan.line_text(each).startswith(f"{touch.channel}:"))
    line = next(own, line) if line else 0
    text = case.plan.line_text(line)
    more = [f"on the clock of {zones} (by the {clock.zones.source or 'business'})"]
    yield "window", says, [*more, *([f"{case.plan.file}:{line}  {text}"] if line and text else [])]


def _condition(case: Case, touch: Touch) -> Iterator[tuple[str, str, list[str]]]:
    context = case.context
    if not touch.condition or context is None:
        return
    holds = surely_holds(touch.condition, context)
    if case.standing == "waits":
        says = "holds as things stand" if holds else "does not hold as things stand"
    else:
        says = "held" if holds else "did not hold"
    values = values_in(touch.condition, context)
    yield "condition", f"if {touch.condition}: {says}", [f"{name} = {value}" for name, value in values.items()]


def _permission(case: Case, touch: Touch) -> Iterator[tuple[str, str, list[str]]]:
    known = case.known
    field = ADDRESS_FIELDS[touch.channel]
    address = str(known.record.get(field) or "")
    barred = known.barred(touch.channel, address) if address else ""
    says = "none is known" if not address else f"on the list of those not to be written to: {barred}" if barred else ""
    yield "address", says or f"the lead's {field}", []
    asked = case.plan.workspace.consent.get(touch.channel, "none")
    if known.opted_out(touch.channel):
        yield "consent", "the person asked us to stop", []
    elif asked != "none":
        given = known.consents.get(touch.channel) or ("inquiry" if known.inquiry else "none")
        yield "consent", f"asked for: {asked}; on record: {given}", []


def _limits(case: Case, touch: Touch) -> Iterator[tuple[str, str, list[str]]]:
    limits, at, sent = case.plan.playbook.limits, case.decided_at, case.known.messages
    if touch.expects == "ack" or (touch.answers and case.standing == "sent"):
        yield "limits", "do not hold for it: it answers an inquiry, or asks for a confirmation", []
        return
    today = sum(1 for each in sent if local_day(each, case.clock.zone) == local_day(at, case.clock.zone))
    week = sum(1 for each in sent if at - timedelta(days=7) < each <= at)
    last = max(sent, default=None)
    more = [f"the last one {_at(case, last)}, and {format_duration(limits.min_gap)} lie between two"] if last else []
    says = f"{today} of {limits.messages_per_day} messages that day, {week} of {limits.messages_per_week} in seven days"
    yield "limits", says, more


def _stops(case: Case) -> Iterator[tuple[str, str, list[str]]]:
    stop = what_stopped(case)
    if stop:
        words = [f'"{" ".join(stop["text"].split())}"'] if stop["text"] else []
        yield "stopped by", f"{stop['says']}, {_at(case, parse_instant(stop['at']))}", words
    elif case.standing in ("waits", "sent", "on_its_way"):
        names = ", ".join(event_noun(each, case.plan.workspace.events) for each in case.plan.playbook.stop_on)
        yield "stops", f"{names or 'nothing but an opt-out'}: none came before", []


def what_stopped(case: Case) -> dict[str, Any] | None:
    """Tell which event ended the touch, and when that was."""
    verdict, deciding = case.verdict, case.deciding
    if verdict is None or deciding is None or case.standing != "stopped":
        return None
    kind = verdict.detail
    made = deciding.made
    fact = made.fact if made and made.fact and made.fact.type == kind else None
    latest = case.known.latest.get(kind) or case.enrolment.latest.get(kind)
    found = fact or (latest if latest and latest.at <= deciding.event.at else None)
    at = found.at if found else case.known.enrolments[case.enrolment.id].visit.started_at if not kind else None
    stop = case.known.enrolments[case.enrolment.id].visit.stop
    at = at or (stop.at if stop else deciding.event.at)
    words = str(found.data.get("text") or "") if found else ""
    return {"event": kind, "says": case.happens(kind), "at": instant_text(at), "text": words}


def _at(case: Case, instant: datetime) -> str:
    return local_text(case.story.book, instant)
