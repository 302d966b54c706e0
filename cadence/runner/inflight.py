"""Everyone in flight, read from the store for a preview; nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.runner.ledger import load
from cadence.store import events, leads, suppressions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from cadence.engine.state import LeadState
    from cadence.store.entries import LogPage
    from cadence.store.session import Session

__all__ = ["in_flight", "one_in_flight", "page_of_one"]

PAGE = 200
_NOTHING: Mapping[tuple[str, str], str] = {}


def in_flight(session: Session, account: str, *, playbooks: Collection[str] = ()) -> Iterator[LogPage]:
    """Yield the logs of the leads with an open enrolment (in ``playbooks``), and when each is next looked at.

    In the order of ids, page by page: however many there are, few are in memory at once.
    """
    shared = events.rows_of_leads(session, account, [""])[""]
    listed = suppressions.count(session, account) > 0
    after = ""
    while page := leads.in_flight(session, account, PAGE, after, playbooks=playbooks):
        after = page[-1][0]
        ids = [lead for lead, _ in page]
        logs = events.rows_of_leads(session, account, ids)
        barred = _barred(session, account, ids) if listed else {}
        yield [(lead, wake_at, (*logs[lead], *shared), barred.get(lead, _NOTHING)) for lead, wake_at in page]


def page_of_one(session: Session, account: str, lead: str, *, playbooks: Collection[str] = ()) -> LogPage:
    """Return the page that holds one of them alone; empty when it has no open enrolment (in ``playbooks``)."""
    found = one_in_flight(session, account, lead, playbooks=playbooks)
    if not found:
        return []
    logs = events.rows_of_leads(session, account, [lead, ""])
    return [(lead, found[1], (*logs[lead], *logs[""]), _barred(session, account, [lead]).get(lead, _NOTHING))]


def _barred(session: Session, account: str, ids: Sequence[str]) -> dict[str, dict[tuple[str, str], str]]:
    """Tell of each lead which addresses nothing may go to, and why."""
    rows = leads.by_ids(session, account, ids)
    whose = {address: row.lead for row in rows.values() for address in (row.phone, row.email) if address}
    found: dict[str, dict[tuple[str, str], str]] = {}
    for key, entry in suppressions.standing(session, account, whose).items():
        found.setdefault(whose[key[1]], {})[key] = entry.reason
    return found


def one_in_flight(
    session: Session, account: str, lead: str, *, playbooks: Collection[str] = ()
) -> tuple[LeadState, datetime | None] | None:
    """Return the same of one lead; None when it has no open enrolment (in ``playbooks``)."""
    state, row = load(session, account, [lead])[lead], leads.get(session, account, lead)
    open_in = {each.playbook for each in state.active_enrolments()}
    return (state, row.wake_at) if row and (open_in & set(playbooks) if playbooks else open_in) else None
