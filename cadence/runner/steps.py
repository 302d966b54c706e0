"""The steps a tick takes with each batch of touches: what a trace shows, and where a test may interrupt it."""

from __future__ import annotations

from enum import Enum

__all__ = ["Step", "ignore"]


class Step(Enum):
    """Where a tick stands with a batch of touches."""

    BEFORE_CLAIM = "before claim"  #: decided, nothing written
    BEFORE_CLAIM_COMMIT = "before claim commit"  #: written, not committed
    AFTER_CLAIM = "after claim"  #: intent and lease are committed
    BEFORE_CALL = "before call"  #: the next thing is the provider's
    AFTER_CALL = "after call"  #: the provider has answered, nobody knows yet
    BEFORE_COMMIT = "before commit"  #: the answer is written, not committed
    AFTER_COMMIT = "after commit"  #: the answer is committed


def ignore(step: Step) -> None:
    """Watch nothing."""
