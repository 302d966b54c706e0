"""``cadence explain``: why a lead got a message, or did not, and why then; who owns it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from cadence.cli.options import INSTANT, at_instant, json_option, now_option, opened_account, present, print_json
from cadence.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["command"]


@click.command("explain", short_help="say why a lead got a message or did not, and who owns it")
@click.argument("lead", metavar="LEAD")
@click.argument("touch", metavar="[TOUCH]", required=False)
@click.option("--at", "asked_at", metavar=INSTANT, help="As things stood, or will stand, then; default: now.")
@click.option(
    "--days", metavar="N", type=click.IntRange(1, 400), default=30, help="How far to look ahead; default: 30."
)
@click.option("--owner", is_flag=True, help="Only who owns each job, since when, and how they were chosen.")
@now_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    lead: str,
    touch: str | None,
    asked_at: str | None,
    days: int,
    owner: bool,
    pretended_now: str | None,
    as_json: bool,
) -> None:
    """Say where LEAD stands and why, and what became or becomes of every message, call and task.

    With TOUCH, its id or stage.id, the whole chain of that one: what it counts from, how its time came about, window,
    limits, condition and what it saw, what stopped it, and what would have to change. It is worked out anew from the
    log and the version then in force, and compared with what was recorded. What is yet to come is told as if nobody
    spoke. Nothing is sent or written.
    """
    if owner and (touch or asked_at):
        raise UsageError("--owner tells the whole history of a lead's owners", help="leave out TOUCH and --at")
    with opened_account(ctx) as (settings, account), account.store.read() as session:
        now = present(pretended_now, settings.mode, settings.timezone)
        if owner:
            from cadence.reports.owner_history import owner_history
            from cadence.runner.account import load_book

            jobs = owner_history(session, account.name, load_book(session, account.name), lead)
            data: Mapping[str, Any] = {"lead": lead, "jobs": jobs}
            lines = _owners(lead, jobs, settings.timezone)
        else:
            from cadence.reports.explain_lead import explain_lead, explain_named_touch
            from cadence.reports.explain_story import read_story
            from cadence.reports.explain_text import lead_lines, touch_lines

            at = at_instant(asked_at, settings.timezone, option="--at") if asked_at else None
            story = read_story(session, account.name, lead, at, now, timedelta(days=days))
            data = explain_named_touch(story, touch) if touch else explain_lead(story)
            lines = (touch_lines if touch else lead_lines)(data, settings.timezone)
    if as_json:
        print_json(data)
        return
    for line in lines:
        click.echo(line)


def _owners(lead: str, jobs: Iterable[Mapping[str, Any]], timezone: str) -> Iterable[str]:
    from cadence.reports.card_text import local_time

    if not jobs:
        yield f"no playbook has taken {lead}: nobody owns it"
    for job in jobs:
        name = f"{job['playbook']}, {job['job']}" if job["job"] else job["playbook"]
        since = f" since {local_time(job['since'], timezone)}" if job["since"] else ""
        ended = f" (ended: {job['end']})" if job["end"] else ""
        yield f"{name}: {job['owner_name'] or 'nobody'}{since}{ended}"
        for step in job["history"]:
            act = f"  [{step['act']}]" if "act" in step else ""
            yield f"  {local_time(step['at'], timezone)}  {step['owner_name'] or 'nobody'}: {step['why']}{act}"
