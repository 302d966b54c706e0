"""``cadence graph``: a playbook as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from cadence.cli.options import json_option, print_json, workspace_root

__all__ = ["command"]


@click.command("graph", short_help="a playbook as a picture: stages, ways between them, touches")
@click.argument("playbook")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["mermaid", "svg"]),
    default="mermaid",
    show_default=True,
    help="mermaid for code forges and wikis, svg for a picture of its own.",
)
@click.option("--out", "out", type=click.Path(dir_okay=False), metavar="FILE", help="Write a new file.")
@click.option("--touches/--stages", "touches", default=True, help="With each stage's touches, or stages alone.")
@json_option
@click.pass_context
def command(ctx: click.Context, playbook: str, shape: str, out: str | None, touches: bool, as_json: bool) -> None:
    """Draw PLAYBOOK, such as roofer: its stages in page order, what moves a lead from one to another, and the touches.

    Ways that silence leads are dashed. Prints the picture; needs no database.
    """
    from cadence.cli.dry_run import wanted_playbooks
    from cadence.reports.graph.chart import chart_of
    from cadence.workspace import load_good_workspace

    checked = load_good_workspace(workspace_root(ctx))
    (name,) = wanted_playbooks(checked, (playbook,))
    chart = chart_of(next(plan for plan in checked.plans if plan.playbook.id == name), touches=touches)
    if as_json:
        from dataclasses import asdict

        print_json(asdict(chart))
        return
    if shape == "svg":
        from cadence.reports.graph.svg import svg_text

        text = svg_text(chart)
    else:
        from cadence.reports.graph.mermaid import mermaid_text

        text = mermaid_text(chart)
    if out:
        from cadence.cli.files import write_new

        write_new(Path(out), text)
        click.echo(f"wrote {out}", err=True)
    else:
        click.echo(text, nl=False)
