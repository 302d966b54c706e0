"""Windows and limits, counted again by hand over every life: no message out of hours, none too many."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadence.engine.decision import Outcome, Verdict
from support.plans import ZONE, fact
from support.worlds import SPAN, START, World, ticks, worlds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cadence.engine.events import Event

common = settings(deadline=None, suppress_health_check=list(HealthCheck))
ANSWER_WITHIN = timedelta(minutes=15)
GAPS = {"1m": timedelta(minutes=1), "30m": timedelta(minutes=30), "4h": timedelta(hours=4)}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Hours in which texts may go to the states of the worlds, as a person reads the law table.
LAW_HOURS: Mapping[str, tuple[time, time]] = {
    "US": (time(8), time(21)),
    "FL": (time(8), time(20)),
    "KY": (time(10), time(21)),
}


def messages(world: World, tick: timedelta) -> list[Verdict]:
    """The messages that went to the person, in order."""
    sent = [each for each in world.play(tick).verdicts if each.outcome is Outcome.SENT]
    return [each for each in sent if each.channel in ("sms", "email")]


def inquiries(world: World) -> list[Event]:
    """What the person asked for, in the order it was learned."""
    return [
        each
        for each in world.facts
        if each.type == "call.missed" or (each.type == "lead.created" and each.data["inquiry"])
    ]


def open_on_the_page(hours: Any, at: datetime) -> bool:
    """Whether a page's hours are open at a local time, read off the page."""
    if isinstance(hours, str):
        start, end = hours.split("-")
        now = f"{at:%H:%M}"
        if start < end:
            return start <= now < end
        return now >= start or now < end
    spans: list[str] = []
    for days, text in hours.items():
        first, _, last = days.partition("-")
        if DAYS.index(first) <= at.weekday() <= DAYS.index(last or first):
            spans = [text] if isinstance(text, str) else list(text)
    return any(open_on_the_page(span, at) for span in spans)


def zones_of(world: World) -> list[ZoneInfo]:
    """The zones in which a window must be open; the shop's where the person's are not known."""
    return [ZoneInfo(name) for name in world.record["zones"] or [ZONE]]


def lawful(world: World, at: datetime) -> bool:
    """Whether the law table lets a text go at a local time."""
    states = world.record["states"]
    if not world.strict or states[:1] == ["abroad:IN"]:
        return True
    rows = ["US", *(state for state in states if state in LAW_HOURS)] if states else list(LAW_HOURS)
    return all(LAW_HOURS[row][0] <= at.time() < LAW_HOURS[row][1] for row in rows)


@settings(common, max_examples=90)
@given(world=worlds(), tick=ticks)
def test_no_message_goes_outside_its_windows(world: World, tick: timedelta) -> None:
    """Each is inside the page's hours and the law's in every zone of the person, but for answers within 15 minutes."""
    for each in messages(world, tick):
        touch, page = world.touch(each.playbook, each.touch), world.page(each.playbook)
        asked = [fact.at for fact in inquiries(world) if fact.recorded_at <= each.at]
        if "answers" in touch and asked and each.at - max(asked) <= ANSWER_WITHIN:
            continue
        for zone in zones_of(world):
            local = each.at.astimezone(zone)
            assert open_on_the_page(page["send_windows"][each.channel], local), (each.touch, local)
            assert each.channel != "sms" or lawful(world, local), (each.touch, local)


def counted(world: World, sent: Iterable[Verdict]) -> list[tuple[Verdict, bool]]:
    """The messages, and whether each counts in limits: answers, and what asks for a confirmation, do not."""
    answered: set[int] = set()
    found = []
    for each in sent:
        touch = world.touch(each.playbook, each.touch)
        known = [fact for fact in inquiries(world) if fact.recorded_at <= each.at]
        asked = max(enumerate(known), key=lambda pair: (pair[1].at, pair[0]), default=(0, None))[1]
        answers = "answers" in touch and asked is not None and id(asked) not in answered
        if answers:
            answered.add(id(asked))
        found.append((each, not answers and touch.get("expects") != "ack"))
    return found


@settings(common, max_examples=90)
@given(world=worlds(most=5), tick=ticks, others=st.lists(st.integers(0, 6 * 24 * 60), max_size=4))
def test_limits_hold_over_any_history(world: World, tick: timedelta, others: list[int]) -> None:
    """Day, week and gap, counted again from what was sent, a colleague's messages included."""
    wrote = [fact("message.sent.by_person", START + timedelta(minutes=minutes)) for minutes in others]
    story = sorted([*world.facts, *wrote], key=lambda each: each.recorded_at)
    world = replace(world, facts=tuple(story))
    by_person = [each for each in world.facts if each.type == "message.sent.by_person"]
    zones = zones_of(world)
    clock = ZoneInfo(ZONE) if ZoneInfo(ZONE) in zones else zones[0]
    before: list[datetime] = []

    for each, counts in counted(world, messages(world, tick)):
        if not counts:
            continue
        limits = world.page(each.playbook)["limits"]
        known = [*before, *(other.at for other in by_person if other.recorded_at <= each.at)]
        today = each.at.astimezone(clock).date()
        assert all(each.at - past >= GAPS[limits["min_gap"]] for past in known)
        assert sum(past.astimezone(clock).date() == today for past in known) < limits["messages_per_day"]
        assert sum(each.at - past < timedelta(days=7) for past in known) < limits["messages_per_week"]
        before.append(each.at)


@settings(common, max_examples=60)
@given(world=worlds(strict=True), tick=ticks, others=st.lists(st.integers(0, 6 * 24 * 60), max_size=4))
def test_the_number_of_texts_that_a_law_allows_holds_over_any_history(
    world: World, tick: timedelta, others: list[int]
) -> None:
    """Where the person may live in a state that numbers texts, no fourth goes within 24 hours."""
    wrote = [fact("message.sent.by_person", START + timedelta(minutes=minutes), channel="sms") for minutes in others]
    world = replace(world, facts=tuple(sorted([*world.facts, *wrote], key=lambda each: each.recorded_at)))
    states = world.record["states"]
    numbered = not states or bool({"FL", "MD", "NJ", "OK"}.intersection(states))
    before: list[datetime] = []

    for each in messages(world, tick):
        if each.channel != "sms":
            continue
        asked = [other.at for other in inquiries(world) if other.recorded_at <= each.at]
        answers = "answers" in world.touch(each.playbook, each.touch)
        by_person = [
            other.at for other in world.facts if other.type == "message.sent.by_person" and other.recorded_at <= each.at
        ]
        if numbered and not (answers and asked and each.at - max(asked) <= ANSWER_WITHIN):
            assert sum(each.at - past < timedelta(hours=24) for past in [*before, *by_person]) < 3, each
        before.append(each.at)


@settings(common, max_examples=40)
@given(world=worlds(), tick=ticks)
def test_an_inquiry_has_one_answer_outside_the_windows(world: World, tick: timedelta) -> None:
    """However many touches answer, one goes at any hour for each inquiry."""
    found = [
        each
        for each in messages(world, tick)
        if not all(
            open_on_the_page(world.page(each.playbook)["send_windows"][each.channel], each.at.astimezone(zone))
            for zone in zones_of(world)
        )
    ]

    assert len(found) <= len(inquiries(world))
    assert all(each.at < START + SPAN for each in found)
