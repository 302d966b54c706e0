"""What the engine knows of a lead: its enrolments, the running visit of each, what became of its touches.

Made by :mod:`cadence.engine.fold` from the lead's log, and by nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cadence.playbook.words import PHONE_CHANNELS
from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.engine.events import Event
    from cadence.engine.visit import Flight, MoveWaiting, VisitState

__all__ = ["EnrolmentState", "Hold", "LeadState", "TaskState"]


@value(kw_only=True)
class TaskState:
    """A next step of a person."""

    title: str
    owner: str  #: member id
    due_at: datetime | None  #: None: nobody said when
    made_at: datetime
    cause: str = ""  #: touch key, or what made it
    closed: str = ""  #: done or dropped; empty: open


@dataclass(slots=True)
class EnrolmentState:
    """One lead in one playbook for one job key."""

    id: str
    playbook: str
    job: str
    digest: str
    started_at: datetime
    visit: VisitState
    owner: str = ""
    end: str = ""
    ended_at: datetime | None = None
    latest: dict[str, Event] = field(default_factory=dict)  #: event type -> the latest of this enrolment
    last_activity: datetime | None = None  #: last inbound or act of a colleague
    waiting_move: MoveWaiting | None = None
    contacts: int = 0
    opened: frozenset[str] = frozenset()  #: touches whose messages were opened
    clicks: int = 0  #: links followed
    reassigns: int = 0
    tasks: dict[str, TaskState] = field(default_factory=dict)  #: every next step made, by id
    score: str = ""  #: hot, warm or nurture, as last worked out
    had: dict[str, str] = field(default_factory=dict)  #: role -> the member this lead has had of it
    lent_by: str = ""  #: the absent member who gets the lead back
    former: tuple[tuple[VisitState, str], ...] = ()  #: the visits before the running one, and who owned each
    entered: int = 0  #: the highest number a visit has had; one that was taken back does not give its number back

    @property
    def active(self) -> bool:
        """Whether the enrolment still runs."""
        return not self.end

    def touch_key(self, touch: str) -> str:
        """Return the identity of a touch of the running visit: enrolment/visit/touch."""
        return f"{self.id}/{self.visit.number}/{self.visit.identity(touch)}"

    def visit_numbered(self, number: int) -> VisitState | None:
        """Return a visit, the running one or a former."""
        if self.visit.number == number:
            return self.visit
        return next((visit for visit, _ in self.former if visit.number == number), None)

    def copy(self) -> EnrolmentState:
        """Return a copy that can change on its own."""
        return EnrolmentState(
            self.id,
            self.playbook,
            self.job,
            self.digest,
            self.started_at,
            self.visit.copy(),
            self.owner,
            self.end,
            self.ended_at,
            self.latest.copy(),
            self.last_activity,
            self.waiting_move,
            self.contacts,
            self.opened,
            self.clicks,
            self.reassigns,
            self.tasks.copy(),
            self.score,
            self.had.copy(),
            self.lent_by,
            self.former,
            self.entered,
        )

    def open_tasks(self) -> dict[str, TaskState]:
        """Return the next steps that are not closed, by id, in the order they were made."""
        return {key: task for key, task in self.tasks.items() if not task.closed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A stretch of time in which touches wait and silence stands still."""

    kind: str  #: paused, snoozed or out_of_office
    start: datetime
    end: datetime | None = None  #: None: until someone resumes
    playbook: str = ""  #: empty: every playbook
    shop: bool = False  #: set for the whole account, not for this lead alone
    cut: bool = False  #: ended before its time


@dataclass(slots=True)
class LeadState:
    """Everything the engine knows about one person."""

    lead: str
    record: Mapping[str, Any] = field(
        default_factory=dict
    )  #: the lead's attributes, with zones and states; replaced when they change, so copies share it
    enrolments: dict[str, EnrolmentState] = field(default_factory=dict)
    latest: dict[str, Event] = field(default_factory=dict)  #: event type -> the latest, over all jobs
    messages: list[datetime] = field(default_factory=list)  #: when messages that count in limits went
    opted_out_at: datetime | None = None  #: of everything
    left: dict[str, datetime] = field(default_factory=dict)  #: channel -> when the person opted out of it alone
    consents: dict[str, str] = field(default_factory=dict)  #: channel -> kind of consent: inquiry or written
    holds: list[Hold] = field(default_factory=list)
    inquiry: Event | None = None  #: the person's latest own inquiry
    answered: set[str] = field(default_factory=set)  #: inquiries that have had their answer
    flights: dict[tuple[str, int, str], Flight] = field(default_factory=dict)  #: (enrolment, visit, touch) on its way
    suppressed: Mapping[tuple[str, str], str] = field(
        default_factory=dict
    )  #: (channel or ``all``, address) -> why nothing may go there; from the ledger, not from the log
    texts: list[datetime] = field(default_factory=list)  #: when texts went, and voice messages, whatever for
    renamed: bool = False  #: an edit has renamed touches of some visit
    #: what was made of the record, kept as long as it stands: digest of a plan -> ``lead`` in the plan's words
    views: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False, compare=False)

    def copy(self) -> LeadState:
        """Return a copy that can change on its own."""
        return LeadState(
            self.lead,
            self.record,
            {key: enrolment.copy() for key, enrolment in self.enrolments.items()},
            self.latest.copy(),
            self.messages.copy(),
            self.opted_out_at,
            self.left.copy(),
            self.consents.copy(),
            self.holds.copy(),
            self.inquiry,
            self.answered.copy(),
            self.flights.copy(),
            self.suppressed,
            self.texts.copy(),
            self.renamed,
        )

    def opted_out(self, channel: str) -> bool:
        """Whether the person asked for no more messages on a channel, or for none at all.

        Who wants no more texts wants no spoken messages either: both are machines that use the phone.
        """
        return self.opted_out_at is not None or (bool(self.left) and any(each in self.left for each in _alike(channel)))

    def barred(self, channel: str, address: str) -> str:
        """Tell why nothing may go to an address on a channel, as the ledger has it; empty: it may."""
        found = self.suppressed
        if not found:
            return ""
        address = address.casefold()  # nobody's mail program minds capitals
        if any(found.get((each, address)) == "opt_out" for each in _alike(channel)):
            return "opt_out"
        return found.get((channel, address)) or found.get(("all", address)) or ""

    def active_enrolments(self) -> list[EnrolmentState]:
        """List the enrolments that still run, in the order they began."""
        return [enrolment for enrolment in self.enrolments.values() if not enrolment.end]


def _alike(channel: str) -> tuple[str, ...]:
    """List the channels that an opt-out of one of them ends."""
    return PHONE_CHANNELS if channel in PHONE_CHANNELS else (channel,)
