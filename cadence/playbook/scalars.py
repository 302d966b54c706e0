"""What a word without quotes means: the scalars of a page.

They are those of the YAML 1.2 core schema, narrowed to what a person means: ``true``, ``false``, ``null`` and plain
decimal numbers; ``10:00``, ``on``, ``no``, ``+1512…``, ``01234``, ``0x1f`` and dates are text.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["scalar"]

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?|-?\.[0-9]{1,18}", re.ASCII)
_WORDS = {"": None, "~": None} | {
    form: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for form in (word, word.title(), word.upper())
}


def scalar(event: Any) -> str | int | float | bool | None:
    """Read a plain scalar by the narrowed core schema; anything else is text."""
    text = str(event.value)
    if event.style or event.tag is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)
