"""A lead's card as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cadence.engine.events import parse_instant
from cadence.leads.handoff import PARTS
from cadence.runner.closed import member_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cadence.engine.book import Book
    from cadence.leads.handoff import Handoff

__all__ = ["card_lines", "handoff_lines", "local_time"]

_STATES = {"waits": "will be told", "sent": "was told", "failed": "could not be told", "dropped": "need not be told"}


def card_lines(data: Mapping[str, Any], timezone: str) -> Iterator[str]:
    """Yield the lines of a card, instants on the shop's clock."""
    record = data["record"]
    yield f"{record.get('name') or data['lead']}   {record.get('phone', '')}   {record.get('email', '')}".rstrip()
    if data["opted_out_at"]:
        yield f"asked us to stop {local_time(data['opted_out_at'], timezone)}: no messages go"
    for each in data["enrolments"]:
        yield from _enrolment(each, timezone)
    if contact := data["last_contact"]:
        by = f" ({contact['by']})" if contact["by"] else ""
        yield f"last contact: {local_time(contact['at'], timezone)}, {contact['says']}{by}"
    for gap in data["gaps"]:
        yield f"see to: {gap['text']}"
    for task in data["tasks"]:
        yield f"next step: {task['title']} - {_owner_and_due(task, timezone)}  [{task['task']}]"
    for alert in data["alerts"]:
        when = f" {local_time(alert['due_at'], timezone)}" if alert["state"] == "waits" else ""
        who, what = alert["name"] or alert["member"], _STATES.get(alert["state"], alert["state"])
        yield f"{who} {what}{when}: {alert['title']}"
    yield f"looked at next: {local_time(data['wake_at'], timezone)}"
    yield ""
    for entry in data["timeline"]:
        act = f"  [{entry['act']}{', taken back' if entry['undone'] else ''}]" if "act" in entry else ""
        yield f"{local_time(entry['at'], timezone)}  {entry['says']}{act}"
        yield from (f"    {line}" for line in str(entry.get("text", "")).splitlines())


def _enrolment(each: Mapping[str, Any], timezone: str) -> Iterator[str]:
    owner = f"owner {each['owner_name']}" if each["owner"] else "nobody owns it"
    score = f", {each['score']}" if each["score"] else ""
    if each["end"]:
        why = f", {each['reason']}" if each["reason"] else ""
        ended = local_time(each["ended_at"], timezone)
        yield f"{each['playbook']}: {each['title']} (ended: {each['end']} {ended}{why})"
        return
    yield f"{each['playbook']}: {each['title']} (since {local_time(each['since'], timezone)}, {owner}{score})"
    if following := each["next"]:
        yield f"  next: {following['says']} - {_owner_and_due(following, timezone)}"
    else:
        yield "  next: nothing is planned"
    if each["waits_inside"]:
        yield f"  waits for somebody inside: {following['owner_name'] or 'nobody'}"
    if each["stopped_by"]:
        by = "what was taken back" if each["stopped_by"] == "act.undone" else each["stopped_by"]
        yield f"  stopped by {by}"
    if each["waits_for"]:
        yield f"  cannot move to {each['waits_for']['to']}: {'; '.join(each['waits_for']['missing'])}"
    if each["lock"]:
        yield f"  {_lock(each['lock'], timezone)}"
    for clock in each["clocks"]:
        due = "was due" if clock["missed"] else "due"
        yield f"  promised: {clock['name'].replace('-', ' ')}, {due} {local_time(clock['due_at'], timezone)}"
        yield from (f"    {line}" for line in clock["how"])
    yield from _handoff(each["handoff"], timezone)


def _owner_and_due(step: Mapping[str, Any], timezone: str) -> str:
    owner = step["owner_name"] or step["owner"] or "nobody"
    if step["due_at"] is None:
        return f"{owner}, no date yet"
    return f"{owner}, due {local_time(step['due_at'], timezone)}{' (overdue)' if step['overdue'] else ''}"


def _lock(lock: Mapping[str, Any], timezone: str) -> str:
    if lock["held"]:
        until = f", until {local_time(lock['until'], timezone)}" if lock["until"] else ""
        evidence = f" ({lock['evidence']})" if lock["evidence"] else ""
        return f"locked: {lock['says']} {local_time(lock['at'], timezone)}{evidence}{until}"
    if lock["unlocked_since"]:
        return f"unlocked since {local_time(lock['unlocked_since'], timezone)}"
    return f"not locked yet: to be agreed by {local_time(lock['due_at'], timezone)}"


def _handoff(note: Mapping[str, Any], timezone: str) -> Iterator[str]:
    if note["draft"]:
        yield "  hand-off note, a draft from the history:"
    else:
        by = f" by {note['by']}" if note["by"] else ""
        yield f"  hand-off note, written {local_time(note['at'], timezone)}{by}:"
    yield from (f"    {line}" for line in _parts(note, note["who_name"], timezone))


def handoff_lines(note: Handoff, book: Book, timezone: str) -> list[str]:
    """Return a hand-off note as lines: at most eight."""
    parts = {**note.data(), "history": note.history, "talk_track": note.track}
    return list(_parts(parts, member_name(book, note.who), timezone))


def _parts(note: Mapping[str, Any], who: str, timezone: str) -> Iterator[str]:
    for name, head in PARTS.items():
        text = str(note.get(name) or "")
        if not text:
            continue
        shown = who or text if name == "who" else _moment(text, timezone) if name == "check_back" else text
        yield f"{head}: {shown}"
        if name == "said" and note.get("history"):
            yield f"So far: {note['history']}"
    if not note.get("said") and note.get("history"):
        yield f"So far: {note['history']}"
    if note.get("talk_track"):
        yield f"To say: {note['talk_track']}"


def _moment(text: str, timezone: str) -> str:
    return local_time(text, timezone) if text.endswith("Z") else text.replace("T", " ")


def local_time(text: str | None, timezone: str) -> str:
    """Write an instant of the log on the shop's clock; a dash for none."""
    return f"{parse_instant(text).astimezone(ZoneInfo(timezone)):%a %d %b %Y %H:%M}" if text else "-"
