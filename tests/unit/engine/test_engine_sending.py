"""Sending: what is too late, what gives way, what answers, what fails, and what a new version of a page changes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cadence.engine.decide import carried_out, decide, observe, touch_entry
from cadence.engine.decision import Outcome, Reason
from cadence.engine.events import Decided, instant_text
from cadence.engine.fold import apply
from cadence.engine.state import LeadState
from support.plans import (
    LAW,
    WORKSPACE,
    Played,
    book_of,
    fact,
    instant,
    lead_fact,
    local_text,
    one_stage,
    plan_of,
    play,
)

if TYPE_CHECKING:
    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.playbook.compile import Plan

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (f"2026-11-{day}" for day in (17, 18, 19, 20))
LATER = "2026-12-24 00:00"

NIGHTS = 'send_windows: {sms: "08:00-20:00", email: "07:00-21:00"}'
FREE = "limits: {messages_per_day: 9, messages_per_week: 99, min_gap: 1m}"
HELLO = "- {id: hello, channel: sms, send: now, template: t}"
ANSWER = "- {id: answer, channel: sms, send: now, answers: inquiry, template: t}"


def page(touches: str, *, top: str = FREE, stage: str = "", **options: Any) -> Book:
    """Return a book of one stage with these touches."""
    return book_of(plan_of(one_stage(touches, top=top, stage=stage), **options))


def story(book: Book, *facts: Event, start: str = f"{TUESDAY} 00:00", end: str = LATER, tick: str = "1m") -> Played:
    """Play facts; ticks begin at ``start``."""
    return play(book, facts, start, end, tick)


def reasons(played: Played) -> dict[str, str]:
    """Why each touch ended."""
    return {row.touch: row.reason for row in played.rows}


# too late


@pytest.mark.parametrize(
    ("back_at", "ends"),
    [(f"{WEDNESDAY} 10:00", ("sent", "sent")), (f"{WEDNESDAY} 10:01", ("skipped", "late"))],
)
def test_a_touch_more_than_a_day_past_due_is_late_unless_the_page_says_otherwise(
    back_at: str, ends: tuple[str, str]
) -> None:
    played = story(page(HELLO), lead_fact(f"{TUESDAY} 10:00"), start=back_at)

    assert played.of("hello") == [(back_at, *ends)]


@pytest.mark.parametrize("where", ["touch", "page"])
@pytest.mark.parametrize(("back_at", "reason"), [("12:00", "sent"), ("12:01", "late")])
def test_expires_after_may_be_set_for_a_touch_or_the_page(where: str, back_at: str, reason: str) -> None:
    touch = HELLO.replace("send: now", "send: now, expires_after: 2h") if where == "touch" else HELLO
    top = f"{FREE}\nexpires_after: 2h" if where == "page" else FREE

    played = story(page(touch, top=top), lead_fact(f"{TUESDAY} 10:00"), start=f"{TUESDAY} {back_at}")

    assert reasons(played) == {"hello": reason}


def test_a_step_for_a_colleague_can_be_too_late_too() -> None:
    book = page("- {id: ring, channel: call, send: now, expires_after: 2h, template: t}")

    assert reasons(story(book, lead_fact(f"{TUESDAY} 10:00"), start=f"{TUESDAY} 12:01")) == {"ring": "late"}


def test_waiting_for_a_window_counts_as_lateness() -> None:
    book = page(HELLO.replace("send: now", "send: now, expires_after: 11h"), top=NIGHTS)

    assert reasons(story(book, lead_fact(f"{TUESDAY} 21:00"))) == {"hello": "sent"}
    assert reasons(story(book, lead_fact(f"{TUESDAY} 20:59"))) == {"hello": "late"}


# catch_up and superseded

THREE = """
    - {id: one, channel: sms, send: now, template: t}
    - {id: two, channel: email, after: 1h, template: t}
    - {id: three, channel: sms, after: 2h, template: t}
