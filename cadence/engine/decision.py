"""What the engine answers: events to record, effects to carry out, a verdict per touch, when to look again."""

from __future__ import annotations

from dataclasses import field
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from cadence.timing.explain import explain_due
from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.engine.events import Event
    from cadence.engine.state import LeadState
    from cadence.engine.touches import Place
    from cadence.engine.visit import VisitState
    from cadence.playbook.model import Touch
    from cadence.timing.when import Due

__all__ = [
    "HALTED",
    "AlertDraft",
    "Claim",
    "Decision",
    "Outcome",
    "Reason",
    "TaskDraft",
    "Verdict",
    "Wait",
]


#: When the next message may go on a channel that is halted until a person has seen to it.
HALTED = datetime(9999, 12, 31, tzinfo=UTC)


class Outcome(Enum):
    """How a touch stands. It waits, and then ends in exactly one of the others."""

    WAITS = "waits"
    SENT = "sent"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Reason(Enum):
    """Why; ``text`` is the sentence an operator reads."""

    SENT = "sent", "it was due, and nothing spoke against it"
    NOT_DUE = "not_due", "its time has not come"
    NO_ANCHOR = "no_anchor", "what it counts from has not happened"
    QUIET_HOURS = "quiet_hours", "the send window is closed"
    MIN_GAP = "min_gap", "the last message is too recent"
    DAY_LIMIT = "day_limit", "enough messages for the lead's day"
    LAW_LIMIT = "law_limit", "the law allows no more texts for now"
    ONE_PER_TICK = "one_per_tick", "another message to this person goes first"
    RATE = "rate", "its sender has sent as much as it may for now"
    HALTED = "halted", "its channel is halted until somebody has seen to it"
    RETRY = "retry", "it surely did not go; it is tried again"
    SNOOZED = "snoozed", "the lead asked to hear from us later"
    PAUSED = "paused", "paused by the shop"
    LATE = "late", "too long past due"
    SUPERSEDED = "superseded", "a newer message goes instead"
    CONDITION = "condition", "its condition does not hold"
    NO_INQUIRY = "no_inquiry", "the person has not asked for anything"
    CAPPED = "capped", "enough messages in seven days"
    BEFORE_PUBLICATION = "before_publication", "it was due before this version was published"
    NO_ADDRESS = "no_address", "the lead has no address for this channel"
    DEAD_ADDRESS = "dead_address", "nothing can reach the lead's address on this channel"
    NO_CONSENT = "no_consent", "there is no consent to write on this channel"
    OPTED_OUT = "opted_out", "the person asked us to stop"
    SUPPRESSED = "suppressed", "the address is on the list of those not to be written to"
    STOPPED = "stopped", "the sequence was stopped"
    STAGE_LEFT = "stage_left", "the lead moved on"
    DROPPED = "dropped", "an edit took it off the page before it could be tried again"
    TEMPLATE = "template", "its text cannot be made for this lead"
    REFUSED = "refused", "the provider will not carry it"
    LOST_ANSWER = "lost_answer", "the provider's answer was lost: it may have gone"
    IN_FLIGHT = "in_flight", "it is on its way"

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        self.text = text


@value()
class Verdict:
    """The engine's word on one touch at one instant."""

    key: str  #: touch identity: enrolment/visit/touch
    lead: str
    enrolment: str
    visit: int
    playbook: str
    digest: str  #: the version that decided
    stage: str
    touch: str
    channel: str
    outcome: Outcome
    reason: Reason
    due_at: datetime | None  #: None while the anchor has not happened
    at: datetime  #: when this was decided
    detail: str = ""  #: the values used: which event stopped it, which window, which limit
    line: int = 0  #: line of the playbook that decided it
    owner: str = ""  #: member id
    due: Due | None = field(default=None, repr=False, compare=False)  #: where ``due_at`` comes from
    until: datetime | None = None  #: a waiting touch is looked at again then

    @property
    def derivation(self) -> tuple[str, ...]:
        """How the due instant came about, in short plain lines; worked out when asked for."""
        return explain_due(self.due) if self.due else ()


@value()
class Wait:
    """A touch that waits; its verdict is worked out when asked for, because most are asked for never."""

    place: Place
    visit: VisitState
    touch: Touch
    due: Due | None
    reason: Reason
    lead: str
    owner: str
    at: datetime  #: when this was decided
    until: datetime | None = None
    detail: str = ""
    line: int = 0

    @property
    def key(self) -> str:
        """The touch's identity."""
        return f"{self.place.enrolment.id}/{self.visit.number}/{self.visit.identity(self.touch.id)}"

    @property
    def overdue(self) -> bool:
        """Whether its time has come, and something else holds it."""
        return self.due is not None and self.due.instant <= self.at

    @property
    def verdict(self) -> Verdict:
        """The verdict."""
        place, due = self.place, self.due
        return Verdict(
            key=self.key,
            lead=self.lead,
            enrolment=place.enrolment.id,
            visit=self.visit.number,
            playbook=place.enrolment.playbook,
            digest=place.plan.digest,
            stage=place.stage.id,
            touch=self.touch.id,
            channel=self.touch.channel,
            outcome=Outcome.WAITS,
            reason=self.reason,
            due_at=due.instant if due else None,
            at=self.at,
            until=self.until,
            detail=self.detail,
            line=self.line or self.touch.line,
            owner=self.owner,
            due=due,
        )


@value()
class Claim:
    """A touch to be carried out now, text and all."""

    verdict: Verdict
    to: str  #: address, or member id for a person's step, or name of an audience or endpoint
    subject: str = ""
    body: str = ""
    segments: int = 0  #: SMS segments; 0 elsewhere
    variant: str = ""
    attempt: int = 1  #: how often it has been claimed, this time included
    tries: int = 0  #: calls that surely did not go so far
    until: datetime | None = None  #: its send window closes then; what lies at a provider must not arrive later
    invite: Mapping[str, Any] | None = None  #: the appointment that goes along as a calendar file
    title: str = ""  #: of a person's step
    task_due_at: datetime | None = None  #: for a person's step


@value(kw_only=True)
class TaskDraft:
    """A next step for a person."""

    id: str  #: stable: the same cause makes the same id
    lead: str
    enrolment: str
    title: str
    owner: str  #: member id
    due_at: datetime | None  #: None: nobody said when
    cause: str  #: touch key, or the event that made it
    body: str = ""  #: talk track


@value(kw_only=True)
class AlertDraft:
    """Something a colleague is told at once, on their own channel and in their own hours."""

    id: str  #: stable: the same cause makes the same id
    lead: str
    enrolment: str
    member: str  #: member id
    about: str  #: one of :data:`cadence.playbook.model.ALERTS`
    title: str
    body: str
    at: datetime  #: when there was reason to
    due_at: datetime  #: when the colleague's hours allow it


@value()
class Decision:
    """The whole answer for one lead at one instant."""

    state: LeadState  #: the state with ``events`` folded in
    events: tuple[Event, ...]
    claims: tuple[Claim, ...] = ()
    tasks: tuple[TaskDraft, ...] = ()
    alerts: tuple[AlertDraft, ...] = ()
    ended: tuple[Verdict, ...] = ()  #: of touches that ended without being carried out
    waits: tuple[Wait, ...] = ()
    wake_at: datetime | None = None  #: nothing changes before then without a new fact

    @property
    def settled(self) -> tuple[Verdict, ...]:
        """The verdicts of the touches that end or are claimed by this decision."""
        return (*self.ended, *(claim.verdict for claim in self.claims))

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """A verdict for every touch that was judged."""
        return (*self.settled, *(wait.verdict for wait in self.waits))
