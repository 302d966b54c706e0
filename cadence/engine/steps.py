"""Next steps of people that are of no use any more: their sequence was stopped, the visit or the job is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from cadence.engine.state import EnrolmentState
    from cadence.engine.touches import Place
    from cadence.engine.work import Work

__all__ = ["drop_sequence", "drop_steps", "drop_visit", "finish_calls"]

_OF_THE_PAGE = ("sla.", "lock.")  #: what made them is over with the visit


def drop_sequence(work: Work, place: Place, *, by: str, keep: Collection[str] = (), promises: bool = True) -> None:
    """Close the open calls and tasks of the running visit's sequence, but for the touches in ``keep``.

    With ``promises``, those that asked for a promise of the visit to be kept, too. What a colleague set, and answers
    that somebody waits for, stay.
    """
    enrolment = place.enrolment
    begins = f"{enrolment.id}/{enrolment.visit.number}/"
    kept = {enrolment.touch_key(touch) for touch in keep}
    work.close_tasks(
        enrolment,
        lambda key, task: (
            (key.startswith(begins) and key not in kept) or (promises and task.cause.startswith(_OF_THE_PAGE))
        ),
        by=by,
    )


def drop_visit(work: Work, place: Place, *, by: str) -> None:
    """Close the open next steps that the running visit made: its calls and tasks, and those its promises asked for."""
    number = place.enrolment.visit.number
    begins, ends = f"{place.enrolment.id}/{number}/", f"/{number}"
    work.close_tasks(
        place.enrolment,
        lambda key, task: key.startswith(begins) or (task.cause.startswith("sla.") and task.cause.endswith(ends)),
        by=by,
    )


def drop_steps(work: Work, enrolment: EnrolmentState, *, by: str) -> None:
    """Close every open next step of a job that is over."""
    work.close_tasks(enrolment, lambda _key, _task: True, by=by)


def finish_calls(work: Work, place: Place, *, by: str) -> None:
    """Close the open calls of the running visit as done: somebody called."""
    calls = {place.enrolment.touch_key(touch.id) for touch in place.stage.touches if touch.channel == "call"}
    work.close_tasks(place.enrolment, lambda key, _: key in calls, by=by, outcome="done")
