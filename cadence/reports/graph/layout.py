"""Where everything stands in the picture of a playbook.

The stages stand below each other in page order. A way to the stage right below is an arrow straight down. All other
ways leave on the right, one to a line, with their label; those that lead to the same stage run together in one lane,
which ends with an arrow at that stage's heading.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING

from cadence.reports.graph.chart import START

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cadence.reports.graph.chart import Chart, Node, Way

__all__ = ["Arrow", "Box", "Exit", "Lane", "Layout", "lay_out", "width_of"]

SIZE = 13  #: pixels of a text
ROW = 19  #: from one line of text to the next
PAD = 12  #: inside a box
MARGIN = 24
TITLE = 46  #: height of the picture's heading
HEADING = 2 * ROW + 10  #: of a box: title and owner; lanes end beside it
GAP = 26  #: between boxes, without labels
LANE = 16  #: between lanes
WIDEST_BOX = 62  #: characters
WIDEST_LABEL = 44
WIDEST_STEP = 26  #: of a label beside an arrow straight down
_WIDE = 0.6  #: of its size, how wide a character is at most, on the whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A stage, and the lines of text in it."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    touches: tuple[str, ...]  #: lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """A way straight down into a box, with its label on the right of it."""

    way: Way
    x: float
    top: float
    bottom: float
    lines: tuple[str, ...]
    text_y: float  #: of the first line


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """A way that leaves on the right: its label, and the line to its lane."""

    way: Way
    x: float  #: where the label begins
    y: float  #: of the label's first line
    lines: tuple[str, ...]
    line_x: float  #: where the line begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Where ways to one stage run together."""

    target: str
    silent: bool
    x: float
    port: float  #: height at which it reaches the box
    box_x: float  #: where that box ends
    exits: tuple[Exit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The picture."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    lanes: tuple[Lane, ...]


def lay_out(chart: Chart) -> Layout:
    """Place everything."""
    below = {(above.id, node.id) for above, node in pairwise(chart.nodes)}
    straight = [way for way in chart.ways if way.source == START or (way.source, way.target) in below]
    aside = [way for way in chart.ways if way not in straight]
    lines = {node.id: _folded(node.touches, WIDEST_BOX, hang="  ") for node in chart.nodes}
    labels = {way: _exit_lines(way, chart) for way in aside}
    width = _box_width(chart, lines, straight)
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    exits: list[Exit] = []
    top: float = MARGIN + TITLE
    for node in chart.nodes:
        found = _arrows(node, straight, top)
        arrows += found
        top = max((arrow.bottom for arrow in found), default=top + (GAP if boxes else 0))
        leaving = [way for way in aside if way.source == node.id]
        rows = max(len(lines[node.id]), sum(len(labels[way]) for way in leaving))
        height = (HEADING if not node.end else ROW + 10) + (rows * ROW + PAD / 2 if rows else 0)
        boxes.append(Box(node=node, x=MARGIN, y=top, width=width, height=height, touches=lines[node.id]))
        exits += _exits(leaving, labels, MARGIN + width, top + HEADING)
        top += height
    lanes = _lanes(exits, boxes)
    right = max((lane.x for lane in lanes), default=MARGIN + width)
    reach = max((arrow.x + 8 + width_of(arrow.lines) for arrow in arrows), default=0)
    return Layout(
        width=max(right, reach, MARGIN + width) + MARGIN,
        height=top + 2 * MARGIN + ROW,
        boxes=tuple(boxes),
        arrows=tuple(arrows),
        lanes=tuple(lanes),
    )


def width_of(lines: Iterable[str], size: float = SIZE) -> float:
    """How wide lines of text are at most."""
    return max((len(line) for line in lines), default=0) * size * _WIDE


def _folded(texts: Sequence[str], widest: int, hang: str = "") -> tuple[str, ...]:
    return tuple(
        line for text in texts for line in wrap(text, widest, subsequent_indent=hang, break_on_hyphens=False) or [""]
    )


def _exit_lines(way: Way, chart: Chart) -> tuple[str, ...]:
    target = next(node for node in chart.nodes if node.id == way.target)
    return _folded([f"{way.label} →\N{NO-BREAK SPACE}{target.id}"], WIDEST_LABEL)


def _box_width(chart: Chart, lines: dict[str, tuple[str, ...]], straight: list[Way]) -> float:
    """As wide as its widest text, and wide enough for the arrows that come from above side by side."""
    widest = [width_of(lines[node.id]) for node in chart.nodes]
    widest += [max(width_of([node.title], SIZE + 2), width_of([f"{node.id}: {node.owner}"])) for node in chart.nodes]
    for node in chart.nodes:
        coming = [way for way in straight if way.target == node.id]
        widest.append(sum(_step_width(way) for way in coming[:-1]) + 2 * PAD)
    return max(widest) + 2 * PAD


def _step_width(way: Way) -> float:
    return width_of(_folded([way.label], WIDEST_STEP)) + 40


def _arrows(node: Node, straight: list[Way], top: float) -> list[Arrow]:
    """The arrows from above into a box, side by side; they end where the box begins."""
    coming = [way for way in straight if way.target == node.id]
    lines = {way: _folded([way.label], WIDEST_STEP) for way in coming}
    bottom = top + max((len(each) for each in lines.values()), default=0) * ROW + GAP
    arrows = []
    x: float = MARGIN + 2 * PAD
    for way in coming:
        height = len(lines[way]) * ROW
        text_y = top + (bottom - top - height) / 2 + ROW * 0.72
        arrows.append(Arrow(way=way, x=x, top=top, bottom=bottom, lines=lines[way], text_y=text_y))
        x += _step_width(way)
    return arrows


def _exits(leaving: list[Way], labels: dict[Way, tuple[str, ...]], right: float, top: float) -> list[Exit]:
    exits = []
    y = top + ROW * 0.72
    for way in leaving:
        lines = labels[way]
        x = right + 22
        exits.append(Exit(way=way, x=x, y=y, lines=lines, line_x=x + width_of(lines[-1:]) + 6))
        y += len(lines) * ROW
    return exits


def _lanes(exits: list[Exit], boxes: list[Box]) -> list[Lane]:
    """One lane for each stage that ways lead to, and one more for those by silence; the nearest first."""
    together: dict[tuple[str, bool], list[Exit]] = {}
    for each in exits:
        together.setdefault((each.way.target, each.way.silent), []).append(each)
    begin = max((each.x + width_of(each.lines) for each in exits), default=0) + 2 * LANE
    order = {box.node.id: number for number, box in enumerate(boxes)}
    lanes = []
    for number, key in enumerate(sorted(together, key=lambda key: (order[key[0]], key[1]))):
        target, silent = key
        box = boxes[order[target]]
        port = box.y + (ROW if not silent else 2 * ROW if not box.node.end else ROW + 8) - 2
        lanes.append(
            Lane(
                target=target,
                silent=silent,
                x=begin + number * LANE,
                port=port,
                box_x=box.x + box.width,
                exits=tuple(together[key]),
            )
        )
    return lanes
