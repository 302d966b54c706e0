"""Strict YAML with positions: the bytes of a file become a page, or diagnostics in plain words.

The scalars are those of the YAML 1.2 core schema, narrowed to what a person means: ``true``, ``false``, ``null`` and
plain decimal numbers; ``10:00``, ``on``, ``no``, ``+1512…``, ``01234``, ``0x1f`` and dates are text. Anchors, aliases,
merge keys, tags, several documents and keys that are not text are refused. The parser is PyYAML's, read event by
event, so that nothing is ever expanded; the words for its refusals are :func:`_explain`'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from cadence.playbook.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cadence.playbook.diagnostics import Severity

__all__ = [
    "FASTEST",
    "MOST_BYTES",
    "MOST_FAULTS",
    "MOST_NESTED",
    "MOST_NODES",
    "Mark",
    "Page",
    "Path",
    "PlainLoader",
    "read_page",
]

Path = tuple[str | int, ...]

MOST_BYTES = 1_000_000  #: a larger file is not a page
MOST_NESTED = 50  #: levels of lists and maps
MOST_NODES = 20_000  #: keys, values, lists and maps
MOST_FAULTS = 200  #: shown of one page


class PlainLoader(yaml.SafeLoader):
    """PyYAML's own loader, made to agree with libyaml that a text in brackets may have a ``?`` in it."""

    in_text = False

    def scan_plain(self) -> Any:
        """Scan a text without quotes."""
        self.in_text = True
        try:
            return super().scan_plain()
        finally:
            self.in_text = False

    def peek(self, index: int = 0) -> Any:
        """Look at a character ahead; the text itself is taken from the buffer."""
        character = super().peek(index)
        return "x" if character == "?" and self.in_text else character


