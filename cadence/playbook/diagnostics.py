"""Diagnostics: what is wrong in a file, where, and what to do about it; and the three ways to show them.

playbooks/roofer.yaml:7:10: error[bad-duration]: '15 min' is not a duration
     7 |     sla: 15 min
       |          ^^^^^^  help: write 15m (durations look like 15m, 2h or 3d)
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Diagnostic", "Explain", "Findings", "did_you_mean", "render_github", "render_json", "render_text"]

Severity = Literal["error", "warning"]

_WIDEST = 160  #: characters of a source line that are shown
_BEFORE = 60  #: of them in front of the fault, where a line has to be cut
_COLOURS = {"error": "\033[1;31m", "warning": "\033[1;33m", "help": "\033[36m", "faint": "\033[2m"}
_PLAIN = "\033[0m"


@dataclass(frozen=True, order=True)
class Diagnostic:
    """One thing that is wrong at one place of a file. Sorts by file, then place."""

    file: str  #: as the user named it
    line: int  #: 1-based
    column: int  #: 1-based, in characters; a tab is one
    length: int  #: characters concerned, at least 1
    severity: Severity  #: an error makes the file unusable
    code: str  #: words, such as ``unknown-stage``
    message: str  #: what is wrong
    help: str = ""  #: what to do about it; may be empty
    source: str = ""  #: the text of the line; empty: there is none to show


class Findings:
    """A collection of diagnostics: each kept once, listed by file and place."""

    def __init__(self, diagnostics: Iterable[Diagnostic] = ()) -> None:
        self._kept: dict[Diagnostic, None] = dict.fromkeys(diagnostics)

    def add(self, *diagnostics: Diagnostic) -> None:
        """Keep these too."""
        self._kept.update(dict.fromkeys(diagnostics))

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.sorted)

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def sorted(self) -> tuple[Diagnostic, ...]:
        """All of them by file and place."""
        return tuple(sorted(self._kept))

    @property
    def errors(self) -> int:
        """How many are errors."""
        return sum(found.severity == "error" for found in self._kept)

    @property
    def warnings(self) -> int:
        """How many are warnings."""
        return len(self) - self.errors

    @property
    def has_errors(self) -> bool:
        """Whether any is an error."""
        return self.errors > 0

    @property
    def files(self) -> tuple[str, ...]:
        """The files concerned, sorted."""
        return tuple(sorted({found.file for found in self._kept}))


def did_you_mean(word: str, options: Iterable[str]) -> str | None:
    """Ask for the option that looks most like a word: ``did you mean 'owner'?``; None when nothing comes near."""
    shapes: dict[str, str] = {}
    for option in options:
        shapes.setdefault(_shape(option), option)
    close = get_close_matches(_shape(word)[:80], shapes, n=1)
    meant = shapes[close[0]] if close else None
    return f"did you mean '{meant}'?" if meant is not None and meant != word else None


def _shape(word: str) -> str:
    """What is left of a word when case and the choice of the joining sign do not count."""
    return word.strip().casefold().replace("-", "_").replace(" ", "_")


#: What explains a code; empty for one that is not to be explained.
Explain = Callable[[str], str]


def _unexplained(_: str) -> str:
    return ""


def render_text(
    findings: Iterable[Diagnostic],
    files_checked: int,
    colour: bool = False,
    *,
    noun: str = "playbook",
    explain: Explain = _unexplained,
) -> str:
    """Show diagnostics to a person, each with its line, and a closing sentence. Ends with a line break.

    ``noun`` is what the checked files are called. A code is explained below the first diagnostic that has it.
    """
    found = findings if isinstance(findings, Findings) else Findings(findings)
    paint = _painted if colour else _unpainted
    lines: list[str] = []
    told: set[str] = set()
    for one in found:
        place = _visible(f"{one.file}:{one.line}:{one.column}")
        kind = paint(one.severity, f"{one.severity}[{one.code}]")
        lines.append(f"{place}: {kind}: {_visible(one.message)}")
        lines += _shown(one, paint)
        if one.code not in told:
            lines += _explained(explain(one.code), paint)
            told.add(one.code)
    lines.append(_closing(found, files_checked, noun))
    return "\n".join(lines) + "\n"


def _explained(text: str, paint: _Paint) -> list[str]:
    """Set an explanation in, below the diagnostic."""
    bar = paint("faint", "|")
    return ["", *(f"       {bar} {line}".rstrip() for line in text.splitlines()), ""] if text else []


def _shown(one: Diagnostic, paint: _Paint) -> list[str]:
    """Write the source line with carets below, and the help beside them."""
    advice = paint("help", f"help: {_visible(one.help)}") if one.help else ""
    if not one.source.strip():
        return [f"       = {advice}"] if advice else []
    text, start, length = _window(one)
    indent = " " * sum(_width(character) for character in text[:start])
    carets = paint(one.severity, "^" * max(1, sum(_width(character) for character in text[start : start + length])))
    beside = f"  {advice}" if advice else ""
    bar = paint("faint", "|")
    return [f"{one.line:>6} {bar} {text}".rstrip(), f"       {bar} {indent}{carets}{beside}"]


def _window(one: Diagnostic) -> tuple[str, int, int]:
    """Cut a long line to the part around the fault: its text, where the fault starts in it, and how long it is."""
    text, start = _visible(one.source.rstrip()), one.column - 1
    if len(text) > _WIDEST:
        first = max(0, min(start - _BEFORE, len(text) - _WIDEST))
        last = first + _WIDEST
        text = ("…" if first else "") + text[first:last] + ("…" if last < len(text) else "")
        start += (1 if first else 0) - first
    return text, start, max(1, min(one.length, len(text) - start))


def _visible(text: str) -> str:
    """Replace what would move the cursor or hide: a tab by a space, any other unprintable character by �."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _width(character: str) -> int:
    """Count the terminal cells a character takes."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class _Paint:
    """How a part of the text is coloured, or not."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, kind: str, text: str) -> str:
        return f"{_COLOURS[kind]}{text}{_PLAIN}" if self._colour else text


