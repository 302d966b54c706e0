"""Steps of the virtual clock as rows of a preview."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from cadence.engine.clock import lead_clock
from cadence.engine.decision import Claim, Decision, Outcome, TaskDraft, Verdict, Wait
from cadence.engine.events import Decided
from cadence.engine.reviews import reviews_held
from cadence.playbook.words import EVENTS
from cadence.reports.rows import PreviewRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, timedelta

    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.engine.simulate import Step
    from cadence.engine.state import LeadState
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Review

__all__ = ["preview_rows", "review_rows"]


def preview_rows(book: Book, steps: Iterable[Step], end: datetime, *, derive: bool = False) -> Iterator[PreviewRow]:
    """Yield what one lead's steps amount to: facts, touches that ended, and at last those that still wait.

    A touch that is not due before ``end`` has no row. ``derive`` adds how each due instant came about.
    """
    waiting: dict[str, Wait] = {}
    state: LeadState | None = None
    for step in steps:
        decision = step.decision
        state = decision.state
        if step.fact is not None:
            yield _fact_row(book, state, step.fact, decision)
        for task in decision.tasks:
            yield _task_row(book, state, task, step.at)
        for verdict in decision.ended:
            waiting.pop(verdict.key, None)
            yield _touch_row(book, state, verdict, None, derive=derive)
        for claim in decision.claims:
            waiting.pop(claim.verdict.key, None)
            yield _touch_row(book, state, claim.verdict, claim, derive=derive)
        for wait in decision.waits:
            waiting[wait.key] = wait
    if state is not None:
        for wait in waiting.values():
            if wait.due is not None and wait.due.instant < end and wait.overdue:
                yield _touch_row(book, state, wait.verdict, None, derive=derive)


def _task_row(book: Book, state: LeadState, task: TaskDraft, at: datetime) -> PreviewRow:
    enrolment = state.enrolments[task.enrolment]
    plan = book.plan(enrolment.playbook, enrolment.digest)
    member = plan.members.get(task.owner) if plan else None
    zone = lead_clock(plan, state.record).zone if plan else UTC
    due = task.due_at.astimezone(zone)
    return PreviewRow(
        account=book.account,
        lead=state.lead,
        lead_name=str(state.record.get("name") or state.lead),
        zone=str(zone),
        playbook=enrolment.playbook,
        stage=enrolment.visit.stage,
        stage_title="",
        touch="task",
        channel="event",
        due_at=None,
        at=at,
        outcome="event",
        reason="",
        reason_text=f"next step for {member.name if member else 'nobody'}: {task.title}, due {due:%a %d %b %H:%M}",
    )


def review_rows(book: Book, *, start: datetime, end: datetime, tick: timedelta) -> Iterator[PreviewRow]:
    """Yield the standing reviews of the previewed time."""
    for plan in book.current.values():
        for review in plan.playbook.reviews:
            held = reviews_held(review, plan.playbook.calendar, start=start, end=end, tick=tick)
            yield from (_review_row(book, plan, review, at) for at in held)


def _review_row(book: Book, plan: Plan, review: Review, at: datetime) -> PreviewRow:
    stages = ", ".join(plan.playbook.stages[stage].title for stage in review.of)
    names = [member.name for member in plan.workspace.team if review.to in (member.id, *member.roles)]
    return PreviewRow(
        account=book.account,
        lead="",
        lead_name=f"review of {review.name.replace('-', ' ')}"
        + (f" ({plan.playbook.id})" if len(book.current) > 1 else ""),
        zone=plan.workspace.business.timezone,
        playbook=plan.playbook.id,
        stage="",
        stage_title="",
        touch="review",
        channel="event",
        due_at=None,
        at=at,
        outcome="event",
        reason="",
        reason_text=f"{', '.join(names) or review.to} looks at every lead in {stages}",
        line=review.line,
        file=plan.file,
    )


def _touch_row(book: Book, state: LeadState, verdict: Verdict, claim: Claim | None, *, derive: bool) -> PreviewRow:
    plan = book.plan(verdict.playbook, verdict.digest)
    if plan is None:
        raise AssertionError(f"a verdict without its plan: {verdict.key}")
    stage = plan.playbook.stages[verdict.stage]
    member = plan.members.get(verdict.owner)
    return PreviewRow(
        account=book.account,
        lead=state.lead,
        lead_name=str(state.record.get("name") or state.lead),
        zone=lead_clock(plan, state.record).zone.key,
        playbook=verdict.playbook,
        stage=stage.id,
        stage_title=stage.title,
        touch=verdict.touch,
        channel=verdict.channel,
        due_at=verdict.due_at,
        at=verdict.until if verdict.outcome is Outcome.WAITS and verdict.until else verdict.at,
        outcome=verdict.outcome.value,
        reason=verdict.reason.code,
        reason_text=verdict.reason.text,
        detail=verdict.detail,
        line=verdict.line,
        file=plan.file,
        to=claim.to if claim else "",
        subject=claim.subject if claim else "",
        body=claim.body if claim else "",
        segments=claim.segments if claim else 0,
        cost=_cost(plan, claim) if claim else 0.0,
        owner=verdict.owner,
        owner_name=member.name if member else "",
        stops=(*plan.playbook.stop_on, "opt_out"),
        derivation=verdict.derivation if derive else (),
    )


def _cost(plan: Plan, claim: Claim) -> float:
    channel = plan.workspace.channels.get(claim.verdict.channel)
    return channel.cost_per_segment * max(claim.segments, 1) if channel else 0.0


def _title(plan: Plan | None, kind: str) -> str:
    if kind in EVENTS:
        return EVENTS[kind].title
    return plan.workspace.events[kind][0] if plan and kind in plan.workspace.events else kind


def _fact_row(book: Book, state: LeadState, fact: Event, decision: Decision) -> PreviewRow:
    enrolment = next(iter(reversed(state.enrolments.values())), None)
    plan = book.plan(enrolment.playbook, enrolment.digest) if enrolment else None
    stage = plan.playbook.stages.get(enrolment.visit.stage) if plan and enrolment else None
    business = next(iter(book.current.values())).workspace.business
    moved = any(event.type == Decided.STAGE_ENTERED for event in decision.events)
    return PreviewRow(
        account=book.account,
        lead=state.lead,
        lead_name=str(state.record.get("name") or state.lead),
        zone=lead_clock(plan, state.record).zone.key if plan else business.timezone,
        playbook=plan.playbook.id if plan else "",
        stage=stage.id if stage else "",
        stage_title=stage.title if stage else "",
        touch=fact.type,
        channel="event",
        due_at=None,
        at=fact.at,
        outcome="event",
        reason=stage.title if moved and stage else "",
        reason_text=_title(plan, fact.type),
        detail=str(fact.data.get("text", "")),
    )
