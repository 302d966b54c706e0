"""What asking a provider brought: what came in, and where to go on from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cadence.inbox.message import Item

__all__ = ["Polled"]


@dataclass(frozen=True, slots=True)
class Polled:
    """The answer of one poll."""

    items: tuple[Item, ...]  #: oldest first; some came before, with the same keys
    cursor: str  #: to be kept together with the items, and given to the next poll
    problem: str = ""  #: a sentence, when not all could be read; what could not is read by a later poll
