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

__all__ = ["in_flight"]

PAGE = 200


def in_flight(
    session: Session, account: str, *, only: Collection[str] = (), playbooks: Collection[str] = ()
) -> Iterator[tuple[LeadState, datetime | None]]:
    """Yield the state of every lead with an open enrolment (in ``playbooks``), and when it is next looked at."""
    after = ""
    while True:
        page = leads.listing(session, account, limit=PAGE, after=after)
        if not page:
            return
        after = page[-1].lead
        wanted = {row.lead: row.wake_at for row in page if not only or row.lead in only}
        for lead, state in load(session, account, list(wanted)).items():
            open_in = {each.playbook for each in state.active_enrolments()}
            if open_in and (not playbooks or open_in & set(playbooks)):
                yield state, wanted[lead]
