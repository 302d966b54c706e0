"""A provider in the same process: takes every message, remembers it, and gives it an id."""

from __future__ import annotations

__all__ = ["Provider"]


class Provider:
    """Accepts everything; ``texts`` counts what it was given by address and text."""

    def __init__(self) -> None:
        self.accepted = 0

    def send(self, to: str, subject: str, body: str) -> str:
        """Take one message; return its id."""
        if not to or not body:
            raise ValueError("a message needs an address and a text")
        self.accepted += 1
        return f"M{len(subject) + len(body):04d}{self.accepted:010d}"
