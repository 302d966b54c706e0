"""A log decided anew: whatever a life was, each decision comes out as it was recorded; a changed entry is found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from cadence.engine.events import Decided
from cadence.engine.replay import TURN, WAY, Answer, Replay, is_result
from support.plans import LAW, WORKSPACE, plan_from, play
from support.worlds import SPAN, START, ticks, worlds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.engine.replay import Redecided
    from support.worlds import World

MIDDLE = START + SPAN / 2
LIFE = "maria"


def replayed(books: Callable[[datetime], Sequence[Book]], log: Sequence[Event]) -> list[Redecided]:
    return list(Replay(books).run((LIFE, event) for event in log))


def outcomes(decided: Sequence[Redecided]) -> set[Answer]:
    return {each.answer for each in decided}


@settings(max_examples=10, deadline=None)
@given(world=worlds(), tick=ticks)
def test_every_decision_of_a_life_comes_out_as_it_was_recorded(world: World, tick: timedelta) -> None:
    log = world.play(tick).events
    decided = replayed(lambda _: [world.book], log)

    assert outcomes(decided) <= {Answer.AGREES, Answer.OPEN}
    assert [event for each in decided for event in each.recorded] == [event for event in log if not is_result(event)]
    assert all(each.outside in ((), (TURN,)) for each in decided)


@settings(max_examples=8, deadline=None)
@given(world=worlds(), tick=ticks, gap=st.sampled_from(["2h", "90m", "1m"]))
def test_with_a_page_edited_in_the_middle_each_decision_is_made_anew_by_the_version_of_its_time(
    world: World, tick: timedelta, gap: str
) -> None:
    edited = [
        plan_from({**page, "limits": {**page["limits"], "min_gap": gap}}, workspace=WORKSPACE, law=LAW)
        for page in world.pages
    ]
    before, after = world.book, world.book.with_plans(edited, MIDDLE)
    first = play(before, [each for each in world.facts if each.recorded_at < MIDDLE], START, MIDDLE, tick)
    rest = [each for each in world.facts if each.recorded_at >= MIDDLE]
    second = play(after, rest, MIDDLE, START + SPAN, tick, state=first.state)

    decided = replayed(lambda at: [after if at >= MIDDLE else before], [*first.events, *second.events])

    assert outcomes(decided) <= {Answer.AGREES, Answer.OPEN}


@settings(max_examples=8, deadline=None)
@given(world=worlds(), tick=ticks, data=st.data())
def test_an_entry_that_was_not_decided_so_is_found(world: World, tick: timedelta, data: st.DataObject) -> None:
    """Its decision differs, and the difference names it; what comes before it is not touched by that."""
    log = world.play(tick).events
    kinds = (Decided.TOUCH_SKIPPED, Decided.TOUCH_STOPPED, Decided.STAGE_ENTERED)
    chosen = [n for n, event in enumerate(log) if event.type in kinds and not is_result(event)]
    if not chosen:
        return
    place = data.draw(st.sampled_from(chosen))
    name = "stage" if log[place].type == Decided.STAGE_ENTERED else "reason"
    wrong = replace(log[place], data={**log[place].data, name: "later" if name == "stage" else "capped"})
    if wrong == log[place]:
        return
    decided = replayed(lambda _: [world.book], [*log[:place], wrong])
    differing = [each for each in decided if each.answer is Answer.DIFFERS]

    assert len(differing) == 1
    assert wrong in differing[0].recorded


@settings(max_examples=8, deadline=None)
@given(world=worlds(promises=False), tick=ticks)
def test_a_message_that_did_not_go_at_its_time_is_put_down_to_its_sender_and_never_claimed(
    world: World, tick: timedelta
) -> None:
    """How busy a sender was is in no log: a tick that let nothing go on a channel cannot be re-decided."""
    log = world.play(tick).events
    sent = next((n for n, e in enumerate(log) if e.type == Decided.TOUCH_CLAIMED and e.data["channel"] == "sms"), None)
    if sent is None:
        return
    at = log[sent].recorded_at
    rest = [e for e in log[: sent + 1] if e.recorded_at < at or e.type != Decided.TOUCH_CLAIMED]
    decided = [each for each in replayed(lambda _: [world.book], rest) if each.at == at]

    assert all(each.answer is not Answer.AGREES or not each.decision.claims for each in decided)
    assert all(WAY in each.outside for each in decided if each.fact is None and each.decision.events and each.same)


@settings(max_examples=5, deadline=None)
@given(world=worlds(late=False), tick=ticks)
def test_two_lives_in_one_log_come_out_the_same_however_their_entries_lie_among_each_other(
    world: World, tick: timedelta
) -> None:
    log = world.play(tick).events
    twin = [replace(event, enrolment=event.enrolment.replace(LIFE, "ann")) for event in log]
    mixed = [each for pair in zip(log, twin, strict=True) for each in ((LIFE, pair[0]), ("ann", pair[1]))]
    decided = list(Replay(lambda _: [world.book]).run(mixed))

    assert {each.answer for each in decided if each.lead == LIFE} <= {Answer.AGREES, Answer.OPEN}
    assert [each.recorded for each in decided if each.lead == LIFE] == [
        each.recorded for each in replayed(lambda _: [world.book], log)
    ]
