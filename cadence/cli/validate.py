"""``cadence validate``, also called ``cadence lint``: every fault of the workspace, with its line."""

from __future__ import annotations

import click

from cadence.cli.exits import Exit
from cadence.cli.findings import chosen, explaining, format_option, is_wanted, show
from cadence.cli.options import workspace_root

__all__ = ["checking", "command"]

_ALL = "all"  #: what ``--explain`` alone stands for


def checking(name: str) -> click.Command:
    """Return the command under one of its names."""

    @click.command(name, short_help="check playbooks and templates")
    @click.argument("files", nargs=-1, type=click.Path())
    @format_option
    @click.option("--strict", is_flag=True, help="Warnings count as faults.")
    @click.option(
        "--explain",
        "explain",
        is_flag=False,
        flag_value=_ALL,
        metavar="[CODE]",
        help="Say below each finding what its code means and why it matters; with CODE, of that code alone.",
    )
    @click.pass_context
    def command(
        ctx: click.Context, files: tuple[str, ...], shape: str | None, strict: bool, explain: str | None
    ) -> None:
        """Check cadence.yaml, the playbooks, their tests and the templates; report every fault at once, with its line.

        With FILES, only the findings in those files are shown. Needs no database, no keys and no network. Ends with 1
        when there are faults. validate and lint are two names of one command.
        """
        from cadence.workspace import load_workspace

        root = workspace_root(ctx)
        code, files = _code_and_files(explain, files)
        wanted = chosen(root, files)
        checked = load_workspace(root, tests=True)
        found = [each for each in checked.diagnostics if is_wanted(each.file, wanted)]
        show(found, checked.files, shape, noun="page", explain=None if explain is None else explaining(code))
        failed = any(strict or each.severity == "error" for each in found)
        ctx.exit(Exit.FINDINGS if failed else Exit.FINE)

    return command


def _code_and_files(explain: str | None, files: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Tell a code from a file: ``--explain playbooks`` explains all that is found in that folder."""
    from cadence.files import data_text
    from cadence.playbook.codes import all_codes

    if explain in (None, _ALL):
        return "", files
    if explain in (known := all_codes(data_text("codes.md"))):
        return explain, files
    import os

    if os.path.exists(explain):  # noqa: PTH110 - a name too long for a file is no file; Path raises for it
        return "", (explain, *files)
    from cadence.errors import UsageError
    from cadence.playbook.diagnostics import did_you_mean

    raise UsageError(
        f"there is neither a code nor a file {explain!r}",
        help=did_you_mean(explain, known) or "`cadence docs` lists the codes",
    )


command = checking("validate")
