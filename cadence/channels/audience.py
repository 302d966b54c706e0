"""The audience channel: puts people on advertising lists, as files to upload to Meta and to Google.

Nothing leaves the machine: a person of the shop uploads the files. Whoever opts out comes off: the runner calls
:meth:`Audience.remove` once an opt-out is recorded, in every mode.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from cadence.channels.channel import Absent, Accepted, Channel, Finding, Found, Lost, Outgoing, Refused, Result, Unsure
from cadence.channels.match_rows import google_row, meta_row
from cadence.channels.roll import Entry, Roll
from cadence.errors import CadenceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from cadence.channels.kit import Kit

__all__ = ["FOLDER", "Audience"]

FOLDER = "audiences"  #: below the workspace, unless cadence.yaml names another

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Audience(Channel):
    """Keeps a list of hashed people for each audience; see :mod:`cadence.channels.roll` for its files."""

    wants_data = True
    workers = 0
    per_call = 500
    begins_within = timedelta(0)  # the tick itself writes, right after the claim
    visible_after = timedelta(0)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rolls: dict[str, Roll] = {}

    @classmethod
    def from_kit(cls, kit: Kit) -> Audience:
        """Make it."""
        return cls(kit.root / str(kit.settings.options.get("folder", FOLDER)))

    def ready(self) -> None:
        """Find out whether lists can be written, and mend what a program that was killed left behind."""
        there = next(folder for folder in (self.folder, *self.folder.parents) if folder.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise CadenceError(
                f"cannot write into {there}; nothing was done",
                help="give the program the right to write there; what is due waits until then",
            )
        for roll in self._all():
            roll.mend()

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        """Put people on their lists, each once."""
        results: dict[str, Result] = {}
        entries: dict[str, list[Entry]] = {}
        for message in messages:
            entry = _entry_of(message)
            if isinstance(entry, Entry):
                entries.setdefault(message.to, []).append(entry)
                results[message.key] = Accepted()
            else:
                results[message.key] = entry
        for name, its in entries.items():
            try:
                self._roll(name).add(its)
            except OSError as error:
                lost = Lost("audience_file", f"cannot write the list {name}: {error.strerror}")
                results.update((entry.key, lost) for entry in its)
        return [results[message.key] for message in messages]

    def look_up(self, messages: Sequence[Outgoing]) -> Sequence[Finding]:
        """Read the lists: who was put there stands there."""
        return [self._find(message) for message in messages]

    def remove(self, record: Mapping[str, Any], at: datetime) -> tuple[str, ...]:
        """Take a person off every list, with whoever has the same e-mail address or phone number.

        ``record`` is the lead's, ``id`` included. Done again it changes nothing. Returns the lists the person was on;
        their ``remove`` files say who must be taken off at Meta and at Google. OSError when a list cannot be written.
        """
        rows = {"meta": meta_row(record), "google": google_row(record)}
        marks = Entry(lead="", key="", at="", rows=rows).marks
        lead, when = str(record.get("id") or ""), at.astimezone(UTC).isoformat()
        return tuple(roll.name for roll in self._all() if roll.remove(lead, marks, when))

    def _find(self, message: Outgoing) -> Finding:
        if not _NAME.fullmatch(message.to):
            return Absent()
        try:
            return Found() if self._roll(message.to).has(message.lead, message.key) else Absent()
        except OSError:
            return Unsure("audience_file", again=True)

    def _roll(self, name: str) -> Roll:
        return self._rolls.setdefault(name, Roll(self.folder, name))

    def _all(self) -> list[Roll]:
        names = sorted(file.stem for file in self.folder.glob("*.jsonl")) if self.folder.is_dir() else []
        return [self._roll(name) for name in names if _NAME.fullmatch(name)]


def _entry_of(message: Outgoing) -> Entry | Refused:
    if not _NAME.fullmatch(message.to):
        return Refused("no_list", "the name of the list cannot be the name of a file")
    record = message.data.get("lead", {})
    meta, google = meta_row(record), google_row(record)
    if not meta:
        return Refused("nobody", "neither an e-mail address nor a phone number nor name and ZIP code is known")
    at = message.at.astimezone(UTC).isoformat()
    return Entry(lead=message.lead, key=message.key, at=at, rows={"meta": meta, "google": google})
