"""Laws of the engine that hold for every page, every life and every tick."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadence.engine.decide import carried_out, decide, observe
from cadence.engine.decision import Decision, Outcome
from cadence.engine.events import Decided, Event
from cadence.engine.fold import apply, fold
from cadence.engine.state import LeadState
from support.plans import LEAD, Played, play
from support.worlds import SPAN, START, World, ticks, worlds

common = settings(deadline=None, suppress_health_check=list(HealthCheck))
Row = tuple[str, str, str, datetime]


def rows(played: Played) -> list[Row]:
    """What became of every touch, and when."""
    return [(each.key, each.outcome.value, each.reason.code, each.at) for each in played.verdicts]


# time


@settings(common, max_examples=35)
@given(world=worlds(once=True, late=False, leave_out=("acknowledgement",)), one=ticks, other=ticks)
def test_due_instants_do_not_depend_on_how_often_ticks_come(world: World, one: timedelta, other: timedelta) -> None:
    """What is due, and when, is a matter of facts and plan alone."""
    book, end = world.book, START + SPAN

    def due(tick: timedelta) -> dict[str, datetime | None]:
        played = world.play(tick)
        last = decide(book, played.state, end)
        return {each.key: each.due_at for each in (*played.verdicts, *last.verdicts)}

    assert due(one) == due(other)


@settings(common, max_examples=22)
@given(world=worlds(), tick=st.integers(5, 60))
def test_looking_only_when_it_says_so_is_as_good_as_looking_at_every_tick(world: World, tick: int) -> None:
    """Before ``wake_at`` nothing changes by itself."""
    every = timedelta(minutes=tick)
    book, state, wake = world.book, LeadState(lead=LEAD), None
    facts, at = list(world.facts), START
    found: list[Row] = []

    while at < START + SPAN:
        while facts and facts[0].recorded_at <= at:
            decision = observe(book, state, facts[0], facts.pop(0).recorded_at)
            state, wake = decision.state, decision.wake_at
            found += ended(decision)
        decision = decide(book, state, at)
        if wake is None or wake > at:
            assert decision.events == (), f"nothing was to change before {wake}"
        found += ended(decision)
        for claim in decision.claims:
            apply(decision.state, carried_out(claim, at=at))
        state, wake = decision.state, decision.wake_at
        at += every

    assert found == rows(world.play(every))


def ended(decision: Decision) -> list[Row]:
    """The touches a decision ended."""
    return [
        (each.key, each.outcome.value, each.reason.code, each.at)
        for each in decision.verdicts
        if each.outcome is not Outcome.WAITS
    ]


# one pure function, one fold


@settings(common, max_examples=25)
@given(world=worlds(), tick=ticks, moments=st.lists(st.integers(0, 6 * 24 * 60), min_size=1, max_size=4))
def test_deciding_changes_nothing_and_says_the_same_twice(world: World, tick: timedelta, moments: list[int]) -> None:
    """Neither the state given nor a second answer tells that the first was asked for."""
    book, later = world.book, world.facts[-1]

    for minutes in moments:
        now = START + timedelta(minutes=minutes)
        state = world.play(tick, until=timedelta(minutes=minutes)).state if minutes else LeadState(lead=LEAD)
        before = copy.deepcopy(state)
        reply = replace(later, at=now, recorded_at=now)

        assert decide(book, state, now) == decide(book, state, now)
        assert observe(book, state, reply, now) == observe(book, state, reply, now)
        assert state == before


@settings(common, max_examples=35)
@given(world=worlds(), tick=ticks)
def test_the_state_is_a_fold_over_the_log(world: World, tick: timedelta) -> None:
    """What the log says, read back from its written form, is the state the decisions left."""
    played = world.play(tick)
    written = [replace(entry, data=json.loads(json.dumps(dict(entry.data)))) for entry in played.events]

    assert fold(LEAD, written) == fold(LEAD, played.events) == played.state


# touches


@settings(common, max_examples=35)
@given(world=worlds(), tick=ticks)
def test_every_touch_ends_once(world: World, tick: timedelta) -> None:
    """No touch goes twice, and none ends in two ways."""
    keys = [each.key for each in world.play(tick).verdicts]

    assert len(keys) == len(set(keys))


@settings(common, max_examples=60)
@given(world=worlds(), tick=ticks)
def test_nothing_goes_after_a_stop(world: World, tick: timedelta) -> None:
    """After a reply nothing of that visit, after an opt-out no message at all, after the end nothing of the job."""
    visits: dict[str, int] = {}
    over: set[tuple[str, int]] = set()
    left: set[str] = set()
    opted_out: datetime | None = None
    back: datetime | None = None

    for entry in world.play(tick).events:
        if entry.type == Decided.STAGE_ENTERED:
            visits[entry.enrolment] = entry.data["visit"]
        elif entry.type == "reply":
            stopping = {each for each in visits if "reply" in world.page(each.split("/")[1])["stop_on"]}
            over |= {(each, visits[each]) for each in stopping}
        elif entry.type == Decided.ENROLMENT_ENDED:
            left.add(entry.enrolment)
        elif entry.type == "opt_out":
            opted_out = max(entry.at, opted_out or entry.at)
            over |= {(each, visits[each]) for each in visits}
        elif entry.type == "opt_in":
            back = max(entry.at, back or entry.at)
        elif entry.type == Decided.TOUCH_CLAIMED:
            assert (entry.enrolment, entry.data["visit"]) not in over
            assert entry.enrolment not in left
            if entry.data["channel"] not in ("call", "task"):
                assert opted_out is None or (back is not None and back >= opted_out)


# floods


@settings(common, max_examples=45)
@given(world=worlds(), tick=ticks, down=st.integers(0, 60 * 24 * 3), hours=st.integers(1, 72))
def test_no_outage_ends_in_a_flood(world: World, tick: timedelta, down: int, hours: int) -> None:
    """After any outage one person never gets two messages in one tick, and nothing that has grown too old."""
    book = world.book
    from_, to = START + timedelta(minutes=down), START + timedelta(minutes=down, hours=hours)
    state, found = LeadState(lead=LEAD), []
    for start, end in ((START, from_), (to, START + SPAN)):
        facts = [each for each in world.facts if (start if start == START else from_) <= each.recorded_at < end]
        played = Played(state=state)
        if start < end:
            played = play(book, facts, start, end, tick, state=state)
        state = played.state
        found += [each for each in played.verdicts if each.outcome is Outcome.SENT]

    messages = [each.at for each in found if each.channel in ("sms", "email")]
    assert len(messages) == len(set(messages))
    for each in found:
        page, touch = world.page(each.playbook), world.touch(each.playbook, each.touch)
        allowed = DURATIONS[touch.get("expires_after", page["expires_after"])]
        if page["catch_up"] == "skip":
            allowed = min(allowed, timedelta(hours=1))
        assert each.due_at is not None
        assert timedelta(0) <= each.at - each.due_at <= allowed


DURATIONS = {
    "90m": timedelta(minutes=90),
    "2h": timedelta(hours=2),
    "24h": timedelta(days=1),
    "3d": timedelta(days=3),
    "1m": timedelta(minutes=1),
    "30m": timedelta(minutes=30),
    "4h": timedelta(hours=4),
}


@settings(common, max_examples=30)
@given(
    world=worlds(silence=False, promises=False), from_=st.integers(0, 60 * 24 * 3), length=st.integers(1, 60 * 24 * 2)
)
def test_a_pause_is_an_outage_of_its_length(world: World, from_: int, length: int) -> None:
    """Touches that wait in a pause end as they would had no tick come."""
    tick = timedelta(minutes=10)
    start = START + tick * (from_ // 10)
    stop = start + tick * (length // 10 + 1)
    entries = [
        Event(type=kind, at=at, recorded_at=at, actor="colleague", data={"scope": "all"})
        for kind, at in ((Decided.PAUSED, start), (Decided.RESUMED, stop))
    ]
    story = sorted([*world.facts, *entries], key=lambda each: each.recorded_at)

    paused = replace(world, facts=tuple(story)).play(tick)

    book = world.book
    facts_before = [each for each in world.facts if each.recorded_at < start]
    before = play(book, facts_before, START, start, tick)
    after = play(book, world.facts[len(facts_before) :], stop, START + SPAN, tick, state=before.state)
    assert rows(paused) == [*rows(before), *rows(after)]
