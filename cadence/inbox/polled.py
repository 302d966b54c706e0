"""Asking for what came in: a source, and what a poll of it brings home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cadence.inbox.message import Item

__all__ = ["Polled", "Source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What a source told, and how far it is read now. A poll writes nothing: items and cursor are kept together."""

    items: Sequence[Item]  #: oldest first; what was told before has the same keys
    cursor: Mapping[str, Any]  #: JSON-able; what the next poll is given
    problem: str = ""  #: why not all could be read, in words without address or secret; the items count all the same


class Source(Protocol):
    """Something that can be asked what came in."""

    @property
    def name(self) -> str:
        """What its cursor is kept under: twilio, sendgrid, imap."""

    def poll(self, cursor: Mapping[str, Any], now: datetime) -> Polled:
        """Ask. The first poll, whose cursor is empty, begins at ``now`` and not with all there ever was."""
