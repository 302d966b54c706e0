"""Meaning checks of the road through the stages: every stage is reached, left, and ends somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.lint_roads import all_exits, circles, exits, is_end, reached, roads_of, turned, unclear
from cadence.playbook.lint_rules import Fault, Reading, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RULES"]

_MOST_NAMED = 5  #: stages named in one sentence
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
    """A way back: the touches of the stages on the round go again."""
    if unclear(reading):
        return
    place = {stage: number for number, stage in enumerate(reading.stages)}
    circle = circles(roads_of(reading))
    with_touches: dict[int, list[str]] = {}
    for stage, said in reading.stages.items():
        if said.get("touches"):
            with_touches.setdefault(circle[stage], []).append(stage)
    for stage in reading.stages:
        for way in () if is_end(reading, stage) else exits(reading, stage):
            back = way.target in place and place[way.target] <= place[stage] and circle[way.target] == circle[stage]
            again = with_touches.get(circle[stage])
            if back and again:
                yield Fault(
                    way.path,
                    f"here a lead can come back to '{way.target}'; the touches of {_and(again)} then go out again, "
                    "from the first",
                    "nothing to do if that is meant; else send the lead to a stage of its own",
                )


def _and(names: list[str]) -> str:
    quoted = [f"'{name}'" for name in names[:_MOST_NAMED]]
    if len(names) > _MOST_NAMED:
        quoted.append(f"{len(names) - _MOST_NAMED} more")
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


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
