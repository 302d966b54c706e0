"""The locked next step of a visit: which event is its evidence, until when it stands, and what undoes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.engine.due import moment_of
from cadence.engine.events import instant_text
from cadence.timing.wall import local_day, start_of_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cadence.engine.clock import LeadClock
    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage

__all__ = ["LockState", "lock_expiry", "lock_state"]

#: Facts that undo a lock made by facts whose type begins with the key.
_UNDONE_BY = {"appointment.": ("appointment.cancelled", "appointment.missed")}
BOOKED = "appointment.booked"
_APPOINTMENTS = (BOOKED, "appointment.confirmed")


@dataclass(frozen=True, slots=True)
class LockState:
    """Whether the next step is locked, by what and since when, until when it stands."""

    held: bool
    by: str = ""  #: event type
    at: datetime | None = None
    until: datetime | None = None  #: None: for good
    evidence: Event | None = None  #: the event itself: what was said, by which message


def lock_state(plan: Plan, stage: Stage, enrolment: EnrolmentState, clock: LeadClock, now: datetime) -> LockState:
    """Return the lock of the running visit; it is lost when cancelled, missed, rebooked or past its window."""
    for event in _evidence(stage, enrolment):
        until = _until(plan, event, enrolment, clock)
        if until is None or until > now:
            return LockState(held=True, by=event.type, at=event.at, until=until, evidence=event)
    return LockState(held=False)


def lock_expiry(plan: Plan, stage: Stage, enrolment: EnrolmentState, clock: LeadClock) -> tuple[str, datetime] | None:
    """Return the name of a lock that stands for a time only, and its end; None when there is none to see to.

    One that is known to be lost, or behind which another lock stands, is not to be seen to.
    """
    found = None
    for event in _evidence(stage, enrolment) if stage.lock else ():
        until = _until(plan, event, enrolment, clock)
        if until is None:
            return None
        if (name := _name(event)) not in enrolment.visit.lost and (found is None or until > found[1]):
            found = name, until
    return found


def _evidence(stage: Stage, enrolment: EnrolmentState) -> Iterator[Event]:
    """Yield the events that lock the running visit and were not undone, in the order of the page."""
    if stage.lock is None:
        return
    for kind in stage.lock.by:
        event = enrolment.latest.get(kind)
        if event and event.at >= enrolment.visit.started_at and not _undone(enrolment, kind, event.at):
            yield event


def _until(plan: Plan, event: Event, enrolment: EnrolmentState, clock: LeadClock) -> datetime | None:
    """Return when what was agreed is over; None when it stands for good, or nobody said when it is.

    A callback's window is over at its end; an appointment when its day is, so that a visit can be logged after it.
    """
    agreed = enrolment.latest.get(BOOKED) if event.type in _APPOINTMENTS else event
    if agreed is None or event.type not in (*_APPOINTMENTS, "callback.scheduled"):
        return None
    found = moment_of(plan, agreed, "ends_at", clock) or moment_of(plan, agreed, "starts_at", clock)
    if found is None:
        return None
    if event.type not in _APPOINTMENTS:
        return found[0]
    return start_of_day(local_day(found[0], clock.zone) + timedelta(days=1), clock.zone)


def _undone(enrolment: EnrolmentState, kind: str, at: datetime) -> bool:
    undoing = next((facts for prefix, facts in _UNDONE_BY.items() if kind.startswith(prefix)), ())
    rebooked = ("appointment.booked",) if kind == "appointment.confirmed" else ()
    return any(fact in enrolment.latest and enrolment.latest[fact].at > at for fact in (*undoing, *rebooked))


def _name(event: Event) -> str:
    return f"{event.type}@{instant_text(event.at)}"
