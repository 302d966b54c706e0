"""``cadence explain``: how a lead came to its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cadence.cli.options import json_option, opened_account, print_json
from cadence.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["command"]


@click.command("explain", short_help="say how a lead came to its owner")
@click.argument("lead", metavar="LEAD")
@click.option("--owner", is_flag=True, help="Who owns each job, since when, and how they were chosen.")
@json_option
@click.pass_context
def command(ctx: click.Context, lead: str, owner: bool, as_json: bool) -> None:
    """Say how LEAD came to its owner.

    Of each job: who has had it, since when, and how that was decided: which line of the page, who was there, whose
    turn it was or who had the fewest leads, a promise that was missed, a colleague's word.
    """
    if not owner:
        raise UsageError(
            "nothing is asked", help="`cadence explain LEAD --owner`; of touches, `cadence dry-run --lead`"
        )
    from cadence.reports.owner_history import owner_history
    from cadence.runner.account import load_book

    with opened_account(ctx) as (settings, account), account.store.read() as session:
        jobs = owner_history(session, account.name, load_book(session, account.name), lead)
    if as_json:
        print_json({"lead": lead, "jobs": jobs})
        return
    for line in _lines(lead, jobs, settings.timezone):
        click.echo(line)


def _lines(lead: str, jobs: Iterable[Mapping[str, Any]], timezone: str) -> Iterable[str]:
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
