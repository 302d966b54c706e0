"""Strict YAML with positions: the bytes of a file become a page, or diagnostics in plain words.

The bytes are decoded by :mod:`cadence.playbook.decode` and read by :mod:`cadence.playbook.yaml_reader`, which says
what of YAML a page may use; the words for the parser's refusals are :mod:`cadence.playbook.yaml_words`'.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from cadence.playbook.decode import decode
from cadence.playbook.marks import Mark, diagnostic_at, indentation
from cadence.playbook.yaml_loader import FASTEST, PlainLoader
from cadence.playbook.yaml_reader import Reader, Unreadable
from cadence.playbook.yaml_words import explain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.playbook.diagnostics import Diagnostic, Severity
    from cadence.playbook.marks import Path

__all__ = ["Page", "read_page"]


@dataclass(frozen=True)
class Page:
    """A file that was read: its data, and where each part of it stands."""

    file: str  #: as the user named it
    lines: tuple[str, ...]  #: the text by lines
    data: dict[str, Any]  #: maps, lists, texts, numbers, truth values and None
    keys: Mapping[Path, Mark] = field(repr=False)  #: path of a value -> where its key stands
    values: Mapping[Path, Mark] = field(repr=False)  #: path of a value -> where it stands
    unread: frozenset[Path] = frozenset()  #: parts that were refused; what stands there is not to be judged

    def key_mark(self, path: Path) -> Mark:
        """Where the key of a value stands; an item of a list, itself; a part that is missing, its nearest owner."""
        while path and path not in self.keys and path not in self.values:
            path = path[:-1]
        return self.keys.get(path) or self.values[path]

    def value_mark(self, path: Path) -> Mark:
        """Where a value stands; of a part that is missing, the key of its nearest owner."""
        return self.values.get(path) or self.key_mark(path)

    def diagnostic(
        self,
        path: Path,
        code: str,
        message: str,
        help: str = "",  # noqa: A002 - the word the reader sees
        key: bool = False,
        severity: Severity = "error",
        offset: int = 0,
        length: int | None = None,
    ) -> Diagnostic:
        """Point at a value, at its ``key``, or at ``length`` characters of a text from ``offset`` (0-based) on."""
        mark = self.key_mark(path) if key else self.value_mark(path)
        if (offset or length is not None) and not key and path in self.values:
            mark = self._inside(mark, offset, length)
        return diagnostic_at(self.file, self.lines, mark, code, message, help, severity)

    def _inside(self, mark: Mark, offset: int, length: int | None) -> Mark:
        """Find characters of a text on the page: behind its quote, or on a later line of a text over several."""
        row, start, last = mark.line - 1, mark.column - 1, mark.column - 1 + mark.length
        opening = self.lines[row][start : start + 1]
        if opening in ("|", ">"):
            row = next((n for n in range(row + 1, len(self.lines)) if self.lines[n].strip()), row)
            start, last = indentation(self.lines[row]), len(self.lines[row])
        elif opening in ("'", '"'):
            start += 1
        for _ in range(offset):
            pair = self.lines[row][start : start + 2]
            start += 2 if (opening == "'" and pair == "''") or (opening == '"' and pair[:1] == "\\") else 1
            if start > last and row + 1 < len(self.lines):
                row += 1
                start, last = indentation(self.lines[row]), len(self.lines[row].rstrip())
        rest = max(1, last - start)
        return Mark(row + 1, start + 1, rest if length is None else max(1, min(length, rest)))


def read_page(file: str, raw: bytes, *, loader: Any = FASTEST) -> tuple[Page | None, tuple[Diagnostic, ...]]:
    """Read a file. Without a page the diagnostics say why; with one they list what in it was refused.

    Every fault that does not hide what follows is found at once. ``loader`` is PyYAML's class to parse with; the
    pure one is asked again when it refuses, for its words.
    """
    text, faults = decode(file, raw)
    if faults:
        return None, tuple(faults)
    lines = tuple(text.split("\n"))
    # Where a tab may stand is the one thing on which the two parsers differ.
    for parser in (loader, PlainLoader) if "\t" not in text else (PlainLoader,):
        reader = Reader(file, lines, yaml.parse(text, Loader=parser))
        try:
            data = reader.document()
        except yaml.MarkedYAMLError as error:
            refusal = reader.faults, explain(error, reader)
        except Unreadable:
            return None, tuple(sorted(reader.faults))
        else:
            page = Page(file, lines, data, reader.keys, reader.values, frozenset(reader.unread))
            return page, tuple(sorted(reader.faults))
    faults, last = refusal
    told = any((fault.line, fault.code) == (last.line, last.code) for fault in faults)
    return None, tuple(sorted(faults if told else [*faults, last]))
