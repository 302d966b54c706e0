"""A spreadsheet as another program saved it: bytes in, rows out, nothing lost on the way.

Reads text files with ``,`` ``;`` tab or ``|`` between the cells, in UTF-8, UTF-16 (marked) or Windows-1252.
Rows are numbered as a spreadsheet shows them: headings and blank rows count, a cell of several lines is one row.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from cadence.errors import LeadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["DELIMITERS", "Row", "Sheet", "TableError", "decoded", "read_sheet"]

DELIMITERS = (",", ";", "\t", "|")  #: what stands between cells
_SPOKEN = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?")
_SEP = re.compile(r"sep=([,;\t|])\s*(?:\r\n|\r|\n)", re.IGNORECASE)
_LOOK_AHEAD = 15  #: rows in which the headings are looked for
_BROKEN_LIMIT = 20  #: rows with an open quote before the whole file is refused
_END = "\x00"  #: a last line of our own: NUL never survives decoding
_NOT_TEXT = (
    (b"PK\x03\x04", "an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a text processor's file"),
)


class TableError(LeadError):
    """A file cannot be read as a list of leads."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the headings."""

    number: int  #: as a spreadsheet shows it, from 1
    cells: tuple[str, ...]  #: as the file has them
    fault: str = ""  #: why it cannot be read; empty: it can
    note: str = ""  #: what a person may want to look at


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file whose headings were found."""

    header: tuple[str, ...]
    delimiter: str
    encoding: str
    notes: tuple[str, ...]  #: about the file as a whole
    text: str = field(repr=False)
    start: int = 0  #: where in the text the rows begin
    number: int = 1  #: row number of the headings

    def rows(self) -> Iterator[Row]:
        """Every row that holds data: blank rows and repeated headings are passed over.

        Raises :class:`TableError` when quotes are so broken that the rows cannot be told apart.
        """
        headings = _folded(self.header)
        for number, cells, broken in _Records(self.text, self.delimiter, self.start, self.number + 1):
            if not any(map(str.strip, cells)) or _is(cells, headings):
                continue
            yield self._checked(number, cells, broken)

    def _checked(self, number: int, cells: list[str], broken: bool) -> Row:
        width = len(self.header)
        fault = note = ""
        if broken:
            fault = 'has a quotation mark (") that is never closed; close it, or take it out'
        elif any(cell.strip() for cell in cells[width:]):
            fault = (
                f"has {len(cells)} cells where the headings are {width}; "
                f"a cell that holds a {_SPOKEN[self.delimiter]} must stand in quotation marks"
            )
        elif _swallowed(cells, width, self.delimiter):
            fault = 'seems to hold several rows in one cell; is a quotation mark (") not closed?'
        elif len(cells) < width:
            note = f"has {len(cells)} of {width} cells; the others are taken for empty"
        return Row(number, tuple(cells), fault, note)


def read_sheet(data: bytes, recognised: Callable[[Sequence[str]], int], looked_for: str) -> Sheet:
    """Understand a file: its encoding, what stands between its cells, where its headings are.

    ``recognised`` says how many fields a row names, were it the row of headings; ``looked_for`` names some, for the
    message. Rows are read later, one by one, by :meth:`Sheet.rows`. Raises :class:`TableError` with what is wrong and
    what to do about it.
    """
    text, encoding = decoded(data)
    notes = ["it is not UTF-8 and was read as Windows-1252; look at names with accents"] if encoding == "cp1252" else []
    if "\x00" in text:
        text = text.replace("\x00", "")
        notes.append("it holds zero bytes, which were left out")
    if not text.strip():
        raise TableError("the file is empty", help="save the list as CSV with headings in the first row")
    delimiter, number, start, header = _headings(text, recognised, looked_for)
    return Sheet(tuple(header), delimiter, encoding, tuple(notes), text, start, number)


def _swallowed(cells: Sequence[str], width: int, delimiter: str) -> bool:
    """Whether other rows went into a cell of several lines: it holds their delimiters, or cells are missing."""
    long = [cell for cell in cells if "\n" in cell or "\r" in cell]
    if not long or width < 2:
        return False
    lines = 1 + sum(cell.count("\n") or cell.count("\r") for cell in long)
    inside = sum(cell.count(delimiter) for cell in long)
    return len(cells) < width or len(cells) - 1 + inside == lines * (width - 1)


def _is(cells: Sequence[str], headings: Sequence[str]) -> bool:
    """Whether a row repeats the headings; the first cell nearly always says no."""
    return cells[0].strip().casefold() == headings[0] and _folded(cells) == headings


def _folded(cells: Sequence[str]) -> list[str]:
    return [cell.strip().casefold() for cell in cells]


def decoded(data: bytes) -> tuple[str, str]:
    """Read a file's characters: its text, and the encoding it is in. Raises :class:`TableError`."""
    for mark, kind in _NOT_TEXT:
        if data.startswith(mark):
            raise TableError(f"the file is {kind}, not a text file", help="open it and save the list as CSV (UTF-8)")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    elif data[:4096].count(0) * 4 > len(data[:4096]):
        raise TableError("the file is not a text file", help="save the list as CSV (UTF-8)")
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise TableError("the characters of the file cannot be read", help="save the list as CSV (UTF-8)")


