"""``cadence report``: the numbers of a shop, counted from the log."""

from __future__ import annotations

import click

from cadence.cli.options import json_option, now_option
from cadence.cli.report_experiments import experiments
from cadence.cli.report_tools import duration, html_option, opened, playbook_option, said, since_option, tell

__all__ = ["command"]


@click.group("report", short_help="the numbers of the shop")
def command() -> None:
    """Count what happened: the weekly numbers, the stages, why leads were lost, what is not locked, what was tried.

    Every number is counted from the log, by the time at which things happened, however late they were recorded.
    Nothing is changed.
    """


@command.command("weekly")
@click.option("--weeks", type=click.IntRange(1, 53), default=4, show_default=True, help="How many, this one included.")
@playbook_option
@now_option
@html_option
@json_option
@click.pass_context
def weekly(
    ctx: click.Context, weeks: int, playbook: str, pretended_now: str | None, html: str | None, as_json: bool
) -> None:
    """Show the three weekly numbers, the last weeks beside each other.

    Speed to first response; the share of estimates with a logged follow-up within 48 hours; estimates that are open
    for more than 7 days.
    """
    from cadence.reports.weekly_page import weekly_data, weekly_page
    from cadence.reports.weekly_read import read_weekly

    with opened(ctx, pretended_now, playbook) as (settings, now, session):
        found = read_weekly(session, settings.account, now, settings.timezone, weeks=weeks, playbook=playbook)
    about = {"playbook": playbook, "timezone": settings.timezone}
    tell(
        lambda: weekly_page(found, business=settings.workspace.business.name, **about),
        lambda: weekly_data(found, account=settings.account, now=now, **about),
        html=html,
        as_json=as_json,
    )


@command.command("stages")
@since_option("90d")
@now_option
@html_option
@json_option
@click.pass_context
def stages(ctx: click.Context, since: str, pretended_now: str | None, html: str | None, as_json: bool) -> None:
    """Show, stage by stage, who came in, where they went, how long it took, what leaked; and what leads came to.

    --json has every number: volume by source, qualification, contact, engagement, sequences, win rates, revenue.
    """
    from cadence.reports.stages_page import stages_data, stages_page
    from cadence.reports.stages_read import read_stages

    period = duration(since)
    with opened(ctx, pretended_now) as (settings, now, session):
        found = read_stages(session, settings.account, now, period)
    tell(
        lambda: stages_page(found, business=settings.workspace.business.name, period=said(period)),
        lambda: stages_data(found, account=settings.account, now=now, since=period),
        html=html,
        as_json=as_json,
    )


@command.command("reasons")
@since_option("90d")
@now_option
@html_option
@json_option
@click.pass_context
def reasons(ctx: click.Context, since: str, pretended_now: str | None, html: str | None, as_json: bool) -> None:
    """Show why leads were lost or turned away, by source and stage, against the period of that length before.

    Counts what colleagues wrote as reason when they recorded lead.lost, lead.disqualified or not_interested, and the
    leads that ended as lost by themselves, such as by silence. What grows tells what to ask leads first.
    """
    from cadence.reports.reasons import read_reasons
    from cadence.reports.reasons_page import reasons_data, reasons_page

    period = duration(since)
    with opened(ctx, pretended_now) as (settings, now, session):
        found = read_reasons(session, settings.account, now, period)
    tell(
        lambda: reasons_page(found, business=settings.workspace.business.name, period=said(period)),
        lambda: reasons_data(found, account=settings.account, now=now, since=period),
        html=html,
        as_json=as_json,
    )


@command.command("unlocked")
@since_option("30d")
@now_option
@html_option
@json_option
@click.pass_context
def unlocked(ctx: click.Context, since: str, pretended_now: str | None, html: str | None, as_json: bool) -> None:
    """Show the leads that came in and have no locked next step now: whose they are, which leak, what comes next.

    A next step is locked by what the stage's `lock:` names: an appointment confirmed, a contract signed, a callback
    agreed. Those past the time to lock it come first.
    """
    from cadence.reports.unlocked import read_unlocked
    from cadence.reports.unlocked_page import unlocked_data, unlocked_page

    period = duration(since)
    with opened(ctx, pretended_now) as (settings, now, session):
        found = read_unlocked(session, settings.account, now, period)
    workspace = settings.workspace
    tell(
        lambda: unlocked_page(
            found,
            business=workspace.business.name,
            period=said(period),
            timezone=settings.timezone,
            names={member.id: member.name for member in workspace.team},
        ),
        lambda: unlocked_data(found, account=settings.account, now=now, since=period),
        html=html,
        as_json=as_json,
    )


command.add_command(experiments)
