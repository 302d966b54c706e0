"""``cadence validate``: every fault of the workspace, with its line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from cadence.cli.exits import Exit
from cadence.cli.options import workspace_root

__all__ = ["command"]


@click.command("validate", short_help="check playbooks and templates")
@click.argument("files", nargs=-1, type=click.Path())
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "json", "github"]),
    default=None,
    help="text for people, json for programs, github for annotations (chosen by itself inside GitHub Actions).",
)
@click.option("--strict", is_flag=True, help="Warnings count as faults.")
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], shape: str | None, strict: bool) -> None:
    """Check cadence.yaml, the playbooks, their tests and the templates; report every fault at once, with its line.

    With FILES, only the findings in those files are shown. Needs no database, no keys and no network. Ends with 1
    when there are faults.
    """
    from cadence.playbook.diagnostics import render_github, render_json, render_text
    from cadence.workspace import load_workspace

    root = workspace_root(ctx)
    checked = load_workspace(root, tests=True)
    wanted = [_name(root, file) for file in files]
    found = [each for each in checked.diagnostics if not wanted or any(_within(each.file, name) for name in wanted)]
    shape = shape or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text")
    if shape == "json":
        click.echo(render_json(found, checked.files))
    elif shape == "github":
        click.echo(render_github(found), nl=False)
    else:
        click.echo(render_text(found, checked.files, _in_colour(), noun="page"), nl=False)
    failed = any(strict or each.severity == "error" for each in found)
    ctx.exit(Exit.FINDINGS if failed else Exit.FINE)


def _in_colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _within(file: str, name: str) -> bool:
    return name == "." or file == name or file.startswith(f"{name}/")


def _name(root: Path, file: str) -> str:
    from cadence.errors import UsageError

    path = Path(file)
    if not os.path.exists(path):  # noqa: PTH110 - a name too long for a file is no file; Path raises for it
        raise UsageError(f"there is no file {file}")
    try:
        return path.resolve().relative_to(root).as_posix()
    except ValueError:
        raise UsageError(f"{file} is not in the workspace {root}") from None
