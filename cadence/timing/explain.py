"""How a due instant came about, told in short plain lines. Worked out only when somebody asks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cadence.timing.cron import next_match
from cadence.timing.durations import format_duration
from cadence.timing.wall import exists, local, resolve, say_day, say_minute
from cadence.timing.when import base_instant, counted_day, time_of_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, time
    from zoneinfo import ZoneInfo

    from cadence.timing.calendar import Calendar
    from cadence.timing.when import Anchor, Due, When

__all__ = ["explain_due"]


def explain_due(due: Due) -> tuple[str, ...]:
    """How a due instant came about: what was counted, from where, on whose clock."""
    rows, anchor, zone, calendar = due.inputs
    row, when = due.row, rows[due.row]
    lines = list(_row_lines(rows, row, anchor, zone))
    day = counted_day(when, anchor, zone, calendar)
    if day is not None:
        lines += _day_lines(when, day, anchor, zone)
        lines += _clock_lines(day, time_of_day(when, calendar), anchor, zone)
    else:
        lines += _count_lines(when, anchor, zone, calendar)
    if when.cron:
        base = base_instant(when, anchor, zone, calendar)
        found = _say(next_match(when.cron, base, zone), zone)
        lines.append(f"first match of {when.cron} at or after {_say(base, zone)}: {found} {zone.key}")
    return tuple(lines)


def _row_lines(rows: Sequence[When], row: int, anchor: Anchor, zone: ZoneInfo) -> Iterator[str]:
    clock = say_minute(local(anchor.instant, zone))
    for place, when in enumerate(rows[: row + 1]):
        if when.if_before is not None:
            holds = "is before" if place == row else "is not before"
            yield f"{clock} {holds} {_clock(when.if_before)}"


def _day_lines(when: When, day: date, anchor: Anchor, zone: ZoneInfo) -> Iterator[str]:
    start = f"{say_day(anchor.day(zone))} ({_name(anchor)})"
    if when.day is not None:
        yield f"day {when.day} counted from {start}: {say_day(day)}"
    elif when.business_day is not None:
        yield f"open day {when.business_day} counted from {start}: {say_day(day)}"
    elif when.next_business_day is not None:
        yield f"first open day after {start}: {say_day(day)}"
    else:
        yield f"on {start}"


def _clock_lines(day: date, at: time, anchor: Anchor, zone: ZoneInfo) -> Iterator[str]:
    yield f"{_clock(at)} {zone.key}"
    found = resolve(day, at, zone)
    yield from _change_lines(day, at, zone)
    if found < anchor.instant and not anchor.day_only:
        yield f"{_clock(at)} had passed: due at once, {_say(anchor.instant, zone)}"


def _change_lines(day: date, at: time, zone: ZoneInfo) -> Iterator[str]:
    """What a change of clocks did to a time of day."""
    found = local(resolve(day, at, zone), zone)
    if not exists(day, at, zone):
        moved = say_minute(found) if found.date() == day else f"{say_day(found.date())} {say_minute(found)}"
        yield f"{_clock(at)} does not exist that day: moved to {moved}"
    elif datetime.combine(day, at, zone).utcoffset() != datetime.combine(day, at.replace(fold=1), zone).utcoffset():
        yield f"{_clock(at)} comes twice that day: the first counts"


def _count_lines(when: When, anchor: Anchor, zone: ZoneInfo, calendar: Calendar) -> Iterator[str]:
    start = f"{_say(anchor.instant, zone)} ({_name(anchor)})"
    amount = when.after if when.after is not None else when.before
    if amount is None:
        yield f"at {start}, {zone.key}"
        return
    if when.after is None:
        yield f"{format_duration(amount)} before {start}, {zone.key}"
    elif when.business_clock:
        yield f"{format_duration(amount, largest='h')} of open time after {start}, {zone.key}"
        yield from calendar.add_open_time(anchor.instant, amount)[1]
    else:
        yield f"{format_duration(amount)} after {start}, {zone.key}"
    if when.at is not None:
        due = local(base_instant(when, anchor, zone, calendar), zone)
        word = "at" if when.after is None else "then at"
        yield f"{word} {_clock(when.at)} on {say_day(due.date())}"


def _name(anchor: Anchor) -> str:
    return anchor.name or "visit start"


def _clock(at: time) -> str:
    return f"{at.hour:02}:{at.minute:02}"


def _say(instant: datetime, zone: ZoneInfo) -> str:
    wall = local(instant, zone)
    return f"{say_day(wall.date())} {say_minute(wall)}"
