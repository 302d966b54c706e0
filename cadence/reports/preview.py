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
from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime, timedelta

    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.engine.simulate import Step
    from cadence.engine.state import EnrolmentState, LeadState
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Review, Stage

__all__ = ["Touched", "preview_rows", "preview_touches", "review_rows"]


@value()
class Touched:
    """What became of one touch, with its text when it is carried out."""

    verdict: Verdict
    claim: Claim | None

    @property
    def at(self) -> datetime:
        """When it goes or ends, or is looked at again."""
        verdict = self.verdict
        return verdict.until if verdict.outcome is Outcome.WAITS and verdict.until else verdict.at


def preview_touches(steps: Iterable[Step], end: datetime) -> Iterator[Touched]:
    """Yield what becomes of the touches of one lead: those that end, in order, and at last those that still wait.

    A touch that is not due before ``end`` is none of them.
    """
    waiting: dict[str, Wait] = {}
    for step in steps:
        yield from _settled(step.decision, waiting)
    yield from _left_over(waiting, end)


def preview_rows(book: Book, steps: Iterable[Step], end: datetime, *, derive: bool = False) -> Iterator[PreviewRow]:
    """Yield a row for each of those touches, and for the facts and next steps between them.

    ``derive`` adds how each due instant came about.
    """
    waiting: dict[str, Wait] = {}
    state: LeadState | None = None
    for step in steps:
        state = step.decision.state
        if step.fact is not None:
            yield _fact_row(book, state, step.fact, step.decision)
        for task in step.decision.tasks:
            yield _task_row(book, state, task, step.at)
        for touched in _settled(step.decision, waiting):
            yield _touch_row(book, state, touched, derive=derive)
    if state is not None:
        for touched in _left_over(waiting, end):
            yield _touch_row(book, state, touched, derive=derive)


def _settled(decision: Decision, waiting: dict[str, Wait]) -> Iterator[Touched]:
    """Yield what a decision settles; ``waiting`` is what is due and waits, by touch, in the order they came to wait."""
    for verdict in decision.ended:
        waiting.pop(verdict.key, None)
        yield Touched(verdict, None)
    for claim in decision.claims:
        waiting.pop(claim.verdict.key, None)
        yield Touched(claim.verdict, claim)
    for wait in decision.waits:
        due = wait.due
        if due is not None and due.instant <= wait.at:
            waiting[wait.key] = wait
        elif waiting:
            waiting.pop(wait.key, None)


def _left_over(waiting: Mapping[str, Wait], end: datetime) -> Iterator[Touched]:
    for wait in waiting.values():
        if wait.due is not None and wait.due.instant < end:
            yield Touched(wait.verdict, None)


def _task_row(book: Book, state: LeadState, task: TaskDraft, at: datetime) -> PreviewRow:
    enrolment = state.enrolments[task.enrolment]
    plan = book.plan(enrolment.playbook, enrolment.digest)
    member = plan.members.get(task.owner) if plan else None
    zone = lead_clock(plan, state.record).zone if plan else UTC
    due = (task.due_at or at).astimezone(zone)
    name = str(state.record.get("name") or state.lead)
    return PreviewRow(
        account=book.account,
        lead=state.lead,
        lead_name=name,
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
        reason_text=f"next step for {member.name if member else 'nobody'} by {due:%a %d %b %H:%M}: "
        + task.title.removeprefix(f"{name}: "),
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


def _touch_row(book: Book, state: LeadState, touched: Touched, *, derive: bool) -> PreviewRow:
    verdict, claim = touched.verdict, touched.claim
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
        at=touched.at,
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
        reason=_stands_in(plan, stage, enrolment) if moved and plan and stage and enrolment else "",
        reason_text=_title(plan, fact.type),
        detail=str(fact.data.get("text", "")),
    )


def _stands_in(plan: Plan, stage: Stage, enrolment: EnrolmentState) -> str:
    """Name the stage a lead has come to, and whose it is there."""
    owner = plan.members.get(enrolment.owner)
    return stage.title if stage.end or owner is None else f"{stage.title} · {owner.name}"