#: PyYAML's loader around libyaml where it was built with it; :class:`PlainLoader` gives the same results, slower.
FASTEST: Any = getattr(yaml, "CSafeLoader", PlainLoader)

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?|-?\.[0-9]{1,18}", re.ASCII)
_WORDS = {"": None, "~": None} | {
    form: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for form in (word, word.title(), word.upper())
}
_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_ODD_BLANK = re.compile(r" *([^\S \t])")
_BYTE_ORDER = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_SAVE_AS = "in the editor choose 'save with encoding' and UTF-8"


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of one line."""

    line: int  #: 1-based
    column: int  #: 1-based, in characters; a tab is one
    length: int  #: characters; of something longer than a line, the part on its first line


_START = Mark(1, 1, 1)


@dataclass(frozen=True)
class Page:
    """A file that was read: its data, and where each part of it stands."""

    file: str  #: as the user named it
    lines: tuple[str, ...]  #: the text by lines
    data: dict[str, Any]  #: maps, lists, texts, numbers, truth values and None
    keys: Mapping[Path, Mark] = field(repr=False)  #: path of a value -> where its key stands
    values: Mapping[Path, Mark] = field(repr=False)  #: path of a value -> where it stands
    unread: frozenset[Path] = frozenset()  #: parts that were refused; what stands there is not to be judged

    def key_mark(self, path: Path) -> Mark:
        """Where the key of a value stands; an item of a list, itself; a part that is missing, its nearest owner."""
        while path and path not in self.keys and path not in self.values:
            path = path[:-1]
        return self.keys.get(path) or self.values[path]

    def value_mark(self, path: Path) -> Mark:
        """Where a value stands; of a part that is missing, the key of its nearest owner."""
        return self.values.get(path) or self.key_mark(path)

    def diagnostic(
        self,
        path: Path,
        code: str,
        message: str,
        help: str = "",  # noqa: A002 - the word the reader sees
        key: bool = False,
        severity: Severity = "error",
        offset: int = 0,
        length: int | None = None,
    ) -> Diagnostic:
        """Point at a value, at its ``key``, or at ``length`` characters of a text from ``offset`` (0-based) on."""
        mark = self.key_mark(path) if key else self.value_mark(path)
        if (offset or length is not None) and not key and path in self.values:
            mark = self._inside(mark, offset, length)
        return _diagnostic(self.file, self.lines, mark, code, message, help, severity)

    def _inside(self, mark: Mark, offset: int, length: int | None) -> Mark:
        """Find characters of a text on the page: behind its quote, or on a later line of a text over several."""
        row, start, last = mark.line - 1, mark.column - 1, mark.column - 1 + mark.length
        opening = self.lines[row][start : start + 1]
        if opening in ("|", ">"):
            row = next((n for n in range(row + 1, len(self.lines)) if self.lines[n].strip()), row)
            start, last = _indentation(self.lines[row]), len(self.lines[row])
        elif opening in ("'", '"'):
            start += 1
        for _ in range(offset):
            pair = self.lines[row][start : start + 2]
            start += 2 if (opening == "'" and pair == "''") or (opening == '"' and pair[:1] == "\\") else 1
            if start > last and row + 1 < len(self.lines):
                row += 1
                start, last = _indentation(self.lines[row]), len(self.lines[row].rstrip())
        rest = max(1, last - start)
        return Mark(row + 1, start + 1, rest if length is None else max(1, min(length, rest)))


def read_page(file: str, raw: bytes, *, loader: Any = FASTEST) -> tuple[Page | None, tuple[Diagnostic, ...]]:
    """Read a file. Without a page the diagnostics say why; with one they list what in it was refused.

    Every fault that does not hide what follows is found at once. ``loader`` is PyYAML's class to parse with; the
    pure one is asked again when it refuses, for its words.
    """
    text, faults = _text(file, raw)
    if faults:
        return None, tuple(faults)
    lines = tuple(text.split("\n"))
    # Where a tab may stand is the one thing on which the two parsers differ.
    for parser in (loader, PlainLoader) if "\t" not in text else (PlainLoader,):
        reader = _Reader(file, lines, yaml.parse(text, Loader=parser))
        try:
            data = reader.document()
        except yaml.MarkedYAMLError as error:
            refusal = reader.faults, _explain(error, reader)
        except _Unreadable:
            return None, tuple(sorted(reader.faults))
        else:
            page = Page(file, lines, data, reader.keys, reader.values, frozenset(reader.unread))
            return page, tuple(sorted(reader.faults))
    faults, last = refusal
    told = any((fault.line, fault.code) == (last.line, last.code) for fault in faults)
    return None, tuple(sorted(faults if told else [*faults, last]))


def _text(file: str, raw: bytes) -> tuple[str, list[Diagnostic]]:
    """Decode a file; line breaks become LF. The text is whole when there are no faults."""

    def fault(code: str, message: str, advice: str, mark: Mark = _START) -> Diagnostic:
        return _diagnostic(file, lines, mark, code, message, advice)

    lines: tuple[str, ...] = ()
    if len(raw) > MOST_BYTES:
        size = f"{len(raw) / 1_000_000:.1f}"
        return "", [
            fault("too-large", f"the file has {size} MB; a page has at most 1 MB", "see whether it is the right file")
        ]
    coding = next((name for start, name in _BYTE_ORDER if raw.startswith(start)), "") or _wide(raw)
    if coding:
        return "", [fault("bad-encoding", f"the file is saved as {coding}, not as UTF-8", _SAVE_AS)]
    raw = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    text = raw.decode("utf-8", errors="replace")
    lines = tuple(text.split("\n"))
    faults = []
    for number, line in enumerate(raw.split(b"\n")):
        try:
            found = _UNPRINTABLE.search(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            column = len(line[: error.start].decode("utf-8")) + 1
            message = f"line {number + 1} holds a character that is not saved as UTF-8"
            faults.append(fault("bad-encoding", message, _SAVE_AS, Mark(number + 1, column, 1)))
        else:
            if found:
                message = f"an invisible character (U+{ord(found[0]):04X}) stands here"
                mark = Mark(number + 1, found.start() + 1, 1)
                faults.append(fault("bad-character", message, "delete it and type the place anew", mark))
        if len(faults) == MOST_FAULTS:
            mark = Mark(number + 1, 1, 1)
            faults.append(fault("too-many-faults", "there are more faults than these", "mend these first", mark))
            break
    return text, faults


def _wide(raw: bytes) -> str:
    """Name the encoding with two or four bytes a character that a text without a byte order mark has; else nothing."""
    start = raw[:1000]
    share = start.count(0) / len(start) if start else 0
    return "UTF-32" if share > 0.6 else "UTF-16" if share > 0.3 else ""


def _diagnostic(
    file: str,
    lines: tuple[str, ...],
    mark: Mark,
    code: str,
    message: str,
    advice: str = "",
    severity: Severity = "error",
) -> Diagnostic:
    source = lines[mark.line - 1] if mark.line <= len(lines) else ""
    message, advice = (_shortened(text) for text in (message, advice))
    return Diagnostic(file, mark.line, mark.column, mark.length, severity, code, message, advice, source)


def _shortened(text: str) -> str:
    """Leave out the middle of a sentence that quotes a page of text."""
    return text if len(text) <= 400 else f"{text[:200]} … {text[-100:]}"


class _Unreadable(Exception):  # noqa: N818 - never leaves this module
    """The rest of the file cannot be read; the fault has been noted."""


class _Reader:
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
        """Read all there is; raises _Unreadable, and PyYAML's error for what is not YAML."""
        percent = next((row for row, line in enumerate(self.lines) if not re.match(r"\s*(#|$)", line)), 0)
        if self.lines[percent].startswith("%"):
            self.stop(
                Mark(percent + 1, 1, 1), "bad-yaml", "a line that starts with % is not used here", "remove the line"
            )
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            empty = not any(line.strip() for line in self.lines)
            what = "the file is empty" if empty else "the file holds nothing but comments"
            self.stop(_START, "empty-file", what, "a page begins with: cadence: 1")
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
            self.stop(_START, "empty-file", "there is nothing in the file", "a page begins with: cadence: 1")
        what = "a list" if isinstance(data, list) else "a single text"
        spaced = _SQUEEZED.match(self.lines[mark.line - 1]) if not root.anchor and isinstance(data, str) else None
        if spaced:
            self.stop(*_squeezed(mark.line, spaced))
        self.stop(
            mark, "not-a-page", f"the file is {what}", "a page is made of keys and values, and begins with: cadence: 1"
        )

    def fault(self, mark: Mark, code: str, message: str, advice: str = "") -> None:
        """Note a fault; after very many, stop."""
        if len(self.faults) >= MOST_FAULTS:
            code, message, advice = "too-many-faults", "there are more faults than these", "mend these first"
            self.faults.append(_diagnostic(self.file, self.lines, mark, code, message, advice))
            raise _Unreadable
        self.faults.append(_diagnostic(self.file, self.lines, mark, code, message, advice))

    def stop(self, mark: Mark, code: str, message: str, advice: str = "") -> NoReturn:
        """Note a fault after which nothing can be read."""
        self.fault(mark, code, message, advice)
        raise _Unreadable

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
            return _scalar(event)
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
                    mark = Mark(row + 1, _indentation(self.lines[row]) + 1, 1)
                    advice = "begin it in the column of the item above"
                    self.fault(mark, "bad-indentation", "this item is indented deeper than the one above", advice)
                    self.unread.add(path)

    def _escapes(self, event: Any) -> None:
        """Refuse characters that an escape in double quotes brings in and that no page may hold."""
        if event.style == '"' and (found := _UNPRINTABLE.search(event.value)):
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
            if name and start.flow_style and _is_missing(event, after) and (squeezed := _SQUEEZED.match(name)):
                self.fault(*_squeezed(mark.line, squeezed, mark.column - 1))
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
            self.fault(*_blank_told(Mark(mark.line, mark.column, 1)))
            return None
        value = _scalar(event)
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
            raise _Unreadable
        return False