"""


def test_after_an_outage_the_newest_goes_and_the_older_are_superseded() -> None:
    played = story(page(THREE), lead_fact(f"{TUESDAY} 10:00"), start=f"{TUESDAY} 18:00")

    assert played.of("one") == [(f"{TUESDAY} 18:00", "skipped", "superseded")]
    assert played.of("two") == [(f"{TUESDAY} 18:00", "skipped", "superseded")]
    assert played.of("three") == [(f"{TUESDAY} 18:00", "sent", "sent")]
    assert [each.detail for each in played.verdicts] == ["three", "three", ""]


def test_messages_less_than_an_hour_late_are_only_spaced() -> None:
    played = story(
        page(THREE, top="limits: {min_gap: 10m, messages_per_day: 9}"),
        lead_fact(f"{TUESDAY} 10:00"),
        start=f"{TUESDAY} 12:30",
    )

    assert played.sent("three") == [f"{TUESDAY} 12:30"]
    assert reasons(played) == {"one": "superseded", "two": "superseded", "three": "sent"}

    near = THREE.replace("1h", "10m").replace("2h", "20m")
    spaced = story(
        page(near, top="limits: {min_gap: 10m, messages_per_day: 9}"),
        lead_fact(f"{TUESDAY} 10:00"),
        start=f"{TUESDAY} 10:40",
    )

    assert [(row.touch, row.at[-5:]) for row in spaced.rows] == [("one", "10:40"), ("two", "10:50"), ("three", "11:00")]


def test_exactly_an_hour_late_is_not_yet_superseded() -> None:
    played = story(page(THREE), lead_fact(f"{TUESDAY} 10:00"), start=f"{TUESDAY} 11:00")

    assert [(row.touch, row.at[-5:]) for row in played.rows] == [("one", "11:00"), ("two", "11:01"), ("three", "12:00")]


def test_an_old_message_alone_goes() -> None:
    played = story(page(HELLO), lead_fact(f"{TUESDAY} 10:00"), start=f"{TUESDAY} 20:00")

    assert played.sent() == [f"{TUESDAY} 20:00"]


def test_calls_and_tasks_are_not_superseded() -> None:
    steps = "\n".join(f"- {{id: {n}, channel: call, after: {n}h, template: t}}" for n in (1, 2, 3))
    book = page(steps.replace("id: ", "id: c"))

    played = story(book, lead_fact(f"{TUESDAY} 10:00"), start=f"{TUESDAY} 20:00")

    assert played.sent() == [f"{TUESDAY} 20:00"] * 3


def test_a_message_of_another_playbook_supersedes_too() -> None:
    old = plan_of("playbook: gutters\n" + one_stage(HELLO, top=FREE))
    new = plan_of("playbook: siding\n" + one_stage(HELLO.replace("send: now", "after: 3h"), top=FREE))

    played = story(book_of(old, new), lead_fact(f"{TUESDAY} 10:00"), start=f"{TUESDAY} 20:00")

    assert [(each.playbook, each.reason) for each in played.verdicts] == [
        ("gutters", Reason.SUPERSEDED),
        ("siding", Reason.SENT),
    ]


@pytest.mark.parametrize(("back_at", "reason"), [("11:00", "sent"), ("11:01", "late")])
def test_catch_up_skip_lets_nothing_go_that_is_more_than_an_hour_late(back_at: str, reason: str) -> None:
    book = page(HELLO, top=f"{FREE}\ncatch_up: skip")

    played = story(book, lead_fact(f"{TUESDAY} 10:00"), start=f"{TUESDAY} {back_at}")

    assert reasons(played) == {"hello": reason}


def test_catch_up_skip_keeps_a_shorter_expiry() -> None:
    book = page(HELLO.replace("send: now", "send: now, expires_after: 30m"), top=f"{FREE}\ncatch_up: skip")

    assert reasons(story(book, lead_fact(f"{TUESDAY} 10:00"), start=f"{TUESDAY} 10:31")) == {"hello": "late"}


# answers to an inquiry


@pytest.mark.parametrize("back_at", ["23:00", "23:15"])
def test_an_answer_may_go_at_any_hour_within_fifteen_minutes_of_the_inquiry(back_at: str) -> None:
    played = story(page(ANSWER, top=NIGHTS), lead_fact(f"{TUESDAY} 23:00"), start=f"{TUESDAY} {back_at}")

    assert played.sent() == [f"{TUESDAY} {back_at}"]


def test_an_answer_later_than_fifteen_minutes_waits_for_the_window() -> None:
    played = story(page(ANSWER, top=NIGHTS), lead_fact(f"{TUESDAY} 23:00"), start=f"{TUESDAY} 23:16")

    assert played.sent() == [f"{WEDNESDAY} 08:00"]


def test_the_law_table_too_gives_way_to_an_answer() -> None:
    played = story(page(ANSWER, law=LAW), lead_fact(f"{TUESDAY} 23:00", states=["KY"]))

    assert played.sent() == [f"{TUESDAY} 23:00"]


def test_the_shop_may_forbid_answers_at_any_hour() -> None:
    book = page(ANSWER, top=NIGHTS, workspace={**WORKSPACE, "answer_any_hour": False})

    assert story(book, lead_fact(f"{TUESDAY} 23:00")).sent() == [f"{WEDNESDAY} 08:00"]


def test_a_lead_from_a_list_has_asked_for_nothing() -> None:
    played = story(page(ANSWER, top=NIGHTS), lead_fact(f"{TUESDAY} 23:00", inquiry=False))

    assert [row for row in played.rows if row.outcome == "sent" and row.at.startswith(TUESDAY)] == []


def test_a_missed_call_is_an_inquiry_and_is_answered_at_night() -> None:
    played = story(
        page(ANSWER, top=NIGHTS),
        fact("call.missed", f"{TUESDAY} 23:00"),
        lead_fact(f"{WEDNESDAY} 12:00", inquiry=False),
    )

    assert played.sent() == [], "nobody knows a number before the record comes"
    known = lead_fact(f"{TUESDAY} 12:00", inquiry=False, job="old")
    ended = fact("lead.lost", f"{TUESDAY} 12:01")
    assert story(page(ANSWER, top=NIGHTS), known, ended, fact("call.missed", f"{TUESDAY} 23:00")).sent() == [
        f"{TUESDAY} 23:00"
    ]


def test_an_inquiry_has_one_answer_outside_the_windows() -> None:
    book = page(f"{ANSWER}\n{ANSWER.replace('id: answer', 'id: again')}", top=f"{NIGHTS}\n{FREE}")

    played = story(book, lead_fact(f"{TUESDAY} 23:00"))

    assert played.sent("answer") == [f"{TUESDAY} 23:00"]
    assert played.sent("again") == [f"{WEDNESDAY} 08:00"]


def test_a_second_inquiry_has_its_own_answer() -> None:
    facts = (
        lead_fact(f"{TUESDAY} 23:00"),
        fact("lead.lost", f"{TUESDAY} 23:05"),
        fact("call.missed", f"{TUESDAY} 23:30"),
    )

    assert story(page(ANSWER, top=NIGHTS), *facts).sent() == [f"{TUESDAY} 23:00", f"{TUESDAY} 23:30"]


FULL = "limits: {messages_per_day: 1, messages_per_week: 1, min_gap: 12h}"


def test_an_answer_neither_waits_for_limits_nor_counts_in_them() -> None:
    book = page(f"{ANSWER}\n- {{id: next, channel: sms, after: 1m, template: t}}", top=FULL)

    played = story(book, fact("message.sent.by_person", f"{TUESDAY} 09:59"), lead_fact(f"{TUESDAY} 10:00"))
    alone = story(book, lead_fact(f"{TUESDAY} 10:00"))

    assert played.sent("answer") == [f"{TUESDAY} 10:00"]
    assert alone.sent() == [f"{TUESDAY} 10:00", f"{TUESDAY} 10:01"]
    assert len(alone.state.messages) == 1


def test_a_touch_that_expects_an_acknowledgement_neither_waits_for_limits_nor_counts_in_them() -> None:
    book = page(
        """
        - {id: first, channel: sms, send: now, template: t}
        - {id: confirm, channel: sms, after: 1m, expects: ack, template: t}
        """,
        top=FULL,
    )

    played = story(book, lead_fact(f"{TUESDAY} 10:00"))

    assert played.sent() == [f"{TUESDAY} 10:00", f"{TUESDAY} 10:01"]
    assert len(played.state.messages) == 1


def test_a_touch_that_expects_an_acknowledgement_keeps_to_the_windows() -> None:
    book = page("- {id: confirm, channel: sms, send: now, expects: ack, template: t}", top=NIGHTS)

    assert story(book, lead_fact(f"{TUESDAY} 23:00")).sent() == [f"{WEDNESDAY} 08:00"]


def test_one_person_gets_one_message_in_one_tick_whatever_the_limits() -> None:
    touches = "\n".join(f"- {{id: c{n}, channel: sms, send: now, expects: ack, template: t}}" for n in range(4))

    played = story(page(touches), lead_fact(f"{TUESDAY} 10:00"), tick="5m")

    assert played.sent() == [f"{TUESDAY} {at}" for at in ("10:00", "10:05", "10:10", "10:15")]


# addresses and texts


@pytest.mark.parametrize(("channel", "field"), [("sms", "phone"), ("email", "email")])
def test_a_touch_without_an_address_is_skipped(channel: str, field: str) -> None:
    book = page(HELLO.replace("sms", channel))

    played = story(book, lead_fact(f"{TUESDAY} 10:00", **{field: ""}))

    assert played.of("hello") == [(f"{TUESDAY} 10:00", "skipped", "no_address")]


def test_messages_go_to_the_address_of_their_channel() -> None:
    book = page(f"{HELLO}\n- {{id: mail, channel: email, send: now, template: t}}")

    claims = story(book, lead_fact(f"{TUESDAY} 10:00")).claims

    assert [(each.to, each.segments) for each in claims] == [("+18165550142", 1), ("maria@example.com", 0)]


def test_a_text_that_cannot_be_made_fails_that_touch_only() -> None:
    book = page(
        """
        - {id: broken, channel: sms, send: now, template: broken}
        - {id: fine, channel: sms, send: now, template: fine}
        - {id: ring, channel: call, send: now, template: broken}
        """,
        templates={"broken.sms.j2": "Hi {{ lead.city }}", "broken.call.j2": "{{ lead.city }}"},
    )

    played = story(book, lead_fact(f"{TUESDAY} 10:00"))

    assert reasons(played) == {"broken": "template", "fine": "sent", "ring": "template"}
    broken = next(each for each in played.verdicts if each.touch == "broken")
    assert (broken.outcome, "lead.city" in broken.detail) == (Outcome.FAILED, True)
    assert [local_text(at) for at in played.state.messages] == [f"{TUESDAY} 10:00"]


def test_a_condition_that_cannot_be_answered_fails_that_touch_only() -> None:
    book = page(f"- {{id: odd, channel: sms, send: now, if: 'lead.value / 0 > 1', template: t}}\n{HELLO}")

    assert reasons(story(book, lead_fact(f"{TUESDAY} 10:00"))) == {"odd": "template", "hello": "sent"}


def test_texts_are_made_from_what_is_known_at_the_sending() -> None:
    book = page(
        HELLO.replace("send: now", "after: 1h"), templates={"t.sms.j2": "{{ lead.first_name }}, {{ owner.first_name }}"}
    )

    played = story(
        book, lead_fact(f"{TUESDAY} 10:00"), fact("lead.updated", f"{TUESDAY} 10:30", lead={"name": "Mary Lopez"})
    )

    assert played.rows[0].body == "Mary, Dana"


# who does it


ROUTED = """
    limits: {messages_per_day: 9, messages_per_week: 99, min_gap: 1m}
    routing:
      csr: {rules: [{if: "lead.zip.startswith('641')", assign: lee}]}
      sales: {rules: [{if: "lead.zip.startswith('641')", assign: ola}]}
