"""When a touch is due: its anchor, found in the lead's state, and its timing row, resolved to an instant.

A due instant is a pure function of facts and plan. It never depends on how often, or how late, anyone looks.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cadence.engine.variants import sequence
from cadence.playbook.words import EVENTS
from cadence.timing.when import Anchor, Due, due_instant, moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cadence.engine.clock import LeadClock
    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState
    from cadence.engine.visit import VisitState
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage, Touch

__all__ = ["anchor_event", "moment_of", "touch_due", "visit_dues"]

_VISITS_KEPT = 512  #: a preview looks at one lead many times in a row, a tick at a hundred


def visit_dues(
    plan: Plan, stage: Stage, enrolment: EnrolmentState, clock: LeadClock
) -> Iterator[tuple[Touch, Due | None]]:
    """Yield the touches of the running visit that have not ended, each with what :func:`touch_due` says.

    What counts from the visit's start never changes in it: it is worked out once and kept for the next look.
    """
    visit = enrolment.visit
    kept = _kept_dues(plan, stage.id, visit.started_at, clock)
    for touch in sequence(stage, visit.variant) if stage.variants else stage.touches:
        if (
            touch.id in visit.touches
            or touch.id in visit.renamed
            or (touch.instead_of and _fell_through(visit, touch) is None)
        ):
            continue
        due = kept.get(touch.id)
        if due is None:
            due = touch_due(plan, stage, touch, enrolment, clock)
            if due is not None and _counts_from_start(plan, stage, touch):
                kept[touch.id] = due
        yield touch, due


def _fell_through(visit: VisitState, touch: Touch) -> datetime | None:
    """Tell when the touch that another one stands in for was found not to reach anybody."""
    first = visit.touches.get(touch.instead_of)
    return first.fell_through if first else None


@lru_cache(maxsize=_VISITS_KEPT)
def _kept_dues(plan: Plan, stage: str, started_at: datetime, clock: LeadClock) -> dict[str, Due]:  # noqa: ARG001 - the key
    """Return the memo of one kind of visit: touch id -> due instant, filled as it is asked."""
    return {}


def _counts_from_start(plan: Plan, stage: Stage, touch: Touch) -> bool:
    """Tell whether a touch counts from its visit's start, be it by way of other touches."""
    while touch.anchor or touch.instead_of:
        if touch.instead_of:
            return False
        if anchor_event(plan, touch.anchor)[0]:
            return False
        touch = _touch_named(stage, touch.anchor)
    return True


@lru_cache(maxsize=4096)
def anchor_event(plan: Plan, anchor: str) -> tuple[str, str]:
    """Split an anchor into event type and moment field; ("", "") when it names a touch or nothing."""
    for kind, moment_field in ((anchor, ""), tuple(anchor.rpartition(".")[::2])):
        if kind in EVENTS or kind in plan.workspace.events:
            return kind, moment_field
    return "", ""


def touch_due(plan: Plan, stage: Stage, touch: Touch, enrolment: EnrolmentState, clock: LeadClock) -> Due | None:
    """Return the due instant of a touch in the running visit; None while its anchor has not happened."""
    anchor = _anchor(plan, stage, touch, enrolment, clock)
    return due_instant(touch.when, anchor, clock.zone, plan.playbook.calendar) if anchor else None


def _anchor(plan: Plan, stage: Stage, touch: Touch, enrolment: EnrolmentState, clock: LeadClock) -> Anchor | None:
    if touch.instead_of:
        fell = _fell_through(enrolment.visit, touch)
        return Anchor(name=touch.instead_of, instant=fell, day_only=False) if fell else None
    if not touch.anchor:
        return Anchor(name="", instant=enrolment.visit.started_at, day_only=False)
    kind, moment_field = anchor_event(plan, touch.anchor)
    if kind:
        event = enrolment.latest.get(kind)
        return _event_anchor(plan, event, moment_field, touch.anchor, clock) if event else None
    due = touch_due(plan, stage, _touch_named(stage, touch.anchor), enrolment, clock)
    return Anchor(name=touch.anchor, instant=due.instant, day_only=False) if due else None


def _touch_named(stage: Stage, name: str) -> Touch:
    return next(each for each in stage.touches if each.id == name)


def _event_anchor(plan: Plan, event: Event, moment_field: str, name: str, clock: LeadClock) -> Anchor | None:
    if not moment_field:
        return Anchor(name=name, instant=event.at, day_only=False)
    found = moment_of(plan, event, moment_field, clock)
    return Anchor(name=name, instant=found[0], day_only=found[1]) if found else None


def moment_of(plan: Plan, event: Event, moment_field: str, clock: LeadClock) -> tuple[datetime, bool] | None:
    """Return the instant an event's field names and whether it is a mere date; None when it names none."""
    text = event.data.get(moment_field)
    if not isinstance(text, str):
        return None
    try:
        return moment(text, clock.zone, plan.playbook.calendar.touch_time)
    except ValueError:
        return None
