"""The text part of a mail, read off its HTML part: words, lists, and where links lead."""

from __future__ import annotations

import re
from html.parser import HTMLParser

__all__ = ["text_of"]

_HIDDEN = frozenset({"head", "script", "style", "template", "title"})
_BLOCKS = frozenset(
    {
        *("address", "article", "blockquote", "body", "center", "div", "dl", "dd", "dt", "figure", "footer", "form"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "main", "nav", "ol", "p", "pre", "section", "table", "ul"),
    }
)
_TOLD = ("http", "https", "mailto", "tel")  #: schemes of links that lead somewhere outside of the mail
_LINES = frozenset({"caption", "li", "tr"})  #: begin a line, and no paragraph


def text_of(html: str) -> str:
    """Write HTML as plain text: a blank line between paragraphs, ``- `` and ``1. `` for lists, ``words (url)``."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._written: list[str] = []
        self._gap = 0  #: line breaks owed before the next words
        self._space = False  #: a space is owed before the next words
        self._mark = ""  #: of a list item, owed before its first words
        self._hidden = 0
        self._kept = 0  #: within how many <pre>
        self._lists: list[int] = []  #: of each list around, the number of its last item; -1: it has no numbers
        self._links: list[tuple[str, int]] = []  #: of each link around, where it leads and where its words begin

    def text(self) -> str:
        """Return what was read."""
        lines = (line.rstrip() for line in "".join(self._written).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin what a tag begins."""
        given = dict(attrs)
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "br":
            self._gap, self._space = min(self._gap + 1, 2), False
        elif tag == "hr":
            self._break(2)
            self._write("---")
            self._break(2)
        elif tag == "img":
            self._write(" ".join((given.get("alt") or "").split()))
        elif tag in ("td", "th"):
            self._space = True
        elif tag == "a":
            self._links.append((given.get("href") or "", len(self._written)))
        elif tag in _BLOCKS or tag in _LINES:
            self._begin(tag)

    def _begin(self, tag: str) -> None:
        self._break(self._around(tag))
        if tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else -1)
        elif tag == "pre":
            self._kept += 1
        elif tag == "li":
            self._mark = "- "
            if self._lists and self._lists[-1] >= 0:
                self._lists[-1] += 1
                self._mark = f"{self._lists[-1]}. "

    def handle_endtag(self, tag: str) -> None:
        """End what a tag ends."""
        if tag in _HIDDEN:
            self._hidden = max(self._hidden - 1, 0)
        elif tag == "a" and self._links:
            self._tell_where(*self._links.pop())
        elif tag in _BLOCKS or tag in _LINES:
            if tag in ("ul", "ol"):
                self._lists[-1:] = []
            elif tag == "pre":
                self._kept = max(self._kept - 1, 0)
            self._break(self._around(tag))

    def handle_data(self, data: str) -> None:
        """Read words."""
        if self._hidden:
            return
        if self._kept:
            self._write(data.rstrip("\n"))
            return
        words = " ".join(data.split())
        self._space = self._space or data[:1].isspace()
        self._write(words)
        self._space = data[-1:].isspace() if words else self._space

    def _around(self, tag: str) -> int:
        """Tell how many line breaks stand around what a tag makes."""
        return 2 if tag in _BLOCKS and not self._lists else 1

    def _break(self, lines: int) -> None:
        self._gap, self._space = max(self._gap, lines), False

    def _write(self, words: str) -> None:
        if not words:
            return
        if self._gap or self._mark:
            within = len(self._lists) - bool(self._mark)
            self._written.append("\n" * max(self._gap, 1) + "  " * max(within, 0) + self._mark)
        elif self._space:
            self._written.append(" ")
        self._gap, self._space, self._mark = 0, False, ""
        self._written.append(words)

    def _tell_where(self, link: str, begins: int) -> None:
        """Write where a link leads behind its words, unless they say it."""
        words = "".join(self._written[begins:]).strip()
        scheme, _, target = link.partition(":")
        if scheme.lower() not in _TOLD or _plain(target) in _plain(words):
            return
        self._space = bool(words)
        self._write(f"({link})" if words else link)


def _plain(target: str) -> str:
    """Return what is compared of a target and of words: a phone number is one however it is written."""
    bare = target.strip().strip("/").lower()
    digits = re.sub(r"[\s().+-]", "", bare)
    return digits[-10:] if digits.isdigit() else bare
