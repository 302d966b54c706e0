"""Meaning checks of touches: when each is due, and that each says it exactly once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cadence.playbook.lint_rules import Fault, Place, Reading, rule
from cadence.timing.durations import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cadence.playbook.marks import Path

__all__ = ["MAIN_KINDS", "RULES", "length_of"]

#: Each of these alone says when a touch is due; never two of them at once.
MAIN_KINDS = ("send", "after", "before", "day", "business_day", "next_business_day", "schedule")

#: Kinds that already give the hour, so that ``at:`` has nothing left to say.
_WITH_HOUR = ("send", "next_business_day")

#: A tick may be this far apart (``doctor`` warns beyond it); a touch that expires sooner can be lost between two.
SHORTEST_EXPIRY = timedelta(minutes=15)


def length_of(text: object) -> timedelta | None:
    """Read a duration; None when it is none (the value checks say so)."""
    try:
        return parse_duration(str(text))
    except ValueError:
        return None


@rule("duplicate-touch")
def duplicate_touch(reading: Reading) -> Iterator[Fault]:
    """Two touches of a stage with one id."""
    for stage in reading.stages:
        seen: set[str] = set()
        for touch in reading.touches_of(stage):
            if touch.id in seen:
                yield Fault(
                    (*touch.path, "id"),
                    f"the stage '{stage}' already has a touch '{touch.id}'",
                    "give each touch of a stage an id of its own; the program knows by it what was sent",
                )
            seen.add(touch.id)


@rule("no-timing")
def no_timing(reading: Reading) -> Iterator[Fault]:
    """A touch that does not say when."""
    for touch in reading.touches:
        for path, row in touch.rows():
            if not any(row.get(key) not in (None, []) for key in (*MAIN_KINDS, "at", "cron")):
                whole = path == touch.path
                yield Fault(
                    (*path, "id") if whole else path,
                    f"the touch '{touch.id}' does not say when it is due"
                    if whole
                    else f"this row of '{touch.id}' does not say when the touch is due",
                    'add one of: send: now, after: 2h, day: 3, business_day: 2, next_business_day: "09:00"',
                )


@rule("two-timings")
def two_timings(reading: Reading) -> Iterator[Fault]:
    """A touch that says when in two ways at once."""
    for touch in reading.touches:
        yield from _two_in(touch.path, touch.data)
        if "schedule" in touch.data:
            for path, row in touch.rows():
                yield from _two_in(path, row)


def _two_in(path: Path, row: Mapping[str, Any]) -> Iterator[Fault]:
    kinds = [key for key in row if key in MAIN_KINDS]
    for second in kinds[1:]:
        yield Fault(
            (*path, second),
            f"'{kinds[0]}:' already says when; '{second}:' says it a second time",
            "keep one of the two",
            key=True,
        )
    if "at" in row and kinds and kinds[0] in _WITH_HOUR:
        yield Fault(
            (*path, "at"),
            f"'{kinds[0]}:' already gives the hour; 'at:' says it a second time",
            f'write: {kinds[0]}: "{row["at"]}"' if kinds[0] == "next_business_day" else "keep one of the two",
            key=True,
        )
    for key in ("at", "cron", "clock"):
        if key in row and "schedule" in row:
            yield Fault(
                (*path, key),
                f"'schedule:' already says when; '{key}:' says it a second time",
                f"write '{key}:' in the rows of the schedule",
                key=True,
            )


@rule("clock-without-after")
def clock_without_after(reading: Reading) -> Iterator[Fault]:
    """Open time where nothing is counted in hours."""
    for touch in reading.touches:
        for path, row in touch.rows():
            if "clock" in row and "after" not in row:
                yield Fault(
                    (*path, "clock"),
                    "'clock:' says how 'after:' is counted, and there is no 'after:' here",
                    "write for instance: after: 2h, clock: business; for open days write: business_day: 2",
                    key=True,
                )


@rule("schedule-row-order")
def schedule_row_order(reading: Reading) -> Iterator[Fault]:
    """A schedule in which a row is never reached, or none may fit."""
    for touch in reading.touches:
        if not touch.data.get("schedule"):
            if "if_before" in touch.data:
                yield Fault(
                    (*touch.path, "if_before"),
                    "'if_before:' chooses between the rows of a 'schedule:', and there is none here",
                    'write: schedule: [{if_before: "15:00", day: 1, at: "17:00"}, {next_business_day: "08:15"}]',
                    key=True,
                )
            continue
        rows = list(touch.rows())
        for path, row in rows[:-1]:
            if "if_before" not in row:
                yield Fault(
                    path,
                    "this row always fits, so the rows below it are never looked at",
                    "give it an 'if_before:', or make it the last row",
                )
        path, last = rows[-1]
        if "if_before" in last:
            yield Fault(
                (*path, "if_before"),
                f"after {last['if_before']} no row of this schedule fits",
                "leave 'if_before:' out of the last row, so that it always fits",
                key=True,
            )
        yield from _never_chosen(rows)


def _never_chosen(rows: list[tuple[Path, Mapping[str, Any]]]) -> Iterator[Fault]:
    """Rows are tried from the top: each must reach later into the day than those above it."""
    latest = ""
    for path, row in rows:
        limit = str(row.get("if_before", ""))
        if latest and limit and limit <= latest:
            yield Fault(
                (*path, "if_before"),
                f"a row above already takes everything before {latest}, so this row is never chosen",
                "put the rows in the order of their hours, the earliest first",
            )
        latest = max(latest, limit)


@rule("short-expiry", severity="warning")
def short_expiry(reading: Reading) -> Iterator[Fault]:
    """A touch that may expire between two looks at the clock."""
    places: list[tuple[Path, Mapping[str, Any]]] = [((), reading.data)]
    places += [(touch.path, touch.data) for touch in reading.touches]
    for path, said in places:
        expiry = length_of(said.get("expires_after"))
        if expiry is not None and expiry < SHORTEST_EXPIRY:
            yield Fault(
                (*path, "expires_after"),
                f"{said['expires_after']} is short: a touch may be lost when the program looks only every 15 minutes",
                "write 15m or more; 24h is usual",
            )


@rule("two-answers", severity="warning")
def two_answers(reading: Reading) -> Iterator[Fault]:
    """Two touches that both answer the same inquiry, whatever the case."""
    for stage in reading.stages:
        always = [touch for touch in reading.touches_of(stage) if touch.data.get("answers") and "if" not in touch.data]
        for number, touch in enumerate(always):
            before = next((each for each in always[:number] if _meet(each, touch)), None)
            if before is None:
                continue
            yield Fault(
                (*touch.path, "answers"),
                f"'{before.id}' already answers every inquiry, so '{touch.id}' would answer it a second time",
                "give both an 'if:', for instance: if: in_business_hours and: if: not in_business_hours",
            )


def _meet(one: Place, other: Place) -> bool:
    """Tell whether some lead gets both touches, as far as variants go."""
    variants = {each.data["variant"] for each in (one, other) if "variant" in each.data}
    return len(variants) < 2


RULES = (
    duplicate_touch,
    no_timing,
    two_timings,
    clock_without_after,
    schedule_row_order,
    short_expiry,
    two_answers,
)
