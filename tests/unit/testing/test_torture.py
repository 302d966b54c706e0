"""The torture pack passes good pages, and finds each fault that is planted in what the engine decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cadence.engine.events import Event
from cadence.playbook.compile import compile_plan
from cadence.testing.torture import counting, sending, stopping, ticking
from cadence.testing.torture.ground import Ground
from cadence.testing.torture.plain import MESSAGES, counted_time, length, plain_page, week_of
from cadence.testing.torture.report import outcome_lines, outcome_record, total_line
from cadence.testing.torture.scenarios import SCENARIOS
from cadence.testing.torture.story import Look, Seen, play
from cadence.testing.torture.torture import RULES, TICK_RULES, Outcome, judge, torture, torture_story, unreached
from support.plans import ANY_HOUR, LAW, one_stage, plan_from, plan_of
from support.starters import GOOD_PAGES, TRADES, good_plan, starter_plan
from support.worlds import World, worlds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from cadence.engine.decision import Claim, Verdict
    from cadence.testing.torture.story import Story
    from cadence.testing.torture.verdicts import Broken

common = settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
HOME = ZoneInfo("America/Chicago")


# the pack on good pages


@pytest.mark.parametrize("trade", TRADES)
def test_a_starter_playbook_keeps_every_rule_on_the_worst_days(trade: str) -> None:
    """In every eighth story; the acceptance test of `cadence test --torture` tells all of them."""
    plan = starter_plan(trade)
    ground = Ground(plan, {})
    assert unreached(plan) == []
    for scenario, stories in SCENARIOS.items():
        chosen = list(islice(stories(ground), 0, None, 8))
        assert chosen, scenario
        found = [(fault.seen.story.name, fault.rule, fault.broken.say) for s in chosen for fault in torture_story(s)]
        assert found == [], scenario


def test_the_stories_use_every_touch_of_a_page() -> None:
    """A pack that never gets a touch to go would have nothing to say about it."""
    plan = starter_plan("plumber")
    ground = Ground(plan, {})
    most = (
        "every way in",
        "all that touches count from",
        "leads of whom little, or much, is known",
        "no tick for hours or days",
    )
    told = (play(story, story.ticks[0]) for name in most for story in SCENARIOS[name](ground))
    gone = {(claim.verdict.stage, claim.verdict.touch) for seen in told for claim in seen.claims()}
    assert gone >= {(stage.id, touch.id) for stage in plan.playbook.stages.values() for touch in stage.touches}


def test_a_page_that_takes_others_is_told_what_they_are_like() -> None:
    """Where a condition cannot be read, a sample lead shows whom the page takes."""
    page = one_stage("- {id: hello, channel: sms, send: now, template: hello}", top="enroll_if: lead.value | int > 900")
    plan = plan_of(page)
    assert unreached(plan) == ["new"]
    assert unreached(plan, {"value": 1000}) == []


@pytest.mark.parametrize("page", GOOD_PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_odd_but_legal_pages_keep_every_rule(page: Path) -> None:
    """Every key of the language, windows in the night, two ways, programs that are told."""
    ground = Ground(good_plan(page), {})
    stories = chain.from_iterable(islice(each(ground), 0, None, 9) for each in SCENARIOS.values())
    faults = [fault for story in stories for fault in torture_story(story)]
    assert [(fault.seen.story.name, fault.rule, fault.broken.say) for fault in faults] == []


@settings(common, max_examples=5, derandomize=True)
@given(world=worlds())
def test_any_page_keeps_every_rule(world: World) -> None:
    """Windows across midnight, other limits, cron, steps for audiences: what the starters do not have."""
    plan = plan_from(world.pages[0], law=LAW if world.strict else ANY_HOUR)
    ground = Ground(plan, {"zip": "64110", "urgency": "leak"})
    stories = chain.from_iterable(islice(each(ground), 0, None, 13) for each in SCENARIOS.values())
    faults = [fault for story in stories for fault in torture_story(story)]
    assert [(fault.seen.story.name, fault.rule, fault.broken.say) for fault in faults] == []


# the judge reads for itself


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        (date(2026, 11, 26), True), (date(2027, 5, 31), True), (date(2027, 7, 5), True), (date(2027, 12, 24), True),
        (date(2027, 12, 31), True), (date(2027, 6, 18), False), (date(2026, 11, 11), False),
    ],
)  # fmt: skip
def test_the_judge_knows_the_holidays_that_shops_keep(day: date, closed: bool) -> None:
    assert plain_page(starter_plan("hvac")).is_holiday(day) is closed


def test_the_judge_reads_federal_holidays_as_the_calendar_does() -> None:
    page = "calendar: {holidays: [US]}\n" + one_stage("- {id: hello, channel: sms, send: now, template: hello}")
    plan = plan_of(page)
    words, kept = plain_page(plan), plan.playbook.calendar.hours.holidays
    assert kept is not None
    days = [date(2026, 1, 1) + timedelta(days=step) for step in range(3 * 365)]
    assert [day for day in days if words.is_holiday(day)] == [day for day in days if kept.includes(day)]


def test_a_window_that_crosses_midnight_and_an_hour_that_comes_twice_are_read_off_the_clock() -> None:
    assert week_of({"mon-fri": "22:00-06:00", "sun": ["09:00-12:00", "13:00-17:00"]})[0] == ((1320, 1800),)
    second = datetime.fromisoformat("2026-11-01T07:10:00+00:00")
    assert counted_time(second, HOME) == datetime.fromisoformat("2026-11-01T01:59")
    assert length("1h30m") == timedelta(minutes=90)


# planted faults


@lru_cache(maxsize=4)
def some_stories(trade: str, every: int) -> tuple[Story, ...]:
    ground = Ground(starter_plan(trade), {})
    return tuple(chain.from_iterable(islice(stories(ground), 0, None, every) for stories in SCENARIOS.values()))


@lru_cache(maxsize=1)
def pool() -> tuple[Seen, ...]:
    return tuple(play(story, story.ticks[0]) for story in some_stories("roofer", 17))


def with_looks(seen: Seen, looks: Iterable[Look]) -> Seen:
    return replace(seen, looks=tuple(sorted(looks, key=lambda look: look.at)))


def bare(seen: Seen, at: datetime, *, fact: Event | None = None, claims: tuple[Claim, ...] = ()) -> Look:
    """A look in which nothing is changed but this."""
    before = [look for look in seen.looks if look.at <= at]
    standing = before[-1].standing if before else ()
    return Look(at=at, fact=fact, entries=(), claims=claims, ended=(), standing=standing, waiting={})


def told_at(claim: Claim, at: datetime, **changes: object) -> Claim:
    return replace(claim, verdict=replace(claim.verdict, at=at, **changes))


def again(seen: Seen, claim: Claim, at: datetime, **changes: object) -> Seen:
    """The story with a claim carried out at another instant, too."""
    return with_looks(seen, [*seen.looks, bare(seen, at, claims=(told_at(claim, at, **changes),))])


def changed(seen: Seen, claim: Claim, **changes: object) -> Seen:
    """The story with something else said of a claim."""
    other = told_at(claim, claim.verdict.at, **changes)
    looks = [
        replace(look, claims=tuple(other if each is claim else each for each in look.claims)) for look in seen.looks
    ]
    return with_looks(seen, looks)


def learned(seen: Seen, kind: str, at: datetime) -> Seen:
    return with_looks(seen, [*seen.looks, bare(seen, at, fact=Event(kind, at, at))])


def counted(seen: Seen) -> list[Claim]:
    """The messages that limits count."""
    return [claim for claim in seen.claims(*MESSAGES) if not line_of(seen, claim.verdict).get("answers") and
            line_of(seen, claim.verdict).get("expects") != "ack"]  # fmt: skip


def line_of(seen: Seen, verdict: Verdict) -> dict[str, object]:
    return dict(plain_page(seen.plan).touch(verdict.stage, verdict.touch))


def found(rule: Callable[[Seen], Iterable[Broken]], seen: Seen) -> bool:
    """Whether the judge names this rule."""
    words = (rule.__doc__ or "").strip().rstrip(".")
    return words in {fault.rule for fault in judge(seen)}


def draw_claim(data: st.DataObject, pick: Callable[[Seen], list[Claim]]) -> tuple[Seen, Claim]:
    able = [seen for seen in pool() if pick(seen)]
    seen = data.draw(st.sampled_from(able))
    return seen, data.draw(st.sampled_from(pick(seen)))


def local_night(at: datetime) -> datetime:
    return (at.astimezone(HOME) + timedelta(days=1)).replace(hour=3, minute=0).astimezone(at.tzinfo)


def test_what_is_tampered_with_below_was_sound() -> None:
    assert [fault for seen in pool() for fault in judge(seen)] == []


@common
@given(data=st.data())
def test_a_message_moved_into_the_night_is_found(data: st.DataObject) -> None:
    seen, claim = draw_claim(data, counted)
    assert found(sending.goes_in_its_hours, again(seen, claim, local_night(claim.verdict.at)))


@common
@given(data=st.data())
def test_a_message_after_stop_is_found(data: st.DataObject) -> None:
    seen, claim = draw_claim(data, lambda each: each.claims(*MESSAGES, "audience"))
    assert found(stopping.heeds_stop, learned(seen, "opt_out", claim.verdict.at - timedelta(seconds=1)))


@common
@given(data=st.data(), kind=st.sampled_from(["reply", "appointment.booked", "lead.won", "contract.signed"]))
def test_a_step_of_a_stopped_sequence_is_found(data: st.DataObject, kind: str) -> None:
    seen, claim = draw_claim(data, lambda each: each.claims())
    assume(not str(line_of(seen, claim.verdict).get("anchor", "")).startswith(kind))
    entered = [look.at for look in seen.looks for entry in look.entries if entry.type == "stage.entered"]
    assume(claim.verdict.at not in entered)
    assert found(stopping.ends_its_sequence, learned(seen, kind, claim.verdict.at - timedelta(seconds=1)))


@common
@given(data=st.data(), kind=st.sampled_from(["snooze", "automatic"]))
def test_a_step_while_they_asked_for_later_is_found(data: st.DataObject, kind: str) -> None:
    seen, claim = draw_claim(data, lambda each: each.claims())
    assume(not any(look.fact for look in seen.looks if look.at == claim.verdict.at))
    assert found(stopping.waits_when_asked, learned(seen, kind, claim.verdict.at - timedelta(seconds=1)))


@common
@given(data=st.data(), hours=st.integers(1, 90))
def test_a_touch_that_goes_twice_is_found(data: st.DataObject, hours: int) -> None:
    seen, claim = draw_claim(data, lambda each: each.claims())
    assert found(counting.goes_once, again(seen, claim, claim.verdict.at + timedelta(hours=hours)))


@common
@given(data=st.data())
def test_two_messages_in_one_tick_are_found(data: st.DataObject) -> None:
    seen, claim = draw_claim(data, lambda each: each.claims(*MESSAGES))
    assert found(counting.goes_one_at_a_time, again(seen, claim, claim.verdict.at, visit=99))


def spread(seen: Seen, claim: Claim, *hours: float) -> Seen:
    """The story with a message repeated so many hours after ten o'clock of a later day."""
    start = (
        (claim.verdict.at.astimezone(HOME) + timedelta(days=9))
        .replace(hour=0, minute=0)
        .astimezone(claim.verdict.at.tzinfo)
    )
    for hour in hours:
        seen = again(seen, claim, start + timedelta(hours=hour))
    return seen


