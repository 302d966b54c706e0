"""``cadence store``: look after the database."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cadence.cli.exits import Exit
from cadence.cli.options import json_option, print_json, workspace_root

if TYPE_CHECKING:
    from cadence.store.checkup import Checkup, Finding

__all__ = ["command"]

MOST_SHOWN = 50


@click.group("store", short_help="upgrade, check and back up the database")
def command() -> None:
    """Upgrade, check and back up the database."""


@command.command("upgrade")
@click.option("--no-backup", is_flag=True, help="Keep no copy of an SQLite database beside it.")
@click.pass_context
def upgrade(ctx: click.Context, no_backup: bool) -> None:
    """Bring the database to the schema of this version: all of it, or nothing.

    An SQLite database is copied first, into a file beside it. Copy a PostgreSQL database yourself: `cadence store
    backup` says how. Other programs that write are waited for, and wait.
    """
    from cadence.runner.places import store_path, store_url
    from cadence.store.backup import backup, spare_name
    from cadence.store.schema import HEAD
    from cadence.store.store import revision_of, upgrade_store

    root = workspace_root(ctx)
    url = store_url(root)
    name, before = revision_of(url)
    if before == HEAD:
        click.echo(f"{name} is at {HEAD} already; nothing to do")
        return
    if before and store_path(root) is not None and not no_backup:
        copy = spare_name(url, f"before-{HEAD}")
        backup(url, copy)
        click.echo(f"kept a copy as it was: {copy}")
    before, after = upgrade_store(url)
    click.echo(f"{name} upgraded from {before or 'nothing'} to {after}")


@command.command("check")
@json_option
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Look at every table and every row; change nothing.

    Tells whether the database is whole, of this version, and readable: texts, instants and JSON of every row; and
    whether the open leads of each colleague are counted right. Ends with 1 when it found something, and names the
    lead of each bad row.
    """
    from cadence.runner.places import store_url
    from cadence.store.checkup import check as look

    checkup = look(store_url(workspace_root(ctx)))
    if as_json:
        print_json(asdict(checkup))
    else:
        _tell(checkup)
    ctx.exit(Exit.FINDINGS if checkup.findings else Exit.FINE)


@command.command("backup")
@click.argument("file", type=click.Path(dir_okay=False))
@click.pass_context
def backup_(ctx: click.Context, file: str) -> None:
    """Copy the database, as it is now, into the new FILE, while ticks go on.

    The copy is checked before it gets its name. For a PostgreSQL database, tells the command that copies it, and
    ends with 1.
    """
    from cadence.runner.places import store_url
    from cadence.store.backup import backup

    size = backup(store_url(workspace_root(ctx)), Path(file))
    click.echo(f"{file}: {size / 1_000_000:.1f} MB, checked")


def _tell(checkup: Checkup) -> None:
    click.echo(f"{checkup.name}, revision {checkup.revision}")
    click.echo("rows: " + ", ".join(f"{table} {number}" for table, number in checkup.rows.items()))
    for finding in checkup.findings[:MOST_SHOWN]:
        click.echo(f"fault: {_sentence(finding)}")
    unsaid = len(checkup.findings[MOST_SHOWN:]) + checkup.more
    if unsaid:
        click.echo(f"fault: and {unsaid} more")
    if not checkup.findings:
        click.echo("no faults")
        return
    click.echo(
        "  help: stop all use of it, keep a copy (`cadence store backup`), and put back the last backup without "
        "these faults",
        err=True,
    )


def _sentence(finding: Finding) -> str:
    where = [finding.table] if finding.table else []
    if finding.lead:
        where.append(f"lead {finding.lead} of {finding.account}")
    elif finding.account:
        where.append(f"account {finding.account}")
    if finding.key and finding.key != finding.lead:
        where.append(finding.key)
    return ": ".join([", ".join(where), finding.what] if where else [finding.what])
