"""The whole chain of one touch, as plain data: what it counts from, when it is due, what was asked, what came of it."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from cadence.engine.context import surely_holds
from cadence.engine.decision import Reason
from cadence.engine.events import Decided, instant_text, parse_instant
from cadence.engine.holds import current_hold
from cadence.engine.touches import variant_of
from cadence.playbook.condition_parts import values_in
from cadence.playbook.event_nouns import event_noun
from cadence.playbook.words import ADDRESS_FIELDS, MESSAGE_CHANNELS, PERSON_CHANNELS
from cadence.reports.explain_change import changes
from cadence.reports.explain_when import why_then
from cadence.reports.owner_history import owner_steps
from cadence.runner.closed import local_text, member_name, still_told
from cadence.timing.durations import format_duration
from cadence.timing.wall import local_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cadence.engine.events import Event
    from cadence.playbook.model import Touch
    from cadence.reports.explain_case import Case

__all__ = ["touch_data"]

_MOST_LINES = 20  #: of the page, for one touch
_REASONS = {each.code: each for each in Reason}
_PAST = {
    Reason.CONDITION: "its condition did not hold",
    Reason.NO_ADDRESS: "the lead had no address for this channel",
    Reason.DEAD_ADDRESS: "nothing could reach the lead's address on this channel",
    Reason.NO_CONSENT: "there was no consent to write on this channel",
    Reason.NO_INQUIRY: "the person had not asked for anything",
    Reason.TEMPLATE: "its text could not be made for this lead",
}
#: Details that a person reads as they are.
_SAID_AS_IT_IS = (Reason.TEMPLATE, Reason.REFUSED, Reason.RETRY, Reason.LOST_ANSWER)


def touch_data(case: Case) -> dict[str, Any]:
    """Return one touch of one visit as plain data; instants as text."""
    touch, verdict = case.touch, case.verdict
    line = verdict.line if verdict else touch.line if touch else 0
    own = touch.line if touch else line
    stopped = _stopping(case)
    return {
        "key": case.key,
        "enrolment": case.enrolment.id,
        "visit": case.visit.number,
        "stage": case.stage.id,
        "touch": case.name,
        "channel": touch.channel if touch else _channel(case),
        "standing": case.standing,
        "at": _text(_ended_at(case)),
        "reason": _reason(case),
        "says": _says(case),
        "stopped_by": stopped,
        "until": _text(verdict.until) if verdict and case.standing == "waits" else None,
        "foreseen": _foreseen(case),
        "later": _later(case),
        "due_at": _text(verdict.due_at) if verdict else None,
        "derivation": list(verdict.derivation) if verdict else [],
        "why_then": _why_then(case),
        "file": case.plan.file,
        "line": own,
        "line_text": case.plan.line_text(own),
        "lines": _lines(case, own),
        "decided_by": {"line": line, "text": case.plan.line_text(line)} if line != own else None,
        "version": case.plan.short,
        "published_at": _text(case.story.books.published_at(case.plan.digest, case.decided_at)),
        "owner": verdict.owner if verdict else case.enrolment.owner,
        "owner_name": member_name(case.story.book, verdict.owner if verdict else case.enrolment.owner),
        "owner_why": _owner_why(case),
        "chain": [{"what": what, "says": says, "more": more} for what, says, more in _chain(case)],
        "variant": _variant(case),
        "subject": _message(case)[0],
        "text": _message(case)[1],
        "log": [_entry(mark.event) for mark in case.marks],
        "compared": case.compared,
        "differs": [{"recorded": _entry(was), "now": _entry(now) if now else None} for was, now in case.differing()],
        "changes": changes(case),
    }


def _lines(case: Case, first: int) -> list[str]:
    """Return what the page says of the touch, line by line: the line it begins on, and those that belong to it."""
    page = case.plan.page.split("\n")[first - 1 :] if first else []
    if not page or not page[0].strip():
        return []
    indent = len(page[0]) - len(page[0].lstrip())
    below = takewhile(lambda line: line.strip() and len(line) - len(line.lstrip()) > indent, page[1:])
    return [line[indent:].rstrip() for line in (page[0], *islice(below, _MOST_LINES - 1))]


def _owner_why(case: Case) -> str:
    """Say how the lead came to whose it was when the touch was decided."""
    touch, verdict = case.touch, case.verdict
    if touch and verdict and touch.owner and touch.owner != case.stage.owner:
        return f"the touch asks for {touch.owner}"
    log = still_told([event for event in case.story.log if event.recorded_at <= case.decided_at])
    steps = list(owner_steps(case.story.book, case.plan, case.enrolment, log))
    return str(steps[-1]["why"]) if steps else ""


def _text(instant: datetime | None) -> str | None:
    return instant_text(instant) if instant else None


def _at(case: Case, instant: datetime) -> str:
    return local_text(case.story.book, instant)


def _channel(case: Case) -> str:
    return str(case.marks[-1].event.data.get("channel", "")) if case.marks else ""


def _ended_at(case: Case) -> datetime | None:
    """Tell when it came to stand as it does; for a touch that was carried out, when it was decided."""
    if not case.marks or case.standing == "waits":
        return None
    deciding = case.deciding
    went = case.standing in ("sent", "unknown", "on_its_way")
    return deciding.event.at if went and deciding else case.marks[-1].event.at


def _reason(case: Case) -> str:
    if case.standing == "never":
        return ""
    if case.marks and case.standing in ("failed", "stopped", "skipped"):
        return str(case.marks[-1].event.data.get("reason") or "")
    if case.standing == "unknown":
        return Reason.LOST_ANSWER.code
    if case.standing == "on_its_way":
        return Reason.IN_FLIGHT.code
    return case.verdict.reason.code if case.verdict else Reason.SENT.code


def _says(case: Case) -> str:
    """Say in a sentence why it stands as it does."""
    if case.standing == "never":
        return _why_never(case)
    verdict = case.verdict
    if case.standing == "waits" and verdict and verdict.outcome.value != "waits":
        return (
            "it is due, and nothing speaks against it: the next tick carries it out"
            if verdict.reason is Reason.SENT
            else f"the next tick ends it: {verdict.reason.text}"
        )
    reason = _REASONS.get(_reason(case))
    if reason is None:
        return ""
    detail = str(case.marks[-1].event.data.get("detail") or "") if case.marks else ""
    if case.standing != "waits" and reason in _PAST:
        return _PAST[reason]
    if reason is Reason.SUPERSEDED:
        return f"a newer message went instead: {detail}"
    return f"{reason.text}: {detail}" if detail and reason in _SAID_AS_IT_IS else reason.text


def _why_never(case: Case) -> str:
    """Say why nothing was ever decided of a touch of a visit that there was."""
    touch = case.touch
    if touch is None:
        return "nothing is known of it"
    if touch.instead_of:
        return f"it stands in for {touch.instead_of}, which was not found to reach nobody"
    variant = case.visit.variant
    if touch.variant and touch.variant != variant:
        return f"the lead goes the way {variant!r} through this stage, and this touch is of the way {touch.variant!r}"
    if case.enrolment.end:
        return f"the job has ended as {case.enrolment.end}"
    if case.enrolment.visit.number != case.visit.number:
        return "the version that held while the lead was in this stage did not have it"
    return "the lead's version of the page cannot be followed any more"


def _stopping(case: Case) -> dict[str, Any] | None:
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


def _foreseen(case: Case) -> dict[str, Any] | None:
    told = case.story.foreseen.get(case.key)
    if told is None or case.standing not in ("waits", "never"):
        return None
    verdict = told.verdict
    return {
        "at": instant_text(told.at),
        "standing": verdict.outcome.value,
        "reason": verdict.reason.code,
        "says": verdict.reason.text,
        "text": told.claim.body if told.claim else "",
    }


def _later(case: Case) -> dict[str, Any] | None:
    """Tell what became of it after the instant that is asked about, as far as it is known by now."""
    found = case.story.after.get(case.key)
    return _entry(found[-1]) if found else None


def _entry(event: Event) -> dict[str, Any]:
    reason = _REASONS.get(str(event.data.get("reason") or ""))
    said = reason.text if reason else str(event.data.get("code") or "")
    return {
        "at": instant_text(event.at),
        "type": event.type,
        "reason": reason.code if reason else "",
        "detail": str(event.data.get("detail") or event.data.get("code") or ""),
        "says": " - ".join(part for part in (_ENTRIES.get(event.type, event.type), said) if part),
    }


_ENTRIES = {
    Decided.TOUCH_CLAIMED: "taken in hand",
    Decided.TOUCH_SENT: "carried out",
    Decided.TOUCH_DEFERRED: "did not go, and is tried again",
    Decided.TOUCH_SKIPPED: "skipped",
    Decided.TOUCH_STOPPED: "stopped",
    Decided.TOUCH_FAILED: "failed",
    Decided.TOUCH_UNKNOWN: "its answer was lost",
}


def _message(case: Case) -> tuple[str, str]:
    """Return subject and text: as they went, or as they would go."""
    row = case.story.rows.get(case.key)
    if case.standing in ("sent", "on_its_way", "unknown") and row and row.body:
        return row.subject, row.body
    deciding = case.deciding
    told = case.story.foreseen.get(case.key)
    claim = deciding.claim if deciding and case.standing != "waits" else told.claim if told else None
    return (claim.subject, claim.body) if claim else ("", "")


def _variant(case: Case) -> str:
    """Name the variant of the text that the lead got, or would."""
    touch, place = case.touch, case.place
    return variant_of(place, touch, case.story.lead) if touch and place else ""


def _chain(case: Case) -> Iterator[tuple[str, str, list[str]]]:
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
    if went and (why := _why_then(case)):
        yield "why then", f"{'goes' if case.standing == 'waits' else 'went'} {_at(case, went)}", why


def _why_then(case: Case) -> list[str]:
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
    stop = _stopping(case)
    if stop:
        words = [f'"{" ".join(stop["text"].split())}"'] if stop["text"] else []
        yield "stopped by", f"{stop['says']}, {_at(case, parse_instant(stop['at']))}", words
    elif case.standing in ("waits", "sent", "on_its_way"):
        names = ", ".join(event_noun(each, case.plan.workspace.events) for each in case.plan.playbook.stop_on)
        yield "stops", f"{names or 'nothing but an opt-out'}: none came before", []
