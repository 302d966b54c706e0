"""Suppressed addresses, as a person reads them and as a file keeps them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from cadence.engine.events import instant_text
from cadence.leads.fields import guarded
from cadence.store.suppressions import REASONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cadence.store.suppressions import SuppressionRow

__all__ = ["data_of", "print_history", "print_listing", "table_of"]


def data_of(row: SuppressionRow) -> dict[str, Any]:
    """Return one entry as plain data."""
    return {
        "address": row.address,
        "channel": row.channel,
        "standing": row.standing,
        "reason": row.reason,
        "source": row.source,
        "detail": row.detail,
        "lead": row.lead,
        "at": instant_text(row.at),
        "recorded_at": instant_text(row.recorded_at),
    }


def print_listing(rows: Sequence[SuppressionRow], timezone: str) -> None:
    """Print the entries that hold as an aligned table."""
    if not rows:
        click.echo("no addresses")
        return
    table = [("ADDRESS", "CHANNEL", "SINCE", "WHY", "HOW WE KNOW")]
    table += [(row.address, row.channel, _local(row.at, timezone), REASONS[row.reason], _source(row)) for row in rows]
    widths = [max(len(line[column]) for line in table) for column in range(4)]
    for line in table:
        cells = [cell.ljust(width) for cell, width in zip(line[:4], widths, strict=True)]
        click.echo("  ".join([*cells, line[4]]).rstrip())


def print_history(rows: Sequence[SuppressionRow], timezone: str) -> None:
    """Print all that was ever said of one address, oldest first."""
    for row in rows:
        why = REASONS[row.reason] if row.standing == "suppressed" else "off the list"
        channel = "" if row.channel == "all" else f" ({row.channel})"
        click.echo(f"{_local(row.at, timezone)}  {why}{channel}; {_source(row)}")


def table_of(rows: Sequence[SuppressionRow]) -> str:
    """Return the entries as CSV, safe for a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["Address", "Channel", "Reason", "At", "Source", "Detail"])
    for row in rows:
        said = (guarded(" ".join(text.split())) for text in (row.source, row.detail))
        writer.writerow([row.address, row.channel, row.reason, instant_text(row.at), *said])
    return out.getvalue()


def _source(row: SuppressionRow) -> str:
    words = " ".join(row.detail.split())
    return f'{row.source}: "{words}"' if words else row.source


def _local(instant: datetime, timezone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(timezone)):%a %d %b %Y %H:%M}"