"""
STEPS = """
    - {id: own, channel: call, send: now, template: t}
    - {id: stage-role, channel: call, send: now, owner: csr, template: t}
    - {id: other-role, channel: task, send: now, owner: sales, template: t}
    - {id: member, channel: task, send: now, owner: pat, template: t}
"""


@pytest.mark.parametrize(
    ("zip_code", "owners"),
    [("64110", ["lee", "lee", "ola", "pat"]), ("50309", ["dana", "dana", "lee", "pat"])],
)
def test_a_step_goes_to_the_leads_owner_or_where_the_rules_of_its_role_send_it(
    zip_code: str, owners: list[str]
) -> None:
    played = story(page(STEPS, top=ROUTED), lead_fact(f"{TUESDAY} 10:00", zip=zip_code))

    assert [claim.to for claim in played.claims] == owners


def test_steps_follow_the_lead_when_a_missed_promise_gives_it_to_another() -> None:
    stage = "sla: {contact: {within: 30m, met_by: [call.logged], on_miss: [{reassign: fallback}]}}"
    book = page("- {id: ring, channel: call, after: 1h, owner: csr, template: t}", stage=stage)

    assert story(book, lead_fact(f"{TUESDAY} 10:00")).claims[0].to == "pat"


def test_a_lead_is_given_to_another_three_times_at_most() -> None:
    promises = ", ".join(
        f"p{n}: {{within: {n}h, met_by: [call.logged], on_miss: [{{reassign: {'lee' if n % 2 else 'fallback'}}}]}}"
        for n in range(1, 7)
    )

    played = story(page("", stage=f"sla: {{{promises}}}"), lead_fact(f"{TUESDAY} 10:00"))

    assert len(played.entries(Decided.SLA_MISSED)) == 6
    assert len(played.entries(Decided.OWNER_CHANGED)) == 3


def test_an_absent_colleagues_leads_go_to_the_fallback() -> None:
    team = [{**member, "absent": True} if member["id"] == "dana" else member for member in WORKSPACE["team"]]

    played = story(page(STEPS, workspace={**WORKSPACE, "team": team}), lead_fact(f"{TUESDAY} 10:00"))

    assert played.enrolment.owner == "pat"


# variants

VARIED = "- {id: hello, channel: sms, send: now, template: new/hello, variants: {WEIGHTS}}"


def chosen(weights: str, leads: int) -> Counter[str]:
    """Which variants so many leads get."""
    book = page(VARIED.replace("WEIGHTS", weights))
    found: Counter[str] = Counter()
    for number in range(leads):
        state = observe(
            book, LeadState(lead=f"lead-{number}"), lead_fact(f"{TUESDAY} 10:00"), instant(f"{TUESDAY} 10:00")
        ).state
        found[decide(book, state, instant(f"{TUESDAY} 10:00")).claims[0].variant] += 1
    return found


def test_variants_are_stable_for_a_lead() -> None:
    book = page(VARIED.replace("WEIGHTS", "a: 1, b: 1"))

    claims = [story(book, lead_fact(f"{TUESDAY} {at}")).claims[0] for at in ("10:00", "11:00", "23:00")]

    assert len({each.variant for each in claims}) == 1
    assert {each.body for each in claims} == {f"new/{claims[0].variant}"}, "the text is the variant's own"


def test_variants_are_split_by_weight() -> None:
    even, skewed = chosen("a: 1, b: 1", 600), chosen("a: 3, b: 1", 600)

    assert 240 <= even["a"] <= 360
    assert 390 <= skewed["a"] <= 510
    assert even["a"] + even["b"] == skewed["a"] + skewed["b"] == 600


# a new version of the page


def adopting(old: Plan, new: Plan, published: str, *facts: Event, end: str = LATER) -> Played:
    """Play facts under the old plan until the new one is published, and then under the new one."""
    before = play(book_of(old), facts, f"{TUESDAY} 00:00", published)
    book = book_of(new, published={new.digest: published}, older=[old])
    after = play(book, [], published, end, state=before.state)
    after.rows[:0] = before.rows
    return after


def plan(touches: str, top: str = FREE, **texts: str) -> Plan:
    """Return a plan of one stage with these touches."""
    return plan_of(one_stage(touches, top=top), templates=texts)


SECOND = "- {id: second, channel: sms, after: AFTER, template: t}"


def test_a_lead_under_way_follows_the_version_in_force() -> None:
    old, new = plan(HELLO), plan(f"{HELLO}\n{SECOND.replace('AFTER', '2d')}")

    played = adopting(old, new, f"{WEDNESDAY} 00:00", lead_fact(f"{TUESDAY} 10:00"))

    assert played.enrolment.digest == new.digest
    assert played.sent() == [f"{TUESDAY} 10:00", f"{THURSDAY} 10:00"]


def test_a_touch_added_behind_the_publication_is_skipped() -> None:
    old, new = plan(HELLO), plan(f"{HELLO}\n{SECOND.replace('AFTER', '2h')}")

    played = adopting(old, new, f"{TUESDAY} 13:00", lead_fact(f"{TUESDAY} 10:00"))

    assert played.of("second") == [(f"{TUESDAY} 13:00", "skipped", "before_publication")]


@pytest.mark.parametrize(("published", "outcome"), [("12:00", "sent"), ("12:01", "skipped")])
def test_a_touch_due_at_the_very_publication_is_not_behind_it(published: str, outcome: str) -> None:
    old, new = plan(HELLO), plan(f"{HELLO}\n{SECOND.replace('AFTER', '2h')}")

    played = adopting(old, new, f"{TUESDAY} {published}", lead_fact(f"{TUESDAY} 10:00"))

    assert played.of("second")[0][1] == outcome


def test_a_touch_moved_behind_the_publication_is_skipped() -> None:
    old, new = plan(SECOND.replace("AFTER", "2d")), plan(SECOND.replace("AFTER", "2h"))

    played = adopting(old, new, f"{TUESDAY} 13:00", lead_fact(f"{TUESDAY} 10:00"))

    assert played.of("second") == [(f"{TUESDAY} 13:00", "skipped", "before_publication")]


def test_a_touch_moved_ahead_of_the_publication_goes_at_its_new_time() -> None:
    old, new = plan(SECOND.replace("AFTER", "2d")), plan(SECOND.replace("AFTER", "4h"))

    assert adopting(old, new, f"{TUESDAY} 13:00", lead_fact(f"{TUESDAY} 10:00")).sent() == [f"{TUESDAY} 14:00"]


def test_a_waiting_touch_that_the_edit_leaves_alone_still_goes() -> None:
    top = f"{NIGHTS}\n{FREE}"
    old, new = plan(HELLO, top), plan(f"{HELLO}\n{SECOND.replace('AFTER', '2d')}", top)

    played = adopting(old, new, f"{WEDNESDAY} 01:00", lead_fact(f"{TUESDAY} 22:00"))

    assert played.of("hello") == [(f"{WEDNESDAY} 08:00", "sent", "sent")]


def test_a_waiting_touch_that_the_edit_only_rewords_goes_in_its_new_words() -> None:
    top = f"{NIGHTS}\n{FREE}"
    old, new = plan(HELLO, top), plan_of(one_stage(HELLO, top=top), templates={"t.sms.j2": "better"})

    played = adopting(old, new, f"{WEDNESDAY} 01:00", lead_fact(f"{TUESDAY} 22:00"))

    assert [row.body for row in played.rows] == ["better"]


def test_a_touch_that_went_is_never_sent_again_after_an_edit() -> None:
    old, new = plan(HELLO), plan(HELLO.replace("send: now", "after: 2d"))

    assert adopting(old, new, f"{WEDNESDAY} 00:00", lead_fact(f"{TUESDAY} 10:00")).sent() == [f"{TUESDAY} 10:00"]


def test_a_touch_the_edit_drops_does_not_go() -> None:
    old, new = plan(f"{HELLO}\n{SECOND.replace('AFTER', '2d')}"), plan(HELLO)

    assert adopting(old, new, f"{WEDNESDAY} 00:00", lead_fact(f"{TUESDAY} 10:00")).sent() == [f"{TUESDAY} 10:00"]


def test_a_touch_added_to_a_sequence_that_was_stopped_does_not_go() -> None:
    top = f"{FREE}\nstop_on: [reply]"
    old, new = plan(HELLO, top), plan(f"{HELLO}\n{SECOND.replace('AFTER', '2d')}", top)

    played = adopting(old, new, f"{WEDNESDAY} 00:00", lead_fact(f"{TUESDAY} 10:00"), fact("reply", f"{TUESDAY} 12:00"))

    assert reasons(played) == {"hello": "sent", "second": "stopped"}


def test_a_lead_whose_stage_the_new_version_lacks_stays_with_its_own() -> None:
    old = plan(f"{HELLO}\n{SECOND.replace('AFTER', '2d')}")
    new = plan_of(one_stage(HELLO, top=FREE).replace("  new:", "  fresh:"))

    played = adopting(old, new, f"{WEDNESDAY} 00:00", lead_fact(f"{TUESDAY} 10:00"))

    assert played.enrolment.digest == old.digest
    assert played.sent() == [f"{TUESDAY} 10:00", f"{THURSDAY} 10:00"]


def test_a_fact_that_comes_after_a_publication_is_judged_by_the_new_version() -> None:
    old = plan(HELLO)
    new = plan_of(one_stage(HELLO, top=f"{FREE}\nstop_on: [reply]"))
    before = play(book_of(old), [lead_fact(f"{TUESDAY} 10:00")], f"{TUESDAY} 00:00", f"{TUESDAY} 12:00")
    book = book_of(new, published={new.digest: f"{TUESDAY} 12:00"}, older=[old])
    reply = fact("reply", f"{TUESDAY} 12:30")

    state = observe(book, before.state, reply, reply.at).state

    assert next(iter(state.enrolments.values())).visit.stop is not None


# zones


def test_a_zone_learned_later_re_works_the_touches_that_have_not_ended() -> None:
    book = page('- {id: hello, channel: sms, day: 2, at: "09:00", template: t}', top=NIGHTS)
    learned = fact("lead.updated", f"{TUESDAY} 12:00", lead={"zones": ["America/Los_Angeles"], "zone_source": "zip"})

    assert story(book, lead_fact(f"{TUESDAY} 10:00")).sent() == [f"{WEDNESDAY} 09:00"]
    assert story(book, lead_fact(f"{TUESDAY} 10:00"), learned).sent() == [f"{WEDNESDAY} 11:00"]


def test_a_zone_learned_later_re_works_a_touch_that_waits_for_its_window() -> None:
    book = page(HELLO, top=NIGHTS)
    learned = fact("lead.updated", f"{TUESDAY} 20:30", lead={"zones": ["America/Los_Angeles"], "zone_source": "zip"})

    assert story(book, lead_fact(f"{TUESDAY} 20:10"), learned).sent() == [f"{TUESDAY} 20:30"]


def test_the_window_holds_in_every_zone_the_lead_may_live_in() -> None:
    zones = ["America/New_York", "America/Los_Angeles"]
    book = page(HELLO, top=NIGHTS)

    morning = story(book, lead_fact(f"{TUESDAY} 08:30", zones=zones, zone_source="phone"))
    evening = story(book, lead_fact(f"{TUESDAY} 19:30", zones=zones, zone_source="phone"))

    assert morning.sent() == [f"{TUESDAY} 10:00"], "8 AM in Los Angeles"
    assert evening.sent() == [f"{WEDNESDAY} 10:00"], "8 PM in New York had passed"


def test_a_number_that_may_be_anywhere_keeps_to_the_shops_clock_and_is_a_gap() -> None:
    zones = [
        "America/New_York",
        "Europe/Paris",
        "Asia/Tokyo",
        "Australia/Sydney",
        "America/Los_Angeles",
        "Asia/Kolkata",
    ]
    book = page(HELLO, top=NIGHTS)

    played = story(book, lead_fact(f"{TUESDAY} 23:00", zones=zones, zone_source="phone"))

    assert played.sent() == [f"{WEDNESDAY} 08:00"]
    assert [gap.code for gap in played.gaps] == ["no_next_action", "zone_unknown"]
    assert "ZIP" in played.gaps[1].text


def test_a_window_that_crosses_midnight_is_kept() -> None:
    book = page(HELLO, top='send_windows: {sms: "22:00-06:00"}')

    assert story(book, lead_fact(f"{TUESDAY} 12:00")).sent() == [f"{TUESDAY} 22:00"]
    assert story(book, lead_fact(f"{TUESDAY} 05:59")).sent() == [f"{TUESDAY} 05:59"]
    assert story(book, lead_fact(f"{TUESDAY} 06:00")).sent() == [f"{TUESDAY} 22:00"]


# identity


def test_a_touch_that_was_claimed_is_not_claimed_again() -> None:
    book = page(HELLO)
    state = observe(book, LeadState(lead="maria"), lead_fact(f"{TUESDAY} 10:00"), instant(f"{TUESDAY} 10:00")).state

    first = decide(book, state, instant(f"{TUESDAY} 10:00"))
    again = decide(book, first.state, instant(f"{TUESDAY} 10:01"))

    assert [claim.verdict.key for claim in first.claims] == ["maria/roofer/-/1/1/hello"]
    assert again.claims == ()


def test_a_touch_whose_answer_was_lost_is_not_sent_again_and_counts_in_limits() -> None:
    book = page(f"{HELLO}\n{SECOND.replace('AFTER', '1h')}", top="limits: {min_gap: 4h}")
    state = observe(book, LeadState(lead="maria"), lead_fact(f"{TUESDAY} 10:00"), instant(f"{TUESDAY} 10:00")).state
    lost = decide(book, state, instant(f"{TUESDAY} 10:00")).state
    apply(
        lost,
        fact(
            Decided.TOUCH_UNKNOWN,
            f"{TUESDAY} 10:05",
            enrolment="maria/roofer/-/1",
            touch="hello",
            visit=1,
            channel="sms",
        ),
    )

    later = decide(book, lost, instant(f"{TUESDAY} 11:00"))

    assert later.claims == ()
    assert [(each.touch, each.reason, each.until) for each in later.verdicts] == [
        ("second", Reason.MIN_GAP, instant(f"{TUESDAY} 14:00"))
    ]


def test_an_answer_from_the_provider_after_the_lead_moved_on_ends_nothing_in_the_new_visit() -> None:
    later = (
        "  later: {owner: sales, touches: [{id: hello, channel: sms, after: 1h, template: t}], next: {lead.won: won}}\n"
    )
    book = book_of(plan_of(one_stage(HELLO, top=FREE, stage="next: {lead.qualified: later}") + later))
    state = observe(book, LeadState(lead="maria"), lead_fact(f"{TUESDAY} 10:00"), instant(f"{TUESDAY} 10:00")).state
    claimed = decide(book, state, instant(f"{TUESDAY} 10:00"))
    moved = observe(book, claimed.state, fact("lead.qualified", f"{TUESDAY} 10:01"), instant(f"{TUESDAY} 10:01")).state
    apply(moved, carried_out(claimed.claims[0], at=instant(f"{TUESDAY} 10:02")))

    found = decide(book, moved, instant(f"{TUESDAY} 11:01")).claims

    assert [claim.verdict.key for claim in found] == ["maria/roofer/-/1/2/hello"]


def test_a_waiting_touch_says_until_when_and_which_line_of_the_page_holds_it() -> None:
    book = page(f"\n{HELLO}", top=NIGHTS)

    waiting = decide(
        book,
        observe(book, LeadState(lead="maria"), lead_fact(f"{TUESDAY} 22:00"), instant(f"{TUESDAY} 22:00")).state,
        instant(f"{TUESDAY} 22:00") + timedelta(minutes=1),
    ).verdicts[0]

    assert (waiting.reason, waiting.until) == (Reason.QUIET_HOURS, instant(f"{WEDNESDAY} 08:00"))
    assert waiting.line == book.current["roofer"].playbook.lines["send_windows"]


# tried again


def deferred(book: Book, touch: str, at: str, until: str) -> LeadState:
    """A lead whose ``touch`` was claimed and turned away at ``at``."""
    state = observe(book, LeadState(lead="maria"), lead_fact(f"{TUESDAY} 10:00"), instant(f"{TUESDAY} 10:00")).state
    decision = decide(book, state, instant(at))
    (claim,) = decision.claims
    assert claim.verdict.touch == touch
    entry = touch_entry(
        Decided.TOUCH_DEFERRED,
        at=instant(at),
        enrolment=claim.verdict.enrolment,
        touch=touch,
        visit=1,
        channel="sms",
        attempt=1,
        tries=1,
        until=instant_text(instant(until)),
        code="busy",
    )
    apply(decision.state, entry)
    return decision.state


@pytest.mark.parametrize(
    ("second", "goes"),
    [
        ("channel: sms", False),
        ("channel: email", True),
        ("channel: sms, expects: ack", True),
    ],
)
def test_behind_a_message_that_is_tried_again_the_later_ones_of_its_channel_wait(second: str, goes: bool) -> None:
    """A person's messages keep their order; another channel, and a request to confirm, do not wait."""
    book = page(f"""
        - {{id: first, channel: sms, send: now, template: t}}
        - {{id: second, {second}, after: 5m, template: t}}
    """)
    state = deferred(book, "first", f"{TUESDAY} 10:01", f"{TUESDAY} 10:20")
    before = decide(book, state, instant(f"{TUESDAY} 10:06"))
    after = decide(book, state, instant(f"{TUESDAY} 10:20"))

    assert [claim.verdict.touch for claim in before.claims] == ["second"] * goes
    assert {v.touch: (v.reason, v.until) for v in before.verdicts if v.outcome is Outcome.WAITS} == {
        "first": (Reason.RETRY, instant(f"{TUESDAY} 10:20")),
        **({} if goes else {"second": (Reason.RETRY, instant(f"{TUESDAY} 10:20"))}),
    }
    assert after.claims[0].verdict.touch == "first"


