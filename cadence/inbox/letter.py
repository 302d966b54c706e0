"""A raw mail taken apart: its headers as plain text, its text in whatever letters it was written.

Mails are made by everybody, and some are made to hurt. The parser of the standard library is used where it is sturdy
(structure, transfer encodings); its modern header parsing is not: a long line of commas or semicolons keeps it busy
for minutes. So headers are read raw, cut to a length, and decoded here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from email import message_from_bytes
from email.header import decode_header
from email.utils import getaddresses, parsedate_to_datetime
from typing import TYPE_CHECKING

from cadence.inbox.page_text import page_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from email.message import Message

__all__ = ["ADDRESS", "Letter", "clean", "decoded", "in_letters", "open_letter"]

LONGEST_HEADER = 4_000  #: characters of one header that are looked at
LONGEST_TEXT = 100_000  #: characters of a text; whatever a person writes in answer stands at its beginning
LONGEST_PAGE = 400_000  #: characters of HTML that are looked at
MOST_HEADERS = 400
DEEPEST = 20  #: parts in parts

ADDRESS = re.compile(r"[^\s<>\"(),:;@\[\]\\]{1,64}@[^\s<>\"(),:;@\[\]\\]{1,255}")
_ID = re.compile(r"<\s*([^<>\s]{1,250})\s*>")
_BARE_ID = re.compile(r"[^<>\s,]{1,120}@[^<>\s,]{1,120}")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
_NAMED = re.compile(r"(?:file)?name\*?(?:\d\*?)?\s*=", re.IGNORECASE)
#: What says latin-1 means what Windows takes for it, and what says ASCII is often neither.
_READ_AS = {"iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "l1": "cp1252"}
#: Names of codecs that are no letters: tricks, and slow ones.
_NO_LETTERS = frozenset({"idna", "punycode", "unicode_escape", "unicode-escape", "raw_unicode_escape",
                         "raw-unicode-escape", "undefined", "mbcs", "oem"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail."""

    message: Message
    raw_headers: dict[str, list[str]]  #: names in small letters; cut, one line each, not decoded

    def every(self, *names: str) -> list[str]:
        """Return every value of these headers, in the order of the names; not decoded."""
        return [value for name in names for value in self.raw_headers.get(name, [])]

    def one(self, name: str) -> str:
        """Return the first value of a header, decoded; empty: there is none."""
        values = self.raw_headers.get(name)
        return decoded(values[0]) if values else ""

    def address(self, *names: str) -> str:
        """Return the first address in these headers, in small letters; empty: none."""
        return next(_addresses(self.every(*names)), "")

    def addresses(self, *names: str) -> list[str]:
        """Return the addresses in these headers, in small letters."""
        return list(_addresses(self.every(*names)))

    def ids(self, name: str) -> list[str]:
        """Return the Message-IDs in a header, in their order, without their brackets."""
        said = " ".join(self.every(name))
        bare = (each for each in said.split() if _BARE_ID.fullmatch(each))
        return [clean(each) for each in _ID.findall(said) or bare]

    def sent_at(self) -> datetime | None:
        """Return when it was sent, by its own word; None: it has none that makes sense."""
        try:
            sent = parsedate_to_datetime(self.one("date"))
            return (sent.replace(tzinfo=UTC) if sent.tzinfo is None else sent).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None

    def text(self) -> str:
        """Return what it says: its text parts, or else the text of its HTML."""
        text, _ = _text(self.message, 0)
        return clean(text.replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST_TEXT].strip("\n")


def open_letter(raw: bytes) -> Letter:
    """Take a mail apart. Whatever the bytes are, they make a letter, or the exceptions of the standard library."""
    message = message_from_bytes(raw)
    headers: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        values = headers.setdefault(name.lower(), [])
        if len(values) < MOST_HEADERS:
            values.append(
                _one_line(value[-LONGEST_HEADER:] if name.lower() == "references" else value[:LONGEST_HEADER])
            )
    return Letter(message, headers)


def clean(text: str) -> str:
    """Return a text that any database takes: without NULs and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def in_letters(raw: bytes, charset: str) -> str:
    """Read bytes in the letters they claim; where they lie, in what it looks like."""
    name = charset.strip().strip("\"'").lower()
    for each in (_READ_AS.get(name, name), "utf-8"):
        if not each or each in _NO_LETTERS:
            continue
        try:
            return raw.decode(each)
        except (LookupError, ValueError, Warning):  # unknown, not so written, or (as Warning) not to be used
            continue
    return raw.decode("cp1252", "replace")


def decoded(value: str) -> str:
    """Return a header's value with its encoded words (RFC 2047) read."""
    if "=?" not in value:
        return clean(value)
    try:
        parts = decode_header(value)
    except Exception:  # noqa: BLE001 - broken in a way of its own; as it stands it still says something
        return clean(value)
    read = "".join(part if isinstance(part, str) else in_letters(part, charset or "utf-8") for part, charset in parts)
    return clean(" ".join(read.split()))


def _one_line(value: str) -> str:
    """Return a raw header's value as text: unfolded, its bytes read as letters."""
    return clean(" ".join(in_letters(value.encode("utf-8", "surrogateescape"), "utf-8").split()))


def _addresses(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        try:
            pairs = getaddresses([value])
        except Exception:  # noqa: BLE001 - whatever is broken about it, an address may still be seen in it
            pairs = []
        found = [address for _, address in pairs if ADDRESS.fullmatch(address)] or ADDRESS.findall(value)
        yield from (clean(each).lower().strip("'.") for each in found)


def _text(part: Message, depth: int) -> tuple[str, bool]:
    """Return the text in a part, and whether it was written as text; what is attached does not belong to it."""
    kind = part.get_content_type()
    if part.is_multipart():
        held = part.get_payload()
        if depth > DEEPEST or kind.startswith("message/") or not isinstance(held, list):
            return "", True
        parts = [each for each in held if not isinstance(each, str)]
        below = [found for each in parts if (found := _text(each, depth + 1))[0].strip()]
        if kind == "multipart/alternative":  # the same, told in several ways
            return next((found for found in below if found[1]), below[-1] if below else ("", True))
        return "\n".join(text for text, _ in below), all(plain for _, plain in below)
    about = str(part.get("content-type", ""))[:LONGEST_HEADER]
    placed = str(part.get("content-disposition", ""))[:LONGEST_HEADER].strip().lower()
    if kind not in ("text/plain", "text/html") or placed.startswith("attachment"):
        return "", True
    if depth and (_NAMED.search(about) or _NAMED.search(placed)):
        return "", True
    raw = part.get_payload(decode=True)
    charset = _CHARSET.search(about)
    written = in_letters(raw[: LONGEST_PAGE * 4] if isinstance(raw, bytes) else b"", charset[1] if charset else "")
    return (page_text(written[:LONGEST_PAGE]), False) if kind == "text/html" else (written[: LONGEST_TEXT * 2], True)
