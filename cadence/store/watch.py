"""What a look at the whole asks: counts that cost what is open, not what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, literal_column, select

from cadence.engine.decision import Reason
from cadence.store import outbox as touches
from cadence.store import ticks as log
from cadence.store.states import CLAIMED, UNKNOWN
from cadence.store.tables import leads, outbox

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from cadence.store.session import Session
    from cadence.store.ticks import TickRow

__all__ = ["Doubts", "InHand", "Trouble", "doubts", "in_hand", "ticks_since", "troubles"]

MOST_TICKS = 5000  #: in one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """What one tick is carrying out."""

    holder: str
    touches: int
    until: datetime  #: the end of its lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """Touches whose outcome nobody knows."""

    interrupted: int  #: in hand when their tick died; the next tick takes them up
    to_be_asked: int  #: their provider is asked
    next_question: datetime | None  #: when the next one is asked about
    left: int  #: left to a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Touches that did not go, for one reason."""

    state: str  #: failed, or waits: it is tried again
    code: str  #: the channel's, or the reason
    touches: int
    next_try: datetime | None  #: when the first of their leads is looked at again


def in_hand(session: Session, account: str, clock: datetime) -> list[InHand]:
    """List the ticks that have touches in hand at ``clock``, the store's."""
    query = (
        select(outbox.c.holder, func.count(), func.max(outbox.c.check_at))
        .where(*_open(account), outbox.c.state == CLAIMED, outbox.c.check_at > clock)
        .group_by(outbox.c.holder)
        .order_by(outbox.c.holder)
    )
    return [InHand(holder=holder, touches=number, until=until) for holder, number, until in session.ask(query)]


def doubts(session: Session, account: str, clock: datetime) -> Doubts:
    """Count the touches that may or may not have gone."""
    unknown, never = outbox.c.state == UNKNOWN, outbox.c.check_at == touches.NEVER
    asked = and_(unknown, outbox.c.check_at != touches.NEVER)
    query = select(
        _count(and_(outbox.c.state == CLAIMED, outbox.c.check_at <= clock)),
        _count(asked),
        func.min(case((asked, outbox.c.check_at))),
        _count(and_(unknown, never)),
    ).where(*_open(account))
    interrupted, to_be_asked, soonest, left = session.ask(query).one()
    return Doubts(interrupted=interrupted, to_be_asked=to_be_asked, next_question=soonest, left=left)


def troubles(session: Session, account: str, since: datetime) -> list[Trouble]:
    """List the touches decided at ``since`` or later that failed or are tried again, by code."""
    query = (
        select(outbox.c.state, outbox.c.reason, outbox.c.detail, leads.c.wake_at)
        .join(leads, and_(leads.c.account == outbox.c.account, leads.c.lead == outbox.c.lead))
        .where(outbox.c.account == account, _IN_TROUBLE, outbox.c.decided_at >= since)
    )
    found: dict[tuple[str, str], list[datetime | None]] = {}
    for state, reason, detail, wake_at in session.ask(query):
        code = reason if reason == Reason.TEMPLATE.code else detail.partition(":")[0] or reason
        found.setdefault((state, code), []).append(wake_at)
    return [
        Trouble(state=state, code=code, touches=len(wakes), next_try=min(filter(None, wakes), default=None))
        for (state, code), wakes in sorted(found.items())
    ]


def ticks_since(session: Session, account: str, since: datetime) -> list[TickRow]:
    """List the ticks that ended at ``since`` or later, newest first."""
    return [row for row in log.recent(session, account, MOST_TICKS) if row.finished_at >= since]


# A partial index serves only a query that repeats its condition, letter by letter: no bound values in it.
_IN_TROUBLE = literal_column("outbox.state").in_((literal_column("'failed'"), literal_column("'waits'")))


def _open(account: str) -> tuple[ColumnElement[bool], ...]:
    return outbox.c.account == account, outbox.c.check_at.is_not(None)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))
