"""Meaning checks of the road through the stages: every stage is reached, left, and ends somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.lint_roads import Exit, all_exits, circles, exits, is_end, reached, roads_of, turned, unclear
from cadence.playbook.lint_rules import Fault, Reading, rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["RULES"]

_MOST_NAMED = 5  #: stages or lines named in one sentence
_MOST_LISTED = 20  #: stages listed as advice


def _entries(reading: Reading) -> list[str]:
    return [stage for stage, said in reading.stages.items() if said.get("enter_on")]


@rule("unknown-stage")
def unknown_stage(reading: Reading) -> Iterator[Fault]:
    """A name of a stage that the page does not have."""
    named = [(way.path, way.target) for way in all_exits(reading)]
    for review, said in reading.data.get("reviews", {}).items():
        named += [(("reviews", review, "of", number), stage) for number, stage in enumerate(said["of"])]
    for path, stage in named:
        if stage not in reading.stages:
            yield Fault(
                path,
                f"there is no stage '{stage}' on this page",
                did_you_mean(stage, reading.stages)
                or f"the stages are: {', '.join(list(reading.stages)[:_MOST_LISTED])}",
            )


@rule("no-entry")
def no_entry(reading: Reading) -> Iterator[Fault]:
    """No stage says when a lead comes in."""
    if not _entries(reading):
        yield Fault(
            ("stages",),
            "no stage says when a lead comes in",
            "add to the first stage: enter_on: [lead.created]",
            key=True,
        )


@rule("two-entries")
def two_entries(reading: Reading) -> Iterator[Fault]:
    """One event is the way in to two stages."""
    first: dict[str, str] = {}
    for stage in _entries(reading):
        for number, event in enumerate(reading.stages[stage]["enter_on"]):
            if first.setdefault(event, stage) != stage:
                yield Fault(
                    ("stages", stage, "enter_on", number),
                    f"'{event}' already brings a lead into the stage '{first[event]}', so here it is never looked at",
                    "name the event in one stage only; a lead can enter one stage at a time",
                )


@rule("unreachable-stage")
def unreachable_stage(reading: Reading) -> Iterator[Fault]:
    """A stage no lead can ever come to."""
    entries = _entries(reading)
    if not entries or unclear(reading):
        return
    seen = reached(roads_of(reading), entries)
    for stage in reading.stages:
        if stage not in seen:
            yield Fault(
                ("stages", stage),
                f"no lead can ever come to the stage '{stage}'",
                "name it in the 'next:' of another stage, give it 'enter_on:', or remove it",
                key=True,
            )


@rule("no-way-out")
def no_way_out(reading: Reading) -> Iterator[Fault]:
    """A stage a lead can never leave, or from which it never comes to an end."""
    ends = [stage for stage in reading.stages if is_end(reading, stage)]
    if not ends:
        yield Fault(
            ("stages",),
            "no stage ends the follow-up, so it would go on for ever",
            "add an end, for instance: won: {end: won}",
            key=True,
        )
    stuck = [stage for stage, said in reading.stages.items() if "end" not in said and not said.get("next")]
    for stage in stuck:
        yield Fault(
            ("stages", stage),
            f"a lead can never leave the stage '{stage}'",
            f"say where it goes and on what: next: {{silence: {{after: 7d, to: {ends[-1] if ends else 'lost'}}}}}",
            key=True,
        )
    if not ends or unclear(reading):
        return
    # Stages that lead to a dead end are not blamed for it.
    fine = reached(turned(roads_of(reading)), [*ends, *stuck])
    for stage in reading.stages:
        if stage not in fine:
            yield Fault(
                ("stages", stage),
                f"from the stage '{stage}' a lead goes round in a circle and never comes to an end",
                f"add a way to {' or '.join(ends)} to its 'next:'",
                key=True,
            )


@rule("reentered-stage", severity="warning")
def reentered_stage(reading: Reading) -> Iterator[Fault]:
    """A way back: the touches of the stages on the round go again. Said once for each round."""
    if unclear(reading):
        return
    place = {stage: number for number, stage in enumerate(reading.stages)}
    circle = circles(roads_of(reading))
    with_touches = {circle[stage] for stage, said in reading.stages.items() if said.get("touches")}
    back: dict[int, list[Exit]] = {}
    for stage in reading.stages:
        for way in () if is_end(reading, stage) else exits(reading, stage):
            if place.get(way.target, len(place)) <= place[stage] and circle[way.target] == circle[stage]:
                back.setdefault(circle[stage], []).append(way)
    for round_, ways in back.items():
        if round_ in with_touches:
            targets = sorted({way.target for way in ways}, key=lambda stage: place[stage])
            lines = sorted({reading.page.value_mark(way.path).line for way in ways})
            yield Fault(
                ("stages", targets[0]),
                f"a lead can come back to {_and([repr(stage) for stage in targets])}; "
                "the touches it then comes by go out again",
                f"nothing to do if that is meant; it comes back on {'lines' if lines[1:] else 'line'} {_and(lines)}",
                key=True,
            )


def _and(things: Sequence[object]) -> str:
    named = [str(thing) for thing in things[:_MOST_NAMED]]
    if len(things) > _MOST_NAMED:
        named.append(f"{len(things) - _MOST_NAMED} more")
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


@rule("ends-with-touches")
def ends_with_touches(reading: Reading) -> Iterator[Fault]:
    """An end that still wants something to happen."""
    for stage, said in reading.stages.items():
        if not is_end(reading, stage):
            continue
        for key in ("touches", "next", "sla", "lock"):
            if key in said:
                yield Fault(
                    ("stages", stage, key),
                    f"the stage '{stage}' ends the follow-up, so its '{key}:' would never be looked at",
                    f"remove '{key}:', or remove 'end:' and give the stage a 'next:'",
                    key=True,
                )


RULES = (
    unknown_stage,
    no_entry,
    two_entries,
    unreachable_stage,
    no_way_out,
    reentered_stage,
    ends_with_touches,
)
