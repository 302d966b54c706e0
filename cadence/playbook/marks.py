"""Marks: where a part of a page stands, and diagnostics that point at one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.playbook.diagnostics import Diagnostic

if TYPE_CHECKING:
    from cadence.playbook.diagnostics import Severity

__all__ = ["START", "Mark", "Path", "diagnostic_at", "indentation"]

#: The keys and the numbers of items (from 0) that lead to a value; ``-1`` is a key that could not be read.
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of one line."""

    line: int  #: 1-based
    column: int  #: 1-based, in characters; a tab is one
    length: int  #: characters; of something longer than a line, the part on its first line


#: Where a fault of the whole file is shown.
START = Mark(1, 1, 1)


def diagnostic_at(
    file: str,
    lines: tuple[str, ...],
    mark: Mark,
    code: str,
    message: str,
    advice: str = "",
    severity: Severity = "error",
) -> Diagnostic:
    """Point at a mark on a page of these lines; what quotes too much is shortened."""
    source = lines[mark.line - 1] if mark.line <= len(lines) else ""
    message, advice = (_shortened(text) for text in (message, advice))
    return Diagnostic(file, mark.line, mark.column, mark.length, severity, code, message, advice, source)


def _shortened(text: str) -> str:
    """Leave out the middle of a sentence that quotes a page of text."""
    return text if len(text) <= 400 else f"{text[:200]} … {text[-100:]}"


def indentation(line: str) -> int:
    """Count the blanks a line begins with."""
    return len(line) - len(line.lstrip())
