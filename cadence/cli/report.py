"""``cadence report``: the numbers of a shop, counted from the log."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cadence.cli.options import json_option, now_option, present, print_json, workspace_root
from cadence.errors import CadenceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta

    from cadence.reports.page import Page
    from cadence.runner.settings import Settings
    from cadence.store.session import Session

__all__ = ["command"]

_Command = TypeVar("_Command", bound="Callable[..., Any]")

_html_option = click.option(
    "--html", "html", type=click.Path(dir_okay=False), metavar="FILE", help="Write a page to print or to send on."
)
_playbook_option = click.option("--playbook", default="", metavar="NAME", help="Only leads in this playbook.")


def _since_option(default: str) -> Callable[[_Command], _Command]:
    return click.option(
        "--since", default=default, show_default=True, metavar="DURATION", help="How far back the period begins."
    )


@click.group("report", short_help="the numbers of the shop")
def command() -> None:
    """Count what happened: the weekly numbers, the stages, why leads were lost, and what is not locked.

    Every number is counted from the log, by the time at which things happened, however late they were recorded.
    Nothing is changed.
    """


@command.command("weekly")
@click.option("--weeks", type=click.IntRange(1, 53), default=4, show_default=True, help="How many, this one included.")
@_playbook_option
@now_option
@_html_option
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

    with _opened(ctx, pretended_now, playbook) as (settings, now, session):
        found = read_weekly(session, settings.account, now, settings.timezone, weeks=weeks, playbook=playbook)
    about = {"playbook": playbook, "timezone": settings.timezone}
    _tell(
        lambda: weekly_page(found, business=settings.workspace.business.name, **about),
        lambda: weekly_data(found, account=settings.account, now=now, **about),
        html=html,
        as_json=as_json,
    )


@command.command("stages")
@_since_option("90d")
@now_option
@_html_option
@json_option
@click.pass_context
def stages(ctx: click.Context, since: str, pretended_now: str | None, html: str | None, as_json: bool) -> None:
    """Show, stage by stage, who came in, where they went, how long it took, what leaked; and what leads came to.

    --json has every number: volume by source, qualification, contact, engagement, sequences, win rates, revenue.
    """
    from cadence.reports.stages_page import stages_data, stages_page
    from cadence.reports.stages_read import read_stages

    period = _duration(since)
    with _opened(ctx, pretended_now) as (settings, now, session):
        found = read_stages(session, settings.account, now, period)
    _tell(
        lambda: stages_page(found, business=settings.workspace.business.name, period=_said(period)),
        lambda: stages_data(found, account=settings.account, now=now, since=period),
        html=html,
        as_json=as_json,
    )


@command.command("reasons")
@_since_option("90d")
@now_option
@_html_option
@json_option
@click.pass_context
def reasons(ctx: click.Context, since: str, pretended_now: str | None, html: str | None, as_json: bool) -> None:
    """Show why leads were lost or turned away, by source and stage, against the period of that length before.

    Counts what colleagues wrote as reason when they recorded lead.lost, lead.disqualified or not_interested, and the
    leads that ended as lost by themselves, such as by silence. What grows tells what to ask leads first.
    """
    from cadence.reports.reasons import read_reasons
    from cadence.reports.reasons_page import reasons_data, reasons_page

    period = _duration(since)
    with _opened(ctx, pretended_now) as (settings, now, session):
        found = read_reasons(session, settings.account, now, period)
    _tell(
        lambda: reasons_page(found, business=settings.workspace.business.name, period=_said(period)),
        lambda: reasons_data(found, account=settings.account, now=now, since=period),
        html=html,
        as_json=as_json,
    )


@command.command("unlocked")
@_since_option("30d")
@now_option
@_html_option
@json_option
@click.pass_context
def unlocked(ctx: click.Context, since: str, pretended_now: str | None, html: str | None, as_json: bool) -> None:
    """Show the leads that came in and have no locked next step now: whose they are, which leak, what comes next.

    A next step is locked by what the stage's `lock:` names: an appointment confirmed, a contract signed, a callback
    agreed. Those past the time to lock it come first.
    """
    from cadence.reports.unlocked import read_unlocked
    from cadence.reports.unlocked_page import unlocked_data, unlocked_page

    period = _duration(since)
    with _opened(ctx, pretended_now) as (settings, now, session):
        found = read_unlocked(session, settings.account, now, period)
    workspace = settings.workspace
    _tell(
        lambda: unlocked_page(
            found,
            business=workspace.business.name,
            period=_said(period),
            timezone=settings.timezone,
            names={member.id: member.name for member in workspace.team},
        ),
        lambda: unlocked_data(found, account=settings.account, now=now, since=period),
        html=html,
        as_json=as_json,
    )


@contextmanager
def _opened(
    ctx: click.Context, pretended_now: str | None, playbook: str = ""
) -> Iterator[tuple[Settings, datetime, Session | None]]:
    """Open the database to read in, when there is one; UsageError for a playbook that was never published."""
    from cadence.runner.account import open_account
    from cadence.runner.places import has_store
    from cadence.runner.settings import read_settings

    root = workspace_root(ctx)
    settings = read_settings(root)
    now = present(pretended_now, settings.mode, settings.timezone)
    if not has_store(root):
        yield settings, now, None
        return
    gc.disable()  # what is read is kept to the end: the collector would go over it again and again, and find nothing
    try:
        with open_account(root, settings.account, settings.mode) as account, account.store.read() as session:
            _refuse_unknown(session, settings.account, playbook)
            yield settings, now, session
    finally:
        gc.enable()


def _duration(text: str) -> timedelta:
    from cadence.timing.durations import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--since: {error}") from None


def _said(period: timedelta) -> str:
    """Say how long a period is."""
    from cadence.reports.status_problems import length

    return length(period)


def _refuse_unknown(session: Session, account: str, playbook: str) -> None:
    from cadence.playbook.diagnostics import did_you_mean
    from cadence.store import versions

    known = dict.fromkeys(row.playbook for row in versions.history(session, account))
    if playbook and playbook not in known:
        raise UsageError(
            f"there is no playbook {playbook!r}",
            help=did_you_mean(playbook, known)
            or (f"there are: {', '.join(known)}" if known else "none was published yet"),
        )


def _tell(page: Callable[[], Page], data: Callable[[], Any], *, html: str | None, as_json: bool) -> None:
    """Write the page into a file, print the data, or, when neither is asked for, print the page."""
    if html is not None:
        _write(Path(html), page())
    if as_json:
        print_json(data())
    elif html is None:
        from cadence.reports.page_text import page_lines

        for line in page_lines(page()):
            click.echo(line)


def _write(path: Path, page: Page) -> None:
    from cadence.reports.page_html import render_page

    try:
        path.write_text(render_page(page), encoding="utf-8")
    except OSError as error:
        raise CadenceError(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"wrote {path}", err=True)
