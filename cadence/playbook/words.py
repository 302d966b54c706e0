"""The words of the language that are fixed: events, channels, weekdays, answer words.

An event is an immutable fact about a lead. Its type is one of :data:`EVENTS` or is declared by the
workspace under ``events:``. Everything that needs the list (schema texts, lint, engine, command line)
reads it here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = [
    "ADDRESS_FIELDS",
    "CHANNELS",
    "EVENTS",
    "LEAD_FIELDS",
    "MESSAGE_CHANNELS",
    "OPT_OUT_WORDS",
    "PERSON_CHANNELS",
    "PHONE_CHANNELS",
    "PROGRAM_CHANNELS",
    "PROVIDERS",
    "STOPPED_BY_OPT_OUT",
    "Actor",
    "EventKind",
]


class Actor(Enum):
    """Who made a fact true."""

    LEAD = "lead"  #: the customer: inbound
    COLLEAGUE = "colleague"  #: a person of the shop
    SYSTEM = "system"  #: an import, a form, a connected program
    ENGINE = "engine"  #: the engine's own decisions


@dataclass(frozen=True, slots=True)
class EventKind:
    """What one type of event means."""

    title: str  #: how a person would say it
    actor: Actor  #: who normally makes it true
    moments: tuple[str, ...] = ()  #: data fields that hold a date or a date with a time
    fields: tuple[str, ...] = ()  #: other data fields with a known meaning
    inquiry: bool = False  #: the person asks for something: may be answered at any hour
    contact: bool = False  #: counts as a contact with the person
    person: bool = False  #: concerns the person, in every enrolment, not one job


EVENTS: dict[str, EventKind] = {
    "lead.created": EventKind("the lead came in", Actor.SYSTEM, fields=("source",), inquiry=True),
    "lead.updated": EventKind("the lead's record changed", Actor.SYSTEM, person=True),
    "lead.qualified": EventKind("the lead is a real job for us", Actor.COLLEAGUE),
    "lead.disqualified": EventKind("the lead is not a job for us", Actor.COLLEAGUE, fields=("reason",)),
    "lead.won": EventKind("the job is ours", Actor.COLLEAGUE, fields=("value", "by")),
    "lead.lost": EventKind("the job is not to be had", Actor.COLLEAGUE, fields=("reason", "by")),
    "call.missed": EventKind("a call from the lead was missed", Actor.LEAD, inquiry=True),
    "call.logged": EventKind(
        "a colleague called the lead", Actor.COLLEAGUE, fields=("result", "note", "by"), contact=True
    ),
    "message.sent": EventKind("a message went to the lead", Actor.ENGINE, fields=("channel",), contact=True),
    "message.sent.by_person": EventKind(
        "a colleague wrote to the lead", Actor.COLLEAGUE, fields=("channel", "note", "by"), contact=True
    ),
    "reply": EventKind("the lead replied", Actor.LEAD, fields=("text", "channel"), person=True),
    "acknowledgement": EventKind("the lead confirmed", Actor.LEAD, fields=("text", "channel"), person=True),
    "snooze": EventKind(
        "the lead asked to hear from us later", Actor.LEAD, moments=("until",), fields=("text", "by"), person=True
    ),
    "not_interested": EventKind("the lead is not interested", Actor.LEAD, fields=("reason", "text"), person=True),
    "automatic": EventKind(
        "an automatic answer came", Actor.SYSTEM, moments=("until",), fields=("kind", "text"), person=True
    ),
    "opt_out": EventKind("the person asked us to stop", Actor.LEAD, fields=("text", "channel", "only"), person=True),
    "opt_in": EventKind("the person returned", Actor.LEAD, fields=("text", "channel", "only"), person=True),
    "consent.given": EventKind(
        "the person agreed to be written to",
        Actor.LEAD,
        fields=("channel", "kind", "source", "text", "url", "ip"),
        person=True,
    ),
    "consent.withdrawn": EventKind(
        "the person took back a consent", Actor.LEAD, fields=("channel", "source", "text"), person=True
    ),
    "message.bounced": EventKind(
        "a message came back: nothing can reach its address", Actor.SYSTEM, fields=("channel", "touch", "code", "text")
    ),
    "message.opened": EventKind(
        "a message was opened, by the lead or by a machine that looks into mails",
        Actor.SYSTEM,
        fields=("channel", "touch"),
    ),
    "message.clicked": EventKind(
        "a link in a message was followed, by the lead or by a machine",
        Actor.SYSTEM,
        fields=("channel", "touch", "text"),
    ),
    "appointment.booked": EventKind(
        "an appointment was booked", Actor.COLLEAGUE, moments=("starts_at", "ends_at"), fields=("note",)
    ),
    "appointment.confirmed": EventKind("the lead confirmed the appointment", Actor.LEAD),
    "appointment.cancelled": EventKind("the appointment was cancelled", Actor.LEAD, fields=("reason",)),
    "appointment.missed": EventKind("the lead was not there", Actor.COLLEAGUE),
    "callback.scheduled": EventKind(
        "a callback window was agreed", Actor.COLLEAGUE, moments=("starts_at", "ends_at"), fields=("note",)
    ),
    "visit.logged": EventKind(
        "a colleague was at the lead's place", Actor.COLLEAGUE, fields=("result", "note", "by"), contact=True
    ),
    "estimate.sent": EventKind("an estimate was sent", Actor.COLLEAGUE, fields=("amount", "number")),
    "work.approved": EventKind("the work was approved", Actor.COLLEAGUE, fields=("amount",)),
    "no_decision": EventKind("no decision yet", Actor.COLLEAGUE, moments=("follow_up_due",), fields=("note",)),
    "contract.sent": EventKind("a contract was sent", Actor.COLLEAGUE),
    "contract.signed": EventKind("the contract was signed", Actor.LEAD, fields=("amount",)),
    "deposit.paid": EventKind("a deposit was paid", Actor.LEAD, fields=("amount",)),
    "note.added": EventKind("a colleague wrote a note", Actor.COLLEAGUE, fields=("text", "by")),
    "owner.assigned": EventKind(
        "a colleague gave the lead to somebody", Actor.COLLEAGUE, fields=("owner", "reason", "by")
    ),
    "next.set": EventKind(
        "a colleague said what comes next", Actor.COLLEAGUE, moments=("due",), fields=("action", "who", "by")
    ),
    "handoff.noted": EventKind(
        "a colleague wrote a hand-off note",
        Actor.COLLEAGUE,
        moments=("check_back",),
        fields=("wants", "said", "missing", "next", "who", "by"),
    ),
    "task.done": EventKind("a colleague finished a task", Actor.COLLEAGUE, fields=("task", "result", "note", "by")),
    "task.postponed": EventKind(
        "a colleague put a task off", Actor.COLLEAGUE, moments=("until",), fields=("task", "by")
    ),
    "act.undone": EventKind(
        "a colleague took back what was recorded", Actor.COLLEAGUE, fields=("undoes", "type", "of", "owner", "by")
    ),
}

#: What a lead's record holds: name -> (what it is, an example).
LEAD_FIELDS: dict[str, tuple[str, str]] = {
    "id": ("short id of the lead, unique in the account", "maria-lopez"),
    "name": ("full name", "Maria Lopez"),
    "first_name": ("first name (taken from the name when not given)", "Maria"),
    "last_name": ("last name", "Lopez"),
    "phone": ("phone in E.164 form", "+18165550142"),
    "email": ("e-mail address", "maria@example.com"),
    "address": ("street address of the job", "418 Oak St"),
    "city": ("city of the job", "Kansas City"),
    "state": ("two-letter state", "MO"),
    "zip": ("ZIP code, as text", "64110"),
    "timezone": ("IANA time zone, when known for sure", "America/Chicago"),
    "trade": ("which trade the lead asks for", "roofing"),
    "service": ("the service asked for", "roof repair"),
    "source": ("where the lead came from", "google"),
    "urgency": ("how urgent it is, in the shop's own words", "leak"),
    "value": ("what the job may be worth, in dollars (a number; 0 when unknown)", "8500"),
    "notes": ("what the lead said, free text", "two missing shingles above the garage"),
    "external_id": ("id of the lead in another program", "crm-10442"),
}

#: Where a message to the person goes: channel -> field of the lead's record.
ADDRESS_FIELDS = {"sms": "phone", "email": "email", "voice": "phone"}

MESSAGE_CHANNELS = tuple(ADDRESS_FIELDS)  #: messages to the person: windows, limits and opt-outs hold
PHONE_CHANNELS = tuple(name for name, field in ADDRESS_FIELDS.items() if field == "phone")  #: the law table holds
PERSON_CHANNELS = ("call", "task")  #: a colleague's next step
PROGRAM_CHANNELS = ("audience", "webhook")  #: to an advertising list, to another program: no window, no limit
CHANNELS = (*MESSAGE_CHANNELS, *PERSON_CHANNELS, *PROGRAM_CHANNELS)

#: What an opt-out ends: what the person gets, and the advertising aimed at them. A CRM is told of them all the same,
#: as colleagues are: they must know.
STOPPED_BY_OPT_OUT = (*MESSAGE_CHANNELS, "audience")

#: Services that come with the program: channel -> names for ``via:``.
PROVIDERS: dict[str, tuple[str, ...]] = {"sms": ("twilio",), "email": ("sendgrid", "smtp"), "voice": ("twilio",)}

#: Words that US carriers and Twilio take as an opt-out when they are the whole answer.
#: Source: Twilio, "Support for opt-out keywords (SMS STOP filtering)"; read 2026-11.
OPT_OUT_WORDS = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT")
