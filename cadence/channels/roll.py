"""One advertising audience on disk: who is on it, who has come off it, and the files to upload.

``NAME.jsonl`` is the truth: a line for each time somebody joined or left, only ever added to. It has the lead's id and
hashes, no name and no address. The CSV files are worked out from it:

    NAME.meta.csv, NAME.google.csv                  everybody who is on the list
    NAME.remove.meta.csv, NAME.remove.google.csv    everybody who came off it: to be taken off at the firm too

A program that is killed leaves at most half a last line, which counts as not written, or CSV files that lag behind;
the next change, or :meth:`Roll.mend`, puts them right. Only their owner can read the files.
"""

from __future__ import annotations

import csv
import io
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cadence.channels.match_rows import GOOGLE, META

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Entry", "Roll"]

_OWN = 0o600
_HEADS = {"meta": META, "google": GOOGLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A person on a list."""

    lead: str
    key: str  #: of the touch that put the person there
    at: str  #: when, ISO
    rows: Mapping[str, tuple[str, ...]]  #: firm -> cells

    @property
    def marks(self) -> set[str]:
        """The hashes of the e-mail address and the phone number, as each firm wants them."""
        return {cell for row in self.rows.values() for cell in row[:2] if cell}


@dataclass
class Roll:
    """One audience. Several programs may hold the same one, but not several threads one of these."""

    folder: Path
    name: str  #: small letters, digits, hyphens and underscores
    members: dict[str, Entry] = field(default_factory=dict)  #: lead -> entry, in the order they joined
    _known_by: dict[str, list[Entry]] = field(default_factory=dict)  #: lead -> all it was ever put there by
    _keys: set[str] = field(default_factory=set)  #: touches that put somebody on it
    _sizes: dict[str, int] = field(default_factory=lambda: {firm: len(_line(head)) for firm, head in _HEADS.items()})
    _read_to: int = 0  #: bytes of the truth that are taken in

    @property
    def truth(self) -> Path:
        """The file of joins and leaves."""
        return self.folder / f"{self.name}.jsonl"

    @property
    def _mark(self) -> Path:
        """There while the files are being written: found later, it tells that a program was killed at that."""
        return self.folder / f"{self.name}.busy"

    def has(self, lead: str, key: str) -> bool:
        """Tell whether a touch put its lead on the list, or the lead is on it; OSError when it cannot be read."""
        self._take_in()
        return key in self._keys or lead in self.members

    def add(self, entries: Iterable[Entry]) -> None:
        """Put people on the list, each once; OSError when that cannot be written down."""
        with self._alone():
            self._take_in()
            new = {each.lead: each for each in entries if not self._is_on(each)}
            self._write(
                [{"is": "on", "lead": e.lead, "key": e.key, "at": e.at, "rows": dict(e.rows)} for e in new.values()]
            )

    def remove(self, lead: str, marks: set[str], at: str) -> bool:
        """Take a lead off, and whoever was put there by one of these hashes; tell whether any was on."""
        with self._alone():
            self._take_in()
            off = [
                each
                for each in self.members
                if each == lead or any(marks & entry.marks for entry in self._known_by[each])
            ]
            self._write([{"is": "off", "lead": each, "at": at} for each in off])
        return bool(off)

    def mend(self) -> None:
        """Write the CSV files anew where a program was killed before it came to them."""
        if self._mark.exists():
            with self._alone():
                self._take_in()
                self._write([])

    def _is_on(self, entry: Entry) -> bool:
        known = self.members.get(entry.lead)
        return known is not None and known.rows == entry.rows

    def _take_in(self) -> list[Entry] | None:
        """Read what was added to the truth; return who was put there, or None when that is not all that happened."""
        applied: list[Entry | None] = []
        if not self.truth.exists():
            return []
        with self.truth.open("rb") as file:
            file.seek(self._read_to)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # of a program that was killed, or is still at it
                self._read_to += len(line)
                applied.append(self._apply(line))
        added = [entry for entry in applied if entry]
        return added if len(added) == len(applied) else None

    def _apply(self, line: bytes) -> Entry | None:
        """Take in one line; return the entry when it put there somebody who never was."""
        try:
            data = json.loads(line)
            lead, is_on = str(data["lead"]), data["is"] == "on"
            entry = _entry(data) if is_on else None
        except (ValueError, LookupError, TypeError, AttributeError):
            return None  # half a line of a program that was killed
        before = self.members.pop(lead, None)
        if before:
            self._count(before, -1)
        if entry is None:
            return None
        is_new = lead not in self._known_by
        self.members[lead] = entry
        self._known_by.setdefault(lead, []).append(entry)
        self._keys.add(entry.key)
        self._count(entry, 1)
        return entry if is_new else None

    def _count(self, entry: Entry, times: int) -> None:
        for firm in _HEADS:
            self._sizes[firm] += times * len(_line(entry.rows[firm]))

    def _write(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Write down joins and leaves, then the CSV files: by adding to them, where they are what they should be."""
        if not lines and not self._mark.exists():
            return
        fit = not self._mark.exists() and all(_size(self._csv(firm)) == self._sizes[firm] for firm in _HEADS)
        _append(self._mark, "")
        torn = "\n" if _size(self.truth) > self._read_to else ""
        _append(self.truth, torn + "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
        added = self._take_in()
        if added is None or not fit:
            self._write_anew()
        else:
            for firm in _HEADS:
                _append(self._csv(firm), "".join(_line(entry.rows[firm]) for entry in added))
        self._mark.unlink(missing_ok=True)

    def _write_anew(self) -> None:
        left = [entry for lead, entries in self._known_by.items() if lead not in self.members for entry in entries]
        for firm, head in _HEADS.items():
            if left or self._csv(f"remove.{firm}").exists():
                rows = dict.fromkeys(entry.rows[firm] for entry in left)
                _replace(self._csv(f"remove.{firm}"), "".join(map(_line, (head, *rows))))
        for firm, head in _HEADS.items():
            rows_on = (entry.rows[firm] for entry in self.members.values())
            _replace(self._csv(firm), "".join(map(_line, (head, *rows_on))))

    def _csv(self, part: str) -> Path:
        return self.folder / f"{self.name}.{part}.csv"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other programs from changing the list meanwhile, where the machine can."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self.truth, os.O_RDWR | os.O_CREAT, _OWN)
        try:
            try:
                import fcntl
            except ImportError:  # Windows
                pass
            else:
                fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)


def _entry(data: Mapping[str, Any]) -> Entry:
    rows = {firm: tuple(map(str, data["rows"][firm])) for firm in _HEADS}
    return Entry(lead=str(data["lead"]), key=str(data["key"]), at=str(data["at"]), rows=rows)


def _line(cells: Iterable[str]) -> str:
    """Write a line of CSV; all of it is ASCII."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else -1


def _append(file: Path, text: str) -> None:
    _put(file, text, os.O_APPEND)


def _replace(file: Path, text: str) -> None:
    """Write a file whole, or not at all."""
    beside = file.with_name(f"{file.name}.new")
    _put(beside, text, os.O_TRUNC)
    beside.replace(file)


def _put(file: Path, text: str, how: int) -> None:
    left = text.encode("ascii")
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | how, _OWN)
    try:
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
