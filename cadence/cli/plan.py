"""``cadence plan``: what an edit changes for every lead in flight; nothing is published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cadence.cli.exits import Exit
from cadence.cli.options import json_option, now_option, print_json
from cadence.cli.planning import DAYS, both, moves_option, no_lead, plan_desk, say_plan
from cadence.errors import CadenceError

if TYPE_CHECKING:
    from cadence.reports.plan import PlanMade

__all__ = ["command"]


@click.command("plan", short_help="show what an edit changes for every lead in flight")
@click.argument("playbooks", nargs=-1)
@click.option("--days", type=click.IntRange(1, 366), default=DAYS, show_default=True, help="How far to look ahead.")
@moves_option
@click.option("--lead", "lead", metavar="ID", default="", help="Only what changes for this lead.")
@click.option(
    "--out", "out", type=click.Path(dir_okay=False), metavar="FILE", help="Keep the plan for `cadence apply`."
)
@click.option("--full", is_flag=True, help="Show every lead.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown, for a comment.")
@click.option("--exit-code", "by_exit", is_flag=True, help="End with 1 when anything changes.")
@now_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    playbooks: tuple[str, ...],
    days: int,
    moves: tuple[str, ...],
    lead: str,
    out: str | None,
    full: bool,
    as_markdown: bool,
    by_exit: bool,
    pretended_now: str | None,
    as_json: bool,
) -> None:
    """Show what the edited pages change for every lead in flight, as if nobody answered; publish nothing.

    Each lead's coming days by the version in force are compared with its coming days by the edited page, published now.
    PLAYBOOKS are the names of those to look at; left out, all that were edited. Ends with 1 when the pages have faults
    or leads would be left in a stage that is no more.
    """
    both({"--json": as_json, "--markdown": as_markdown})
    both({"--lead": lead, "--out": out})
    with plan_desk(ctx, pretended_now) as desk:
        if lead:
            no_lead(desk, lead)
        plans = desk.checked.plans if desk.checked else ()
        made = desk.make(plans, lead=lead, days=days, moves=moves, only=playbooks)
    if out:
        _write(Path(out), made)
    if as_json:
        from cadence.reports.plan import plan_data

        print_json(plan_data(made))
    else:
        say_plan(made, full=full or bool(lead), markdown=as_markdown)
    bad = made.planned.stranded or (by_exit and made.changes)
    ctx.exit(Exit.FINDINGS if bad else Exit.FINE)


def _write(path: Path, made: PlanMade) -> None:
    from cadence.reports.plan_file import write_plan

    try:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in write_plan(made))
    except OSError as error:
        raise CadenceError(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"wrote {path}: `cadence apply {path}` publishes it while it holds", err=True)
