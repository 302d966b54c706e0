"""The front matter of an e-mail: the ``key: value`` lines between two ``---`` at the top of its file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cadence.playbook.trees import TextError

__all__ = ["FrontLine", "front_matter"]


@dataclass(frozen=True, slots=True)
class FrontLine:
    """One ``key: value`` line of an e-mail's front matter."""

    key: str  #: empty when the line is none
    value: str
    offset: int  #: of the line in the file
    value_offset: int  #: of the value in the file


def front_matter(text: str) -> tuple[list[FrontLine], int]:
    """Split the front matter from an e-mail's text: its lines, and the offset at which the body begins.

    Newlines must be plain. Raises :class:`TextError` when ``---`` opens it and none closes it.
    """
    if not re.match(r"---[ \t]*\n", text):
        return [], 0
    found: list[FrontLine] = []
    at = text.index("\n") + 1
    while at < len(text):
        line, _, _ = text[at:].partition("\n")
        if line.rstrip() == "---":
            return found, min(at + len(line) + 1, len(text))
        if line.strip() and not line.startswith("#"):
            found.append(_front_line(line, at))
        at += len(line) + 1
    raise TextError("the front matter is not closed", length=3, help="write a second line --- below subject:")


_FRONT_LINE = re.compile(r"(?P<key>[A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+(?P<value>\S.*?))?[ \t]*")


def _front_line(line: str, at: int) -> FrontLine:
    match = _FRONT_LINE.fullmatch(line)
    if not match:
        return FrontLine("", line, at, at)
    value, begins = match["value"] or "", match.start("value")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value, begins = value[1:-1], begins + 1
    return FrontLine(match["key"], value, at, at + max(begins, 0))
