"""Values in an e-mail's text: words, and never markup, whatever a lead has typed into a form.

The body of an e-mail is HTML when its file begins it with ``<``, else Markdown. A value that is printed into it is
written so that its reader sees the value itself: a name such as ``[win](http://evil.example)`` makes no link.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Literal

__all__ = ["Markup", "in_html", "in_markdown", "markup_of"]

Markup = Literal["", "markdown", "html"]

_PLAIN = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)*")  #: most names: nothing in them could mean anything
_BREAK = re.compile(r"[ \t]*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")
_ANYWHERE = re.compile(r"[\\`*\[\]<]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
_AT_THE_START = re.compile(r" ?(?:\d{1,9}(?=[.)](?:\s|$))|(?=>|[#+=~-](?![^\W_])))")


def markup_of(channel: str, body: str) -> Markup:
    """Tell how the body of a template is marked up; only e-mails are."""
    if channel != "email":
        return ""
    return "html" if body.lstrip().startswith("<") else "markdown"


@lru_cache(maxsize=4096)  # the shop's own values stand in every mail
def in_markdown(value: str) -> str:
    """Write a value for a place in a Markdown text (CommonMark, raw HTML off), all on one line.

    Only what could mean something is marked with a backslash, so that previews read well: ``O'Brien & Co.`` and
    ``john_doe`` stay as they are.
    """
    if _PLAIN.fullmatch(value):
        return value
    words = re.sub(r"^[ \t]+|[ \t]+$", " ", _BREAK.sub(" ", value))
    words = _ANYWHERE.sub(r"\\\g<0>", words)
    start = _AT_THE_START.match(words)  # of a list, a heading, a quotation or a line, should it begin a paragraph
    return f"{start[0]}\\{words[start.end() :]}" if start else words


def in_html(value: str) -> str:
    """Write a value for a place in HTML, within a quoted attribute or outside of tags."""
    return html.escape(value, quote=True)
