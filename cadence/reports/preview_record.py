"""A row of a preview as plain data, for other programs."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cadence.reports.rows import PreviewRow

__all__ = ["COLUMNS", "Record", "instant_text", "records"]


class Record(TypedDict):
    """One touch. The names and their order are a promise to the programs that read them."""

    account: str
    lead: str
    playbook: str
    stage: str
    touch: str
    channel: str
    due_at: str | None  # UTC, 2026-11-24T19:11:00Z
    at: str
    outcome: str
    reason: str
    line: int
    to: str
    subject: str
    body: str
    segments: int


COLUMNS = tuple(Record.__annotations__)


def records(rows: Iterable[PreviewRow]) -> Iterator[Record]:
    """The touches among the rows, one by one, in the order they come; events are left out."""
    for row in rows:
        if row.outcome != "event":
            yield _record(row)


@lru_cache(maxsize=4096)
def instant_text(instant: datetime) -> str:
    """``2026-11-24T19:11:00Z``; kept, because a preview tells the same instants of many leads.

    Raises :class:`ValueError` for an instant without a zone, which would be read in the machine's own.
    """
    if instant.tzinfo is not UTC:
        if instant.tzinfo is None:
            message = "an instant needs a zone"
            raise ValueError(message)
        instant = instant.astimezone(UTC)
    return f"{instant.isoformat()[:19]}Z"


def _record(row: PreviewRow) -> Record:
    return Record(
        account=row.account,
        lead=row.lead,
        playbook=row.playbook,
        stage=row.stage,
        touch=row.touch,
        channel=row.channel,
        due_at=None if row.due_at is None else instant_text(row.due_at),
        at=instant_text(row.at),
        outcome=row.outcome,
        reason=row.reason,
        line=row.line,
        to=row.to,
        subject=row.subject,
        body=row.body,
        segments=row.segments,
    )
