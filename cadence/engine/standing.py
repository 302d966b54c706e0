"""How a lead stands: who owns it, what comes next and when, whether that is locked, and what is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cadence.engine.holds import FOR_GOOD, resting
from cadence.engine.locks import LockState, lock_state
from cadence.engine.moves import silence_instant
from cadence.engine.slas import LOCK, promises_in
from cadence.engine.touches import Place, open_touches, places
from cadence.engine.work import Work
from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.engine.book import Book
    from cadence.engine.state import LeadState

__all__ = ["Gap", "NextStep", "Standing", "standings"]

_LAST = datetime.max.replace(tzinfo=UTC)


@value(kw_only=True)
class NextStep:
    """What comes next."""

    kind: (
        str  #: task: a person's; touch: what the sequence plans; move: what silence does; wait: the lead named the day
    )
    name: str  #: title of the task, id of the touch, the stage, or why it waits
    owner: str  #: member id
    due_at: datetime | None  #: None: nobody said when
    task: str = ""  #: id of the task


@value(kw_only=True)
class Gap:
    """Something a person must see to."""

    code: str  #: no_owner, no_next_action, no_due_date, move_waiting, zone_unknown or unlocked
    text: str
    since: datetime


@value(kw_only=True)
class Standing:
    """One running enrolment at one instant."""

    enrolment: str
    owner: str  #: member id; empty: nobody
    since: datetime  #: when it entered its stage
    moved_at: datetime  #: the lead's last word, a colleague's last act, or the stage's beginning
    next: NextStep | None
    lock: LockState
    lock_due_at: (
        datetime | None
    )  #: when the next step must be locked, of who asked for later not before then; None: none is asked for
    gaps: tuple[Gap, ...] = ()

    @property
    def waits_inside(self) -> bool:
        """Whether somebody else than the owner must act first."""
        return bool(self.next and self.next.kind == "task" and self.next.owner != self.owner)


def standings(book: Book, state: LeadState, now: datetime) -> list[Standing]:
    """Tell how each running enrolment of a lead stands at ``now``, in the order they began."""
    work = Work(book=book, state=state, now=now)
    return [_standing(work, place) for place in places(work)]


def _standing(work: Work, place: Place) -> Standing:
    enrolment, visit = place.enrolment, place.enrolment.visit
    lock = lock_state(place.plan, place.stage, enrolment, place.clock, work.now)
    promises = promises_in(place.plan, place.stage.id, visit)
    lock_due_at = next((promise.due_at for promise in promises if promise.name == LOCK), None)
    rests = resting(work.state, work.now)
    if lock_due_at and rests:
        lock_due_at = None if rests == FOR_GOOD else max(lock_due_at, rests)
    following = _next_step(work, place)
    return Standing(
        enrolment=enrolment.id,
        owner=enrolment.owner,
        since=visit.started_at,
        moved_at=max(visit.started_at, enrolment.last_activity or visit.started_at),
        next=following,
        lock=lock,
        lock_due_at=lock_due_at,
        gaps=tuple(_gaps(work, place, following, lock, lock_due_at)),
    )


def _next_step(work: Work, place: Place) -> NextStep | None:
    """Return a person's next step, the soonest first; without any, what the sequence or silence does next."""
    tasks = place.enrolment.open_tasks()
    if tasks:
        key = min(tasks, key=lambda each: (tasks[each].due_at or _LAST, tasks[each].made_at, each))
        task = tasks[key]
        return NextStep(kind="task", name=task.title, owner=task.owner, due_at=task.due_at, task=key)
    planned = list(_planned(work, place))
    return min(planned, key=lambda each: each.due_at or _LAST) if planned else None


def _planned(work: Work, place: Place) -> Iterator[NextStep]:
    owner, stop = place.enrolment.owner, place.enrolment.visit.stop
    for touch, due in open_touches(place):
        if due is not None and (stop is None or touch.id in stop.keep):
            yield NextStep(kind="touch", name=touch.id, owner=owner, due_at=due.instant)
    for hold in work.state.holds:
        if hold.kind == "snoozed" and hold.end and hold.start <= work.now < hold.end:
            yield NextStep(kind="wait", name=hold.kind, owner=owner, due_at=hold.end)
    silence = silence_instant(work, place)
    if silence and place.stage.silence:
        yield NextStep(kind="move", name=place.stage.silence.to, owner=owner, due_at=silence)


def _gaps(
    work: Work, place: Place, following: NextStep | None, lock: LockState, lock_due_at: datetime | None
) -> Iterator[Gap]:
    enrolment, since = place.enrolment, place.enrolment.visit.started_at
    if not enrolment.owner:
        yield Gap(code="no_owner", text=f"nobody owns {place.stage.title}", since=since)
    if following is None:
        yield Gap(code="no_next_action", text=f"nothing comes next in {place.stage.title}", since=since)
    for task in enrolment.open_tasks().values():
        if task.due_at is None:
            yield Gap(code="no_due_date", text=f"no date for: {task.title}", since=task.made_at)
    if waiting := enrolment.waiting_move:
        text = f"cannot go to {waiting.to}: {'; '.join(waiting.missing)}"
        yield Gap(code="move_waiting", text=text, since=waiting.at)
    if place.clock.zones.gap:
        yield Gap(code="zone_unknown", text=place.clock.zones.gap, since=since)
    if lock_due_at and lock_due_at <= work.now and not lock.held:
        yield Gap(code="unlocked", text=f"no locked next step in {place.stage.title}", since=lock_due_at)
