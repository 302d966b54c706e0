"""A page of tests as text: its expectations are exchanged, and every other letter stays where it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from cadence.playbook.yaml_loader import PlainLoader
from cadence.testing.items import as_block, as_flow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Exchange", "comments_of", "spliced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What becomes of the expectations of one test."""

    test: int  #: place of the test on the page, from 0
    changed: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)  #: place in the list -> what it says now
    removed: frozenset[int] = frozenset()
    added: Sequence[tuple[int, Mapping[str, Any]]] = ()  #: place it comes before, and what it says; in order


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str


def spliced(text: str, exchanges: Sequence[Exchange]) -> str:
    """Return the text of a page with these exchanges made; lines end with a line feed alone."""
    tests = _value(yaml.compose(text, Loader=PlainLoader), "tests")
    edits: list[_Edit] = []
    for exchange in exchanges:
        test = tests.value[exchange.test]
        edits += _edits(text, test, _value(test, "expect"), exchange)
    for edit in sorted(edits, key=lambda each: (each.start, each.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def comments_of(text: str) -> list[str]:
    """List the comments of a page, sorted."""
    root = yaml.compose(text, Loader=PlainLoader)
    return sorted(_comments(text, 0, len(text), root))


def _value(mapping: Any, key: str) -> Any:
    return next(value for name, value in mapping.value if name.value == key)


def _edits(text: str, test: Any, expect: Any, exchange: Exchange) -> list[_Edit]:
    if test.flow_style:
        items = [as_flow(said) if isinstance(said, dict) else said for said in _listed(text, expect, exchange)]
        return [_Edit(expect.start_mark.index, expect.end_mark.index, f"[{', '.join(items)}]")]
    if expect.flow_style:
        return _unfolded(text, test, expect, exchange)
    return list(_line_by_line(text, test, expect, exchange))


def _listed(text: str, expect: Any, exchange: Exchange) -> Iterator[Any]:
    """Yield all items of the new list: the text of those that stay, what the others say."""
    added = list(exchange.added)
    for number, node in enumerate(expect.value):
        while added and added[0][0] <= number:
            yield dict(added.pop(0)[1])
        if number in exchange.changed:
            yield dict(exchange.changed[number])
        elif number not in exchange.removed:
            yield " ".join(text[node.start_mark.index : node.end_mark.index].split("\n"))
    yield from (dict(said) for _, said in added)


def _unfolded(text: str, test: Any, expect: Any, exchange: Exchange) -> list[_Edit]:
    """Turn a list in brackets into one of lines; comments from between the brackets come first."""
    dash = test.start_mark.column + 2
    start, end = expect.start_mark.index, expect.end_mark.index
    listed = list(_listed(text, expect, exchange))
    if not listed:
        return [_Edit(start, end, "[]")]
    blanks = " " * dash
    lines = [f"{blanks}{each}" for each in _comments(text, start, end, expect)]
    lines += [f"{blanks}- {said if isinstance(said, str) else as_block(said, dash + 2)}" for said in listed]
    behind = len(text[:start].rstrip(" "))
    stop = _line_end(text, end)
    return [_Edit(behind, stop, text[end:stop].rstrip() + "".join(f"\n{line}" for line in lines))]


def _line_by_line(text: str, test: Any, expect: Any, exchange: Exchange) -> Iterator[_Edit]:
    """Edit a list of lines, item by item."""
    column = expect.start_mark.column
    blanks = " " * column
    staying = [number for number in range(len(expect.value)) if number not in exchange.removed]
    if not staying and not exchange.added:
        behind_key = _key_end(text, test)
        yield _Edit(behind_key, behind_key, " []")
    for number, node in enumerate(expect.value):
        first, last = _line_start(text, node.start_mark.index), _line_end(text, _end(text, node))
        new = "".join(
            f"{blanks}- {as_block(said, column + 2)}\n" for before, said in exchange.added if before == number
        )
        if new:
            yield _Edit(first, first, new)
        if number in exchange.removed:
            kept = "".join(f"{blanks}{each}\n" for each in _comments(text, first, last, node))
            yield _Edit(first, min(last + 1, len(text)), kept)
        elif number in exchange.changed:
            yield from _changed(text, node, exchange.changed[number], column)
    behind = [said for before, said in exchange.added if before >= len(expect.value)]
    if behind:
        last = _line_end(text, _end(text, expect))
        yield _Edit(last, last, "".join(f"\n{blanks}- {as_block(said, column + 2)}" for said in behind))


def _changed(text: str, node: Any, said: Mapping[str, Any], column: int) -> Iterator[_Edit]:
    """Write one item anew; a comment behind it stays there while it has one line, and else comes before it."""
    start, end = node.start_mark.index, _end(text, node)
    first, last = _line_start(text, start), _line_end(text, end)
    new = as_block(said, column + 2)
    inside = _comments(text, start, end, node)
    behind = text[end:last]
    if "\n" in new and behind.strip():
        inside, behind = [*inside, behind.strip()], ""
    if inside:
        yield _Edit(first, first, "".join(f"{' ' * column}{each}\n" for each in inside))
    yield _Edit(start, last, new + behind)


def _end(text: str, node: Any) -> int:
    """Return where a node really ends: PyYAML's mark of a list or map of lines lies at whatever comes next."""
    if isinstance(node, yaml.ScalarNode):
        end: int = node.end_mark.index
        return len(text[:end].rstrip("\n")) if node.style in ("|", ">") else end
    if node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(text, last[1] if isinstance(last, tuple) else last)


def _key_end(text: str, test: Any) -> int:
    key = next(name for name, _ in test.value if name.value == "expect")
    return text.index(":", key.end_mark.index) + 1


def _comments(text: str, start: int, end: int, node: Any) -> list[str]:
    """List the comments of a stretch of text, in order; ``node`` is the data in it."""
    inside = [(each.start_mark.index, _end(text, each)) for each in _scalars(node)]
    found: list[str] = []
    position = start
    while (sign := text.find("#", position, end)) >= 0:
        scalar = next((last for first, last in inside if first <= sign < last), None)
        if scalar is not None:
            position = scalar
        else:
            stop = min(_line_end(text, sign), end)
            found.append(text[sign:stop].rstrip())
            position = stop
    return found


def _scalars(node: Any) -> Iterator[Any]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    else:
        for each in node.value:
            for part in each if isinstance(each, tuple) else (each,):
                yield from _scalars(part)


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    found = text.find("\n", index)
    return len(text) if found < 0 else found
