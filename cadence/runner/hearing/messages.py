"""A person's message: read, and recorded as what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cadence.engine.clock import lead_clock
from cadence.engine.events import Event, instant_text
from cadence.engine.observe import awaits_confirmation
from cadence.errors import CadenceError
from cadence.inbox.kinds import Reading
from cadence.inbox.reading import read_reply
from cadence.playbook.words import EVENTS
from cadence.runner.hearing.ear import Taken
from cadence.runner.hearing.newcomers import add_newcomer
from cadence.runner.hearing.people import Person, colleague_of, person_of
from cadence.runner.record import record_fact, state_of
from cadence.store import suppressions
from cadence.store.suppressions import ALL, RETURNED, SUPPRESSED, SuppressionRow

if TYPE_CHECKING:
    from cadence.engine.state import LeadState
    from cadence.inbox.message import Inbound
    from cadence.runner.hearing.ear import Ear
    from cadence.store.session import Session

__all__ = ["hear_message"]

_LONGEST = 4000  #: characters of an answer that go into the log
_CAME_BY = {"sms": "text message", "email": "e-mail"}


def hear_message(session: Session, ear: Ear, item: Inbound) -> Taken:
    """Record what a person wrote, with its consequences; what one of the team writes makes no lead."""
    person = person_of(session, ear, item)
    if person is None:
        return _from_nobody_known(session, ear, item)
    state = state_of(session, ear.account, person.lead)
    reading = _read(ear, item, state)
    kind = reading.counts_as
    if kind == "opt_in" and not _is_theirs(item, person):
        kind = "reply"
    fact = _fact(ear, item, reading, kind, _still_running(state, person))
    record_fact(session, ear.account, ear.book, person.lead, fact)
    return Taken(taken_as=kind, lead=person.lead, because=_because(reading))


def _from_nobody_known(session: Session, ear: Ear, item: Inbound) -> Taken:
    reading = _read(ear, item, None)
    if item.sender and (reading.kind == "opt_out" or (reading.counts_as == "opt_in" and item.channel == "sms")):
        suppressions.add(session, ear.account, [_ledger_row(ear, item, reading)])
        return Taken(taken_as=reading.kind, because=_because(reading))
    if reading.kind == "automatic":
        return Taken(taken_as="automatic", because=_because(reading))
    if member := colleague_of(session, ear, item):
        return Taken(
            taken_as="colleague",
            because=_because(reading),
            problem=f"{member.name} of the team has written; what it says of a lead is recorded by nobody but you",
        )
    if item.channel == "email":
        return Taken(
            taken_as="unknown_sender",
            because=_because(reading),
            problem="a mail from an address that no lead has; if it is a lead's, add the address and record the answer",
        )
    text = reading.text or item.text
    lead = add_newcomer(session, ear, item.sender, source=_CAME_BY["sms"], notes=text[:_LONGEST], at=_at(ear, item))
    if lead:
        return Taken(taken_as="lead.created", lead=lead, because="the first text from this number")
    return Taken(taken_as="unknown_sender", problem="a text from a number that no person has, such as a short code")


def _is_theirs(item: Inbound, person: Person) -> bool:
    """Tell whether it is surely the person who wants messages again: anybody can write any sender into a mail."""
    return item.channel == "sms" or person.by_name


def _read(ear: Ear, item: Inbound, state: LeadState | None) -> Reading:
    """Read what was written; what cannot be read is an answer that a person must look at."""
    try:
        return _reading(ear, item, state)
    except CadenceError:
        raise  # the rules of the workspace have a fault
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, somebody has answered
        said = f"it cannot be read ({type(error).__name__})"
        return Reading(kind="reply", rule="unreadable", because=said, sure=False, text=item.text)


def _reading(ear: Ear, item: Inbound, state: LeadState | None) -> Reading:
    return read_reply(
        item.text,
        subject=item.subject,
        channel=item.channel,
        headers=item.headers,
        told=item.told,
        awaits=state is not None and awaits_confirmation(ear.book, state, ear.now),
        at=item.at,
        zone=_zone(ear, state),
        rules=ear.rules(),
    )


def _zone(ear: Ear, state: LeadState | None) -> ZoneInfo:
    plan = next(iter(ear.book.current.values()), None)
    if state is None or plan is None:
        return ZoneInfo(ear.workspace.business.timezone)
    return lead_clock(plan, state.record).zone


def _still_running(state: LeadState, person: Person) -> str:
    """Name the enrolment that a message is about, while that one runs; an answer to an old one is the person's word."""
    enrolment = state.enrolments.get(person.enrolment)
    return person.enrolment if enrolment and enrolment.active else ""


def _fact(ear: Ear, item: Inbound, reading: Reading, kind: str, enrolment: str) -> Event:
    data: dict[str, Any] = {"channel": item.channel, "text": reading.text[:_LONGEST]}
    if reading.until and kind in ("snooze", "automatic"):
        data["until"] = instant_text(reading.until)
    if kind == "automatic":
        data["kind"] = reading.automatic
    if kind in ("opt_out", "opt_in"):
        data.update(address=item.sender, source=_CAME_BY[item.channel])
        if ear.workspace.opt_out == "channel":
            data["only"] = item.channel
    return Event(
        type=kind,
        at=_at(ear, item),
        recorded_at=ear.now,
        enrolment=enrolment,
        actor=EVENTS[kind].actor.value,
        data=data,
        key=_key(item),
    )


def _key(item: Inbound) -> str:
    """Return what tells a message from others; a mail that comes by two ways is one mail."""
    return f"{'mail' if item.channel == 'email' else item.source}/{item.key}"


def _at(ear: Ear, item: Inbound) -> Any:
    """Return when it was sent; a sender's clock that is ahead does not make it come from the future."""
    return min(item.at, ear.now).replace(microsecond=0)


def _ledger_row(ear: Ear, item: Inbound, reading: Reading) -> SuppressionRow:
    return SuppressionRow(
        address=item.sender,
        channel=item.channel if ear.workspace.opt_out == "channel" else ALL,
        standing=SUPPRESSED if reading.kind == "opt_out" else RETURNED,
        reason="opt_out",
        source=_CAME_BY[item.channel],
        detail=reading.text[:_LONGEST],
        at=_at(ear, item),
        recorded_at=ear.now,
        key=_key(item),
    )


def _because(reading: Reading) -> str:
    return f"{reading.rule}: {reading.because}" if reading.because else reading.rule
