"""The rows of a preview laid out as an agenda: under the day each lead lives in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from cadence.reports.rows import PreviewHead, PreviewRow

__all__ = ["Agenda", "Day", "Entry", "lay_out", "local_time", "standing"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row and the local moment it stands at."""

    row: PreviewRow
    local: datetime  #: in the lead's zone


@dataclass(frozen=True, slots=True)
class Day:
    """One calendar day, each lead's own."""

    date: date
    entries: tuple[Entry, ...]  #: by local time, then lead


@dataclass(frozen=True, slots=True)
class Agenda:
    """The whole preview in reading order."""

    days: tuple[Day, ...]  #: days with something in them, in order
    later: tuple[Entry, ...]  #: touches still waiting when the preview ends, by the moment they are looked at again


def standing(head: PreviewHead, row: PreviewRow) -> datetime | None:
    """The instant (UTC) a row stands at, or None for a touch that still waits when the preview ends.

    What happens stands where it happens. A wait stands where the touch was due, because that is where a reader
    looks for it; one that was due before the preview stands at the preview's start.
    """
    if row.outcome != "waits":
        return row.at
    if row.due_at is None or row.due_at > head.end:
        return None
    return max(row.due_at, head.start)


def local_time(instant: datetime, zone: str) -> datetime:
    """The instant in the zone (an IANA name)."""
    return instant.astimezone(_zone(zone))


def lay_out(head: PreviewHead, rows: Iterable[PreviewRow]) -> Agenda:
    """Sort the rows by the lead's own day, the time on the lead's clock, and the lead.

    Rows of one lead at one moment keep the order they came in.
    """
    placed: list[Entry] = []
    later: list[Entry] = []
    for row in rows:
        instant = standing(head, row)
        if instant is None:
            later.append(Entry(row, local_time(row.at, row.zone)))
        else:
            placed.append(Entry(row, local_time(instant, row.zone)))
    placed.sort(key=_reading_order)
    later.sort(key=lambda entry: (entry.row.at, entry.row.account, entry.row.lead))
    days = tuple(Day(day, tuple(entries)) for day, entries in groupby(placed, key=lambda entry: entry.local.date()))
    return Agenda(days, tuple(later))


def _reading_order(entry: Entry) -> tuple[date, int, int, int, int, str, str]:
    local = entry.local
    # The hour that happens twice in autumn is read through once, then again.
    return (local.date(), local.hour, local.fold, local.minute, local.second, entry.row.account, entry.row.lead)


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
