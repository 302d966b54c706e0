"""``cadence leads handoff``: the note for whoever takes a lead over, drafted from its history."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from cadence.cli.acting import Acting, act_options, acting, clean, job_option
from cadence.cli.options import print_json
from cadence.errors import Refused, UsageError

if TYPE_CHECKING:
    from cadence.engine.state import EnrolmentState, LeadState
    from cadence.leads.handoff import Handoff

__all__ = ["handoff"]


@click.command("handoff")
@click.argument("lead", metavar="LEAD")
@click.option("--to", default="", metavar="MEMBER", help="Who takes the lead over.")
@click.option("--wants", default="", help="What they want.")
@click.option("--said", default="", help="What was said.")
@click.option("--missing", default="", help="What is missing.")
@click.option("--next", "following", default="", help="What comes next.")
@click.option("--who", "whose", default="", metavar="MEMBER", help="Who acts next.")
@click.option("--check-back", default="", metavar="WHEN", help="When to check back: 2026-12-01, tomorrow, friday 9:00.")
@click.option("--edit", is_flag=True, help="Open the draft in an editor, and record it as saved.")
@job_option
@act_options
@click.pass_context
def handoff(
    ctx: click.Context,
    /,
    lead: str,
    to: str,
    wants: str,
    said: str,
    missing: str,
    following: str,
    whose: str,
    check_back: str,
    edit: bool,
    job: str,
    **who: Any,
) -> None:
    """Write the hand-off note of LEAD; without options, print the draft made from its history.

    What an option does not say is taken from the draft. --to gives the lead to that colleague, too.
    """
    texts = {"wants": wants, "said": said, "missing": missing, "next": following}
    if not any((to, whose, check_back, edit, *texts.values())):
        _print_draft(ctx, lead, job, who)
        return
    given = {name: clean(text, f"--{name}") for name, text in texts.items() if text}
    if edit:
        given |= _edited(ctx, lead, job, who, given)
    with acting(ctx, job=job, **who) as act:
        state = act.lead(lead)
        owner = act.member(to, "--to")
        said_who, said_when = act.member(whose, "--who") or owner, act.when(check_back, "--check-back")
        note = replace(
            _draft(act, state),
            **given,
            **({"who": said_who} if said_who else {}),
            **({"check_back": said_when} if said_when else {}),
        )
        facts = [act.fact(state, "handoff.noted", **note.data())]
        if owner and any(each.owner != owner for each in act.jobs(state)):
            facts.append(act.fact(state, "owner.assigned", owner=owner, reason="hand-off"))
        decisions = act.record(state, facts)
        lines = _lines(act, note)
    if owner:
        lines = [
            *lines,
            f"{lead} is {act.name(owner)}'s now" if len(facts) > 1 else f"{lead} is {act.name(owner)}'s already",
        ]
    act.say(lead, decisions, lines, handoff=note.data())


def _print_draft(ctx: click.Context, lead: str, job: str, who: dict[str, Any]) -> None:
    with acting(ctx, job=job, look=True, **who) as act:
        state = act.lead(lead, running=False)
        note = _draft(act, state)
        lines = _lines(act, note)
    if act.as_json:
        print_json({"lead": lead, "draft": {**note.data(), "history": note.history, "talk_track": note.track}})
        return
    click.echo("draft, not recorded: --edit, or an option, records it", err=True)
    for line in lines:
        click.echo(line)


def _draft(act: Acting, state: LeadState) -> Handoff:
    from cadence.leads.handoff import draft
    from cadence.runner.closed import still_told
    from cadence.store import events

    log = events.of_leads(act.session, act.account, [state.lead])[state.lead]
    return draft(act.book, state, _job(act, state), still_told(log), act.now)


def _job(act: Acting, state: LeadState) -> EnrolmentState:
    """Return the one job that the note is about."""
    about = act.jobs(state) or list(state.enrolments.values())[-1:]
    if not about:
        raise Refused(f"no playbook has taken {state.lead}: there is nothing to hand off")
    if len(about) > 1:
        jobs = ", ".join(each.job or "-" for each in about)
        raise Refused(f"{state.lead} has {len(about)} jobs: {jobs}", help="say which with --job")
    return about[0]


def _lines(act: Acting, note: Handoff) -> list[str]:
    from cadence.reports.card_text import handoff_lines

    return handoff_lines(note, act.book, act.settings.timezone)


def _edited(ctx: click.Context, lead: str, job: str, who: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
    """Have the draft edited, while nothing is locked; UsageError when it was left without saving."""
    from cadence.leads.handoff import PARTS

    with acting(ctx, job=job, look=True, **who) as act:
        note = replace(_draft(act, act.lead(lead)), **given)
    texts = {**note.data(), "check_back": _typed(act, note.check_back)}
    saved = click.edit("".join(f"{head}: {texts.get(name, '')}\n" for name, head in PARTS.items()), extension=".txt")
    if saved is None:
        raise UsageError(
            "the note was not saved, so nothing was recorded", help="save it in the editor, even unchanged"
        )
    parts = {name: clean(text, PARTS[name]) if text else "" for name, text in _parts(saved).items()}
    parts["who"] = act.member(parts["who"], PARTS["who"])
    parts["check_back"] = act.when(parts["check_back"], PARTS["check_back"])
    return parts


def _parts(saved: str) -> dict[str, str]:
    """Read an edited note; a line that begins with no heading goes on with the part above it."""
    from cadence.leads.handoff import PARTS

    heads = {head.casefold(): name for name, head in PARTS.items()}
    parts, name = dict.fromkeys(PARTS, ""), ""
    for line in saved.splitlines():
        head, colon, text = line.partition(":")
        if colon and head.strip().casefold() in heads:
            name = heads[head.strip().casefold()]
            parts[name] = text.strip()
        elif line.strip() and not name:
            headings = ", ".join(PARTS.values())
            raise UsageError(f"{line.strip()[:40]!r} stands under no heading", help=f"headings: {headings}")
        elif line.strip():
            parts[name] = f"{parts[name]} {line.strip()}".strip()
    return parts


def _typed(act: Acting, moment: str) -> str:
    """Write an instant of the log as one types it, on the shop's clock; what has gone by is left out."""
    from cadence.engine.events import parse_instant

    if not moment.endswith("Z"):
        return moment
    at = parse_instant(moment)
    return f"{at.astimezone(act.zone):%Y-%m-%dT%H:%M}" if at > act.now else ""
