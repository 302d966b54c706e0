"""A lead at a glance: who owns it, what comes next and when, what was said last, what is locked, what is promised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.engine.events import instant_text
from cadence.engine.fold import UNDONE
from cadence.engine.slas import LOCK, met_at, promises_in
from cadence.engine.standing import standings
from cadence.leads.handoff import Handoff, draft, say_step, written
from cadence.playbook.words import EVENTS
from cadence.reports.timeline import entries, short
from cadence.runner.closed import member_name, still_told, title_of
from cadence.runner.record import state_of
from cadence.store import alerts, events, leads, outbox, tasks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.engine.standing import Standing
    from cadence.engine.state import EnrolmentState, LeadState
    from cadence.store.session import Session

__all__ = ["lead_card"]

_MOST = 10_000
#: What counts as a contact, or as a word about one, whoever spoke.
_CONTACTS = (
    "reply", "acknowledgement", "snooze", "not_interested", "call.missed", "call.logged", "visit.logged",
    "message.sent.by_person", "note.added",
)  # fmt: skip


def lead_card(session: Session, account: str, book: Book, lead: str, now: datetime) -> dict[str, Any]:
    """Return one lead as plain data, as it stands ``now``; LeadError when there is none such."""
    state = state_of(session, account, lead)
    row = leads.by_ids(session, account, [lead])[lead]
    log = events.of_leads(session, account, [lead])[lead]
    told = still_told(log)
    standing = {each.enrolment: each for each in standings(book, state, now)}
    sent = outbox.listing(session, account, outbox.OutboxFilter(lead=lead), limit=_MOST)
    open_tasks = tasks.listing(session, account, tasks.TaskFilter(lead=lead, open=True), limit=_MOST)
    return {
        "lead": lead,
        "record": state.record,
        "opted_out_at": _text(state.opted_out_at),
        "enrolments": [
            _enrolment(book, state, each, standing.get(each.id), told, now) for each in state.enrolments.values()
        ],
        "last_contact": _last_contact(book, told),
        "gaps": [{"code": gap.code, "text": gap.text} for each in standing.values() for gap in each.gaps],
        "tasks": [
            {
                "task": each.task,
                "title": each.title,
                "owner": each.owner,
                "owner_name": member_name(book, each.owner),
                "due_at": _text(each.due_at),
                "overdue": each.due_at is not None and each.due_at < now,
                "body": each.body,
            }
            for each in open_tasks
        ],
        "alerts": [
            {
                "member": each.member,
                "name": member_name(book, each.member),
                "about": each.about,
                "title": each.title,
                "due_at": _text(each.due_at),
                "state": each.state,
            }
            for each in alerts.listing(session, account, lead)
        ],
        "wake_at": _text(row.wake_at),
        "timeline": entries(book, state, log, {each.touch_key: each.body for each in sent}),
    }


def _enrolment(
    book: Book,
    state: LeadState,
    enrolment: EnrolmentState,
    standing: Standing | None,
    log: Sequence[Event],
    now: datetime,
) -> dict[str, Any]:
    stage = book.stage(enrolment.playbook, enrolment.digest, enrolment.visit.stage)
    waiting = enrolment.waiting_move
    ending = enrolment.latest.get(enrolment.visit.by) if enrolment.end else None
    return {
        "enrolment": enrolment.id,
        "playbook": enrolment.playbook,
        "job": enrolment.job,
        "version": enrolment.digest[:8],
        "stage": enrolment.visit.stage,
        "title": stage.title if stage else enrolment.visit.stage,
        "since": _text(enrolment.visit.started_at),
        "variant": enrolment.visit.variant,
        "owner": enrolment.owner,
        "owner_name": member_name(book, enrolment.owner),
        "score": enrolment.score,
        "end": enrolment.end,
        "ended_at": _text(enrolment.ended_at),
        "reason": str(ending.data.get("reason") or "") if ending else "",
        "stopped_by": enrolment.visit.stop.by if enrolment.visit.stop else "",
        "waits_for": {"to": waiting.to, "missing": list(waiting.missing)} if waiting else None,
        "next": _next(book, enrolment, standing, now),
        "waits_inside": bool(standing and standing.waits_inside),
        "lock": _lock(book, state, standing, now),
        "clocks": list(_clocks(book, enrolment, now)),
        "handoff": _handoff(book, state, enrolment, log, now),
    }


def _next(book: Book, enrolment: EnrolmentState, standing: Standing | None, now: datetime) -> dict[str, Any] | None:
    following = standing.next if standing else None
    plan = book.plan(enrolment.playbook, enrolment.digest)
    stage = book.stage(enrolment.playbook, enrolment.digest, enrolment.visit.stage)
    if following is None or plan is None or stage is None:
        return None
    return {
        "kind": following.kind,
        "says": say_step(plan, stage, following),
        "owner": following.owner,
        "owner_name": member_name(book, following.owner),
        "due_at": _text(following.due_at),
        "overdue": following.kind == "task" and following.due_at is not None and following.due_at < now,
        "task": following.task,
    }


def _lock(book: Book, state: LeadState, standing: Standing | None, now: datetime) -> dict[str, Any] | None:
    """Return how the next step of a running job is locked; None where no lock is asked for."""
    if standing is None or (standing.lock_due_at is None and not standing.lock.held):
        return None
    lock = standing.lock
    overdue = not lock.held and standing.lock_due_at is not None and standing.lock_due_at <= now
    return {
        "held": lock.held,
        "by": lock.by,
        "says": title_of(lock.by) if lock.by else "",
        "at": _text(lock.at),
        "until": _text(lock.until),
        "evidence": _evidence(book, state, lock.evidence) if lock.evidence else "",
        "due_at": _text(standing.lock_due_at),
        "unlocked_since": _text(standing.lock_due_at) if overdue else None,
    }


def _evidence(book: Book, state: LeadState, event: Event) -> str:
    """Say what shows that a lock holds: the date that was agreed, what the lead wrote, by which message."""
    said = short(book, event)
    word = state.latest.get(str(event.data.get("by")))
    if word and word.at == event.at:
        told = short(book, word)
        channel = str(word.data.get("channel") or "")
        by = f"by {channel} " if channel else ""
        said = f"{by}{told or title_of(word.type)}"
    source = f" [{event.key}]" if event.key and not event.key.startswith("act-") else ""
    return f"{said}{source}".strip()


def _clocks(book: Book, enrolment: EnrolmentState, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the promises of the running visit that are still to be kept."""
    plan = book.plan(enrolment.playbook, enrolment.digest)
    stage = plan.playbook.stages.get(enrolment.visit.stage) if plan else None
    if plan is None or stage is None or enrolment.end:
        return
    for promise in promises_in(plan, stage.id, enrolment.visit):
        if promise.name != LOCK and met_at(promise, enrolment.visit) is None:
            yield {
                "name": promise.name,
                "due_at": _text(promise.due_at),
                "missed": promise.due_at <= now,
                "how": list(promise.how),
                "met_by": [title_of(kind) for kind in promise.met_by],
            }


