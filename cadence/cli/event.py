"""``cadence event``: record what happened to a lead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from cadence.cli.at_work import at_work, when_it_happened
from cadence.cli.facts import about_job, read_data, refuse_incomplete, refuse_unclear_job, result_and_event
from cadence.cli.options import INSTANT, json_option, now_option, print_json
from cadence.errors import Refused, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.decision import Decision
    from cadence.engine.events import Event
    from cadence.engine.state import LeadState
    from cadence.runner.settings import Settings

__all__ = ["command"]


@click.command("event", short_help="record what happened to a lead")
@click.argument("lead", metavar="LEAD")
@click.argument("kind", metavar="TYPE")
@click.option("--at", "happened", metavar=INSTANT, help="When it happened; default: now.")
@click.option(
    "--data", "pairs", multiple=True, metavar="KEY=VALUE", help="What it carries, such as amount=8400. Repeatable."
)
@click.option("--job", default="", help="Which job it concerns, when the lead has several.")
@click.option(
    "--let-it-wait", is_flag=True, help="Record it even if the lead cannot move on yet: the move waits, as a gap."
)
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
    let_it_wait: bool,
    pretended_now: str | None,
    as_json: bool,
) -> None:
    """Record a fact about LEAD: a reply, a booking, an estimate sent, no decision.

    TYPE is one of the event types, such as reply, appointment.booked, estimate.sent, no_decision, contract.signed,
    lead.won; `cadence docs events` lists them. What must stop stops at once, and the lead moves on where the playbook
    says so. A move that lacks what the stages require is refused; --let-it-wait records it all the same, and the lead
    moves once the rest is known.
    """
    from cadence.runner.acts import is_act, new_key, record_act
    from cadence.runner.record import state_of
    from cadence.store import leads

    with at_work(ctx, pretended_now) as work:
        settings, session, book = work.settings, work.session, work.book
        at = when_it_happened(happened, work)
        _check(settings, kind)
        leads.lock(session, work.account, [lead])
        state = state_of(session, work.account, lead)
        fact = _fact(settings, state, kind, at, work.now, read_data(settings, kind, pairs), job)
        refuse_incomplete(state, book, fact)
        refuse_unclear_job(state, book, fact)
        facts = _with_its_result(book, state, fact)
        for each in facts[1:]:
            refuse_unclear_job(state, book, each)
        key = new_key() if is_act(kind) else ""
        decisions = record_act(session, work.account, book, lead, facts, key, strict=not let_it_wait)
    _say(decisions, book, as_json)


def _check(settings: Settings, kind: str) -> None:
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
    if kind == "act.undone":
        raise UsageError("an act is taken back by name", help="`cadence leads undo LEAD`")


def _fact(
    settings: Settings, state: LeadState, kind: str, at: datetime, now: datetime, data: dict[str, Any], job: str
) -> Event:
    from cadence.engine.events import Event
    from cadence.playbook.words import EVENTS, Actor

    actor = EVENTS[kind].actor if kind in EVENTS else Actor.COLLEAGUE
    if kind == "lead.updated":
        data = {"lead": _changes(settings, state, data)}
    enrolment, job = about_job(state, job)
    return Event(type=kind, at=at, recorded_at=now, enrolment=enrolment, job=job, actor=actor.value, data=data)


def _with_its_result(book: Book, state: LeadState, fact: Event) -> list[Event]:
    """Return a call or visit with the event that its result stands for; any other fact by itself."""
    data, event = result_and_event(book, state, fact)
    first = replace(fact, data=data)
    if not event:
        return [first]
    second = replace(fact, type=event, data={})
    try:
        refuse_incomplete(state, book, second)
    except Refused as error:
        word = fact.type.partition(".")[0]
        raise Refused(
            error.message, help=f"`cadence leads log {word} {state.lead} --result ...` takes it along"
        ) from None
    return [first, second]


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


def _say(decisions: list[Decision], book: Book, as_json: bool) -> None:
    from cadence.cli.words import all_consequences

    lines = list(all_consequences(decisions, book))
    if as_json:
        print_json({"lead": decisions[-1].state.lead, "consequences": lines})
        return
    for line in lines:
        click.echo(line)
