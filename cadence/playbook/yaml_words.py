"""What PyYAML refuses, in plain words: where the fault is, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cadence.playbook.marks import Mark, diagnostic_at, indentation
from cadence.playbook.page_limits import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    import yaml

    from cadence.playbook.diagnostics import Diagnostic
    from cadence.playbook.yaml_reader import Reader

__all__ = ["SQUEEZED", "blank_told", "explain", "squeezed_told"]

_Told = tuple[Mark, str, str, str]
_WHOLE = "put quotes around the whole text"
_OTHER_QUOTES = "put quotes of the other kind around the whole text"
_CLOSE_QUOTE = "write the same quote at the end of the text"
_ODD_BLANK = re.compile(r" *([^\S \t])")
#: A key whose colon has no space after it.
SQUEEZED = re.compile(r"\s*(?:- +)?([A-Za-z_][\w.-]*):(?=[^\s:/])")


def squeezed_told(line: int, found: re.Match[str], before: int = 0) -> tuple[Mark, str, str, str]:
    """Describe a colon without a space after it."""
    place = Mark(line, before + found.end(), 1)
    return (
        place,
        "missing-space",
        f"a value follows '{found[1]}:' without a space after the colon",
        f"write: {found[1]}: …",
    )


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Where and why the parser gave up."""

    reader: Reader
    found: str  #: what it found there, in PyYAML's words
    here: Mark  #: where it gave up
    begun: Mark  #: where the part it was reading begins

    def text(self, mark: Mark) -> str:
        """The line from a mark on."""
        return self.reader.lines[mark.line - 1][mark.column - 1 :]

    @property
    def before(self) -> str:
        """What stands on the line before the place."""
        return self.reader.lines[self.here.line - 1][: self.here.column - 1].rstrip()

    @property
    def above(self) -> Mark:
        """The nearest line above that has a text."""
        rows = range(self.here.line - 2, -1, -1)
        row = next((row for row in rows if self.reader.lines[row].strip()), self.here.line - 1)
        return _word(self.reader.lines, row, indentation(self.reader.lines[row]))


def _word(lines: tuple[str, ...], row: int, at: int) -> Mark:
    """Mark the word at a place; behind the last text of the page, that text's last character."""
    while row and (row >= len(lines) or not lines[row].strip()):
        row, at = row - 1, MOST_BYTES
    at = min(at, max(0, len(lines[row].rstrip()) - 1))
    return Mark(row + 1, at + 1, max(1, len(lines[row][at:].partition(" ")[0])))


def explain(error: yaml.MarkedYAMLError, reader: Reader) -> Diagnostic:
    """Say in plain words what PyYAML refuses."""
    where: Any = error.problem_mark or error.context_mark
    here = _word(reader.lines, where.line, where.column)
    since = error.context_mark or where
    begun = _word(reader.lines, since.line, since.column)
    found = re.search(r"found '(.*)'|got '(.*)'", error.problem or "")
    refusal = _Refusal(reader, (found[1] or found[2]) if found else "", here, begun)
    words = f"{error.context}: {error.problem}"
    tell = next(tell for pattern, tell in _REFUSALS if re.search(pattern, words))
    mark, code, message, advice = _odd_blank(refusal) or tell(refusal)
    return diagnostic_at(reader.file, reader.lines, mark, code, message, advice)


def _odd_blank(refusal: _Refusal) -> _Told | None:
    for mark in (refusal.here, refusal.above, refusal.begun):
        if blank := _ODD_BLANK.match(refusal.reader.lines[mark.line - 1]):
            return blank_told(Mark(mark.line, blank.start(1) + 1, 1))
    return None


def blank_told(mark: Mark) -> _Told:
    """Describe a blank that is none of the keyboard's."""
    return mark, "bad-indentation", "the blank here is not a plain space", "delete it and type spaces"


def _sign(refusal: _Refusal) -> _Told:
    sign = refusal.text(refusal.here)[:1]
    if sign == "\t":
        what = "a tab stands between the words" if refusal.before else "a tab is used for indentation"
        return Mark(refusal.here.line, refusal.here.column, 1), "tab", what, "use spaces"
    return refusal.here, "needs-quotes", f"a text that starts with {sign} needs quotes", _WHOLE


def _first_sign(refusal: _Refusal) -> _Told:
    sign = refusal.text(refusal.begun)[:1]
    return refusal.begun, "needs-quotes", f"a text that starts with {sign} needs quotes", _WHOLE


def _tag(refusal: _Refusal) -> _Told:
    return refusal.begun, "no-tags", "a text that starts with ! would be a tag, which is not used here", _WHOLE


def _open_quote(refusal: _Refusal) -> _Told:
    return refusal.begun, "unclosed-quote", "the quote that is opened here is never closed", _CLOSE_QUOTE


def _backslash(refusal: _Refusal) -> _Told:
    return refusal.begun, "bad-yaml", "a backslash in double quotes has a meaning of its own", "use single quotes"


