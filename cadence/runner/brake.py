"""The brake: before the first message of a tick goes, find out whether too many would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.decide import decide
from cadence.playbook.words import MESSAGE_CHANNELS
from cadence.runner.ledger import read_states
from cadence.store import leads

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.state import LeadState
    from cadence.store.store import Store

__all__ = ["too_many"]

PAGE = 200


def too_many(store: Store, account: str, book: Book, now: datetime, most: int) -> bool:
    """Tell whether more than ``most`` messages would go at ``now``; nothing is written.

    A tick sends a person at most one message, so no more can go than leads are due. Only when those are more are
    they decided for the count.
    """
    with store.read() as session:
        if leads.count_due(session, account, now, most + 1) <= most:
            return False
    after, messages = "", 0
    while True:
        with store.read() as session:
            page = leads.due_page(session, account, now, PAGE, after)
            states, _ = read_states(session, account, page)
        if not page:
            return False
        messages += sum(_would_get_one(book, state, now) for state in states.values())
        if messages > most:
            return True
        after = page[-1]


def _would_get_one(book: Book, state: LeadState, now: datetime) -> bool:
    try:
        claims = decide(book, state, now).claims
    except Exception:  # noqa: BLE001 - the tick sets this lead aside, and says so
        return False
    return any(claim.verdict.channel in MESSAGE_CHANNELS for claim in claims)
