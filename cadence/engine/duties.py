"""What people owe a lead, as the log tells it: whose it is, the next steps that are open, what a visit promises."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cadence.engine.events import parse_instant
from cadence.engine.state import TaskState
from cadence.engine.visit import Promise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState

__all__ = [
    "close_task",
    "finish_task",
    "give",
    "hand_back",
    "hand_over",
    "make_step",
    "make_task",
    "move_task",
    "promises_of",
    "take_over",
]

_parse = lru_cache(maxsize=4096)(parse_instant)  # many leads are promised the same


def make_task(enrolment: EnrolmentState, event: Event) -> None:
    """Add a next step."""
    data = event.data
    enrolment.tasks[data["task"]] = TaskState(
        title=data["title"],
        owner=data["owner"],
        due_at=parse_instant(data["due_at"]) if data["due_at"] else None,
        made_at=event.at,
        cause=data["cause"],
    )


def make_step(enrolment: EnrolmentState, event: Event) -> None:
    """Add the next step that a claimed call or task is; logs of earlier versions say less of it."""
    data = event.data
    visit = enrolment.visit_numbered(data["visit"])
    name = visit.identity(data["touch"]) if visit else data["touch"]
    key = f"{enrolment.id}/{data['visit']}/{name}"
    enrolment.tasks[key] = TaskState(
        title=data.get("title") or str(data["touch"]).replace("-", " "),
        owner=data.get("owner") or enrolment.owner,
        due_at=parse_instant(data.get("step_due_at") or data["due_at"]),
        made_at=event.at,
        cause=key,
    )


def move_task(enrolment: EnrolmentState, event: Event) -> None:
    """Put a next step off."""
    task = enrolment.tasks.get(event.data["task"])
    if task:
        enrolment.tasks[event.data["task"]] = replace(task, due_at=parse_instant(event.data["due_at"]))


def close_task(enrolment: EnrolmentState, event: Event) -> None:
    """Close a next step, done or dropped."""
    task = enrolment.tasks.get(event.data["task"])
    if task:
        enrolment.tasks[event.data["task"]] = replace(task, closed=event.data["outcome"])


def finish_task(enrolment: EnrolmentState, event: Event) -> None:
    """Close the next step that a colleague has done."""
    task = enrolment.tasks.get(str(event.data.get("task", "")))
    if task and not task.closed:
        enrolment.tasks[event.data["task"]] = replace(task, closed="done")


def give(enrolment: EnrolmentState, event: Event) -> None:
    """Give the lead to whom a colleague said, in every role its owner had; what the owner had to do goes with it."""
    before, owner = enrolment.owner, str(event.data.get("owner", ""))
    enrolment.had = {role: owner if member == before else member for role, member in enrolment.had.items()}
    hand_over(enrolment, owner)
    enrolment.lent_by = ""


def hand_back(enrolment: EnrolmentState, event: Event) -> None:
    """Give back what somebody got only because the lead was given to them, which was taken back."""
    data = event.data
    whose = str(data.get("owner", ""))
    if data["type"] != "owner.assigned" or not whose or whose == enrolment.owner:
        return
    since = parse_instant(data["of"])
    for key, task in enrolment.tasks.items():
        if task.owner == whose and not task.closed and task.made_at >= since:
            enrolment.tasks[key] = replace(task, owner=enrolment.owner)


def take_over(enrolment: EnrolmentState, event: Event) -> None:
    """Have the engine's choice own the lead; what its owner had to do goes with it."""
    data = event.data
    hand_over(enrolment, data["owner"])
    how = data.get("how") or {}
    if how.get("role") and data["owner"]:
        enrolment.had[how["role"]] = data["owner"]
    cause = data.get("cause", "")
    if cause == "absent":
        enrolment.lent_by = enrolment.lent_by or data["before"]
    elif cause != "left":
        enrolment.lent_by = ""
    if cause and cause not in _NO_BROKEN_PROMISE:
        enrolment.reassigns += 1


#: Why a lead changes hands without anybody having broken a promise.
_NO_BROKEN_PROMISE = ("absent", "left", "back", "found")


def hand_over(enrolment: EnrolmentState, owner: str) -> None:
    """Have somebody own the lead; what its owner had to do goes with it."""
    before, enrolment.owner = enrolment.owner, owner
    if before == owner or not enrolment.tasks:
        return
    for key, task in enrolment.tasks.items():
        if task.owner == before and not task.closed:
            enrolment.tasks[key] = replace(task, owner=owner)


def promises_of(data: Mapping[str, Any]) -> tuple[Promise, ...] | None:
    """Read what a visit promises; None where its entry does not say, as in logs of earlier versions."""
    written = data.get("promises")
    return None if written is None else tuple(_promise(each) for each in written)


def _promise(written: Mapping[str, Any]) -> Promise:
    return Promise(
        name=written["name"],
        due_at=_parse(written["due_at"]),
        warn_at=_parse(written["warn_at"]) if written.get("warn_at") else None,
        steps=tuple((_parse(at), alert, reassign) for at, alert, reassign in written.get("steps", ())),
        met_by=tuple(written["met_by"]),
        how=tuple(written.get("how", ())),
    )
