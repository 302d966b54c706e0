"""The language as frozen dataclasses: what a playbook and a workspace say, once they are valid.

Built by :mod:`cadence.playbook.build` from checked data. Names follow the YAML; a test holds the schema's
property names to the fields here. ``line`` is the 1-based line of the page that says it, for reasons.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from cadence.timing.calendar import Calendar
    from cadence.timing.hours import Hours
    from cadence.timing.law import LawRow
    from cadence.timing.when import When

__all__ = [
    "ALERTS",
    "HANDOFF",
    "LOCK",
    "OWNER",
    "Alerts",
    "Business",
    "ChannelSettings",
    "Escalation",
    "Hearing",
    "Imap",
    "Limits",
    "Lock",
    "Member",
    "Playbook",
    "Replies",
    "Requirement",
    "Review",
    "Routing",
    "RoutingRule",
    "Silence",
    "Sla",
    "Stage",
    "Touch",
    "Workspace",
]

#: How messages leave: written down, all to one address, or to the people themselves.
Mode = Literal["log", "redirect", "live"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """The shop."""

    name: str
    phone: str  #: E.164
    timezone: str  #: IANA name
    postal_address: str = ""
    website: str = ""
    booking_link: str = ""


OWNER = "owner"  #: whom to alert: whoever owns the lead
LOCK = "lock"  #: name of the promise that a stage's lock is; no SLA may have it
HANDOFF = "handoff"  #: requirement: a hand-off note written in this visit
#: What a colleague can be told of: a lead is theirs now, somebody answered, a promise, a lock, a score that rose.
ALERTS = ("assigned", "reply", "sla", "lock", "score")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """How a colleague is told of what cannot wait."""

    by: Literal["", "sms", "email", "none"] = ""  #: empty: a text where there is a phone, else an e-mail
    hours: Hours  #: on the business's clock; what comes outside waits
    about: tuple[str, ...] = ALERTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A colleague."""

    id: str
    name: str
    roles: tuple[str, ...]
    phone: str = ""
    email: str = ""
    absent: bool = False  #: their leads go to others, and come back
    alerts: Alerts | None = None  #: None: nobody to tell, such as the business itself

    @property
    def first_name(self) -> str:
        """The name one signs a text with."""
        return self.name.split()[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """How one kind of touch leaves."""

    via: str  #: provider name, such as ``twilio``; of a channel that has none, the channel's own
    sender: str = ""  #: phone in E.164 form or e-mail address (``from:`` in YAML)
    options: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)  #: what only this service wants to know
    per_minute: int = 0  #: messages its sender may send in a minute; 0: no limit
    per_day: int = 0  #: messages its sender may send in a day of the business; 0: no limit
    cost_per_segment: float = 0.0  #: US dollars per SMS segment, e-mail or voice message, for estimates


