"""What a look at the whole asks: counts that cost what is open, not what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, select

from cadence.store import outbox as touches
from cadence.store import ticks as log
from cadence.store.states import CLAIMED, UNKNOWN
from cadence.store.tables import outbox

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from cadence.store.session import Session
    from cadence.store.ticks import TickRow

__all__ = ["Doubts", "InHand", "doubts", "in_hand", "ticks_since"]

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


def ticks_since(session: Session, account: str, since: datetime) -> list[TickRow]:
    """List the ticks that ended at ``since`` or later, newest first."""
    return [row for row in log.recent(session, account, MOST_TICKS) if row.finished_at >= since]


def _open(account: str) -> tuple[ColumnElement[bool], ...]:
    return outbox.c.account == account, outbox.c.check_at.is_not(None)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))