def _scalar(event: Any) -> str | int | float | bool | None:
    """Read a plain scalar by the narrowed core schema; anything else is text."""
    text = str(event.value)
    if event.style or event.tag is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def _is_missing(key: Any, value: Any) -> bool:
    """Whether a plain key has nothing after it, not even a colon of its own."""
    nothing = isinstance(value, yaml.ScalarEvent) and not value.style and not value.value
    return nothing and not key.style and value.start_mark.index == key.end_mark.index


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


_SQUEEZED = re.compile(r"\s*(?:- +)?([A-Za-z_][\w.-]*):(?=[^\s:/])")


def _squeezed(line: int, found: re.Match[str], before: int = 0) -> tuple[Mark, str, str, str]:
    """Describe a colon without a space after it."""
    place = Mark(line, before + found.end(), 1)
    return (
        place,
        "missing-space",
        f"a value follows '{found[1]}:' without a space after the colon",
        f"write: {found[1]}: …",
    )


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Where and why the parser gave up."""

    reader: _Reader
    found: str  #: what it found there, in PyYAML's words
    here: Mark  #: where it gave up
    begun: Mark  #: where the part it was reading begins

    def text(self, mark: Mark) -> str:
        """The line from a mark on."""
        return self.reader.lines[mark.line - 1][mark.column - 1 :]

    @property
    def before(self) -> str:
        """What stands on the line before the place."""
        return self.reader.lines[self.here.line - 1][: self.here.column - 1].rstrip()

    @property
    def above(self) -> Mark:
        """The nearest line above that has a text."""
        rows = range(self.here.line - 2, -1, -1)
        row = next((row for row in rows if self.reader.lines[row].strip()), self.here.line - 1)
        return _word(self.reader.lines, row, _indentation(self.reader.lines[row]))


_Told = tuple[Mark, str, str, str]
_WHOLE = "put quotes around the whole text"
_OTHER_QUOTES = "put quotes of the other kind around the whole text"
_CLOSE_QUOTE = "write the same quote at the end of the text"


def _word(lines: tuple[str, ...], row: int, at: int) -> Mark:
    """Mark the word at a place; behind the last text of the page, that text's last character."""
    while row and (row >= len(lines) or not lines[row].strip()):
        row, at = row - 1, MOST_BYTES
    at = min(at, max(0, len(lines[row].rstrip()) - 1))
    return Mark(row + 1, at + 1, max(1, len(lines[row][at:].partition(" ")[0])))


