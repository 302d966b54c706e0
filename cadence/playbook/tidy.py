"""What a page would look like with the corrections that change neither its data nor its comments; the page stays."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from cadence.playbook.source import read_page
from cadence.playbook.style import MODELINE, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["comments_of", "corrected", "diff_of"]

_MARK = "\ufeff"  #: what some editors begin a file with
_COMMENT = re.compile(r"(?:^|(?<=\s))#")


def corrected(text: str, schema: str) -> str:
    """Return the text with every correction that is safe; one that would change data or a comment is left out.

    Nothing is safe on a page that cannot be read.

    ``schema`` is where the page's schema lies, as the page would write it.
    """
    if read_page("", text.encode())[0] is None:
        return text
    steps: tuple[Callable[[str], str], ...] = (
        _plain_line_ends,
        _without_trailing_blanks,
        _ending_once,
        lambda page: _with_modeline(page, schema),
    )
    mark, text = text[: text.startswith(_MARK)], text.removeprefix(_MARK)
    for step in steps:
        better = step(text)
        if better != text and _same(text, better):
            text = better
    return mark + text


def comments_of(text: str) -> list[str]:
    """List the comments of a page that can be read, without blanks behind them and without its modeline."""
    text = _plain_line_ends(text.removeprefix(_MARK))
    texts = texts_of(text)
    found = []
    for number, line in enumerate(text.split("\n")):
        for place in _COMMENT.finditer(line):
            if not texts.covers(number, place.start()):
                if not MODELINE.fullmatch(line.strip()):
                    found.append(line[place.start() :].rstrip(" "))
                break
    return found


def diff_of(name: str, before: str, after: str) -> str:
    """Return the difference of two texts as ``patch`` and ``git apply`` take it; empty when there is none."""
    label = f"{name}\t" if " " in name else name
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{label}", f"b/{label}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """The lines of a text with their line breaks; a line ends at LF and nowhere else."""
    return re.findall(r"[^\n]*\n|[^\n]+$", text)


def _same(before: str, after: str) -> bool:
    old, new = (read_page("", text.encode())[0] for text in (before, after))
    return (
        old is not None
        and new is not None
        and repr(old.data) == repr(new.data)
        and comments_of(before) == comments_of(after)
    )


def _plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_trailing_blanks(text: str) -> str:
    texts = texts_of(text)
    return "\n".join(
        line if number in texts.inside else line.rstrip(" ") for number, line in enumerate(text.split("\n"))
    )


def _ending_once(text: str) -> str:
    return text.rstrip("\n ") + "\n"


def _with_modeline(text: str, schema: str) -> str:
    wanted = f"# yaml-language-server: $schema={schema}"
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if found := MODELINE.fullmatch(line.strip()):
            if found["schema"] != schema and "://" not in found["schema"]:
                lines[number] = line.replace(found["schema"], schema)
            return "\n".join(lines)
    return f"{wanted}\n{text}"
