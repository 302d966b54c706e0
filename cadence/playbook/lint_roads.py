"""The roads through a playbook: from which stage a lead can come to which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.playbook.diagnostics import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cadence.playbook.lint_rules import Reading
    from cadence.playbook.marks import Path

__all__ = ["Exit", "Roads", "all_exits", "circles", "exits", "is_end", "reached", "roads_of", "turned", "unclear"]

#: A stage leads to stages, and to gates: gate ``n`` stands for every stage from place ``n`` on that has an entry.
Roads = dict[str | int, set[str | int]]


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out of a stage, as the page names it."""

    path: Path  #: where the target is written
    target: str


def exits(reading: Reading, stage: str) -> Iterator[Exit]:
    """Yield what stands under a stage's ``next:``."""
    for event, target in reading.stages[stage].get("next", {}).items():
        path = ("stages", stage, "next", event)
        yield Exit((*path, "to"), target["to"]) if event == "silence" else Exit(path, target)


def all_exits(reading: Reading) -> Iterator[Exit]:
    """Yield the exits of every stage."""
    return (way for stage in reading.stages for way in exits(reading, stage))


def is_end(reading: Reading, stage: str) -> bool:
    """Whether the stage ends the follow-up."""
    return "end" in reading.stages[stage]


def unclear(reading: Reading) -> bool:
    """Whether some exit leads to a stage nobody can guess: then the roads cannot be judged."""
    return any(_meant(reading, way.target) is None for way in all_exits(reading))


def roads_of(reading: Reading) -> Roads:
    """Map each stage to where a lead can go from it: through ``next``, silence, and forward through ``enter_on``."""
    order = list(reading.stages)
    roads: Roads = {}
    for place, stage in enumerate(order):
        roads[place] = {place + 1} | ({stage} if reading.stages[stage].get("enter_on") else set())
        roads[stage] = set()
        if not is_end(reading, stage):
            meant = {_meant(reading, way.target) for way in exits(reading, stage)}
            roads[stage] = {place + 1} | {target for target in meant if target is not None}
    roads[len(order)] = set()
    return roads


def _meant(reading: Reading, target: str) -> str | None:
    """Return the stage a name means, a slip of the pen included, so that one slip is one fault."""
    if target in reading.stages:
        return target
    found = did_you_mean(target, reading.stages) or ""
    return next((stage for stage in reading.stages if f"'{stage}'" in found), None)


def reached(roads: Mapping[str | int, set[str | int]], starts: Iterable[str | int]) -> set[str | int]:
    """Return where one can come from these starts, the starts included."""
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        fresh = roads[waiting.pop()] - seen
        seen |= fresh
        waiting.extend(fresh)
    return seen


def turned(roads: Roads) -> Roads:
    """Return the roads with every one turned round."""
    back: Roads = {stop: set() for stop in roads}
    for stop, targets in roads.items():
        for target in targets:
            back[target].add(stop)
    return back


def circles(roads: Roads) -> dict[str | int, int]:
    """Map each stop to the number of its circle: two with one number can be reached from each other."""
    back = turned(roads)
    number: dict[str | int, int] = {}
    for circle, start in enumerate(reversed(_by_finish(roads))):
        waiting = [start]
        while waiting:
            stop = waiting.pop()
            if stop not in number:
                number[stop] = circle
                waiting.extend(back[stop])
    return number


def _by_finish(roads: Roads) -> list[str | int]:
    """List the stops in the order in which a walk in depth is done with them (Kosaraju)."""
    seen: set[str | int] = set()
    done: list[str | int] = []
    for start in roads:
        walk = [] if start in seen else [(start, iter(roads[start]))]
        seen.add(start)
        while walk:
            stop, ahead = walk[-1]
            further = next((target for target in ahead if target not in seen), None)
            if further is None:
                done.append(stop)
                walk.pop()
            else:
                seen.add(further)
                walk.append((further, iter(roads[further])))
    return done
