"""The locked next step of a visit: which event is its evidence, and whether it still stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.engine.due import moment_of

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.engine.clock import LeadClock
    from cadence.engine.state import EnrolmentState
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage

__all__ = ["LockState", "lock_state"]

#: Facts that undo a lock made by facts whose type begins with the key.
_UNDONE_BY = {"appointment.": ("appointment.cancelled", "appointment.missed")}


@dataclass(frozen=True, slots=True)
class LockState:
    """Whether the next step is locked, by what and since when."""

    held: bool
    by: str = ""
    at: datetime | None = None


def lock_state(plan: Plan, stage: Stage, enrolment: EnrolmentState, clock: LeadClock, now: datetime) -> LockState:
    """Return the lock of the running visit; it is lost when cancelled, missed, rebooked or past its window."""
    if stage.lock is None:
        return LockState(held=False)
    for kind in stage.lock.by:
        event = enrolment.latest.get(kind)
        if event is None or event.at < enrolment.visit.started_at or _undone(enrolment, kind, event.at):
            continue
        window = moment_of(plan, event, "ends_at", clock) or moment_of(plan, event, "starts_at", clock)
        if kind == "callback.scheduled" and window and window[0] <= now:
            continue
        return LockState(held=True, by=kind, at=event.at)
    return LockState(held=False)


def _undone(enrolment: EnrolmentState, kind: str, at: datetime) -> bool:
    undoing = next((facts for prefix, facts in _UNDONE_BY.items() if kind.startswith(prefix)), ())
    rebooked = ("appointment.booked",) if kind == "appointment.confirmed" else ()
    return any(fact in enrolment.latest and enrolment.latest[fact].at > at for fact in (*undoing, *rebooked))
