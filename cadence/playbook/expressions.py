"""The names, filters, tests and functions of expressions: which there are, and which values they fit.

Conditions and the expressions of templates are held against the same shape.
"""

from __future__ import annotations

import re
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import nodes

from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.filters import FILTERS, MOMENT_FILTERS
from cadence.playbook.sandbox import METHODS, TESTS
from cadence.playbook.shapes import ANY, FLAG, NUMBER, TEXT, Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["ExpressionFault", "name_faults"]


class ExpressionFault(NamedTuple):
    """One thing wrong with an expression."""

    offset: int  #: characters into the text
    length: int
    code: str
    message: str
    help: str


def name_faults(
    tree: nodes.Node, text: str, shape: Shape, *, code: str, functions: Iterable[str] = ("range",)
) -> list[ExpressionFault]:
    """List the names, filters, tests and functions of a tree that there are not; ``code`` is that of a wrong name."""
    walk = _Walk(text, shape, code, frozenset(functions))
    walk.statement(tree, {})
    return sorted(set(walk.faults))


_RESULTS: Mapping[str, Shape] = MappingProxyType(
    {
        **dict.fromkeys(FILTERS, TEXT),
        **dict.fromkeys(("int", "float", "round", "abs", "length", "count"), NUMBER),
        "list": ANY,
    }
)
_METHODS_OF: Mapping[str, frozenset[str]] = MappingProxyType(
    {"text": METHODS[str], "moment": METHODS[datetime], "any": frozenset[str]().union(*METHODS.values())}
)
_UNPRINTABLE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "moment": ("a moment is printed raw here", "say how to write it: | when, | day or | clock"),
        "event": ("this is an event, not a text", "name a part of it, or ask for it with {% if %}"),
        "list": ("this is a list, not a text", "take one of it, such as offers[0] | when"),
        "flag": ("this is only true or false", "choose the words with {% if %}"),
    }
)
_PARTS_OF_TIME = ("year", "month", "day", "hour", "minute")
_DOTTED = re.compile(r"[\w.]+(?:\[[^\]]*\][\w.]*)*")


