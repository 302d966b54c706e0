"""``cadence leads log``: a call or a visit, and what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from cadence.cli.acting import Acting, act_options, acting, clean, job_option
from cadence.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.engine.events import Event
    from cadence.engine.state import LeadState

__all__ = ["log"]


@click.command("log")
@click.argument("kind", type=click.Choice(["call", "visit"]))
@click.argument("lead", metavar="LEAD")
@click.option(
    "--result", default="", metavar="WORD", help="What came of it: one of the words under results: on the page."
)
@click.option("--note", default="", help="What was said.")
@click.option(
    "--follow-up-due", default="", metavar="WHEN", help="When to follow up: 2026-12-01, tomorrow, friday 9:00."
)
@click.option("--data", "pairs", multiple=True, metavar="KEY=VALUE", help="What else the result carries: amount=8400.")
@job_option
@act_options
@click.pass_context
def log(
    ctx: click.Context,
    /,
    kind: str,
    lead: str,
    result: str,
    note: str,
    follow_up_due: str,
    pairs: tuple[str, ...],
    job: str,
    **who: Any,
) -> None:
    """Log a call with LEAD, or a visit, and what came of it.

    A result that stands for an event on the page (`no decision`) records that event, too, and asks for what it needs.
    With any other result --follow-up-due sets a next step. Open calls of the stage are done by a logged call.
    """
    with acting(ctx, job=job, **who) as act:
        state = act.lead(lead)
        act.jobs(state)
        facts = _facts(act, state, kind, result, note, follow_up_due, pairs)
        decisions = act.record(state, facts)
    act.say(lead, decisions, [f"{kind} logged: {facts[0].data['result']}" if result else f"{kind} logged"])


def _facts(
    act: Acting, state: LeadState, kind: str, result: str, note: str, follow_up_due: str, pairs: Sequence[str]
) -> list[Event]:
    from cadence.cli.facts import plans_about, result_and_event
    from cadence.leads.results import result_words

    said = clean(note, "--note") if note else ""
    fact = act.fact(state, f"{kind}.logged", result=clean(result, "--result") if result else "", note=said)
    words = result_words(plans_about(act.book, state, enrolment=fact.enrolment, job=fact.job), kind)
    if kind == "visit" and words and not result:
        raise Refused("a visit ends in exactly one of the words of the page", help=f"--result: {', '.join(words)}")
    data, event = result_and_event(act.book, state, fact)
    fact = replace(fact, data=data)
    due = act.when(follow_up_due, "--follow-up-due", ours=False)
    if event:
        return [fact, _event_of(act, state, event, said, due, pairs)]
    if pairs:
        raise UsageError("--data goes with a result that stands for an event", help="leave it out")
    if not due:
        return [fact]
    name = str(state.record.get("name") or state.lead)
    due = act.when(follow_up_due, "--follow-up-due")
    return [fact, act.fact(state, "next.set", action=f"Follow up with {name}", due=due)]


def _event_of(act: Acting, state: LeadState, event: str, note: str, due: str, pairs: Sequence[str]) -> Event:
    """Make the event that a result stands for, with all it needs."""
    from cadence.cli.facts import read_data, refuse_incomplete
    from cadence.playbook.words import EVENTS

    kind = EVENTS.get(event)
    data = read_data(act.settings, event, pairs)
    dated = kind is not None and "follow_up_due" in kind.moments
    if due and not dated:
        raise UsageError(
            f"{event} has no follow-up date", help="leave --follow-up-due out; `leads next` sets a next step"
        )
    if due:
        data["follow_up_due"] = due
    if note and kind and "note" in kind.fields:
        data.setdefault("note", note)
    fact = act.fact(state, event, **data)
    if dated and not due and not data.get("follow_up_due"):
        raise Refused(f"{event} cannot be recorded without a follow-up date", help="add --follow-up-due YYYY-MM-DD")
    refuse_incomplete(state, act.book, fact)
    return replace(fact, data={**fact.data, **({"by": act.by} if act.by else {})})
