"""The scenarios of the pack: for each, the stories that are made of a page."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cadence.playbook.words import EVENTS
from cadence.testing.torture.moments import clock_changes, closing_times, holidays, other_days
from cadence.testing.torture.people import PLACES, strangers
from cadence.testing.torture.roads import Road, fact, horizon
from cadence.testing.torture.story import TICK, Story, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from cadence.engine.events import Event
    from cadence.testing.torture.ground import Ground
    from cadence.testing.torture.moments import Moment

__all__ = ["SCENARIOS", "road_story"]

TICKS = (TICK, timedelta(minutes=15), timedelta(hours=1))
OUTAGES = (("3 hours", timedelta(hours=3)), ("2 days", timedelta(days=2)), ("10 days", timedelta(days=10)))
SHOPS = ("America/Phoenix", "America/Havana")
LATE = timedelta(days=3)  #: how long after it happened a fact is entered
#: What a person, or a colleague, may say in the middle of a sequence.
WORDS: Mapping[str, Mapping[str, Any]] = {
    "reply": {"text": "Who is this?"},
    "appointment.booked": {},
    "opt_out": {"text": "STOP"},
    "snooze": {"text": "check back next week"},
    "automatic": {"kind": "out_of_office", "text": "I am away"},
    "call.logged": {},
    "lead.won": {},
    "lead.lost": {},
}
SAID_AT_EACH_TOUCH = ("reply", "appointment.booked", "opt_out", "snooze", "automatic")


def _forward(ground: Ground) -> Iterator[Story]:
    yield from _change(ground, forward=True)


def _back(ground: Ground) -> Iterator[Story]:
    yield from _change(ground, forward=False)


def _change(ground: Ground, *, forward: bool) -> Iterator[Story]:
    for zone in dict.fromkeys((ground.plan.workspace.business.timezone, *PLACES)):
        record = ground.person(zone) if zone in PLACES else ground.person(zones=[zone], states=[])
        yield from _arriving(ground, clock_changes(ZoneInfo(zone), forward=forward), record)


def _shops_elsewhere(ground: Ground) -> Iterator[Story]:
    """The shop itself lives where clocks never change, or where they leave midnight out."""
    for zone in SHOPS:
        there = ground.moved_to(zone)
        for forward in (True, False):
            yield from _arriving(there, clock_changes(there.zone, forward=forward), there.person(zone))


def _closing(ground: Ground) -> Iterator[Story]:
    yield from _arriving(ground, closing_times(ground.words))


def _holidays(ground: Ground) -> Iterator[Story]:
    yield from _arriving(ground, holidays(ground.words))


def _other_days(ground: Ground) -> Iterator[Story]:
    yield from _arriving(ground, other_days(ground.words))


def _strangers(ground: Ground) -> Iterator[Story]:
    morning = ground.morning
    for known, record in strangers(ground.plan, ground.person).items():
        for road in ground.roads:
            for name, there in (("by day", morning), ("by night", morning + timedelta(hours=13, minutes=7))):
                yield _story(ground, road, there, f"{known}, {name}", record)


def _late_entries(ground: Ground) -> Iterator[Story]:
    morning = ground.morning
    for road in ground.roads:
        kinds = dict.fromkeys((*ground.plan.playbook.stages[road.stage].next, *WORDS))
        for kind in kinds:
            late = _fact(ground, kind, morning + timedelta(minutes=33), learned=morning + LATE)
            yield _story(ground, road, morning, f"{kind} entered {LATE.days} days late", more=(late,))


def _outages(ground: Ground) -> Iterator[Story]:
    morning = ground.morning
    for road in ground.roads:
        for said, lasts in OUTAGES:
            for begins in (timedelta(0), timedelta(hours=5), timedelta(days=1, hours=20)):
                start = (morning + begins).replace(minute=0) + timedelta(hours=1)
                down = (start, start + lasts)
                yield _story(ground, road, morning, f"no tick for {said} from {start:%a %H:%M} UTC on", down=down)


def _answers(ground: Ground) -> Iterator[Story]:
    """Something is said at every touch's own minute, a minute before and a minute after."""
    morning = ground.morning
    for road in ground.roads:
        quiet = road_story(ground, road)
        for touch, due in _dues(quiet, road.stage).items():
            for minutes, when in ((-1, "a minute before"), (0, "in the minute of"), (1, "a minute after")):
                at = due + timedelta(minutes=minutes)
                if at <= morning:
                    continue
                for kind in SAID_AT_EACH_TOUCH:
                    yield _story(ground, road, morning, f"{kind} {when} {touch}", more=(_fact(ground, kind, at),))


def _twice(ground: Ground) -> Iterator[Story]:
    morning = ground.morning
    for road in ground.roads:
        for kind in dict.fromkeys((*WORDS, *ground.plan.playbook.stages[road.stage].next)):
            said = _fact(ground, kind, morning + timedelta(minutes=45))
            again = _fact(ground, kind, said.at, learned=said.at + timedelta(minutes=3))
            yield _story(ground, road, morning, f"{kind} told twice", more=(said, again))


