"""A preview as JSON, written touch by touch: a long one needs no more memory than a short one.

Letters outside ASCII are escaped, so that the text is valid JSON in whatever encoding a pipe has.
"""

from __future__ import annotations

from functools import lru_cache
from json.encoder import encode_basestring_ascii as _text
from typing import TYPE_CHECKING

from cadence.reports.preview_record import COLUMNS, instant_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from cadence.reports.preview import Touched
    from cadence.reports.rows import PreviewRow

__all__ = ["as_array", "as_lines", "json_array", "json_lines", "row_objects", "touch_object"]


def json_array(rows: Iterable[PreviewRow]) -> Iterator[str]:
    """Pieces of one JSON array of :class:`~cadence.reports.preview_record.Record`, an element a line."""
    return as_array(row_objects(rows))


def json_lines(rows: Iterable[PreviewRow]) -> Iterator[str]:
    """One JSON object a line, line ends included; nothing for no touches."""
    return as_lines(row_objects(rows))


def as_lines(objects: Iterable[str]) -> Iterator[str]:
    """Write each of the objects on a line of its own; a text may also hold several, one a line, or none."""
    for written in objects:
        if written:
            yield f"{written}\n"


def as_array(objects: Iterable[str]) -> Iterator[str]:
    """Pieces of one JSON array of such texts."""
    before = "[\n"
    for written in objects:
        if written:
            yield before + written.replace("\n", ",\n")
            before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def touch_object(account: str, touched: Touched) -> str:
    """One touch as a JSON object: what its row would say, without making one."""
    verdict, claim = touched.verdict, touched.claim
    to, subject, body, segments = (claim.to, claim.subject, claim.body, claim.segments) if claim else ("", "", "", 0)
    return _object(
        account,
        verdict.lead,
        verdict.playbook,
        verdict.stage,
        verdict.touch,
        verdict.channel,
        verdict.due_at,
        touched.at,
        verdict.outcome.value,
        verdict.reason.code,
        verdict.line,
        to,
        subject,
        body,
        segments,
    )


def row_objects(rows: Iterable[PreviewRow]) -> Iterator[str]:
    """The touches among the rows as JSON objects; events are left out."""
    for row in rows:
        if row.outcome != "event":
            yield _object(*[getattr(row, name) for name in COLUMNS])


def _object(
    account: str,
    lead: str,
    playbook: str,
    stage: str,
    touch: str,
    channel: str,
    due_at: datetime | None,
    at: datetime,
    outcome: str,
    reason: str,
    line: int,
    to: str,
    subject: str,
    body: str,
    segments: int,
) -> str:
    """Write one Record, name by name, because there may be millions."""
    due = "null" if due_at is None else f'"{instant_text(due_at)}"'
    return (
        f'{{"account": {_text(account)}, "lead": {_text(lead)}, {_place(playbook, stage, touch, channel)}, '
        f'"due_at": {due}, "at": "{instant_text(at)}", {_ending(outcome, reason, line)}, '
        f'"to": {_text(to)}, "subject": {_text(subject)}, "body": {_text(body)}, "segments": {segments}}}'
    )


@lru_cache(maxsize=1024)
def _place(playbook: str, stage: str, touch: str, channel: str) -> str:
    """Write what all leads at one touch have in common."""
    return (
        f'"playbook": {_text(playbook)}, "stage": {_text(stage)}, "touch": {_text(touch)}, "channel": {_text(channel)}'
    )


@lru_cache(maxsize=1024)
def _ending(outcome: str, reason: str, line: int) -> str:
    """Write what came of a touch, as of many others."""
    return f'"outcome": {_text(outcome)}, "reason": {_text(reason)}, "line": {line}'