@common
@given(data=st.data())
def test_a_third_message_on_a_day_is_found_and_a_second_is_none(data: st.DataObject) -> None:
    seen, claim = draw_claim(data, counted)
    quiet = with_looks(seen, [replace(look, claims=()) for look in seen.looks])
    assert not found(counting.keeps_the_days_number, spread(quiet, claim, 9, 14))
    assert found(counting.keeps_the_days_number, spread(quiet, claim, 9, 14, 19))


@common
@given(data=st.data())
def test_a_sixth_message_in_seven_days_is_found_and_a_fifth_is_none(data: st.DataObject) -> None:
    seen, claim = draw_claim(data, counted)
    quiet = with_looks(seen, [replace(look, claims=()) for look in seen.looks])
    assert not found(counting.keeps_the_weeks_number, spread(quiet, claim, *range(9, 129, 24)))
    assert found(counting.keeps_the_weeks_number, spread(quiet, claim, *range(9, 153, 24)))


@common
@given(data=st.data(), minutes=st.integers(1, 239))
def test_a_message_too_soon_after_the_last_is_found(data: st.DataObject, minutes: int) -> None:
    seen, claim = draw_claim(data, counted)
    assert found(counting.keeps_the_gap, again(seen, claim, claim.verdict.at + timedelta(minutes=minutes)))


