"""Locks that a fact undoes: an appointment is cancelled, or nobody was there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.events import instant_text
from cadence.engine.locks import lock_state
from cadence.engine.promises import lose_lock
from cadence.engine.touches import place_of, places
from cadence.playbook.words import EVENTS

if TYPE_CHECKING:
    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState
    from cadence.engine.work import Work

__all__ = ["locks_at_stake", "note_lost_locks"]

_UNDOING = ("appointment.cancelled", "appointment.missed", "appointment.booked")

#: An enrolment, the number of its visit, and the name of the lock it had.
AtStake = list[tuple["EnrolmentState", int, str]]


def locks_at_stake(work: Work, fact: Event) -> AtStake:
    """Note the locks that stand just before a fact that may undo one."""
    if fact.type not in _UNDOING:
        return []
    found: AtStake = []
    for place in places(work):
        lock = lock_state(place.plan, place.stage, place.enrolment, place.clock, work.now)
        if lock.held and lock.at and lock.by != fact.type:
            name = f"{lock.by}@{instant_text(lock.at)}"
            found.append((place.enrolment, place.enrolment.visit.number, name))
    return found


def note_lost_locks(work: Work, at_stake: AtStake, fact: Event) -> None:
    """See to those that do not stand any more, where the lead has not moved on."""
    for enrolment, visit, name in at_stake:
        place = place_of(work, enrolment)
        if place is None or not enrolment.active or enrolment.visit.number != visit:
            continue
        if not lock_state(place.plan, place.stage, enrolment, place.clock, work.now).held:
            lose_lock(work, place, lock=name, by=EVENTS[fact.type].title, at=fact.at)
