"""Senders: how much each has sent, so that all ticks together keep to its rate and its day's cap."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from cadence.store import dialect
from cadence.store.tables import senders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.store.session import Session

__all__ = ["SenderRow", "read", "save"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderRow:
    """What one sender has sent."""

    sender: str
    free_at: int = 0  #: microseconds since 1970: when its next message may go
    day: str = ""  #: the day that is counted, ``2026-11-24``
    day_count: int = 0


def read(session: Session, account: str, names: Sequence[str]) -> dict[str, SenderRow]:
    """Read the standing of senders (a new one has sent nothing); in a writing session nobody else counts meanwhile."""
    query = _SELECT.where(senders.c.account == account, senders.c.sender.in_(names)).order_by(senders.c.sender)
    if session.writes:
        new = dialect.insert_new(session.dialect, senders, "account", "sender")
        session.change(new, [_values(account, SenderRow(sender=name)) for name in names])
        query = dialect.for_update(session.dialect, query)
    found = {row["sender"]: SenderRow(**row) for row in session.ask(query).mappings()}
    return {name: found.get(name, SenderRow(sender=name)) for name in names}


def save(session: Session, account: str, rows: Sequence[SenderRow]) -> None:
    """Record how senders stand."""
    statement = dialect.upsert(session.dialect, senders, "account", "sender")
    session.change(statement, [_values(account, row) for row in rows])


def _values(account: str, row: SenderRow) -> dict[str, Any]:
    return {"account": account, **{name: getattr(row, name) for name in _FIELDS}}


_FIELDS = tuple(item.name for item in fields(SenderRow))
_SELECT = select(*(senders.c[name] for name in _FIELDS))
