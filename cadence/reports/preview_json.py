"""A preview as JSON, written touch by touch: a long one needs no more memory than a short one.

Letters outside ASCII are escaped, so that the text is valid JSON in whatever encoding a pipe has.
"""

from __future__ import annotations

from json.encoder import encode_basestring_ascii as _text
from typing import TYPE_CHECKING

from cadence.reports.preview_record import instant_text

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
    for row in rows:
        if row.outcome != "event":
            yield _object(row)


def _object(row: PreviewRow) -> str:
    """Write one :class:`~cadence.reports.preview_record.Record`: name by name, because there may be millions."""
    due_at = "null" if row.due_at is None else f'"{instant_text(row.due_at)}"'
    return (
        f'{{"account": {_text(row.account)}, "lead": {_text(row.lead)}, "playbook": {_text(row.playbook)}, '
        f'"stage": {_text(row.stage)}, "touch": {_text(row.touch)}, "channel": {_text(row.channel)}, '
        f'"due_at": {due_at}, "at": "{instant_text(row.at)}", "outcome": {_text(row.outcome)}, '
        f'"reason": {_text(row.reason)}, "line": {row.line}, "to": {_text(row.to)}, '
        f'"subject": {_text(row.subject)}, "body": {_text(row.body)}, "segments": {row.segments}}}'
    )
