"""Who has how much and whose turn it is, as the store has it: for sharing leads out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.roster import Roster
from cadence.store import loads, turns

if TYPE_CHECKING:
    from cadence.store.session import Session

__all__ = ["read_roster"]


def read_roster(session: Session, account: str) -> Roster:
    """Read the roster of an account.

    Two sessions that share leads out at the same moment may both take the same turn; the next one makes up for it.
    """
    return Roster(loads=dict(loads.read(session, account)), turns=turns.read(session, account))
