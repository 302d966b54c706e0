"""Commands of ``cadence leads`` by which a colleague acts: each is a fact, and each can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cadence.cli.acting import Acting, act_options, acting, clean, job_option
from cadence.errors import Refused, UsageError

if TYPE_CHECKING:
    from cadence.engine.decision import Decision
    from cadence.engine.state import LeadState
    from cadence.store.tasks import TaskRow

__all__ = ["COMMANDS"]

WHEN = "WHEN"


@click.command("assign")
@click.argument("leads", nargs=-1, required=True, metavar="LEAD...")
@click.option("--to", required=True, metavar="MEMBER", help="Who gets it, by id or full name.")
@click.option("--reason", default="", help="Why.")
@job_option
@act_options
@click.pass_context
def assign(ctx: click.Context, /, leads: tuple[str, ...], to: str, reason: str, job: str, **who: Any) -> None:
    """Give leads to a colleague, with what their owner had to do; the colleague is told.

    Several at once: all of them, or none when one cannot be given. One that is theirs already stays as it is.
    """
    told: list[tuple[str, list[Decision]]] = []
    with acting(ctx, job=job, **who) as act:
        owner = act.member(to, "--to", needed=True)
        why = clean(reason, "--reason") if reason else ""
        act.hold(leads)
        for lead in dict.fromkeys(leads):
            state = act.lead(lead)
            theirs = all(each.owner == owner for each in act.jobs(state))
            fact = act.fact(state, "owner.assigned", owner=owner, reason=why)
            told.append((lead, [] if theirs else act.record(state, [fact])))
        name = act.name(owner)
        if act.away(owner):
            click.echo(f"note: {name} is away: until then the next tick gives it to somebody who is there", err=True)
    for lead, decisions in told:
        act.say(lead, decisions, [f"{lead} is {name}'s now" if decisions else f"{lead} is {name}'s already"])


@click.command("next")
@click.argument("lead", metavar="LEAD")
@click.argument("what", metavar="WHAT")
@click.option("--due", default="", metavar=WHEN, help="By when: 2026-12-01, 2026-12-01T09:00, tomorrow, friday 9:00.")
@click.option("--who", "whose", default="", metavar="MEMBER", help="Who does it; default: whoever owns the lead.")
@job_option
@act_options
@click.pass_context
def next_(ctx: click.Context, /, lead: str, what: str, due: str, whose: str, job: str, **who: Any) -> None:
    """Say what comes next for LEAD: "send the financing sheet". Without --due it goes on the gap list."""
    with acting(ctx, job=job, **who) as act:
        state = act.lead(lead)
        act.jobs(state)
        fact = act.fact(
            state,
            "next.set",
            action=clean(what, "WHAT"),
            due=act.when(due, "--due"),
            who=act.member(whose, "--who"),
        )
        decisions = act.record(state, [fact])
    act.say(lead, decisions)


@click.command("note")
@click.argument("lead", metavar="LEAD")
@click.argument("text", metavar="TEXT")
@job_option
@act_options
@click.pass_context
def note(ctx: click.Context, /, lead: str, text: str, job: str, **who: Any) -> None:
    """Write a note on LEAD; one that is closed takes notes, too."""
    with acting(ctx, job=job, **who) as act:
        state = act.lead(lead, running=False)
        decisions = act.record(state, [act.fact(state, "note.added", text=clean(text, "TEXT"))])
    act.say(lead, decisions, ["noted"])


@click.command("done")
@click.argument("what", metavar="TASK|LEAD")
@click.option("--result", default="", help="What came of it.")
@click.option("--note", "text", default="", help="What the next person should know.")
@click.option("--next", "following", default="", metavar="WHAT", help="What comes next.")
@click.option("--due", default="", metavar=WHEN, help="By when --next is to be done.")
@job_option
@act_options
@click.pass_context
def done(
    ctx: click.Context, /, what: str, result: str, text: str, following: str, due: str, job: str, **who: Any
) -> None:
    """Take a next step off the list: TASK as `leads show` names it, or LEAD when it has only one open."""
    if due and not following:
        raise UsageError("--due is about --next", help="say what comes next, too")
    with acting(ctx, job=job, **who) as act:
        state, task = _task(act, what)
        facts = [
            act.fact(
                state,
                "task.done",
                task=task.task,
                result=_result_of_step(act, state, task, result),
                note=clean(text, "--note") if text else "",
            )
        ]
        if following:
            step = {"action": clean(following, "--next"), "due": act.when(due, "--due")}
            facts.append(act.fact(state, "next.set", **step))
        decisions = act.record(state, facts)
    act.say(state.lead, decisions, [f"done: {task.title}"], task=task.task)
    if _is_call(state, task):
        click.echo(f"note: a call counts once it is logged: `cadence leads log call {state.lead}`", err=True)


def _task(act: Acting, what: str) -> tuple[LeadState, TaskRow]:
    """Find the open next step that is meant, by its own name or by its lead's when that has only one."""
    from cadence.runner.closed import how_closed
    from cadence.store import events, leads, tasks

    known = tasks.get(act.session, act.account, what)
    if known is not None:
        state = act.lead(known.lead, running=known.done_at is None)
        known = tasks.get(act.session, act.account, what) or known
        if known.done_at is not None:
            log = events.of_leads(act.session, act.account, [known.lead])[known.lead]
            raise Refused(f"{known.title!r}: {how_closed(log, act.book, what)}")
        return state, known
    if "/" in what and leads.get(act.session, act.account, what) is None:
        raise Refused(f"there is no next step {what!r}", help="`cadence leads show LEAD` names them in brackets")
    state = act.lead(what)
    about = {each.id for each in act.jobs(state)}
    rows = tasks.listing(act.session, act.account, tasks.TaskFilter(lead=state.lead, open=True), limit=1000)
    found = [row for row in rows if row.enrolment in about]
    if len(found) == 1:
        return state, found[0]
    if not found:
        raise Refused(f"{state.lead} has no open next step", help="`cadence leads next` sets one")
    names = "; ".join(f"{row.title} [{row.task}]" for row in found)
    raise Refused(f"{state.lead} has {len(found)} open next steps", help=f"say which is done: {names}")