def _explain(error: yaml.MarkedYAMLError, reader: _Reader) -> Diagnostic:
    """Say in plain words what PyYAML refuses."""
    where: Any = error.problem_mark or error.context_mark
    here = _word(reader.lines, where.line, where.column)
    since = error.context_mark or where
    begun = _word(reader.lines, since.line, since.column)
    found = re.search(r"found '(.*)'|got '(.*)'", error.problem or "")
    refusal = _Refusal(reader, (found[1] or found[2]) if found else "", here, begun)
    words = f"{error.context}: {error.problem}"
    tell = next(tell for pattern, tell in _REFUSALS if re.search(pattern, words))
    mark, code, message, advice = _odd_blank(refusal) or tell(refusal)
    return _diagnostic(reader.file, reader.lines, mark, code, message, advice)


def _odd_blank(refusal: _Refusal) -> _Told | None:
    for mark in (refusal.here, refusal.above, refusal.begun):
        if blank := _ODD_BLANK.match(refusal.reader.lines[mark.line - 1]):
            return _blank_told(Mark(mark.line, blank.start(1) + 1, 1))
    return None


def _blank_told(mark: Mark) -> _Told:
    return mark, "bad-indentation", "the blank here is not a plain space", "delete it and type spaces"


def _sign(refusal: _Refusal) -> _Told:
    sign = refusal.text(refusal.here)[:1]
    if sign == "\t":
        what = "a tab stands between the words" if refusal.before else "a tab is used for indentation"
        return Mark(refusal.here.line, refusal.here.column, 1), "tab", what, "use spaces"
    return refusal.here, "needs-quotes", f"a text that starts with {sign} needs quotes", _WHOLE


def _first_sign(refusal: _Refusal) -> _Told:
    sign = refusal.text(refusal.begun)[:1]
    return refusal.begun, "needs-quotes", f"a text that starts with {sign} needs quotes", _WHOLE


def _tag(refusal: _Refusal) -> _Told:
    return refusal.begun, "no-tags", "a text that starts with ! would be a tag, which is not used here", _WHOLE


def _open_quote(refusal: _Refusal) -> _Told:
    return refusal.begun, "unclosed-quote", "the quote that is opened here is never closed", _CLOSE_QUOTE


def _backslash(refusal: _Refusal) -> _Told:
    return refusal.begun, "bad-yaml", "a backslash in double quotes has a meaning of its own", "use single quotes"


def _long_quote(refusal: _Refusal) -> _Told | None:
    """A quote that was closed by the next text's opening quote."""
    last = refusal.reader.last
    if last is None or not last.style or last.style in "|>" or last.start_mark.line == last.end_mark.line:
        return None
    if last.end_mark.line + 1 != refusal.here.line:
        return None
    mark = _word(refusal.reader.lines, last.start_mark.line, last.start_mark.column)
    return mark, "unclosed-quote", f"the quote that is opened here ends only on line {refusal.here.line}", _CLOSE_QUOTE


