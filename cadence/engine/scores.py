"""Hot, warm or nurture: a bucket for every lead, and what follows when it rises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.clock import lead_clock
from cadence.engine.context import LeadContext, score_of
from cadence.engine.events import Decided, instant_text
from cadence.engine.touches import places

if TYPE_CHECKING:
    from cadence.engine.state import EnrolmentState
    from cadence.engine.work import Work
    from cadence.playbook.compile import Plan

__all__ = ["rescore", "score_first"]

_RANKS = {"nurture": 0, "warm": 1, "hot": 2}


def score_first(work: Work, plan: Plan, enrolment: EnrolmentState) -> None:
    """Give a new enrolment its bucket."""
    if plan.playbook.score:
        _note(work, plan, enrolment, _score(work, plan))


def rescore(work: Work) -> None:
    """See whether what was just learned changes a bucket; one that rises makes a next step, and is told at once."""
    for place in places(work):
        plan, enrolment = place.plan, place.enrolment
        if not plan.playbook.score:
            continue
        score, before = _score(work, plan), enrolment.score
        if score == before:
            continue
        _note(work, plan, enrolment, score)
        if before and _RANKS.get(score, 0) > _RANKS.get(before, 0):
            title, cause = f"{work.name} is {score} now (was {before}): call", f"score/{score}@{instant_text(work.now)}"
            opening = plan.playbook.calendar.next_opening(work.now) or work.now
            work.make_task(enrolment, title=title, due_at=opening, cause=cause)
            work.alert(enrolment, enrolment.owner, "score", title=title, cause=cause)


def _score(work: Work, plan: Plan) -> str:
    return score_of(plan, LeadContext(plan, work.state, lead_clock(plan, work.state.record), work.now))


def _note(work: Work, plan: Plan, enrolment: EnrolmentState, score: str) -> None:
    line = plan.playbook.lines.get("score", 0)
    work.record(Decided.SCORED, enrolment=enrolment, score=score, before=enrolment.score, line=line)
