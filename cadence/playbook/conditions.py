"""Conditions: ``if:`` expressions. A condition is one expression, worked out in the sandbox of the templates."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import nodes

from cadence.errors import RenderError
from cadence.playbook.expressions import ExpressionFault, name_faults
from cadence.playbook.sandbox import Asked
from cadence.playbook.stumbles import stumble
from cadence.playbook.syntax import plain_syntax
from cadence.playbook.trees import TextError, make_ready, parse_condition

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import jinja2

    from cadence.playbook.shapes import Shape

__all__ = ["compile_condition", "condition_faults", "condition_tree", "holds", "worked_out"]

_RESULT = "result"


def holds(text: str, context: Mapping[str, Any]) -> bool:
    """Tell whether a condition holds in a context; raises RenderError when that cannot be said."""
    return bool(worked_out(text, context, bool))


def worked_out(text: str, context: Mapping[str, Any], of: Callable[[Any], Any] = lambda found: found) -> Any:
    """Return ``of`` what an expression amounts to in a context; raises RenderError when that cannot be said."""
    try:
        ready = compile_condition(text)
    except TextError as fault:
        message, help_text = plain_syntax(fault.message)
        raise RenderError(f"the condition `{text[:80]}` cannot be read: {message}", help=help_text) from None
    asked = Asked(context)
    try:
        for _ in ready.root_render_func(asked):
            pass
        return of(asked.vars[_RESULT])
    except Exception as error:  # noqa: BLE001 - a sandboxed expression may raise anything
        found = stumble(ready, error)
        raise RenderError(f"the condition `{text}` cannot be answered: {found.message}", help=found.help) from None


@lru_cache(maxsize=4096)
def compile_condition(text: str) -> jinja2.Template:
    """Make a condition ready to be asked, once; raises RenderError when it cannot be read."""
    answer = nodes.Assign(nodes.Name(_RESULT, "store"), parse_condition(text), lineno=0)
    return make_ready(nodes.Template([answer], lineno=0))


def condition_tree(text: str) -> nodes.Expr | None:
    """Return the tree of a condition, whose ``lineno`` are offsets in characters; None when it cannot be read."""
    try:
        return parse_condition(text)
    except TextError:
        return None


def condition_faults(text: str, shape: Shape) -> list[ExpressionFault]:
    """List what is wrong with a condition: it cannot be read, or names something there is not."""
    try:
        tree = parse_condition(text)
    except TextError as fault:
        if text.lstrip().startswith(("{{", "{%")):
            return [ExpressionFault(0, 2, "bad-syntax", "a condition is written without braces", "leave out {{ and }}")]
        message, help_text = plain_syntax(fault.message, fault.help)
        offset = min(fault.offset, max(len(text) - 1, 0))
        return [ExpressionFault(offset, fault.length, "bad-syntax", message, help_text)]
    return name_faults(tree, text, shape, code="unknown-name", functions=())
