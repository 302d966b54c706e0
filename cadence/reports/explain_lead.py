"""A lead explained as plain data: where each job stands and why, whose it is, and every touch of its visits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.engine.events import instant_text
from cadence.engine.standing import standings
from cadence.errors import LeadError
from cadence.leads.handoff import say_step
from cadence.playbook.diagnostics import did_you_mean
from cadence.reports.explain_case import Case, cases_of, happens, stage_of, visits_of
from cadence.reports.explain_touch import touch_data
from cadence.reports.owner_history import owner_steps
from cadence.runner.closed import member_name, still_told
from cadence.timing.durations import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.engine.standing import Standing
    from cadence.engine.state import EnrolmentState
    from cadence.engine.visit import VisitState
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage
    from cadence.reports.explain_story import Story

__all__ = ["explain_lead", "explain_named_touch"]


def explain_lead(story: Story) -> dict[str, Any]:
    """Return the whole lead: every job with every visit, the running one last."""
    told = {each.enrolment: each for each in standings(story.book, story.state, story.at)}
    return {
        **_head(story),
        "jobs": [_job(story, each, told.get(each.id)) for each in story.state.enrolments.values()],
    }


def explain_named_touch(story: Story, asked: str) -> dict[str, Any]:
    """Return one touch, asked for by its id or as stage.id, in every visit it was in; LeadError for an unknown one."""
    found = [
        touch_data(case)
        for enrolment in story.state.enrolments.values()
        for visit in visits_of(story, enrolment)
        for case in cases_of(story, enrolment, visit)
        if _is_named(case, asked)
    ]
    never = list(_never(story, asked, {(each["enrolment"], each["stage"], each["touch"]) for each in found}))
    if not found and not never:
        known = sorted(_names(story))
        near = did_you_mean(asked, known)
        raise LeadError(
            f"no page of {story.lead} has, or had, a touch {asked!r}", help=near or f"there are: {', '.join(known)}"
        )
    return {**_head(story), "asked": asked, "touches": found, "never": never}


def _head(story: Story) -> dict[str, Any]:
    return {
        "lead": story.lead,
        "name": str(story.state.record.get("name") or story.lead),
        "at": instant_text(story.at),
        "now": instant_text(story.now),
        "opted_out_at": instant_text(story.state.opted_out_at) if story.state.opted_out_at else None,
    }


def _job(story: Story, enrolment: EnrolmentState, standing: Standing | None) -> dict[str, Any]:
    plan = story.book.plan(enrolment.playbook, enrolment.digest)
    stage = stage_of(story, enrolment, plan, enrolment.visit.stage) if plan else None
    owned = list(owner_steps(story.book, plan, enrolment, still_told(story.log)))
    return {
        "enrolment": enrolment.id,
        "playbook": enrolment.playbook,
        "job": enrolment.job,
        "file": plan.file if plan else "",
        "version": enrolment.digest[:8],
        "stage": enrolment.visit.stage,
        "title": stage.title if stage else enrolment.visit.stage,
        "line": stage.line if stage else 0,
        "line_text": plan.line_text(stage.line) if plan and stage else "",
        "since": instant_text(enrolment.visit.started_at),
        "by": enrolment.visit.by,
        "by_says": happens(plan, enrolment.visit.by),
        "end": enrolment.end,
        "ended_at": instant_text(enrolment.ended_at) if enrolment.ended_at else None,
        "owner": enrolment.owner,
        "owner_name": member_name(story.book, enrolment.owner),
        "owner_why": owned[-1]["why"] if owned else "",
        "owner_since": owned[-1]["at"] if owned else None,
        "next": _next(story, plan, stage, standing),
        "gaps": [gap.text for gap in standing.gaps] if standing else [],
        "visits": [_visit(story, enrolment, visit) for visit in visits_of(story, enrolment)],
        "moves": [
            {"at": instant_text(event.at), "to": event.data["stage"], "title": _title(plan, event.data["stage"])}
            for event in story.moves
            if event.enrolment == enrolment.id
        ],
    }


def _next(story: Story, plan: Plan | None, stage: Stage | None, standing: Standing | None) -> dict[str, Any] | None:
    following = standing.next if standing else None
    if following is None or plan is None or stage is None:
        return None
    return {
        "says": say_step(plan, stage, following),
        "owner_name": member_name(story.book, following.owner),
        "due_at": instant_text(following.due_at) if following.due_at else None,
    }


def _visit(story: Story, enrolment: EnrolmentState, visit: VisitState) -> dict[str, Any]:
    plan = story.plan_of(enrolment, visit.number)
    stage = stage_of(story, enrolment, plan, visit.stage) if plan else None
    return {
        "visit": visit.number,
        "stage": visit.stage,
        "title": stage.title if stage else visit.stage,
        "since": instant_text(visit.started_at),
        "by_says": happens(plan, visit.by),
        "taken_back": visit in story.taken_back.get(enrolment.id, ()),
        "running": visit is enrolment.visit and enrolment.active,
        "touches": [touch_data(case) for case in cases_of(story, enrolment, visit)],
    }


def _title(plan: Plan | None, stage: str) -> str:
    found = plan.playbook.stages.get(stage) if plan else None
    return found.title if found else stage


def _is_named(case: Case, asked: str) -> bool:
    """Tell whether a touch is the one asked for, by any name it has or had."""
    names = {
        case.name,
        case.key.rpartition("/")[2],
        *(now for was, now in case.visit.renamed.items() if was == case.name),
    }
    names |= set(case.touch.renamed_from) if case.touch else set()
    stages = {case.stage.id, case.visit.stage}
    return asked in names or any(asked == f"{stage}.{name}" for stage in stages for name in names)


def _plans(story: Story) -> Iterator[tuple[EnrolmentState | None, Plan]]:
    """Yield the versions that a touch may be looked for in: those of its jobs; without any job, all in force."""
    for enrolment in story.state.enrolments.values():
        plan = story.book.plan(enrolment.playbook, enrolment.digest)
        if plan:
            yield enrolment, plan
    if not story.state.enrolments:
        yield from ((None, plan) for plan in story.book.current.values())


def _names(story: Story) -> set[str]:
    of_pages = {
        touch.id for _, plan in _plans(story) for stage in plan.playbook.stages.values() for touch in stage.touches
    }
    return of_pages | {key.rpartition("/")[2] for key in story.marks}


def _never(story: Story, asked: str, told: set[tuple[str, str, str]]) -> Iterator[dict[str, Any]]:
    """Yield the touches of that name on the page whose stage the lead was never in, and why."""
    for enrolment, plan in _plans(story):
        for stage in plan.playbook.stages.values():
            for touch in stage.touches:
                about = (enrolment.id if enrolment else "", stage.id, touch.id)
                if about in told or asked not in (touch.id, f"{stage.id}.{touch.id}", *touch.renamed_from):
                    continue
                entered = enrolment and any(visit.stage == stage.id for visit in visits_of(story, enrolment))
                if not entered:
                    yield {
                        "enrolment": about[0],
                        "stage": stage.id,
                        "title": stage.title,
                        "touch": touch.id,
                        "channel": touch.channel,
                        "file": plan.file,
                        "line": touch.line,
                        "line_text": plan.line_text(touch.line),
                        "says": _why_not_entered(enrolment, plan, stage),
                        "foreseen": _foreseen_entry(story, enrolment, stage, touch.id),
                        "changes": list(_ways_in(story, enrolment, plan, stage)),
                    }


def _why_not_entered(enrolment: EnrolmentState | None, plan: Plan, stage: Stage) -> str:
    if enrolment is None:
        taken = f": it takes leads for which `{plan.playbook.enroll_if}`" if plan.playbook.enroll_if else ""
        return f"no playbook has taken the lead; {plan.playbook.id} did not{taken}"
    head = f"its stage {stage.title!r} was never entered"
    if enrolment.end:
        return f"{head}: the job ended as {enrolment.end} before"
    return f"{head}: the lead is in {_title(plan, enrolment.visit.stage)!r}"


def _foreseen_entry(story: Story, enrolment: EnrolmentState | None, stage: Stage, touch: str) -> dict[str, Any] | None:
    """Tell when silence would lead the lead there, and what would become of the touch."""
    if enrolment is None:
        return None
    moved = next((e for e in story.moves if e.enrolment == enrolment.id and e.data["stage"] == stage.id), None)
    if moved is None:
        return None
    told = story.foreseen.get(f"{enrolment.id}/{moved.data['visit']}/{touch}")
    return {
        "enters_at": instant_text(moved.at),
        "at": instant_text(told.at) if told else None,
        "standing": told.verdict.outcome.value if told else "",
        "says": told.verdict.reason.text if told else "",
        "text": told.claim.body if told and told.claim else "",
    }


def _ways_in(story: Story, enrolment: EnrolmentState | None, plan: Plan, stage: Stage) -> Iterator[str]:
    """Say what leads to a stage."""
    if enrolment is None:
        told = " or ".join(happens(plan, kind) for each in plan.playbook.stages.values() for kind in each.enter_on)
        taken = f", and `{plan.playbook.enroll_if}` holds" if plan.playbook.enroll_if else ""
        yield f"{plan.playbook.id} takes the lead when {told}{taken}"
        return
    if enrolment.end:
        yield "a new job must begin: a new inquiry, or `cadence event` with another --job"
        return
    for kind in stage.enter_on:
        yield f"the lead comes there when {happens(plan, kind)}: `cadence event {story.lead} {kind}`"
    here = plan.playbook.stages.get(enrolment.visit.stage)
    ways = list(_ways(story, plan, here, stage)) if here else []
    yield from ways
    if not ways:
        for each in plan.playbook.stages.values():
            yield from _ways(story, plan, each, stage)


def _ways(story: Story, plan: Plan, here: Stage, stage: Stage) -> Iterator[str]:
    """Say what leads from one stage to another."""
    for kind, to in here.next.items():
        if to == stage.id:
            yield f"from {here.title!r}, when {happens(plan, kind)}: `cadence event {story.lead} {kind}`"
    if here.silence and here.silence.to == stage.id:
        after = format_duration(here.silence.after, largest="d")
        yield f"from {here.title!r}, by itself when nothing was heard for {after} (`silence`)"