def _is_call(state: LeadState, task: TaskRow) -> bool:
    return any(
        task.task == enrolment.touch_key(name) and touch.channel == "call"
        for enrolment in state.enrolments.values()
        for name, touch in enrolment.visit.touches.items()
    )


def _result_of_step(act: Acting, state: LeadState, task: TaskRow, result: str) -> str:
    """Return what came of a step; of a call, one of the page's words."""
    from cadence.leads.results import result_of

    if not result:
        return ""
    said = clean(result, "--result")
    if not _is_call(state, task):
        return said
    enrolment = state.enrolments[task.enrolment]
    plan = act.book.plan(enrolment.playbook, enrolment.digest)
    word, event = result_of([plan] if plan else [], "call", said)
    if event:
        raise Refused(
            f"{word!r} stands for {event}, so the call must be logged",
            help=f"`cadence leads log call {state.lead} --result {word!r}` does both",
        )
    return word


@click.command("snooze")
@click.argument("lead", metavar="LEAD", required=False, default="")
@click.option("--until", required=True, metavar=WHEN, help="Until when: 2026-12-01, next week, friday 9:00.")
@click.option("--task", default="", metavar="TASK", help="Put off this next step of ours; the lead's messages go on.")
@click.option("--text", default="", help="What the lead said.")
@job_option
@act_options
@click.pass_context
def snooze(ctx: click.Context, /, lead: str, until: str, task: str, text: str, job: str, **who: Any) -> None:
    """Leave LEAD alone until then, as it asked; its owner gets a next step that day. With --task: put a step off."""
    if not lead and not task:
        raise UsageError("nobody is named", help="name the lead, or a next step with --task")
    with acting(ctx, job=job, **who) as act:
        if task:
            state, row = _task(act, task)
            if lead and lead != state.lead:
                raise UsageError(f"{task!r} is a next step of {state.lead}", help="leave the lead out")
            fact = act.fact(state, "task.postponed", task=row.task, until=act.when(until, "--until"))
        else:
            state = act.lead(lead)
            said = clean(text, "--text") if text else ""
            fact = act.fact(state, "snooze", until=act.when(until, "--until", ours=False), text=said)
        decisions = act.record(state, [fact])
    act.say(state.lead, decisions)


@click.command("won")
@click.argument("lead", metavar="LEAD")
@click.option("--value", default="", metavar="DOLLARS", help="What the job is worth.")
@job_option
@act_options
@click.pass_context
def won(ctx: click.Context, /, lead: str, value: str, job: str, **who: Any) -> None:
    """Close LEAD: the job is ours."""
    from cadence.leads.fields import value_in_dollars

    worth = ""
    if value:
        try:
            worth = str(value_in_dollars(value)[0])
        except ValueError as error:
            raise UsageError(f"--value {error}", help="write it like 8400") from None
    with acting(ctx, job=job, **who) as act:
        state = act.lead(lead)
        act.jobs(state)
        decisions = act.record(state, [act.fact(state, "lead.won", value=worth)])
    act.say(lead, decisions)


@click.command("lost")
@click.argument("lead", metavar="LEAD")
@click.option("--reason", required=True, help="Why: price, no answer, went elsewhere.")
@job_option
@act_options
@click.pass_context
def lost(ctx: click.Context, /, lead: str, reason: str, job: str, **who: Any) -> None:
    """Close LEAD: the job is not to be had. The reason is asked for, because lost leads are compared by it."""
    with acting(ctx, job=job, **who) as act:
        state = act.lead(lead)
        act.jobs(state)
        decisions = act.record(state, [act.fact(state, "lead.lost", reason=clean(reason, "--reason"))])
    act.say(lead, decisions)


@click.command("undo")
@click.argument("lead", metavar="LEAD")
@click.argument("key", metavar="KEY", required=False, default="")
@act_options
@click.pass_context
def undo(ctx: click.Context, /, lead: str, key: str, **who: Any) -> None:
    """Take back what was recorded on LEAD: the last act, or the one called KEY in `leads show`.

    A lead that moved by it stands again where it stood, a step that was done is open again. What stopped stays
    stopped, and nothing that was sent can be taken back.
    """
    from cadence.runner.acts import undo as take_back
    from cadence.runner.closed import title_of

    with acting(ctx, **who) as act:
        state = act.lead(lead, running=False)
        taken, decisions = take_back(
            act.session,
            act.account,
            act.book,
            state.lead,
            key,
            by=act.by,
            at=act.at,
            now=act.now,
            mark=act.key.replace("act", "undo"),
        )
    what = "; ".join(title_of(fact.type) for fact in taken.facts)
    act.say(lead, decisions, [f"taken back: {what} [{taken.key}]"], undone=taken.key)


COMMANDS = (assign, next_, note, done, snooze, won, lost, undo)
