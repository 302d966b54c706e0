"""The text of an HTML page, as its reader sees it.

Read tag by tag with one pattern that never goes back: the parser of the standard library takes minutes for pages that
somebody has made for it. What was quoted stands behind ``>``, as in a mail of plain text.
"""

from __future__ import annotations

import re
from html import unescape

__all__ = ["page_text"]

#: A tag ends before the next one begins; what looks otherwise is text.
_TAG = re.compile(r"<(/?+)([a-zA-Z][^\s/<>]{0,30}+)[^<>]*+>|(<!--)|<[!?][^<>]*+>")
_SPACE = re.compile(r"[\s\xa0]+")
_UNSEEN = frozenset({"head", "script", "style", "template", "title"})
_LINES = frozenset(
    {"address", "article", "center", "dd", "div", "dl", "dt", "footer", "form", "header", "li", "section", "tr"}
)
_PARAGRAPHS = frozenset({"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"})
_CELLS = frozenset({"td", "th"})
_RULE = "_" * 32
DEEPEST = 20  #: quotes in quotes that are told apart


def page_text(page: str) -> str:
    """Return the text of a page, its paragraphs parted by an empty line; whatever the page is, in linear time."""
    writer = _Writer()
    at, unseen, depth = 0, "", 0
    while found := _TAG.search(page, at):
        if not unseen:
            writer.text(page[at : found.start()])
        at = found.end()
        name = (found[2] or "").lower()
        if found[3]:
            end = page.find("-->", at)
            at = end + 3 if end >= 0 else len(page)
        elif unseen:
            depth += (-1 if found[1] else 1) if name == unseen else 0
            unseen = unseen if depth and not (unseen == "head" and name == "body") else ""
        elif name in _UNSEEN:
            unseen, depth = ("", 0) if found[1] else (name, 1)
        elif name:
            writer.tag(name, ends=bool(found[1]))
    if not unseen:
        writer.text(page[at:])
    return writer.done()


class _Writer:
    """Puts lines together."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quoted = 0
        self.as_it_is = 0  #: inside so many <pre>

    def text(self, text: str) -> None:
        """Take a piece of text."""
        if not text:
            return
        if self.as_it_is:
            first, *others = unescape(text).splitlines() or [""]
            self.line.append(first)
            for each in others:
                self.end_line()
                self.line.append(each)
            return
        self.line.append(_SPACE.sub(" ", unescape(text)))

    def tag(self, name: str, *, ends: bool) -> None:
        """Take a tag."""
        if name == "br":
            self.end_line()
            return
        if name in _CELLS:
            self.line.append(" ")
            return
        if name == "hr":
            self.end_line(empty=False)
            self.line.append(_RULE)
            self.end_line()
            return
        if name in _LINES or name in _PARAGRAPHS:
            self.end_line(empty=False)
        if name == "blockquote" and ends:
            self.quoted = max(0, self.quoted - 1)
        if name in _PARAGRAPHS:
            self.end_line()
        if name == "blockquote" and not ends:
            self.quoted += 1
        elif name == "pre":
            self.as_it_is = max(0, self.as_it_is + (-1 if ends else 1))
        elif name == "li" and not ends:
            self.line.append("- ")

    def end_line(self, *, empty: bool = True) -> None:
        """End the line; an empty one counts only if it is meant, and once."""
        line = "".join(self.line)
        line = line.rstrip() if self.as_it_is else _SPACE.sub(" ", line).strip()
        self.line.clear()
        if line or (empty and self.lines and self.lines[-1].strip("> ")):
            self.lines.append(("> " * min(self.quoted, DEEPEST) + line).rstrip())

    def done(self) -> str:
        """Return all of it."""
        self.end_line(empty=False)
        return "\n".join(self.lines).strip("\n")