def _rebooked(ground: Ground) -> Iterator[Story]:
    morning = ground.morning
    for road in ground.roads:
        for cancelled in (timedelta(hours=2), timedelta(days=1, hours=3)):
            story = (
                _fact(ground, "appointment.booked", morning + timedelta(minutes=30)),
                _fact(ground, "appointment.cancelled", morning + cancelled),
                _fact(ground, "appointment.booked", morning + cancelled + timedelta(hours=4)),
            )
            hours = cancelled // timedelta(hours=1)
            yield _story(ground, road, morning, f"booked, cancelled after {hours} hours, booked again", more=story)


def _ways_in(ground: Ground) -> Iterator[Story]:
    """The lead comes in by each event that the page's stages are entered on."""
    for stage in ground.plan.playbook.stages.values():
        for kind in stage.enter_on:
            if kind != "lead.created" and not stage.end:
                for name, there in (("by day", ground.morning), ("by night", ground.morning + timedelta(hours=13))):
                    yield _story(ground, Road(stage.id, (), first=kind), there, f"{kind}, {name}", ticks=TICKS)


def _counted_from(ground: Ground) -> Iterator[Story]:
    """All that touches of a stage count from happens, and then once more."""
    for road in ground.roads:
        stage = ground.plan.playbook.stages[road.stage]
        named = {name for touch in stage.touches for name in (touch.anchor, touch.anchor.rpartition(".")[0]) if name}
        kinds = sorted(name for name in named if name in EVENTS or name in ground.plan.workspace.events)
        for again in (timedelta(hours=2), timedelta(days=1, hours=6)):
            facts = [
                _fact(ground, kind, ground.morning + after + timedelta(minutes=minute))
                for minute, kind in enumerate(kinds, start=5)
                for after in (timedelta(0), again)
                if kind not in stage.next
            ]
            if facts:
                name = f"{', '.join(kinds)}, again later"
                yield _story(ground, road, ground.morning, name, more=tuple(facts), ticks=TICKS)


#: What each scenario is called, and what makes its stories.
SCENARIOS: Mapping[str, Callable[[Ground], Iterator[Story]]] = {
    "the night the clocks go forward": _forward,
    "the night the clocks go back": _back,
    "a shop on another clock": _shops_elsewhere,
    "around opening and closing": _closing,
    "holidays and half days": _holidays,
    "weekends, New Year, leap day": _other_days,
    "every way in": _ways_in,
    "all that touches count from": _counted_from,
    "leads of whom little, or much, is known": _strangers,
    "facts entered days late": _late_entries,
    "no tick for hours or days": _outages,
    "an answer at every touch": _answers,
    "the same event twice": _twice,
    "an appointment cancelled and booked again": _rebooked,
}


def road_story(ground: Ground, road: Road) -> Story:
    """Return the story of who comes into a stage on a plain morning, and of whom nothing more is heard."""
    return _story(ground, road, ground.morning, "nothing more is heard")


def _arriving(ground: Ground, moments: Iterable[Moment], record: Mapping[str, Any] | None = None) -> Iterator[Story]:
    """Yield a story for each moment and stage, to be told with several intervals of ticks."""
    for moment in moments:
        for road in ground.roads:
            yield _story(ground, road, moment.instant, moment.name, record, ticks=TICKS)


def _story(
    ground: Ground,
    road: Road,
    there: datetime,
    name: str,
    record: Mapping[str, Any] | None = None,
    *,
    more: tuple[Event, ...] = (),
    down: tuple[datetime, datetime] | None = None,
    ticks: tuple[timedelta, ...] = (TICK,),
) -> Story:
    """Return the story of who comes into a stage at an instant; ``more`` is what happens then."""
    someone = record or ground.person()
    facts = sorted((*road.facts(ground.plan, someone, there, ground.zone), *more), key=lambda each: each.recorded_at)
    begin = facts[0].recorded_at.astimezone(UTC).replace(minute=0)
    over = max(there + horizon(ground.plan.playbook.stages[road.stage]), facts[-1].recorded_at + timedelta(days=5))
    if down:
        over = max(over, down[1] + timedelta(days=4))
    return Story(
        plan=ground.plan,
        name=f"in {road.stage}: {name}",
        record=someone,
        facts=tuple(facts),
        start=begin,
        end=over,
        down=down,
        ticks=ticks,
    )


def _fact(ground: Ground, kind: str, at: datetime, *, learned: datetime | None = None) -> Event:
    return fact(ground.plan, kind, at, ground.zone, learned=learned, **WORDS.get(kind, {}))


def _dues(story: Story, stage: str) -> dict[str, datetime]:
    """Return when each touch of a stage is due in a story in which nothing else happens."""
    dues: dict[str, datetime] = {}
    for look in play(story, TICK).looks:
        for verdict in (*look.ended, *(claim.verdict for claim in look.claims)):
            if verdict.stage == stage and verdict.due_at:
                dues.setdefault(verdict.touch, verdict.due_at)
    return dues