def test_an_answer_that_comes_after_all_counts_the_message_again() -> None:
    """It was thought not to have gone; it had."""
    book = page("- {id: first, channel: sms, send: now, template: t}")
    state = deferred(book, "first", f"{TUESDAY} 10:01", f"{TUESDAY} 10:20")
    assert state.messages == []
    (enrolment,) = state.enrolments
    apply(
        state,
        touch_entry(
            Decided.TOUCH_SENT,
            at=instant(f"{TUESDAY} 10:05"),
            enrolment=enrolment,
            touch="first",
            visit=1,
            channel="sms",
        ),
    )

    assert state.messages == [instant(f"{TUESDAY} 10:01")]
    assert decide(book, state, instant(f"{TUESDAY} 10:20")).claims == ()


def test_a_move_that_waits_for_a_contact_is_made_once_the_message_that_is_one_has_gone() -> None:
    """Not at the next touch, which may be days away."""
    page = plan_of(f"""
        {FREE}
        send_windows: {{sms: "00:00-24:00"}}
        stages:
          new:
            owner: csr
            enter_on: [lead.created]
            require: {{to_leave: [{{if: enrolment.contacts >= 1, say: write to them first}}]}}
            touches:
              - {{id: hello, channel: sms, after: 2h, template: t}}
              - {{id: later, channel: sms, after: 3d, template: t}}
            next: {{lead.qualified: booked, lead.won: won}}
          booked: {{owner: csr, next: {{lead.won: won}}}}
          won: {{end: won}}
    """)
    facts = [lead_fact(f"{TUESDAY} 10:00"), fact("lead.qualified", f"{TUESDAY} 11:00")]

    played = play(book_of(page), facts, f"{TUESDAY} 00:00", f"{WEDNESDAY} 00:00")

    assert played.sent("hello") == [f"{TUESDAY} 12:00"]
    assert (played.stage, local_text(played.enrolment.visit.started_at)) == ("booked", f"{TUESDAY} 12:01")
