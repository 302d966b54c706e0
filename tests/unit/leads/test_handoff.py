"""The draft of a hand-off note: short, from what is on the record, with nothing made up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cadence.leads.handoff import PARTS, Handoff, draft, written
from support.plans import book_of, fact, instant, lead_fact, one_stage, plan_of, play

if TYPE_CHECKING:
    from cadence.engine.book import Book
    from cadence.engine.events import Event

TUESDAY, WEDNESDAY = "2026-11-17", "2026-11-18"
MORE = """
  later:
    owner: sales
    require: {to_enter: [handoff, appointment.booked.starts_at]}
    next: {lead.won: won}
"""
STAGE = """
require: {to_leave: [lead.service, lead.zip]}
lock: {by: [appointment.booked], within: 24h}
next: {lead.qualified: later, lead.won: won}
"""
TOUCHES = """
- {id: hello, channel: sms, send: now, template: hello}
- {id: ring, channel: call, after: 30m, template: talk}
"""
TEXTS = {"talk.call.j2": "Ask {{ lead.first_name or 'them' }}: is it {{ lead.urgency or 'urgent' }}?\nOffer a day."}


def shop(**options: Any) -> Book:
    return book_of(plan_of(one_stage(TOUCHES, stage=STAGE) + MORE, templates=TEXTS, **options))


def note(*facts: Event, now: str = f"{WEDNESDAY} 12:00", **record: Any) -> Handoff:
    book = shop()
    played = play(book, [lead_fact(f"{TUESDAY} 11:00", **record), *facts], f"{TUESDAY} 00:00", now)
    return draft(book, played.state, played.enrolment, played.events, instant(now))


def test_it_says_what_they_want_in_their_own_words() -> None:
    drafted = note(service="roof repair", urgency="leak", notes="water\n over  the stove")
    assert drafted.wants == "roof repair, leak: water over the stove"
    assert note().wants == "not said yet"


def test_it_says_what_was_said_last_by_both_sides_and_how_often_they_were_written_to() -> None:
    drafted = note(
        fact("reply", f"{TUESDAY} 12:00", text="Call me after six"),
        fact("call.logged", f"{TUESDAY} 18:05", result="spoke", note="husband decides"),
        fact("note.added", f"{WEDNESDAY} 09:00", text="dog in the yard"),
        fact("visit.logged", f"{WEDNESDAY} 10:00", result="no decision"),
    )
    assert drafted.said == "17 Nov we: spoke, husband decides; 18 Nov we: dog in the yard; 18 Nov we: no decision"
    assert drafted.history == "1 text, 1 call, 1 visit; last heard from them Tue 17 Nov 12:00"
    assert '17 Nov they: "Call me after six"' in note(fact("reply", f"{TUESDAY} 12:00", text="Call me after six")).said


def test_it_says_what_the_next_stage_asks_for_but_not_for_the_note_itself() -> None:
    drafted = note(email=None, service="roof")
    assert "hand-off note" not in drafted.missing
    assert drafted.missing.split("; ") == [
        "lead.zip is not known",
        "appointment.booked.starts_at is not known",
        "e-mail is not known",
        "no locked next step",
    ]


def test_what_is_known_is_not_missing() -> None:
    booked = fact("appointment.booked", f"{TUESDAY} 12:00", starts_at="2026-11-20T09:00")
    assert note(booked, service="roof", zip="64110").missing == ""


def test_it_says_who_acts_next_and_when_and_what_to_say_then() -> None:
    drafted = note(urgency="leak")
    assert (drafted.next, drafted.who) == ("Call Maria Lopez: ring", "dana")
    assert drafted.check_back == "2026-11-17T17:30:00Z"
    assert drafted.track == "Ask Maria: is it leak? Offer a day."


def test_where_nobody_acts_next_it_says_what_happens_by_itself() -> None:
    drafted = note(now=f"{TUESDAY} 11:05")
    assert (drafted.next, drafted.who) == ("call 'ring' is made by itself", "dana")


@pytest.mark.parametrize("kind", ["lead.won", "lead.lost"])
def test_of_a_job_that_is_over_it_has_no_next_step(kind: str) -> None:
    drafted = note(fact(kind, f"{TUESDAY} 15:00"), service="roof", zip="64110")
    assert (drafted.next, drafted.missing, drafted.track, drafted.wants) == ("", "", "", "roof")


def test_however_much_was_written_it_stays_short() -> None:
    long = "word " * 2000
    drafted = note(fact("reply", f"{TUESDAY} 12:00", text=long), notes=long, service="roof")
    assert all(len(str(getattr(drafted, name))) <= 160 for name in PARTS)
    assert len(drafted.track) <= 240


def test_what_somebody_wrote_is_read_as_it_stands() -> None:
    told = fact("handoff.noted", f"{TUESDAY} 12:00", wants="a roof", check_back="2026-12-01", by="dana")
    assert written(told) == Handoff(wants="a roof", check_back="2026-12-01")
    assert written(told).data() == {"wants": "a roof", "check_back": "2026-12-01"}
