"""A condition taken apart: its clauses, the values it names, and what these are for a lead, in plain words."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jinja2 import nodes

from cadence.errors import RenderError
from cadence.playbook.blank import Blank, spelled
from cadence.playbook.conditions import condition_tree, holds, worked_out
from cadence.timing.wall import say_day, say_minute

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["clauses", "failing", "names_in", "values_in"]

_AND = re.compile(r"\band\b")


def clauses(text: str) -> list[str]:
    """Split a condition at its outermost ``and``: all of them must hold."""
    if isinstance(condition_tree(text), nodes.And):
        for found in _AND.finditer(text):
            left, right = text[: found.start()].strip(), text[found.end() :].strip()
            if condition_tree(left) is not None and condition_tree(right) is not None:
                return [*clauses(left), *clauses(right)]
    return [text.strip()]


def failing(text: str, context: Mapping[str, Any]) -> list[str]:
    """List the clauses of a condition that do not hold, or cannot be answered."""
    return [clause for clause in clauses(text) if not _holds(clause, context)]


def names_in(text: str) -> list[str]:
    """List what a condition names, as it would be written: ``lead.zip``, ``events.call.logged.result``."""
    tree = condition_tree(text)
    return list(dict.fromkeys(_names(tree))) if tree is not None else []


def values_in(text: str, context: Mapping[str, Any]) -> dict[str, str]:
    """Say what each value that a condition names is, in plain words."""
    return {name: _say_named(name, context) for name in names_in(text)}


def _holds(text: str, context: Mapping[str, Any]) -> bool:
    try:
        return holds(text, context)
    except RenderError:
        return False


def _names(node: nodes.Node) -> Iterator[str]:
    path = _path(node)
    if path:
        yield path
    elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr):
        for part in (node.node.node, *node.args, *(named.value for named in node.kwargs)):
            yield from _names(part)
    else:
        for child in node.iter_child_nodes():
            yield from _names(child)


def _path(node: nodes.Node) -> str:
    """Return a dotted name as it is written; empty for what is none."""
    parts: list[str] = []
    while not isinstance(node, nodes.Name):
        if isinstance(node, nodes.Getattr):
            parts.append(node.attr)
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            parts.append(node.arg.value)
        else:
            return ""
        node = node.node
    return spelled(".".join([node.name, *reversed(parts)]))


def _say_named(name: str, context: Mapping[str, Any]) -> str:
    try:
        return _say(worked_out(name, context))
    except RenderError:
        return "cannot be told"


def _say(value: Any) -> str:
    if isinstance(value, Blank):
        return "it has not happened" if value.path.startswith("events.") and not value else "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{say_day(value.date())} {say_minute(value)}"
    if isinstance(value, str):
        return repr(str(value))
    if isinstance(value, list | tuple):
        return ", ".join(_say(each) for each in value) or "none"
    if hasattr(value, "get"):
        at = value.get("at")
        return f"yes, {_say(at)}" if isinstance(at, datetime) else "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
