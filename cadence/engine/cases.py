"""A touch that is due, under judgement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cadence.engine.events import instant_text
from cadence.playbook.words import MESSAGE_CHANNELS
from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.engine.touches import Place
    from cadence.engine.work import Work
    from cadence.playbook.model import Touch
    from cadence.playbook.templates import Rendered
    from cadence.timing.when import Due

__all__ = ["ANSWER_WITHIN", "Case", "Ready", "at_any_hour", "case_of"]

ANSWER_WITHIN = timedelta(minutes=15)  #: an inquiry may be answered outside the windows for so long


@value()
class Case:
    """A touch that is due, and where it stands."""

    place: Place
    touch: Touch
    due: Due
    inquiry: str  #: the inquiry it would answer, when that one still waits for its answer
    is_message: bool
    exempt: bool  #: neither waits for limits nor counts in them


@value()
class Ready:
    """A message that could go at this moment."""

    case: Case
    address: str
    rendered: Rendered
    variant: str
    invite: Mapping[str, Any] | None = None  #: the appointment that goes along

    def lateness(self, now: datetime) -> timedelta:
        """Return how long it has been due."""
        return now - self.case.due.instant


def case_of(work: Work, place: Place, touch: Touch, due: Due) -> Case:
    """Return a touch that is due as a case."""
    inquiry = _inquiry(work, touch) if touch.answers else ""
    return Case(place, touch, due, inquiry, touch.channel in MESSAGE_CHANNELS, bool(inquiry) or touch.expects == "ack")


def _inquiry(work: Work, touch: Touch) -> str:
    """Name the inquiry a touch answers; empty when it answers none, or when that one has its answer."""
    fact = work.state.inquiry if touch.answers == "inquiry" else None
    if fact is None:
        return ""
    name = f"{fact.type}@{instant_text(fact.at)}"
    return "" if name in work.state.answered else name


def at_any_hour(work: Work, case: Case) -> bool:
    """Tell whether a touch answers the person's own inquiry soon enough to go outside the windows."""
    fact = work.state.inquiry
    if not case.inquiry or fact is None:
        return False
    return case.place.plan.workspace.answer_any_hour and work.now - fact.at <= ANSWER_WITHIN
