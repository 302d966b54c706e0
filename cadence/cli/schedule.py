"""``cadence schedule``: have ticks started every minute by what this machine has for that."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from cadence.cli.options import workspace_root
from cadence.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cadence.schedules.install import Setup
    from cadence.schedules.job import Job

__all__ = ["command"]

_KINDS = ("systemd", "cron", "launchd", "windows")


@click.group("schedule", short_help="have ticks started every minute")
def command() -> None:
    """Have ticks started every minute, and a look every quarter of an hour that says when something needs a person.

    By a systemd timer, cron, launchd (Mac) or the Windows Task Scheduler: what fits this machine, unless you say.
    """


def _shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what all three ask: which scheduler, and under which name."""
    named = click.option("--name", default="", help="What it is called; default: the account of cadence.yaml.")
    return click.argument("kind", type=click.Choice(_KINDS), required=False)(named(function))


@command.command("print")
@_shared
@click.option("--watch", is_flag=True, help="Print the watchdog's recipe instead of the tick's.")
@click.pass_context
def print_(ctx: click.Context, kind: str | None, name: str, watch: bool) -> None:
    """Print the recipe of KIND for this workspace, every path filled in; changes nothing."""
    from cadence.schedules.install import by_hand, fitting_kind
    from cadence.schedules.recipes import recipe

    tick, look = _jobs(workspace_root(ctx), name)
    job, kind = look if watch else tick, kind or fitting_kind()
    click.echo(recipe(kind, job), nl=False)
    click.echo(f"note: `cadence schedule install` sets this up; by hand: {by_hand(kind, job.name, 'this')}", err=True)


@command.command("install")
@_shared
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.pass_context
def install(ctx: click.Context, kind: str | None, name: str, dry_run: bool) -> None:
    """Set up the schedule of KIND for the current user. A second time changes nothing, and says so."""
    from cadence.schedules.steps import carry_out

    root = workspace_root(ctx)
    jobs, way = _setup(root, kind, name)
    if way.others:
        raise Refused(
            f"{jobs[0].name} starts the ticks of another workspace",
            help="--name gives this one a name of its own; `cadence schedule uninstall` takes that one down",
        )
    if not carry_out(way.install, click.echo, dry_run=dry_run):
        click.echo("it is set up already; nothing changed")
        return
    if not dry_run:
        click.echo("A tick starts every minute now; `cadence status` shows how they go.")
    click.echo(f"note: {way.note}", err=True)
    for variable in _only_in_this_shell(root):
        click.echo(f"note: {variable} is set in this shell alone; write it into .env, where ticks find it", err=True)


@command.command("uninstall")
@_shared
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.pass_context
def uninstall(ctx: click.Context, kind: str | None, name: str, dry_run: bool) -> None:
    """Take the schedule of KIND down again. Nothing goes from then on; no lead is lost."""
    from cadence.schedules.steps import carry_out

    _, way = _setup(workspace_root(ctx), kind, name)
    if not carry_out(way.uninstall, click.echo, dry_run=dry_run):
        click.echo("no schedule is set up; nothing changed")
    elif not dry_run:
        click.echo("No tick starts by itself any more.")


def _setup(root: Path, kind: str | None, name: str) -> tuple[tuple[Job, Job], Setup]:
    from cadence.schedules.install import fitting_kind, setup

    jobs = _jobs(root, name)
    return jobs, setup(kind or fitting_kind(), jobs)


def _jobs(root: Path, given: str) -> tuple[Job, Job]:
    from cadence.runner.settings import account_named
    from cadence.schedules.job import job_name, program_words, tick_job, watch_job

    name, program = job_name(account_named(root), root, given), program_words(sys.argv[0])
    return tick_job(name, program, root), watch_job(name, program, root)


def _only_in_this_shell(root: Path) -> list[str]:
    from cadence.machine import kept_settings

    kept = kept_settings(root)
    return sorted(name for name in os.environ if name.startswith("CADENCE_") and name not in kept)
