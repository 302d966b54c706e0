"""Stops, pauses and replies: what ends a sequence, what only holds it, and who has the next step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cadence.engine.decide import decide, observe
from cadence.engine.decision import Outcome, Reason
from cadence.engine.events import Decided, Event
from cadence.engine.fold import apply
from cadence.engine.state import LeadState
from support.plans import Played, book_of, fact, gaps_at, instant, lead_fact, local_text, one_stage, plan_of, play

if TYPE_CHECKING:
    from cadence.engine.book import Book

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (f"2026-11-{day}" for day in (17, 18, 19, 20))
LATER = "2026-12-24 00:00"

SHOP = """
    calendar: {business_hours: {mon-fri: "08:00-18:00"}}
    limits: {messages_per_day: 9, messages_per_week: 99, min_gap: 1m}
    stop_on: [reply, appointment.booked]
"""
SEQUENCE = """
    - {id: text, channel: sms, after: 1d, template: t}
    - {id: mail, channel: email, after: 2d, template: t}
    - {id: ring, channel: call, after: 3d, template: t}
    - {id: look, channel: task, after: 4d, template: t}
    - {id: list, channel: audience, after: 5d, list: everyone}
"""
ROAD = """
  booked:
    owner: dispatcher
    touches: [{id: prepare, channel: sms, after: 1d, template: t}]
    next: {estimate.sent: estimate, lead.won: won}
  estimate:
    owner: sales
    touches:
      - {id: follow-up, channel: sms, after: 1d, template: t}
      - {id: ring-up, channel: call, after: 2d, template: t}
    next: {lead.won: won}
