"""``cadence report experiments``: two ways at once, and what the test says."""

from __future__ import annotations

import click

from cadence.cli.options import json_option, now_option
from cadence.cli.report_tools import duration, html_option, opened, playbook_option, tell

__all__ = ["experiments"]


@click.command("experiments")
@playbook_option
@click.option("--since", default="", metavar="DURATION", help="Only leads drawn so long ago or later; else all.")
@click.option(
    "--within", default="30d", show_default=True, metavar="DURATION", help="How long a lead has to lock a next step."
)
@click.option(
    "--points",
    type=click.IntRange(1, 50),
    default=10,
    show_default=True,
    help="The difference worth finding, in points of a hundred.",
)
@now_option
@html_option
@json_option
@click.pass_context
def experiments(
    ctx: click.Context,
    playbook: str,
    since: str,
    within: str,
    points: int,
    pretended_now: str | None,
    html: str | None,
    as_json: bool,
) -> None:
    """Show the tests on the pages in force: what each variant came to, and whether that says anything yet.

    Counted are locked next steps; too many opt-outs stop a variant; replies pick no winner. "Not enough data" is the
    usual answer for months. The test may be looked at every day: that does not make a mistake likelier.
    """
    from cadence.reports.experiments_page import experiments_data, experiments_page
    from cadence.reports.experiments_read import read_experiments

    time, period = duration(within, option="--within"), duration(since) if since else None
    with opened(ctx, pretended_now, playbook) as (settings, now, session):
        found = read_experiments(
            session,
            settings.account,
            now,
            within=time,
            gain=points / 100,
            playbook=playbook,
            since=now - period if period else None,
        )
    tell(
        lambda: experiments_page(
            found, business=settings.workspace.business.name, within=time, timezone=settings.timezone
        ),
        lambda: experiments_data(found, account=settings.account, now=now, within=time),
        html=html,
        as_json=as_json,
    )
