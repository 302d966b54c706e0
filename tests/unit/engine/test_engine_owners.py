"""Owners: rules, turns, loads, absence, and why it was this colleague."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadence.engine.decide import decide, observe
from cadence.engine.events import Decided
from cadence.engine.roster import Roster
from cadence.engine.state import LeadState
from support.plans import WORKSPACE, book_of, fact, instant, lead_fact, one_stage, plan_of

if TYPE_CHECKING:
    from cadence.engine.book import Book
    from cadence.engine.decision import Decision

TUESDAY, WEDNESDAY = "2026-11-17", "2026-11-18"
DESK = ("dana", "jo", "kim")


def team(*, absent: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a shop with three at the desk, one in sales, and a fallback."""
    people = [
        *({"id": each, "name": f"{each.title()} Reyes", "roles": ["csr"], "phone": "+18165550101"} for each in DESK),
        {"id": "lee", "name": "Lee Ortiz", "roles": ["sales"], "phone": "+18165550102"},
        {"id": "pat", "name": "Pat Kim", "roles": ["ops_lead", "fallback"], "phone": "+18165550103"},
    ]
    here = [{**each, "absent": True} if each["id"] in absent else each for each in people if each["id"] not in without]
    return {**WORKSPACE, "team": here}


def book(routing: str = "", *, absent: tuple[str, ...] = (), without: tuple[str, ...] = (), **options: Any) -> Book:
    """Return a page whose first stage belongs to the desk, and its second to sales."""
    stage = "next: {lead.qualified: estimate, lead.won: won}"
    more = "  estimate: {owner: sales, next: {lead.qualified: again, lead.won: won}}\n"
    more += "  again: {owner: csr, next: {lead.won: won}}\n"
    page = one_stage("", top=routing, stage=stage) + more
    return book_of(plan_of(page, workspace=team(absent=absent, without=without), **options))


def arrive(shop: Book, roster: Roster, number: int, **record: Any) -> Decision:
    """Have one more lead come in."""
    at = f"{TUESDAY} 10:00"
    decision = observe(shop, LeadState(lead=f"lead-{number}"), lead_fact(at, **record), instant(at), roster=roster)
    roster.note(decision.events)
    return decision


def owner(decision: Decision) -> str:
    return next(iter(decision.state.enrolments.values())).owner


def how(decision: Decision) -> dict[str, Any]:
    """Return how the latest owner was chosen, as the log has it."""
    chosen = [each for each in decision.events if each.type in (Decided.STAGE_ENTERED, Decided.OWNER_CHANGED)]
    return dict(chosen[-1].data["how"])


@pytest.mark.demand("E9")
def test_round_robin_gives_each_lead_to_whoever_waits_longest() -> None:
    roster = Roster()
    got = [owner(arrive(book("routing: {csr: {assign: round_robin}}"), roster, n)) for n in range(7)]
    assert got == ["dana", "jo", "kim", "dana", "jo", "kim", "dana"]


@given(leads=st.integers(1, 40))
def test_round_robin_never_gives_one_colleague_two_more_than_another(leads: int) -> None:
    roster, shop = Roster(), SHOP
    got = Counter(dict.fromkeys(DESK, 0)) + Counter()
    got = Counter(owner(arrive(shop, roster, n)) for n in range(leads))
    counts = [got[member] for member in DESK]
    assert max(counts) - min(counts) <= 1


SHOP = book("routing: {csr: {assign: round_robin}}")


def test_least_loaded_gives_to_who_has_fewest_open_leads() -> None:
    roster = Roster(loads={"dana": 3, "jo": 1, "kim": 2})
    got = [owner(arrive(book("routing: {csr: {assign: least_loaded}}"), roster, n)) for n in range(4)]
    assert got == ["jo", "kim", "jo", "dana"], "with equal loads, whose turn is longest ago"
    assert roster.loads == {"dana": 4, "jo": 3, "kim": 3}


def test_a_won_lead_is_off_its_owners_load() -> None:
    shop, roster = book(), Roster()
    came = arrive(shop, roster, 1)
    won = observe(shop, came.state, fact("lead.won", f"{TUESDAY} 11:00"), instant(f"{TUESDAY} 11:00"), roster=roster)
    roster.note(won.events)
    assert roster.loads == {"dana": 0}


