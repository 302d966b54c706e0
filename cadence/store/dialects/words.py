"""What every kind of database says in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["contradiction"]


def contradiction(name: Path | str) -> StoreError:
    """Say that a row was refused, without repeating it."""
    return StoreError(
        f"the database {name} refused a row that contradicts what it holds",
        help="if the account or the lead is new, record it first; otherwise this is a fault of cadence: report it",
    )
