"""``cadence report``: the numbers of a shop, counted from the log."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cadence.cli.options import json_option, now_option, present, print_json, workspace_root
from cadence.errors import CadenceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta

    from cadence.reports.page import Page
    from cadence.runner.settings import Settings
    from cadence.store.session import Session

__all__ = ["command"]

_html_option = click.option(
    "--html", "html", type=click.Path(dir_okay=False), metavar="FILE", help="Write a page to print or to send on."
)
_playbook_option = click.option("--playbook", default="", metavar="NAME", help="Only leads in this playbook.")


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
    with open_account(root, settings.account, settings.mode) as account, account.store.read() as session:
        _refuse_unknown(session, settings.account, playbook)
        yield settings, now, session


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
