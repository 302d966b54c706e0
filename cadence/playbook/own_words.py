"""What a shop says of itself is the same in every text: it is written in once, before anybody's text is worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from cadence.playbook.blank import Blank
from cadence.playbook.context import business_view

if TYPE_CHECKING:
    from cadence.playbook.model import Business

__all__ = ["write_in"]

_NAME = "business"


def write_in(tree: nodes.Template, business: Business) -> nodes.Template:
    """Put values in the place of ``business.phone`` and the like; what is not known stays a name.

    A text that calls something else ``business`` is left as it is.
    """
    if any(name.name == _NAME and name.ctx != "load" for name in tree.find_all(nodes.Name)):
        return tree
    known = {name: value for name, value in business_view(business).items() if not isinstance(value, Blank)}
    written: nodes.Template = _Writer(known).visit(tree)
    return written


class _Writer(NodeTransformer):
    def __init__(self, known: dict[str, str]) -> None:
        self._known = known

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Expr:  # noqa: N802 - as Jinja names it
        self.generic_visit(node)
        if isinstance(node.node, nodes.Name) and node.node.name == _NAME and node.attr in self._known:
            return nodes.Const(self._known[node.attr], lineno=node.lineno)
        return node
