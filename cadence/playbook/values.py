"""What the schema cannot say about single values: durations, times, hours, days, crons, zones.

Runs on a page whose shape is right. A page that passes can be built into the model without failing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, time
from typing import TYPE_CHECKING, Any

from cadence.playbook.lint_rules import Fault
from cadence.playbook.words import MESSAGE_CHANNELS
from cadence.timing.cron import check_cron
from cadence.timing.durations import parse_duration
from cadence.timing.holidays import parse_holidays
from cadence.timing.hours import HoursError, parse_day, parse_hours
from cadence.timing.law import parse_most
from cadence.timing.wall import parse_time
from cadence.timing.when import moment
from cadence.timing.zones import find_zone

if TYPE_CHECKING:
    from cadence.playbook.diagnostics import Diagnostic
    from cadence.playbook.marks import Path
    from cadence.playbook.source import Page

__all__ = ["check_values"]

Data = Mapping[str, Any]


def check_values(page: Page) -> list[Diagnostic]:
    """List the faults of all single values of a page: a playbook, ``cadence.yaml``, sample leads or tests."""
    return [
        page.diagnostic(fault.path, fault.code, fault.message, help=fault.help, key=fault.key)
        for fault in _faults(page.data)
    ]


def _faults(data: Data) -> Iterator[Fault]:
    if "business" in data:
        yield from _zone(("business", "timezone"), data["business"]["timezone"])
        for number, member in enumerate(data["team"]):
            yield from _each(_hours, ("team", number, "alerts"), member.get("alerts", {}), "hours")
        for number, row in enumerate(data.get("law", ())):
            yield from _law(("law", number), row)
    elif "samples_of" in data:
        yield from _samples(data)
    elif "tests_of" in data:
        yield from _tests(data)
    else:
        yield from _playbook(data)


def _law(path: Path, row: Data) -> Iterator[Fault]:
    yield from _hours((*path, "hours"), row["hours"])
    yield from _each(_frequency, path, row, "most")
    if not _is_date(row["as_of"]):
        yield _no_date((*path, "as_of"), row["as_of"], key=False)


def _playbook(data: Data) -> Iterator[Fault]:
    yield from _calendar(data.get("calendar", {}))
    for channel in MESSAGE_CHANNELS:
        if channel in data.get("send_windows", {}):
            yield from _hours(("send_windows", channel), data["send_windows"][channel])
    yield from _each(_duration, (), data, "expires_after")
    yield from _each(_duration, ("limits",), data.get("limits", {}), "min_gap")
    for name, stage in data["stages"].items():
        yield from _stage(("stages", name), stage)
    for name, review in data.get("reviews", {}).items():
        yield from _each(_cron, ("reviews", name), review, "cron")


def _calendar(data: Data) -> Iterator[Fault]:
    if "business_hours" in data:
        yield from _hours(("calendar", "business_hours"), data["business_hours"])
    for number, name in enumerate(data.get("holidays", ())):
        yield from _read(lambda: parse_holidays([name]), ("calendar", "holidays", number), "bad-date")  # noqa: B023
    for day, hours in data.get("hours_on", {}).items():
        path = ("calendar", "hours_on", day)
        if not _is_date(day):
            yield _no_date(path, day, key=True)
        yield from _hours_of_day(path, hours)
    yield from _each(_time, ("calendar",), data, "touch_time")
    for number, text in enumerate(data.get("offer_times", ())):
        yield from _time(("calendar", "offer_times", number), text)


def _stage(path: Path, stage: Data) -> Iterator[Fault]:
    if "silence" in stage.get("next", {}):
        yield from _each(_duration, (*path, "next", "silence"), stage["next"]["silence"], "after")
    yield from _promise((*path, "lock"), stage.get("lock", {}), "the hours they are open, such as 20h")
    for name, sla in stage.get("sla", {}).items():
        yield from _promise((*path, "sla", name), sla, "business_days: 2")
    for number, touch in enumerate(stage.get("touches", ())):
        place = (*path, "touches", number)
        yield from _each(_duration, place, touch, "expires_after")
        yield from _timing(place, touch)
        for row_number, row in enumerate(touch.get("schedule", ())):
            yield from _timing((*place, "schedule", row_number), row)


def _promise(path: Path, said: Data, open_days: str) -> Iterator[Fault]:
    """Look at the lengths of an SLA or a lock; ``open_days`` is how it says open days."""
    check = _open_duration(open_days) if said.get("clock") == "business" else _duration
    yield from _each(check, path, said, "within", "warn")
    for number, step in enumerate(said.get("on_miss", ())):
        yield from _each(check, (*path, "on_miss", number), step, "after")


def _timing(path: Path, row: Data) -> Iterator[Fault]:
    open_time = row.get("clock") == "business"
    yield from _each(_open_duration("business_day: 2") if open_time else _duration, path, row, "after")
    yield from _each(_duration, path, row, "before")
    yield from _each(_time, path, row, "at", "next_business_day", "if_before")
    yield from _each(_cron, path, row, "cron")
    for key, first in (("day", "the anchor's own day"), ("business_day", "the first open day")):
        if row.get(key) == 0:
            yield Fault((*path, key), f"days count from 1: day 1 is {first}", f"write: {key}: 1", code="day-zero")


def _samples(data: Data) -> Iterator[Fault]:
    yield from _each(_moment, (), data, "start")
    for number, sample in enumerate(data["leads"]):
        path: Path = ("leads", number)
        yield from _each(_wait, path, sample, "arrives")
        yield from _each(_zone, (*path, "lead"), sample["lead"], "timezone")
        for place, event in enumerate(sample.get("events", ())):
            yield from _each(_wait, (*path, "events", place), event, "after")
            yield from _each(_moment, (*path, "events", place), event, "at")


def _tests(data: Data) -> Iterator[Fault]:
    yield from _each(_moment, (), data, "start")
    yield from _each(_duration, (), data, "tick")
    for name, lead in data.get("leads", {}).items():
        yield from _each(_zone, ("leads", name), lead, "timezone")
    for number, test in enumerate(data["tests"]):
        path: Path = ("tests", number)
        yield from _each(_moment, path, test, "start")
        yield from _each(_duration, path, test, "tick", "until")
        yield from _each(_moment, (*path, "down"), test.get("down", {}), "from", "to")
        if isinstance(test.get("lead"), Mapping):
            yield from _each(_zone, (*path, "lead"), test["lead"], "timezone")
        for key in ("events", "expect"):
            for place, item in enumerate(test.get(key, ())):
                yield from _each(_wait, (*path, key, place), item, "after")
                yield from _each(_moment, (*path, key, place), item, "at", "due")


def _each(check: Callable[[Path, Any], Iterator[Fault]], path: Path, data: Data, *keys: str) -> Iterator[Fault]:
    for key in keys:
        if key in data:
            yield from check((*path, key), data[key])


def _read(read: Callable[[], object], path: Path, code: str) -> Iterator[Fault]:
    """Turn the sentence of a reader that refuses into a fault: what is wrong; what to write."""
    try:
        read()
    except ValueError as refusal:
        message, _, advice = str(refusal).rpartition("; ")
        yield Fault(path, message or advice, advice if message else "", code=code)


def _duration(path: Path, text: Any) -> Iterator[Fault]:
    yield from _read(lambda: parse_duration(text), path, code="bad-duration")


def _frequency(path: Path, text: Any) -> Iterator[Fault]:
    yield from _read(lambda: parse_most(text), path, code="bad-frequency")


def _wait(path: Path, text: Any) -> Iterator[Fault]:
    if not re.fullmatch(r"0+[mhdw]", str(text), re.ASCII):
        yield from _duration(path, text)


def _open_duration(instead: str) -> Callable[[Path, Any], Iterator[Fault]]:
    """Make the check of a duration in open time, where a day has no length."""

    def check(path: Path, text: Any) -> Iterator[Fault]:
        faults = list(_duration(path, text))
        yield from faults
        if not faults and re.search("[dw]", str(text)):
            yield Fault(
                path,
                f"'{text}' has no meaning in open time: days are open for different lengths",
                f"for open hours write 4h or 30m; for open days write {instead}",
                code="business-days",
            )

    return check


def _time(path: Path, text: Any) -> Iterator[Fault]:
    yield from _read(lambda: parse_time(text), path, code="bad-time")


def _moment(path: Path, text: Any) -> Iterator[Fault]:
    yield from _read(lambda: moment(str(text), find_zone("UTC"), time(0)), path, code="bad-date")


def _cron(path: Path, text: Any) -> Iterator[Fault]:
    for fault in _read(lambda: check_cron(text), path, code="bad-cron"):
        if "never matches" in fault.message:
            yield replace(fault, help="check the day and the month", code="impossible-cron")
        else:
            yield fault


def _zone(path: Path, name: Any) -> Iterator[Fault]:
    yield from _read(lambda: find_zone(name), path, code="unknown-zone")


def _hours(path: Path, value: Any) -> Iterator[Fault]:
    """Look at each day by itself, so that every fault is found; then at the week as a whole."""
    faults: list[Fault] = []
    if isinstance(value, Mapping):
        for day, hours in value.items():
            spans = list(_hours_of_day((*path, day), hours))
            faults += spans or _refused(lambda: parse_hours({day: hours}), path)  # noqa: B023
    else:
        faults += _hours_of_day(path, value)
    yield from faults or _refused(lambda: parse_hours(value), path)


def _hours_of_day(path: Path, value: Any) -> Iterator[Fault]:
    faults: list[Fault] = []
    if isinstance(value, list):
        for number, span in enumerate(value):
            faults += _refused(lambda: parse_day([span]), (*path, number))  # noqa: B023
    yield from faults or _refused(lambda: parse_day(value), path)


def _refused(read: Callable[[], object], path: Path) -> list[Fault]:
    try:
        read()
    except HoursError as refusal:
        message, _, advice = str(refusal).rpartition("; ")
        place = (*path, *refusal.path)
        return [
            Fault(place, message or advice, advice if message else "", refusal.code == "bad-day", code=refusal.code)
        ]
    return []


def _no_date(path: Path, text: str, *, key: bool) -> Fault:
    message = f"'{text}' is not a date of the calendar"
    return Fault(path, message, "write year, month and day, such as 2026-12-24", key=key, code="bad-date")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
