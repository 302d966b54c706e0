"""``cadence doctor``: what is fine, what is not, and what to do, before messages leave and when they do not."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime

import click

from cadence.cli.exits import Exit
from cadence.cli.options import json_option, print_json, workspace_root

__all__ = ["command"]


@click.command("doctor", short_help="look at everything that messages need to leave, and say what to do")
@click.option(
    "--online/--offline",
    default=None,
    help="Ask the providers, or nobody. Default: ask in mode redirect and live, nobody in mode log.",
)
@json_option
@click.pass_context
def command(ctx: click.Context, online: bool | None, as_json: bool) -> None:
    """Look at everything that messages need to leave: secrets, providers, senders, signatures, opt-outs, clocks, ticks.

    Says of each whether it is fine, to be looked at, or wrong, and what to do. Sends and changes nothing. What only a
    person can see, such as a registration, is listed to be ticked off. Ends with 1 when something is wrong.
    """
    from cadence.doctor.case import Case
    from cadence.doctor.examine import examine
    from cadence.doctor.view import lines
    from cadence.machine import setting
    from cadence.runner.settings import read_settings

    root = workspace_root(ctx)
    settings = read_settings(root)
    workspace = replace(settings.workspace, mode=settings.mode)
    case = Case(
        root=root,
        workspace=workspace,
        setting=lambda name: setting(root, name),
        online=workspace.mode != "log" if online is None else online,
        clock=lambda: datetime.now(UTC),
        program=sys.argv[0],
    )
    found = examine(case)
    if as_json:
        print_json(found.data(case))
    else:
        for line in lines(found, case):
            click.echo(line)
    ctx.exit(Exit.FINDINGS if found.verdict == "wrong" else Exit.FINE)
