"""One lead, and many, as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from cadence.engine.events import Decided, instant_text, parse_instant
from cadence.engine.standing import standings
from cadence.playbook.words import EVENTS
from cadence.runner.record import state_of
from cadence.store import events, leads, outbox, tasks

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState
    from cadence.store.session import Session

__all__ = ["card", "listing", "print_card", "print_listing"]


def listing(session: Session, account: str, wanted: leads.LeadFilter, limit: int) -> list[dict[str, Any]]:
    """Return leads as plain data, by id."""
    from cadence.store import enrolments

    rows = leads.listing(session, account, wanted, limit=limit)
    standing = enrolments.of_leads(session, account, [row.lead for row in rows])
    return [
        {
            "lead": row.lead,
            "name": row.name,
            "phone": row.phone,
            "email": row.email,
            "owner": row.owner,
            "stands": [f"{each.playbook}/{each.stage}" for each in standing[row.lead] if each.ended_at is None],
            "wake_at": _text(row.wake_at),
        }
        for row in rows
    ]


def print_listing(rows: list[dict[str, Any]], timezone: str) -> None:
    """Print leads as an aligned table."""
    if not rows:
        click.echo("no leads")
        return
    table = [("LEAD", "NAME", "STANDS IN", "OWNER", "NEXT LOOKED AT")]
    table += [
        (
            row["lead"],
            row["name"],
            ", ".join(row["stands"]) or "-",
            row["owner"] or "-",
            _local(row["wake_at"], timezone),
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def card(session: Session, account: str, book: Book, lead: str, now: datetime) -> dict[str, Any]:
    """Return one lead as plain data, with what a person must see to ``now``; LeadError when there is none such."""
    state = state_of(session, account, lead)
    row = leads.by_ids(session, account, [lead])[lead]
    open_tasks = tasks.listing(session, account, tasks.TaskFilter(lead=lead, open=True))
    texts = {
        each.touch_key: each for each in outbox.listing(session, account, outbox.OutboxFilter(lead=lead), limit=10_000)
    }
    log = events.of_leads(session, account, [lead])[lead]
    return {
        "lead": lead,
        "record": state.record,
        "opted_out_at": _text(state.opted_out_at),
        "enrolments": [_enrolment(book, each) for each in state.enrolments.values()],
        "gaps": [{"code": gap.code, "text": gap.text} for each in standings(book, state, now) for gap in each.gaps],
        "tasks": [
            {
                "task": each.task,
                "title": each.title,
                "owner": each.owner,
                "due_at": _text(each.due_at),
                "body": each.body,
            }
            for each in open_tasks
        ],
        "wake_at": _text(row.wake_at),
        "timeline": [_entry(each, texts) for each in log if each.type != Decided.TOUCH_CLAIMED],
    }


def _enrolment(book: Book, enrolment: EnrolmentState) -> dict[str, Any]:
    stage = book.stage(enrolment.playbook, enrolment.digest, enrolment.visit.stage)
    waiting = enrolment.waiting_move
    return {
        "enrolment": enrolment.id,
        "playbook": enrolment.playbook,
        "job": enrolment.job,
        "version": enrolment.digest[:8],
        "stage": enrolment.visit.stage,
        "title": stage.title if stage else enrolment.visit.stage,
        "since": _text(enrolment.visit.started_at),
        "owner": enrolment.owner,
        "end": enrolment.end,
        "stopped_by": enrolment.visit.stop.by if enrolment.visit.stop else "",
        "waits_for": {"to": waiting.to, "missing": list(waiting.missing)} if waiting else None,
    }


def _entry(event: Event, texts: dict[str, outbox.OutboxRow]) -> dict[str, Any]:
    data = event.data
    entry = {"at": _text(event.at), "type": event.type, "says": _says(event)}
    row = texts.get(f"{event.enrolment}/{data.get('visit')}/{data.get('touch')}")
    if row and row.body and event.type == Decided.TOUCH_SENT:
        entry["text"] = row.body
    return entry


def _says(event: Event) -> str:
    data = event.data
    if event.type in EVENTS:
        return EVENTS[event.type].title + (f': "{data["text"]}"' if data.get("text") else "")
    sayings = {
        Decided.STAGE_ENTERED: "enters {stage} ({by})",
        Decided.ENROLMENT_ENDED: "ends as {end}",
        Decided.MOVE_WAITING: "cannot move to {to} yet",
        Decided.STOPPED: "the sequence stops: {by}",
        Decided.TOUCH_SENT: "{channel} {touch}",
        Decided.TOUCH_SKIPPED: "{channel} {touch} skipped: {reason}",
        Decided.TOUCH_STOPPED: "{channel} {touch} stopped: {detail}",
        Decided.TOUCH_FAILED: "{channel} {touch} failed: {detail}",
        Decided.TOUCH_UNKNOWN: "{channel} {touch} may or may not have gone",
        Decided.TASK_MADE: "next step for {owner}: {title}",
        Decided.HELD: "waits until {until}",
        Decided.OWNER_CHANGED: "now owned by {owner}",
        Decided.ENROLLED: "enrolled in {playbook}",
    }
    return sayings[event.type].format(**data) if event.type in sayings else event.type


def print_card(data: dict[str, Any], timezone: str) -> None:
    """Print one lead."""
    record = data["record"]
    click.echo(f"{record.get('name') or data['lead']}   {record.get('phone', '')}   {record.get('email', '')}".rstrip())
    if data["opted_out_at"]:
        click.echo(f"asked us to stop {_local(data['opted_out_at'], timezone)}: no messages go")
    for each in data["enrolments"]:
        owner = f"owner {each['owner']}" if each["owner"] else "nobody owns it"
        state = f"ended: {each['end']}" if each["end"] else f"since {_local(each['since'], timezone)}, {owner}"
        click.echo(f"{each['playbook']}: {each['title']} ({state})")
        if each["stopped_by"]:
            click.echo(f"  stopped by {each['stopped_by']}")
        if each["waits_for"]:
            click.echo(f"  cannot move to {each['waits_for']['to']}: {'; '.join(each['waits_for']['missing'])}")
    for gap in data["gaps"]:
        click.echo(f"see to: {gap['text']}")
    for task in data["tasks"]:
        due = _local(task["due_at"], timezone)
        click.echo(f"next step: {task['title']} - {task['owner'] or 'nobody'}, due {due}  [{task['task']}]")
    click.echo(f"looked at next: {_local(data['wake_at'], timezone)}")
    click.echo()
    for entry in data["timeline"]:
        click.echo(f"{_local(entry['at'], timezone)}  {entry['says']}")
        for line in str(entry.get("text", "")).splitlines():
            click.echo(f"    {line}")


def _text(instant: datetime | None) -> str | None:
    return instant_text(instant) if instant else None


def _local(text: str | None, timezone: str) -> str:
    return f"{parse_instant(text).astimezone(ZoneInfo(timezone)):%a %d %b %Y %H:%M}" if text else "-"
