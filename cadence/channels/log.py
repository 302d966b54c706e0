"""The log channel: writes what would be sent to a file people can read, and sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.events import instant_text
from cadence.errors import CadenceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from cadence.engine.decision import Claim

__all__ = ["LogChannel"]


class LogChannel:
    """Appends each message to a text file, and knows which it has already written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def deliver(self, claims: Sequence[Claim], at: datetime) -> None:
        """Write down messages as they would have been sent at ``at``; CadenceError when the file cannot be written."""
        if not claims:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.writelines(_entry(claim, at) for claim in claims)
        except OSError as error:
            raise CadenceError(
                f"cannot write {self.path}: {error.strerror}",
                help="make room or give the program the right to write there",
            ) from error


def _entry(claim: Claim, at: datetime) -> str:
    verdict = claim.verdict
    head = f"--- {instant_text(at)}  {verdict.channel} to {claim.to}  ({verdict.key}, not sent: log mode)\n"
    subject = f"Subject: {claim.subject}\n" if claim.subject else ""
    return f"{head}{subject}{claim.body}\n\n"
