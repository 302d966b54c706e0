"""``cadence hooks``: the public endpoint, and what to enter where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cadence.cli.exits import Exit
from cadence.cli.options import json_option, print_json, workspace_root

if TYPE_CHECKING:
    from pathlib import Path

    from cadence.playbook.model import Workspace
    from cadence.web.door import Door

__all__ = ["command"]


@click.group("hooks", short_help="take what providers tell as it happens")
def command() -> None:
    """Take what providers tell as it happens: replies, receipts, calls, and people who want no more mails.

    Needs an address that others reach: public_url in cadence.yaml. Without one, every tick asks the providers itself.
    """


@command.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port; 0: any free one.")
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Requests worked on at once.")
@click.pass_context
def serve(ctx: click.Context, host: str, port: int, threads: int) -> None:
    """Serve public_url until told to end (SIGTERM, Ctrl-C), and finish the requests in hand.

    Put a web server in front that speaks HTTPS and passes everything on; see the documentation. What is not signed by
    its provider is refused.
    """
    from cadence.logs import open_log
    from cadence.runner.account import open_account
    from cadence.runner.settings import read_settings
    from cadence.web.desk import StoreDesk
    from cadence.web.hooks import make_app
    from cadence.web.server import serve as serve_app

    root = workspace_root(ctx)
    settings = read_settings(root)
    door = _door(root, settings.workspace)

    def ready(port: int) -> None:
        click.echo(f"listening on http://{host}:{port} for {door.public_url}; Ctrl-C ends it")

    with open_log(root), open_account(root, settings.account, settings.mode, create=True) as account:
        left = serve_app(make_app(door, StoreDesk(account)), host, port, threads=threads, ready=ready)
    click.echo("ended" if not left else f"ended; {left} request{'s' * (left != 1)} cut off", err=True)
    ctx.exit(Exit.FINDINGS if left else Exit.FINE)


@command.command("urls")
@json_option
@click.pass_context
def urls(ctx: click.Context, as_json: bool) -> None:
    """Print what to enter where at Twilio and at SendGrid."""
    from cadence.runner.settings import read_settings
    from cadence.web.places import places

    root = workspace_root(ctx)
    workspace = read_settings(root).workspace
    found = places(workspace)
    if as_json:
        print_json([place.data() for place in found])
        return
    for number, place in enumerate(found):
        click.echo(("\n" if number else "") + "\n".join(place.lines()))


def _door(root: Path, workspace: Workspace) -> Door:
    from cadence.machine import setting
    from cadence.web.door import open_door

    return open_door(workspace, lambda name: setting(root, name))
