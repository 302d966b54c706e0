"""A preview for a spreadsheet.

A cell that a spreadsheet would take for a formula gets a quote mark (') in front; spreadsheets then show it as
text. The rule is OWASP's ("CSV Injection"): first letters ``= + - @``, tab and line ends, here also behind blanks
and in their full-width forms. A phone number in E.164 form (``+18165550142``, digits only) stays as it is: the worst a
spreadsheet can make of it is the number, and programs that read the file need the plus.
"""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import TYPE_CHECKING

from cadence.reports.preview_record import COLUMNS, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cadence.reports.rows import PreviewRow

__all__ = ["render_csv", "safe_cell"]

_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def render_csv(rows: Iterable[PreviewRow]) -> Iterator[bytes]:
    """The file line by line, in UTF-8 with a byte order mark, which Excel needs to read it as UTF-8.

    The columns are those of the JSON form; a due moment that is not known is an empty cell. Bytes rather than text,
    because the line ends (CR LF, RFC 4180) and the mark are part of the format.
    """
    yield "\ufeff".encode() + _line(COLUMNS)
    for record in records(rows):
        yield _line([safe_cell("" if value is None else str(value)) for value in record.values()])


def safe_cell(text: str) -> str:
    """The text as a spreadsheet may see it."""
    return f"'{text}" if _FORMULA.match(text) and not _E164.fullmatch(text) else text


def _line(cells: Iterable[str]) -> bytes:
    buffer = StringIO(newline="")
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode("utf-8", "replace")
