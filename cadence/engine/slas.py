"""SLA clocks: when a promise is due, when it warns, what its miss sets off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from cadence.timing.durations import format_duration
from cadence.timing.wall import local_day

if TYPE_CHECKING:
    from cadence.engine.state import VisitState
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Escalation, Sla
    from cadence.timing.calendar import Calendar

__all__ = ["SlaClock", "met_at", "sla_clock", "sla_derivation", "stage_clocks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaClock:
    """The instants of one SLA in one visit."""

    due_at: datetime
    warn_at: datetime | None
    steps: tuple[tuple[datetime, Escalation], ...]  #: escalations and when each is made


@lru_cache(maxsize=512)
def stage_clocks(plan: Plan, stage: str, started_at: datetime) -> tuple[tuple[Sla, SlaClock], ...]:
    """Start every SLA of a stage that was entered at ``started_at``; kept, because a lead is looked at many times."""
    calendar = plan.playbook.calendar
    return tuple((sla, sla_clock(sla, started_at, calendar)) for sla in plan.playbook.stages[stage].sla)


def sla_clock(sla: Sla, started_at: datetime, calendar: Calendar) -> SlaClock:
    """Start an SLA at ``started_at``; warnings and escalations run on the SLA's own clock."""
    if sla.business_days is not None:
        due_at = _end_of_open_day(sla.business_days, started_at, calendar)
    else:
        due_at = _later(sla, started_at, sla.within or timedelta(0), calendar)
    warn_at = None
    if sla.warn is not None:
        warn_at = due_at - sla.warn
        if sla.clock == "business":
            warn_at = calendar.subtract_open_time(due_at, sla.warn, not_before=started_at)
    steps = tuple((_later(sla, due_at, step.after, calendar), step) for step in sla.on_miss)
    return SlaClock(due_at=due_at, warn_at=warn_at, steps=steps)


def sla_derivation(sla: Sla, started_at: datetime, calendar: Calendar) -> tuple[str, ...]:
    """Say how an SLA's due instant came about: which opening hours were counted."""
    if sla.business_days is not None:
        return (f"the end of open day {sla.business_days}",)
    within = sla.within or timedelta(0)
    if sla.clock == "business":
        return calendar.add_open_time(started_at, within)[1]
    return (f"{format_duration(within)} on the clock",)


def met_at(sla: Sla, visit: VisitState) -> datetime | None:
    """Return when the promise was first kept in this visit; None when it was not."""
    kinds = set(sla.met_by)
    if "message.sent" in kinds:
        kinds.add("message.sent.by_person")
    return min((visit.first[kind] for kind in kinds if kind in visit.first), default=None)


def _later(sla: Sla, at: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    return calendar.plus_open_time(at, amount) if sla.clock == "business" else at + amount


def _end_of_open_day(days: int, started_at: datetime, calendar: Calendar) -> datetime:
    day = calendar.nth_open_day(local_day(started_at, calendar.zone), days)
    return max(end for _, end in calendar.hours.open_intervals(day, day, calendar.zone))
