"""Many leads, as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cadence.engine.events import instant_text
from cadence.reports.card_text import local_time
from cadence.store import leads

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.store.session import Session

__all__ = ["listing", "print_listing"]


def listing(session: Session, account: str, wanted: leads.LeadFilter, limit: int) -> list[dict[str, Any]]:
    """Return leads as plain data, by id."""
    from cadence.store import enrolments

    rows = leads.listing(session, account, wanted, limit=limit)
    standing = enrolments.of_leads(session, account, [row.lead for row in rows])
    return [
        {
            "lead": row.lead,
            "name": row.name,
            "phone": row.phone,
            "email": row.email,
            "owner": row.owner,
            "stands": [f"{each.playbook}/{each.stage}" for each in standing[row.lead] if each.ended_at is None],
            "wake_at": _text(row.wake_at),
        }
        for row in rows
    ]


def print_listing(rows: list[dict[str, Any]], timezone: str) -> None:
    """Print leads as an aligned table."""
    if not rows:
        click.echo("no leads")
        return
    table = [("LEAD", "NAME", "STANDS IN", "OWNER", "NEXT LOOKED AT")]
    table += [
        (
            row["lead"],
            row["name"],
            ", ".join(row["stands"]) or "-",
            row["owner"] or "-",
            local_time(row["wake_at"], timezone),
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _text(instant: datetime | None) -> str | None:
    return instant_text(instant) if instant else None
