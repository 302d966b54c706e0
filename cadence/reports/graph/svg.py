"""A playbook as an SVG picture. It needs nothing but itself, and is dark on white wherever it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from cadence.reports.graph.chart import START
from cadence.reports.graph.layout import MARGIN, PAD, ROW, SIZE, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.reports.graph.chart import Chart, Node
    from cadence.reports.graph.layout import Arrow, Box, Exit, Lane

__all__ = ["svg_text"]

_INK, _SOFT, _PAPER, _WASH, _LINE = "#1a2230", "#566072", "#ffffff", "#f4f6f9", "#5b6678"
_WON, _LOST = "#e3f1e6", "#f3e4e2"
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_DASHES = ' stroke-dasharray="5 4"'


def svg_text(chart: Chart) -> str:
    """Return the picture as SVG, with presentation attributes alone; ways by silence are dashed."""
    return "\n".join(_elements(chart)) + "\n"


def _elements(chart: Chart) -> Iterator[str]:
    laid = lay_out(chart)
    title, words = f"{chart.playbook}-title", f"{chart.playbook}-desc"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {laid.width:.0f} {laid.height:.0f}" '
        f'width="{laid.width:.0f}" height="{laid.height:.0f}" role="img" aria-labelledby="{title} {words}" '
        f'font-family={quoteattr(_FONT)} font-size="{SIZE}" fill="{_INK}">'
    )
    yield f'<title id="{title}">{escape(chart.title)}</title>'
    yield f'<desc id="{words}">{escape(_description(chart))}</desc>'
    yield f'<rect width="100%" height="100%" fill="{_PAPER}"/>'
    yield _text(MARGIN, MARGIN + 8, chart.title, size=18, weight=700)
    yield _text(MARGIN, MARGIN + 28, chart.business, fill=_SOFT)
    yield f'<g fill="none" stroke="{_LINE}" stroke-width="1.4">'
    for lane in laid.lanes:
        yield from _lane_lines(lane)
    for arrow in laid.arrows:
        yield _arrow_line(arrow)
    yield "</g>"
    yield f'<g fill="{_LINE}">'
    for lane in laid.lanes:
        yield _head(lane.box_x, lane.port, "left")
        yield from (f'<circle cx="{lane.x:g}" cy="{_y(each):g}" r="2.6"/>' for each in lane.exits)
    for arrow in laid.arrows:
        yield _head(arrow.x, arrow.bottom, "down")
        if arrow.way.source == START:
            yield f'<circle cx="{arrow.x:g}" cy="{arrow.top:g}" r="5"/>'
    yield "</g>"
    for box in laid.boxes:
        yield from _box(box, f"{chart.playbook}-{box.node.id}")
    for arrow in laid.arrows:
        yield from _lines(arrow.x + 8, arrow.text_y, arrow.lines)
    for lane in laid.lanes:
        for each in lane.exits:
            yield from _lines(each.x, each.y, each.lines)
    if any("*" in line for box in laid.boxes for line in box.touches):
        yield _text(MARGIN, laid.height - MARGIN, "* only if its condition holds then", fill=_SOFT)
    yield "</svg>"


def _description(chart: Chart) -> str:
    """The picture in words, for whoever does not see it."""
    names = {node.id: node.title for node in chart.nodes}
    stages = ", ".join(node.title for node in chart.nodes)
    ways = "; ".join(f"{names.get(way.source, 'start')} to {names[way.target]} by {way.label}" for way in chart.ways)
    return f"Stages: {stages}. Ways: {ways}."


def _box(box: Box, name: str) -> Iterator[str]:
    node = box.node
    fill = {"won": _WON, "lost": _LOST}.get(node.end, _WASH)
    radius = 14 if node.end else 6
    yield f"<g id={quoteattr(name)}>"
    yield (
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="{radius}" '
        f'fill="{fill}" stroke="{_LINE}" stroke-width="1.4"/>'
    )
    yield _text(box.x + PAD, box.y + ROW, _title(node), size=SIZE + 2, weight=700)
    if not node.end:
        yield _text(box.x + PAD, box.y + 2 * ROW, f"{node.id}: {node.owner}", fill=_SOFT)
        yield from _lines(box.x + PAD, box.y + 3 * ROW + 4, box.touches)
    yield "</g>"


def _title(node: Node) -> str:
    return f"{node.title} ({node.end})" if node.end and node.title.lower() != node.end else node.title


def _lane_lines(lane: Lane) -> Iterator[str]:
    dashes = _DASHES if lane.silent else ""
    heights = [_y(each) for each in lane.exits]
    top, bottom = min([*heights, lane.port]), max([*heights, lane.port])
    yield f'<path d="M{lane.x:g} {top:g}V{bottom:g}M{lane.x:g} {lane.port:g}H{lane.box_x + 6:g}"{dashes}/>'
    for each, y in zip(lane.exits, heights, strict=True):
        yield f'<path d="M{each.line_x:g} {y:g}H{lane.x:g}"{dashes}/>'


def _y(each: Exit) -> float:
    """The height of the line behind a label: the middle of its last line."""
    return each.y + (len(each.lines) - 1) * ROW - 4


def _arrow_line(arrow: Arrow) -> str:
    dashes = _DASHES if arrow.way.silent else ""
    return f'<path d="M{arrow.x:g} {arrow.top:g}V{arrow.bottom - 6:g}"{dashes}/>'


def _head(x: float, y: float, way: str) -> str:
    left = ((x, y), (x + 8, y - 4.5), (x + 8, y + 4.5))
    down = ((x, y), (x - 4.5, y - 8), (x + 4.5, y - 8))
    points = left if way == "left" else down
    return f'<polygon points="{" ".join(f"{a:g},{b:g}" for a, b in points)}"/>'


def _lines(x: float, y: float, lines: tuple[str, ...]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield _text(x + (len(line) - len(line.lstrip())) * 5, y + number * ROW, line.strip())


def _text(x: float, y: float, text: str, *, size: int = 0, weight: int = 0, fill: str = "") -> str:
    look = "".join(
        f' {name}="{value}"' for name, value in (("font-size", size), ("font-weight", weight), ("fill", fill)) if value
    )
    return f'<text x="{x:g}" y="{y:g}"{look}>{escape(text)}</text>'
