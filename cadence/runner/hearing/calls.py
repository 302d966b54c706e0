"""A phone call from a person: answered, it is a contact; missed, it is an inquiry that wants an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.events import Event
from cadence.playbook.words import EVENTS
from cadence.runner.hearing.ear import Taken
from cadence.runner.hearing.newcomers import add_newcomer
from cadence.runner.hearing.people import colleague_at
from cadence.runner.record import record_fact
from cadence.store import leads

if TYPE_CHECKING:
    from cadence.inbox.message import Call
    from cadence.runner.hearing.ear import Ear
    from cadence.store.session import Session

__all__ = ["hear_call"]


def hear_call(session: Session, ear: Ear, item: Call) -> Taken:
    """Record a call, with its consequences; a missed one of a new number makes a lead, unless it is of the team."""
    kind = "call.logged" if item.answered else "call.missed"
    if not item.caller:
        return Taken(taken_as=kind, because="the number was withheld")
    at = min(item.at, ear.now).replace(microsecond=0)
    found = leads.find(session, ear.account, phones=[item.caller])
    lead = found[0].lead if found else ""
    if not lead and item.answered:
        return Taken(taken_as=kind, because="somebody answered; the lead is theirs to add")
    if not lead and colleague_at(ear, "sms", item.caller):
        return Taken(taken_as=kind, because="the number of one of the team")
    lead = lead or add_newcomer(session, ear, item.caller, source="phone call", notes="", at=at)
    if not lead:
        return Taken(taken_as=kind, problem="a call from a number that no person has")
    fact = Event(
        type=kind,
        at=at,
        recorded_at=ear.now,
        actor=EVENTS[kind].actor.value,
        data={"result": "answered"} if item.answered else {},
        key=f"{item.source}/{item.key}",
    )
    record_fact(session, ear.account, ear.book, lead, fact)
    return Taken(taken_as=kind, lead=lead)