def _bracket(refusal: _Refusal) -> _Told:
    opened, here, found = refusal.reader.open[-1:], refusal.here, refusal.found
    if not opened:
        return here, "bad-yaml", "a value is missing here", "write a value, or remove the sign"
    mark = Mark(opened[0].line, opened[0].column, 1)
    bracket = refusal.text(mark)[:1]
    if told := _long_quote(refusal):
        return told
    if found in ("]", "}") and not refusal.before.endswith(","):
        what = f"the {bracket} opened on line {mark.line} is closed by {found}"
        return here, "unclosed-bracket", what, "close each bracket by its own kind"
    if here.line != mark.line or found == "<stream end>":
        return (
            mark,
            "unclosed-bracket",
            f"the {bracket} that is opened here is not closed",
            "see whether a comma is missing too",
        )
    if found in ("[", "{"):
        return here, "needs-quotes", f"within {bracket} a text that has a {found} in it needs quotes", _WHOLE
    if refusal.before.endswith(("'", '"')):
        return here, "needs-quotes", "the text goes on after its closing quote", _OTHER_QUOTES
    if found == ":":
        return (
            here,
            "missing-comma",
            "a second colon without a comma before it",
            "write a comma, or quotes around the text",
        )
    return here, "bad-yaml", "this does not belong here", "see whether a comma is missing or there is one too many"


def _second_colon(refusal: _Refusal) -> _Told:
    here, above = refusal.here, refusal.above
    key = re.match(r"[\s{[-]*([^:]*):\s", refusal.before + " ")
    if key:
        what = f"the text after '{key[1]}:' has a colon in it, and so needs quotes"
        curly = re.search("[“”‘’]", refusal.before)
        return Mark(here.line, here.column, 1), "needs-quotes", what, "type straight quotes" if curly else _WHOLE
    upper = refusal.text(above)
    if squeezed := _SQUEEZED.match(upper):
        return _squeezed(above.line, squeezed, above.column - 1)
    if ":" not in upper:
        return above, "missing-colon", "there is no colon on this line", "write: key: value"
    line = _word(refusal.reader.lines, here.line - 1, _indentation(refusal.before))
    what = f"this line is indented deeper than line {above.line}, which has a value already"
    return line, "bad-indentation", what, "begin it in the same column as the line it belongs to"


def _no_colon(refusal: _Refusal) -> _Told:
    begun = refusal.begun
    text = refusal.text(begun)
    if text[:1] in ("'", '"') and text.count(text[0]) % 2:
        return _open_quote(refusal)
    if squeezed := _SQUEEZED.match(text):
        return _squeezed(begun.line, squeezed, begun.column - 1)
    advice = "write: key: value; or indent the line, if it goes on with the text above"
    return begun, "missing-colon", "there is no colon on this line", advice


def _list_place(refusal: _Refusal) -> _Told:
    advice = "put each item on a line of its own below, or write [a, b]"
    return refusal.here, "bad-yaml", "a list cannot begin on the line of its key", advice


def _block(refusal: _Refusal) -> _Told:
    here, found = refusal.here, refusal.found
    if told := _long_quote(refusal):
        return told
    if refusal.before.endswith(("'", '"')) and found != ",":
        return here, "needs-quotes", "the text goes on after its closing quote", _OTHER_QUOTES
    if refusal.before.endswith(("]", "}")) and found not in ("]", "}", ","):
        return here, "needs-quotes", "the text goes on after a closing bracket", _WHOLE
    messages = {
        "-": ("bad-indentation", "an item of a list stands among keys", "indent it below its key"),
        "?": (
            "bad-indentation",
            "a key stands among the items of a list",
            "indent it below its item, or begin it further left",
        ),
        "]": ("unclosed-bracket", "there is a ] that no [ opens", "remove it"),
        "}": ("unclosed-bracket", "there is a } that no { opens", "remove it"),
        ",": ("bad-yaml", "a comma cannot stand here", "put a list in brackets: [a, b]"),
        ":": ("bad-key", "the key before the colon is missing", "write: key: value"),
    }
    fits_none = (
        "bad-indentation",
        "the indentation of this line fits no line above",
        "begin it in the column of its neighbours",
    )
    return here, *messages.get(found, fits_none)


_REFUSALS: tuple[tuple[str, Callable[[_Refusal], _Told]], ...] = (
    ("cannot start any token", _sign),
    ("an alias|an anchor|a block scalar|mapping keys are", _first_sign),
    ("quoted scalar.*(stream|separator|indicator)", _open_quote),
    ("escape", _backslash),
    (r"\btag\b", _tag),
    ("flow", _bracket),
    ("mapping values", _second_colon),
    ("could not find expected ':'", _no_colon),
    ("sequence entries", _list_place),
    ("", _block),
)
