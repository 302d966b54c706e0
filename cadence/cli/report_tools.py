"""What the commands of ``cadence report`` share: how they open the database, and how a page leaves."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cadence.cli.options import present, print_json, workspace_root
from cadence.errors import CadenceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta

    from cadence.reports.page import Page
    from cadence.runner.settings import Settings
    from cadence.store.session import Session

__all__ = ["duration", "html_option", "opened", "playbook_option", "said", "since_option", "tell"]

_Command = TypeVar("_Command", bound="Callable[..., Any]")

html_option = click.option(
    "--html", "html", type=click.Path(dir_okay=False), metavar="FILE", help="Write a page to print or to send on."
)
playbook_option = click.option("--playbook", default="", metavar="NAME", help="Only leads in this playbook.")


def since_option(default: str) -> Callable[[_Command], _Command]:
    """Add ``--since``."""
    return click.option(
        "--since", default=default, show_default=True, metavar="DURATION", help="How far back the period begins."
    )


@contextmanager
def opened(
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


def duration(text: str, option: str = "--since") -> timedelta:
    """Read a length of time that an option gives; UsageError when it is none."""
    from cadence.timing.durations import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def said(period: timedelta) -> str:
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


def tell(page: Callable[[], Page], data: Callable[[], Any], *, html: str | None, as_json: bool) -> None:
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