@common
@given(data=st.data())
def test_more_texts_than_a_law_allows_are_found(data: st.DataObject) -> None:
    """Florida: three in 24 hours, whatever they are about."""
    seen, claim = draw_claim(data, lambda each: [claim for claim in counted(each) if claim.verdict.channel == "sms"])
    quiet = with_looks(seen, [replace(look, claims=()) for look in seen.looks])
    story = replace(seen.story, record={**seen.story.record, "states": ["FL"]})
    assert not found(counting.keeps_the_laws_number, replace(spread(quiet, claim, 9, 12, 15), story=story))
    assert found(counting.keeps_the_laws_number, replace(spread(quiet, claim, 9, 12, 15, 18), story=story))


@common
@given(data=st.data(), days=st.integers(4, 30))
def test_what_goes_too_late_or_before_its_time_is_found(data: st.DataObject, days: int) -> None:
    seen, claim = draw_claim(data, lambda each: each.claims())
    for due in (claim.verdict.at - timedelta(days=days), claim.verdict.at + timedelta(minutes=1), None):
        assert found(sending.goes_in_its_time, changed(seen, claim, due_at=due))


@common
@given(data=st.data())
def test_a_flood_after_an_outage_is_found(data: st.DataObject) -> None:
    seen, claim = draw_claim(data, lambda each: counted(each) if each.story.down else [])
    assert seen.story.down is not None
    begins, ends = seen.story.down
    for minutes in (5, 65):
        seen = again(seen, claim, ends + timedelta(minutes=minutes), due_at=begins + timedelta(minutes=minutes))
    assert found(counting.never_floods, seen)