def _headings(
    text: str, recognised: Callable[[Sequence[str]], int], looked_for: str
) -> tuple[str, int, int, list[str]]:
    """The row that names most fields: (delimiter, its number, where the rows begin, its cells)."""
    stated = _SEP.match(text)
    start, first = (stated.end(), 2) if stated else (0, 1)
    best: tuple[int, str, int, int, list[str]] = (0, ",", 0, 0, [])
    for delimiter in stated[1] if stated else DELIMITERS:
        records = _Records(text, delimiter, start, first)
        for number, cells, _ in islice(records, _LOOK_AHEAD):
            found = recognised(cells)
            if found > best[0]:
                best = (found, delimiter, number, records.at, cells)
    if not best[0]:
        raise TableError(
            f"no headings were found: no column is named {looked_for} or the like",
            help="name the columns in the first row",
        )
    return best[1], best[2], best[3], best[4]


class _Records:
    """The records of a text one by one: ``(number, cells, broken)``. ``at`` is where the last one ended.

    A record whose quote stays open to the end of the file is cut off at its first line and marked broken, so
    that it takes no other row with it.
    """

    def __init__(self, text: str, delimiter: str, start: int, number: int) -> None:
        self.at = start
        self._text = text
        self._delimiter = delimiter
        self._number = number

    def __iter__(self) -> Iterator[tuple[int, list[str], bool]]:
        reader = csv.reader(self._lines(), delimiter=self._delimiter)
        broken = 0
        while True:
            begin = self.at
            try:
                cells = next(reader)
            except csv.Error:
                cells = [_END]
            if begin >= len(self._text):
                return
            if cells and cells[-1].endswith(_END):
                broken += 1
                if broken > _BROKEN_LIMIT:
                    raise TableError(
                        'quotation marks (") are opened and never closed in many rows',
                        help="save the list as CSV once more, from the program it comes from",
                    )
                yield self._number, self._cut_off(begin), True
                reader = csv.reader(self._lines(), delimiter=self._delimiter)
            else:
                yield self._number, cells, False
            self._number += 1

    def _lines(self) -> Iterator[str]:
        """Lines from ``at`` on, then :data:`_END`, which only an open quote can swallow."""
        while self.at < len(self._text):
            match = _LINE.match(self._text, self.at)
            self.at = match.end() if match else len(self._text)
            yield match[0] if match else ""
        yield _END

    def _cut_off(self, begin: int) -> list[str]:
        """The first line of a broken record, its quotes taken as they stand."""
        match = _LINE.match(self._text, begin)
        line = match[0] if match else ""
        self.at = begin + len(line)
        return line.rstrip("\r\n").split(self._delimiter)
