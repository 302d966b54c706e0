"""A provider in the same process: takes every message, counts it, and gives it an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.channels.channel import Accepted, Channel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.channels.channel import Outgoing, Result

__all__ = ["Provider", "ProviderChannel"]


class Provider:
    """Accepts everything."""

    def __init__(self) -> None:
        self.accepted = 0

    def send(self, to: str, subject: str, body: str) -> str:
        """Take one message; return its id."""
        if not to or not body:
            raise ValueError("a message needs an address and a text")
        self.accepted += 1
        return f"M{len(subject) + len(body):04d}{self.accepted:010d}"


class ProviderChannel(Channel):
    """The provider as a way out; it answers at once, so the tick calls it by itself."""

    workers = 0
    per_call = 100

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        """Hand over messages."""
        return [Accepted(self._provider.send(each.to, each.subject, each.body)) for each in messages]
