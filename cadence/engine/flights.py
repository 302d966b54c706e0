"""Messages on their way: how they count from the claim on, and what is taken back when they surely did not go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.events import parse_instant
from cadence.engine.visit import Deferral, Flight
from cadence.playbook.words import PHONE_CHANNELS

if TYPE_CHECKING:
    from cadence.engine.events import Event
    from cadence.engine.state import LeadState

__all__ = ["defer", "land", "take_back", "take_off"]


def take_off(state: LeadState, event: Event) -> None:
    """Count a message from the moment it is claimed: until it is known not to have gone, it may have."""
    data = event.data
    is_text = data["channel"] in PHONE_CHANNELS
    flight = Flight(event.at, bool(data.get("counted")), data.get("answers") or "", is_text)
    state.flights[event.enrolment, data["visit"], data["touch"]] = flight
    _count(state, flight)


def _count(state: LeadState, flight: Flight) -> None:
    if flight.counted:
        state.messages.append(flight.at)
    if flight.text:
        state.texts.append(flight.at)
    if flight.answers:
        state.answered.add(flight.answers)


def land(state: LeadState, event: Event) -> None:
    """Have a message gone for good; one that was thought not to have gone counts again."""
    data = event.data
    flight = state.flights.pop((event.enrolment, data["visit"], data["touch"]), None)
    visit = state.enrolments[event.enrolment].visit
    deferral = visit.deferred.get(data["touch"]) if data["visit"] == visit.number else None
    if flight is None and deferral is not None and deferral.flight is not None:
        _count(state, deferral.flight)


def take_back(state: LeadState, event: Event) -> Flight | None:
    """Stop counting a message that surely did not go; return how it counted."""
    flight = state.flights.pop((event.enrolment, event.data["visit"], event.data["touch"]), None)
    if flight and flight.counted and flight.at in state.messages:
        state.messages.remove(flight.at)
    if flight and flight.text and flight.at in state.texts:
        state.texts.remove(flight.at)
    if flight and flight.answers:
        state.answered.discard(flight.answers)
    return flight


def defer(state: LeadState, event: Event) -> None:
    """Have a message wait that surely did not go."""
    data, visit = event.data, state.enrolments[event.enrolment].visit
    flight = take_back(state, event)
    if data["visit"] == visit.number:
        visit.touches.pop(data["touch"], None)
        visit.deferred[data["touch"]] = Deferral(
            until=parse_instant(data["until"]),
            attempt=data["attempt"],
            tries=data["tries"],
            code=data["code"],
            flight=flight,
        )
