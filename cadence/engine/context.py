"""What conditions and templates see: a lead's state in the words of the language, in the lead's local time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.engine.due import moment_of
from cadence.engine.locks import lock_state
from cadence.errors import RenderError
from cadence.playbook.blank import Blank
from cadence.playbook.conditions import holds
from cadence.playbook.context import business_view, events_view, lead_view, lock_view, owner_view, touches_view
from cadence.playbook.model import Member
from cadence.playbook.words import EVENTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.engine.clock import LeadClock
    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState, LeadState
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage

__all__ = ["context_of", "score_of", "surely_holds"]


def context_of(
    plan: Plan,
    state: LeadState,
    clock: LeadClock,
    now: datetime,
    *,
    enrolment: EnrolmentState | None = None,
    stage: Stage | None = None,
    owner: str = "",
    variant: str = "",
) -> dict[str, Any]:
    """Build the context of one lead at one instant; without an enrolment, what is known of the person."""
    calendar = plan.playbook.calendar
    opening = calendar.next_opening(now)
    latest = enrolment.latest if enrolment else state.latest
    context: dict[str, Any] = {
        "lead": lead_view(state.record, plan.workspace.lead_fields),
        "business": business_view(plan.workspace.business),
        "owner": owner_view(_owner(plan, owner or (enrolment.owner if enrolment else ""))),
        "events": events_view(_facts(plan, latest, clock), plan.events),
        "now": now.astimezone(clock.zone),
        "in_business_hours": calendar.is_open(now),
        "next_opening": opening.astimezone(clock.zone) if opening else Blank("next_opening"),
        "offers": [offer.astimezone(clock.zone) for offer in calendar.next_offers(now)],
        "variant": variant or Blank("variant"),
    }
    if enrolment is not None and stage is not None:
        _add_enrolment(context, plan, enrolment, stage, clock, now)
    context["score"] = score_of(plan, context)
    return context


def score_of(plan: Plan, context: Mapping[str, Any]) -> str:
    """Return the bucket of a lead: the first whose condition holds, else ``nurture``."""
    return next((bucket for bucket, text in plan.playbook.score.items() if surely_holds(text, context)), "nurture")


def surely_holds(condition: str, context: Mapping[str, Any]) -> bool:
    """Tell whether a condition holds; one that cannot be judged for this lead does not."""
    try:
        return holds(condition, context)
    except RenderError:
        return False


def _add_enrolment(
    context: dict[str, Any], plan: Plan, enrolment: EnrolmentState, stage: Stage, clock: LeadClock, now: datetime
) -> None:
    lock = lock_state(plan, stage, enrolment, clock, now)
    context["stage"] = {"id": stage.id, "title": stage.title}
    context["enrolment"] = {
        "playbook": enrolment.playbook,
        "job": enrolment.job or Blank("enrolment.job"),
        "started_at": enrolment.started_at.astimezone(clock.zone),
        "contacts": enrolment.contacts,
    }
    done = {
        touch: {"outcome": state.outcome, "at": state.at.astimezone(clock.zone)}
        for touch, state in enrolment.visit.touches.items()
    }
    context["touches"] = touches_view(done, [touch.id for touch in stage.touches])
    context["lock"] = lock_view(lock.by, lock.at.astimezone(clock.zone) if lock.at else None)


def _owner(plan: Plan, member_id: str) -> Member:
    """Return the member who signs; the shop itself where nobody owns the lead."""
    business = plan.workspace.business
    return plan.members.get(member_id) or Member(id="", name=business.name, roles=(), phone=business.phone)


def _facts(plan: Plan, latest: Mapping[str, Event], clock: LeadClock) -> dict[str, dict[str, Any]]:
    facts: dict[str, dict[str, Any]] = {}
    for kind, event in latest.items():
        values: dict[str, Any] = dict(event.data)
        values["at"] = event.at.astimezone(clock.zone)
        for name in _moments(plan, kind):
            found = moment_of(plan, event, name, clock)
            if found:
                values[name] = found[0].astimezone(clock.zone)
            else:
                values.pop(name, None)
        facts[kind] = values
    return facts


def _moments(plan: Plan, kind: str) -> tuple[str, ...]:
    if kind in EVENTS:
        return EVENTS[kind].moments
    return plan.workspace.events[kind][1] if kind in plan.workspace.events else ()
