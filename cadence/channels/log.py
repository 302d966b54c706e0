"""The log channel: writes what would be sent to a file people can read, and sends nothing."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.channels.channel import Absent, Accepted, Channel, Finding, Found, Lost, Outgoing, Result, Unsure
from cadence.errors import CadenceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

__all__ = ["LogChannel"]

_HEAD = re.compile(rb"^--- .*\((\S+); not sent: log mode\)$", re.MULTILINE)


class LogChannel(Channel):
    """Appends each message to a text file that people can read."""

    workers = 0
    per_call = 100
    begins_within = timedelta(0)  # the tick itself writes, right after the claim
    visible_after = timedelta(0)

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        self.path = path
        self.zone = zone  #: the business's, for the times in the file

    def ready(self) -> None:
        """Find out whether texts can be written down."""
        if self.path.is_dir() or not os.access(self.path if self.path.exists() else self.path.parent, os.W_OK):
            raise CadenceError(
                f"cannot write {self.path}; nothing was done",
                help="give the program the right to write there; what is due waits until then",
            )

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        """Write down messages as they would have been sent, all in one piece."""
        text = "".join(self._entry(message) for message in messages).encode("utf-8", "replace")
        try:
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                while text:
                    text = text[os.write(file, text) :]
            finally:
                os.close(file)
        except OSError as error:
            return [Lost("log_file", f"cannot write {self.path.name}: {error.strerror}")] * len(messages)
        return [Accepted()] * len(messages)

    def look_up(self, messages: Sequence[Outgoing]) -> Sequence[Finding]:
        """Read the file: what was written down has its key there."""
        if not self.path.exists():
            return [Absent()] * len(messages)
        if not self.path.is_file():
            return [Unsure("log_file")] * len(messages)
        wanted = {message.key.encode("utf-8", "replace") for message in messages}
        with self.path.open("rb") as file:
            written = {found[1] for line in file if (found := _HEAD.match(line.rstrip(b"\r\n"))) and found[1] in wanted}
        return [Found() if message.key.encode("utf-8", "replace") in written else Absent() for message in messages]

    def _entry(self, message: Outgoing) -> str:
        at = message.at.astimezone(self.zone)
        head = (
            f"--- {at:%a %d %b %Y %H:%M %Z}  {message.channel} to {message.to}  ({message.key}; not sent: log mode)\n"
        )
        subject = f"Subject: {message.subject}\n" if message.subject else ""
        return f"{head}{subject}{message.body}\n\n"
