"""An edit that renames a touch or a stage, or takes a stage away: what leads under way make of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cadence.engine.decide import decide, touch_entry
from cadence.engine.events import Decided
from cadence.engine.fold import apply, fold
from support.plans import LEAD, book_of, fact, instant, lead_fact, one_stage, plan_of, play

if TYPE_CHECKING:
    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.engine.state import LeadState
    from cadence.playbook.compile import Plan
    from support.plans import Played

MONDAY, TUESDAY, WEDNESDAY, LATER = "2026-11-16", "2026-11-17", "2026-11-18", "2026-12-24 00:00"
FREE = "limits: {messages_per_day: 9, messages_per_week: 99, min_gap: 1m}"
ENROLMENT = "maria/roofer/-/1"
OLD = """
- {id: hello, channel: sms, send: now, template: t}
- {id: again, channel: sms, after: 2d, template: t}
- {id: ring, channel: call, after: 3d, template: t}
"""
NEW = """
- {id: welcome, channel: sms, send: now, template: t, renamed_from: hello}
- {id: second, channel: sms, after: 2d, template: t, renamed_from: [again, once-more]}
- {id: call, channel: call, after: 3d, template: t, renamed_from: ring}
"""


def page(touches: str, *, stage: str = "", top: str = FREE) -> Plan:
    return plan_of(one_stage(touches, top=top, stage=stage))


def edited(old: Plan, new: Plan, published: str, *facts: Event, answers: dict[str, str] | None = None) -> Played:
    """Play facts under the old page until the new one is published, and to the end under the new one."""
    before = play(book_of(old), facts, f"{TUESDAY} 00:00", published)
    book = book_of(old).with_plans([new], instant(published), {"roofer": answers or {}})
    after = play(book, [], published, LATER, state=before.state)
    after.rows[:0] = before.rows
    after.events[:0] = before.events
    after.claims[:0] = before.claims
    return after


def came_in() -> Event:
    return lead_fact(f"{TUESDAY} 10:00")


def test_what_went_under_its_old_name_does_not_go_under_the_new_one() -> None:
    played = edited(page(OLD), page(NEW), f"{WEDNESDAY} 00:00", came_in())

    assert [(row.touch, row.outcome) for row in played.rows] == [
        ("hello", "sent"),
        ("second", "sent"),
        ("call", "sent"),
    ]


def test_a_touch_keeps_its_identity_through_a_new_name() -> None:
    played = edited(page(OLD), page(NEW), f"{WEDNESDAY} 00:00", came_in())

    assert [claim.verdict.key for claim in played.claims] == [
        f"{ENROLMENT}/1/hello",
        f"{ENROLMENT}/1/again",
        f"{ENROLMENT}/1/ring",
    ]


def test_a_visit_that_begins_after_the_edit_knows_the_new_names_alone() -> None:
    played = play(book_of(page(NEW)), [came_in()], f"{TUESDAY} 00:00", LATER)

    assert next(claim.verdict.key for claim in played.claims) == f"{ENROLMENT}/1/welcome"


def test_a_touch_renamed_twice_keeps_the_first_identity() -> None:
    old, new = page(OLD), page(NEW)
    newest = page(NEW.replace("id: second, ", "id: third, ").replace("[again, once-more]", "[second, again]"))
    before = play(book_of(old), [came_in()], f"{TUESDAY} 00:00", f"{TUESDAY} 12:00")
    first = book_of(old).with_plans([new], instant(f"{TUESDAY} 12:00"))
    between = play(first, [], f"{TUESDAY} 12:00", f"{TUESDAY} 14:00", state=before.state)
    second = first.with_plans([newest], instant(f"{TUESDAY} 14:00"))

    after = play(second, [], f"{TUESDAY} 14:00", LATER, state=between.state)

    assert next((claim.verdict.touch, claim.verdict.key) for claim in after.claims) == (
        "third",
        f"{ENROLMENT}/1/again",
    )


def test_a_lead_that_missed_the_version_between_finds_the_touch_by_any_name_it_had() -> None:
    newest = page(
        NEW.replace("id: welcome, ", "id: hi, ").replace("renamed_from: hello", "renamed_from: [welcome, hello]")
    )

    played = edited(page(OLD), newest, f"{WEDNESDAY} 00:00", came_in())

    assert [row.touch for row in played.rows] == ["hello", "second", "call"]


def test_a_visit_that_began_under_the_new_name_keeps_it_as_its_identity_through_a_further_edit() -> None:
    """The old name stays on the page for those who had it; whoever came later was never known by it."""
    edit = page(NEW.replace("after: 3d", "after: 4d"))
    before = play(book_of(page(NEW)), [came_in()], f"{TUESDAY} 00:00", f"{WEDNESDAY} 00:00")
    after = play(
        book_of(page(NEW)).with_plans([edit], instant(f"{WEDNESDAY} 00:00")),
        [],
        f"{WEDNESDAY} 00:00",
        LATER,
        state=before.state,
    )

    assert [claim.verdict.key for claim in (*before.claims, *after.claims)] == [
        f"{ENROLMENT}/1/welcome",
        f"{ENROLMENT}/1/second",
        f"{ENROLMENT}/1/call",
    ]
    assert [entry.data.get("touches") for entry in after.entries(Decided.ADOPTED)] == [None]


def test_a_touch_that_went_before_it_was_off_the_page_for_a_while_does_not_go_under_another_name() -> None:
    without = page("- {id: later, channel: sms, after: 9d, template: t}")
    back = page("- {id: welcome, channel: sms, after: 8d, template: t, renamed_from: hello}")
    book = book_of(page(OLD)).with_plans([without], instant(f"{TUESDAY} 12:00"))
    before = play(book_of(page(OLD)), [came_in()], f"{TUESDAY} 00:00", f"{TUESDAY} 12:00")
    between = play(book, [], f"{TUESDAY} 12:00", f"{TUESDAY} 14:00", state=before.state)
    book = book.with_plans([back], instant(f"{TUESDAY} 14:00"))

    assert play(book, [], f"{TUESDAY} 14:00", LATER, state=between.state).claims == []


def test_an_old_name_that_is_taken_again_is_still_the_old_touch_in_this_visit() -> None:
    """The database knows one touch of that name in the visit; a second one could not be told from it."""
    taken = page(NEW + "\n- {id: hello, channel: sms, after: 5d, template: t}")
    between = book_of(page(OLD)).with_plans([page(NEW)], instant(f"{TUESDAY} 12:00"))
    before = play(book_of(page(OLD)), [came_in()], f"{TUESDAY} 00:00", f"{TUESDAY} 12:00")
    renamed = play(between, [], f"{TUESDAY} 12:00", f"{TUESDAY} 14:00", state=before.state)

    after = play(
        between.with_plans([taken], instant(f"{TUESDAY} 14:00")), [], f"{TUESDAY} 14:00", LATER, state=renamed.state
    )

    assert [claim.verdict.key for claim in after.claims] == [f"{ENROLMENT}/1/again", f"{ENROLMENT}/1/ring"]


def claimed(plan: Plan) -> tuple[LeadState, list[Event]]:
    """Return a lead whose first text has just been handed over, and its log."""
    arrival = play(book_of(plan), [came_in()], f"{TUESDAY} 00:00", f"{TUESDAY} 10:00:01")
    log = [event for event in arrival.events if event.type != Decided.TOUCH_SENT]
    return fold(LEAD, log), log


def at(text: str) -> str:
    return f"{TUESDAY} {text}"


def answer(kind: str, when: str, **data: object) -> Event:
    """Return what came of the first text, told by the name it had when it was handed over."""
    told = {"touch": "hello", "visit": 1, "channel": "sms", **data}
    return touch_entry(kind, at=instant(at(when)), enrolment=ENROLMENT, **told)


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [(Decided.TOUCH_SENT, "sent"), (Decided.TOUCH_FAILED, "failed"), (Decided.TOUCH_UNKNOWN, "unknown")],
)
def test_what_came_of_a_message_under_way_is_told_by_its_old_name_and_counts(kind: str, outcome: str) -> None:
    state, _ = claimed(page(OLD))
    book = book_of(page(OLD)).with_plans([page(NEW)], instant(at("10:01")))
    state = decide(book, state, instant(at("10:01"))).state

    apply(state, answer(kind, "10:02", code="30003", reason=""))

    (enrolment,) = state.enrolments.values()
    assert enrolment.visit.touches["welcome"].outcome == outcome
    assert "hello" not in enrolment.visit.touches
    assert not state.flights or outcome == "unknown"


def test_a_message_that_surely_did_not_go_is_tried_again_under_its_new_name_and_old_identity() -> None:
    state, _ = claimed(page(OLD))
    book = book_of(page(OLD)).with_plans([page(NEW)], instant(at("10:01")))
    state = decide(book, state, instant(at("10:01"))).state
    apply(state, answer(Decided.TOUCH_DEFERRED, "10:02", attempt=1, tries=1, until="2026-11-17T16:05:00Z", code="503"))

    claims = decide(book, state, instant(at("10:05"))).claims

    assert [(each.verdict.touch, each.verdict.key, each.attempt) for each in claims] == [
        ("welcome", f"{ENROLMENT}/1/hello", 2)
    ]


def test_a_message_deferred_before_the_edit_is_tried_again_too() -> None:
    state, _ = claimed(page(OLD))
    apply(state, answer(Decided.TOUCH_DEFERRED, "10:01", attempt=1, tries=1, until="2026-11-17T16:05:00Z", code="503"))
    book = book_of(page(OLD)).with_plans([page(NEW)], instant(at("10:02")))

    claims = decide(book, state, instant(at("10:05"))).claims

    assert [(each.verdict.key, each.attempt) for each in claims] == [(f"{ENROLMENT}/1/hello", 2)]


def test_a_call_that_was_asked_for_before_the_edit_is_closed_by_the_call() -> None:
    played = edited(
        page(OLD, stage="next: {lead.won: won}"),
        page(NEW, stage="next: {lead.won: won}"),
        "2026-11-20 12:00",
        came_in(),
    )
    log = fact("call.logged", "2026-11-20 13:00", result="spoke")
    book = book_of(page(NEW))

    after = play(book, [log], "2026-11-20 12:30", "2026-11-20 14:00", state=played.state)

    assert [task.closed for task in after.enrolment.tasks.values()] == ["done"]


def test_the_log_alone_tells_the_same_state() -> None:
    played = edited(page(OLD), page(NEW), f"{WEDNESDAY} 00:00", came_in())

    told = fold(LEAD, played.events)

    assert told.enrolments[ENROLMENT].visit == played.enrolment.visit


def staged(name: str, **more: str) -> Plan:
    """Return a page whose first stage is ``new`` and whose second has this name."""
    return plan_of(f"""
        {FREE}
        send_windows: {{sms: "00:00-24:00"}}
        stages:
          new:
            owner: csr
            enter_on: [lead.created]
            touches: [{{id: hello, channel: sms, send: now, template: t}}]
            next: {{lead.qualified: {name}, lead.won: won}}
          {name}:
            owner: sales
            {more.get("renamed", "")}
            touches:
              - {{id: offer, channel: sms, send: now, template: t}}
              - {{id: again, channel: sms, after: 2d, template: t}}
            next: {{lead.won: won, silence: {{after: 30d, to: won}}}}
          {more.get("extra", "")}
          won: {{end: won}}
    """)


QUALIFIED = fact("lead.qualified", f"{TUESDAY} 11:00")


def test_a_lead_in_a_renamed_stage_stays_in_the_same_visit() -> None:
    new = staged("booking", renamed="renamed_from: schedule")

    played = edited(staged("schedule"), new, f"{WEDNESDAY} 00:00", came_in(), QUALIFIED)

    assert (played.rows[-1].touch, played.rows[-1].at) == ("again", "2026-11-19 11:00")
    assert [row.touch for row in played.rows] == ["hello", "offer", "again"]
    entered = [event.data["stage"] for event in played.entries(Decided.STAGE_ENTERED)]
    assert entered == ["new", "schedule", "won"], "nothing was entered because of the edit"


def test_a_move_that_waits_for_something_goes_to_the_stage_under_its_new_name() -> None:
    asks = "renamed_from: schedule\n            require: {to_enter: [lead.zip]}"
    old = staged("schedule", renamed="require: {to_enter: [lead.zip]}")
    lead = lead_fact(f"{TUESDAY} 10:00", zip="")
    before = play(book_of(old), [lead, QUALIFIED], f"{TUESDAY} 00:00", f"{WEDNESDAY} 00:00")
    book = book_of(old).with_plans([staged("booking", renamed=asks)], instant(f"{WEDNESDAY} 00:00"))
    zip_code = fact("lead.updated", f"{WEDNESDAY} 09:00", lead={"zip": "64110"})

    after = play(book, [zip_code], f"{WEDNESDAY} 00:00", f"{WEDNESDAY} 12:00", state=before.state)

    assert after.stage == "booking"


def test_a_lead_in_a_removed_stage_goes_where_the_answer_says_from_the_publication_on() -> None:
    published = f"{WEDNESDAY} 00:00"

    played = edited(
        staged("schedule"), staged("booking"), published, came_in(), QUALIFIED, answers={"schedule": "booking"}
    )

    entered = played.entries(Decided.STAGE_ENTERED)
    assert [(event.data["stage"], event.data["by"]) for event in entered][2] == ("booking", Decided.ADOPTED)
    assert entered[2].at == instant(published)
    assert [(row.touch, row.outcome, row.reason) for row in played.rows][2] == ("again", "stopped", "stage_left")
    assert played.sent("offer") == [f"{TUESDAY} 11:00", f"{WEDNESDAY} 00:00"], "another visit, another sequence"


def test_without_an_answer_the_lead_stays_with_its_own_version_and_loses_nothing() -> None:
    played = edited(staged("schedule"), staged("booking"), f"{WEDNESDAY} 00:00", came_in(), QUALIFIED)

    assert played.sent("again") == ["2026-11-19 11:00"]


def test_an_answer_may_end_the_job() -> None:
    played = edited(
        staged("schedule"), staged("booking"), f"{WEDNESDAY} 00:00", came_in(), QUALIFIED, answers={"schedule": "won"}
    )

    assert (played.enrolment.end, played.enrolment.ended_at) == ("won", instant(f"{WEDNESDAY} 00:00"))
    assert not played.enrolment.open_tasks()


def test_a_lead_elsewhere_is_not_moved_by_an_answer() -> None:
    played = edited(
        staged("schedule"), staged("booking"), f"{WEDNESDAY} 00:00", came_in(), answers={"schedule": "booking"}
    )

    assert played.stage == "new"


def book_with(*plans: Plan) -> Book:
    return book_of(*plans, published={plan.digest: f"{MONDAY} 00:00" for plan in plans})


def test_a_book_with_other_plans_keeps_what_is_in_force_as_it_was_published() -> None:
    same, gone = page(OLD), replace(page(OLD), digest="gone")
    book = book_with(same)

    after = book.with_plans([same], instant(f"{WEDNESDAY} 00:00"))

    assert after.published_at[same.digest] == instant(f"{MONDAY} 00:00")
    assert after.current == book.current
    assert book.with_plans([gone], instant(f"{WEDNESDAY} 00:00")).published_at["gone"] == instant(f"{WEDNESDAY} 00:00")
