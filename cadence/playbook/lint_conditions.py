"""Meaning checks of conditions: each can be read, and names only what there is at that place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.playbook.conditions import condition_faults
from cadence.playbook.lint_rules import Fault, Reading, rule
from cadence.playbook.shapes import Shape, context_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.playbook.marks import Path

__all__ = ["RULES", "Condition", "conditions_of"]

#: What there is only once a lead is in a stage.
_OF_AN_ENROLMENT = ("stage", "enrolment", "touches", "lock")


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression of the page."""

    path: Path
    text: str
    touches: tuple[str, ...]  #: ids of the touches it may ask for
    missing: tuple[str, ...] = ()  #: names that are not there yet when it is asked
    moment: str = ""  #: when it is asked, in words


def conditions_of(reading: Reading) -> Iterator[Condition]:
    """Yield every condition of a page, in page order."""
    every = tuple(touch.id for touch in reading.touches)
    data = reading.data
    if "enroll_if" in data:
        yield Condition(("enroll_if",), data["enroll_if"], every, _OF_AN_ENROLMENT, "before a lead comes in")
    for bucket, text in data.get("score", {}).items():
        yield Condition(("score", bucket), text, every, ("score",), "while the score is worked out")
    for role, routing in data.get("routing", {}).items():
        for number, said in enumerate(routing.get("rules", ())):
            yield Condition(("routing", role, "rules", number, "if"), said["if"], every)
    for stage, said in reading.stages.items():
        own = tuple(touch.id for touch in reading.touches_of(stage))
        for move, items in said.get("require", {}).items():
            for number, item in enumerate(items):
                if not isinstance(item, str):
                    path = ("stages", stage, "require", move, number, "if")
                    yield Condition(path, item["if"], own if move == "to_leave" else every)
        for touch in reading.touches_of(stage):
            if "if" in touch.data:
                yield Condition((*touch.path, "if"), touch.data["if"], own)


def _shape(reading: Reading, touches: tuple[str, ...], without: tuple[str, ...] = ()) -> Shape:
    own = reading.workspace.data if reading.workspace else {}
    events = {
        kind: (said.get("title", kind), tuple(said.get("moments", ()))) for kind, said in own.get("events", {}).items()
    }
    whole = context_shape(own.get("lead_fields", {}), events, touches)
    return Shape("group", {name: child for name, child in whole.children.items() if name not in without})


@rule("bad-syntax", also=("unknown-name", "unknown-filter", "unknown-test", "unknown-function", "bad-filter"))
def conditions(reading: Reading) -> Iterator[Fault]:
    """A condition that cannot be read, or that names something there is not."""
    if reading.workspace is None:
        return
    shapes: dict[tuple[str, ...], Shape] = {}
    for condition in conditions_of(reading):
        if condition.touches not in shapes:
            shapes[condition.touches] = _shape(reading, condition.touches)
        shape = shapes[condition.touches]
        for offset, length, code, message, advice in condition_faults(condition.text, shape):
            yield Fault(condition.path, message, advice, offset=offset, length=max(1, length), code=code)


@rule("not-yet-known")
def not_yet_known(reading: Reading) -> Iterator[Fault]:
    """A condition that asks for something before it is there."""
    for condition in conditions_of(reading):
        if not condition.missing:
            continue
        wrong = {fault.offset for fault in condition_faults(condition.text, _shape(reading, condition.touches))}
        for fault in condition_faults(condition.text, _shape(reading, condition.touches, condition.missing)):
            name = condition.text[fault.offset :].partition(".")[0][: fault.length]
            if fault.offset not in wrong:
                yield Fault(
                    condition.path,
                    f"'{name}' is not known yet {condition.moment}",
                    "ask for the lead (lead.source), for events or for the time",
                    offset=fault.offset,
                    length=max(1, fault.length),
                )


RULES = (conditions, not_yet_known)
