"""How far each source of what comes in has been read, and whether it can be read at all."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from cadence.store import dialect
from cadence.store.tables import cursors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.store.session import Session

__all__ = ["CursorRow", "read", "save"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorRow:
    """Where one source stands."""

    source: str
    data: Mapping[str, Any]  #: the source's own word on how far it was read
    at: datetime  #: when it was last asked with success, or first tried
    problem: str = ""  #: why it cannot be asked now
    failing_since: datetime | None = None


def read(session: Session, account: str) -> dict[str, CursorRow]:
    """Read where every source stands."""
    query = _SELECT.where(cursors.c.account == account)
    return {row["source"]: CursorRow(**row) for row in session.ask(query).mappings()}


def save(session: Session, account: str, row: CursorRow) -> None:
    """Record where a source stands."""
    values = {"account": account, **{name: getattr(row, name) for name in _FIELDS}}
    session.change(dialect.upsert(session.dialect, cursors, "account", "source"), [values])


_FIELDS = tuple(item.name for item in fields(CursorRow))
_SELECT = select(*(cursors.c[name] for name in _FIELDS))
