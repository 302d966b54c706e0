"""What several commands share: the workspace folder, the rehearsal clock, reading instants, printing data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from cadence.errors import Refused, UsageError
from cadence.files import find_workspace

__all__ = [
    "INSTANT",
    "at_instant",
    "edited_and_waiting",
    "job_key",
    "json_option",
    "now_option",
    "opened_account",
    "present",
    "print_json",
    "say_what_is_not_in_force",
    "workspace_root",
]

if TYPE_CHECKING:
    from cadence.runner.account import Account
    from cadence.runner.publish import Published
    from cadence.runner.settings import Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])
INSTANT = "YYYY-MM-DDTHH:MM"
_JOB = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FIRST_YEAR, _LAST_YEAR = 1990, 2100


def workspace_root(ctx: click.Context) -> Path:
    """Return the workspace folder the command works in."""
    given = ctx.find_root().obj
    return find_workspace(Path(given) if given else Path.cwd())


@contextmanager
def opened_account(ctx: click.Context, *, create: bool = False) -> Iterator[tuple[Settings, Account]]:
    """Open the account of the workspace the command works in; ``create`` makes its database when there is none."""
    from cadence.runner.account import open_account
    from cadence.runner.settings import read_settings

    root = workspace_root(ctx)
    settings = read_settings(root)
    with open_account(root, settings.account, settings.mode, create=create) as account:
        yield settings, account


def now_option(command: _Command) -> _Command:
    """Add ``--now``, the rehearsal clock."""
    return click.option(
        "--now",
        "pretended_now",
        metavar=INSTANT,
        help="Rehearse: pretend the clock stands there (business time, or with an offset). Only in log mode.",
    )(command)


def json_option(command: _Command) -> _Command:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")(command)


def job_key(job: str) -> str:
    """Check what names a job: it becomes part of the names of touches. UsageError otherwise."""
    if job and not _JOB.fullmatch(job):
        raise UsageError(
            f"--job {job!r} cannot name a job", help="use letters, digits, dots and dashes, such as kitchen-2"
        )
    return job


def present(pretended: str | None, mode: str, timezone: str) -> datetime:
    """Return the instant a command works by: the real one, or in log mode a pretended one."""
    if pretended is None:
        return datetime.now(UTC).replace(microsecond=0)
    if mode != "log":
        raise Refused(
            "--now is for rehearsals, and this workspace sends for real", help="set mode: log in cadence.yaml"
        )
    return at_instant(pretended, timezone, option="--now")


def at_instant(text: str, timezone: str, *, option: str) -> datetime:
    """Read a date and time; without an offset it is the business's local time. UsageError otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text!r} is not a date and time", help=f"write it like {INSTANT}") from None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise UsageError(f"{option} {text!r} is too far away", help="check the year")
    if moment.tzinfo is None:
        from cadence.timing.wall import resolve

        return resolve(moment.date(), moment.time().replace(second=0, microsecond=0), ZoneInfo(timezone))
    return moment.astimezone(UTC).replace(microsecond=0)


def say_what_is_not_in_force(published: Published) -> None:
    """Warn that an edit is not followed yet, where a command does its work all the same."""
    for sentence in published.held:
        click.echo(f"held: {sentence}", err=True)
    if published.waiting:
        click.echo(f"note: {edited_and_waiting(published.waiting)}", err=True)
    if published.faults:
        click.echo(
            "note: the edited files have faults, so the last good versions go on; see `cadence validate`", err=True
        )


def edited_and_waiting(playbooks: Sequence[str]) -> str:
    """Say that edited pages are not in force where pages are published by hand."""
    are = "are" if len(playbooks) != 1 else "is"
    return f"{', '.join(playbooks)} {are} edited and not in force: see `cadence plan`, then `cadence apply`"


def print_json(data: Any) -> None:
    """Print data as JSON on standard output."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))
