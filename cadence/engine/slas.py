"""Promises of a visit: when an SLA, or the lock a stage works for, is due, when it warns, what its miss sets off.

They are settled when the visit begins and written into the log, so that an edit of the page never moves the due
instant of somebody who already waits.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cadence.engine.duties import promises_of
from cadence.engine.events import instant_text
from cadence.playbook.model import LOCK, Sla
from cadence.timing.durations import format_duration
from cadence.timing.wall import local_day

if TYPE_CHECKING:
    from cadence.engine.visit import Promise, VisitState
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Lock, Stage
    from cadence.timing.calendar import Calendar

__all__ = ["LOCK", "met_at", "promises_in", "stage_promises"]


def promises_in(plan: Plan, stage: str, visit: VisitState) -> tuple[Promise, ...]:
    """Return what a running visit promises: as written down when it began, or as the page has it for older logs."""
    return visit.promises if visit.promises is not None else _as_the_page_has_it(plan, stage, visit.started_at)


@lru_cache(maxsize=512)
def _as_the_page_has_it(plan: Plan, stage: str, started_at: datetime) -> tuple[Promise, ...]:
    return promises_of({"promises": stage_promises(plan, stage, started_at)}) or ()


@lru_cache(maxsize=512)
def stage_promises(plan: Plan, stage: str, started_at: datetime) -> list[dict[str, Any]]:
    """Work out every promise of a stage entered at ``started_at``, as the log keeps them; many leads share them."""
    found = plan.playbook.stages[stage]
    return [_written(sla, started_at, plan.playbook.calendar) for sla in (*found.sla, *_lock(found))]


def _lock(stage: Stage) -> tuple[Sla, ...]:
    """Return the lock as the promise that it is: to have the next step agreed within its time."""
    lock: Lock | None = stage.lock
    if lock is None or lock.within is None:
        return ()
    return (
        Sla(
            name=LOCK,
            within=lock.within,
            clock=lock.clock,
            met_by=lock.by,
            warn=lock.warn,
            on_miss=lock.on_miss,
            line=lock.line,
        ),
    )


def _written(sla: Sla, started_at: datetime, calendar: Calendar) -> dict[str, Any]:
    """Start an SLA at ``started_at``; warnings and escalations run on the SLA's own clock."""
    due_at, how = _due(sla, started_at, calendar)
    written: dict[str, Any] = {"name": sla.name, "due_at": instant_text(due_at), "met_by": list(_met_by(sla))}
    if sla.warn is not None:
        warn_at = due_at - sla.warn
        if sla.clock == "business":
            warn_at = calendar.subtract_open_time(due_at, sla.warn, not_before=started_at)
        written["warn_at"] = instant_text(warn_at)
    if sla.on_miss:
        written["steps"] = [
            [instant_text(_later(sla, due_at, step.after, calendar)), step.alert, step.reassign] for step in sla.on_miss
        ]
    written["how"] = list(how)
    return written


def _due(sla: Sla, started_at: datetime, calendar: Calendar) -> tuple[datetime, tuple[str, ...]]:
    """Return when an SLA is due, and how that came about: which opening hours were counted."""
    if sla.business_days is not None:
        due_at = _end_of_open_day(sla.business_days, started_at, calendar)
        return due_at, (f"the end of open day {sla.business_days}",)
    within = sla.within or timedelta(0)
    if sla.clock == "business":
        return calendar.add_open_time(started_at, within)
    return started_at + within, (f"{format_duration(within)} on the clock",)


def _met_by(sla: Sla) -> tuple[str, ...]:
    """List what keeps an SLA: where any message does, a colleague's does too."""
    more = ("message.sent.by_person",) if "message.sent" in sla.met_by else ()
    return tuple(dict.fromkeys((*sla.met_by, *more)))


def met_at(promise: Promise, visit: VisitState) -> datetime | None:
    """Return when the promise was first kept in this visit; None when it was not."""
    return min((visit.first[kind] for kind in promise.met_by if kind in visit.first), default=None)


def _later(sla: Sla, at: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    return calendar.plus_open_time(at, amount) if sla.clock == "business" else at + amount


def _end_of_open_day(days: int, started_at: datetime, calendar: Calendar) -> datetime:
    day = calendar.nth_open_day(local_day(started_at, calendar.zone), days)
    return max(end for _, end in calendar.hours.open_intervals(day, day, calendar.zone))