_painted, _unpainted = _Paint(colour=True), _Paint(colour=False)


def _closing(found: Findings, files_checked: int, noun: str) -> str:
    if not found:
        if not files_checked:
            return f"There was no {noun} to check."
        return f"{_count(files_checked, noun)} checked: everything is in order."
    kinds = [_count(number, kind) for number, kind in ((found.errors, "error"), (found.warnings, "warning")) if number]
    faulty = len(found.files)
    files = _count(faulty, "file") if faulty > files_checked else f"{faulty} of {_count(files_checked, noun)}"
    code = min(found.sorted, key=lambda one: one.severity != "error").code
    return f"{' and '.join(kinds)} in {files}. `cadence docs {code}` explains a code."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def render_json(findings: Iterable[Diagnostic], files_checked: int, *, explain: Explain = _unexplained) -> str:
    """Write diagnostics as a JSON document for other programs; columns are 1-based, ``end_column`` is exclusive.

    Where a code is explained, its diagnostics have an ``explanation`` too.
    """
    found = findings if isinstance(findings, Findings) else Findings(findings)
    document = {
        "files_checked": files_checked,
        "errors": found.errors,
        "warnings": found.warnings,
        "diagnostics": [
            {
                "file": one.file,
                "line": one.line,
                "column": one.column,
                "end_column": one.column + one.length,
                "severity": one.severity,
                "code": one.code,
                "message": one.message,
                "help": one.help,
                **({"explanation": text} if (text := explain(one.code)) else {}),
            }
            for one in found
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def render_github(findings: Iterable[Diagnostic]) -> str:
    """Write diagnostics as GitHub workflow commands, which mark the lines of a pull request; one a line.

    Escapes as the runner unescapes: ``%``, CR and LF in the message, ``:`` and ``,`` too in the properties.
    """
    found = findings if isinstance(findings, Findings) else Findings(findings)
    return "".join(
        f"::{one.severity} file={_property(one.file)},line={one.line},endLine={one.line},col={one.column},"
        f"endColumn={one.column + one.length},title={_property(one.code)}::"
        f"{_data(one.message + (f'; {one.help}' if one.help else ''))}\n"
        for one in found
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
