"""Turns: whose turn it was last in a role, for members who take turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from cadence.store import dialect
from cadence.store.tables import turns

if TYPE_CHECKING:
    from cadence.store.session import Session

__all__ = ["advance", "read"]


def read(session: Session, account: str) -> dict[tuple[str, str], int]:
    """Read the turns: (role, member) -> number; the higher, the later. A member who had none is left out."""
    query = select(turns.c.role, turns.c.member, turns.c.turn).where(turns.c.account == account)
    found = {(row.role, row.member): row.turn for row in session.ask(query.order_by(turns.c.role, turns.c.member))}
    for of, role, member in session.owed(_settle) or ():
        if of == account:
            found[role, member] = 1 + max((turn for (its, _), turn in found.items() if its == role), default=0)
    return found


def advance(session: Session, account: str, role: str, member: str) -> None:
    """Note that it was ``member``'s turn: its number becomes higher than all others of the role.

    Written at the end of the session.
    """
    turn = (account, role, member)
    earlier = session.owed(_settle) or ()
    session.owe(_settle, (*(each for each in earlier if each != turn), turn))


def _settle(session: Session, owed: tuple[tuple[str, str, str], ...]) -> None:
    rows = []
    for account, role in sorted({(account, role) for account, role, _ in owed}):
        query = select(turns.c.turn).where(turns.c.account == account, turns.c.role == role).order_by(turns.c.member)
        latest = max(session.ask(dialect.for_update(session.dialect, query)).scalars(), default=0)
        members = [member for *of, member in owed if of == [account, role]]
        rows += [
            {"account": account, "role": role, "member": member, "turn": latest + number}
            for number, member in enumerate(members, start=1)
        ]
    rows.sort(key=lambda row: (row["account"], row["role"], row["member"]))
    session.change(dialect.upsert(session.dialect, turns, "account", "role", "member"), rows)
