"""A mail's two parts from one body: HTML, and the same as text; both with what the law wants at their foot.

A body that begins with ``<`` is HTML, any other is Markdown (CommonMark) in which raw HTML is not understood. The words
of leads come in already as words: see :mod:`cadence.playbook.markup`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from cadence.channels.mail.layout import laid_out
from cadence.channels.mail.text import text_of
from cadence.playbook.filters import phone
from cadence.playbook.markup import markup_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

__all__ = ["Foot", "Parts", "compose"]

_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_WAY_OUT = re.compile(r"\b(?:reply|answer|respond|write)\b[^.!?]{0,40}\bunsubscribe\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Foot:
    """What stands at the foot of every mail."""

    business: str
    postal_address: str
    phone: str = ""  #: E.164
    unsubscribe: str = ""  #: address of the page; empty: one answers with a word


@dataclass(frozen=True, slots=True)
class Parts:
    """A mail's two parts."""

    text: str  #: never empty
    html: str


def compose(body: str, foot: Foot | None, title: str = "") -> Parts:
    """Make the parts of a mail; ``title`` names its page. Without ``foot`` nothing is added: it is to a colleague.

    Who writes, and their postal address, is added where the body does not hold the address; the way out where it does
    not hold it, and the link to it always.
    """
    clean = _clean(body)
    html = clean if markup_of("email", clean) == "html" else str(_markdown().render(clean))
    said = text_of(html)
    end = "\n".join(f"<p>{line}</p>" for line in _foot_lines(said, foot)) if foot else ""
    return Parts(text=f"{said}\n\n{text_of(end)}".strip("\n"), html=laid_out(html, end, _clean(title)))


def _clean(words: str) -> str:
    return _UNFIT.sub("", words.encode("utf-8", "replace").decode())


def _foot_lines(said: str, foot: Foot) -> list[str]:
    lines = []
    if _folded(foot.postal_address) not in _folded(said):
        who = (foot.business, foot.postal_address, phone(foot.phone))
        lines.append(escape(", ".join(filter(None, who))))
    if foot.unsubscribe:
        link = f'<a href="{escape(foot.unsubscribe)}">Unsubscribe</a>'
        lines.append(f"Rather not hear from us? {link}, or reply with the word unsubscribe.")
    elif not _WAY_OUT.search(said):
        lines.append("Rather not hear from us? Reply with the word unsubscribe.")
    return lines


def _folded(words: str) -> str:
    """Return what is compared of an address, however it is broken into lines."""
    return " ".join(re.sub(r"[^\w]+", " ", words.casefold()).split())


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False})