def _handoff(
    book: Book, state: LeadState, enrolment: EnrolmentState, log: Sequence[Event], now: datetime
) -> dict[str, Any]:
    """Return the last note that somebody wrote about a job; without any, the draft of one."""
    fact = enrolment.latest.get("handoff.noted")
    note: Handoff = written(fact) if fact else draft(book, state, enrolment, log, now)
    return {
        "draft": fact is None,
        "at": _text(fact.at) if fact else None,
        "by": member_name(book, str(fact.data.get("by") or "")) if fact else "",
        **note.data(),
        "who_name": member_name(book, note.who),
        "history": note.history,
        "talk_track": note.track,
    }


def _last_contact(book: Book, log: Sequence[Event]) -> dict[str, Any] | None:
    """Return the last word of the lead's, or of a colleague about them."""
    event = next((each for each in reversed(log) if each.type in _CONTACTS), None)
    if event is None:
        return None
    by = str(event.data.get("by") or "")
    return {
        "at": _text(event.at),
        "type": event.type,
        "says": ": ".join(part for part in (title_of(event.type), short(book, event)) if part),
        "by": member_name(book, by) if by not in EVENTS and by != UNDONE else "",
    }


def _text(instant: datetime | None) -> str | None:
    return instant_text(instant) if instant else None
