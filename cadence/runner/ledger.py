"""Reading leads' states from the store, and writing decisions back: everything of one decision, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.fold import fold
from cadence.errors import StoreError
from cadence.runner.duties import save_duties
from cadence.runner.rows import MOVES, claim_row, ended_row, enrolment_rows
from cadence.runner.wishes import know_suppressed
from cadence.store import enrolments, events, leads, outbox
from cadence.store.columns import Damaged

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.decision import Decision
    from cadence.engine.events import Event
    from cadence.engine.state import LeadState
    from cadence.runner.rows import Lease
    from cadence.store.outbox import OutboxRow
    from cadence.store.session import Session

__all__ = ["load", "of_shop", "read_states", "save"]

_SCOPES = ("all", "playbook")


def load(
    session: Session, account: str, ids: Collection[str], *, without: Collection[str] = ()
) -> Mapping[str, LeadState]:
    """Fold the logs of leads; pauses of the whole account are part of every one of them.

    ``without``: keys of facts that are taken back just now.
    """
    shared = of_shop(session, account)
    logs = events.of_leads(session, account, ids)
    states = {lead: fold(lead, (*log, *shared), without=without) for lead, log in logs.items()}
    know_suppressed(session, account, states.values())
    return states


def of_shop(session: Session, account: str) -> list[Event]:
    """Read the log of the whole account: its pauses.

    StoreError when it is damaged: whether anything may go cannot be known then.
    """
    try:
        log = events.of_account(session, account)
        sound = all(event.data["scope"] in _SCOPES for event in log)
    except (Damaged, KeyError, TypeError):
        sound = False
    if not sound:
        raise StoreError(
            "a pause of the whole shop cannot be read: its row in the database is damaged",
            help="`cadence store check` names the row; put back the last backup, or have it mended",
        )
    return log


def read_states(
    session: Session, account: str, ids: Collection[str]
) -> tuple[dict[str, LeadState], dict[str, Exception]]:
    """Fold the logs of leads, each by itself: one whose log is damaged or makes no sense is in the second answer.

    StoreError when the log of the whole account is damaged.
    """
    shared = of_shop(session, account)
    try:
        logs: dict[str, Sequence[Event]] = {**events.of_leads(session, account, ids)}
    except Damaged:
        logs = {}
    states: dict[str, LeadState] = {}
    faults: dict[str, Exception] = {}
    for lead in ids:
        try:
            log = logs[lead] if logs else events.of_leads(session, account, [lead])[lead]
            states[lead] = fold(lead, (*log, *shared))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one lead
            faults[lead] = error
    know_suppressed(session, account, states.values())
    return states, faults


def save(
    session: Session, account: str, book: Book, decisions: Sequence[Decision], now: datetime, lease: Lease | None = None
) -> list[OutboxRow]:
    """Write decisions, in the order they were made: entries, claims, ended touches, people's duties, standings.

    Returns the claims, which need a ``lease``.
    """
    entries: dict[str, list[Event]] = {}
    for each in decisions:
        entries.setdefault(each.state.lead, []).extend(each.events)
    events.append(session, account, entries)
    claims = [claim_row(claim, lease) for each in decisions for claim in each.claims] if lease else []
    outbox.claim(session, account, claims)
    outbox.insert_ended(
        session,
        account,
        [ended_row(verdict) for each in decisions for verdict in each.ended],
    )
    save_duties(session, account, decisions, now)
    enrolments.save(session, account, [row for each in decisions for row in enrolment_rows(book, each, now)])
    leads.set_wake(session, account, {each.state.lead: each.wake_at for each in decisions})
    leads.set_owner(session, account, _owners(decisions))
    return claims


def _owners(decisions: Sequence[Decision]) -> dict[str, str]:
    return {
        each.state.lead: active[-1].owner
        for each in decisions
        if any(event.type in MOVES for event in each.events) and (active := each.state.active_enrolments())
    }
