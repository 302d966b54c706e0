"""Turns: whose turn it was last in a role, for members who take turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from cadence.store import dialect
from cadence.store.tables import turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.store.session import Session

__all__ = ["read", "take"]


def read(session: Session, account: str) -> dict[tuple[str, str], int]:
    """Read the turns: (role, member) -> number; the higher, the later. A member who had none is left out."""
    query = select(turns.c.role, turns.c.member, turns.c.turn).where(turns.c.account == account)
    return {(role, member): turn for role, member, turn in session.ask(query.order_by(turns.c.role, turns.c.member))}


def take(session: Session, account: str, taken: Sequence[tuple[str, str]]) -> None:
    """Note whose turns were taken, in that order: (role, member); each number is the next above all of its role.

    Two members may have the same number when two sessions note them at the same time. Rows are written in the order of
    their keys, so that two sessions never wait for each other.
    """
    if not taken:
        return
    known = read(session, account)
    latest = {role: max((n for (other, _), n in known.items() if other == role), default=0) for role, _ in taken}
    numbers: dict[tuple[str, str], int] = {}
    for role, member in taken:
        latest[role] = numbers[role, member] = latest[role] + 1
    rows = [{"account": account, "role": role, "member": m, "turn": n} for (role, m), n in sorted(numbers.items())]
    session.change(dialect.upsert(session.dialect, turns, "account", "role", "member"), rows)
