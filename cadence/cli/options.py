"""What several commands share: the workspace folder, the rehearsal clock, reading instants, printing data."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from cadence.errors import Refused, UsageError
from cadence.files import find_workspace

__all__ = ["INSTANT", "at_instant", "json_option", "now_option", "present", "print_json", "workspace_root"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
INSTANT = "YYYY-MM-DDTHH:MM"


def workspace_root(ctx: click.Context) -> Path:
    """Return the workspace folder the command works in."""
    given = ctx.find_root().obj
    return find_workspace(Path(given) if given else Path.cwd())


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
    if moment.tzinfo is None:
        from cadence.timing.wall import resolve

        return resolve(moment.date(), moment.time().replace(second=0, microsecond=0), ZoneInfo(timezone))
    return moment.astimezone(UTC).replace(microsecond=0)


def print_json(data: Any) -> None:
    """Print data as JSON on standard output."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))
