"""Meaning checks of what a stage promises and asks: SLA clocks, locks, the criteria of a move, hours that open."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.lint_events import split_moment
from cadence.playbook.lint_rules import Fault, Reading, rule
from cadence.playbook.lint_touches import length_of
from cadence.playbook.model import HANDOFF, LOCK
from cadence.playbook.words import EVENTS
from cadence.timing.hours import HoursError, parse_hours

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cadence.playbook.marks import Path

__all__ = ["RULES", "is_never"]


def _slas(reading: Reading) -> Iterator[tuple[Path, str, Mapping[str, Any]]]:
    for stage, said in reading.stages.items():
        for name, sla in said.get("sla", {}).items():
            yield ("stages", stage, "sla", name), name, sla


def _locks(reading: Reading) -> Iterator[tuple[Path, str, Mapping[str, Any]]]:
    for stage, said in reading.stages.items():
        if "lock" in said:
            yield ("stages", stage, "lock"), LOCK, said["lock"]


@rule("sla-name")
def sla_name(reading: Reading) -> Iterator[Fault]:
    """A promise with the name of the lock's own."""
    for path, name, _ in _slas(reading):
        if name == LOCK:
            yield Fault(
                path,
                "'lock' is the name of the promise that a stage's 'lock:' is, so no SLA can have it",
                "name it for what is promised, such as first-call; a lock has its own within:, warn: and on_miss:",
                key=True,
            )


@rule("sla-time")
def sla_time(reading: Reading) -> Iterator[Fault]:
    """A promise without a time, or with two."""
    for path, name, sla in _slas(reading):
        if "within" not in sla and "business_days" not in sla:
            yield Fault(
                path,
                f"'{name}' does not say within what time",
                "write for instance: within: 30m, clock: business",
                key=True,
            )
        elif "within" in sla and "business_days" in sla:
            yield Fault(
                (*path, "business_days"),
                f"'{name}' gives its time twice: 'within:' and 'business_days:'",
                "keep one of the two",
                key=True,
            )


@rule("sla-clock")
def sla_clock(reading: Reading) -> Iterator[Fault]:
    """Open days on a clock that runs day and night."""
    for path, name, sla in _slas(reading):
        if "business_days" in sla and sla.get("clock") == "elapsed":
            yield Fault(
                (*path, "clock"),
                f"'{name}' counts open days, and 'clock: elapsed' runs day and night",
                f"remove 'clock:', or write: within: {sla['business_days']}d, clock: elapsed",
            )


@rule("sla-never-met")
def sla_never_met(reading: Reading) -> Iterator[Fault]:
    """A promise that nothing can keep."""
    for path, name, sla in _slas(reading):
        if not sla.get("met_by"):
            yield Fault(
                path,
                f"nothing keeps the promise '{name}', so every lead would miss it",
                "say what keeps it, for instance: met_by: [call.logged, message.sent.by_person]",
                key=True,
            )


@rule("lock-time")
def lock_time(reading: Reading) -> Iterator[Fault]:
    """A lock that says what follows when it is late, and is never late."""
    for path, _, lock in _locks(reading):
        for key in ("clock", "warn", "on_miss"):
            if key in lock and "within" not in lock:
                yield Fault(
                    (*path, key),
                    f"'{key}:' has no use here: without 'within:' the lock is never late",
                    "say how long there is to agree the next step, for instance: within: 4h",
                    key=True,
                )


@rule("late-warning")
def late_warning(reading: Reading) -> Iterator[Fault]:
    """A warning that would come before the clock starts."""
    for path, name, sla in (*_slas(reading), *_locks(reading)):
        within, warn = length_of(sla.get("within")), length_of(sla.get("warn"))
        if within is not None and warn is not None and warn >= within:
            yield Fault(
                (*path, "warn"),
                f"'{name}' has {sla['within']}, so a warning {sla['warn']} before its end comes at once",
                f"'warn:' counts back from the end; write less than {sla['within']}",
            )


@rule("escalation-order")
def escalation_order(reading: Reading) -> Iterator[Fault]:
    """A consequence that would come before the one above it."""
    for path, name, said in (*_slas(reading), *_locks(reading)):
        above = timedelta(0)
        for number, step in enumerate(said.get("on_miss", ())):
            after = length_of(step["after"]) if "after" in step else timedelta(0)
            if after is not None and after < above:
                yield Fault(
                    (*path, "on_miss", number),
                    f"this consequence of '{name}' comes before the one above it",
                    "put them in the order of their time, the soonest first",
                )
            above = max(above, after or above)


@rule("unknown-path")
def unknown_path(reading: Reading) -> Iterator[Fault]:
    """A criterion that names something no lead has."""
    for stage, said in reading.stages.items():
        for move, items in said.get("require", {}).items():
            for number, item in enumerate(items):
                if isinstance(item, str) and (found := _path_fault(reading, item)):
                    message, advice = found
                    yield Fault(("stages", stage, "require", move, number), message, advice)


def _path_fault(reading: Reading, item: str) -> tuple[str, str] | None:
    first, _, rest = item.partition(".")
    if item in ("score", HANDOFF):
        return None
    if first == "lead":
        if rest in reading.lead_fields or reading.workspace is None:
            return None
        if item in reading.events:
            return (
                f"'{item}' is an event, not a field of the lead",
                f"write: {{if: events.{item}, say: what is missing}}",
            )
        if not rest:
            return "'lead' alone says nothing", "name a field of the lead, such as lead.zip"
        return (
            f"a lead has no field '{rest}'",
            did_you_mean(rest, reading.lead_fields)
            or f"a field of your own is declared in cadence.yaml: lead_fields: {{{rest}: what it is}}",
        )
    event, field = split_moment(reading, item)
    if event:
        known = reading.events[event] + (EVENTS[event].fields if event in EVENTS else ())
        if not field or field in known:
            return None
        fields = ", ".join(f"{event}.{name}" for name in known)
        return (
            f"'{event}' does not carry '{field}'",
            did_you_mean(field, known) or (f"it carries: {fields}" if fields else f"write: {event}"),
        )
    if reading.workspace is None:
        return None
    paths = ["score", HANDOFF, *(f"lead.{name}" for name in reading.lead_fields), *reading.events]
    paths += [f"{kind}.{moment}" for kind, moments in reading.events.items() for moment in moments]
    return (
        f"'{item}' is nothing that can be known of a lead",
        did_you_mean(item, paths) or "write a field (lead.zip), score, handoff, an event (estimate.sent) or its date",
    )


@rule("never-open")
def never_open(reading: Reading) -> Iterator[Fault]:
    """Hours that are closed every day: what waits for them would wait for ever."""
    places: list[tuple[Path, Any, str]] = [
        (("send_windows", channel), hours, f"no {channel} would ever go out")
        for channel, hours in reading.data.get("send_windows", {}).items()
        if channel != "holidays"
    ]
    if "business_hours" in (calendar := reading.data.get("calendar", {})):
        places.append((("calendar", "business_hours"), calendar["business_hours"], "business time would never run"))
    for path, hours, consequence in places:
        if is_never(hours):
            yield Fault(
                path,
                f"this is closed on every day, so {consequence}",
                'give at least one day hours, for instance: mon-fri: "08:00-18:00"',
            )


def is_never(hours: object) -> bool:
    """Tell whether hours that can be read are closed on every day."""
    try:
        return not any(parse_hours(hours))
    except HoursError:
        return False


RULES = (
    sla_name,
    sla_time,
    sla_clock,
    sla_never_met,
    lock_time,
    late_warning,
    escalation_order,
    unknown_path,
    never_open,
)
