"""What the judge finds: a rule that was broken, when, and by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.engine.decision import Verdict

__all__ = ["Broken", "said"]


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that did not hold."""

    at: datetime
    say: str  #: what happened instead


def said(verdict: Verdict) -> str:
    """Name a touch in a sentence: ``second-try (sms, new)``."""
    return f"{verdict.touch} ({verdict.channel}, {verdict.stage})"
