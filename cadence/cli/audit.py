"""``cadence audit``: the audit number of any CRM's export; needs no workspace and writes nothing."""

from __future__ import annotations

import gc
import re
import shutil
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from cadence.cli.exits import Exit
from cadence.cli.options import json_option, print_json, workspace_root
from cadence.errors import CadenceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from cadence.reports.audit.audit import Audit
    from cadence.reports.audit.vocabulary import Vocabulary

__all__ = ["command"]

MOST_SHOWN = 20
_PAIR = re.compile(r"""\s*(?P<key>[A-Za-z][\w -]*?)\s*=\s*(?P<value>"[^"]*"|.*?)\s*(?:,(?=\s*[A-Za-z][\w -]*=)|$)""")


@click.command("audit", short_help="how many leads of any CRM's export have no locked next step")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--since", default="30d", show_default=True, metavar="DURATION", help="How far back leads count.")
@click.option(
    "--as-of",
    "as_of",
    metavar="YYYY-MM-DD[THH:MM]",
    help="Count as if it were then (a day: its end); default: now. What the export says of later days counts as not "
    "having happened yet.",
)
@click.option(
    "--timezone",
    metavar="NAME",
    help="The shop's clock, such as America/Chicago, for times that the export writes with an offset; default: the "
    "workspace's, else this computer's.",
)
@click.option(
    "--columns", multiple=True, metavar="OURS=THEIRS,...", help='Which columns to read: created="Date Added",owner=Rep.'
)
@click.option(
    "--statuses",
    multiple=True,
    metavar="OURS=THEIRS,...",
    help='What status words mean: lost=Ghosted,booked="Visit set".',
)
@click.option("--all", "everyone", is_flag=True, help=f"Name every unlocked lead, not the first {MOST_SHOWN}.")
@click.option("--html", "html", type=click.Path(dir_okay=False), metavar="FILE", help="Write a new page to print.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    file: str,
    since: str,
    as_of: str | None,
    timezone: str | None,
    columns: tuple[str, ...],
    statuses: tuple[str, ...],
    everyone: bool,
    html: str | None,
    as_json: bool,
) -> None:
    """Count the leads of FILE that have no locked next step: the audit number.

    FILE is a CSV as any CRM exports it. Locked is a lead with an appointment ahead that the customer has acknowledged,
    a signed contract, a paid deposit, or an agreed callback ahead. Nothing is sent, stored or written, and no workspace
    is needed. Ends with 1 when there are unlocked leads, or when the export cannot tell.
    """
    from cadence.reports.audit.audit import audit_of
    from cadence.reports.audit.reading import read_export

    zone = _zone(ctx, timezone)
    words, own, period, at = _words(statuses), _own_columns(columns), _period(since), _as_of(as_of, zone)
    with _no_collector():
        audit = audit_of(read_export(Path(file).read_bytes(), words, as_of=at, period=period, zone=zone, own=own))
    _say_notes(audit)
    if html:
        from cadence.cli.files import write_new
        from cadence.reports.audit.page import audit_page

        write_new(Path(html), audit_page(audit, Path(file).name))
        click.echo(f"wrote {html}", err=True)
    if as_json:
        from cadence.reports.audit.data import audit_data

        print_json(audit_data(audit))
    elif not html:
        from cadence.reports.audit.text import audit_lines

        for line in audit_lines(audit, width=shutil.get_terminal_size((120, 24)).columns, everyone=everyone):
            click.echo(line)
    ctx.exit(Exit.FINDINGS if audit.has_findings else Exit.FINE)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Leave the collector out: a big file is a million small things and no circles, and it would look at them all."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _say_notes(audit: Audit) -> None:
    export = audit.export
    for note in export.notes:
        click.echo(f"note: {note}", err=True)
    for each in export.set_aside[:MOST_SHOWN]:
        click.echo(f"set aside: row {each.row}: {each.reason}", err=True)
    if (more := len(export.set_aside) - MOST_SHOWN) > 0:
        click.echo(f"set aside: and {more:,} more; --json lists them all", err=True)


def _zone(ctx: click.Context, given: str | None) -> ZoneInfo | None:
    """The shop's zone; None: nobody says, and this computer's clock holds."""
    if given is not None:
        from cadence.leads.fields import time_zone

        try:
            return ZoneInfo(time_zone(given)[0])
        except ValueError as error:
            raise UsageError(f"--timezone {given!r} {error}") from None
    try:
        root = workspace_root(ctx)
    except UsageError:
        if ctx.find_root().obj:
            raise
        return None
    from cadence.runner.settings import read_settings

    with suppress(CadenceError):  # a page with faults is no reason not to count
        return ZoneInfo(read_settings(root).timezone)
    return None


def _as_of(text: str | None, zone: ZoneInfo | None) -> datetime:
    """The moment to count at, on the wall of the shop."""
    from cadence.reports.audit.moments import on_the_wall

    if text is None:
        return on_the_wall(datetime.now(UTC).replace(microsecond=0), zone)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--as-of {text!r} is not a date", help="write it like 2026-11-24 or 2026-11-24T13:10"
        ) from None
    if not 2000 <= moment.year <= 2100:
        raise UsageError(f"--as-of {text!r} is too far away", help="check the year")
    if len(text) <= len("2026-11-24"):
        moment = datetime.combine(moment.date(), time(23, 59, 59))
    return (on_the_wall(moment, zone) if moment.tzinfo else moment).replace(microsecond=0)


def _period(since: str) -> timedelta:
    from cadence.timing.durations import parse_duration

    try:
        return parse_duration(since)
    except ValueError as error:
        raise UsageError(f"--since: {error}") from None


def _own_columns(given: tuple[str, ...]) -> dict[str, list[str]]:
    own: dict[str, list[str]] = {}
    for field, heading in _pairs("--columns", given):
        own.setdefault(field.casefold().replace("-", "_").replace(" ", "_"), []).extend([heading] if heading else [])
    return own


def _words(given: tuple[str, ...]) -> Vocabulary:
    from cadence.playbook.diagnostics import did_you_mean
    from cadence.reports.audit.vocabulary import MEANINGS, vocabulary

    own = []
    for meaning, word in _pairs("--statuses", given):
        known = meaning.casefold().replace("-", " ").replace("_", " ")
        known = {"lost": "closed"}.get(known, known)
        if known not in MEANINGS:
            near = did_you_mean(meaning, MEANINGS)
            raise UsageError(f"--statuses: there is no {meaning!r}", help=near or f"there are: {', '.join(MEANINGS)}")
        own.append((known, word))
    return vocabulary().with_statuses(own)


def _pairs(option: str, given: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for text in given:
        end = 0
        while end < len(text):
            found = _PAIR.match(text, end)
            if found is None or found.end() == end:
                raise UsageError(
                    f"{option} {text!r} cannot be read",
                    help='write OURS=THEIRS, several with commas: created="Date Added",owner=Rep',
                )
            pairs.append((found["key"], found["value"].strip('"')))
            end = found.end()
    return pairs
