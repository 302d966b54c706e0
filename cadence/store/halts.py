"""Channels on which nothing goes until a person has seen to it: an account suspended, a sender not registered."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from cadence.store import dialect
from cadence.store.tables import halts

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.store.session import Session

__all__ = ["HaltRow", "halt", "lift", "read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltRow:
    """Why a channel is halted."""

    channel: str
    code: str  #: the provider's
    detail: str  #: a sentence
    since: datetime


def read(session: Session, account: str) -> dict[str, HaltRow]:
    """Read which channels are halted."""
    return {row["channel"]: HaltRow(**row) for row in session.ask(_SELECT.where(halts.c.account == account)).mappings()}


def halt(session: Session, account: str, row: HaltRow) -> bool:
    """Halt a channel; False when it is halted already."""
    values = {"account": account, **{name: getattr(row, name) for name in _FIELDS}}
    return session.change(dialect.insert_new(session.dialect, halts, "account", "channel"), [values]) == 1


def lift(session: Session, account: str, channel: str) -> bool:
    """Let a channel go on; False when it is not halted."""
    return session.change(delete(halts).where(halts.c.account == account, halts.c.channel == channel)) == 1


_FIELDS = tuple(item.name for item in fields(HaltRow))
_SELECT = select(*(halts.c[name] for name in _FIELDS))
