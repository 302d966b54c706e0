"""One decision in the making: the state being worked on, and what has been decided so far."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cadence.engine.decision import TaskDraft, Verdict
from cadence.engine.events import Decided, Event, instant_text
from cadence.engine.fold import apply
from cadence.playbook.words import Actor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.state import EnrolmentState, LeadState
    from cadence.engine.touches import Place

__all__ = ["ENGINE", "Work"]

ENGINE = Actor.ENGINE.value  #: who makes the engine's own entries
#: Entries after which an enrolment stands elsewhere.
_MOVING = frozenset((Decided.ENROLLED, Decided.STAGE_ENTERED, Decided.ENROLMENT_ENDED, Decided.ADOPTED))


@dataclass(slots=True)
class Work:
    """Mutable only inside one call of the engine; ``state`` is its own copy."""

    book: Book
    state: LeadState
    now: datetime
    traffic: Mapping[str, datetime] = field(default_factory=dict)  #: channel -> when another message may go
    events: list[Event] = field(default_factory=list)
    tasks: list[TaskDraft] = field(default_factory=list)
    ended: list[Verdict] = field(default_factory=list)  #: touches that ended without being carried out
    places: tuple[Place, ...] | None = None  #: where the active enrolments stand; None: to be looked up anew

    def take(self, fact: Event) -> None:
        """Write down a fact and fold it in; the lead's record may change by it."""
        self.places = None
        self.events.append(fact)
        apply(self.state, fact)

    def record(
        self, kind: str, /, *, at: datetime | None = None, enrolment: EnrolmentState | None = None, **data: Any
    ) -> Event:
        """Write one of the engine's own entries and fold it in."""
        about = enrolment.id if enrolment else data.pop("enrolment_id", "")
        job = enrolment.job if enrolment else data.pop("job", "")
        event = Event(kind, at or self.now, self.now, about, job, ENGINE, data)
        if kind in _MOVING:
            self.places = None
        self.events.append(event)
        apply(self.state, event)
        return event

    def make_task(
        self, enrolment: EnrolmentState, *, title: str, due_at: datetime, cause: str, owner: str = "", body: str = ""
    ) -> None:
        """Give a person a next step; the same cause makes the same task, so it is never made twice."""
        task_id = hashlib.sha256(f"{enrolment.id}|{cause}|{owner}".encode()).hexdigest()[:12]
        if task_id in enrolment.tasks:
            return
        task = TaskDraft(
            id=task_id,
            lead=self.state.lead,
            enrolment=enrolment.id,
            title=title,
            owner=owner or enrolment.owner,
            due_at=due_at,
            cause=cause,
            body=body,
        )
        self.tasks.append(task)
        self.record(
            Decided.TASK_MADE,
            enrolment=enrolment,
            task=task.id,
            title=title,
            owner=task.owner,
            due_at=instant_text(due_at),
            cause=cause,
        )