@pytest.mark.demand("E9")
def test_a_rule_of_the_page_goes_before_turns_and_says_its_line() -> None:
    rules = "routing:\n  csr:\n    rules:\n      - {if: lead.zip.startswith('641'), assign: kim}"
    decision = arrive(book(rules), Roster(), 1, zip="64110")
    assert owner(decision) == "kim"
    assert how(decision) == {"by": "rule", "role": "csr", "line": 7}


def test_a_rule_that_names_an_absent_colleague_is_passed_over() -> None:
    rules = "routing: {csr: {rules: [{if: lead.zip.startswith('641'), assign: kim}]}}"
    decision = arrive(book(rules, absent=("kim",)), Roster(), 1, zip="64110")
    assert how(decision)["among"] == ["dana", "jo"]


def test_turns_say_who_was_there_to_choose_from() -> None:
    told = how(arrive(book(), Roster(), 1))
    assert told == {"by": "round_robin", "role": "csr", "among": ["dana", "jo", "kim"], "shared": "csr"}


def test_a_lead_stays_with_the_colleague_it_knows_of_a_role() -> None:
    shop, roster = book(), Roster()
    came = arrive(shop, roster, 1)
    for number in range(2, 4):
        arrive(shop, roster, number)
    state = came.state
    for at in ("11:00", "12:00"):
        moved = observe(
            shop, state, fact("lead.qualified", f"{TUESDAY} {at}"), instant(f"{TUESDAY} {at}"), roster=roster
        )
        state = moved.state
    assert owner(moved) == "dana"
    assert how(moved)["by"] == "kept"


def test_a_lead_given_by_hand_stays_with_that_colleague_in_the_role() -> None:
    shop, roster = book(), Roster()
    state = arrive(shop, roster, 1).state
    given = fact("owner.assigned", f"{TUESDAY} 10:30", owner="kim")
    state = observe(shop, state, given, given.at, roster=roster).state
    for at in ("11:00", "12:00"):
        qualified = fact("lead.qualified", f"{TUESDAY} {at}")
        moved = observe(shop, state, qualified, qualified.at, roster=roster)
        state = moved.state
    assert owner(moved) == "kim"


def test_whoever_broke_a_promise_does_not_get_the_lead_back_for_having_known_it() -> None:
    late = "sla: {call: {within: 1h, met_by: [call.logged], on_miss: [{reassign: lee}]}}"
    page = one_stage("", stage=f"next: {{lead.qualified: again, lead.won: won}}\n{late}")
    page += "  again: {owner: csr, next: {lead.won: won}}\n"
    shop = book_of(plan_of(page, workspace=team()))
    roster = Roster()
    state = arrive(shop, roster, 1).state
    missed = decide(shop, state, instant(f"{TUESDAY} 11:00"), roster=roster)
    assert owner(missed) == "lee"
    qualified = fact("lead.qualified", f"{TUESDAY} 12:00")
    assert owner(observe(shop, missed.state, qualified, qualified.at, roster=roster)) == "jo"


@pytest.mark.demand("E9", "E4")
def test_when_a_whole_team_is_absent_the_fallback_gets_the_leads() -> None:
    decision = arrive(book(absent=DESK), Roster(), 1)
    assert owner(decision) == "pat"
    assert how(decision)["by"] == "fallback"


def test_when_nobody_at_all_is_there_a_lead_still_has_an_owner() -> None:
    decision = arrive(book(absent=(*DESK, "pat")), Roster(), 1)
    assert owner(decision) == "pat"
    assert how(decision)["by"] == "nobody_present"
    later = decide(book(absent=(*DESK, "pat")), decision.state, instant(f"{TUESDAY} 11:00"))
    assert not [each for each in later.events if each.type == Decided.OWNER_CHANGED], "it is not passed round"


def test_an_absent_colleagues_lead_goes_to_another_and_comes_back() -> None:
    state = arrive(book(), Roster(), 1).state
    away = decide(book(absent=("dana",)), state, instant(f"{TUESDAY} 12:00"))
    assert owner(away) == "jo"
    change = next(each for each in away.events if each.type == Decided.OWNER_CHANGED)
    assert (change.data["cause"], change.data["before"]) == ("absent", "dana")
    back = decide(book(), away.state, instant(f"{WEDNESDAY} 08:00"))
    assert owner(back) == "dana"
    assert next(iter(back.state.enrolments.values())).reassigns == 0, "nobody broke a promise"


