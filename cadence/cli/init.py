"""``cadence init``: make a workspace to edit."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

import click

from cadence.errors import CadenceError, UsageError
from cadence.files import WORKSPACE_FILE, starter
from cadence.machine import SETTINGS_FILE

__all__ = ["command"]

_SETTINGS = """\
# Settings and secrets of this machine. Show this file to nobody; `cadence doctor` says what is missing in it.
# CADENCE_SECRET was made up for you. Keep it: links in mails that went hold only as long as it stays.
CADENCE_SECRET={secret}
"""
_IGNORED = f"{SETTINGS_FILE}\ncadence.db*\nmessages.log\n"


@click.command("init", short_help="make a workspace: playbooks, templates and cadence.yaml to edit")
@click.argument("folder", default=".", type=click.Path(file_okay=False))
@click.option("--trade", "trades", multiple=True, metavar="NAME", help="Only this trade's playbook. Repeatable.")
def command(folder: str, trades: tuple[str, ...]) -> None:
    """Copy the starter workspace into FOLDER (default: here): cadence.yaml, playbooks, templates and schemas;
    and a .env with a secret made up for it.

    Never overwrites a file.
    """
    from cadence.playbook.diagnostics import did_you_mean

    known = sorted(path.stem for path in starter("playbooks").glob("*.yaml") if "." not in path.stem)
    for trade in trades:
        if trade not in known:
            near = did_you_mean(trade, known)
            raise UsageError(
                f"there is no starter playbook {trade!r}",
                help=f"{near} " * bool(near) + f"there are: {', '.join(known)}",
            )
    target = Path(folder)
    trades = tuple(dict.fromkeys(trades))
    copies = _copies(target, trades or tuple(known))
    taken = [destination for _, destination in copies if os.path.lexists(destination)]
    if taken:
        raise UsageError(f"{taken[0]} is there already; nothing was written", help="choose an empty folder")
    for source, destination in copies:
        try:
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, destination)
        except OSError as error:
            raise CadenceError(
                f"cannot write {destination}: {error.strerror}", help="choose a folder you may write in"
            ) from error
    note = _machine(target)
    click.echo(f"made a workspace in {target.resolve()} with {', '.join(trades or known)}")
    click.echo("next: edit cadence.yaml, then run `cadence validate` and `cadence dry-run` there")
    if note:
        click.echo(f"note: {note}", err=True)


def _machine(target: Path) -> str:
    """Make ``.env``, for nobody else to read, and what keeps it out of git; return what is left to do by hand.

    A file that is there already is left alone.
    """
    settings, ignored = target / SETTINGS_FILE, target / ".gitignore"
    try:
        with suppress(FileExistsError):
            made = os.open(settings, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(made, "w", encoding="utf-8") as file:
                file.write(_SETTINGS.format(secret=secrets.token_hex(32)))
        with suppress(FileExistsError), ignored.open("x", encoding="utf-8") as file:
            file.write(_IGNORED)
            return ""
    except OSError as error:
        raise CadenceError(
            f"cannot write {error.filename}: {error.strerror}", help="choose a folder you may write in"
        ) from error
    return f"{ignored} was there and is left alone; see that it names {SETTINGS_FILE}, which holds secrets"


def _copies(target: Path, trades: tuple[str, ...]) -> list[tuple[Path, Path]]:
    copies = [(starter("schemas", "starter.cadence.yaml"), target / WORKSPACE_FILE)]
    copies += [(path, target / "schemas" / path.name) for path in sorted(starter("schemas").glob("*.schema.json"))]
    for trade in trades:
        pages = (starter("playbooks", f"{trade}{ending}") for ending in (".yaml", ".samples.yaml", ".test.yaml"))
        copies += [(page, target / "playbooks" / page.name) for page in pages if page.is_file()]
        texts = starter("templates", trade)
        copies += [
            (path, target / "templates" / trade / path.relative_to(texts)) for path in sorted(texts.rglob("*.j2"))
        ]
    return copies
