"""Variants: which sequence a lead gets and by which rules it is shared out; given once, the same for all who look."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from cadence.engine.decide import observe
from cadence.engine.events import Decided
from cadence.engine.fold import fold
from cadence.engine.state import LeadState
from cadence.engine.variants import draw
from support.plans import WORKSPACE, book_of, fact, instant, lead_fact, one_stage, plan_of, play

if TYPE_CHECKING:
    from cadence.engine.book import Book
    from cadence.playbook.compile import Plan
    from support.plans import Played

TUESDAY, WEDNESDAY = "2026-11-17", "2026-11-18"
LATER = "2026-12-24 00:00"
FREE = "limits: {messages_per_day: 9, messages_per_week: 99, min_gap: 1m}"
TOUCHES = """
- {id: first, channel: sms, send: now, template: t}
- {id: second, channel: sms, after: 2d, template: t}
- {id: third, channel: sms, after: 4d, template: t, variant: long}
- {id: brief, channel: sms, after: 5d, template: t, variant: short}
"""
OF = {"short": ["first", "second", "brief"], "long": ["first", "second", "third"]}


def plan(weights: str = "short: 1, long: 1", touches: str = TOUCHES, **options: Any) -> Plan:
    """Return a page whose first stage has two sequences."""
    variants = f"variants: {{{weights}}}" if weights else ""
    return plan_of(one_stage(touches, top=FREE, stage=variants), **options)


def story(book: Book, lead: str, *, end: str = LATER) -> Played:
    return play(book, [lead_fact(f"{TUESDAY} 10:00")], f"{TUESDAY} 00:00", end, state=LeadState(lead=lead))


def lead_of(variant: str, weights: str = "short: 1, long: 1") -> str:
    """Return the first lead that falls to a variant."""
    book = book_of(plan(weights))
    return next(lead for n in range(99) if variant_of(book, lead := f"lead-{n}") == variant)


def variant_of(book: Book, lead: str) -> str:
    at = f"{TUESDAY} 10:00"
    return only(observe(book, LeadState(lead=lead), lead_fact(at), instant(at)).state).visit.variant


def only(state: LeadState) -> Any:
    return next(iter(state.enrolments.values()))


def touches(played: Played) -> list[str]:
    return [row.touch for row in played.rows if row.outcome == "sent"]


@pytest.mark.demand("E13")
@pytest.mark.parametrize("variant", ["short", "long"])
def test_a_lead_gets_the_touches_of_its_variant_and_those_that_are_for_all(variant: str) -> None:
    played = story(book_of(plan()), lead_of(variant))

    assert touches(played) == OF[variant]
    assert {row.touch for row in played.rows} == set(OF[variant]), "the others' touches are no matter of this lead"


def test_the_variant_stands_in_the_log_of_the_visit() -> None:
    lead = lead_of("long")
    entry = story(book_of(plan()), lead).entries(Decided.STAGE_ENTERED)[0]

    assert entry.data["variant"] == "long"


def test_a_stage_without_variants_says_nothing_of_them() -> None:
    entry = story(book_of(plan("", TOUCHES.split("- {id: third")[0])), "lead-1").entries(Decided.STAGE_ENTERED)[0]

    assert "variant" not in entry.data


def test_a_lead_falls_to_the_same_variant_whenever_it_comes_and_whoever_looks() -> None:
    book = book_of(plan())
    for number in range(20):
        played = story(book, f"lead-{number}")
        again = fold(f"lead-{number}", played.events)
        assert only(again).visit.variant == played.enrolment.visit.variant == variant_of(book, f"lead-{number}")


def test_leads_fall_to_variants_by_weight() -> None:
    even, skewed = (
        Counter(variant_of(book, f"lead-{n}") for n in range(400))
        for book in (book_of(plan()), book_of(plan("short: 3, long: 1")))
    )

    assert 160 <= even["short"] <= 240
    assert 260 <= skewed["short"] <= 340


def test_stages_and_roles_of_one_name_are_drawn_for_by_themselves() -> None:
    """What a lead gets in one test tells nothing of what it gets in another."""
    weights = {"a": 1, "b": 1}
    pairs = Counter(
        (draw(weights, f"{n}|roofer|sales"), draw(weights, f"{n}|roofer|routing.sales")) for n in range(800)
    )

    assert all(150 <= pairs[one, other] <= 250 for one in "ab" for other in "ab")


def adopting(old: Plan, new: Plan, published: str, lead: str) -> Played:
    """Play a lead under the old page until the new one is published, and then under the new one."""
    before = story(book_of(old), lead, end=published)
    book = book_of(new, published={new.digest: published}, older=[old])
    after = play(book, [], published, LATER, state=before.state)
    after.rows[:0] = before.rows
    return after


def test_other_weights_leave_the_leads_under_way_where_they_are() -> None:
    lead = lead_of("short")
    old, new = plan(), plan("short: 1, long: 1000")
    assert variant_of(book_of(new), lead) == "long", "a new lead of that name would fall elsewhere"

    assert touches(adopting(old, new, f"{WEDNESDAY} 00:00", lead)) == OF["short"]


def test_a_lead_from_before_the_test_goes_on_with_the_first_variant() -> None:
    old = plan("", TOUCHES.replace(", variant: long", "").split("- {id: brief")[0])
    new = plan("long: 1, short: 1")

    for number in range(6):
        played = adopting(old, new, f"{WEDNESDAY} 00:00", f"lead-{number}")
        assert touches(played) == OF["long"]
        assert played.enrolment.visit.variant == "", "it is no lead of the test"


def test_a_lead_whose_variant_is_taken_off_the_page_goes_on_with_the_first() -> None:
    new = plan("short: 1, other: 1", TOUCHES.replace("variant: long", "variant: other"))

    assert touches(adopting(plan(), new, f"{WEDNESDAY} 00:00", lead_of("long"))) == OF["short"]


def test_a_touch_that_an_edit_gives_to_a_variant_after_its_time_is_not_sent_late() -> None:
    old = plan("short: 1, long: 1", TOUCHES.replace("second, channel: sms, after: 2d, template: t", SECOND_OF_LONG))
    played = adopting(old, plan(), "2026-11-20 00:00", lead_of("short"))

    assert played.of("second") == [("2026-11-20 00:00", "skipped", "before_publication")]


SECOND_OF_LONG = "second, channel: sms, after: 2d, template: t, variant: long"


def test_what_stands_in_for_a_message_is_for_the_leads_of_its_variant() -> None:
    hello = "- {id: hello, channel: sms, send: now, template: t, VARIANT fallback: {channel: email, template: t}}"
    sequence = hello.replace("VARIANT", "variant: long,") + "\n- {id: other, channel: sms, after: 1d, template: t}"
    book = book_of(plan(touches=sequence))
    facts = [lead_fact(f"{TUESDAY} 10:00", phone="")]
    sent = {
        variant: touches(play(book, facts, f"{TUESDAY} 00:00", LATER, state=LeadState(lead=lead_of(variant))))
        for variant in ("short", "long")
    }

    assert sent == {"short": [], "long": ["hello.email"]}


def test_the_variant_lasts_for_the_visit_and_a_later_stage_draws_anew() -> None:
    page = one_stage(
        TOUCHES, top=FREE, stage="variants: {short: 1, long: 1}\nnext: {lead.qualified: talk, lead.won: won}"
    )
    page += "  talk: {owner: csr, next: {lead.won: won}}\n"
    lead = lead_of("long")
    facts = [lead_fact(f"{TUESDAY} 10:00"), fact("lead.qualified", f"{WEDNESDAY} 12:00")]

    played = play(book_of(plan_of(page)), facts, f"{TUESDAY} 00:00", LATER, state=LeadState(lead=lead))

    assert played.enrolment.visit.variant == ""
    assert [each.data.get("variant", "") for each in played.entries(Decided.STAGE_ENTERED)] == ["long", ""]


# routing

ROUTING = """
routing:
  csr:
    variants: {by-zip: 1, in-turn: 1}
    rules: [{if: "lead.zip == '64110'", assign: lee, variant: by-zip}, {if: "lead.zip == '1'", assign: pat}]
