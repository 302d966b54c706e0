"""``cadence inbox list`` and ``show``: what came in, and what was made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from cadence.cli.options import json_option, opened_account, print_json
from cadence.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.runner.settings import Settings
    from cadence.store.inbound import Kept

__all__ = ["list_", "show"]

_WIDEST = 70  #: characters of a text in the list


@click.command("list")
@click.option("--lead", default="", metavar="ID", help="Only what this lead sent.")
@click.option(
    "--kind", type=click.Choice(["message", "receipt", "call"]), default=None, help="Left out, all but receipts."
)
@click.option("--unclear", is_flag=True, help="Only what a person must look at: of nobody known, or not understood.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@click.pass_context
def list_(ctx: click.Context, lead: str, kind: str | None, unclear: bool, limit: int, as_json: bool) -> None:
    """List what came in, newest first, and what it was taken for."""
    settings, found = _read(ctx, lead, kind or "", limit, unclear=unclear)
    if as_json:
        print_json([_data(each) for each in found])
        return
    if not found:
        click.echo("nothing")
    for each in found:
        row = each.row
        who = row.lead or "nobody known"
        taken = row.taken_as or "not handled yet"
        click.echo(f"{each.id:>6}  {_local(row.at, settings)}  {taken:<16}  {who:<24}  {_text(each)}")
        if row.problem:
            click.echo(f"        look: {row.problem}")


@click.command("show")
@click.argument("number", type=int)
@json_option
@click.pass_context
def show(ctx: click.Context, number: int, as_json: bool) -> None:
    """Show one thing that came in, by its NUMBER, whole."""
    from cadence.store import inbound

    with opened_account(ctx) as (settings, account), account.store.read() as session:
        found = inbound.get(session, account.name, number)
    if found is None:
        raise UsageError(f"nothing that came in has the number {number}", help="`cadence inbox list` shows the numbers")
    if as_json:
        print_json(_data(found))
        return
    row = found.row
    for name, value in (
        ("what", f"{row.kind} told by {row.source}"),
        ("at", _local(row.at, settings)),
        ("from", row.data.get("sender") or row.data.get("caller") or row.data.get("address", "")),
        ("to", row.data.get("to", "")),
        ("lead", row.lead or "nobody known"),
        ("taken as", row.taken_as or "not handled yet"),
        ("why", row.because),
        ("look", row.problem),
        ("subject", row.data.get("subject", "")),
    ):
        if value:
            click.echo(f"{name:<10}{value}")
    if text := row.data.get("text"):
        click.echo(f"\n{text}")


def _read(ctx: click.Context, lead: str, kind: str, limit: int, *, unclear: bool) -> tuple[Settings, list[Kept]]:
    from datetime import UTC, datetime

    from cadence.store import inbound

    with opened_account(ctx) as (settings, account), account.store.read() as session:
        if unclear:
            since = datetime.min.replace(tzinfo=UTC)
            found = inbound.troubled(session, account.name, since, limit=limit)
            return settings, [each for each in found if lead in ("", each.row.lead) and kind in ("", each.row.kind)]
        return settings, inbound.listing(
            session, account.name, lead=lead, kind=kind, receipts=kind == "receipt", limit=limit
        )


def _data(each: Kept) -> dict[str, Any]:
    row = each.row
    return {
        "number": each.id,
        "source": row.source,
        "kind": row.kind,
        "at": row.at.isoformat(),
        "received_at": row.received_at.isoformat(),
        "lead": row.lead,
        "taken_as": row.taken_as,
        "because": row.because,
        "problem": row.problem,
        "handled_at": row.handled_at.isoformat() if row.handled_at else None,
        "data": dict(row.data),
    }


def _text(each: Kept) -> str:
    said = " ".join(str(each.row.data.get("text") or each.row.data.get("detail") or each.row.kind).split())
    return said if len(said) <= _WIDEST else f"{said[: _WIDEST - 1]}…"


def _local(at: datetime, settings: Settings) -> str:
    return f"{at.astimezone(ZoneInfo(settings.timezone)):%a %d %b %H:%M}"
