"""``cadence rehearse``: the sample leads go through real ticks on a database that is thrown away."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cadence.cli.options import INSTANT, at_instant, workspace_root
from cadence.errors import LeadError, UsageError

if TYPE_CHECKING:
    from cadence.runner.rehearsal import Rehearsal

__all__ = ["command"]


@click.command("rehearse", short_help="run the sample leads through real ticks")
@click.argument("playbooks", nargs=-1)
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True, help="How many days to run.")
@click.option("--start", metavar=INSTANT, help="Begin there instead of where the samples say.")
@click.option("--tick", "every", default="15m", show_default=True, metavar="DURATION", help="How often a tick runs.")
@click.option("--keep", type=click.Path(dir_okay=False), metavar="FILE", help="Keep the database in FILE.")
@click.pass_context
def command(
    ctx: click.Context, playbooks: tuple[str, ...], days: int, start: str | None, every: str, keep: str | None
) -> None:
    """Run the sample leads through a week of real ticks, and print the messages that would have been sent.

    Everything is real but the clock and the sending: the database, the publishing, the outbox. The database is
    thrown away afterwards unless --keep says where it stays.
    """
    from cadence.cli.dry_run import tick_length, wanted_playbooks
    from cadence.reports.sources import sample_stories
    from cadence.runner.rehearsal import rehearse
    from cadence.workspace import load_good_workspace

    root = workspace_root(ctx)
    checked = load_good_workspace(root)
    names = wanted_playbooks(checked, playbooks)
    workspace = checked.plans[0].workspace
    begin = at_instant(start, workspace.business.timezone, option="--start") if start else None
    stories = sample_stories(checked, names, begin, datetime.now(UTC).replace(microsecond=0))
    if not stories:
        raise LeadError("there are no sample leads", help=f"write some in playbooks/{names[0]}.samples.yaml")
    if keep and Path(keep).exists():
        raise UsageError(f"{keep} is there already", help="a rehearsal makes a database of its own; name a new file")
    first = begin or min(story.arrival.at for story in stories)
    with tempfile.TemporaryDirectory(prefix="cadence-") as folder:
        database = Path(keep) if keep else Path(folder) / "rehearsal.db"
        result = rehearse(
            root, database, Path(folder) / "messages.log", stories,
            account=workspace.account, start=first, end=first + timedelta(days=days), every=tick_length(every),
        )  # fmt: skip
    _tell(result, workspace.business.timezone)
    if keep:
        click.echo(f"the database is in {keep}", err=True)


def _tell(result: Rehearsal, timezone: str) -> None:
    click.echo(result.log.rstrip() or "no messages")
    click.echo()
    sent = ", ".join(f"{number} {channel}" for channel, number in sorted(result.sent.items())) or "nothing"
    ended = ", ".join(f"{number} {reason.replace('_', ' ')}" for reason, number in sorted(result.ended.items()))
    click.echo(f"{result.ticks} ticks over {result.leads} leads ({timezone}): would have sent {sent}")
    if ended:
        click.echo(f"ended otherwise: {ended}")
    if result.told:
        click.echo(f"colleagues would have been told {result.told} time{'s' * (result.told != 1)}")
    click.echo("Nothing left this machine.")
