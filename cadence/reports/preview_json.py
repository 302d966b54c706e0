"""A preview as JSON, written touch by touch: a long one needs no more memory than a short one.

Letters outside ASCII are escaped, so that the text is valid JSON in whatever encoding a pipe has.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cadence.reports.preview_record import records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cadence.reports.rows import PreviewRow

__all__ = ["json_array", "json_lines"]


def json_array(rows: Iterable[PreviewRow]) -> Iterator[str]:
    """Pieces of one JSON array of :class:`~cadence.reports.preview_record.Record`, an element a line."""
    before = "[\n"
    for line in _objects(rows):
        yield f"{before}{line}"
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def json_lines(rows: Iterable[PreviewRow]) -> Iterator[str]:
    """One JSON object a line, line ends included; nothing for no touches."""
    for line in _objects(rows):
        yield f"{line}\n"


def _objects(rows: Iterable[PreviewRow]) -> Iterator[str]:
    encode = json.JSONEncoder(ensure_ascii=True).encode
    for record in records(rows):
        yield encode(record)
