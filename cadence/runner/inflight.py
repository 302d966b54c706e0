"""Everyone in flight, read from the store for a preview; nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.runner.ledger import load
from cadence.store import leads

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from cadence.engine.state import LeadState
    from cadence.store.session import Session

__all__ = ["in_flight", "one_in_flight"]

PAGE = 500


def in_flight(
    session: Session, account: str, *, playbooks: Collection[str] = ()
) -> Iterator[tuple[LeadState, datetime | None]]:
    """Yield the state of every lead with an open enrolment (in ``playbooks``), and when it is next looked at.

    In the order of ids, page by page: however many there are, few are in memory at once.
    """
    after = ""
    while page := leads.in_flight(session, account, PAGE, after, playbooks=playbooks):
        after = page[-1][0]
        states = load(session, account, [lead for lead, _ in page])
        yield from ((states[lead], wake_at) for lead, wake_at in page)


def one_in_flight(
    session: Session, account: str, lead: str, *, playbooks: Collection[str] = ()
) -> tuple[LeadState, datetime | None] | None:
    """Return the same of one lead; None when it has no open enrolment (in ``playbooks``)."""
    state, row = load(session, account, [lead])[lead], leads.get(session, account, lead)
    open_in = {each.playbook for each in state.active_enrolments()}
    return (state, row.wake_at) if row and (open_in & set(playbooks) if playbooks else open_in) else None
