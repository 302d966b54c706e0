"""The tags of a text, found without reading it: where to point when it cannot be read, and what stands around them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cadence.playbook.trees import TextError

__all__ = ["name_in_tag", "place_of", "without_tags"]


def place_of(text: str, error: TextError) -> int:
    """Return where to point for a text that cannot be read: the tag that is not closed, rather than the end."""
    last = max(len(text.rstrip()) - 1, 0)
    if "nermost block that needs" in error.message:
        name = re.search(r"closed is '(\w+)'", error.message)
        opened: list[int] = []
        for tag in re.finditer(rf"\{{%[-+]?\s*(?P<end>end)?{name[1] if name else 'if'}\b", text):
            if not tag["end"]:
                opened.append(tag.start())
            elif opened:
                opened.pop()
        return opened[-1] if opened else min(error.offset, last)
    if error.message.startswith("unexpected end of template"):
        return max(text.rfind("{{"), text.rfind("{%"), 0)
    return min(error.offset, last)


def name_in_tag(text: str, offset: int, path: str = "") -> tuple[int, int]:
    """Return place and length of a name in the tag around an offset; of all the tag says when it is not there."""
    opens = max(text.rfind("{{", 0, offset + 1), text.rfind("{%", 0, offset + 1), 0)
    closes = min((at for at in (text.find("}}", opens), text.find("%}", opens)) if at >= 0), default=len(text))
    said = re.compile(r"(?:\{[{%][-+]?\s*)?(.*?)\s*[-+]?", re.DOTALL).fullmatch(text, opens, closes)
    name = re.compile(rf"(?<![\w.]){re.escape(path)}(?![\w.])").search(text, opens, closes) if path else None
    if name:
        return name.start(), len(path)
    return (said.start(1), len(said[1])) if said else (offset, 1)


def without_tags(text: str) -> str:
    """Blank out the tags of a text, so that every place stays where it is; what is printed becomes one word."""
    return re.sub(
        r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}",
        lambda tag: ("\N{REPLACEMENT CHARACTER}" if tag[0].startswith("{{") else " ") * len(tag[0]),
        text,
        flags=re.DOTALL,
    )
