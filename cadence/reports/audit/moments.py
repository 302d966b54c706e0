"""The clock of an export: what its dates and times say, compared as they stand.

An export's times are those of the shop's wall and carry no zone; so they are compared with each other without one.
Only a time that is written with an offset is put on the shop's clock.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from cadence.leads.moments import written_moment

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["FileClock", "Moment", "on_the_wall", "waited"]

_LATEST = 2100
_MOST_KEPT = 50_000  #: dates of a file are few, its times are not
_SLASHED = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(?=\d)", re.ASCII)
#: How most exports write a time behind such a date; other ways are read by :func:`written_moment`, at twice the cost.
_USUAL = re.compile(r"(20\d\d)(?:,? (\d{1,2}):(\d\d)(?::(\d\d))?(?: ([AaPp])[Mm])?)?", re.ASCII)
_WINDOW = re.compile(r"\s+(?:-|–|to|until)\s+")


class Moment(NamedTuple):
    """A day, or a day with a time, on the wall of the shop."""

    at: datetime  #: without a zone; the day's first moment where only a day is known
    timed: bool  #: the time of day is known
    instant: datetime | None = None  #: UTC, where it was written with an offset

    def has_come(self, now: datetime) -> bool:
        """Whether it is not ahead of ``now`` (on the wall): a day has come from its first moment on."""
        return self.at <= now

    def is_over(self, now: datetime) -> bool:
        """Whether it lies behind ``now`` (on the wall): a day is over when it has ended."""
        return self.at <= now if self.timed else self.at.date() < now.date()


class FileClock:
    """Reads the moments of a file, and remembers what its dates look like."""

    def __init__(self, zone: ZoneInfo | None) -> None:
        self.zone = zone  #: None: this machine's clock
        self._read: dict[str, Moment | str] = {}
        self.offsets = False  #: times with an offset were met
        self.either_way: str = ""  #: the first date met whose month may be its day
        self.day_first: str = ""  #: the first date met that can only put the day first

    def read(self, text: str) -> Moment:
        """The moment a cell names. Raises ValueError with a reason that can follow "the appointment …"."""
        found = self._read.get(text)
        if found is None:
            if len(self._read) > _MOST_KEPT:
                self._read.clear()
            found = self._read[text] = self._understood(text)
        if isinstance(found, str):
            raise ValueError(found)
        return found

    def read_window(self, text: str) -> Moment:
        """The moment a cell names, or the beginning of ``11/24/2026 2:00 PM - 4:00 PM``. ValueError as :meth:`read`."""
        try:
            return self.read(text)
        except ValueError:
            begins, *ends = _WINDOW.split(text, maxsplit=1)
            if not ends:
                raise
            return self.read(begins)

    def _understood(self, text: str) -> Moment | str:
        if text[4:5] == "-" and text.isascii():
            try:
                return self._placed(datetime.fromisoformat(text), timed=len(text) > 10)
            except ValueError:
                pass
        if (slashed := _SLASHED.match(text)) and (usual := self._slashed(slashed)):
            return usual
        try:
            day, clock, offset = written_moment(text, latest_year=_LATEST)
        except ValueError as error:
            return str(error)
        moment = datetime.combine(day, clock or time())
        return self._placed(
            moment if offset is None else (moment - offset).replace(tzinfo=UTC), timed=clock is not None
        )

    def _slashed(self, found: re.Match[str]) -> Moment | None:
        """Take note of what a date such as 11/24/2026 looks like, and read it where it is written as usual."""
        first, second = int(found[1]), int(found[3])
        if first > 12 >= second:
            self.day_first = self.day_first or found.string
        elif first <= 12 and second <= 12 and first != second:
            self.either_way = self.either_way or found.string
        usual = _USUAL.fullmatch(found.string, found.end())
        if usual is None or (usual[5] and not 1 <= int(usual[2]) <= 12):
            return None
        hour = int(usual[2] or 0)
        if usual[5]:
            hour = hour % 12 + (12 if usual[5] in "pP" else 0)
        try:
            at = datetime(int(usual[1]), first, second, hour, int(usual[3] or 0), int(usual[4] or 0))  # noqa: DTZ001
        except ValueError:
            return None
        return Moment(at, usual[2] is not None)

    def _placed(self, moment: datetime, *, timed: bool) -> Moment | str:
        if not 2000 <= moment.year <= _LATEST:
            return "lies too far away; check the year"
        if moment.microsecond:
            moment = moment.replace(microsecond=0)
        if moment.tzinfo is None:
            return Moment(moment, timed)
        self.offsets = True
        return Moment(on_the_wall(moment, self.zone), timed, moment.astimezone(UTC))


def on_the_wall(moment: datetime, zone: ZoneInfo | None) -> datetime:
    """What the shop's clock shows at an instant; without a zone, this machine's clock."""
    return moment.astimezone(zone).replace(tzinfo=None)


def waited(since: Moment, until: Moment) -> timedelta | None:
    """How long it took; None where a time of day is not known."""
    if not (since.timed and until.timed):
        return None
    return until.instant - since.instant if since.instant and until.instant else until.at - since.at
