"""Conditions about the person: who takes a lead, who gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.clock import lead_clock
from cadence.engine.context import LeadContext, surely_holds

if TYPE_CHECKING:
    from cadence.engine.work import Work
    from cadence.playbook.compile import Plan

__all__ = ["person_is"]


def person_is(work: Work, plan: Plan, condition: str) -> bool:
    """Tell whether a condition about the person, not one enrolment, holds now."""
    context = LeadContext(plan, work.state, lead_clock(plan, work.state.record), work.now)
    return surely_holds(condition, context)
