"""Locks: which fact is the evidence of a committed next step, and what undoes it; gaps a person must see to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.plans import WORKSPACE, book_of, fact, gaps_at, lead_fact, one_stage, plan_of, play

if TYPE_CHECKING:
    from cadence.engine.book import Book
    from cadence.engine.events import Event

TUESDAY, WEDNESDAY = "2026-11-17", "2026-11-18"

LATER = """
  later:
    owner: sales
    lock: {by: [appointment.booked, appointment.confirmed, callback.scheduled], within: 4h}
    touches: [{id: look, channel: task, day: 2, at: "12:00", if: lock.held, template: t}]
    next: {lead.won: won}
"""


def book(**options: object) -> Book:
    """Return a book of two stages; a task of the second is made only while the next step is locked."""
    stage = "next: {lead.qualified: later, appointment.booked: later}"
    return book_of(plan_of(one_stage("", stage=stage) + LATER, **options))  # type: ignore[arg-type]


def locked(*facts: Event) -> bool:
    """Whether the next step is locked on Wednesday noon; Maria was qualified on Tuesday at eleven."""
    story = [lead_fact(f"{TUESDAY} 10:00"), fact("lead.qualified", f"{TUESDAY} 11:00"), *facts]
    played = play(book(), story, f"{TUESDAY} 00:00", f"{WEDNESDAY} 13:00")
    held = played.rows[-1].outcome == "sent"
    assert ("unlocked" in gaps_at(book(), played, f"{WEDNESDAY} 12:00")) is not held, "the gap list says the same"
    return held


BOOKED = fact("appointment.booked", f"{TUESDAY} 14:00", starts_at="2026-11-20T09:00")


def test_a_booking_locks_the_next_step() -> None:
    assert locked(BOOKED)


def test_nothing_locks_by_itself() -> None:
    assert not locked()


def test_another_fact_does_not_lock() -> None:
    assert not locked(fact("call.logged", f"{TUESDAY} 14:00"))


@pytest.mark.parametrize("kind", ["appointment.cancelled", "appointment.missed"])
def test_a_booking_cancelled_or_missed_is_no_lock_any_more(kind: str) -> None:
    assert not locked(BOOKED, fact(kind, f"{WEDNESDAY} 09:00"))


def test_booking_again_after_a_cancellation_locks_again() -> None:
    again = fact("appointment.booked", f"{WEDNESDAY} 10:00", starts_at="2026-11-20T09:00")

    assert locked(BOOKED, fact("appointment.cancelled", f"{WEDNESDAY} 09:00"), again)


@pytest.mark.parametrize(
    ("starts", "ends", "held"),
    [
        ("2026-11-18T13:00", None, True),
        ("2026-11-18T11:00", None, False),
        ("2026-11-18T11:00", "2026-11-18T12:30", True),
        ("2026-11-18T11:00", "2026-11-18T12:00", False),
    ],
)
def test_a_callback_locks_until_its_window_has_passed(starts: str, ends: str | None, held: bool) -> None:
    window = {"starts_at": starts} | ({"ends_at": ends} if ends else {})

    assert locked(fact("callback.scheduled", f"{TUESDAY} 14:00", **window)) is held


def test_evidence_of_an_earlier_visit_does_not_lock() -> None:
    story = [
        lead_fact(f"{TUESDAY} 10:00"),
        fact("callback.scheduled", f"{TUESDAY} 10:30", starts_at="2026-11-20T09:00"),
        fact("lead.qualified", f"{TUESDAY} 11:00"),
    ]

    played = play(book(), story, f"{TUESDAY} 00:00", f"{WEDNESDAY} 13:00")

    assert played.rows[-1].reason == "condition"


def test_the_booking_that_brings_a_lead_into_a_stage_locks_there() -> None:
    story = [lead_fact(f"{TUESDAY} 10:00"), BOOKED]

    played = play(book(), story, f"{TUESDAY} 00:00", f"{WEDNESDAY} 13:00")

    assert played.rows[-1].outcome == "sent"


def test_a_confirmation_is_undone_when_the_appointment_is_booked_anew() -> None:
    stage = "next: {lead.qualified: later}"
    page = one_stage("", stage=stage) + LATER.replace("appointment.booked, ", "")
    story = [
        lead_fact(f"{TUESDAY} 10:00"),
        fact("lead.qualified", f"{TUESDAY} 11:00"),
        fact("appointment.confirmed", f"{TUESDAY} 12:00"),
    ]
    anew = fact("appointment.booked", f"{TUESDAY} 15:00", starts_at="2026-11-20T09:00")

    confirmed = play(book_of(plan_of(page)), story, f"{TUESDAY} 00:00", f"{WEDNESDAY} 13:00")
    moved = play(book_of(plan_of(page)), [*story, anew], f"{TUESDAY} 00:00", f"{WEDNESDAY} 13:00")

    assert (confirmed.rows[-1].reason, moved.rows[-1].reason) == ("sent", "condition")


def test_a_lead_that_nobody_owns_is_a_gap() -> None:
    workspace = {**WORKSPACE, "team": [member for member in WORKSPACE["team"] if member["id"] == "lee"]}

    played = play(book(workspace=workspace), [lead_fact(f"{TUESDAY} 10:00")], f"{TUESDAY} 00:00", f"{TUESDAY} 12:00")

    assert [gap.code for gap in played.gaps] == ["no_owner", "no_next_action"]
