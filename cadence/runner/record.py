"""Facts come in: a new lead, an event, a pause. Each is recorded with all its consequences, or not at all."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from cadence.engine.decide import observe
from cadence.engine.decision import Decision
from cadence.engine.events import Decided, Event
from cadence.engine.fold import UNDONE
from cadence.engine.state import LeadState
from cadence.errors import LeadError, Refused
from cadence.leads.arrival import Arrival, created_fact, with_places
from cadence.playbook.words import Actor
from cadence.runner.closed import how_closed
from cadence.runner.ledger import load, of_shop, save
from cadence.runner.restoring import bring_back
from cadence.runner.rows import lead_row
from cadence.runner.sharing import read_roster
from cadence.runner.wishes import note_wish
from cadence.store import accounts, events, leads, tasks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.roster import Roster
    from cadence.store.session import Session

__all__ = ["add_leads", "is_paused", "pause", "record_fact", "resume", "state_of"]


def add_leads(
    session: Session, account: str, book: Book, new: Sequence[Arrival], now: datetime
) -> Mapping[str, Decision]:
    """Record new leads and enrol them where a playbook takes them; LeadError when one is there already."""
    decisions = _enrol(book, new, now, read_roster(session, account))
    accounts.ensure(session, account, now)
    leads.add(
        session,
        account,
        [
            lead_row(decisions[lead.id].state, created_at=lead.at, updated_at=now, wake_at=decisions[lead.id].wake_at)
            for lead in new
        ],
    )
    save(session, account, book, list(decisions.values()), now)
    return decisions


def _enrol(book: Book, new: Sequence[Arrival], now: datetime, roster: Roster) -> dict[str, Decision]:
    decisions = {}
    for lead in new:
        decision = observe(book, LeadState(lead=lead.id), created_fact(lead, now), now, roster=roster)
        roster.note(decision.events)
        decisions[lead.id] = decision
    return decisions


def state_of(session: Session, account: str, lead: str) -> LeadState:
    """Return a known lead's state; LeadError, with the nearest id, when there is no such lead."""
    if leads.get(session, account, lead) is None:
        near = difflib.get_close_matches(lead, [row.lead for row in leads.listing(session, account, limit=5000)], 1)
        raise LeadError(
            f"there is no lead {lead!r}", help=f"did you mean {near[0]}?" if near else "`cadence leads list` shows them"
        )
    return load(session, account, [lead])[lead]


def record_fact(
    session: Session, account: str, book: Book, lead: str, fact: Event, *, strict: bool = False
) -> Decision:
    """Record one fact about a known lead, with its consequences; LeadError when there is no such lead.

    A fact whose key is in the log already changes nothing. ``strict``: Refused, instead of a move that waits, when the
    stages require what is missing. One that takes back another (``act.undone``) is taken in by a state that never
    heard of that one.
    """
    leads.lock(session, account, [lead])
    state = state_of(session, account, lead)
    row = leads.by_ids(session, account, [lead])[lead]
    fact = _with_places(state, fact)
    if fact.key and any(fact.key == event.key for event in events.of_leads(session, account, [lead])[lead]):
        return Decision(state=state, events=(), wake_at=row.wake_at)
    if fact.type == UNDONE:
        state = load(session, account, [lead], without=[fact.data["undoes"]])[lead]
    if fact.type == "task.done":
        _finish(session, account, book, lead, str(fact.data.get("task", "")), fact.at)
    decision = observe(book, state, fact, fact.recorded_at, roster=read_roster(session, account))
    if strict:
        _refuse_what_is_missing(book, decision)
    note_wish(session, account, decision.state, fact)
    save(session, account, book, [decision], fact.recorded_at)
    if fact.type == UNDONE:
        bring_back(session, account, decision.state)
    updated = lead_row(decision.state, created_at=row.created_at, updated_at=fact.recorded_at, wake_at=decision.wake_at)
    leads.update(session, account, [replace(updated, owner=updated.owner or row.owner)])
    return decision


def _refuse_what_is_missing(book: Book, decision: Decision) -> None:
    for event in decision.events:
        if event.type == Decided.MOVE_WAITING:
            enrolment = decision.state.enrolments[event.enrolment]
            stage = book.stage(enrolment.playbook, enrolment.digest, event.data["to"])
            title = stage.title if stage else event.data["to"]
            raise Refused(
                f"{decision.state.lead} cannot go to {title!r} yet: {'; '.join(event.data['missing'])}",
                help="nothing was recorded; add what is missing first, or record it with `cadence event --let-it-wait`",
            )


def _finish(session: Session, account: str, book: Book, lead: str, task: str, at: datetime) -> None:
    """Take a next step off the list; LeadError when the lead has none such open."""
    known = tasks.get(session, account, task) if task else None
    if known is None or known.lead != lead:
        raise LeadError(
            f"{lead} has no open next step {task!r}",
            help=f"`cadence leads show {lead}` names them",
        )
    if known.done_at is not None:
        said = how_closed(events.of_leads(session, account, [lead])[lead], book, task)
        raise LeadError(f"{lead} has no open next step {task!r} any more: {said}")
    tasks.finish(session, account, {task: at})


def _with_places(state: LeadState, fact: Event) -> Event:
    """Work out again where the lead may be when its record changes: its touches that have not ended follow."""
    if fact.type != "lead.updated":
        return fact
    changes = with_places({**state.record, **fact.data.get("lead", {})})
    return replace(fact, data={**fact.data, "lead": changes})


def pause(session: Session, account: str, book: Book, now: datetime, *, lead: str = "", playbook: str = "") -> bool:
    """Hold the touches of one lead, of one playbook, or of the whole account; False when they are held already."""
    if is_paused(session, account, lead=lead, playbook=playbook):
        return False
    _set_pause(session, account, book, now, Decided.PAUSED, lead, playbook)
    return True


def resume(session: Session, account: str, book: Book, now: datetime, *, lead: str = "", playbook: str = "") -> bool:
    """End a pause: exactly like the end of an outage of that length. False when there is no such pause."""
    if not is_paused(session, account, lead=lead, playbook=playbook):
        return False
    _set_pause(session, account, book, now, Decided.RESUMED, lead, playbook)
    if not lead:
        leads.wake_all(session, account, now, playbook=playbook)
    return True


def is_paused(session: Session, account: str, *, lead: str = "", playbook: str = "") -> bool:
    """Tell whether this very pause holds: of a lead, of a playbook, or of the whole account."""
    log = events.of_leads(session, account, [lead])[lead] if lead else of_shop(session, account)
    scope = _scope(lead, playbook)
    said = [
        event.type
        for event in log
        if event.type in (Decided.PAUSED, Decided.RESUMED)
        and (event.data.get("scope"), event.data.get("playbook", "")) == scope
    ]
    return said[-1:] == [Decided.PAUSED]


def _scope(lead: str, playbook: str) -> tuple[str, str]:
    return "lead" if lead else "playbook" if playbook else "all", playbook


def _set_pause(session: Session, account: str, book: Book, now: datetime, kind: str, lead: str, playbook: str) -> None:
    scope, _ = _scope(lead, playbook)
    entry = Event(
        type=kind,
        at=now,
        recorded_at=now,
        actor=Actor.COLLEAGUE.value,
        data={"scope": scope, "playbook": playbook} if playbook else {"scope": scope},
    )
    if lead:
        record_fact(session, account, book, lead, entry)
    else:
        accounts.ensure(session, account, now)
        events.append(session, account, {"": [entry]})