@pytest.mark.parametrize("gone", [{"absent": ("dana", "jo")}, {"absent": ("dana",), "without": ("jo",)}])
def test_a_lead_whose_stand_in_goes_too_still_comes_back_to_whose_it_was(gone: dict[str, tuple[str, ...]]) -> None:
    lent = decide(book(absent=("dana",)), arrive(book(), Roster(), 1).state, instant(f"{TUESDAY} 12:00"))
    again = decide(book(**gone), lent.state, instant(f"{TUESDAY} 13:00"))
    assert [owner(lent), owner(again)] == ["jo", "kim"]
    assert owner(decide(book(), again.state, instant(f"{WEDNESDAY} 08:00"))) == "dana"


def test_a_lead_given_to_somebody_meanwhile_does_not_come_back() -> None:
    away = decide(book(absent=("dana",)), arrive(book(), Roster(), 1).state, instant(f"{TUESDAY} 12:00"))
    given = observe(
        book(absent=("dana",)),
        away.state,
        fact("owner.assigned", f"{TUESDAY} 13:00", owner="lee"),
        instant(f"{TUESDAY} 13:00"),
    )
    assert owner(decide(book(), given.state, instant(f"{WEDNESDAY} 08:00"))) == "lee"


def test_a_member_who_leaves_with_200_leads_leaves_none_behind() -> None:
    """They are shared out evenly among those who stay, once, and what was to be done goes along."""
    shop, roster = book("routing: {csr: {assign: least_loaded}}", absent=("jo", "kim")), Roster()
    states = [arrive(shop, roster, n).state for n in range(200)]
    assert roster.loads == {"dana": 200}
    after = book("routing: {csr: {assign: least_loaded}}", without=("dana",))
    moved = []
    for state in states:
        decision = decide(after, state, instant(f"{WEDNESDAY} 08:00"), roster=roster)
        roster.note(decision.events)
        moved.append(decision)
    assert Counter(owner(each) for each in moved) == {"jo": 100, "kim": 100}
    assert roster.loads == {"dana": 0, "jo": 100, "kim": 100}
    assert all(len(each.alerts) == 1 for each in moved), "one message tells of them all"
    again = [decide(after, each.state, instant(f"{WEDNESDAY} 09:00"), roster=roster) for each in moved]
    assert not [each for one in again for each in one.events if each.type == Decided.OWNER_CHANGED]


def test_what_the_owner_had_to_do_goes_to_the_next_owner() -> None:
    shop = book()
    state = arrive(shop, Roster(), 1).state
    at = f"{TUESDAY} 11:00"
    asked = observe(shop, state, fact("next.set", at, action="send the brochure", due=f"{WEDNESDAY}"), instant(at))
    given = observe(shop, asked.state, fact("owner.assigned", at, owner="kim"), instant(f"{TUESDAY} 12:00"))
    (task,) = next(iter(given.state.enrolments.values())).open_tasks().values()
    assert (task.title, task.owner) == ("send the brochure", "kim")


@pytest.mark.parametrize("by", ["", "kim"])
def test_whoever_gets_a_lead_is_told_unless_they_took_it_themselves(by: str) -> None:
    shop = book()
    state = arrive(shop, Roster(), 1).state
    at = f"{TUESDAY} 11:00"
    given = observe(shop, state, fact("owner.assigned", at, owner="kim", by=by), instant(at))
    assert [alert.member for alert in given.alerts] == ([] if by == "kim" else ["kim"])


def test_two_who_take_a_lead_at_once_leave_it_with_the_second_and_both_on_the_record() -> None:
    shop = book()
    state = arrive(shop, Roster(), 1).state
    at = f"{TUESDAY} 11:00"
    first = observe(shop, state, fact("owner.assigned", at, owner="kim", by="kim"), instant(at))
    second = observe(shop, first.state, fact("owner.assigned", at, owner="jo", by="jo"), instant(at))
    assert owner(second) == "jo"