"""
ONWARD = "next: {appointment.booked: booked, estimate.sent: estimate, lead.won: won}"


def road(touches: str = SEQUENCE, *, top: str = SHOP, stage: str = ONWARD) -> Book:
    """Return a book of three stages: new, booked, estimate."""
    return book_of(plan_of(one_stage(touches, top=top, stage=stage) + ROAD))


def still(touches: str = SEQUENCE, *, top: str = SHOP, stage: str = "next: {lead.won: won}") -> Book:
    """Return a book of one stage that only winning ends."""
    return book_of(plan_of(one_stage(touches, top=top, stage=stage)))


def story(book: Book, *facts: Event, end: str = LATER, lead: Event | None = None, tick: str = "1m") -> Played:
    """Play facts after Maria came in on Tuesday at ten."""
    return play(book, [lead or lead_fact(f"{TUESDAY} 10:00"), *facts], f"{TUESDAY} 00:00", end, tick)


def outcomes(played: Played) -> dict[str, str]:
    """What became of each touch: its outcome, or what stopped it."""
    return {
        each.touch: each.detail if each.outcome is Outcome.STOPPED else each.reason.code for each in played.verdicts
    }


def two_jobs(**tops: str) -> list[Event]:
    """Maria asks for a roof, and a day later for gutters."""
    return [lead_fact(f"{TUESDAY} 10:00", job="roof"), lead_fact(f"{TUESDAY} 10:01", job="gutters")]


def ended(played: Played, job: str) -> set[str]:
    """The reasons for which touches of one job ended."""
    return {each.reason.code for each in played.verdicts if f"/{job}/" in each.key}


# a reply


@pytest.mark.demand("B6")
def test_a_reply_ends_all_that_is_left_of_the_sequence_calls_and_tasks_included() -> None:
    played = story(still(), fact("reply", f"{WEDNESDAY} 12:00", text="call me"))

    assert outcomes(played) == {"text": "sent", "mail": "reply", "ring": "reply", "look": "reply", "list": "reply"}


@pytest.mark.parametrize("channel", ["sms", "email", "phone"])
def test_a_reply_on_any_channel_stops(channel: str) -> None:
    played = story(still(), fact("reply", f"{TUESDAY} 12:00", channel=channel))

    assert played.sent() == []


@pytest.mark.demand("C2")
def test_a_reply_names_the_owner_the_next_step_and_when_it_is_due() -> None:
    in_hours = story(still(), fact("reply", f"{TUESDAY} 12:00", text="call me"))
    at_night = story(still(), fact("reply", f"{TUESDAY} 22:00", text="call me"))

    assert in_hours.task_list() == [("Answer Maria Lopez", "dana", f"{TUESDAY} 12:00")]
    assert in_hours.tasks[0].body == "call me"
    assert at_night.task_list() == [("Answer Maria Lopez", "dana", f"{WEDNESDAY} 08:00")]


def test_a_reply_stops_every_enrolment_of_the_person() -> None:
    played = story(still(), fact("reply", f"{TUESDAY} 12:00"), lead=two_jobs()[0])
    both = play(still(), [*two_jobs(), fact("reply", f"{TUESDAY} 12:00")], f"{TUESDAY} 00:00", LATER)

    assert ended(played, "roof") == {"stopped"}
    assert ended(both, "roof") == ended(both, "gutters") == {"stopped"}
    assert [task.enrolment for task in both.tasks] == ["maria/roofer/roof/1", "maria/roofer/gutters/1"]


def test_a_reply_told_with_a_job_stops_the_other_jobs_too() -> None:
    facts = [*two_jobs(), fact("reply", f"{TUESDAY} 12:00", job="roof")]

    played = play(still(), facts, f"{TUESDAY} 00:00", LATER)

    assert ended(played, "roof") == ended(played, "gutters") == {"stopped"}


def test_a_reply_stops_the_sequences_of_every_playbook() -> None:
    plans = [plan_of(f"playbook: {name}\n" + one_stage(SEQUENCE, top=SHOP)) for name in ("gutters", "siding")]

    played = story(book_of(*plans), fact("reply", f"{TUESDAY} 12:00"))

    assert played.sent() == []
    assert {each.playbook for each in played.verdicts} == {"gutters", "siding"}


def test_a_reply_stops_only_the_job_it_names_where_the_scope_is_the_enrolment() -> None:
    book = still(top=SHOP + "    stop_scope: enrolment\n")
    facts = [*two_jobs(), fact("reply", f"{TUESDAY} 12:00", job="roof")]

    played = play(book, facts, f"{TUESDAY} 00:00", LATER)

    assert ended(played, "roof") == {"stopped"}
    assert ended(played, "gutters") == {"sent"}
    assert [task.enrolment for task in played.tasks] == ["maria/roofer/roof/1"]


def test_a_reply_that_names_no_job_stops_the_one_that_wrote_last_where_the_scope_is_the_enrolment() -> None:
    book = still(top=SHOP + "    stop_scope: enrolment\n")
    facts = [*two_jobs(), fact("reply", f"{WEDNESDAY} 12:00")]

    played = play(book, facts, f"{TUESDAY} 00:00", LATER)

    assert ended(played, "roof") == {"sent"}
    assert ended(played, "gutters") == {"sent", "stopped"}


def test_a_reply_does_not_stop_where_the_page_does_not_say_so_but_still_makes_a_task() -> None:
    book = still(top=SHOP.replace("reply, ", ""))

    played = story(book, fact("reply", f"{TUESDAY} 12:00"))

    assert len(played.sent()) == 5
    assert [title for title, _, _ in played.task_list()] == ["Answer Maria Lopez"]


def test_a_second_reply_makes_a_second_task_and_the_same_one_told_twice_does_not() -> None:
    reply = fact("reply", f"{TUESDAY} 12:00", text="hello?")
    played = story(still(), reply, reply, fact("reply", f"{TUESDAY} 12:30", text="anybody?"))

    assert [task.body for task in played.tasks] == ["hello?", "anybody?"]


def test_a_reply_after_the_enrolment_has_ended_still_makes_a_task() -> None:
    played = story(still(), fact("lead.won", f"{TUESDAY} 11:00"), fact("reply", f"{WEDNESDAY} 12:00", text="thanks"))

    assert [title for title, _, _ in played.task_list()] == ["Answer Maria Lopez"]


def test_a_later_stage_starts_its_own_sequence_after_a_reply() -> None:
    facts = fact("reply", f"{TUESDAY} 12:00"), fact("estimate.sent", f"{THURSDAY} 09:00")

    played = story(road(), *facts)

    assert played.of("follow-up") == [(f"{FRIDAY} 09:00", "sent", "sent")]


def test_what_had_expired_before_the_stop_is_late_not_stopped() -> None:
    book = still(SEQUENCE)
    facts = [lead_fact(f"{TUESDAY} 10:00"), fact("reply", f"{FRIDAY} 09:00")]

    played = play(book, facts, f"{FRIDAY} 12:00", LATER)

    assert outcomes(played)["text"] == "late"
    assert outcomes(played)["mail"] == "reply"


def test_a_touch_that_was_stopped_names_the_line_of_the_page_that_stops_it() -> None:
    played = story(still(), fact("reply", f"{TUESDAY} 12:00"))
    line = still().current["roofer"].playbook.stop_on["reply"]

    assert line > 0
    assert {each.line for each in played.verdicts} == {line}


# booking, winning, losing


def test_booking_stops_its_own_job_only() -> None:
    book = still()
    facts = [*two_jobs(), fact("appointment.booked", f"{TUESDAY} 12:00", job="roof")]

    played = play(book, facts, f"{TUESDAY} 00:00", LATER)

    assert ended(played, "roof") == {"stopped"}
    assert ended(played, "gutters") == {"sent"}


@pytest.mark.parametrize(("kind", "end"), [("lead.won", "won"), ("lead.lost", "lost"), ("lead.disqualified", "lost")])
def test_winning_and_losing_end_their_own_job_only(kind: str, end: str) -> None:
    facts = [*two_jobs(), fact(kind, f"{TUESDAY} 12:00", job="roof")]

    played = play(still(), facts, f"{TUESDAY} 00:00", LATER)

    assert {each.id: each.end for each in played.state.enrolments.values()} == {
        "maria/roofer/roof/1": end,
        "maria/roofer/gutters/1": "",
    }
    assert ended(played, "roof") == {"stage_left"}


def test_a_stop_that_does_not_move_the_lead_names_owner_next_step_and_due_time() -> None:
    played = story(still(), fact("appointment.booked", f"{TUESDAY} 20:00"))

    assert played.task_list() == [
        ("Maria Lopez: an appointment was booked - decide the next step", "dana", f"{WEDNESDAY} 08:00")
    ]


def test_a_stop_that_moves_the_lead_on_leaves_the_next_step_to_the_next_stage() -> None:
    played = story(road(), fact("appointment.booked", f"{TUESDAY} 12:00"), end=f"{WEDNESDAY} 00:00")
    ahead = decide(road(), played.state, instant(f"{WEDNESDAY} 00:00")).verdicts[0]

    assert outcomes(played) == dict.fromkeys(["text", "mail", "ring", "look", "list"], "appointment.booked")
    assert played.enrolment.owner == "ola"
    assert (ahead.touch, ahead.due_at) == ("prepare", instant(f"{WEDNESDAY} 12:00"))


# touches anchored on what stops

ANCHORED = """
    - {id: text, channel: sms, after: 1d, template: t}
    - {id: remind, channel: sms, anchor: appointment.booked.starts_at, before: 2h, template: t}
    - {id: thanks, channel: sms, anchor: appointment.booked, after: 5m, template: t}
