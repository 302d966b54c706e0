"""What an edit changes for one lead as plain data: for programs, for the file of a plan, between two processes."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, TypedDict

from cadence.engine.diff import Kind
from cadence.engine.events import instant_text

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.engine.diff import Change, LeadDiff

__all__ = [
    "FIELDS",
    "NOT_READ",
    "ChangeData",
    "LeadData",
    "lead_data",
    "lead_line",
    "read_line",
    "text_digest",
    "unreadable",
]

NOT_READ = "not_read"  #: kind of what stands for a lead whose log cannot be read


class ChangeData(TypedDict):
    """One change. The names and their order are a promise to the programs that read them."""

    kind: str
    playbook: str
    stage: str
    touch: str
    channel: str
    was: str | None  # UTC, 2026-11-24T19:11:00Z
    at: str | None
    due_at: str | None
    detail: str
    owner: str
    reworded: bool
    late: bool
    after_end: bool  # ``at`` lies behind the days that were looked at
    close_to: str | None  # when the message before it goes, where less than 24 hours lie between
    text: str  # digest of address, subject and text; empty where there is none
    enrolment: str


class LeadData(TypedDict):
    """What changes for one lead."""

    lead: str
    name: str
    since: str  # when it came into the playbooks that something changes of for it
    soon: bool
    gaps: list[str]
    changes: list[ChangeData]


FIELDS = tuple(ChangeData.__annotations__)


def lead_data(diff: LeadDiff) -> LeadData:
    """Return what changes for one lead as plain data."""
    return LeadData(
        lead=diff.lead,
        name=diff.name,
        since=instant_text(diff.since),
        soon=diff.soon,
        gaps=list(diff.gaps),
        changes=[_change(each) for each in diff.changes],
    )


def lead_line(diff: LeadDiff) -> str:
    """Return the same as a line of JSON, ASCII alone."""
    return json.dumps(lead_data(diff), separators=(",", ":"))


def unreadable(lead: str, error: Exception) -> str:
    """Return a line that says that a lead's future cannot be told."""
    return json.dumps({NOT_READ: type(error).__name__, "lead": lead}, separators=(",", ":"))


def text_digest(text: tuple[str, str, str]) -> str:
    """Return what stands for a text: the same for the same text, and nobody reads an address or a word out of it."""
    return hashlib.sha256("\0".join(text).encode()).hexdigest()[:16] if any(text) else ""


def _change(change: Change) -> ChangeData:
    return ChangeData(
        kind=change.kind.value,
        playbook=change.playbook,
        stage=change.stage,
        touch=change.touch,
        channel=change.channel,
        was=_text(change.was),
        at=_text(change.at),
        due_at=_text(change.due_at),
        detail=change.detail,
        owner=change.owner,
        reworded=change.reworded or change.kind is Kind.REWORDED,
        late=change.late,
        after_end=change.after_end,
        close_to=_text(change.close_to),
        text=text_digest(change.text),
        enrolment=change.enrolment,
    )


def _text(instant: datetime | None) -> str | None:
    return instant_text(instant) if instant else None


def read_line(line: str) -> dict[str, Any]:
    """Read a line that :func:`lead_line` or :func:`unreadable` wrote."""
    data: dict[str, Any] = json.loads(line)
    return data
