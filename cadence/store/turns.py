"""Turns: whose turn it was last in a role, for members who take turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from cadence.store import dialect
from cadence.store.tables import turns

if TYPE_CHECKING:
    from cadence.store.session import Session

__all__ = ["advance", "read"]


def read(session: Session, account: str) -> dict[tuple[str, str], int]:
    """Read the turns: (role, member) -> number; the higher, the later. A member who had none is left out."""
    query = select(turns.c.role, turns.c.member, turns.c.turn).where(turns.c.account == account)
    return {(role, member): turn for role, member, turn in session.ask(query.order_by(turns.c.role, turns.c.member))}


def advance(session: Session, account: str, role: str, member: str) -> None:
    """Note that it was ``member``'s turn: its number becomes the next above all of the role.

    Two members may have the same number when two sessions note them at the same time.
    """
    latest = select(func.coalesce(func.max(turns.c.turn), 0)).where(turns.c.account == account, turns.c.role == role)
    statement = dialect.upsert(session.dialect, turns, "account", "role", "member")
    session.change(statement.values(account=account, role=role, member=member, turn=latest.scalar_subquery() + 1))
