"""``cadence pause``; ``cadence resume`` shares its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cadence.cli.options import now_option, present, workspace_root
from cadence.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["command", "set_pause"]


@click.command("pause", short_help="hold the touches of a lead, a playbook or the shop")
@click.option("--lead", metavar="ID", help="Only this lead.")
@click.option("--playbook", metavar="NAME", help="Only this playbook.")
@now_option
@click.pass_context
def command(ctx: click.Context, lead: str | None, playbook: str | None, pretended_now: str | None) -> None:
    """Hold every touch: of the whole shop, of one playbook, or of one lead.

    No lead is lost: `cadence resume` is like the end of an outage of that length. What is too late by then is
    skipped, and says so.
    """
    from cadence.runner.record import pause

    set_pause(ctx, lead, playbook, pretended_now, pause, ("paused", "was paused already"))


def set_pause(
    ctx: click.Context,
    lead: str | None,
    playbook: str | None,
    pretended_now: str | None,
    act: Callable[..., bool],
    said: tuple[str, str],
) -> None:
    """Pause or resume, and say what; ``said``: when that changed something, and when it was so already."""
    if lead is not None and playbook is not None:
        raise UsageError("--lead and --playbook cannot go together")
    for option, value in (("--lead", lead), ("--playbook", playbook)):
        if value == "":
            raise UsageError(f"{option} names nothing", help="leave it out to mean the whole shop")
    from cadence.playbook.diagnostics import did_you_mean
    from cadence.runner.account import load_book, open_account
    from cadence.runner.record import is_paused, state_of
    from cadence.runner.settings import read_settings

    root = workspace_root(ctx)
    settings = read_settings(root)
    now = present(pretended_now, settings.mode, settings.timezone)
    with open_account(root, settings.account, settings.mode) as account, account.store.write() as session:
        book = load_book(session, account.name)
        if playbook and playbook not in book.current:
            near = did_you_mean(playbook, book.current)
            raise UsageError(f"there is no playbook {playbook!r}", help=near or f"there are: {', '.join(book.current)}")
        if lead:
            state_of(session, account.name, lead)
        changed = act(session, account.name, book, now, lead=lead or "", playbook=playbook or "")
        shop_paused = (lead or playbook) and is_paused(session, account.name)
    what = f"lead {lead}" if lead else f"playbook {playbook}" if playbook else "everything"
    click.echo(f"{said[0]}: {what}" if changed else f"{what.replace('everything', 'the shop')} {said[1]}")
    if shop_paused:
        click.echo("note: the whole shop is paused; `cadence resume` ends that", err=True)
