"""Where a text stumbles while it is worked out, and why, in plain words; no value of the lead appears in them."""

from __future__ import annotations

import inspect
import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

import jinja2
from jinja2.exceptions import SecurityError

from cadence.errors import RenderError
from cadence.playbook.trees import TEXT_FILE, TextError

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["offset_now", "stumble"]


def stumble(ready: jinja2.Template, error: Exception) -> TextError:
    """Say what went wrong while a text was worked out, and where."""
    message, advice = _plain(error)
    return TextError(message, offset=_offset(ready, _last_line(error.__traceback__)), help=advice)


def _plain(error: Exception) -> tuple[str, str]:
    if isinstance(error, RenderError):
        return error.message, error.help
    if isinstance(error, jinja2.UndefinedError | SecurityError):
        return _plain_undefined(str(error))
    if isinstance(error, ZeroDivisionError):
        return "it divides by zero", "ask first whether the number is known"
    if isinstance(error, TypeError):
        return "it puts values together that do not fit, such as a text and a number", "join texts with ~"
    return f"it cannot be worked out ({type(error).__name__})", "simplify it"


_NO_SUCH = re.compile(r"'([^']+)' is undefined|has no (?:attribute|element) '?([^']+)'?$")


def _plain_undefined(message: str) -> tuple[str, str]:
    match = _NO_SUCH.search(message)
    name = (match[1] or match[2]) if match else ""
    if not name or name.lstrip("-").isdigit():
        return "it takes a part that is not there", "ask first whether it is there"
    return f"'{name}' is not something a text can name", ""


def _last_line(traceback: TracebackType | None) -> int:
    line = 0
    while traceback:
        if traceback.tb_frame.f_code.co_filename == TEXT_FILE:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def offset_now(ready: jinja2.Template) -> int:
    """Return the place in a text of the expression that is being worked out right now."""
    frame = inspect.currentframe()
    while frame and frame.f_code.co_filename != TEXT_FILE:
        frame = frame.f_back
    return _offset(ready, frame.f_lineno) if frame else 0


def _offset(ready: jinja2.Template, code_line: int) -> int:
    """Return the place in a text that a line of its compiled code was made from."""
    lines, offsets = _places(ready)
    found = bisect_right(lines, code_line)
    return offsets[found - 1] if found else 0


@lru_cache(maxsize=128)
def _places(ready: jinja2.Template) -> tuple[list[int], list[int]]:
    places = ready.debug_info
    return [line for _, line in places], [offset for offset, _ in places]
