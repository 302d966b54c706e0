"""``cadence shadow``: a candidate version beside the live one, on what really happened."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cadence.cli.options import at_instant, json_option, now_option, opened_account, present, print_json
from cadence.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.playbook.check import Checked

__all__ = ["command"]

MOST_LEADS = 12  #: shown one by one on a terminal


@click.command("shadow", short_help="try other pages on what really happened, beside the live ones")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("playbooks", nargs=-1)
@click.option(
    "--since",
    metavar="TIME|DURATION",
    default="30d",
    help="Where to begin: a date and time, or how long ago, such as 2w; default: 30d.",
)
@click.option("--days", metavar="N", type=click.IntRange(1, 400), help="How many days to look at; default: until now.")
@now_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path,
    playbooks: tuple[str, ...],
    since: str,
    days: int | None,
    pretended_now: str | None,
    as_json: bool,
) -> None:
    """Tell the pages in FOLDER (another workspace) all that really happened, and compare what they make of it.

    Every lead that came in since, and everyone who was in flight then: the replies, bookings and calls of the log are
    told to the candidate when they came, on a clock of its own. What it would have sent is held against what was sent.
    With PLAYBOOKS, only these pages are the candidate's. Nothing is sent or written.
    """
    checked = _candidate(folder)
    with opened_account(ctx) as (settings, account):
        now = present(pretended_now, settings.mode, settings.timezone)
        start = _start(since, now, settings.timezone)
        end = min(now, start + timedelta(days=days)) if days else now
        if start >= end:
            raise UsageError("--since lies in the future", help="a shadow looks at what has happened")
        from cadence.cli.dry_run import wanted_playbooks
        from cadence.cli.progress import with_progress
        from cadence.reports.shadow import ShadowTally, shadow_data
        from cadence.reports.shadow_text import shadow_lines
        from cadence.runner.shadowing import PAGE, shadow_pages, shadowing

        asked = wanted_playbooks(checked, playbooks)
        plans = [plan for plan in checked.plans if plan.playbook.id in asked]
        tally = ShadowTally(most=None if as_json else MOST_LEADS)
        with account.store.read() as session:
            about = shadowing(
                session,
                account.name,
                plans,
                since=start,
                until=end,
                tick=timedelta(minutes=1),
                whole=not playbooks,
            )
            pages = shadow_pages(session, about)
            for page in with_progress(pages, about.total, label="telling it what happened", steps=lambda _: PAGE):
                tally.add(page)
    if as_json:
        print_json(shadow_data(about, tally))
        return
    for line in shadow_lines(about, tally, str(folder), settings.timezone):
        click.echo(line)


def _candidate(folder: Path) -> Checked:
    """Read the candidate's pages; UsageError where there is no workspace, InvalidWorkspace when they have faults."""
    from cadence.files import WORKSPACE_FILE
    from cadence.workspace import load_good_workspace

    if not (folder / WORKSPACE_FILE).is_file():
        raise UsageError(
            f"{folder} is no workspace: it has no {WORKSPACE_FILE}", help="copy the live one and edit that"
        )
    return load_good_workspace(folder)


def _start(since: str, now: datetime, timezone: str) -> datetime:
    from cadence.timing.durations import parse_duration

    try:
        return now - parse_duration(since)
    except ValueError:
        return at_instant(since, timezone, option="--since")
