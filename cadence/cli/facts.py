"""What facts of a person at a keyboard must have before they are recorded: all they need, one job, people we know."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cadence.cli.options import job_key
from cadence.errors import Refused, UsageError
from cadence.leads.results import result_of
from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.words import EVENTS, LEAD_FIELDS
from cadence.timing.when import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState, LeadState
    from cadence.playbook.compile import Plan
    from cadence.runner.settings import Settings

__all__ = [
    "UNNAMED",
    "about_job",
    "member_id",
    "plans_about",
    "read_data",
    "refuse_incomplete",
    "refuse_unclear_job",
    "result_and_event",
]

UNNAMED = "-"  #: what stands for the job of a lead that came in without one
_PEOPLE = ("owner", "who", "by")  #: data fields that name a colleague
_ENDS = ("lead.won", "lead.lost", "lead.disqualified")
#: Without these there is no such fact, whatever the page asks for.
_ALWAYS = {
    "no_decision": ("follow_up_due",),
    "note.added": ("text",),
    "owner.assigned": ("owner",),
    "next.set": ("action",),
    "task.postponed": ("task", "until"),
}
_OF_RESULTS = {"call.logged": "call", "visit.logged": "visit"}


def about_job(state: LeadState, job: str) -> tuple[str, str]:
    """Return the enrolment and the job key that ``--job`` names."""
    enrolment = next((each.id for each in state.active_enrolments() if not each.job), "") if job == UNNAMED else ""
    return enrolment, "" if enrolment else job_key(job)


def member_id(settings: Settings, text: str, option: str) -> str:
    """Return the id of a colleague named by id or full name; UsageError, with the nearest, for somebody unknown."""
    team = settings.workspace.team
    plain = " ".join(text.casefold().split())
    found = [each.id for each in team if plain in (each.id.casefold(), " ".join(each.name.casefold().split()))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{option} {text!r} fits several colleagues", help=f"name one by id: {', '.join(found)}")
    near = did_you_mean(text, [word for each in team for word in (each.id, each.name)])
    raise UsageError(
        f"{option}: nobody in the team is called {text!r}", help=near or f"there are: {', '.join(e.id for e in team)}"
    )


def read_data(settings: Settings, kind: str, pairs: Sequence[str]) -> dict[str, Any]:
    """Read what a fact carries, written KEY=VALUE; UsageError for what it does not carry, or a date that is none."""
    if kind == "lead.updated":
        known: tuple[str, ...] = (*LEAD_FIELDS, *settings.workspace.lead_fields)
        moments: tuple[str, ...] = ()
    else:
        moments = EVENTS[kind].moments if kind in EVENTS else settings.workspace.events[kind][1]
        known = (*moments, *(EVENTS[kind].fields if kind in EVENTS else ()))
    data: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--data {pair!r} is not KEY=VALUE", help="write it like amount=8400")
        if key in data:
            raise UsageError(f"--data {key} is given twice", help="leave one out")
        if key not in known and (known or kind in EVENTS):
            near = did_you_mean(key, known)
            raise UsageError(
                f"{kind} carries no {key!r}",
                help=near or (f"it carries: {', '.join(known)}" if known else "leave it out: it carries nothing"),
            )
        if key in moments:
            data[key] = _moment(f"--data {key}", value, settings.timezone)
        else:
            data[key] = member_id(settings, value, f"--data {key}") if key in _PEOPLE else value
    return data


def _moment(option: str, value: str, timezone: str) -> str:
    try:
        moment(value, ZoneInfo(timezone), time(10))
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
    return value


def plans_about(book: Book, state: LeadState, *, enrolment: str = "", job: str = "") -> list[Plan]:
    """List the pages of the running jobs that a fact is about."""
    about = [
        each
        for each in state.active_enrolments()
        if (each.id == enrolment if enrolment else not job or each.job == job)
    ]
    return [plan for each in about if (plan := book.plan(each.playbook, each.digest))]


def result_and_event(book: Book, state: LeadState, fact: Event) -> tuple[dict[str, Any], str]:
    """Return a call's or visit's data with its result as the page spells it, and the event recorded with it."""
    data = dict(fact.data)
    kind = _OF_RESULTS.get(fact.type)
    if kind is None or not data.get("result"):
        return data, ""
    plans = plans_about(book, state, enrolment=fact.enrolment, job=fact.job)
    data["result"], event = result_of(plans, kind, str(data["result"]))
    return data, event


def refuse_incomplete(state: LeadState, book: Book, fact: Event) -> None:
    """Refuse a fact that a stage cannot be entered with, such as no decision without a follow-up date."""
    for field in _ALWAYS.get(fact.type, ()):
        if not fact.data.get(field):
            raise Refused(
                f"{fact.type} cannot be recorded without {field}",
                help=f"add --data {field}={'YYYY-MM-DD' if field in EVENTS[fact.type].moments else '...'}",
            )
    for enrolment in state.active_enrolments():
        plan = book.plan(enrolment.playbook, enrolment.digest)
        for entered in plan.playbook.stages.values() if plan else ():
            for requirement in entered.to_enter:
                kind, _, field = requirement.path.rpartition(".")
                if kind == fact.type and not fact.data.get(field):
                    moment = kind not in EVENTS or field in EVENTS[kind].moments
                    raise Refused(
                        f"{fact.type} cannot be recorded without {field}: the stage {entered.title!r} asks for it",
                        help=f"add --data {field}={'YYYY-MM-DD' if moment else '...'}",
                    )


def refuse_unclear_job(state: LeadState, book: Book, fact: Event) -> None:
    """Refuse a job that the lead has not, and a fact that would move or stop several jobs at once."""
    kind = EVENTS.get(fact.type)
    known = dict.fromkeys(each.job for each in state.enrolments.values() if each.job)
    if fact.job and fact.job not in known and not (kind and kind.inquiry):
        near = did_you_mean(fact.job, known)
        raise UsageError(
            f"{state.lead} has no job {fact.job!r}",
            help=near or (f"there are: {', '.join(known)}" if known else "leave --job out"),
        )
    if fact.job or fact.enrolment or (kind and (kind.person or kind.inquiry)):
        return
    jobs = dict.fromkeys(each.job or UNNAMED for each in state.active_enrolments() if _moves_or_stops(book, each, fact))
    if len(jobs) > 1:
        raise Refused(
            f"{state.lead} has {len(jobs)} jobs that {fact.type} may be about: {', '.join(jobs)}",
            help="say which with --job",
        )


def _moves_or_stops(book: Book, enrolment: EnrolmentState, fact: Event) -> bool:
    plan = book.plan(enrolment.playbook, enrolment.digest)
    stage = book.stage(enrolment.playbook, enrolment.digest, enrolment.visit.stage)
    stops = bool(plan and fact.type in plan.playbook.stop_on) or bool(stage and fact.type in stage.next)
    return stops or fact.type in _ENDS
