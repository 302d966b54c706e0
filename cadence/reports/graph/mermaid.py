"""A playbook as Mermaid, which code forges and wikis draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.reports.graph.chart import START

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.reports.graph.chart import Chart, Node

__all__ = ["mermaid_text"]

_MARKUP = str.maketrans({"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;"})


def mermaid_text(chart: Chart) -> str:
    """Return the picture as a Mermaid flowchart, from the top down; ways by silence are dotted."""
    return "\n".join(_lines(chart)) + "\n"


def _lines(chart: Chart) -> Iterator[str]:
    names = {node.id: f"s{number}" for number, node in enumerate(chart.nodes, 1)}
    yield "flowchart TD"
    yield f"  accTitle: {_plain(chart.title)}"
    yield f"  accDescr: Stages and touches of {_plain(chart.business)}"
    for node in chart.nodes:
        yield f"  {names[node.id]}{_box(node)}"
    starts = 0
    for way in chart.ways:
        source = names.get(way.source, "")
        if way.source == START:
            starts += 1
            source = f"start{starts}"
            yield f'  {source}((" "))'
        arrow = "-.->" if way.silent else "-->"
        yield f'  {source} {arrow}|"{_quoted(way.label)}"| {names[way.target]}'


def _box(node: Node) -> str:
    if node.end:
        return f'(["{_quoted(_name(node))}"])'
    lines = [f"<b>{_quoted(node.title)}</b>", f"{node.id}: {_quoted(node.owner)}", *map(_quoted, node.touches)]
    return f'["{"<br/>".join(lines)}"]'


def _name(node: Node) -> str:
    """``won``; ``closed (lost)``."""
    return node.title if node.title.lower() == node.end else f"{node.title} ({node.end})"


def _quoted(text: str) -> str:
    """A text for between double quotes, in which nothing is taken for a mark."""
    return text.translate(_MARKUP)


def _plain(text: str) -> str:
    """A text for a line of its own: what ends a statement or begins a comment is left out."""
    return " ".join("".join(" " if sign in ";#%{}" else sign for sign in text).split())
