"""Opening hours: which minutes of which days are open, and the real time they stand for.

Hours are wall-clock time. A span opens when the wall clock first reaches its start and closes when the
clock first reaches its end, so a change of clocks makes a span longer or shorter, never different on the wall.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

from cadence.timing.timeline import HORIZON_DAYS, Timeline, at_second, merged, second_of
from cadence.timing.wall import closest_time, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from cadence.timing.holidays import Holidays

__all__ = ["ALWAYS", "WEEKDAYS", "Hours", "HoursError", "Span", "opening_times", "parse_day", "parse_hours"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = timedelta(days=1)
_TITLES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TEXT = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)
_CROSSING_LIMIT = 12 * 60
_NO_DATES: Mapping[date, tuple[Span, ...]] = MappingProxyType({})


class HoursError(ValueError):
    """Hours that cannot be read; its text is a sentence for the person who wrote them."""

    def __init__(self, code: str, message: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.code = code  #: bad-hours, reversed-window, overlapping-hours or bad-day
        self.path = path  #: keys and indexes inside the value, to the place of the fault


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One stretch of opening hours on the day it starts."""

    start: int  #: minutes after local midnight, 0 to 1439
    end: int  #: minutes after the same midnight, exclusive; above 1440 it ends on the next day

    def __str__(self) -> str:
        end = self.end if self.end <= 1440 else self.end - 1440
        return f"{self.start // 60:02}:{self.start % 60:02}-{end // 60:02}:{end % 60:02}"


