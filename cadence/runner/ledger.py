"""Reading leads' states from the store, and writing decisions back: everything of one decision, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.decision import Decision, Outcome
from cadence.engine.fold import fold
from cadence.runner.rows import claim_row, ended_row, enrolment_rows, task_row
from cadence.store import enrolments, events, leads, outbox, tasks

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from cadence.engine.events import Event
    from cadence.engine.state import LeadState
    from cadence.store.session import Session

__all__ = ["load", "read_logs", "save"]

_ENDED = (Outcome.SKIPPED, Outcome.STOPPED, Outcome.FAILED)


def load(session: Session, account: str, ids: Collection[str]) -> Mapping[str, LeadState]:
    """Fold the logs of leads."""
    return {lead: fold(lead, log) for lead, log in read_logs(session, account, ids).items()}


def read_logs(session: Session, account: str, ids: Collection[str]) -> Mapping[str, Sequence[Event]]:
    """Read the logs of leads; pauses of the whole account are part of every one of them."""
    shared = events.of_account(session, account)
    return {lead: (*log, *shared) for lead, log in events.of_leads(session, account, ids).items()}


def save(session: Session, account: str, decisions: Sequence[Decision], now: datetime) -> None:
    """Write decisions, in the order they were made: entries, claims, ended touches, next steps, standings."""
    entries: dict[str, list[Event]] = {}
    for each in decisions:
        entries.setdefault(each.state.lead, []).extend(each.events)
    events.append(session, account, entries)
    outbox.claim(session, account, [claim_row(claim) for each in decisions for claim in each.claims])
    outbox.insert_ended(
        session,
        account,
        [ended_row(verdict) for each in decisions for verdict in each.verdicts if verdict.outcome in _ENDED],
    )
    tasks.add(session, account, [task_row(task, now) for each in decisions for task in each.tasks])
    enrolments.save(session, account, [row for each in decisions for row in enrolment_rows(each)])
    leads.set_wake(session, account, {each.state.lead: each.wake_at for each in decisions})
    leads.set_owner(session, account, _owners(decisions))


def _owners(decisions: Sequence[Decision]) -> dict[str, str]:
    return {
        each.state.lead: active[-1].owner
        for each in decisions
        if each.events and (active := each.state.active_enrolments())
    }
