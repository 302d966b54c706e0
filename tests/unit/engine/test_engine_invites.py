"""What a calendar invitation says, read off a lead's log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.clock import lead_clock
from cadence.engine.context import EnrolmentContext
from cadence.engine.invites import invite_of
from cadence.engine.touches import Place
from support.plans import Played, book_of, fact, instant, lead_fact, one_stage, plan_of, play

if TYPE_CHECKING:
    from typing import Any

    from cadence.engine.events import Event

PLAN = plan_of(one_stage("- {id: hello, channel: email, send: now, template: hello}"))
AT = "2026-11-24 13:10"
PERSON = {"address": "418 Oak St", "city": "Kansas City", "state": "MO", "zip": "64110", "service": "roof repair"}


def invited(*facts: Event, kind: str = "appointment.booked") -> dict[str, Any] | None:
    played: Played = play(book_of(PLAN), [lead_fact(AT, **PERSON), *facts], AT, "2026-11-24 16:00", "10m")
    clock = lead_clock(PLAN, played.state.record)
    place = Place(PLAN, played.enrolment, PLAN.playbook.stages["new"], clock)
    return invite_of(EnrolmentContext(place, played.state, instant("2026-11-24 16:00")), kind)


def booked(at: str, starts: str, **data: str) -> Event:
    return fact("appointment.booked", at, starts_at=starts, **data)


def test_it_says_what_was_booked_and_where() -> None:
    invite = invited(booked("2026-11-24 14:00", "2026-12-01T11:00", ends_at="2026-12-01T12:30"))
    assert invite is not None
    assert invite | {"uid": "", "sequence": 0} == {
        "starts_at": "2026-12-01T17:00:00Z",
        "ends_at": "2026-12-01T18:30:00Z",
        "title": "Summit Roofing: roof repair",
        "location": "418 Oak St, Kansas City, MO 64110",
        "uid": "",
        "sequence": 0,
    }


def test_the_latest_booking_counts_and_moves_the_entry_of_the_first() -> None:
    first = booked("2026-11-24 14:00", "2026-12-01T11:00")
    before, after = invited(first), invited(first, booked("2026-11-24 15:00", "2026-12-02T09:00"))
    assert before is not None
    assert after is not None
    assert after["starts_at"] == "2026-12-02T15:00:00Z"
    assert after["uid"] == before["uid"]
    assert after["sequence"] - before["sequence"] == 3600


def test_without_a_booking_or_without_its_hour_there_is_none() -> None:
    assert invited() is None
    assert invited(booked("2026-11-24 14:00", "2026-12-01")) is None
    assert invited(booked("2026-11-24 14:00", "next week")) is None
    assert invited(booked("2026-11-24 14:00", "2026-12-01T11:00"), kind="callback.scheduled") is None


def test_an_end_that_is_a_mere_day_is_none() -> None:
    invite = invited(booked("2026-11-24 14:00", "2026-12-01T11:00", ends_at="2026-12-01"))
    assert invite is not None
    assert invite["ends_at"] == "2026-12-01T18:00:00Z"
