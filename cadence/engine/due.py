"""When a touch is due: its anchor, found in the lead's state, and its timing row, resolved to an instant.

A due instant is a pure function of facts and plan. It never depends on how often, or how late, anyone looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.playbook.words import EVENTS
from cadence.timing.when import Anchor, Due, due_instant, moment

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.engine.clock import LeadClock
    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage, Touch

__all__ = ["anchor_event", "moment_of", "touch_due"]


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
    if not touch.anchor:
        return Anchor(name="", instant=enrolment.visit.started_at, day_only=False)
    kind, moment_field = anchor_event(plan, touch.anchor)
    if kind:
        event = enrolment.latest.get(kind)
        return _event_anchor(plan, event, moment_field, touch.anchor, clock) if event else None
    other = next(each for each in stage.touches if each.id == touch.anchor)
    due = touch_due(plan, stage, other, enrolment, clock)
    return Anchor(name=touch.anchor, instant=due.instant, day_only=False) if due else None


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
