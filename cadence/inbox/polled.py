"""What a poll brings home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cadence.inbox.message import Item

__all__ = ["Polled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What a source told, and how far it is read now. A poll writes nothing: items and cursor are kept together."""

    items: Sequence[Item]
    cursor: Mapping[str, Any]  #: JSON-able; what the next poll is given
    problem: str = ""  #: why not all could be read, in words without address or secret; the items count all the same
