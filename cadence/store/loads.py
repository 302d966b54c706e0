"""Loads: how many open enrolments each member owns. Kept by :func:`cadence.store.enrolments.save`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from cadence.store import dialect
from cadence.store.tables import enrolments, loads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.store.session import Session

__all__ = ["add", "read", "recount"]


def read(session: Session, account: str) -> dict[str, int]:
    """Read the loads: member -> open enrolments. A member that never owned one is left out."""
    query = select(loads.c.member, loads.c.open).where(loads.c.account == account).order_by(loads.c.member)
    found = Counter({row.member: row.open for row in session.ask(query)})
    found.update({member: number for (of, member), number in _owed(session).items() if of == account})
    return dict(found)


def add(session: Session, account: str, deltas: Mapping[str, int]) -> None:
    """Add to the loads of members, or take off: written at the end of the session."""
    owed = _owed(session)
    owed.update({(account, member): number for member, number in deltas.items()})
    session.owe(_settle, owed)


def recount(session: Session, account: str) -> dict[str, int]:
    """Count what :func:`read` should tell: members with open enrolments only."""
    number = func.count().label("number")
    query = select(enrolments.c.owner, number).where(
        enrolments.c.account == account, enrolments.c.ended_at.is_(None), enrolments.c.owner != ""
    )
    return {row.owner: row.number for row in session.ask(query.group_by(enrolments.c.owner))}


def _owed(session: Session) -> Counter[tuple[str, str]]:
    return Counter(session.owed(_settle))


def _settle(session: Session, owed: Counter[tuple[str, str]]) -> None:
    rows = [
        {"account": account, "member": member, "open": number}
        for (account, member), number in sorted(owed.items())
        if number
    ]
    session.change(dialect.upsert(session.dialect, loads, "account", "member", add=("open",)), rows)