@common
@given(data=st.data(), lacks=st.sampled_from(["owner", "step", "date", "all"]))
def test_a_lead_that_is_nobodys_or_has_no_next_step_is_found(data: st.DataObject, lacks: str) -> None:
    seen = data.draw(st.sampled_from([each for each in pool() if any(look.standing for look in each.looks)]))
    number = data.draw(st.sampled_from([n for n, look in enumerate(seen.looks) if look.standing]))
    look = seen.looks[number]
    stands = replace(look.standing[0], gaps=())
    assume(stands.next is not None)
    assert stands.next is not None
    standing = {
        "owner": (replace(stands, owner=""),),
        "step": (replace(stands, next=None),),
        "date": (replace(stands, next=replace(stands.next, due_at=None)),),
        "all": (),
    }[lacks]
    looks = [*seen.looks[:number], replace(look, standing=standing), *seen.looks[number + 1 :]]
    assert found(stopping.is_always_somebodys, with_looks(seen, looks))


@common
@given(data=st.data())
def test_a_stop_that_leaves_nothing_to_do_is_found(data: st.DataObject) -> None:
    def stops(look: Look) -> bool:
        return any(entry.type == "sequence.stopped" for entry in look.entries) and bool(look.standing)

    seen = data.draw(st.sampled_from([each for each in pool() if any(stops(look) for look in each.looks)]))
    looks = [
        replace(look, entries=tuple(each for each in look.entries if each.type not in ("task.made", "touch.claimed")))
        for look in seen.looks
    ]
    assert found(stopping.stops_with_a_next_step, with_looks(seen, looks))


@common
@given(data=st.data(), minutes=st.sampled_from([-60, 60, 1]))
def test_an_hour_that_is_not_the_pages_is_found(data: st.DataObject, minutes: int) -> None:
    """Such as 10:00 that became 11:00 when the clocks changed, or 46 hours that became 47."""

    def timed(seen: Seen) -> list[Claim]:
        lines = ((claim, set(line_of(seen, claim.verdict))) for claim in seen.claims())
        return [claim for claim, said in lines if said & {"at", "next_business_day", "after", "before"} - {"clock"}]

    seen, claim = draw_claim(data, timed)
    assume("clock" not in line_of(seen, claim.verdict))
    due = claim.verdict.due_at
    assert due is not None
    assert found(sending.keeps_the_hour_of_the_page, changed(seen, claim, due_at=due + timedelta(minutes=minutes)))


@dataclass(frozen=True)
class Pair:
    often: Seen
    seldom: Seen