"""


def test_touches_anchored_on_the_very_event_that_stops_survive_it() -> None:
    played = story(still(ANCHORED), fact("appointment.booked", f"{TUESDAY} 12:00", starts_at=f"{FRIDAY}T09:00"))

    assert played.of("text")[0][1:] == ("stopped", "stopped")
    assert played.sent("thanks") == [f"{TUESDAY} 12:05"]
    assert played.sent("remind") == [f"{FRIDAY} 07:00"]


def test_another_stop_ends_what_the_first_one_left() -> None:
    book = still(ANCHORED)
    facts = (
        fact("appointment.booked", f"{TUESDAY} 12:00", starts_at=f"{FRIDAY}T09:00"),
        fact("reply", f"{WEDNESDAY} 12:00"),
    )

    played = story(book, *facts)

    assert outcomes(played) == {"text": "appointment.booked", "thanks": "sent", "remind": "reply"}


def test_booking_again_moves_what_hangs_on_the_booking() -> None:
    facts = (
        fact("appointment.booked", f"{TUESDAY} 12:00", starts_at=f"{FRIDAY}T09:00"),
        fact("appointment.booked", f"{WEDNESDAY} 12:00", starts_at=f"{FRIDAY}T15:00"),
    )

    assert story(still(ANCHORED), *facts).sent("remind") == [f"{FRIDAY} 13:00"]


def test_a_touch_anchored_on_a_stop_that_was_ended_before_does_not_come_back() -> None:
    facts = (
        fact("reply", f"{TUESDAY} 11:00"),
        fact("appointment.booked", f"{TUESDAY} 12:00", starts_at=f"{FRIDAY}T09:00"),
    )

    assert story(still(ANCHORED), *facts).sent() == []


# an opt-out


def test_an_opt_out_stops_although_the_page_does_not_say_so() -> None:
    played = story(
        still(top=SHOP.replace("stop_on: [reply, appointment.booked]", "")), fact("opt_out", f"{TUESDAY} 12:00")
    )

    assert outcomes(played) == dict.fromkeys(["text", "mail", "ring", "look", "list"], "opt_out")
    assert {each.reason for each in played.verdicts} == {Reason.OPTED_OUT}


def test_an_opt_out_tells_the_owner() -> None:
    played = story(still(), fact("opt_out", f"{TUESDAY} 12:00"))

    assert played.task_list() == [("Maria Lopez asked us to stop: write no more messages", "dana", f"{TUESDAY} 12:00")]


def test_an_opt_out_holds_for_good_in_later_stages_too_but_a_colleague_may_still_call() -> None:
    facts = fact("opt_out", f"{TUESDAY} 12:00"), fact("estimate.sent", f"{THURSDAY} 09:00")

    played = story(road(), *facts)

    assert outcomes(played)["follow-up"] == "opt_out"
    assert played.sent() == ["2026-11-21 09:00"], "only the call"


def test_an_opt_out_stops_every_job_whichever_it_was_told_of() -> None:
    facts = [*two_jobs(), fact("opt_out", f"{TUESDAY} 12:00", job="roof")]

    played = play(still(), facts, f"{TUESDAY} 00:00", LATER)

    assert ended(played, "roof") == ended(played, "gutters") == {"opted_out"}


def test_an_opt_out_holds_for_a_job_that_comes_later() -> None:
    facts = fact("opt_out", f"{TUESDAY} 12:00"), lead_fact(f"{WEDNESDAY} 12:00", job="gutters")

    played = story(still(), *facts)

    assert {each.outcome.value for each in played.verdicts if each.channel in ("sms", "email", "audience")} == {
        "stopped"
    }


def test_an_opt_out_stops_even_the_answer_to_an_inquiry() -> None:
    answer = "- {id: answer, channel: sms, send: now, answers: inquiry, template: t}"
    facts = fact("opt_out", f"{TUESDAY} 12:00"), lead_fact(f"{WEDNESDAY} 12:00", job="gutters")

    assert story(still(answer), *facts).sent() == [f"{TUESDAY} 10:00"]


def test_an_opt_in_returns_the_person_from_the_next_stage_on() -> None:
    facts = (
        fact("opt_out", f"{TUESDAY} 12:00"),
        fact("opt_in", f"{WEDNESDAY} 12:00"),
        fact("estimate.sent", f"{THURSDAY} 09:00"),
    )

    played = story(road(), *facts)

    assert outcomes(played)["mail"] == "opt_out"
    assert played.sent("follow-up") == [f"{FRIDAY} 09:00"]


def test_an_old_opt_in_that_is_learned_late_does_not_undo_a_newer_opt_out() -> None:
    facts = (
        fact("opt_out", f"{TUESDAY} 12:00"),
        fact("opt_in", f"{TUESDAY} 11:00", learned=f"{TUESDAY} 13:00"),
        fact("estimate.sent", f"{THURSDAY} 09:00"),
    )

    assert story(road(), *facts).sent("follow-up") == []


def test_an_old_opt_out_that_is_learned_late_ends_the_sequence_but_not_the_return() -> None:
    facts = (
        fact("opt_in", f"{TUESDAY} 12:00"),
        fact("opt_out", f"{TUESDAY} 11:00", learned=f"{TUESDAY} 13:00"),
        fact("estimate.sent", f"{THURSDAY} 09:00"),
    )

    played = story(road(), *facts)

    assert outcomes(played)["text"] == "opt_out"
    assert played.sent("follow-up") == [f"{FRIDAY} 09:00"]


# an acknowledgement

BOOKED = """
    - {id: confirm, channel: sms, send: now, expects: ack, template: t}
    - {id: remind, channel: sms, after: 1d, expects: ack, if: not lock.held, template: t}
