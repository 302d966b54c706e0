"""``cadence resume``."""

from __future__ import annotations

import click

from cadence.cli.options import now_option
from cadence.cli.pause import set_pause

__all__ = ["command"]


@click.command("resume", short_help="end a pause")
@click.option("--lead", metavar="ID", help="Only this lead.")
@click.option("--playbook", metavar="NAME", help="Only this playbook.")
@now_option
@click.pass_context
def command(ctx: click.Context, lead: str | None, playbook: str | None, pretended_now: str | None) -> None:
    """End a pause made by `cadence pause` with the same options."""
    from cadence.runner.record import resume

    set_pause(ctx, lead, playbook, pretended_now, resume, ("resumed", "was not paused"))
