"""What conditions and templates see: a lead's state in the words of the language, in the lead's local time."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cadence.engine.due import moment_of
from cadence.engine.locks import lock_state
from cadence.errors import RenderError
from cadence.playbook.blank import Blank
from cadence.playbook.conditions import holds
from cadence.playbook.context import (
    LazyContext,
    business_view,
    events_view,
    lead_view,
    lock_view,
    owner_view,
    touches_view,
)
from cadence.playbook.model import Member
from cadence.playbook.words import EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from cadence.engine.clock import LeadClock
    from cadence.engine.events import Event
    from cadence.engine.state import LeadState
    from cadence.engine.touches import Place
    from cadence.playbook.compile import Plan

__all__ = ["EnrolmentContext", "LeadContext", "score_of", "surely_holds"]


class LeadContext(LazyContext):
    """What is known of a person at one instant, in the words of one plan."""

    __slots__ = ("clock", "now", "plan", "state")

    def __init__(
        self,
        plan: Plan,
        state: LeadState,
        clock: LeadClock,
        now: datetime,
        makers: Mapping[str, Callable[[Any], Any]] | None = None,
    ) -> None:
        """``makers``: more names than those of a person."""
        self._makers = makers or _OF_PERSON
        self._under_way = ()
        self.plan = plan
        self.state = state
        self.clock = clock
        self.now = now

    def local(self, instant: datetime) -> datetime:
        """Return an instant on the lead's clock."""
        return instant.astimezone(self.clock.zone)


class EnrolmentContext(LeadContext):
    """The same seen from one enrolment: its own events, its stage, its owner."""

    __slots__ = ("enrolment", "owner", "stage", "variant")

    def __init__(
        self,
        place: Place,
        state: LeadState,
        now: datetime,
        owner: str = "",
        variant: str = "",
    ) -> None:
        """``owner`` signs, unless empty: then the enrolment's own does."""
        super().__init__(place.plan, state, place.clock, now, _OF_ENROLMENT)
        self.enrolment = place.enrolment
        self.stage = place.stage
        self.owner = owner or place.enrolment.owner
        self.variant = variant


def score_of(plan: Plan, context: Mapping[str, Any]) -> str:
    """Return the bucket of a lead: the first whose condition holds, else ``nurture``."""
    return next((bucket for bucket, text in plan.playbook.score.items() if surely_holds(text, context)), "nurture")


def surely_holds(condition: str, context: Mapping[str, Any]) -> bool:
    """Tell whether a condition holds; one that cannot be judged for this lead does not."""
    try:
        return holds(condition, context)
    except RenderError:
        return False


def _lead(context: LeadContext) -> dict[str, Any]:
    state, plan = context.state, context.plan
    view = state.views.get(plan.digest)
    if view is None:
        view = state.views[plan.digest] = lead_view(state.record, plan.workspace.lead_fields)
    return view


@lru_cache(maxsize=64)
def _business(plan: Plan) -> dict[str, Any]:
    return business_view(plan.workspace.business)


@lru_cache(maxsize=1024)
def _signature(plan: Plan, member_id: str) -> dict[str, Any]:
    """Return the member who signs; the shop itself where nobody owns the lead."""
    business = plan.workspace.business
    member = plan.members.get(member_id)
    return owner_view(member or Member(id="", name=business.name, roles=(), phone=business.phone))


def _events(context: LeadContext, latest: Mapping[str, Event]) -> dict[str, Any]:
    return events_view(_facts(context.plan, latest, context.clock), context.plan.events)


def _next_opening(context: LeadContext) -> datetime | Blank:
    opening = context.plan.playbook.calendar.next_opening(context.now)
    return context.local(opening) if opening else Blank("next_opening")


def _offers(context: LeadContext) -> list[datetime]:
    return [context.local(offer) for offer in context.plan.playbook.calendar.next_offers(context.now)]


def _enrolment(context: EnrolmentContext) -> dict[str, Any]:
    enrolment = context.enrolment
    return {
        "playbook": enrolment.playbook,
        "job": enrolment.job or Blank("enrolment.job"),
        "started_at": context.local(enrolment.started_at),
        "contacts": enrolment.contacts,
        "opens": len(enrolment.opened),
        "clicks": enrolment.clicks,
    }


def _touches(context: EnrolmentContext) -> dict[str, Any]:
    done = {
        touch: {"outcome": state.outcome, "at": context.local(state.at)}
        for touch, state in context.enrolment.visit.touches.items()
    }
    return touches_view(done, [touch.id for touch in context.stage.touches])


def _lock(context: EnrolmentContext) -> dict[str, Any]:
    lock = lock_state(context.plan, context.stage, context.enrolment, context.clock, context.now)
    return lock_view(lock.by, context.local(lock.at) if lock.at else None)


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


_OF_PERSON: Mapping[str, Callable[[Any], Any]] = {
    "lead": _lead,
    "business": lambda context: _business(context.plan),
    "owner": lambda context: _signature(context.plan, ""),
    "events": lambda context: _events(context, context.state.latest),
    "now": lambda context: context.local(context.now),
    "in_business_hours": lambda context: context.plan.playbook.calendar.is_open(context.now),
    "next_opening": _next_opening,
    "offers": _offers,
    "variant": lambda _: Blank("variant"),
    "score": lambda context: score_of(context.plan, context),
}
_OF_ENROLMENT: Mapping[str, Callable[[Any], Any]] = {
    **_OF_PERSON,
    "owner": lambda context: _signature(context.plan, context.owner),
    "events": lambda context: _events(context, context.enrolment.latest),
    "variant": lambda context: context.variant or Blank("variant"),
    "stage": lambda context: {"id": context.stage.id, "title": context.stage.title},
    "enrolment": _enrolment,
    "touches": _touches,
    "lock": _lock,
}
