"""One reading of a page: the events of PyYAML's parser become data, marks and faults.

It goes event by event, so that nothing is ever expanded. Anchors, aliases, merge keys, tags, several documents and
keys that are not text are refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from cadence.playbook.decode import UNPRINTABLE
from cadence.playbook.marks import START, Mark, diagnostic_at, indentation
from cadence.playbook.page_limits import MOST_FAULTS, MOST_NESTED, MOST_NODES
from cadence.playbook.scalars import scalar
from cadence.playbook.yaml_words import SQUEEZED, blank_told, squeezed_told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.playbook.diagnostics import Diagnostic
    from cadence.playbook.marks import Path

__all__ = ["Reader", "Unreadable"]


class Unreadable(Exception):  # noqa: N818 - never leaves the reading of a page
    """The rest of the file cannot be read; the fault has been noted."""


class Reader:
    """One reading of one text: the parser's events become data, marks and faults."""

    def __init__(self, file: str, lines: tuple[str, ...], events: Iterator[Any]) -> None:
        self.file = file
        self.lines = lines
        self.faults: list[Diagnostic] = []
        self.keys: dict[Path, Mark] = {}
        self.values: dict[Path, Mark] = {}
        self.unread: set[Path] = set()
        self.open: list[Mark] = []  #: brackets not closed yet
        self.last: Any = None  #: the text read last
        self._events = events
        self._nodes = 0
        self._end: Any = None  #: where the list or map read last ends

    def document(self) -> dict[str, Any]:
        """Read all there is; raises Unreadable, and PyYAML's error for what is not YAML."""
        percent = next((row for row, line in enumerate(self.lines) if not re.match(r"\s*(#|$)", line)), 0)
        if self.lines[percent].startswith("%"):
            self.stop(
                Mark(percent + 1, 1, 1), "bad-yaml", "a line that starts with % is not used here", "remove the line"
            )
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            empty = not any(line.strip() for line in self.lines)
            what = "the file is empty" if empty else "the file holds nothing but comments"
            self.stop(START, "empty-file", what, "a page begins with: cadence: 1")
        root = self._next()
        data = self._node(root, (), 0)
        next(self._events)
        if not isinstance(more := next(self._events), yaml.StreamEndEvent):
            place = Mark(more.start_mark.line + 1, 1, 3)
            self.stop(
                place, "one-document", "a second document begins here", "remove the line with ---; one file is one page"
            )
        if not isinstance(data, dict):
            self._not_a_page(root, data)
        return data

    def _not_a_page(self, root: Any, data: object) -> NoReturn:
        mark = self.values[()]
        if data is None:
            self.stop(START, "empty-file", "there is nothing in the file", "a page begins with: cadence: 1")
        what = "a list" if isinstance(data, list) else "a single text"
        spaced = SQUEEZED.match(self.lines[mark.line - 1]) if not root.anchor and isinstance(data, str) else None
        if spaced:
            self.stop(*squeezed_told(mark.line, spaced))
        self.stop(
            mark, "not-a-page", f"the file is {what}", "a page is made of keys and values, and begins with: cadence: 1"
        )

    def fault(self, mark: Mark, code: str, message: str, advice: str = "") -> None:
        """Note a fault; after very many, stop."""
        if len(self.faults) >= MOST_FAULTS:
            code, message, advice = "too-many-faults", "there are more faults than these", "mend these first"
            self.faults.append(diagnostic_at(self.file, self.lines, mark, code, message, advice))
            raise Unreadable
        self.faults.append(diagnostic_at(self.file, self.lines, mark, code, message, advice))

    def stop(self, mark: Mark, code: str, message: str, advice: str = "") -> NoReturn:
        """Note a fault after which nothing can be read."""
        self.fault(mark, code, message, advice)
        raise Unreadable

    def _next(self) -> Any:
        event = next(self._events)
        self._nodes += isinstance(event, yaml.NodeEvent)
        if self._nodes > MOST_NODES:
            message = f"the page has more than {MOST_NODES:,} keys and values"
            self.stop(self._mark(event), "too-large", message, "see whether it is the right file, or part it")
        return event

    def _mark(self, event: Any, end: Any = None) -> Mark:
        first, last = event.start_mark, end or event.end_mark
        whole = last.column if last.line == first.line else len(self.lines[first.line].rstrip())
        return Mark(first.line + 1, first.column + 1, max(1, whole - first.column))

    def _node(self, event: Any, path: Path, depth: int) -> Any:
        """Read a value with all that is in it; the first value at a path keeps its mark."""
        mark = self._mark(event)
        anew = path not in self.values
        if anew:
            nothing = event.start_mark.index == event.end_mark.index
            self.values[path] = self.keys.get(path, mark) if nothing else mark
        if not self._is_plain(event):
            self.unread.add(path)
        if isinstance(event, yaml.AliasEvent):
            return None
        if isinstance(event, yaml.ScalarEvent):
            self.last = event
            self._lost_items(event, path)
            self._escapes(event)
            return scalar(event)
        if depth == MOST_NESTED:
            message = f"lists and maps are nested more than {MOST_NESTED} deep"
            self.stop(mark, "too-deep", message, "see whether it is the right file")
        if event.flow_style:
            self.open.append(mark)
        data = (self._map if isinstance(event, yaml.MappingStartEvent) else self._list)(event, path, depth + 1)
        if event.flow_style:
            self.open.pop()
            mark = self._mark(event, self._end)
        elif data and isinstance(data, dict):
            mark = self.keys.get((*path, next(iter(data))), mark)
        if anew:
            self.values[path] = mark
        return data

    def _lost_items(self, event: Any, path: Path) -> None:
        """Refuse ``- `` on a later line of a plain text: an item indented too far, which would become words."""
        if not event.style and not self.open:
            for row in range(event.start_mark.line + 1, min(event.end_mark.line + 1, len(self.lines))):
                if self.lines[row].lstrip().startswith("- "):
                    mark = Mark(row + 1, indentation(self.lines[row]) + 1, 1)
                    advice = "begin it in the column of the item above"
                    self.fault(mark, "bad-indentation", "this item is indented deeper than the one above", advice)
                    self.unread.add(path)

    def _escapes(self, event: Any) -> None:
        """Refuse characters that an escape in double quotes brings in and that no page may hold."""
        if event.style == '"' and (found := UNPRINTABLE.search(event.value)):
            message = f"an escape in these quotes makes an invisible character (U+{ord(found[0]):04X})"
            self.fault(self._mark(event), "bad-character", message, "remove the backslash and what belongs to it")

    def _list(self, _: Any, path: Path, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items)), depth))
        self._end = event.end_mark
        return items

    def _map(self, start: Any, path: Path, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            name = self._key(event, path, depth)
            place = (*path, -1 if name is None else name)
            mark = self._mark(event)
            if name in found:
                first = self.keys[place].line
                self.fault(
                    mark, "duplicate-key", f"'{name}' stands here twice (first on line {first})", "keep one of the two"
                )
            self.keys.setdefault(place, mark)
            after = self._next()
            if name and start.flow_style and _is_missing(event, after) and (squeezed := SQUEEZED.match(name)):
                self.fault(*squeezed_told(mark.line, squeezed, mark.column - 1))
                self.unread |= {place, (*path, squeezed[1])}
                continue
            value = self._node(after, place, depth)
            if name is not None:
                found.setdefault(name, value)
        self._end = event.end_mark
        return found

    def _key(self, event: Any, path: Path, depth: int) -> str | None:
        """Read a key; None when it cannot be one, and then what its owner says is not to be judged."""
        mark = self._mark(event)
        plain = self._is_plain(event)
        if not isinstance(event, yaml.ScalarEvent):
            if not isinstance(event, yaml.AliasEvent):
                braces = self.lines[mark.line - 1][mark.column - 2 : mark.column] == "{{"
                what = "a text that starts with {{ needs quotes" if braces else "a list or a map cannot be a key"
                self.fault(mark, "needs-quotes" if braces else "bad-key", what, "put quotes around the whole text")
                self._node(event, (*path, -1), depth)
            self.unread.add(path)
            return None
        if not event.style and event.value == "<<":
            self.fault(mark, "no-anchors", "'<<' (merging) is not used here", "write the lines out")
            self.unread.add(path)
            return None
        self._escapes(event)
        if "\n" in event.value:
            self.fault(mark, "bad-key", "a key must stand on one line", "shorten it")
            return None
        if not event.style and event.value != event.value.strip():
            self.fault(*blank_told(Mark(mark.line, mark.column, 1)))
            return None
        value = scalar(event)
        if plain and not isinstance(value, str):
            what = (
                f"{event.value} is not a text, and a key must be one"
                if event.value
                else "the key before the colon is missing"
            )
            self.fault(
                mark, "bad-key", what, f'put quotes around it: "{event.value}"' if event.value else "write the key"
            )
        return str(event.value)

    def _is_plain(self, event: Any) -> bool:
        """Refuse anchors, aliases and tags; of several on a line the first is named."""
        alias = isinstance(event, yaml.AliasEvent)
        if not alias and not event.anchor and event.tag is None:
            return True
        first = self._mark(event)
        word = re.split(r"[\s,\]}]", self.lines[first.line - 1][first.column - 1 : first.column + 80])[0]
        if alias or event.anchor:
            name = f"'*{event.anchor}' (an alias)" if alias else f"'&{event.anchor}' (an anchor)"
            code, advice = "no-anchors", "write the lines out; a text that starts with * or & needs quotes"
        else:
            name = f"'{word}' (a tag)"
            code, advice = "no-tags", "remove it; a text that starts with ! needs quotes"
        if not self.faults or (self.faults[-1].line, self.faults[-1].code) != (first.line, code):
            mark = Mark(first.line, first.column, max(1, len(word)))
            self.fault(mark, code, f"{name} is not used here", advice)
        if code == "no-tags" and self.open:  # the two parsers do not agree where a tag in brackets ends
            raise Unreadable
        return False


def _is_missing(key: Any, value: Any) -> bool:
    """Whether a plain key has nothing after it, not even a colon of its own."""
    nothing = isinstance(value, yaml.ScalarEvent) and not value.style and not value.value
    return nothing and not key.style and value.start_mark.index == key.end_mark.index
