"""Showing findings: what ``validate``, ``lint`` and ``fmt`` print, and which of the files they are about."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from cadence.playbook.diagnostics import Diagnostic, Explain

__all__ = ["chosen", "explaining", "format_option", "is_wanted", "show"]


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--format``."""
    return click.option(
        "--format",
        "shape",
        type=click.Choice(["text", "json", "github"]),
        default=None,
        help="text for people, json for programs, github for annotations (chosen by itself inside GitHub Actions).",
    )(command)


def chosen(root: Path, files: Iterable[str]) -> list[str]:
    """Return files and folders as findings name them, relative to the workspace; UsageError for what is not in it."""
    return [_name(root, file) for file in files]


def is_wanted(file: str, wanted: list[str]) -> bool:
    """Tell whether a file is one of those asked for, or lies in one; where none is, all are."""
    return not wanted or any(name in (".", file) or file.startswith(f"{name}/") for name in wanted)


def show(found: list[Diagnostic], files: int, shape: str | None, *, noun: str, explain: Explain | None = None) -> None:
    """Print findings in one of the three ways; inside GitHub Actions as annotations, unless told otherwise."""
    from cadence.playbook.diagnostics import render_github, render_json, render_text

    shape = shape or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text")
    say = explain or (lambda _: "")
    if shape == "json":
        click.echo(render_json(found, files, explain=say))
    elif shape == "github":
        click.echo(render_github(found), nl=False)
    else:
        click.echo(render_text(found, files, _in_colour(), noun=noun, explain=say), nl=False)


def explaining(wanted: str) -> Explain:
    """Return what explains codes as ``cadence docs CODE`` does: all of them, or the one that is wanted."""
    from cadence.files import data_text
    from cadence.playbook.codes import all_codes, explain

    text = data_text("codes.md")
    known = all_codes(text)
    return lambda code: explain(text, code) if code in known and wanted in ("", code) else ""


def _in_colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _name(root: Path, file: str) -> str:
    from cadence.errors import UsageError

    path = Path(file)
    if not os.path.exists(path):  # noqa: PTH110 - a name too long for a file is no file; Path raises for it
        raise UsageError(f"there is no file {file}")
    try:
        return path.resolve().relative_to(root).as_posix()
    except ValueError:
        raise UsageError(f"{file} is not in the workspace {root}") from None