@dataclass(frozen=True, slots=True, kw_only=True)
class Imap:
    """The mailbox that answers to e-mails arrive in."""

    host: str
    user: str
    port: int = 993
    folder: str = "INBOX"
    tls: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """How answers come in (``inbound:`` in YAML)."""

    poll: bool = True  #: every tick asks the providers
    imap: Imap | None = None
    ring: str = ""  #: phone that rings when a customer calls
    ring_for: int = 18  #: seconds; a mailbox may answer after 20
    new_lead: Mapping[str, str] = field(default_factory=lambda: _NOTHING)  #: of who texts or calls for the first time


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """A shop's own words for reading answers: phrases by what they mean, and the rules it does without."""

    opt_out: tuple[str, ...] = ()
    opt_in: tuple[str, ...] = ()
    acknowledgement: tuple[str, ...] = ()
    snooze: tuple[str, ...] = ()
    not_interested: tuple[str, ...] = ()
    automatic: tuple[str, ...] = ()
    off: tuple[str, ...] = ()  #: names of rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """``cadence.yaml``: the business, its team, its channels."""

    account: str
    business: Business
    team: tuple[Member, ...]
    channels: Mapping[str, ChannelSettings]
    mode: Mode = "log"
    redirect: Mapping[str, str] = field(default_factory=lambda: _NOTHING)  #: channel -> where everything goes
    public_url: str = ""  #: without a slash at its end; empty: nobody can reach us
    inbound: Hearing = field(default_factory=Hearing)
    replies: Replies = field(default_factory=Replies)
    opt_out: Literal["everywhere", "channel"] = "everywhere"  #: what a STOP ends
    opt_out_confirmation: str = ""  #: the one text that confirms it; empty: the provider's own does
    consent: Mapping[str, str] = field(default_factory=lambda: _NOTHING)  #: channel -> none, inquiry or written
    law: tuple[LawRow, ...] = ()  #: the shop's own rows of the law table
    answer_any_hour: bool = True
    max_per_tick: int = 500  #: more messages than this in one tick wait for a person's word
    publish: Literal["on_tick", "by_hand"] = "on_tick"  #: who publishes an edited page
    burst: int = 25  #: an edit that has more leads than this written to at once waits for a person's word
    lead_fields: Mapping[str, str] = field(default_factory=lambda: _NOTHING)  #: own fields: name -> what it is
    events: Mapping[str, tuple[str, tuple[str, ...]]] = field(
        default_factory=lambda: MappingProxyType({})
    )  #: own events: type -> (title, data fields that hold a date)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often one person may be written to."""

    messages_per_day: int = 2  #: in the lead's calendar day; a touch waits
    messages_per_week: int = 4  #: in any 7 x 24 h; a touch is skipped as capped
    min_gap: timedelta  #: from the moment the last message was sent
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """One planned contact of a stage."""

    id: str
    channel: str
    when: tuple[When, ...]  #: rows of the schedule; the first that fits wins, the last always fits
    anchor: str = ""  #: event, event.date or touch id; empty: the visit's start
    condition: str = ""  #: ``if:`` expression; empty: always
    template: str = ""
    variants: Mapping[str, int] = field(default_factory=lambda: _NOTHING)  #: of its text: name -> weight
    variant: str = ""  #: of the stage's sequence, whose leads alone get it; empty: all do
    answers: str = ""  #: ``inquiry`` when it answers the person's own inquiry
    expects: str = ""  #: ``ack`` when it asks for a confirmation
    owner: str = ""  #: role or member who does a call or task; empty: the stage's owner
    due: str = ""  #: ``next_opening``: a task made now, due when the shop opens
    audience: str = ""  #: ``list:`` the audience the lead joins
    endpoint: str = ""  #: ``to:`` the program that is told, by its name in cadence.yaml
    expires_after: timedelta  #: past due longer than this: skipped as late
    max_segments: int = 2  #: an SMS may not need more
    fallback: tuple[str, str] | None = None  #: channel and text that stand in when nothing can reach the address
    instead_of: str = ""  #: the touch this one stands in for; made from its ``fallback``
    renamed_from: tuple[str, ...] = ()  #: the ids it had before
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One entry or exit criterion."""

    path: str = ""  #: ``lead.zip``, ``score`` or ``no_decision.follow_up_due``: must be known
    condition: str = ""  #: an expression that must hold
    say: str = ""  #: what a person is told when it does not
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One consequence of a missed SLA."""

    after: timedelta  #: after the miss, on the SLA's clock
    alert: str = ""  #: role or member to tell; ``owner``: whoever owns the lead
    reassign: str = ""  #: role or member who gets the lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Sla:
    """A promise with a clock."""

    name: str
    within: timedelta | None = None
    business_days: int | None = None
    clock: Literal["elapsed", "business"] = "elapsed"
    met_by: tuple[str, ...] = ()
    warn: timedelta | None = None  #: before the due instant, on the SLA's clock
    on_miss: tuple[Escalation, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The committed next step a stage works for."""

    by: tuple[str, ...]
    within: timedelta | None = None  #: None: it is never missed
    clock: Literal["elapsed", "business"] = "elapsed"
    warn: timedelta | None = None  #: before the due instant, on the lock's clock
    on_miss: tuple[Escalation, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Where a lead goes when nobody has said anything for so long."""

    after: timedelta
    to: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage: who owns it, what starts and ends it, its sequence of touches."""

    id: str
    title: str
    owner: str = ""  #: role or member
    enter_on: tuple[str, ...] = ()
    next: Mapping[str, str] = field(default_factory=lambda: _NOTHING)  #: event -> stage
    silence: Silence | None = None
    to_enter: tuple[Requirement, ...] = ()
    to_leave: tuple[Requirement, ...] = ()
    sla: tuple[Sla, ...] = ()
    lock: Lock | None = None
    variants: Mapping[str, int] = field(default_factory=lambda: _NOTHING)  #: of its sequence: name -> weight
    touches: tuple[Touch, ...] = ()
    end: Literal["", "won", "lost"] = ""  #: terminal: the enrolment ends
    renamed_from: tuple[str, ...] = ()  #: the ids it had before
    index: int = 0  #: place on the page, from 0
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRule:
    """``if:`` this, the lead goes to that colleague."""

    condition: str
    assign: str  #: member id
    variant: str = ""  #: of the routing, whose leads alone it holds for; empty: all
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """How one role's leads are shared out."""

    role: str
    assign: Literal["round_robin", "least_loaded"] = "round_robin"
    rules: tuple[RoutingRule, ...] = ()
    variants: Mapping[str, int] = field(default_factory=lambda: _NOTHING)  #: name -> weight
    fallback: str = "fallback"
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A standing look at open leads."""

    name: str
    cron: str
    of: tuple[str, ...]
    to: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """One trade's page."""

    id: str
    title: str
    enroll_if: str
    calendar: Calendar
    send_windows: Mapping[str, Hours]  #: channel -> hours in the lead's local time
    limits: Limits
    stop_on: Mapping[str, int]  #: event -> line
    stop_scope: Literal["person", "enrolment"] = "person"
    catch_up: Literal["latest", "skip"] = "latest"
    score: Mapping[str, str] = field(default_factory=lambda: _NOTHING)  #: bucket -> expression, in page order
    routing: Mapping[str, Routing] = field(default_factory=lambda: MappingProxyType({}))
    max_reassigns: int = 3
    results: Mapping[str, Mapping[str, str]] = field(
        default_factory=lambda: MappingProxyType({})
    )  #: call or visit -> word -> event recorded with it; empty: none
    stages: Mapping[str, Stage]
    reviews: tuple[Review, ...] = ()
    lines: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))  #: top-level key -> line
