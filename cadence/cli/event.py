"""``cadence event``: record what happened to a lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cadence.cli.options import (
    INSTANT,
    at_instant,
    job_key,
    json_option,
    now_option,
    present,
    print_json,
    say_what_is_not_in_force,
    workspace_root,
)
from cadence.errors import Refused, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.decision import Decision
    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState, LeadState
    from cadence.runner.settings import Settings

__all__ = ["command"]

UNNAMED = "-"  #: what stands for the job of a lead that came in without one


@click.command("event", short_help="record what happened to a lead")
@click.argument("lead", metavar="LEAD")
@click.argument("kind", metavar="TYPE")
@click.option("--at", "happened", metavar=INSTANT, help="When it happened; default: now.")
@click.option(
    "--data", "pairs", multiple=True, metavar="KEY=VALUE", help="What it carries, such as amount=8400. Repeatable."
)
@click.option("--job", default="", help="Which job it concerns, when the lead has several.")
@now_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    lead: str,
    kind: str,
    happened: str | None,
    pairs: tuple[str, ...],
    job: str,
    pretended_now: str | None,
    as_json: bool,
) -> None:
    """Record a fact about LEAD: a reply, a booking, an estimate sent, no decision.

    TYPE is one of the event types, such as reply, appointment.booked, estimate.sent, no_decision, contract.signed,
    lead.won; `cadence docs events` lists them. What must stop stops at once, and the lead moves on where the playbook
    says so.
    """
    from cadence.runner.account import load_book, open_account
    from cadence.runner.settings import read_settings

    root = workspace_root(ctx)
    settings = read_settings(root)
    now = present(pretended_now, settings.mode, settings.timezone)
    at = at_instant(happened, settings.timezone, option="--at") if happened else now
    _check(settings, kind, at, now)
    with open_account(root, settings.account, settings.mode) as account, account.store.write() as session:
        from cadence.runner.publish import publish_edits
        from cadence.runner.record import record_fact, state_of

        state = state_of(session, account.name, lead)
        say_what_is_not_in_force(publish_edits(session, account.name, root, now))
        book = load_book(session, account.name)
        fact = _fact(settings, state, kind, at, now, _data(settings, kind, pairs), job)
        _refuse_incomplete(state, book, fact)
        _refuse_unclear_job(state, book, fact)
        decision = record_fact(session, account.name, book, lead, fact)
    _say(decision, book, as_json)


def _check(settings: Settings, kind: str, at: datetime, now: datetime) -> None:
    from cadence.playbook.diagnostics import did_you_mean
    from cadence.playbook.words import EVENTS, Actor

    own = settings.workspace.events
    if kind not in EVENTS and kind not in own:
        near = did_you_mean(kind, (*EVENTS, *own))
        raise UsageError(
            f"{kind!r} is not a type of event",
            help=near or "`cadence docs events` lists them",
        )
    if kind in EVENTS and EVENTS[kind].actor is Actor.ENGINE:
        raise UsageError(
            f"{kind} is recorded by the program itself", help="a colleague's message is message.sent.by_person"
        )
    if at > now:
        raise UsageError("--at lies in the future", help="record what happened when it has happened")


def _data(settings: Settings, kind: str, pairs: tuple[str, ...]) -> dict[str, Any]:
    from cadence.playbook.diagnostics import did_you_mean
    from cadence.playbook.words import EVENTS, LEAD_FIELDS

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
        data[key] = _moment(key, value, settings) if key in moments else value
    return data


def _moment(key: str, value: str, settings: Settings) -> str:
    from datetime import time
    from zoneinfo import ZoneInfo

    from cadence.timing.when import moment

    try:
        moment(value, ZoneInfo(settings.timezone), time(10))
    except ValueError as error:
        raise UsageError(f"--data {key}: {error}") from None
    return value


def _fact(
    settings: Settings, state: LeadState, kind: str, at: datetime, now: datetime, data: dict[str, Any], job: str
) -> Event:
    from cadence.engine.events import Event
    from cadence.playbook.words import EVENTS, Actor

    actor = EVENTS[kind].actor if kind in EVENTS else Actor.COLLEAGUE
    if kind == "lead.updated":
        data = {"lead": _changes(settings, state, data)}
    enrolment = next((each.id for each in state.active_enrolments() if not each.job), "") if job == UNNAMED else ""
    job = "" if enrolment else job_key(job)
    return Event(type=kind, at=at, recorded_at=now, enrolment=enrolment, job=job, actor=actor.value, data=data)


def _changes(settings: Settings, state: LeadState, data: dict[str, Any]) -> dict[str, Any]:
    """Bring what a record is changed to into the form it is kept in."""
    from cadence.leads.record import normalise

    if not data:
        raise UsageError("lead.updated changes nothing", help="say what changed, such as --data zip=64110")
    if "id" in data:
        raise UsageError("the id of a lead cannot change", help="leave it out")
    known = {name: state.record[name] for name in ("phone", "email") if state.record.get(name)}
    written = {**known, "name": state.lead, **data} if "name" not in data and not known else {**known, **data}
    changed = normalise(written, tuple(settings.workspace.lead_fields)).attributes
    meant = {*data, *(("first_name", "last_name") if "name" in data else ())}
    if empty := [field for field in data if field not in changed]:
        raise UsageError(f"--data {empty[0]}: there is nothing in it", help="write the value behind the =")
    return {field: value for field, value in changed.items() if field in meant}


def _refuse_incomplete(state: LeadState, book: Book, fact: Event) -> None:
    """Refuse a fact that a stage cannot be entered with, such as no decision without a follow-up date."""
    from cadence.playbook.words import EVENTS

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


def _refuse_unclear_job(state: LeadState, book: Book, fact: Event) -> None:
    """Refuse a job that the lead has not, and a fact that would move or stop several jobs at once."""
    from cadence.playbook.diagnostics import did_you_mean
    from cadence.playbook.words import EVENTS

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
    return bool(plan and fact.type in plan.playbook.stop_on) or bool(stage and fact.type in stage.next)


def _say(decision: Decision, book: Book, as_json: bool) -> None:
    from cadence.cli.words import consequences

    if as_json:
        print_json({"lead": decision.state.lead, "consequences": list(consequences(decision, book))})
        return
    for line in consequences(decision, book):
        click.echo(line)
