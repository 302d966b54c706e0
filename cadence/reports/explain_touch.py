"""The whole chain of one touch, as plain data: what it counts from, when it is due, what was asked, what came of it."""

from __future__ import annotations

from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from cadence.engine.decision import Reason
from cadence.engine.events import Decided, instant_text
from cadence.engine.touches import variant_of
from cadence.reports.explain_chain import chain_of, reasons_for_its_time, what_stopped
from cadence.reports.explain_change import changes
from cadence.reports.owner_history import owner_steps
from cadence.runner.closed import local_text, member_name, still_told

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.engine.events import Event
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
    stopped = what_stopped(case)
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
        "why_then": reasons_for_its_time(case),
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
        "chain": [{"what": what, "says": says, "more": more} for what, says, more in chain_of(case)],
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
