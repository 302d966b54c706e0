"""The log channel: writes what would be sent to a file people can read, and sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.errors import CadenceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from cadence.engine.decision import Claim

__all__ = ["LogChannel"]


class LogChannel:
    """Appends each message to a text file that people can read."""

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        self.path = path
        self.zone = zone  #: the business's, for the times in the file

    def deliver(self, claims: Sequence[Claim], at: datetime) -> None:
        """Write down messages as they would have been sent at ``at``; CadenceError when the file cannot be written."""
        if not claims:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.writelines(_entry(claim, at.astimezone(self.zone)) for claim in claims)
        except OSError as error:
            raise CadenceError(
                f"cannot write {self.path}: {error.strerror}",
                help="make room or give the program the right to write there",
            ) from error


def _entry(claim: Claim, at: datetime) -> str:
    verdict = claim.verdict
    head = f"--- {at:%a %d %b %Y %H:%M %Z}  {verdict.channel} to {claim.to}  ({verdict.key}; not sent: log mode)\n"
    subject = f"Subject: {claim.subject}\n" if claim.subject else ""
    return f"{head}{subject}{claim.body}\n\n"