"""
LOCKED = """
    lock: {by: [appointment.confirmed], within: 24h}
    next: {lead.won: won}
"""


def test_an_acknowledgement_of_a_pending_confirmation_locks_and_does_not_stop() -> None:
    played = story(still(BOOKED, stage=LOCKED), fact("acknowledgement", f"{TUESDAY} 12:00", text="yes"))

    assert outcomes(played) == {"confirm": "sent", "remind": "condition"}
    assert played.task_list() == []
    assert [entry.data["by"] for entry in played.entries("appointment.confirmed")] == ["acknowledgement"]


def test_an_acknowledgement_of_nothing_is_a_reply() -> None:
    played = story(still(), fact("acknowledgement", f"{TUESDAY} 12:00", text="ok"))

    assert played.sent() == []
    assert played.task_list() == [("Answer Maria Lopez", "dana", f"{TUESDAY} 12:00")]


def test_an_acknowledgement_of_nothing_stops_every_job_as_a_reply_does() -> None:
    facts = [*two_jobs(), fact("acknowledgement", f"{TUESDAY} 12:00", job="roof")]

    played = play(still(), facts, f"{TUESDAY} 00:00", LATER)

    assert ended(played, "roof") == ended(played, "gutters") == {"stopped"}


def test_a_second_acknowledgement_is_a_reply() -> None:
    facts = (
        fact("acknowledgement", f"{TUESDAY} 12:00"),
        fact("acknowledgement", f"{TUESDAY} 12:30", text="and bring a ladder"),
    )

    played = story(still(BOOKED, stage=LOCKED), *facts)

    assert [task.body for task in played.tasks] == ["and bring a ladder"]


def test_an_acknowledgement_of_a_confirmation_that_may_have_been_lost_confirms() -> None:
    book = still(BOOKED, stage=LOCKED)
    state = observe(book, LeadState(lead="maria"), lead_fact(f"{TUESDAY} 10:00"), instant(f"{TUESDAY} 10:00")).state
    claimed = decide(book, state, instant(f"{TUESDAY} 10:00"))
    verdict = claimed.claims[0].verdict
    apply(
        claimed.state,
        Event(
            type=Decided.TOUCH_UNKNOWN,
            at=instant(f"{TUESDAY} 10:05"),
            recorded_at=instant(f"{TUESDAY} 10:05"),
            enrolment=verdict.enrolment,
            data={"touch": verdict.touch, "visit": verdict.visit, "channel": verdict.channel},
        ),
    )

    ack = fact("acknowledgement", f"{TUESDAY} 11:00")
    answered = observe(book, claimed.state, ack, ack.at)

    assert "appointment.confirmed" in answered.state.latest
    assert answered.tasks == ()


def test_delivery_alone_does_not_lock() -> None:
    book = still(BOOKED, stage=LOCKED)
    played = story(book, end=f"{THURSDAY} 00:00")

    gaps = {
        at: [code for code in gaps_at(book, played, f"{WEDNESDAY} {at}") if code == "unlocked"]
        for at in ("09:59", "10:00")
    }

    assert outcomes(played) == {"confirm": "sent", "remind": "sent"}
    assert gaps == {"09:59": [], "10:00": ["unlocked"]}, "24 hours are allowed for it"


def test_an_acknowledgement_moves_the_lead_where_the_page_says() -> None:
    stage = "next: {appointment.confirmed: booked}"

    assert story(road(BOOKED, stage=stage), fact("acknowledgement", f"{TUESDAY} 12:00")).stage == "booked"


# a snooze


@pytest.mark.demand("C4")
def test_a_snooze_with_a_date_pauses_until_then_and_gives_the_owner_a_task_that_day() -> None:
    played = story(still(), fact("snooze", f"{TUESDAY} 12:00", until=f"{THURSDAY}T09:30"))

    assert played.sent("text") == [f"{THURSDAY} 09:30"]
    assert played.task_list() == [("Maria Lopez asked to hear from us today", "dana", f"{THURSDAY} 09:30")]


def test_a_snooze_until_a_mere_date_ends_at_touch_time() -> None:
    played = story(still(), fact("snooze", f"{TUESDAY} 12:00", until=THURSDAY))

    assert played.task_list() == [("Maria Lopez asked to hear from us today", "dana", f"{THURSDAY} 10:00")]


@pytest.mark.parametrize("data", [{}, {"until": "2026-11-01"}, {"until": "next week"}])
def test_a_snooze_without_a_date_that_lies_ahead_is_a_week(data: dict[str, str]) -> None:
    played = story(still(), fact("snooze", f"{TUESDAY} 12:00", **data))

    assert played.task_list() == [("Maria Lopez asked to hear from us today", "dana", "2026-11-24 12:00")]
    assert played.sent() == []


def test_a_snooze_is_not_a_reply_and_does_not_stop() -> None:
    played = story(still(), fact("snooze", f"{TUESDAY} 12:00", until=f"{WEDNESDAY}T09:00"))

    assert {each.outcome for each in played.verdicts} == {Outcome.SENT}


def test_a_snooze_ends_early_when_the_person_writes() -> None:
    facts = fact("snooze", f"{TUESDAY} 12:00"), fact("call.missed", f"{TUESDAY} 15:00")

    played = story(still(), *facts)

    assert played.sent("text") == [f"{WEDNESDAY} 10:00"]
    assert "asked to hear from us today" not in str(played.task_list())


@pytest.mark.parametrize("kind", ["note.added", "task.done", "call.logged", "message.sent.by_person"])
def test_a_snooze_does_not_end_because_a_colleague_noted_something(kind: str) -> None:
    facts = fact("snooze", f"{TUESDAY} 12:00", until=f"{THURSDAY}T09:00"), fact(kind, f"{TUESDAY} 12:05")

    assert story(still(), *facts).sent("text") == [f"{THURSDAY} 09:00"]


def test_a_snooze_ends_when_a_colleague_moves_the_lead_on() -> None:
    facts = fact("snooze", f"{TUESDAY} 12:00"), fact("appointment.booked", f"{WEDNESDAY} 09:00")

    assert story(road(), *facts).sent("prepare") == [f"{THURSDAY} 09:00"]


@pytest.mark.parametrize(
    ("first", "second"), [("2026-12-15", f"{THURSDAY}T09:00"), (f"{WEDNESDAY}T09:00", f"{THURSDAY}T09:00")]
)
def test_a_newer_snooze_takes_the_place_of_the_older(first: str, second: str) -> None:
    facts = fact("snooze", f"{TUESDAY} 12:00", until=first), fact("snooze", f"{TUESDAY} 13:00", until=second)

    played = story(still(), *facts)

    assert played.sent("text") == [f"{THURSDAY} 09:00"]
    assert played.task_list() == [("Maria Lopez asked to hear from us today", "dana", f"{THURSDAY} 09:00")]


def test_a_snooze_waits_with_its_reason_and_end() -> None:
    played = story(still(), fact("snooze", f"{TUESDAY} 12:00", until=FRIDAY), end=f"{THURSDAY} 00:00")
    book = still()

    waiting = decide(book, played.state, instant(f"{WEDNESDAY} 12:00")).verdicts[0]

    assert (waiting.touch, waiting.reason, waiting.until) == ("text", Reason.SNOOZED, instant(f"{FRIDAY} 10:00"))


@pytest.mark.parametrize("tick", ["1m", "60m"])
def test_a_snooze_that_has_run_out_gives_its_task_although_the_person_writes_right_after(tick: str) -> None:
    facts = fact("snooze", f"{TUESDAY} 12:00", until=f"{WEDNESDAY}T09:05"), fact("call.missed", f"{WEDNESDAY} 09:10")

    played = story(still(), *facts, tick=tick)

    assert ("Maria Lopez asked to hear from us today", "dana", f"{WEDNESDAY} 09:05") in played.task_list()


def test_the_end_of_a_snooze_makes_no_task_for_a_job_that_came_after_it() -> None:
    early, late = two_jobs()
    facts = [early, fact("snooze", f"{TUESDAY} 10:00:30", until=FRIDAY), late]

    played = play(still(), facts, f"{TUESDAY} 00:00", LATER)

    assert [task.enrolment for task in played.tasks] == ["maria/roofer/roof/1"]


# not interested


def test_not_interested_closes_the_lead_with_the_reason() -> None:
    played = story(still(), fact("not_interested", f"{TUESDAY} 12:00", reason="went with another roofer"))

    assert (played.enrolment.end, played.stage) == ("lost", "lost")
    assert played.enrolment.latest["not_interested"].data["reason"] == "went with another roofer"
    assert {each.outcome for each in played.verdicts} == {Outcome.STOPPED}


def test_not_interested_goes_where_the_page_says() -> None:
    played = story(road(stage="next: {not_interested: booked}"), fact("not_interested", f"{TUESDAY} 12:00"))

    assert played.stage == "booked"


# an automatic answer


def test_out_of_office_pauses_until_its_date() -> None:
    played = story(still(), fact("automatic", f"{TUESDAY} 12:00", kind="out_of_office", until=f"{THURSDAY}T08:00"))

    assert played.sent("text") == [f"{THURSDAY} 08:00"]
    assert played.task_list() == []


def test_out_of_office_without_a_date_pauses_for_three_days() -> None:
    played = story(still(), fact("automatic", f"{TUESDAY} 12:00", kind="out_of_office"), end=f"{FRIDAY} 13:00")

    assert outcomes(played) == {"text": "late", "mail": "late", "ring": "sent"}
    assert played.sent("ring") == [f"{FRIDAY} 12:00"]


def test_out_of_office_whose_date_has_passed_does_not_pause() -> None:
    played = story(still(), fact("automatic", f"{TUESDAY} 12:00", kind="out_of_office", until="2026-11-01"))

    assert played.sent("text") == [f"{WEDNESDAY} 10:00"]


def test_other_automatic_answers_are_nothing() -> None:
    played = story(still(), fact("automatic", f"{TUESDAY} 12:00", kind="delivery"))

    assert len(played.sent()) == 5
    assert played.task_list() == []


# pausing


def pause(scope: str, at: str, **data: str) -> Event:
    """The entry that a pause makes."""
    return fact(Decided.PAUSED, at, scope=scope, **data)


def resume(scope: str, at: str, **data: str) -> Event:
    """The entry that the end of a pause makes."""
    return fact(Decided.RESUMED, at, scope=scope, **data)


SCOPES: list[tuple[str, dict[str, str]]] = [("all", {}), ("playbook", {"playbook": "roofer"}), ("lead", {})]


@pytest.mark.parametrize(("scope", "data"), SCOPES)
def test_a_pause_holds_touches_and_ends_like_an_outage_of_that_length(scope: str, data: dict[str, str]) -> None:
    from_, to = f"{WEDNESDAY} 09:00", f"{THURSDAY} 09:00"
    lead = lead_fact(f"{TUESDAY} 10:00")

    paused = story(still(), pause(scope, from_, **data), resume(scope, to, **data))
    before = play(still(), [lead], f"{TUESDAY} 00:00", from_)
    outage = play(still(), [], to, LATER, state=before.state)

    assert paused.rows == [*before.rows, *outage.rows]
    assert paused.sent("text") == [f"{THURSDAY} 09:00"]


def test_a_long_pause_skips_what_became_too_late_and_drops_nobody() -> None:
    played = story(still(), pause("all", f"{TUESDAY} 12:00"), resume("all", f"{FRIDAY} 12:00"))

    assert outcomes(played) == {"text": "late", "mail": "late", "ring": "sent", "look": "sent", "list": "sent"}
    assert played.enrolment.active


def test_a_pause_of_one_playbook_leaves_the_others_alone() -> None:
    plans = [plan_of(f"playbook: {name}\n" + one_stage(SEQUENCE, top=SHOP)) for name in ("gutters", "siding")]

    played = story(book_of(*plans), pause("playbook", f"{TUESDAY} 12:00", playbook="gutters"), end="2026-11-25 00:00")

    assert {each.playbook for each in played.verdicts} == {"siding"}


def test_resuming_the_lead_does_not_end_a_pause_of_the_whole_shop() -> None:
    facts = pause("lead", f"{TUESDAY} 11:00"), pause("all", f"{TUESDAY} 12:00"), resume("lead", f"{TUESDAY} 13:00")

    assert story(still(), *facts).sent() == []


def test_a_pause_says_so_on_every_touch_that_is_due() -> None:
    played = story(still(), pause("lead", f"{TUESDAY} 12:00"), end=f"{WEDNESDAY} 09:00")

    waiting = decide(still(), played.state, instant(f"{WEDNESDAY} 12:00")).verdicts[0]

    assert (waiting.touch, waiting.reason, waiting.until) == ("text", Reason.PAUSED, None)


SILENT = "next: {silence: {after: 2d, to: booked}}"


@pytest.mark.parametrize(
    ("facts", "moved"),
    [
        ([], f"{THURSDAY} 10:00"),
        ([pause("all", f"{WEDNESDAY} 00:00"), resume("all", f"{WEDNESDAY} 12:00")], f"{THURSDAY} 22:00"),
        ([pause("lead", f"{WEDNESDAY} 00:00"), resume("lead", f"{WEDNESDAY} 12:00")], f"{THURSDAY} 22:00"),
        (
            [
                pause("lead", f"{WEDNESDAY} 00:00"),
                pause("all", f"{WEDNESDAY} 06:00"),
                resume("lead", f"{WEDNESDAY} 12:00"),
                resume("all", f"{WEDNESDAY} 18:00"),
            ],
            f"{FRIDAY} 04:00",
        ),
        (
            [
                pause("playbook", f"{WEDNESDAY} 00:00", playbook="plumber"),
                resume("playbook", f"{WEDNESDAY} 12:00", playbook="plumber"),
            ],
            f"{THURSDAY} 10:00",
        ),
    ],
)
def test_silence_stands_still_while_paused(facts: list[Event], moved: str) -> None:
    played = story(road(stage=SILENT), *facts)

    assert local_text(played.entries(Decided.STAGE_ENTERED)[1].at) == moved


def test_silence_stands_still_while_a_pause_has_no_end() -> None:
    assert story(road(stage=SILENT), pause("all", f"{WEDNESDAY} 00:00")).stage == "new"


# enter_on


def test_a_missed_call_of_a_lead_further_along_never_moves_it_backwards_and_makes_a_task() -> None:
    facts = fact("estimate.sent", f"{TUESDAY} 12:00"), fact("call.missed", f"{WEDNESDAY} 07:00")

    played = story(road(), *facts, end=f"{WEDNESDAY} 10:00")

    assert played.stage == "estimate"
    assert played.task_list() == [
        ("Maria Lopez: a call from the lead was missed - call back", "lee", f"{WEDNESDAY} 08:00")
    ]


def test_a_missed_call_of_a_lead_in_the_very_stage_does_not_start_it_again() -> None:
    played = story(still(), fact("call.missed", f"{TUESDAY} 12:00"), end=f"{WEDNESDAY} 00:00")

    assert played.enrolment.visit.number == 1
    assert [title for title, _, _ in played.task_list()] == ["Maria Lopez: a call from the lead was missed - call back"]


@pytest.mark.parametrize("top", [SHOP.replace("[reply", "[call.missed, reply")])
def test_a_missed_call_that_stops_the_sequence_makes_one_task(top: str) -> None:
    played = story(still(top=top), fact("call.missed", f"{TUESDAY} 12:00"))

    assert [title for title, _, _ in played.task_list()] == [
        "Maria Lopez: a call from the lead was missed - decide the next step"
    ]


def test_a_missed_call_that_moves_the_lead_on_by_the_page_makes_no_task_besides() -> None:
    played = story(road(stage="next: {call.missed: booked}"), fact("call.missed", f"{TUESDAY} 12:00"))

    assert played.stage == "booked"
    assert played.task_list() == []


def test_enter_on_moves_a_lead_forward() -> None:
    later = ROAD.replace("  booked:\n    owner", "  booked:\n    enter_on: [callback.scheduled]\n    owner")
    book = book_of(plan_of(one_stage(SEQUENCE, top=SHOP, stage=ONWARD) + later))

    assert story(book, fact("callback.scheduled", f"{TUESDAY} 12:00")).stage == "booked"


def test_an_event_enrols_a_person_whose_earlier_enrolment_has_ended() -> None:
    facts = fact("lead.lost", f"{TUESDAY} 12:00"), fact("call.missed", f"{FRIDAY} 12:00")

    played = story(still(), *facts)

    assert list(played.state.enrolments) == ["maria/roofer/-/1", "maria/roofer/-/2"]
    assert played.enrolment.active


def test_only_leads_the_page_takes_are_enrolled() -> None:
    book = still(top=SHOP + "    enroll_if: lead.trade == 'roofing'\n")

    assert story(book).state.enrolments == {}
    assert story(book, lead=lead_fact(f"{TUESDAY} 10:00", trade="roofing")).enrolment.active


# every stop


@pytest.mark.parametrize("kind", ["reply", "opt_out", "appointment.booked", "acknowledgement"])
@pytest.mark.parametrize("at", [f"{TUESDAY} 12:00", "2026-11-21 23:00"])
def test_every_stop_names_the_next_owner_the_next_step_and_its_time(kind: str, at: str) -> None:
    played = story(still(), fact(kind, at))

    assert len(played.entries(Decided.STOPPED)) == 1
    assert len(played.tasks) == 1
    task = played.tasks[0]
    assert task.owner == "dana"
    assert task.title
    assert task.due_at >= instant(at)
    made = played.entries(Decided.TASK_MADE)[0].data
    assert (made["task"], made["owner"], made["cause"]) == (task.id, "dana", task.cause)


def test_a_stop_is_the_same_when_learned_late() -> None:
    reply = replace(fact("reply", f"{TUESDAY} 12:00"), recorded_at=instant(f"{WEDNESDAY} 12:00"))

    played = story(still(), reply)

    assert played.sent() == [f"{WEDNESDAY} 10:00"], "what went before it was known had gone"
    assert played.enrolment.visit.stop is not None
    assert local_text(played.enrolment.visit.stop.at) == f"{TUESDAY} 12:00"
