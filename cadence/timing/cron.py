"""Repeating times as five cron fields, read on the wall clock of a zone.

Fields are taken apart and days are found by croniter; the wall clock is turned into instants here, because
croniter fires twice in the hour that a change of clocks repeats. One local occurrence is one match; a match
that falls into a gap moves to the first instant after it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from cadence.timing.wall import resolve

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["check_cron", "next_match"]

_DAY = timedelta(days=1)
_FIELDS = (
    ("minute", r"\d+", 0, 59),
    ("hour", r"\d+", 0, 23),
    ("day of month", r"\d+", 1, 31),
    ("month", r"\d+|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", 1, 12),
    ("day of week", r"\d+|sun|mon|tue|wed|thu|fri|sat", 0, 7),
)
_EXAMPLE = "write five fields such as 30 7 * * mon-fri"
_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * sun",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


def check_cron(text: str) -> None:
    """See that a cron text is five plain fields (minute, hour, day of month, month, day of week) that match some time.

    Lists, ranges, steps and three-letter names may be used. Where both day fields are restricted, either
    is enough (classic cron). Raises ValueError with a sentence for the person who wrote it.
    """
    if text.strip() in _MACROS:
        raise ValueError(f"'{text}' is short for {_MACROS[text.strip()]}; write that")
    fields = text.split()
    if len(fields) != 5:
        raise ValueError(f"'{text}' has {len(fields)} fields; {_EXAMPLE}")
    for field, (name, value, low, high) in zip(fields, _FIELDS, strict=True):
        plain = rf"(?:\*|(?:{value})(?:-(?:{value}))?)(?:/\d+)?"
        if re.fullmatch(rf"{plain}(?:,{plain})*", field.lower(), re.ASCII) is None:
            raise ValueError(f"'{field}' is not a {name} in '{text}'; {_EXAMPLE}")
        for number in re.findall(r"(?<![/\d])\d+", field):
            if not low <= int(number) <= high:
                raise ValueError(f"'{number}' is not a {name} in '{text}'; it goes from {low} to {high}")
        for step in re.findall(r"/(\d+)", field):
            if not 1 <= int(step) <= high:
                raise ValueError(f"'/{step}' in '{text}' is not a step for a {name}; it goes from 1 to {high}")
    from croniter import CroniterBadDateError

    try:
        _first_day(_plain(text), date(2026, 1, 1))
    except CroniterBadDateError as error:
        raise ValueError(f"'{text}' never matches: there is no such day") from error
    except ValueError as error:
        raise ValueError(f"'{text}' is not a time that repeats; {_EXAMPLE}") from error


def next_match(text: str, instant: datetime, zone: ZoneInfo) -> datetime:
    """The first match at or after the instant, in UTC, on the wall clock of ``zone``.

    ``text`` has passed ``check_cron``.
    """
    text = _plain(text)
    times = _times_of_day(text)
    # A second earlier: at the end of a gap the clock has not yet reached the times inside it.
    before = (instant - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
    day = _first_day(text, before.date())
    place = bisect_left(times, before.time()) if day == before.date() else 0
    while True:
        for at in times[place:]:
            found = resolve(day, at, zone)
            if found >= instant:
                return found
        day, place = _first_day(text, day + _DAY), 0


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


@lru_cache(maxsize=1024)
def _times_of_day(text: str) -> tuple[time, ...]:
    """The times that match on each day that matches."""
    from croniter import croniter

    minutes, hours = croniter.expand(text)[0][:2]
    return tuple(
        time(int(hour), int(minute))
        for hour in (range(24) if hours == ["*"] else hours)
        for minute in (range(60) if minutes == ["*"] else minutes)
    )


@lru_cache(maxsize=65536)
def _first_day(text: str, day: date) -> date:
    """The first day at or after ``day`` that matches."""
    from croniter import croniter

    last_second = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(seconds=1)
    found: datetime = croniter(text, last_second).get_next(datetime)
    return found.date()
