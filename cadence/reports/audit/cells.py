"""The cells of an export: yes and no, moments, durations, status words; those that cannot be read are remembered."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from cadence.leads.fields import is_blank, unwrapped
from cadence.reports.audit.lead import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from cadence.reports.audit.columns import Columns
    from cadence.reports.audit.moments import FileClock, Moment
    from cadence.reports.audit.vocabulary import Vocabulary

__all__ = ["CellReader", "Unread"]

#: Columns of status words, and what they are about.
_STATUSES = (
    ("status", "lead"),
    ("appointment_status", "appointment"),
    ("contract_status", "contract"),
    ("estimate_status", "estimate"),
)
#: Columns of moments, and of what may be a moment, a yes or a status word: what the word is about, and which say yes.
_FACTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "appointment": ("", ()),
    "confirmed": ("appointment", ("confirmed",)),
    "callback": ("", ()),
    "contract_sent": ("contract", ("contract sent", "signed")),
    "contract_signed": ("contract", ("signed",)),
    "deposit_paid": ("deposit", ("deposit",)),
    "estimate_sent": ("estimate", ("estimate sent", "signed", "won", "estimate over")),
    "next_due": ("", ()),
    "followed_up": ("estimate", ("estimate sent",)),
    "last_contact": ("", ()),
    "first_response": ("", ()),
}
_AMOUNT = re.compile(r"-?\$?\s*(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:\s*usd)?", re.ASCII | re.IGNORECASE)
_CLOCKED = re.compile(r"(?:(\d+) days?,? )?(\d{1,3}):(\d\d):(\d\d)", re.ASCII)
_DIGITS = "0123456789"
_WRAPS = "'= \t\xa0"  #: what a cell begins with that is not as it stands
_LONG = 12  #: letters; what people write for "not known" is shorter
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)\.?,?\s*(?:and\s+)?", re.ASCII)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_SHORT = {"s": "second", "m": "minute", "h": "hour", "d": "day", "day": "day", "days": "day"}


class Unread(NamedTuple):
    """Cells of one column that could not be read, for one reason."""

    heading: str
    reason: str
    times: int
    row: int  #: the first of them


class CellReader:
    """Reads the cells of an export row by row."""

    def __init__(self, columns: Columns, words: Vocabulary, clock: FileClock) -> None:
        self._columns = columns
        self._words = words
        self._clock = clock
        self._statuses = [(index, about) for field, about in _STATUSES for index in columns.places.get(field, ())]
        self._facts = [(field, columns.places[field][0], self._reads(field)) for field in _FACTS if columns.has(field)]
        self._meanings: dict[tuple[str, str], str] = {}
        self._unread: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], int] = {}
        self.unknown: Counter[str] = Counter()  #: status words that nobody knows
        self.seen: set[str] = set()  #: what status words of the file mean
        self._row = 0
        self._cells: Sequence[str] = ()

    def turn_to(self, row: int, cells: Sequence[str]) -> None:
        """Read this row from now on."""
        self._row, self._cells = row, cells

    @property
    def unread(self) -> list[Unread]:
        """What could not be read and was taken for empty, the most frequent first."""
        return [Unread(*key, times, self._first[key]) for key, times in self._unread.most_common()]

    def text(self, field: str) -> str:
        """The first cell of the field's columns that holds something."""
        for index in self._columns.places.get(field, ()):
            if cell := self._cell(index):
                return cell
        return ""

    def facts(self) -> dict[str, Any]:
        """What the cells of the row say, by field: moments, yes and no; nothing for what says nothing."""
        found = {}
        for field, index, read in self._facts:
            if text := self._cell(index):
                try:
                    found[field] = read(text)
                except ValueError as error:
                    key = (self._columns.header[index], str(error))
                    self._unread[key] += 1
                    self._first.setdefault(key, self._row)
        return found

    def says(self) -> tuple[str, ...]:
        """What the status words of the row mean, the best column first; unknown ones are counted."""
        said = []
        for index, about in self._statuses:
            if text := self._cell(index):
                if meaning := self._meaning(text, about):
                    said.append(meaning)
                    self.seen.add(meaning)
                else:
                    self.unknown[text] += 1
        return tuple(said)

    def status(self) -> str:
        """How the row says the lead stands, in its own words: the first that says more than that it is open."""
        written = [text for index in self._columns.places.get("status", ()) if (text := self._cell(index))]
        telling = (text for text in written if self._meaning(text, "lead") != "open")
        return next(telling, written[-1] if written else "")

    def _cell(self, index: int) -> str:
        """The cell without the marks of a spreadsheet; empty where it says that nothing is known."""
        cell = self._cells[index] if index < len(self._cells) else ""
        if not cell:
            return ""
        if cell[0] in _WRAPS or cell[-1].isspace():
            cell = unwrapped(cell)
        return "" if len(cell) < _LONG and is_blank(cell) else cell

    def _reads(self, field: str) -> Callable[[str], object]:
        """What reads the cells of a column."""
        if field == "first_response":
            return partial(self._response, self._columns.units.get(field, ""))
        about, yes = _FACTS[field]
        return partial(self._told, about, yes) if about else self._clock.read_window

    def _told(self, about: str, yes: Collection[str], text: str) -> Told:
        """What a cell says: a moment, yes or no, a status word, or a sum of money; nought says no."""
        if text[0] not in _DIGITS:
            if (word := text.casefold()) in self._words.no or word in self._words.yes:
                return Told(yes=word in self._words.yes)
            if meaning := self._meaning(text, about):
                return Told(yes=meaning in yes)
        if len(text) == 1 or (about == "deposit" and _AMOUNT.fullmatch(text)):
            return Told(yes=any(digit in text for digit in "123456789") and "-" not in text)
        return Told(yes=True, at=self._clock.read_window(text))

    def _response(self, unit: str, text: str) -> Moment | timedelta:
        """When somebody answered, or how long it took."""
        took = _duration(text.casefold(), unit, self._words.units)
        return self._clock.read(text) if took is None else took

    def _meaning(self, text: str, about: str) -> str:
        key = (text, about)
        found = self._meanings.get(key)
        if found is None:
            found = self._meanings[key] = self._words.meaning(text, about)
        return found


def _duration(text: str, unit: str, units: Mapping[str, str]) -> timedelta | None:
    """How long ``4 min``, ``1h 20m`` or ``0:04:30`` is; a bare number needs a unit. None: it is no duration."""
    if clocked := _CLOCKED.fullmatch(text):
        days, hours, minutes, seconds = (int(part or 0) for part in clocked.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if _NUMBER.fullmatch(text):
        if not unit:
            raise ValueError("is a number whose heading does not say of what, such as Response Time (min)")
        return timedelta(seconds=float(text) * _SECONDS[unit])
    if _PART.sub("", text):
        return None
    parts = [(float(number), _SHORT.get(word) or units.get(word, "")) for number, word in _PART.findall(text)]
    if not parts or not all(name for _, name in parts):
        return None
    return timedelta(seconds=sum(number * _SECONDS[name] for number, name in parts))
