"""Open enrolments whose next step is not locked, with what comes next."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from cadence.store.tables import enrolments, leads

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.store.session import Session

__all__ = ["UnlockedRow", "listing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockedRow:
    """One open enrolment; what is not said here means what it means in :mod:`cadence.store.enrolments`."""

    enrolment: str
    lead: str
    name: str  #: of the lead
    playbook: str
    job: str
    stage: str
    owner: str
    stage_since: datetime
    lock_due_at: datetime | None
    locked_by: str  #: a lock that is over; empty: there was none in this stage, or it was undone
    locked_until: datetime | None  #: when that was over
    next_kind: str
    next_name: str
    next_owner: str
    next_due_at: datetime | None


def listing(session: Session, account: str, now: datetime) -> list[UnlockedRow]:
    """List the open enrolments without a locked next step at ``now``, whether one is asked for or not, by id."""
    query = (
        select(*_COLUMNS)
        .join(leads, and_(leads.c.account == enrolments.c.account, leads.c.lead == enrolments.c.lead))
        .where(
            enrolments.c.account == account,
            enrolments.c.ended_at.is_(None),
            or_(enrolments.c.locked_by == "", enrolments.c.locked_until <= now),
        )
        .order_by(enrolments.c.enrolment)
    )
    return [UnlockedRow(**row) for row in session.ask(query).mappings()]


_COLUMNS = [leads.c.name if item.name == "name" else enrolments.c[item.name] for item in fields(UnlockedRow)]
