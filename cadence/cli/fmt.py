"""``cadence fmt``: how the pages are laid out, and what a correction would look like. It writes no page."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import click

from cadence.cli.exits import Exit
from cadence.cli.findings import chosen, format_option, is_wanted, show
from cadence.cli.options import workspace_root

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cadence.playbook.style import House

__all__ = ["command"]

#: Kind of a page by the end of its name; any other page below ``playbooks`` is a playbook.
_KINDS = {".samples": "samples", ".test": "test"}


@click.command("fmt", short_help="how pages are laid out; writes none")
@click.argument("files", nargs=-1, type=click.Path())
@click.option("--check", "check", is_flag=True, help="List what is not as it should be (the default).")
@click.option("--diff", "diff", is_flag=True, help="Print the safe corrections, for `patch -p1` or `git apply`.")
@format_option
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], check: bool, diff: bool, shape: str | None) -> None:
    """Look at the layout of pages: blanks, line ends, indentation, the line that names the schema, the order of keys.

    Never writes a page: yours is yours. --diff prints those corrections that change neither data nor comments. Ends
    with 1 when something is not as it should be.
    """
    from cadence.errors import UsageError
    from cadence.files import read_pages
    from cadence.playbook.style import check_style

    if check and diff:
        raise UsageError("--check and --diff cannot go together", help="--diff alone ends with 1 as --check does")
    root = workspace_root(ctx)
    wanted = chosen(root, files)
    pages = {name: raw for name, raw in read_pages(root).items() if is_wanted(name, wanted)}
    found = [each for name, raw in pages.items() for each in check_style(name, raw, _house(root, name))]
    if diff:
        _print_diff(pages, root)
    else:
        show(found, len(pages), shape, noun="page")
    ctx.exit(Exit.FINDINGS if found else Exit.FINE)


def _print_diff(pages: dict[str, bytes], root: Path) -> None:
    """Print the corrections."""
    from cadence.playbook.source import read_page
    from cadence.playbook.tidy import corrected, diff_of

    for name, raw in pages.items():
        page, _ = read_page(name, raw)
        if page is None:
            click.echo(f"left out: {name} cannot be read; see `cadence validate`", err=True)
            continue
        text = raw.decode("utf-8")
        _put(diff_of(name, text, corrected(text, _house(root, name).schema)))


def _put(text: str) -> None:
    """Print a text as it is: where standard output makes line ends its own, past it."""
    if hasattr(sys.stdout, "buffer"):
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
    else:
        sys.stdout.write(text)


def _house(root: Path, name: str) -> House:
    from cadence.playbook.style import House

    kind = _kind(name)
    page_order, stage_order = _orders(kind)
    up = "../" * (len(PurePosixPath(name).parts) - 1)
    return House(
        schema=f"{up}schemas/{kind}.schema.json",
        schema_there=(root / "schemas" / f"{kind}.schema.json").is_file(),
        # A shop arranges its own page as it likes.
        order=() if kind == "workspace" else page_order,
        stage_order=stage_order,
        long_lines=kind in ("samples", "test"),
    )


def _kind(name: str) -> str:
    path = PurePosixPath(name)
    return "workspace" if len(path.parts) == 1 else _KINDS.get(PurePosixPath(path.stem).suffix, "playbook")


@cache
def _orders(kind: str) -> tuple[Sequence[str], Sequence[str]]:
    from cadence.files import schema_text
    from cadence.playbook.style import house_order

    return house_order(json.loads(schema_text(kind)))