class _Walk:
    """Goes through a tree, knowing of every expression what kind of value it is."""

    def __init__(self, text: str, shape: Shape, code: str, functions: frozenset[str]) -> None:
        self.text = text
        self.shape = shape
        self.code = code
        self.functions = functions
        self.faults: list[ExpressionFault] = []
        self.heard = range(0)  #: offsets whose faults have been told already

    def _fault(self, offset: int, length: int, code: str, message: str, advice: str = "") -> Shape:
        if offset not in self.heard:
            self.faults.append(ExpressionFault(offset, length, code, message, advice))
        return ANY

    def statement(self, node: nodes.Node, scope: dict[str, Shape]) -> None:
        """Check a tag or expression and all within; ``scope`` holds the names that the text itself has given."""
        if isinstance(node, nodes.For):
            self._loop(node, scope)
        elif isinstance(node, nodes.Assign):
            scope.update(dict.fromkeys(_targets(node.target), self._value(node.node, scope)))
        elif isinstance(node, nodes.Output):
            for printed in node.nodes:
                self._printed(printed, scope)
        elif isinstance(node, nodes.Expr):
            self._value(node, scope)
        else:
            for child in node.iter_child_nodes():
                self.statement(child, scope)

    def _loop(self, node: nodes.For, scope: dict[str, Shape]) -> None:
        item = self._kind(node.iter, scope).item or ANY
        inner = {**scope, "loop": ANY, **dict.fromkeys(_targets(node.target), item)}
        for child in (*([node.test] if node.test else []), *node.body):
            self.statement(child, inner)
        for child in node.else_:
            self.statement(child, scope)

    def _printed(self, node: nodes.Node, scope: dict[str, Shape]) -> None:
        if isinstance(node, nodes.Or | nodes.Concat | nodes.CondExpr):
            for child in node.iter_child_nodes(exclude=("test",)):
                self._printed(child, scope)
        kind = self._value(node, scope).kind
        if kind in _UNPRINTABLE:
            self._fault(*self._span(node), "unprintable", *_UNPRINTABLE[kind])

    def _value(self, node: nodes.Node, scope: dict[str, Shape]) -> Shape:
        """Return the shape of an expression that is used as a value: not a mere group of names."""
        shape = self._kind(node, scope)
        if shape.kind != "group":
            return shape
        offset, length = self._span(node)
        some = ", ".join(f"{self.text[offset : offset + length]}.{name}" for name in sorted(shape.children)[:3])
        return self._fault(offset, length, self.code, "this is a group of values, not one", f"name one: {some} ...")

    def _kind(self, node: nodes.Node, scope: dict[str, Shape]) -> Shape:
        if isinstance(node, nodes.Name):
            return self._name(node, scope)
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            return self._part(node, scope)
        if isinstance(node, nodes.Call):
            return self._call(node, scope)
        if isinstance(node, nodes.Filter):
            return self._filter(node, scope)
        if isinstance(node, nodes.Test) and node.name not in TESTS:
            offset, message = self._named(node.lineno + len("is"), "not"), f"there is no test '{node.name}'"
            return self._fault(offset, len(node.name), "unknown-test", message, _meant(node.name, TESTS))
        kinds = [self._value(child, scope) for child in _within(node)]
        if isinstance(node, nodes.Or | nodes.And | nodes.CondExpr):
            kinds = kinds[-2:] if isinstance(node, nodes.CondExpr) and node.expr2 else kinds
            return kinds[0] if len({kind.kind for kind in kinds}) == 1 else ANY
        if isinstance(node, nodes.Compare | nodes.Not | nodes.Test):
            return FLAG
        if isinstance(node, nodes.Const):
            return TEXT if isinstance(node.value, str) else FLAG if isinstance(node.value, bool) else NUMBER
        return Shape("list") if isinstance(node, nodes.List | nodes.Tuple) else ANY

    def _name(self, node: nodes.Name, scope: dict[str, Shape]) -> Shape:
        known = scope.get(node.name) or self.shape.children.get(node.name)
        if known:
            return known
        advice = self._elsewhere(node.name) or _meant(node.name, (*scope, *self.shape.children))
        advice = advice or f"there are: {', '.join(self.shape.children)}"
        return self._fault(node.lineno, len(node.name), self.code, f"there is no '{node.name}'", advice)

    def _elsewhere(self, name: str) -> str:
        found = [f"{group}.{name}" for group, shape in self.shape.children.items() if name in shape.children]
        return f"did you mean '{found[0]}'?" if found else ""

    def _part(self, node: nodes.Getattr | nodes.Getitem, scope: dict[str, Shape]) -> Shape:
        whole = self._kind(node.node, scope)
        if isinstance(node, nodes.Getattr):
            name, offset = node.attr, self._named(node.lineno + 1)
        elif isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            name, offset = node.arg.value, self._named(node.lineno + 1) + 1
        else:
            self.statement(node.arg, scope)
            return whole.item or (TEXT if whole.kind == "text" else ANY)
        if name in whole.children:
            return whole.children[name]
        if name.startswith("_"):
            return self._fault(
                offset, len(name), self.code, f"'{name}' is out of reach", "names here start with a letter"
            )
        if whole.kind == "any" or name in _METHODS_OF.get(whole.kind, ()):
            return NUMBER if whole.kind == "moment" and name in _PARTS_OF_TIME else ANY
        written = "a text" if isinstance(node.node, nodes.Const) else self._written(node)
        advice = _meant(name, whole.children) or _has(whole)
        for dashed in whole.children:
            if dashed.startswith(f"{name}-") and self.text.startswith(dashed, offset):
                advice = f"write {written[1:-1]}['{dashed}']"
                self.heard = range(offset + 1, offset + len(dashed))
        return self._fault(offset, len(name), self.code, f"{written} has no '{name}'", advice)

    def _written(self, node: nodes.Getattr | nodes.Getitem) -> str:
        return f"'{self.text[self._span(node.node)[0] : node.lineno].rstrip()}'"

    def _call(self, node: nodes.Call, scope: dict[str, Shape]) -> Shape:
        self._arguments(node, scope)
        if isinstance(node.node, nodes.Getattr):
            self._kind(node.node, scope)
        elif not (isinstance(node.node, nodes.Name) and node.node.name in self.functions):
            offset, length = self._span(node.node)
            name = self.text[offset : offset + length]
            filter_name = {"len": "length"}.get(name, name)
            advice = f"write it behind the value: | {filter_name}" if filter_name in FILTERS else ""
            return self._fault(offset, length, "unknown-function", f"there is no function '{name}'", advice)
        return ANY

    def _filter(self, node: nodes.Filter, scope: dict[str, Shape]) -> Shape:
        given = self._value(node.node, scope) if node.node else ANY
        self._arguments(node, scope)
        if node.name not in FILTERS:
            message = f"there is no filter '{node.name}'"
            advice = _meant(node.name, FILTERS) or f"there are: {', '.join(FILTERS)}"
            return self._fault(node.lineno, len(node.name), "unknown-filter", message, advice)
        if node.name in MOMENT_FILTERS and given.kind not in ("moment", "any"):
            message = f"'{node.name}' writes a moment, and this is none"
            return self._fault(
                node.lineno, len(node.name), "bad-filter", message, "moments are: now, next_opening, offers[0]"
            )
        if node.name in ("first", "last"):
            return given.item or ANY
        return given if node.name in ("default", "d") else _RESULTS[node.name]

    def _arguments(self, node: nodes.Call | nodes.Filter, scope: dict[str, Shape]) -> None:
        for argument in node.args:
            self._value(argument, scope)
        for named in node.kwargs:
            self._value(named.value, scope)

    def _named(self, offset: int, skip: str = "") -> int:
        """Return where the next name begins, from an offset on; ``skip`` is a word to pass over."""
        rest = self.text[offset:]
        offset += len(rest) - len(rest.lstrip())
        if skip and re.match(rf"{skip}\b", self.text[offset:]):
            return self._named(offset + len(skip))
        return offset

    def _span(self, node: nodes.Node) -> tuple[int, int]:
        """Return offset and length of the dotted name an expression begins with."""
        first = node
        while child := _leftmost(first):
            first = child
        match = _DOTTED.match(self.text, first.lineno)
        return first.lineno, len(match[0].rstrip(".")) if match else 1


def _within(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield the expressions an expression is made of."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Helper):
            yield from _within(child)
        else:
            yield child


def _leftmost(node: nodes.Node) -> nodes.Node | None:
    for name in ("node", "left", "expr1", "expr"):
        child = getattr(node, name, None)
        if isinstance(child, nodes.Node) and not isinstance(node, nodes.Neg | nodes.Not | nodes.Pos):
            return child
    return node.nodes[0] if isinstance(node, nodes.Concat) else None


def _targets(node: nodes.Node) -> list[str]:
    return [name.name for name in (node, *node.find_all(nodes.Name)) if isinstance(name, nodes.Name)]


def _meant(name: str, options: Iterable[str]) -> str:
    return did_you_mean(name, options) or ""


def _has(shape: Shape) -> str:
    return f"it has: {', '.join(sorted(shape.children))}" if shape.children else ""