@dataclass(frozen=True)
class Hours:
    """Opening hours of a week, with exceptions. Compared and hashed by value.

    A dated exception wins over holidays and the week; a holiday closes its day. A span that crosses
    midnight belongs to the day it starts.
    """

    week: tuple[tuple[Span, ...], ...]  #: seven days, Monday first
    dated: Mapping[date, tuple[Span, ...]] = field(default_factory=lambda: _NO_DATES)  #: day -> its own spans
    holidays: Holidays | None = None  #: None: open on holidays as on any day

    def __post_init__(self) -> None:
        object.__setattr__(self, "dated", MappingProxyType(dict(self.dated)))
        object.__setattr__(self, "_hash", hash((self.week, frozenset(self.dated.items()), self.holidays)))

    def __hash__(self) -> int:
        return self._hash  # type: ignore[attr-defined, no-any-return]

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The spans that start on a day."""
        exception = self.dated.get(day)
        if exception is not None:
            return exception
        if self.holidays is not None and self.holidays.includes(day):
            return ()
        return self.week[day.weekday()]

    def is_open_day(self, day: date) -> bool:
        """Whether any span starts on the day."""
        return bool(self.spans_on(day))

    def open_intervals(self, from_day: date, to_day: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        """The open stretches that start on these days (both included), in UTC, joined and in order."""
        for start, end in merged(self._seconds(from_day, to_day, zone)):
            yield at_second(start), at_second(end)

    def is_open(self, instant: datetime, zone: ZoneInfo) -> bool:
        """Whether it is open at the instant."""
        return opening_times(self, zone).is_open(second_of(instant))

    def next_open(self, instant: datetime, zone: ZoneInfo) -> datetime | None:
        """The instant itself when open, else the next opening; None when nothing opens within 400 days."""
        second = second_of(instant)
        opening = opening_times(self, zone).next_open(second, HORIZON_DAYS)
        if opening is None:
            return None
        return instant if opening == second else at_second(opening)

    def closes_at(self, instant: datetime, zone: ZoneInfo) -> datetime | None:
        """When the open stretch the instant lies in ends; None when closed, or open for 400 days on end."""
        close = opening_times(self, zone).closes_at(second_of(instant), HORIZON_DAYS)
        return None if close is None else at_second(close)

    def _seconds(self, from_day: date, to_day: date, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
        """Start and end of each span of these days, by start."""
        for number in range(from_day.toordinal(), to_day.toordinal() + 1):
            day = date.fromordinal(number)
            for span in sorted(self.spans_on(day)):
                yield _second(day, span.start, zone), _second(day, span.end, zone)


#: Open at every minute of every day.
ALWAYS = Hours(((Span(0, 1440),),) * 7)


@lru_cache(maxsize=1024)
def opening_times(hours: Hours, zone: ZoneInfo) -> Timeline:
    """The real time these hours stand for in a zone; kept, so that asking again is cheap."""

    def spans(start: int, stop: int) -> Iterator[tuple[int, int]]:
        first = datetime.fromtimestamp(start, zone).date() - 2 * _DAY
        last = datetime.fromtimestamp(stop, zone).date() + _DAY
        return hours._seconds(first, last, zone)  # noqa: SLF001 - of this module

    return Timeline(spans)


def _second(day: date, minute: int, zone: ZoneInfo) -> int:
    """The POSIX second at which the wall clock first reaches a minute of a day (1440 and more: the next day)."""
    days, minute = divmod(minute, 1440)
    wall = time(minute // 60, minute % 60)
    return second_of(resolve(day + timedelta(days), wall, zone))


def parse_hours(value: object) -> tuple[tuple[Span, ...], ...]:
    """Read the hours of a week: ``"08:00-18:00"``, a list of such texts, or a map of days to either or ``closed``.

    A bare text or list means every day; days a map does not name are closed. ``24:00`` may be written as an end.
    A span whose end is not after its start crosses midnight, when it is shorter than 12 hours.
    Raises HoursError.
    """
    if not isinstance(value, dict):
        day = parse_day(value)
        _check_nights((day,) * 7, [()] * 7)
        return (day,) * 7
    if not value:
        raise HoursError("bad-hours", "no day is named; write for example mon-fri: 08:00-18:00, or closed")
    week: list[tuple[Span, ...]] = [()] * 7
    named: dict[int, str] = {}
    for key, text in value.items():
        for index in _days(key):
            if index in named:
                raise HoursError(
                    "bad-day",
                    f"`{key}` names {_TITLES[index]} again (`{named[index]}` has it); name each day once",
                    (key,),
                )
            named[index] = key
            week[index] = parse_day(text, (key,))
    _check_nights(week, [(named[index],) if index in named else () for index in range(7)])
    return tuple(week)


def parse_day(value: object, path: tuple[str | int, ...] = ()) -> tuple[Span, ...]:
    """Read the hours of one day: a text, a list of texts, or ``closed``; sorted by start.

    ``path`` leads to the value, for the error. Raises HoursError.
    """
    if value == "closed":
        return ()
    if isinstance(value, str):
        return (_span(value, path),)
    if not isinstance(value, list) or not value:
        raise HoursError(
            "bad-hours", f"'{value}' is not opening hours; write 08:00-18:00, a list of such, or closed", path
        )
    found = [(_span(text, (*path, place)), place) for place, text in enumerate(value)]
    found.sort()
    for (before, _), (after, place) in pairwise(found):
        if after.start < before.end:
            raise HoursError(
                "overlapping-hours", f"{before} and {after} overlap; join them or part them", (*path, place)
            )
    return tuple(span for span, _ in found)


def _span(text: object, path: tuple[str | int, ...]) -> Span:
    match = _TEXT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise HoursError("bad-hours", f"'{text}' is not opening hours; {_suggestion(str(text))}", path)
    hour, minute, end_hour, end_minute = map(int, match.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if start >= 1440 or end > 1440 or minute > 59 or end_minute > 59:
        raise HoursError("bad-hours", f"'{text}' has a time that no clock shows; hours go from 00:00 to 24:00", path)
    if start == end:
        raise HoursError("bad-hours", f"'{text}' opens and closes at once; a whole day is 00:00-24:00", path)
    if end > start:
        return Span(start, end)
    if end + 1440 - start >= _CROSSING_LIMIT:
        raise HoursError("reversed-window", f"'{text}' ends before it starts; {_turned(start, end)}", path)
    return Span(start, end + 1440)


def _turned(start: int, end: int) -> str:
    """What the writer of a reversed span may have meant."""
    if end == 0:
        return f"midnight as an end is 24:00: write {Span(start, 1440)}"
    return f"did you mean {Span(end, start)}? Hours across midnight must be shorter than 12 hours"


def _suggestion(text: str) -> str:
    halves = re.split(r"\s*(?:-|–|—|\bto\b|\buntil\b)\s*", text.strip())
    if len(halves) == 2:
        meant = "-".join(closest_time(half) for half in halves)
        if _TEXT.fullmatch(meant):
            return f"write {meant}"
    return "write for example 08:00-18:00"


def _days(key: object) -> Sequence[int]:
    """The weekdays a key of a map names, Monday 0: ``sat`` or ``mon-fri``."""
    first, dash, last = str(key).partition("-")
    if first in WEEKDAYS and (last in WEEKDAYS if dash else True):
        start = WEEKDAYS.index(first)
        count = (WEEKDAYS.index(last) - start) % 7 + 1 if dash else 1
        return [(start + step) % 7 for step in range(count)]
    loose = "-".join(part.strip()[:3] for part in re.split(r"[-–]", str(key).lower()))
    parts = loose.split("-")
    hint = f"write {loose}" if all(part in WEEKDAYS for part in parts) and len(parts) < 3 else "days are mon to sun"
    raise HoursError("bad-day", f"`{key}` is not a day or a range of days; {hint}, such as sat or mon-fri", (str(key),))


def _check_nights(week: Sequence[tuple[Span, ...]], paths: Sequence[tuple[str, ...]]) -> None:
    """A span that crosses midnight must not run into the next day's hours."""
    for index, spans in enumerate(week):
        following = week[(index + 1) % 7]
        if spans and following and spans[-1].end - 1440 > following[0].start:
            night, day = _TITLES[index], _TITLES[(index + 1) % 7]
            raise HoursError(
                "overlapping-hours",
                f"{night} {spans[-1]} runs into {day} {following[0]}; end the one before the other starts",
                paths[index],
            )
