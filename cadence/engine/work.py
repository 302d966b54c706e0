"""One decision in the making: the state being worked on, and what has been decided so far."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cadence.engine.alerts import way_to_tell, when_to_tell
from cadence.engine.decision import AlertDraft, TaskDraft, Verdict
from cadence.engine.events import Decided, Event, instant_text
from cadence.engine.fold import apply
from cadence.engine.roster import Roster
from cadence.playbook.words import Actor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.state import EnrolmentState, LeadState, TaskState
    from cadence.engine.touches import Place

__all__ = ["ENGINE", "Work"]

ENGINE = Actor.ENGINE.value  #: who makes the engine's own entries
#: Entries after which an enrolment stands elsewhere.
_MOVING = frozenset(
    (Decided.ENROLLED, Decided.STAGE_ENTERED, Decided.ENROLMENT_ENDED, Decided.ADOPTED, Decided.VISIT_RESTORED)
)


@dataclass(slots=True)
class Work:
    """Mutable only inside one call of the engine; ``state`` is its own copy."""

    book: Book
    state: LeadState
    now: datetime
    traffic: Mapping[str, datetime] = field(default_factory=dict)  #: channel -> when another message may go
    roster: Roster = field(default_factory=Roster)  #: who has how much, and whose turn it is
    events: list[Event] = field(default_factory=list)
    tasks: list[TaskDraft] = field(default_factory=list)
    alerts: list[AlertDraft] = field(default_factory=list)
    ended: list[Verdict] = field(default_factory=list)  #: touches that ended without being carried out
    places: tuple[Place, ...] | None = None  #: where the active enrolments stand; None: to be looked up anew
    promised: bool = False  #: some of these places have an SLA or a lock
    steady: bool = False  #: versions are adopted and owners are there, so only time can change where the lead stands

    def go_on(self, now: datetime) -> None:
        """Begin the next decision on the same state, at a later instant, with no fact in between."""
        self.now = now
        for made in (self.events, self.tasks, self.alerts, self.ended):
            made.clear()

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
        self,
        enrolment: EnrolmentState,
        *,
        title: str,
        due_at: datetime | None,
        cause: str,
        owner: str = "",
        body: str = "",
    ) -> bool:
        """Give a person a next step; the same cause makes the same task, so it is never made twice.

        Tells whether it was made.
        """
        task_id = _name_of(enrolment, cause, owner)
        if task_id in enrolment.tasks:
            return False
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
            due_at=instant_text(due_at) if due_at else "",
            cause=cause,
        )
        return True

    def close_tasks(
        self, enrolment: EnrolmentState, which: Callable[[str, TaskState], bool], *, by: str, outcome: str = "dropped"
    ) -> None:
        """Close the open next steps that are of no use any more, and say by what."""
        if not enrolment.tasks:
            return
        for key, task in enrolment.open_tasks().items():
            if which(key, task):
                self.record(Decided.TASK_CLOSED, enrolment=enrolment, task=key, by=by, outcome=outcome)

    def alert(
        self, enrolment: EnrolmentState, member: str, about: str, *, title: str, cause: str, body: str = ""
    ) -> None:
        """Have a colleague told, where they want to be and can be; nobody is when ``member`` is empty."""
        plan = self.book.plan(enrolment.playbook, enrolment.digest) if member else None
        if plan and way_to_tell(plan, member, about):
            draft = AlertDraft(
                id=_name_of(enrolment, f"{about}|{cause}", member),
                lead=self.state.lead,
                enrolment=enrolment.id,
                member=member,
                about=about,
                title=title,
                body=body,
                at=self.now,
                due_at=when_to_tell(plan, member, self.now),
            )
            self.alerts.append(draft)

    @property
    def name(self) -> str:
        """What to call the lead in a sentence."""
        return str(self.state.record.get("name") or self.state.lead)


def _name_of(enrolment: EnrolmentState, cause: str, whose: str) -> str:
    return hashlib.sha256(f"{enrolment.id}|{cause}|{whose}".encode()).hexdigest()[:12]
