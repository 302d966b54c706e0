"""What a colleague says or does, and takes back: next steps, owners, calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.due import moment_of
from cadence.engine.events import Decided, instant_text, parse_instant
from cadence.engine.fold import concerns
from cadence.engine.moves import restore, tell_new_owner
from cadence.engine.steps import finish_calls
from cadence.engine.touches import place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState
    from cadence.engine.touches import Place
    from cadence.engine.work import Work

__all__ = ["act_on", "began", "next_step_cause"]


def act_on(work: Work, fact: Event) -> None:
    """Do what follows from a colleague's act; most facts are none."""
    act = _ACTS.get(fact.type)
    if act:
        act(work, fact)


def next_step_cause(fact: Event) -> str:
    """Name what makes the next step that a colleague set."""
    return f"{fact.type}/{fact.key or instant_text(fact.at)}"


def _assigned(work: Work, fact: Event) -> None:
    for place in _places(work, fact):
        if place.enrolment.owner != fact.data.get("by"):
            tell_new_owner(work, place.enrolment, place.stage.title)


def _next_set(work: Work, fact: Event) -> None:
    """Give somebody the next step that a colleague named: in the job it is about, else in the latest."""
    for place in _places(work, fact)[-1:]:
        work.make_task(
            place.enrolment,
            title=str(fact.data.get("action", "")),
            due_at=_moment(place, fact, "due"),
            cause=next_step_cause(fact),
            owner=str(fact.data.get("who", "")),
        )


def _postponed(work: Work, fact: Event) -> None:
    task = str(fact.data.get("task", ""))
    for place in _places(work, fact):
        until = _moment(place, fact, "until")
        if until and task in place.enrolment.open_tasks():
            work.record(Decided.TASK_MOVED, enrolment=place.enrolment, task=task, due_at=instant_text(until))


def _called(work: Work, fact: Event) -> None:
    for place in _places(work, fact):
        finish_calls(work, place, by=fact.type)


def _taken_back(work: Work, fact: Event) -> None:
    """Undo what followed from a fact that was taken back, as far as that is safe: what was stopped stays stopped."""
    kind, at = str(fact.data["type"]), parse_instant(str(fact.data["of"]))
    causes = (f"{kind}@{instant_text(at)}", f"{kind}/{fact.data['undoes']}")
    for enrolment in list(work.state.enrolments.values()):
        work.close_tasks(enrolment, lambda _, task: task.cause in causes, by=fact.type)
        if began(enrolment, kind, at) and enrolment.former:
            restore(work, enrolment, by=fact.type)


def began(enrolment: EnrolmentState, kind: str, at: datetime) -> bool:
    """Tell whether a fact that is not in the state any more began the running visit, perhaps after a wait."""
    visit, left = enrolment.visit, enrolment.latest.get(kind)
    return visit.by == kind and visit.started_at >= at and (left is None or left.at < at)


def _places(work: Work, fact: Event) -> list[Place]:
    """List where the enrolments that a fact is about stand."""
    about = [enrolment for enrolment in work.state.active_enrolments() if concerns(enrolment, fact)]
    return [place for enrolment in about if (place := place_of(work, enrolment))]


def _moment(place: Place, fact: Event, name: str) -> datetime | None:
    found = moment_of(place.plan, fact, name, place.clock)
    return found[0] if found else None


_ACTS: Mapping[str, Callable[[Work, Event], None]] = {
    "owner.assigned": _assigned,
    "next.set": _next_set,
    "task.postponed": _postponed,
    "call.logged": _called,
    "act.undone": _taken_back,
}
