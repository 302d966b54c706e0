"""Ticks: who is ticking now, and what past ticks did.

The lease keeps two ticks of one account from getting in each other's way. It is a courtesy: what keeps a touch
from going twice is its claim.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, or_, select, update

from cadence.errors import StoreError
from cadence.store.tables import accounts, ticks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.store.session import Session

__all__ = [
    "IDLE",
    "Lease",
    "TickRow",
    "acquire",
    "extend",
    "last",
    "lease",
    "recent",
    "record",
    "record_idle",
    "release",
]

IDLE = "idle"  #: outcome of a tick that found nothing to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who ticks."""

    holder: str
    since: datetime
    until: datetime  #: from then on it is anybody's


@dataclass(frozen=True, slots=True, kw_only=True)
class TickRow:
    """One tick, or a run of idle ones."""

    started_at: datetime  #: of the first, in a run
    finished_at: datetime  #: of the last, in a run
    at: datetime  #: the instant that was judged by; of the last, in a run
    holder: str
    outcome: str  #: IDLE, or the runner's word
    counts: Mapping[str, Any] = field(default_factory=dict)
    idle_runs: int = 0  #: how many idle ticks this row stands for


def acquire(session: Session, account: str, holder: str, at: datetime, seconds: int) -> bool:
    """Take the lease for ``seconds`` from ``at`` (the real time) when it is free; False: :func:`lease` says whose.

    ``holder`` must be different for each tick, not only for each machine. A lease that runs further ahead than
    twice ``seconds`` was given by a clock since put back, and counts as free.
    StoreError for an unknown account.
    """
    length = timedelta(seconds=seconds)
    free = or_(accounts.c.tick_holder == "", accounts.c.tick_until <= at, accounts.c.tick_until > at + 2 * length)
    taken = update(accounts).where(accounts.c.account == account, free)
    if session.change(taken.values(tick_holder=holder, tick_since=at, tick_until=at + length)):
        return True
    if lease(session, account) is None:
        raise StoreError(f"the database knows no account {account!r}", help="record it with `cadence init`")
    return False


def extend(session: Session, account: str, holder: str, at: datetime, seconds: int) -> bool:
    """Keep the lease for ``seconds`` from ``at``; False when ``holder`` has lost it and must stop."""
    return session.change(_held(account, holder).values(tick_until=at + timedelta(seconds=seconds))) == 1


def release(session: Session, account: str, holder: str) -> bool:
    """Give the lease back; False when ``holder`` had lost it."""
    return session.change(_held(account, holder).values(tick_holder="", tick_since=None, tick_until=None)) == 1


def lease(session: Session, account: str) -> Lease | None:
    """Tell who holds the lease, even one that has run out; None: nobody."""
    query = select(accounts.c.tick_holder, accounts.c.tick_since, accounts.c.tick_until)
    row = session.ask(query.where(accounts.c.account == account, accounts.c.tick_holder != "")).one_or_none()
    return Lease(holder=row.tick_holder, since=row.tick_since, until=row.tick_until) if row else None


def record(session: Session, account: str, tick: TickRow) -> None:
    """Record a tick that did something."""
    session.change(insert(ticks), [{"account": account, **{name: getattr(tick, name) for name in _FIELDS}}])


def record_idle(
    session: Session, account: str, *, holder: str, started_at: datetime, finished_at: datetime, at: datetime
) -> None:
    """Record a tick that found nothing to do. Idle ticks in a row share one row."""
    newest = select(ticks.c.id).where(ticks.c.account == account).order_by(ticks.c.id.desc()).limit(1)
    again = update(ticks).where(ticks.c.id == newest.scalar_subquery(), ticks.c.outcome == IDLE)
    values = {"idle_runs": ticks.c.idle_runs + 1, "finished_at": finished_at, "at": at, "holder": holder}
    if not session.change(again.values(values)):
        first = TickRow(
            started_at=started_at, finished_at=finished_at, at=at, holder=holder, outcome=IDLE, counts={}, idle_runs=1
        )
        record(session, account, first)


def last(session: Session, account: str) -> TickRow | None:
    """Read the newest row."""
    return next(iter(recent(session, account, 1)), None)


def recent(session: Session, account: str, limit: int) -> list[TickRow]:
    """List the newest rows, at most ``limit``, newest first."""
    query = select(*(ticks.c[name] for name in _FIELDS)).where(ticks.c.account == account)
    return [TickRow(**row) for row in session.ask(query.order_by(ticks.c.id.desc()).limit(limit)).mappings()]


def _held(account: str, holder: str) -> Any:
    return update(accounts).where(accounts.c.account == account, accounts.c.tick_holder == holder)


_FIELDS = tuple(item.name for item in fields(TickRow))
