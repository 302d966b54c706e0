"""What the picture of a playbook shows, whatever draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.reports.plan_words import CHANNEL_NOUNS, due_words, events_words, lasting, people_words
from cadence.reports.preview_words import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage, Touch

__all__ = ["START", "Chart", "Node", "Way", "chart_of"]

START = ""  #: where a way begins that leads in from outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A stage."""

    id: str
    title: str  #: ``1. New lead, first contact``
    owner: str  #: ``csr (Dana, Jo)``; empty for an end
    end: str  #: won or lost; empty for a stage that leads stay in
    touches: tuple[str, ...]  #: ``text instant*: at once``; a star: only if a condition holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What moves a lead from one stage to another."""

    source: str  #: stage, or :data:`START`
    target: str
    label: str  #: ``booking``; ``1w silence``
    silent: bool = False  #: by silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The whole picture."""

    playbook: str
    title: str
    business: str
    nodes: tuple[Node, ...]  #: in page order
    ways: tuple[Way, ...]  #: by source in page order; at most one by events and one by silence between two stages


def chart_of(plan: Plan, *, touches: bool) -> Chart:
    """Return the picture of a playbook, with the touches of each stage or without."""
    page = plan.playbook
    return Chart(
        playbook=page.id,
        title=_line(page.title or page.id),
        business=_line(plan.workspace.business.name),
        nodes=tuple(_nodes(plan, touches=touches)),
        ways=tuple(way for stage in page.stages.values() for way in _ways(stage, plan)),
    )


def _nodes(plan: Plan, *, touches: bool) -> Iterator[Node]:
    number = 0
    for stage in plan.playbook.stages.values():
        number += not stage.end
        title = _line(stage.title or stage.id)
        yield Node(
            id=stage.id,
            title=title if stage.end else f"{number}. {title}",
            owner="" if stage.end or not stage.owner else _line(people_words(stage.owner, plan)),
            end=stage.end,
            touches=tuple(_touch_words(each, stage, plan) for each in stage.touches if touches and not each.instead_of),
        )


def _touch_words(touch: Touch, stage: Stage, plan: Plan) -> str:
    """``text instant*: at once``."""
    noun = CHANNEL_NOUNS.get(touch.channel, touch.channel)
    name = touch.id if touch.id == noun else f"{noun} {touch.id}"
    variant = f" [{touch.variant}]" if touch.variant else ""
    return _line(f"{name}{'*' if touch.condition else ''}{variant}: {due_words(touch, stage, plan)}")


def _ways(stage: Stage, plan: Plan) -> Iterator[Way]:
    if stage.enter_on:
        yield Way(source=START, target=stage.id, label=_label(list(stage.enter_on), plan))
    by_target: dict[str, list[str]] = {}
    for event, to in stage.next.items():
        by_target.setdefault(to, []).append(event)
    for to, events in by_target.items():
        yield Way(source=stage.id, target=to, label=_label(events, plan))
    if stage.silence:
        yield Way(
            source=stage.id, target=stage.silence.to, label=f"{lasting(stage.silence.after)} silence", silent=True
        )


def _label(events: list[str], plan: Plan) -> str:
    return _line(", ".join(events_words(events, plan)))


def _line(text: str) -> str:
    return visible(text, line=True)
