"""What people owe a lead: next steps, promises, locks that fall through, scores that rise, and acts taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from cadence.engine.decide import decide, observe
from cadence.engine.events import Decided, Event, instant_text
from cadence.engine.fold import fold
from cadence.engine.standing import standings
from support.plans import (
    WORKSPACE,
    book_of,
    fact,
    gaps_at,
    instant,
    lead_fact,
    local_text,
    one_stage,
    plan_of,
    play,
)

if TYPE_CHECKING:
    from cadence.engine.book import Book
    from support.plans import Played

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = "2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19"
SHOP = {
    **WORKSPACE,
    "team": [{**each, "phone": "+18165550101"} for each in WORKSPACE["team"]],
}
HOURS = 'calendar: {business_hours: {mon-fri: "10:00-18:00"}}\n'


def shop(touches: str = "", *, stage: str = "next: {lead.won: won}", top: str = "", more: str = "") -> Book:
    return book_of(plan_of(one_stage(touches, stage=stage, top=HOURS + top) + more, workspace=SHOP))


def told(book: Book, *facts: Event, end: str = f"{THURSDAY} 00:00") -> Played:
    return play(book, facts, f"{MONDAY} 00:00", end)


def open_steps(played: Played) -> list[str]:
    return [task.title for task in played.enrolment.open_tasks().values()]


CALL = "- {id: first-call, channel: call, send: now, due: next_opening, template: t}"
ARRIVES = lead_fact(f"{TUESDAY} 20:00")


# next steps


def test_a_call_of_the_page_is_a_next_step_with_owner_and_date() -> None:
    book = shop(CALL)
    played = told(book, ARRIVES, end=f"{TUESDAY} 21:00")
    (standing,) = standings(book, played.state, instant(f"{TUESDAY} 21:00"))
    assert standing.next is not None
    assert (standing.next.kind, standing.next.name, standing.next.owner) == (
        "task", "Call Maria Lopez: first call", "dana",
    )  # fmt: skip
    assert standing.next.due_at == instant(f"{WEDNESDAY} 10:00")


def test_a_logged_call_does_the_call_that_was_to_be_made() -> None:
    played = told(shop(CALL), ARRIVES, fact("call.logged", f"{WEDNESDAY} 10:04"))
    assert open_steps(played) == []
    (closed,) = played.entries(Decided.TASK_CLOSED)
    assert (closed.data["outcome"], closed.data["by"]) == ("done", "call.logged")


def test_a_reply_takes_the_calls_of_the_sequence_off_the_list_and_names_who_answers_and_when() -> None:
    book = shop(CALL, top="stop_on: [reply]")
    played = told(book, ARRIVES, fact("reply", f"{TUESDAY} 20:30", text="when can you come?"))
    assert open_steps(played) == ["Answer Maria Lopez"]
    (task,) = played.enrolment.open_tasks().values()
    assert (task.owner, local_text(task.due_at or instant(MONDAY))) == ("dana", f"{WEDNESDAY} 10:00")


def test_a_won_lead_leaves_nothing_to_do() -> None:
    order = fact("next.set", f"{WEDNESDAY} 09:00", action="order shingles")
    played = told(shop(CALL), ARRIVES, order, fact("lead.won", f"{WEDNESDAY} 11:00"))
    assert open_steps(played) == []


def test_a_next_step_without_a_date_is_on_the_gap_list() -> None:
    book = shop()
    played = told(book, ARRIVES, fact("next.set", f"{TUESDAY} 21:00", action="ask Max", who="lee"))
    assert gaps_at(book, played, f"{WEDNESDAY} 09:00") == ["no_due_date"]
    (standing,) = standings(book, played.state, instant(f"{WEDNESDAY} 09:00"))
    assert standing.waits_inside, "Lee must act first, and Dana owns the lead"


def test_a_step_put_off_is_due_later() -> None:
    book = shop()
    asked = told(book, ARRIVES, fact("next.set", f"{TUESDAY} 21:00", action="send photos", due=WEDNESDAY))
    (task,) = asked.enrolment.open_tasks()
    postponed = fact("task.postponed", f"{WEDNESDAY} 09:00", task=task, until=f"{THURSDAY}T15:00")
    later = observe(book, asked.state, postponed, postponed.at).state
    (step,) = standings(book, later, postponed.at)
    assert step.next is not None
    assert step.next.due_at == instant(f"{THURSDAY} 15:00")


def test_with_no_task_the_sequence_comes_next_and_then_the_move_of_silence() -> None:
    silent = shop(
        "- {id: hello, channel: sms, after: 2h, template: t}",
        stage="next: {lead.won: won, silence: {after: 3d, to: lost}}",
    )
    before = told(silent, ARRIVES, end=f"{TUESDAY} 21:00")
    (first,) = standings(silent, before.state, instant(f"{TUESDAY} 21:00"))
    after = told(silent, ARRIVES)
    (second,) = standings(silent, after.state, instant(f"{THURSDAY} 00:00"))
    assert first.next is not None
    assert second.next is not None
    assert (first.next.kind, first.next.name, first.next.due_at) == ("touch", "hello", instant(f"{TUESDAY} 22:00"))
    assert (second.next.kind, second.next.name, second.next.due_at) == ("move", "lost", instant("2026-11-20 20:00"))


# promises


@pytest.mark.demand("D7")
def test_a_saturday_lead_with_five_minutes_of_business_time_is_due_on_monday_at_10_05() -> None:
    """Mon-Fri 10-18, Saturday 14:00: what rivals get wrong."""
    book = shop(stage="next: {lead.won: won}\nsla: {answer: {within: 5m, clock: business, met_by: [call.logged]}}")
    played = told(book, lead_fact("2026-11-21 14:00"), end="2026-11-24 00:00")
    (missed,) = played.entries(Decided.SLA_MISSED)
    assert missed.data["due_at"] == instant_text(instant("2026-11-23 10:05"))
    (entered,) = played.entries(Decided.STAGE_ENTERED)
    assert entered.data["promises"][0]["how"] == [
        "Sat 21 Nov 14:00 is outside opening hours",
        "Mon 23 Nov 10:00-18:00: 5m counted",
    ]


def test_a_promise_keeps_its_due_instant_when_the_page_is_edited() -> None:
    def page(within: str) -> Book:
        return shop(stage=f"next: {{lead.won: won}}\nsla: {{answer: {{within: {within}, met_by: [call.logged]}}}}")

    began = told(page("4h"), ARRIVES, end=f"{TUESDAY} 20:01")
    edited = decide(page("10h"), began.state, instant(f"{WEDNESDAY} 01:00"))
    (missed,) = [each for each in edited.events if each.type == Decided.SLA_MISSED]
    assert missed.data["due_at"] == instant_text(instant(f"{WEDNESDAY} 00:00"))


def test_what_asked_for_a_promise_goes_off_the_list_when_it_is_kept() -> None:
    promise = "sla: {answer: {within: 4h, warn: 1h, met_by: [call.logged], on_miss: [{alert: ops_lead}]}}"
    book = shop(stage=f"next: {{lead.won: won}}\n{promise}")
    missed = told(book, ARRIVES, end=f"{WEDNESDAY} 00:30")
    called = told(book, ARRIVES, fact("call.logged", f"{WEDNESDAY} 00:30"), end=f"{WEDNESDAY} 00:40")
    assert open_steps(missed) == ["Maria Lopez: answer is due soon", "Maria Lopez: answer was missed"]
    assert [alert.member for alert in missed.alerts if alert.about == "sla"] == ["dana", "pat"]
    later = decide(book, called.state, instant(f"{WEDNESDAY} 00:41"))
    assert next(iter(later.state.enrolments.values())).open_tasks() == {}


def test_an_alert_waits_for_the_colleagues_own_hours() -> None:
    played = told(shop(), ARRIVES, end=f"{TUESDAY} 20:01")
    (alert,) = played.alerts
    assert (alert.member, alert.about) == ("dana", "assigned")
    assert local_text(alert.due_at) == f"{WEDNESDAY} 07:00", "between 20:00 and 07:00 nobody is disturbed"


# locks

LOCKED = "next: {lead.won: won}\nlock: {by: [callback.scheduled, appointment.booked], within: 4h}"


@pytest.mark.demand("A1")
def test_a_lead_without_a_locked_next_step_is_told_to_its_owner_when_the_time_is_up() -> None:
    book = shop(stage=LOCKED)
    played = told(book, ARRIVES)
    assert "Maria Lopez: a locked next step in new was missed" in open_steps(played)
    assert [alert.member for alert in played.alerts if alert.about == "lock"] == ["dana"]
    assert gaps_at(book, played, f"{WEDNESDAY} 00:00") == ["unlocked"]


def test_a_callback_window_that_passes_unused_falls_through_at_once() -> None:
    book = shop(stage=LOCKED)
    window = fact(
        "callback.scheduled", f"{TUESDAY} 21:00", starts_at=f"{WEDNESDAY}T14:00", ends_at=f"{WEDNESDAY}T15:00"
    )
    held = told(book, ARRIVES, window, end=f"{WEDNESDAY} 15:00")
    (standing,) = standings(book, held.state, instant(f"{WEDNESDAY} 14:30"))
    assert (standing.lock.by, standing.lock.until) == ("callback.scheduled", instant(f"{WEDNESDAY} 15:00"))
    lost = told(book, ARRIVES, window, end=f"{WEDNESDAY} 15:10")
    (entry,) = lost.entries(Decided.LOCK_LOST)
    assert local_text(entry.at) == f"{WEDNESDAY} 15:00"
    assert any("fell through" in step for step in open_steps(lost))
    assert len(told(book, ARRIVES, window, end="2026-11-25 00:00").entries(Decided.LOCK_LOST)) == 1


def test_an_appointment_whose_day_is_over_and_of_which_nothing_came_is_no_lock_any_more() -> None:
    book = shop(stage=LOCKED)
    booked = fact("appointment.booked", f"{TUESDAY} 21:00", starts_at=f"{WEDNESDAY}T14:00")
    played = told(book, ARRIVES, booked, end=f"{THURSDAY} 00:05")
    assert "unlocked" not in gaps_at(book, played, f"{WEDNESDAY} 23:59"), "the visit may be logged after it"
    (entry,) = played.entries(Decided.LOCK_LOST)
    assert local_text(entry.at) == f"{THURSDAY} 00:00"


@pytest.mark.parametrize("kind", ["appointment.cancelled", "appointment.missed"])
def test_an_appointment_that_falls_through_is_no_lock_and_the_owner_hears_of_it(kind: str) -> None:
    book = shop(stage=LOCKED)
    booked = fact("appointment.booked", f"{TUESDAY} 21:00", starts_at=f"{WEDNESDAY}T14:00")
    played = told(book, ARRIVES, booked, fact(kind, f"{WEDNESDAY} 14:20"))
    assert len(played.entries(Decided.LOCK_LOST)) == 1
    assert [alert.about for alert in played.alerts] == ["assigned", "lock"]
    assert gaps_at(book, played, f"{WEDNESDAY} 15:00") == ["unlocked"]


def test_a_new_appointment_locks_again() -> None:
    book = shop(stage=LOCKED)
    facts = (
        fact("appointment.booked", f"{TUESDAY} 21:00", starts_at=f"{WEDNESDAY}T14:00"),
        fact("appointment.cancelled", f"{WEDNESDAY} 09:00"),
        fact("appointment.booked", f"{WEDNESDAY} 11:00", starts_at=f"{THURSDAY}T14:00"),
    )
    played = told(book, ARRIVES, *facts)
    assert "unlocked" not in gaps_at(book, played, f"{WEDNESDAY} 23:00")


def test_nobody_is_pressed_about_a_lead_that_asked_for_next_week() -> None:
    book = shop(stage=LOCKED)
    later = fact("snooze", f"{TUESDAY} 21:00", until="2026-11-24T10:00")
    played = told(book, ARRIVES, later)
    assert played.entries(Decided.SLA_MISSED) == []
    (standing,) = standings(book, played.state, instant(f"{THURSDAY} 00:00"))
    assert standing.gaps == ()
    assert standing.next is not None
    assert (standing.next.kind, standing.next.due_at) == ("wait", instant("2026-11-24 10:00"))
    after = told(book, ARRIVES, later, end="2026-11-24 10:01")
    assert gaps_at(book, after, "2026-11-24 10:01") == ["unlocked"]
    assert after.entries(Decided.SLA_MISSED) == [], "it ran out while the lead had asked for peace"


def test_a_promise_missed_before_the_lead_asked_for_later_stays_missed() -> None:
    book = shop(stage=LOCKED)
    later = fact("snooze", f"{WEDNESDAY} 23:00", until="2026-11-24T10:00")
    played = told(book, ARRIVES, later, end="2026-11-24 10:01")
    assert len(played.entries(Decided.SLA_MISSED)) == 1


def test_nobody_is_pressed_about_a_lead_that_wants_nothing_any_more() -> None:
    played = told(shop(stage=LOCKED), ARRIVES, fact("opt_out", f"{TUESDAY} 21:00"), end="2026-12-01 00:00")
    assert played.entries(Decided.SLA_MISSED) == []


# scores

SCORED = "score: {hot: lead.urgency == 'leak', warm: lead.source == 'referral'}"


def test_a_new_leads_bucket_is_written_down() -> None:
    played = told(shop(top=SCORED), lead_fact(f"{TUESDAY} 11:00", source="referral"))
    assert [(e.data["score"], e.data["before"]) for e in played.entries(Decided.SCORED)] == [("warm", "")]
    assert open_steps(played) == []


@pytest.mark.demand("E11")
def test_a_lead_that_becomes_hot_makes_a_next_step_tells_its_owner_and_leaves_the_instant() -> None:
    hotter = fact("lead.updated", f"{TUESDAY} 12:30", lead={"urgency": "leak"})
    played = told(shop(top=SCORED), lead_fact(f"{TUESDAY} 11:00"), hotter)
    assert open_steps(played) == ["Maria Lopez is hot now (was nurture): call"]
    assert [alert.about for alert in played.alerts] == ["assigned", "score"]
    assert [local_text(e.at) for e in played.entries(Decided.SCORED)] == [f"{TUESDAY} 11:00", f"{TUESDAY} 12:30"]


def test_a_lead_that_cools_down_is_only_written_down() -> None:
    cooler = fact("lead.updated", f"{TUESDAY} 12:30", lead={"urgency": "someday"})
    played = told(shop(top=SCORED), lead_fact(f"{TUESDAY} 11:00", urgency="leak"), cooler)
    assert played.enrolment.score == "nurture"
    assert open_steps(played) == []


# hand-offs

HANDED = "  estimate: {owner: sales, require: {to_enter: [handoff]}, next: {lead.won: won}}\n"


@pytest.mark.demand("C3")
def test_where_the_page_asks_for_it_a_job_changes_hands_only_with_a_note() -> None:
    book = shop(stage="next: {estimate.sent: estimate, lead.won: won}", more=HANDED)
    without = told(book, ARRIVES, fact("estimate.sent", f"{WEDNESDAY} 11:00"))
    assert without.stage == "new"
    assert "move_waiting" in gaps_at(book, without, f"{WEDNESDAY} 12:00")
    note = fact("handoff.noted", f"{WEDNESDAY} 12:00", wants="a new roof", next="call on Friday")
    assert told(book, ARRIVES, fact("estimate.sent", f"{WEDNESDAY} 11:00"), note).stage == "estimate"


# taking back


def undo(book: Book, played: Played, undone: Event, at: str) -> Any:
    """Take a fact back, as the runner does: the log without it, then the counter-event."""
    taken = fact("act.undone", at, undoes=undone.key, type=undone.type, of=instant_text(undone.at))
    state = fold("maria", [*played.events, taken])
    return observe(book, state, taken, taken.at)


def keyed(kind: str, at: str, **data: Any) -> Event:
    return replace(fact(kind, at, **data), key="act-0123456789")


def test_a_loss_taken_back_has_the_lead_where_it_stood_with_a_step_for_its_owner_and_no_message() -> None:
    book = shop("- {id: later, channel: sms, after: 2d, template: t}", top="stop_on: [lead.lost]")
    lost = keyed("lead.lost", f"{WEDNESDAY} 09:00", reason="price")
    played = told(book, ARRIVES, lost, end=f"{WEDNESDAY} 12:00")
    assert not played.enrolment.active
    back = undo(book, played, lost, f"{WEDNESDAY} 12:00").state
    (enrolment,) = back.enrolments.values()
    assert (enrolment.visit.stage, enrolment.visit.number, enrolment.owner, enrolment.active) == (
        "new",
        1,
        "dana",
        True,
    )
    assert [task.title for task in enrolment.open_tasks().values()] == [
        "Maria Lopez is back in new: decide the next step"
    ]
    assert decide(book, back, instant("2026-11-20 12:00")).claims == (), "what was stopped stays stopped"


def test_a_next_step_taken_back_is_off_the_list() -> None:
    book = shop()
    step = keyed("next.set", f"{WEDNESDAY} 09:00", action="send photos", due=THURSDAY)
    state = undo(book, told(book, ARRIVES, step), step, f"{THURSDAY} 00:00").state
    assert next(iter(state.enrolments.values())).open_tasks() == {}


def test_an_assignment_taken_back_gives_the_lead_back() -> None:
    book = shop()
    given = keyed("owner.assigned", f"{WEDNESDAY} 09:00", owner="lee")
    state = undo(book, told(book, ARRIVES, given), given, f"{THURSDAY} 00:00").state
    assert next(iter(state.enrolments.values())).owner == "dana"


def test_a_snooze_taken_back_lets_the_touches_go_on() -> None:
    book = shop("- {id: later, channel: sms, after: 2d, template: t}")
    snooze = keyed("snooze", f"{WEDNESDAY} 09:00", until="2026-12-24")
    state = undo(book, told(book, ARRIVES, snooze), snooze, f"{THURSDAY} 00:00").state
    assert len(decide(book, state, instant(f"{THURSDAY} 20:00")).claims) == 1


def test_a_call_taken_back_does_not_count_as_contact() -> None:
    book = shop()
    call = keyed("call.logged", f"{WEDNESDAY} 09:00")
    played = told(book, ARRIVES, call)
    assert played.enrolment.contacts == 1
    assert next(iter(undo(book, played, call, f"{THURSDAY} 00:00").state.enrolments.values())).contacts == 0


# behaviour


LOOKS = """
- {id: guide, channel: email, send: now, template: t}
- {id: hint, channel: email, after: 30m, template: t}
- {id: short, channel: sms, after: 1d, if: enrolment.opens >= 2 and enrolment.clicks == 0, template: t}
- {id: offer, channel: call, after: 1d, if: enrolment.clicks >= 3, template: t}
"""


def opened(touch: str, at: str) -> Event:
    return fact("message.opened", at, channel="email", touch=touch)


@pytest.mark.demand("E8")
def test_a_lead_that_opens_every_mail_and_never_clicks_gets_another_touch_than_one_that_clicks() -> None:
    book = shop(LOOKS, top="limits: {messages_per_day: 9, min_gap: 1m}")
    mails = [lead_fact(f"{MONDAY} 11:00"), opened("guide", f"{MONDAY} 12:00"), opened("hint", f"{MONDAY} 13:00")]
    reads = told(book, *mails, opened("guide", f"{MONDAY} 14:00"))
    assert reads.of("short")[0][1:] == ("sent", "sent")
    assert reads.of("offer")[0][1:] == ("skipped", "condition")
    clicks = [fact("message.clicked", f"{MONDAY} 1{n}:00", channel="email", touch="guide") for n in range(5, 8)]
    follows = told(book, *mails, *clicks)
    assert follows.of("short")[0][1:] == ("skipped", "condition")
    assert follows.of("offer")[0][1:] == ("sent", "sent")


def test_a_mail_opened_twice_counts_once_and_is_no_word_from_the_lead() -> None:
    book = shop(LOOKS, top="stop_on: [reply]\nlimits: {messages_per_day: 9, min_gap: 1m}")
    arrives = lead_fact(f"{MONDAY} 11:00")
    played = told(book, arrives, opened("guide", f"{MONDAY} 12:00"), opened("guide", f"{MONDAY} 13:00"))
    assert played.of("short")[0][1:] == ("skipped", "condition"), "one mail was opened, not two"
    assert played.enrolment.last_activity is None