"""


def routed(lead: str, **record: Any) -> Any:
    """Return how a lead was given to its owner, as the log has it."""
    at = f"{TUESDAY} 10:00"
    book = book_of(plan_of(one_stage("", top=ROUTING), workspace=WORKSPACE))
    decision = observe(book, LeadState(lead=lead), lead_fact(at, **record), instant(at))
    return next(each.data for each in decision.events if each.type == Decided.STAGE_ENTERED)


@pytest.mark.demand("E13")
def test_a_rule_holds_for_the_leads_of_its_variant() -> None:
    found = [routed(f"lead-{n}", zip="64110") for n in range(40)]

    assert {(each["how"]["variant"], each["how"]["by"], each["owner"]) for each in found} == {
        ("by-zip", "rule", "lee"),
        ("in-turn", "round_robin", "dana"),
    }


def test_a_rule_without_variant_holds_for_all() -> None:
    found = [routed(f"lead-{n}", zip="1") for n in range(40)]

    assert {(each["how"]["variant"], each["owner"]) for each in found} == {("by-zip", "pat"), ("in-turn", "pat")}


def test_who_stays_with_the_colleague_it_knows_is_not_drawn_for_again() -> None:
    page = one_stage("", top=ROUTING, stage="next: {lead.qualified: talk, lead.won: won}")
    page += "  talk: {owner: csr, next: {lead.won: won}}\n"
    facts = [lead_fact(f"{TUESDAY} 10:00"), fact("lead.qualified", f"{WEDNESDAY} 12:00")]

    played = play(book_of(plan_of(page)), facts, f"{TUESDAY} 00:00", LATER)

    entered = [each.data["how"] for each in played.entries(Decided.STAGE_ENTERED)]
    assert [(each["by"], "variant" in each) for each in entered] == [("round_robin", True), ("kept", False)]
