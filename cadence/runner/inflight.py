"""Everyone in flight, read from the store for a preview; nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.runner.ledger import load
from cadence.store import events, leads

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from cadence.engine.state import LeadState
    from cadence.store.entries import LogPage
    from cadence.store.session import Session

__all__ = ["in_flight", "one_in_flight"]

PAGE = 200


def in_flight(session: Session, account: str, *, playbooks: Collection[str] = ()) -> Iterator[LogPage]:
    """Yield the logs of the leads with an open enrolment (in ``playbooks``), and when each is next looked at.

    In the order of ids, page by page: however many there are, few are in memory at once.
    """
    shared = events.rows_of_leads(session, account, [""])[""]
    after = ""
    while page := leads.in_flight(session, account, PAGE, after, playbooks=playbooks):
        after = page[-1][0]
        logs = events.rows_of_leads(session, account, [lead for lead, _ in page])
        yield [(lead, wake_at, (*logs[lead], *shared)) for lead, wake_at in page]


def one_in_flight(
    session: Session, account: str, lead: str, *, playbooks: Collection[str] = ()
) -> tuple[LeadState, datetime | None] | None:
    """Return the same of one lead; None when it has no open enrolment (in ``playbooks``)."""
    state, row = load(session, account, [lead])[lead], leads.get(session, account, lead)
    open_in = {each.playbook for each in state.active_enrolments()}
    return (state, row.wake_at) if row and (open_in & set(playbooks) if playbooks else open_in) else None
