"""What the engine knows of a lead: its enrolments, the running visit of each, what became of its touches.

Made by :mod:`cadence.engine.fold` from the lead's log, and by nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cadence.playbook.words import PHONE_CHANNELS
from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.engine.events import Event

__all__ = [
    "Deferral",
    "EnrolmentState",
    "Flight",
    "Hold",
    "LeadState",
    "MoveWaiting",
    "SlaState",
    "Stop",
    "TouchState",
    "VisitState",
]


@value(kw_only=True)
class TouchState:
    """What became of one touch of the running visit."""

    outcome: str  #: claimed, sent, skipped, stopped, failed, unknown
    at: datetime
    channel: str
    fell_through: datetime | None = None  #: since when it is known that its address cannot be reached


@value(kw_only=True)
class Deferral:
    """A touch that was claimed and surely did not go; it is tried again."""

    until: datetime  #: not before then
    attempt: int  #: the attempt that did not go, from 1
    tries: int  #: calls that surely did not go so far; an attempt that was taken back before its call is none
    code: str  #: why it did not go
    flight: Flight | None = None  #: what was taken back: counted again, should the answer come after all


@value(kw_only=True)
class Flight:
    """A touch on its way: what is taken back when it turns out not to have gone."""

    at: datetime  #: when it was claimed
    counted: bool  #: counts in the limits
    answers: str  #: the inquiry it answers; empty: none
    text: bool = False  #: counts among the texts that the law numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What is left of a visit's sequence has ended."""

    by: str  #: event type
    at: datetime
    keep: tuple[str, ...]  #: touches anchored on the very event that stopped the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveWaiting:
    """A move that lacks what the stages require."""

    to: str
    by: str
    at: datetime
    missing: tuple[str, ...]


@dataclass(slots=True)
class SlaState:
    """How far one SLA of the running visit has got."""

    warned: bool = False
    missed: bool = False
    steps: int = 0  #: escalations made


@dataclass(slots=True)
class VisitState:
    """One stay in a stage."""

    number: int
    stage: str
    started_at: datetime
    by: str
    touches: dict[str, TouchState] = field(default_factory=dict)
    deferred: dict[str, Deferral] = field(default_factory=dict)  #: touches to be tried again
    stop: Stop | None = None
    first: dict[str, datetime] = field(default_factory=dict)  #: event type -> first time in this visit
    sla: dict[str, SlaState] = field(default_factory=dict)

    def copy(self) -> VisitState:
        """Return a copy that can change on its own."""
        return VisitState(
            self.number,
            self.stage,
            self.started_at,
            self.by,
            self.touches.copy(),
            self.deferred.copy(),
            self.stop,
            self.first.copy(),
            {name: replace(state) for name, state in self.sla.items()} if self.sla else {},
        )


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
    reassigns: int = 0
    tasks: set[str] = field(default_factory=set)  #: ids of the next steps made

    @property
    def active(self) -> bool:
        """Whether the enrolment still runs."""
        return not self.end

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
            self.reassigns,
            self.tasks.copy(),
        )


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
        )

    def opted_out(self, channel: str) -> bool:
        """Whether the person asked for no more messages on a channel, or for none at all.

        Who wants no more texts wants no spoken messages either: both are machines that use the phone.
        """
        return self.opted_out_at is not None or any(each in self.left for each in _alike(channel))

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
