"""``cadence sop``: the procedure of a playbook on one page."""

from __future__ import annotations

from pathlib import Path

import click

from cadence.cli.options import json_option, print_json, workspace_root

__all__ = ["command"]


@click.command("sop", short_help="the procedure of a playbook on one page")
@click.argument("playbook")
@click.option("--html", "html", type=click.Path(dir_okay=False), metavar="FILE", help="Write a page to print.")
@json_option
@click.pass_context
def command(ctx: click.Context, playbook: str, html: str | None, as_json: bool) -> None:
    """Write the procedure of PLAYBOOK, such as roofer, as one page that reads in two minutes.

    Each stage with its trigger, its owner and who that is now, what is done, the time limits, the events that show it
    was done, and what follows when it was not; then hours, stop rules and reviews. Prints Markdown. Needs no database.
    """
    from cadence.cli.dry_run import wanted_playbooks
    from cadence.reports.sop.procedure import procedure
    from cadence.workspace import load_good_workspace

    checked = load_good_workspace(workspace_root(ctx))
    (name,) = wanted_playbooks(checked, (playbook,))
    found = procedure(next(plan for plan in checked.plans if plan.playbook.id == name))
    if html:
        from cadence.cli.files import write_new
        from cadence.reports.sop.page import procedure_page

        write_new(Path(html), procedure_page(found))
        click.echo(f"wrote {html}", err=True)
    if as_json:
        from cadence.reports.sop.text import procedure_data

        print_json(procedure_data(found))
    elif not html:
        from cadence.reports.sop.text import procedure_lines

        for line in procedure_lines(found):
            click.echo(line)
