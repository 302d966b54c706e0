"""Ticks: what past ticks did. Any number may run at once; what keeps a touch from going twice is its claim."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from cadence.store.tables import ticks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.store.session import Session

__all__ = [
    "IDLE",
    "TickRow",
    "last",
    "recent",
    "record",
    "record_idle",
    "since",
]

IDLE = "idle"  #: outcome of a tick that found nothing to do


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


def since(session: Session, account: str, at: datetime) -> list[TickRow]:
    """List the rows of ticks that judged by ``at`` or later, oldest first."""
    query = select(*(ticks.c[name] for name in _FIELDS)).where(ticks.c.account == account, ticks.c.at >= at)
    return [TickRow(**row) for row in session.ask(query.order_by(ticks.c.id)).mappings()]


_FIELDS = tuple(item.name for item in fields(TickRow))
