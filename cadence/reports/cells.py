"""Text measured in terminal cells: a Chinese character takes two, a joining mark none."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["clip", "pad", "width_of"]


def width_of(text: str) -> int:
    """Cells the text takes, by Unicode's East Asian Width (UAX #11)."""
    return len(text) if text.isascii() else sum(_cells(char) for char in text)


def pad(text: str, width: int) -> str:
    """The text, followed by blanks up to ``width`` cells."""
    return text + " " * (width - width_of(text))


def clip(text: str, width: int) -> str:
    """The text, or its beginning with an ellipsis where it is wider than ``width``; 0 or less: never clipped."""
    if width <= 0 or width_of(text) <= width:
        return text
    if text.isascii():
        return f"{text[: width - 1].rstrip()}…"
    taken = 0
    for index, char in enumerate(text):
        taken += _cells(char)
        if taken > width - 1:
            return f"{text[:index].rstrip()}…"
    return text


@lru_cache(maxsize=4096)  # a text has few different ones
def _cells(char: str) -> int:
    if unicodedata.east_asian_width(char) in {"W", "F"}:
        return 2
    return 0 if unicodedata.category(char) in {"Mn", "Me", "Cf"} else 1
