"""``cadence init``: make a workspace to edit."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

import click

from cadence.errors import CadenceError, UsageError
from cadence.files import WORKSPACE_FILE, data_text, starter
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
@click.option("--github", is_flag=True, help="Also, or in a workspace alone, what has GitHub check every pull request.")
def command(folder: str, trades: tuple[str, ...], github: bool) -> None:
    """Copy the starter workspace into FOLDER (default: here): cadence.yaml, playbooks, templates and schemas;
    and a .env with a secret made up for it.

    With --github also .github/workflows/playbooks.yml, at the top of the git repository; in a folder that is a
    workspace already, that file alone. Never overwrites a file.
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
    workflow = _workflow(target) if github else None
    if workflow and (target / WORKSPACE_FILE).is_file():
        _write_workflow(*workflow)
        return
    trades = tuple(dict.fromkeys(trades))
    copies = _copies(target, trades or tuple(known))
    taken = [destination for _, destination in copies if os.path.lexists(destination)]
    taken += [workflow[0]] if workflow and os.path.lexists(workflow[0]) else []
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
    if workflow:
        _write_workflow(*workflow)


def _workflow(target: Path) -> tuple[Path, str]:
    """Return where GitHub looks for what to do, and what it is to do: in the workspace, wherever that lies."""
    folder = target.resolve()
    top = next((above for above in (folder, *folder.parents) if (above / ".git").exists()), folder)
    inside = folder.relative_to(top).as_posix()
    prefix = "" if inside == "." else f"{inside}/"
    text = data_text("github_workflow.yml")
    for mark, value in (("@FOLDER@", inside), ("@PREFIX@", prefix)):
        text = text.replace(mark, value.replace("\\", "\\\\").replace('"', '\\"'))
    return top / ".github" / "workflows" / "playbooks.yml", text


def _write_workflow(path: Path, text: str) -> None:
    if os.path.lexists(path):
        raise UsageError(f"{path} is there already; nothing was written", help="move it away to have it written anew")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CadenceError(f"cannot write {path}: {error.strerror}", help="choose a folder you may write in") from error
    click.echo(f"wrote {path}; its first lines say which settings of the repository it needs")


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
