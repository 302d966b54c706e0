"""Promises at work: warnings, misses and what they set off, once each, in every running visit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.engine.events import Decided, instant_text
from cadence.engine.holds import resting
from cadence.engine.locks import lock_expiry
from cadence.engine.owners import person_for
from cadence.engine.person import person_is
from cadence.engine.slas import LOCK, met_at, promises_in
from cadence.engine.touches import Place, places
from cadence.engine.visit import SlaState
from cadence.playbook.model import OWNER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cadence.engine.visit import Promise
    from cadence.engine.work import Work

__all__ = ["keep_promises", "lose_lock", "note_misses", "promise_instants"]

MESSAGE = "message.sent"
_NOT_STARTED = SlaState()


def keep_promises(work: Work) -> None:
    """Warn of, record and escalate every promise whose instants have come; see to locks that did not last."""
    if not _any(work):
        return
    for place, promise in _running(work):
        state = place.enrolment.visit.sla.get(promise.name, _NOT_STARTED)
        met = met_at(promise, place.enrolment.visit)
        if met:
            _forget(work, place, promise)
            if met <= promise.due_at:
                continue
        if promise.warn_at and promise.warn_at <= work.now < promise.due_at and not state.warned and not met:
            _warn(work, place, promise)
        if promise.due_at <= work.now and not state.missed:
            _record(work, Decided.SLA_MISSED, place, promise)
        if not met:
            for at, alert, reassign in promise.steps[state.steps :]:
                if at <= work.now:
                    _escalate(work, place, promise, at, alert, reassign)
    for place in _with_locks(work):
        _note_expiry(work, place)


def note_misses(work: Work, until: datetime) -> None:
    """Record the promises missed before ``until``, so that what then meets or ends them does not hide the miss."""
    for place, promise in _running(work, until):
        state = place.enrolment.visit.sla.get(promise.name, _NOT_STARTED)
        met = met_at(promise, place.enrolment.visit)
        if promise.due_at < until and not state.missed and (met is None or met > promise.due_at):
            _record(work, Decided.SLA_MISSED, place, promise)


def promise_instants(work: Work) -> Iterator[datetime]:
    """Yield the instants at which some promise will want attention."""
    if not _any(work):
        return
    for place, promise in _running(work):
        state = place.enrolment.visit.sla.get(promise.name, _NOT_STARTED)
        met = met_at(promise, place.enrolment.visit)
        if not state.missed and (met is None or met > promise.due_at):
            yield promise.due_at
        if _asks(place, promise) and (met or _on_its_way(work, place, promise)):
            yield work.now
        if met:
            continue
        if promise.warn_at and not state.warned and work.now < promise.due_at:
            yield promise.warn_at
        yield from (at for at, _, _ in promise.steps[state.steps :])
    for place in _with_locks(work):
        if expiry := lock_expiry(place.plan, place.stage, place.enrolment, place.clock):
            yield expiry[1]


def _any(work: Work) -> bool:
    """Tell whether anything is promised at all; most leads are past that."""
    return bool(places(work)) and work.promised


def _running(work: Work, at: datetime | None = None) -> list[tuple[Place, Promise]]:
    """List the promises that run; those to somebody who asked for no more, or for later, rest meanwhile.

    One whose time runs out while it rests is neither kept nor missed.
    """
    if resting(work.state, at or work.now):
        return []
    return [
        (place, promise)
        for place in places(work)
        for promise in promises_in(place.plan, place.stage.id, place.enrolment.visit)
        if not resting(work.state, promise.due_at)
    ]


def _with_locks(work: Work) -> list[Place]:
    return [place for place in places(work) if place.stage.lock]


def _warn(work: Work, place: Place, promise: Promise) -> None:
    _record(work, Decided.SLA_WARNED, place, promise)
    title, body = f"{work.name}: {_words(place, promise)} is due soon", _how(promise)
    cause = _cause("warned", promise, place)
    work.make_task(place.enrolment, title=title, body=body, due_at=promise.due_at, cause=cause)
    work.alert(place.enrolment, place.enrolment.owner, _about(promise), title=title, body=body, cause=cause)


def _escalate(work: Work, place: Place, promise: Promise, at: datetime, alert: str, reassign: str) -> None:
    enrolment = place.enrolment
    number = enrolment.visit.sla.get(promise.name, _NOT_STARTED).steps + 1
    target = _target(work, place, alert or reassign)
    _record(work, Decided.SLA_ESCALATED, place, promise, step=number, to=target)
    title, body = f"{work.name}: {_words(place, promise)} was missed", _how(promise)
    cause = _cause("missed", promise, place)
    if reassign and target and target != enrolment.owner and _may_reassign(place):
        before = enrolment.owner
        work.record(
            Decided.OWNER_CHANGED,
            enrolment=enrolment,
            owner=target,
            before=before,
            cause=promise.name,
            how={"by": "missed", "role": place.stage.owner, "asked": reassign},
        )
    work.make_task(enrolment, title=title, body=body, due_at=at, owner=target, cause=cause)
    work.alert(enrolment, target or enrolment.owner, _about(promise), title=title, body=body, cause=f"{cause}/{number}")


def _may_reassign(place: Place) -> bool:
    return place.enrolment.reassigns < place.plan.playbook.max_reassigns


def _target(work: Work, place: Place, wanted: str) -> str:
    if wanted == OWNER:
        return place.enrolment.owner
    return person_for(
        place.plan,
        wanted,
        work.state.lead,
        place.enrolment.had,
        lambda condition: person_is(work, place.plan, condition),
    )


def _note_expiry(work: Work, place: Place) -> None:
    """See to a lock whose time has passed: a callback window that nobody used is no next step any more."""
    expiry = lock_expiry(place.plan, place.stage, place.enrolment, place.clock)
    if expiry and expiry[1] <= work.now:
        lose_lock(work, place, lock=expiry[0], by="its time passed", at=expiry[1])


def lose_lock(work: Work, place: Place, *, lock: str, by: str, at: datetime) -> None:
    """Write down that the locked next step is none any more, and have the owner agree the next."""
    enrolment = place.enrolment
    work.record(Decided.LOCK_LOST, at=at, enrolment=enrolment, visit=enrolment.visit.number, lock=lock, by=by)
    title = f"{work.name}: the agreed next step fell through ({by}) - agree the next"
    opening = place.plan.playbook.calendar.next_opening(at) or at
    cause = f"lock.lost/{lock}"
    work.make_task(enrolment, title=title, due_at=opening, cause=cause)
    work.alert(enrolment, enrolment.owner, "lock", title=title, cause=cause)


def _forget(work: Work, place: Place, promise: Promise) -> None:
    """Take the steps off the list that only asked for what has now been done."""
    causes = _asking(place, promise)
    work.close_tasks(place.enrolment, lambda _, task: task.cause in causes, by=f"{_words(place, promise)} is met")


def _asks(place: Place, promise: Promise) -> bool:
    """Tell whether a next step asks for a promise to be kept."""
    tasks = place.enrolment.tasks
    return bool(tasks) and any(not t.closed and t.cause in _asking(place, promise) for t in tasks.values())


def _on_its_way(work: Work, place: Place, promise: Promise) -> bool:
    """Tell whether a message may keep it whose outcome is not known yet."""
    return MESSAGE in promise.met_by and any(flight[0] == place.enrolment.id for flight in work.state.flights)


def _asking(place: Place, promise: Promise) -> tuple[str, str]:
    return _cause("warned", promise, place), _cause("missed", promise, place)


def _record(work: Work, kind: str, place: Place, promise: Promise, **more: Any) -> None:
    work.record(
        kind,
        enrolment=place.enrolment,
        sla=promise.name,
        visit=place.enrolment.visit.number,
        due_at=instant_text(promise.due_at),
        **more,
    )


def _cause(kind: str, promise: Promise, place: Place) -> str:
    return f"sla.{kind}/{promise.name}/{place.enrolment.visit.number}"


def _about(promise: Promise) -> str:
    return "lock" if promise.name == LOCK else "sla"


def _how(promise: Promise) -> str:
    """Say how the due instant came about."""
    return "\n".join(("Counted:", *promise.how)) if promise.how else ""


def _words(place: Place, promise: Promise) -> str:
    return f"a locked next step in {place.stage.title}" if promise.name == LOCK else promise.name.replace("-", " ")