def _long_quote(refusal: _Refusal) -> _Told | None:
    """A quote that was closed by the next text's opening quote."""
    last = refusal.reader.last
    if last is None or not last.style or last.style in "|>" or last.start_mark.line == last.end_mark.line:
        return None
    if last.end_mark.line + 1 != refusal.here.line:
        return None
    mark = _word(refusal.reader.lines, last.start_mark.line, last.start_mark.column)
    return mark, "unclosed-quote", f"the quote that is opened here ends only on line {refusal.here.line}", _CLOSE_QUOTE


def _bracket(refusal: _Refusal) -> _Told:
    opened, here, found = refusal.reader.open[-1:], refusal.here, refusal.found
    if not opened:
        return here, "bad-yaml", "a value is missing here", "write a value, or remove the sign"
    mark = Mark(opened[0].line, opened[0].column, 1)
    bracket = refusal.text(mark)[:1]
    if told := _long_quote(refusal):
        return told
    if found in ("]", "}") and not refusal.before.endswith(","):
        what = f"the {bracket} opened on line {mark.line} is closed by {found}"
        return here, "unclosed-bracket", what, "close each bracket by its own kind"
    if here.line != mark.line or found == "<stream end>":
        return (
            mark,
            "unclosed-bracket",
            f"the {bracket} that is opened here is not closed",
            "see whether a comma is missing too",
        )
    if found in ("[", "{"):
        return here, "needs-quotes", f"within {bracket} a text that has a {found} in it needs quotes", _WHOLE
    if refusal.before.endswith(("'", '"')):
        return here, "needs-quotes", "the text goes on after its closing quote", _OTHER_QUOTES
    if found == ":":
        return (
            here,
            "missing-comma",
            "a second colon without a comma before it",
            "write a comma, or quotes around the text",
        )
    return here, "bad-yaml", "this does not belong here", "see whether a comma is missing or there is one too many"


def _second_colon(refusal: _Refusal) -> _Told:
    here, above = refusal.here, refusal.above
    key = re.match(r"[\s{[-]*([^:]*):\s", refusal.before + " ")
    if key:
        what = f"the text after '{key[1]}:' has a colon in it, and so needs quotes"
        curly = re.search("[“”‘’]", refusal.before)
        return Mark(here.line, here.column, 1), "needs-quotes", what, "type straight quotes" if curly else _WHOLE
    upper = refusal.text(above)
    if squeezed := SQUEEZED.match(upper):
        return squeezed_told(above.line, squeezed, above.column - 1)
    if ":" not in upper:
        return above, "missing-colon", "there is no colon on this line", "write: key: value"
    line = _word(refusal.reader.lines, here.line - 1, indentation(refusal.before))
    what = f"this line is indented deeper than line {above.line}, which has a value already"
    return line, "bad-indentation", what, "begin it in the same column as the line it belongs to"


def _no_colon(refusal: _Refusal) -> _Told:
    begun = refusal.begun
    text = refusal.text(begun)
    if text[:1] in ("'", '"') and text.count(text[0]) % 2:
        return _open_quote(refusal)
    if squeezed := SQUEEZED.match(text):
        return squeezed_told(begun.line, squeezed, begun.column - 1)
    advice = "write: key: value; or indent the line, if it goes on with the text above"
    return begun, "missing-colon", "there is no colon on this line", advice


def _list_place(refusal: _Refusal) -> _Told:
    advice = "put each item on a line of its own below, or write [a, b]"
    return refusal.here, "bad-yaml", "a list cannot begin on the line of its key", advice


def _block(refusal: _Refusal) -> _Told:
    here, found = refusal.here, refusal.found
    if told := _long_quote(refusal):
        return told
    if refusal.before.endswith(("'", '"')) and found != ",":
        return here, "needs-quotes", "the text goes on after its closing quote", _OTHER_QUOTES
    if refusal.before.endswith(("]", "}")) and found not in ("]", "}", ","):
        return here, "needs-quotes", "the text goes on after a closing bracket", _WHOLE
    messages = {
        "-": ("bad-indentation", "an item of a list stands among keys", "indent it below its key"),
        "?": (
            "bad-indentation",
            "a key stands among the items of a list",
            "indent it below its item, or begin it further left",
        ),
        "]": ("unclosed-bracket", "there is a ] that no [ opens", "remove it"),
        "}": ("unclosed-bracket", "there is a } that no { opens", "remove it"),
        ",": ("bad-yaml", "a comma cannot stand here", "put a list in brackets: [a, b]"),
        ":": ("bad-key", "the key before the colon is missing", "write: key: value"),
    }
    fits_none = (
        "bad-indentation",
        "the indentation of this line fits no line above",
        "begin it in the column of its neighbours",
    )
    return here, *messages.get(found, fits_none)


_REFUSALS: tuple[tuple[str, Callable[[_Refusal], _Told]], ...] = (
    ("cannot start any token", _sign),
    ("an alias|an anchor|a block scalar|mapping keys are", _first_sign),
    ("quoted scalar.*(stream|separator|indicator)", _open_quote),
    ("escape", _backslash),
    (r"\btag\b", _tag),
    ("flow", _bracket),
    ("mapping values", _second_colon),
    ("could not find expected ':'", _no_colon),
    ("sequence entries", _list_place),
    ("", _block),
)