@lru_cache(maxsize=1)
def pairs() -> tuple[Pair, ...]:
    told = [story for story in some_stories("roofer", 17) if len(story.ticks) > 1]
    return tuple(Pair(play(story, story.ticks[0]), play(story, story.ticks[1])) for story in told[:12])


@common
@given(data=st.data())
def test_a_due_instant_that_depends_on_the_ticks_is_found(data: st.DataObject) -> None:
    pair = data.draw(st.sampled_from(pairs()))
    claim = data.draw(st.sampled_from(pair.seldom.claims()))
    due = claim.verdict.due_at
    assert due is not None
    tampered = changed(pair.seldom, claim, due_at=due + timedelta(minutes=15))
    assert list(ticking.is_due_whatever_the_ticks(pair.often, pair.seldom)) == []
    assert list(ticking.is_due_whatever_the_ticks(pair.often, tampered)) != []


@common
@given(data=st.data())
def test_what_fewer_ticks_leave_out_is_found(data: st.DataObject) -> None:
    """A step on a day of its own, in the middle of the day: nothing excuses that it does not go."""
    pair = data.draw(st.sampled_from(pairs()))
    lonely = [claim for claim in pair.often.claims() if is_lonely(pair.often, claim)]
    assume(lonely)
    claim = data.draw(st.sampled_from(lonely))
    looks = [
        replace(look, claims=tuple(each for each in look.claims if each.verdict.key != claim.verdict.key))
        for look in pair.seldom.looks
    ]
    assert list(ticking.does_the_same_with_fewer_ticks(pair.often, pair.seldom)) == []
    assert list(ticking.does_the_same_with_fewer_ticks(pair.often, with_looks(pair.seldom, looks))) != []


def is_lonely(seen: Seen, claim: Claim) -> bool:
    at = claim.verdict.at
    others = [look.at for look in seen.looks if look.at != at and (look.fact or look.claims or look.ended)]
    same = [look for look in seen.looks if look.at == at]
    alone = sum(len(look.claims) + len(look.ended) for look in same) == 1
    due = claim.verdict.due_at
    return alone and 9 <= at.astimezone(HOME).hour < 17 and due == at and all(
        abs(other - at) > timedelta(hours=1) for other in others
    )  # fmt: skip


# a page with a fault of its own, and what is said of it


def test_a_page_is_told_which_rule_it_breaks_with_the_story_of_the_lead() -> None:
    """The first story that breaks it, and the moment in it."""
    assert all(rule.__doc__ for rule in (*RULES, *TICK_RULES))
    story = next(each for each in some_stories("roofer", 17) if "estimate" in each.name)
    seen = play(story, story.ticks[0])
    claim = counted(seen)[0]
    faults = tuple(judge(again(seen, claim, local_night(claim.verdict.at))))
    outcome = Outcome(playbook="roofer", scenario="around opening and closing", stories=7, faults=faults)

    lines = list(outcome_lines(outcome))

    assert lines[0].split() == ["BROKEN", "around", "opening", "and", "closing", "7", "leads"]
    assert any(line.strip().startswith("rule:  No message outside the page's windows") for line in lines)
    assert any(line.strip().startswith(">") and "goes:" in line for line in lines), "the moment is marked"
    record = outcome_record(outcome)
    assert (record["passed"], record["leads"], len(record["faults"])) == (False, 7, len(faults))
    assert total_line([outcome, Outcome(playbook="hvac", scenario="x", stories=1, faults=())]).startswith(
        "2 playbooks, 2 scenarios, 8 leads: "
    )


def test_an_engine_that_forgets_a_stop_rule_is_caught_by_the_whole_pack() -> None:
    """The plan was made of a page without its stops; the judge holds it to the page that has them."""
    page = one_stage(
        """
        - {id: hello, channel: sms, send: now, template: hello}
        - {id: later, channel: sms, after: 26h, template: later}
        """,
        top="stop_on: [reply]",
    )
    plan = plan_of(page, law=LAW)
    forgetful = replace(compile_plan(plan.content), playbook=replace(plan.playbook, stop_on={}))

    outcomes = list(torture(forgetful))

    assert {outcome.scenario for outcome in outcomes if not outcome.passed} >= {"an answer at every touch"}
    assert all(outcome.passed for outcome in torture(plan))
