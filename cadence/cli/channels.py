"""``cadence channels``: how messages leave, and which channels are halted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cadence.cli.options import json_option, now_option, present, print_json, workspace_root
from cadence.errors import UsageError

if TYPE_CHECKING:
    from cadence.runner.settings import Settings
    from cadence.store.halts import HaltRow

__all__ = ["command"]


@click.group("channels", short_help="how messages leave, and which channels are halted")
def command() -> None:
    """See how messages leave, and let a halted channel go on.

    A channel is halted when its provider refuses the shop itself: wrong credentials, a sender that is not registered,
    messages taken for spam. Its messages wait, and are skipped as late when they have waited too long.
    """


@command.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the channels of cadence.yaml."""
    settings, halted = _read(ctx)
    rows = [_row(settings, name, halted.get(name)) for name in {**settings.workspace.channels, **halted}]
    if as_json:
        print_json({"mode": settings.mode, "channels": rows})
        return
    click.echo(f"mode: {settings.mode}")
    for row in rows:
        click.echo(f"{row['channel']}: via {row['via'] or 'nothing that cadence.yaml names'}")
        if row["halted"]:
            click.echo(f"  halted since {row['halted']['since']}: {row['halted']['code']}: {row['halted']['detail']}")


@command.command("resume")
@click.argument("channel")
@now_option
@click.pass_context
def resume(ctx: click.Context, channel: str, pretended_now: str | None) -> None:
    """Let a halted CHANNEL go on, once what halted it is put right."""
    from cadence.playbook.words import CHANNELS
    from cadence.runner.account import open_account
    from cadence.runner.settings import read_settings
    from cadence.store import halts, leads

    if channel not in CHANNELS:
        raise UsageError(f"there is no channel {channel!r}", help=f"there are: {', '.join(CHANNELS)}")
    root = workspace_root(ctx)
    settings = read_settings(root)
    now = present(pretended_now, settings.mode, settings.timezone)
    with open_account(root, settings.account, settings.mode) as account, account.store.write() as session:
        lifted = halts.lift(session, account.name, channel)
        if lifted:
            leads.wake_all(session, account.name, now)
    click.echo(f"{channel} goes on with the next tick" if lifted else f"{channel} was not halted")


def _read(ctx: click.Context) -> tuple[Settings, dict[str, HaltRow]]:
    from cadence.runner.account import open_account
    from cadence.runner.places import has_store
    from cadence.runner.settings import read_settings
    from cadence.store import halts

    root = workspace_root(ctx)
    settings = read_settings(root)
    if not has_store(root):
        return settings, {}
    with open_account(root, settings.account, settings.mode) as account, account.store.read() as session:
        return settings, halts.read(session, account.name)


def _row(settings: Settings, name: str, halt: HaltRow | None) -> dict[str, Any]:
    known = settings.workspace.channels.get(name)
    halted = {"since": halt.since.isoformat(), "code": halt.code, "detail": halt.detail} if halt else None
    return {"channel": name, "via": known.via if known else "", "halted": halted}
