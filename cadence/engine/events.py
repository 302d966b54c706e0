"""Facts and decisions: the entries of a lead's log.

A *fact* comes from outside (types in :data:`cadence.playbook.words.EVENTS` or declared by the workspace); a
*decision* is the engine's own entry (:class:`Decided`). Both are :class:`Event`. A lead's state is a fold over
its entries in the order they were recorded.
"""

from __future__ import annotations

from dataclasses import field
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Decided", "Event", "instant_text", "parse_instant"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Decided:
    """Types of the engine's own entries; data fields are named beside each."""

    ENROLLED = "enrolment.started"  #: playbook, job, digest, by
    #: stage, visit, owner, before, how, by, promises; variant, where the stage has some: starts a visit at its time
    STAGE_ENTERED = "stage.entered"
    MOVE_WAITING = "move.waiting"  #: to, by, missing: a move that lacks what the stages require
    ENROLMENT_ENDED = "enrolment.ended"  #: end (won | lost), by
    VISIT_RESTORED = "visit.restored"  #: visit, by: what moved the lead on was taken back; it stands where it stood
    #: digest: the enrolment follows a newly published version; stages, touches: of the page and of the running visit,
    #: name it had -> name it has, where an edit renamed some
    ADOPTED = "version.adopted"
    STOPPED = "sequence.stopped"  #: visit, by, keep: what is left of the visit's sequence ends
    #: touch, visit, channel, due_at, counted, answers, attempt; of a person's step title, owner, step_due_at: about to
    #: be carried out
    TOUCH_CLAIMED = "touch.claimed"
    TOUCH_SENT = "touch.sent"  #: touch, visit, channel: carried out
    TOUCH_DEFERRED = "touch.deferred"  #: touch, visit, channel, attempt, tries, until, code: surely not gone
    TOUCH_SKIPPED = "touch.skipped"  #: touch, visit, channel, reason, due_at
    TOUCH_STOPPED = "touch.stopped"  #: touch, visit, channel, by
    TOUCH_FAILED = "touch.failed"  #: touch, visit, channel, code
    TOUCH_UNKNOWN = "touch.unknown"  #: touch, visit, channel: claimed, and nobody knows whether it went
    TASK_MADE = "task.made"  #: task, title, owner, due_at (empty: none), cause
    TASK_MOVED = "task.moved"  #: task, due_at
    TASK_CLOSED = "task.closed"  #: task, outcome (done | dropped), by
    HELD = "lead.held"  #: kind (snoozed | out_of_office), until: touches wait until then
    HOLD_ENDED = "hold.ended"  #: kind: the lead may be written to again
    OWNER_CHANGED = "owner.changed"  #: owner, before, cause (an SLA, absent, left, back, found), how
    SCORED = "lead.scored"  #: score, before, line
    SLA_WARNED = "sla.warned"  #: sla, visit, due_at
    SLA_MISSED = "sla.missed"  #: sla, visit, due_at
    SLA_ESCALATED = "sla.escalated"  #: sla, visit, step, alert or reassign
    LOCK_LOST = "lock.lost"  #: visit, lock (evidence), by: what undid it
    PAUSED = "paused"  #: scope (all | playbook | lead), playbook
    RESUMED = "resumed"  #: scope, playbook


@value()
class Event:
    """An immutable entry of a lead's log; made by position where many are, because names cost as much again."""

    type: str
    at: datetime  #: the fact's own time, aware UTC
    recorded_at: datetime  #: when the program learned it, aware UTC
    enrolment: str = ""  #: the enrolment it concerns; empty: the person
    job: str = ""  #: job key given with a fact; empty: whatever job is open
    actor: str = "system"  #: value of :class:`cadence.playbook.words.Actor`
    data: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)  #: JSON-able
    key: str = ""  #: identity given by the source, to record a fact once; empty: none

    def __post_init__(self) -> None:
        if self.at.tzinfo is not UTC or self.recorded_at.tzinfo is not UTC:
            raise ValueError(f"event {self.type}: instants must be aware UTC")


@lru_cache(maxsize=4096)
def instant_text(instant: datetime) -> str:
    """Write an aware UTC instant as ``2026-11-24T19:10:00Z`` (whole seconds); many leads are told the same."""
    return f"{instant.isoformat()[:19]}Z"


def parse_instant(text: str) -> datetime:
    """Read what :func:`instant_text` wrote; ValueError otherwise."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
