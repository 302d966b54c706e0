"""How a page is laid out: blanks, line ends, indentation, its first line, the order of its keys. None of it is a fault.

Nothing here changes a page: :mod:`cadence.playbook.tidy` writes what a correction would look like.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from cadence.playbook.marks import Mark, diagnostic_at
from cadence.playbook.source import read_page
from cadence.playbook.yaml_loader import FASTEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cadence.playbook.diagnostics import Diagnostic
    from cadence.playbook.source import Page

__all__ = ["LONGEST", "MODELINE", "STYLE_CODES", "House", "Texts", "check_style", "house_order", "texts_of"]

LONGEST = 132  #: characters of a line: it still prints on one sheet laid across
_STEP = 2
#: What ``cadence fmt`` says of a page.
STYLE_CODES = (
    "no-modeline",
    "wrong-modeline",
    "no-schema",
    "trailing-blanks",
    "windows-lines",
    "last-line-end",
    "blank-end",
    "indent-not-two",
    "key-order",
    "long-line",
)
#: What tells an editor which schema a page is held to.
MODELINE = re.compile(r"#\s*yaml-language-server\s*:\s*\$schema\s*=\s*(?P<schema>\S+)\s*$")


class House(NamedTuple):
    """What a page is held to."""

    schema: str  #: where its schema lies, as the page would write it: ``../schemas/playbook.schema.json``
    schema_there: bool  #: whether it lies there
    order: Sequence[str]  #: its keys in the order of the house
    stage_order: Sequence[str] = ()  #: those of a stage
    long_lines: bool = False  #: whether its lines may be as long as they like: a lead a line


class Texts(NamedTuple):
    """Where values written as text stand on a page: in them a blank is no matter of style."""

    inside: frozenset[int]  #: lines, 0-based, whose end lies inside a text over several lines
    spans: Mapping[int, tuple[tuple[int, int], ...]]  #: line -> stretches of it that are text

    def covers(self, line: int, column: int) -> bool:
        """Whether a place, 0-based, is inside a text."""
        return any(start <= column < end for start, end in self.spans.get(line, ()))


def house_order(schema: Mapping[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    """Return the keys of a page and of a stage in the order in which the schema lists them."""
    stage = schema.get("definitions", {}).get("stage", {})
    return tuple(schema["properties"]), tuple(stage.get("properties", ()))


def check_style(file: str, raw: bytes, house: House) -> list[Diagnostic]:
    """List what of a page is not as the house writes it; of one that cannot be read, why it cannot."""
    page, faults = read_page(file, raw)
    if page is None:
        return list(faults)
    texts = texts_of("\n".join(page.lines))
    found = [
        *_line_ends(page, raw),
        *_modeline(page, house),
        *_blanks(page, texts),
        *_indentation(page),
        *_order(page, house),
        *([] if house.long_lines else _long_lines(page)),
    ]
    return sorted(found)


def texts_of(text: str) -> Texts:
    """Find the texts of a page that can be read."""
    inside: set[int] = set()
    spans: dict[int, list[tuple[int, int]]] = {}
    for token in yaml.scan(text, Loader=FASTEST):
        if not isinstance(token, yaml.ScalarToken):
            continue
        first, last = token.start_mark, token.end_mark
        block = token.style in ("|", ">")
        end = last.line - (block and last.column == 0)
        # What stands behind the sign of a block is a comment, not text.
        inside.update(range(first.line + block, end + 1 if block else end))
        for line in range(first.line + block, end + 1):
            start = first.column if line == first.line else 0
            spans.setdefault(line, []).append((start, last.column if line == last.line else 1_000_000))
    return Texts(frozenset(inside), {line: tuple(found) for line, found in spans.items()})


def _warn(page: Page, mark: Mark, code: str, message: str, advice: str) -> Diagnostic:
    return diagnostic_at(page.file, page.lines, mark, code, message, advice, "warning")


def _line_ends(page: Page, raw: bytes) -> Iterator[Diagnostic]:
    if b"\r" in raw:
        line = raw[: raw.index(b"\r")].count(b"\n") + 1
        mark = Mark(line, len(page.lines[line - 1]) or 1, 1)
        advice = "in the editor choose LF as line ending"
        yield _warn(page, mark, "windows-lines", "lines end as Windows ends them (CRLF)", advice)
    if page.lines[-1]:
        mark = Mark(len(page.lines), len(page.lines[-1]), 1)
        yield _warn(page, mark, "last-line-end", "the last line has no line break", "press Enter behind it")
    elif len(page.lines) > 2 and not page.lines[-2].strip():
        mark = Mark(len(page.lines) - 1, 1, 1)
        yield _warn(page, mark, "blank-end", "the page ends with blank lines", "delete them")


def _modeline(page: Page, house: House) -> Iterator[Diagnostic]:
    schema = house.schema
    line = f"write on the first line: # yaml-language-server: $schema={schema}"
    for number, text in enumerate(page.lines, 1):
        if found := MODELINE.fullmatch(text.strip()):
            written = found["schema"]
            if written != schema and "://" not in written:
                mark = Mark(number, text.index(written) + 1, len(written))
                yield _warn(
                    page, mark, "wrong-modeline", f"the editor is sent to {written}, which is not its schema", line
                )
            elif written == schema and not house.schema_there:
                mark = Mark(number, text.index(written) + 1, len(written))
                advice = "`cadence init` copies the schemas; make a workspace elsewhere and take its folder"
                yield _warn(page, mark, "no-schema", f"there is no {written} beside this page", advice)
            return
    yield _warn(page, Mark(1, 1, 1), "no-modeline", "no line tells the editor which schema this is", line)


def _blanks(page: Page, texts: Texts) -> Iterator[Diagnostic]:
    for number, text in enumerate(page.lines):
        kept = len(text.rstrip(" "))
        if kept < len(text) and number not in texts.inside:
            mark = Mark(number + 1, kept + 1, len(text) - kept)
            yield _warn(page, mark, "trailing-blanks", "the line ends with blanks", "delete them")


def _indentation(page: Page) -> Iterator[Diagnostic]:
    """Every block begins two blanks further in than the one it belongs to; a list may stand right below its key."""
    outer: list[int] = []
    for token in yaml.scan("\n".join(page.lines), Loader=FASTEST):
        if isinstance(token, yaml.BlockEndToken):
            outer.pop()
        if not isinstance(token, (yaml.BlockMappingStartToken, yaml.BlockSequenceStartToken)):
            continue
        line, column = token.start_mark.line, token.start_mark.column
        wanted = outer[-1] + _STEP if outer else 0
        listed = isinstance(token, yaml.BlockSequenceStartToken)
        if column != wanted and not (listed and outer and column == outer[-1]):
            text, advice = f"{column} blanks stand before it", f"begin it {wanted} blanks in"
            yield _warn(page, Mark(line + 1, 1, max(1, column)), "indent-not-two", text, advice)
        outer.append(column)


def _order(page: Page, house: House) -> Iterator[Diagnostic]:
    yield from _one_order(page, (), house.order)
    stages = page.data.get("stages")
    for stage in stages if isinstance(stages, dict) and house.stage_order else ():
        yield from _one_order(page, ("stages", stage), house.stage_order)


def _one_order(page: Page, path: tuple[str | int, ...], order: Sequence[str]) -> Iterator[Diagnostic]:
    """Point at the first key that stands behind one that belongs behind it; keys in one line are left alone."""
    marks = {key[-1]: mark for key, mark in page.keys.items() if key[:-1] == path and key[-1:] and key[-1] in order}
    last, last_mark = "", None
    for key, mark in sorted(marks.items(), key=lambda each: (each[1].line, each[1].column)):
        name = str(key)
        if last_mark is not None and mark.line > last_mark.line and order.index(name) < order.index(last):
            wanted = ", ".join(each for each in order if each in marks)
            yield _warn(page, mark, "key-order", f"'{name}' belongs before '{last}'", f"the usual order is {wanted}")
            return
        last, last_mark = name, mark


def _long_lines(page: Page) -> Iterator[Diagnostic]:
    for number, text in enumerate(page.lines, 1):
        if len(text) > LONGEST:
            mark = Mark(number, LONGEST + 1, len(text) - LONGEST)
            message = f"the line has {len(text)} characters; {LONGEST} print on a sheet"
            yield _warn(page, mark, "long-line", message, "go on in a new line")
