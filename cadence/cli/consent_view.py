"""Consents, as a person reads them and as a file keeps them."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from cadence.engine.events import instant_text
from cadence.leads.fields import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.leads.consents import ConsentEntry

__all__ = ["data_of", "print_entries", "table_of"]

_COLUMNS = ("lead", "name", "address", "channel", "what", "kind", "text", "at", "source", "url", "ip", "recorded_at")


def data_of(entry: ConsentEntry) -> dict[str, Any]:
    """Return one entry as plain data."""
    told = asdict(entry)
    return {name: instant_text(told[name]) if isinstance(told[name], datetime) else told[name] for name in _COLUMNS}


def print_entries(entries: Sequence[ConsentEntry], timezone: str) -> None:
    """Print entries as an aligned table, the words below each."""
    if not entries:
        click.echo("no consents")
        return
    table = [("LEAD", "CHANNEL", "WHAT", "WHEN", "WHERE")]
    table += [
        (each.lead, each.channel or "any", _what(each), _local(each.at, timezone), each.source) for each in entries
    ]
    widths = [max(len(line[column]) for line in table) for column in range(4)]
    for line, entry in zip(table, (None, *entries), strict=True):
        cells = [cell.ljust(width) for cell, width in zip(line[:4], widths, strict=True)]
        click.echo("  ".join([*cells, line[4]]).rstrip())
        if entry and entry.text:
            click.echo(f'    "{" ".join(entry.text.split())}"')


def table_of(entries: Sequence[ConsentEntry]) -> str:
    """Return entries as CSV, safe for a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([name.replace("_", " ").capitalize() for name in _COLUMNS])
    writer.writerows([guarded(str(cell)) for cell in data_of(each).values()] for each in entries)
    return out.getvalue()


def _what(entry: ConsentEntry) -> str:
    return {"asked": "asked us", "withdrawn": "taken back"}.get(entry.what, f"{entry.kind} consent")


def _local(instant: datetime, timezone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(timezone)):%a %d %b %Y %H:%M}"
