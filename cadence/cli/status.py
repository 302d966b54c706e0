"""``cadence status``: how the ticks stand, and what needs a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cadence.cli.exits import Exit
from cadence.cli.options import json_option, now_option, present, print_json, workspace_root
from cadence.errors import UsageError

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from cadence.reports.status import Status
    from cadence.runner.settings import Settings

__all__ = ["command"]


@click.command("status", short_help="how the ticks stand, and what needs a person")
@click.option("--stale-after", metavar="DURATION", help="How old the last tick may be. Default: 15m.")
@click.option("--since", default="24h", show_default=True, metavar="DURATION", help="How far back failures count.")
@click.option("--ticks", type=click.IntRange(1, 100_000), help="Print so many rows of the tick log instead.")
@click.option("-q", "--quiet", is_flag=True, help="Print only what needs a person: nothing when all is well.")
@now_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    stale_after: str | None,
    since: str,
    ticks: int | None,
    quiet: bool,
    pretended_now: str | None,
    as_json: bool,
) -> None:
    """Say how the ticks stand: the last one, what is due, what is in doubt, what failed; and what needs a person.

    Ends with 1 when something needs a person, and says what to do about it: no tick for a while, leads that wait,
    messages that could not go or that may have gone, a tick stopped by the brake, edited files that are not in force,
    a database that this cadence cannot use. With --quiet it is a watchdog for cron or a timer.
    """
    from cadence.runner.settings import read_settings

    lately = _duration(since, "--since")
    oldest = None if stale_after is None else _duration(stale_after, "--stale-after")
    root = workspace_root(ctx)
    settings = read_settings(root)
    if ticks is not None:
        _print_ticks(root, settings, ticks, as_json)
        return
    now = present(pretended_now, settings.mode, settings.timezone)
    from cadence.reports.status import read_status
    from cadence.reports.status_problems import problems_of

    status = read_status(root, settings, now, since=lately, real=pretended_now is None)
    status.problems = problems_of(status, oldest)
    if status.problems or not quiet:
        _print(status, as_json, quiet)
    ctx.exit(Exit.FINDINGS if status.problems else Exit.FINE)


def _print(status: Status, as_json: bool, quiet: bool) -> None:
    if as_json:
        from cadence.reports.status import status_data

        print_json(status_data(status))
        return
    from cadence.reports.status_text import problem_lines, status_lines

    for line in (problem_lines if quiet else status_lines)(status):
        click.echo(line)


def _print_ticks(root: Path, settings: Settings, number: int, as_json: bool) -> None:
    from cadence.reports.status import tick_data
    from cadence.reports.status_text import tick_lines
    from cadence.runner.account import open_account
    from cadence.store import ticks

    with open_account(root, settings.account, settings.mode) as account, account.store.read() as session:
        rows = ticks.recent(session, account.name, number)
    if as_json:
        print_json([tick_data(row) for row in rows])
        return
    for line in tick_lines(rows, settings.timezone, settings.mode):
        click.echo(line)


def _duration(text: str, option: str) -> timedelta:
    from cadence.timing.durations import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
