"""``cadence tick``: do what is due, say it in one line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cadence.cli.exits import Exit
from cadence.cli.options import json_option, now_option, print_json, workspace_root

if TYPE_CHECKING:
    from pathlib import Path

    from cadence.runner.tick import TickReport

__all__ = ["command"]


@click.command("tick", short_help="do everything that is due now")
@now_option
@json_option
@click.pass_context
def command(ctx: click.Context, pretended_now: str | None, as_json: bool) -> None:
    """Do everything that is due now, and say so in one line.

    Run it every minute from cron or a timer. A tick that finds another one running leaves it alone. Ends with 1
    when something needs a person: a playbook with faults, a text that could not be made, an interrupted touch.
    """
    root = workspace_root(ctx)
    if pretended_now is None and _nothing_to_do(root):
        _say("nothing due", as_json, {"outcome": "idle"})
        return
    ctx.exit(_tick(root, pretended_now, as_json))


def _nothing_to_do(root: Path) -> bool:
    """Answer the common case through the bare database driver, in a few milliseconds."""
    from cadence.runner.idle import idle

    return idle(root, datetime.now(UTC).replace(microsecond=0))


def _tick(root: Path, pretended_now: str | None, as_json: bool) -> int:
    from cadence.cli.options import present
    from cadence.runner.account import open_account
    from cadence.runner.settings import read_settings
    from cadence.runner.tick import tick

    settings = read_settings(root)
    now = present(pretended_now, settings.mode, settings.timezone)
    with open_account(root, settings.account, settings.mode, create=True) as account:
        report = tick(account, now)
    _say(summary(report), as_json, {"outcome": report.outcome, "at": report.at.isoformat(), **report.counts()})
    _say_what_needs_a_person(report)
    return Exit.FINDINGS if report.needs_a_person else Exit.FINE


def summary(report: TickReport) -> str:
    """Say in one line what a tick did."""
    if report.outcome == "busy":
        since = f" since {report.busy_since:%H:%M:%S} UTC" if report.busy_since else ""
        return f"another tick is running{since}; this one did nothing"
    if report.outcome == "paused":
        return "paused: nothing goes until `cadence resume`"
    done = [f"{number} {channel}" for channel, number in sorted(report.sent.items())]
    ended = [f"{number} {reason.replace('_', ' ')}" for reason, number in sorted(report.ended.items())]
    parts = [f"{report.leads} lead{'s' * (report.leads != 1)} looked at"]
    parts.append("would have sent " + ", ".join(done) if done else "nothing to send")
    if ended:
        parts.append("ended: " + ", ".join(ended))
    if report.next_steps:
        parts.append(f"{report.next_steps} next step{'s' * (report.next_steps != 1)} for people")
    return "; ".join(parts)


def _say(line: str, as_json: bool, data: dict[str, object]) -> None:
    if as_json:
        print_json(data)
    else:
        click.echo(line)


def _say_what_needs_a_person(report: TickReport) -> None:
    for playbook, digest in report.published.new:
        click.echo(f"published {playbook} {digest}", err=True)
    for playbook in report.published.retired:
        click.echo(f"retired {playbook}: its page is gone", err=True)
    for sentence in report.published.held:
        click.echo(f"held: {sentence}", err=True)
    if report.published.faults:
        from cadence.playbook.diagnostics import render_text

        click.echo(render_text(report.published.faults, 1), err=True)
        click.echo("The last good versions go on; mend the faults above.", err=True)
    for lead, kind in report.set_aside.items():
        click.echo(
            f"set aside: lead {lead} cannot be decided ({kind}); the others went on, it is tried again in an hour",
            err=True,
        )
    if report.unknown:
        click.echo(
            f"{report.unknown} touch{'es' * (report.unknown != 1)} of an interrupted tick may or may not have gone; "
            "they will not go again by themselves",
            err=True,
        )
