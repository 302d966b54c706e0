"""A lead's log in plain words: what happened, who did it, and by which name it can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.engine.events import Decided, instant_text, parse_instant
from cadence.engine.fold import UNDONE
from cadence.playbook.words import EVENTS
from cadence.runner.acts import act_key
from cadence.runner.closed import local_text, member_name, title_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.engine.state import LeadState

__all__ = ["entries", "says", "short"]

#: What nobody needs to read: a claim is followed by its outcome.
_UNSAID = (Decided.TOUCH_CLAIMED,)
_SAYINGS = {
    Decided.STAGE_ENTERED: "enters {stage} ({by}){owned}",
    Decided.VISIT_RESTORED: "stands again where it stood before",
    Decided.ENROLMENT_ENDED: "ends as {end}",
    Decided.MOVE_WAITING: "cannot move to {to} yet: {missing}",
    Decided.STOPPED: "the sequence stops: {by}",
    Decided.TOUCH_SENT: "{channel} {touch}",
    Decided.TOUCH_DEFERRED: "{channel} {touch} did not go, and is tried again: {code}",
    Decided.TOUCH_SKIPPED: "{channel} {touch} skipped: {reason}",
    Decided.TOUCH_STOPPED: "{channel} {touch} stopped: {detail}",
    Decided.TOUCH_FAILED: "{channel} {touch} failed: {detail}",
    Decided.TOUCH_UNKNOWN: "{channel} {touch} may or may not have gone",
    Decided.TASK_MADE: "next step for {owner}: {title}",
    Decided.TASK_MOVED: "put off to {due_at}: {title}",
    Decided.TASK_CLOSED: "{closed}: {title} ({by})",
    Decided.HELD: "waits until {until} ({kind})",
    Decided.HOLD_ENDED: "waits no longer ({kind})",
    Decided.OWNER_CHANGED: "now owned by {owner} ({cause})",
    Decided.SCORED: "scored {score}",
    Decided.SLA_WARNED: "{sla} is due soon: {due_at}",
    Decided.SLA_MISSED: "{sla} was missed: it was due {due_at}",
    Decided.SLA_ESCALATED: "{sla}: {to} is told",
    Decided.LOCK_LOST: "the agreed next step fell through: {by}",
    Decided.ENROLLED: "enrolled in {playbook}",
    Decided.ADOPTED: "follows the page as edited",
    Decided.PAUSED: "paused",
    Decided.RESUMED: "resumed",
}
_CAUSES = {
    "absent": "its owner is away",
    "left": "its owner has left",
    "back": "its owner is back",
    "found": "somebody is there again",
}
_SAID_FIRST = ("result", "reason", "action", "value", "amount", "number")
_QUOTED = ("text", "note")


def entries(book: Book, state: LeadState, log: Sequence[Event], texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a log as plain data, oldest first; ``texts``: what went with a touch, by its key."""
    undone = {act_key(event.data["undoes"]) for event in log if event.type == UNDONE}
    titles = _titles(state)
    found = []
    for event in log:
        if event.type in _UNSAID:
            continue
        entry: dict[str, Any] = {"at": instant_text(event.at), "type": event.type, "says": says(book, event, titles)}
        if key := act_key(event.key):
            entry["act"] = key
            entry["undone"] = key in undone
        sent = f"{event.enrolment}/{event.data.get('visit')}/{event.data.get('touch')}"
        if event.type == Decided.TOUCH_SENT and texts.get(sent):
            entry["text"] = texts[sent]
        found.append(entry)
    return found


def says(book: Book, event: Event, titles: Mapping[str, str]) -> str:
    """Say one entry; ``titles``: of next steps, by id."""
    if event.type in _SAYINGS:
        return _decided(book, event, titles)
    if event.type == "task.done" or event.type == "task.postponed":
        head = "done" if event.type == "task.done" else "put off"
        return _with_who(book, event, f"{head}: {titles.get(event.data.get('task', ''), '')}", short(book, event))
    if event.type == UNDONE:
        key = act_key(str(event.data["undoes"]))
        return _with_who(book, event, f"taken back: {title_of(event.data['type'])} [{key}]", "")
    return _with_who(book, event, title_of(event.type), short(book, event))


def short(book: Book, event: Event) -> str:
    """Say what a fact carries, in a few words: what came of a call, what was written, until when."""
    data = event.data
    parts = [str(data[name]) for name in _SAID_FIRST if data.get(name)]
    parts += [f'"{" ".join(str(data[name]).split())}"' for name in _QUOTED if data.get(name)]
    if event.type == "handoff.noted":
        parts += [str(data[name]) for name in ("wants", "said", "missing", "next") if data.get(name)]
    if data.get("owner"):
        parts.insert(0, member_name(book, str(data["owner"])))
    if data.get("who"):
        parts.append(f"by {member_name(book, str(data['who']))}")
    moments = EVENTS[event.type].moments if event.type in EVENTS else ("starts_at",)
    parts += [f"{_MOMENTS.get(name, '')}{_moment(book, str(data[name]))}" for name in moments if data.get(name)]
    return ", ".join(parts)


_MOMENTS = {
    "until": "until ",
    "due": "due ",
    "follow_up_due": "follow up ",
    "check_back": "check back ",
    "ends_at": "to ",
}


def _with_who(book: Book, event: Event, head: str, rest: str) -> str:
    by = member_name(book, str(event.data.get("by") or "")) if event.actor != "engine" else ""
    known = by if event.data.get("by") not in EVENTS else ""
    return f"{head}{f': {rest}' if rest else ''}{f' ({known})' if known else ''}"


def _decided(book: Book, event: Event, titles: Mapping[str, str]) -> str:
    data = {name: value for name, value in event.data.items() if not isinstance(value, dict)}
    for name in ("owner", "to", "before"):
        if name in data and event.type != Decided.MOVE_WAITING:
            data[name] = member_name(book, str(data[name])) or "nobody"
    for name in ("due_at", "until"):
        if data.get(name):
            data[name] = _moment(book, str(data[name]))
    data["missing"] = "; ".join(event.data.get("missing", ()))
    data["title"] = data.get("title") or titles.get(str(data.get("task", "")), "")
    data["closed"] = "done" if data.get("outcome") == "done" else "off the list"
    data["owned"] = f", owned by {data['owner']}" if event.data.get("owner") else ""
    data["sla"] = str(data.get("sla", "")).replace("-", " ")
    data["kind"] = str(data.get("kind", "")).replace("_", " ")
    cause = str(data.get("cause", ""))
    data["cause"] = _CAUSES.get(cause, f"{cause.replace('-', ' ')} was missed")
    return _SAYINGS[event.type].format_map(_Known(data))


class _Known(dict[str, Any]):
    """What an entry says; logs of earlier versions say less."""

    def __missing__(self, key: str) -> str:
        return ""


def _moment(book: Book, text: str) -> str:
    try:
        return local_text(book, parse_instant(text))
    except ValueError:
        return text.replace("T", " ")


def _titles(state: LeadState) -> dict[str, str]:
    return {key: task.title for each in state.enrolments.values() for key, task in each.tasks.items()}
