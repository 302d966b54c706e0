"""The explanation of error codes: sections of a Markdown text, one per code.

The text is ``cadence/data/codes.md``; whoever calls reads the file.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from cadence.errors import UsageError

__all__ = ["all_codes", "explain"]

_HEADING = re.compile(r"^## +([a-z0-9]+(?:-[a-z0-9]+)*) *$", re.MULTILINE)


def all_codes(codes_text: str) -> tuple[str, ...]:
    """List the explained codes in the order of the text."""
    return tuple(_HEADING.findall(codes_text))


def explain(codes_text: str, code: str) -> str:
    """Return the section of a code, its heading included, without surrounding blank lines.

    Raises UsageError when no such code is explained.
    """
    headings = list(_HEADING.finditer(codes_text))
    ends = [heading.start() for heading in headings[1:]] + [len(codes_text)]
    for heading, end in zip(headings, ends, strict=True):
        if heading[1] == code:
            return codes_text[heading.start() : end].strip()
    close = get_close_matches(code.strip().lower().replace("_", "-"), all_codes(codes_text), n=1)
    raise UsageError(
        f"there is no error code '{code}'",
        help=f"did you mean '{close[0]}'?" if close else "`cadence validate` shows the code of a fault in brackets",
    )
