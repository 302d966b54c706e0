"""Play the whole pack on a page, and judge what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cadence.testing.torture.counting import (
    goes_once,
    goes_one_at_a_time,
    keeps_the_days_number,
    keeps_the_gap,
    keeps_the_laws_number,
    keeps_the_weeks_number,
    never_floods,
)
from cadence.testing.torture.ground import Ground
from cadence.testing.torture.scenarios import SCENARIOS, road_story
from cadence.testing.torture.sending import goes_in_its_hours, goes_in_its_time, keeps_the_hour_of_the_page
from cadence.testing.torture.stopping import (
    ends_its_sequence,
    heeds_stop,
    is_always_somebodys,
    stops_with_a_next_step,
    waits_when_asked,
)
from cadence.testing.torture.story import TICK, play
from cadence.testing.torture.ticking import does_the_same_with_fewer_ticks, is_due_whatever_the_ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cadence.playbook.compile import Plan
    from cadence.testing.torture.story import Seen, Story
    from cadence.testing.torture.verdicts import Broken

__all__ = ["RULES", "TICK_RULES", "Fault", "Outcome", "judge", "torture", "torture_story", "unreached"]

_NOBODY: Mapping[str, Any] = MappingProxyType({})

#: What must hold in every story; the function's first line says it.
RULES: tuple[Callable[[Seen], Iterator[Broken]], ...] = (
    goes_in_its_hours,
    heeds_stop,
    ends_its_sequence,
    waits_when_asked,
    goes_once,
    goes_one_at_a_time,
    keeps_the_days_number,
    keeps_the_weeks_number,
    keeps_the_gap,
    keeps_the_laws_number,
    goes_in_its_time,
    never_floods,
    is_always_somebodys,
    stops_with_a_next_step,
    keeps_the_hour_of_the_page,
)
#: What must hold between a story and the same one with fewer ticks.
TICK_RULES: tuple[Callable[[Seen, Seen], Iterator[Broken]], ...] = (
    is_due_whatever_the_ticks,
    does_the_same_with_fewer_ticks,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A rule that did not hold in a story."""

    rule: str  #: in words
    broken: Broken
    seen: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one scenario on one page."""

    playbook: str
    scenario: str
    stories: int  #: that were told, each with every interval of ticks it asks for
    faults: tuple[Fault, ...]

    @property
    def passed(self) -> bool:
        """Whether every rule held in every story."""
        return not self.faults


def torture(plan: Plan, like: Mapping[str, Any] = _NOBODY) -> Iterator[Outcome]:
    """Yield what comes of each scenario on a page; nothing is read, written or sent.

    ``like`` are fields of somebody whom the page takes, such as its first sample lead.
    """
    ground = Ground(plan, like)
    for name, stories in SCENARIOS.items():
        number, faults = 0, list[Fault]()
        for story in stories(ground):
            number += 1
            faults += torture_story(story)
        yield Outcome(playbook=plan.playbook.id, scenario=name, stories=number, faults=tuple(faults))


def unreached(plan: Plan, like: Mapping[str, Any] = _NOBODY) -> list[str]:
    """Name the stages that no story of the pack gets into, so that nobody takes them for tested."""
    ground = Ground(plan, like)
    found: set[str] = set()
    for road in ground.roads:
        seen = play(road_story(ground, road), TICK)
        found |= {entry.data["stage"] for look in seen.looks for entry in look.entries if entry.type == "stage.entered"}
    return [stage.id for stage in plan.playbook.stages.values() if not stage.end and stage.id not in found]


def torture_story(story: Story) -> Iterator[Fault]:
    """Tell one story with each interval of ticks it asks for, and yield what was wrong."""
    told = [play(story, tick) for tick in story.ticks]
    for seen in told:
        yield from judge(seen)
    for fewer in told[1:]:
        for rule in TICK_RULES:
            for broken in rule(told[0], fewer):
                yield Fault(rule=_words(rule), broken=broken, seen=fewer)


def judge(seen: Seen) -> Iterator[Fault]:
    """Yield the rules that a story breaks."""
    for rule in RULES:
        for broken in rule(seen):
            yield Fault(rule=_words(rule), broken=broken, seen=seen)


def _words(rule: Callable[..., object]) -> str:
    return (rule.__doc__ or "").strip().rstrip(".")
