"""What came in, as it came: each thing told once, however often and by whichever way it is told.

It is kept first and understood after, in the same transaction or a later one: what cannot be understood yet, such as
a receipt that overtakes the answer to its sending, waits here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select, update

from cadence.store import dialect
from cadence.store.tables import inbound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cadence.store.session import Session

__all__ = ["InboundRow", "Kept", "count_open", "get", "keep", "listing", "note", "open_rows", "troubled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRow:
    """One thing that came in."""

    source: str
    key: str  #: the source's own identity of it
    kind: str  #: message, receipt or call
    at: datetime
    received_at: datetime
    data: Mapping[str, Any]  #: as :func:`cadence.inbox.message.to_data` makes it
    lead: str = ""  #: empty: nobody known
    taken_as: str = ""  #: what it was taken for; empty: nothing yet
    because: str = ""  #: why
    handled_at: datetime | None = None  #: None: not yet
    problem: str = ""  #: why it could not be handled so far


@dataclass(frozen=True, slots=True)
class Kept:
    """A row with the number that the store gave it."""

    id: int
    row: InboundRow


def keep(session: Session, account: str, rows: Sequence[InboundRow]) -> int:
    """Keep what came in; what is there already is left out. Tells how many were new."""
    statement = dialect.insert_new(session.dialect, inbound, "account", "source", "key")
    return session.change(statement, [_values(account, row) for row in rows])


def open_rows(session: Session, account: str, *, limit: int = 500) -> list[Kept]:
    """List what is not handled yet, in the order it came; in a writing session nobody else handles it meanwhile.

    What another tick is handling is waited for: nothing may be decided while a STOP is being understood.
    """
    query = _SELECT.where(inbound.c.account == account, inbound.c.handled_at.is_(None))
    query = query.order_by(inbound.c.id).limit(limit)
    if session.writes:
        query = dialect.for_update(session.dialect, query)
    return _kept(session, query)


def note(
    session: Session,
    account: str,
    number: int,
    *,
    handled_at: datetime | None,
    lead: str = "",
    taken_as: str = "",
    because: str = "",
    problem: str = "",
) -> None:
    """Note what became of a thing; ``handled_at`` None: it is tried again."""
    values = {"handled_at": handled_at, "lead": lead, "taken_as": taken_as, "because": because, "problem": problem}
    session.change(update(inbound).where(inbound.c.account == account, inbound.c.id == number).values(values))


def get(session: Session, account: str, number: int) -> Kept | None:
    """Look up one thing."""
    found = _kept(session, _SELECT.where(inbound.c.account == account, inbound.c.id == number))
    return found[0] if found else None


def listing(
    session: Session,
    account: str,
    *,
    lead: str = "",
    kind: str = "",
    receipts: bool = True,
    limit: int = 100,
    before: int | None = None,
) -> list[Kept]:
    """List what came in, newest first, at most ``limit``; ``before``: the number of the last one of the page before.

    Without ``receipts`` they are left out.
    """
    query = _SELECT.where(inbound.c.account == account)
    if lead:
        query = query.where(inbound.c.lead == lead)
    if kind:
        query = query.where(inbound.c.kind == kind)
    if not receipts:
        query = query.where(inbound.c.kind != "receipt")
    if before is not None:
        query = query.where(inbound.c.id < before)
    return _kept(session, query.order_by(inbound.c.id.desc()).limit(limit))


def troubled(session: Session, account: str, since: datetime, *, limit: int = 100) -> list[Kept]:
    """List messages since ``since`` that a person must look at: of nobody known, or not understood; newest first."""
    query = _SELECT.where(
        inbound.c.account == account,
        inbound.c.received_at >= since,
        inbound.c.problem != "",
        or_(inbound.c.kind != "receipt", inbound.c.handled_at.is_(None)),
    )
    return _kept(session, query.order_by(inbound.c.id.desc()).limit(limit))


def count_open(session: Session, account: str) -> int:
    """Count what is not handled yet."""
    query = select(func.count()).where(inbound.c.account == account, inbound.c.handled_at.is_(None))
    return int(session.ask(query).scalar_one())


def _kept(session: Session, query: Any) -> list[Kept]:
    return [Kept(number, InboundRow(**dict(zip(_FIELDS, row, strict=True)))) for number, *row in session.ask(query)]


def _values(account: str, row: InboundRow) -> dict[str, Any]:
    return {"account": account, **{name: getattr(row, name) for name in _FIELDS}}


_FIELDS = tuple(item.name for item in fields(InboundRow))
_SELECT = select(inbound.c.id, *(inbound.c[name] for name in _FIELDS))
