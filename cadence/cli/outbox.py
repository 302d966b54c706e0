"""``cadence outbox``: what is on its way, what went wrong, and a person's word on what nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cadence.cli.options import json_option, now_option, opened_account, present, print_json
from cadence.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cadence.runner.account import Account
    from cadence.store.alerts import AlertRow
    from cadence.store.outbox import OutboxRow

__all__ = ["command"]

_STATES = ("claimed", "unknown", "waits", "sent", "skipped", "stopped", "failed")


@click.group("outbox", short_help="what is on its way, what went wrong, what nobody knows")
def command() -> None:
    """Look at messages on their way and settle those whose outcome nobody knows."""


@command.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only touches in this state.")
@click.option("--lead", default="", metavar="ID", help="Only this lead's.")
@click.option("--channel", default="", metavar="NAME", help="Only this channel's.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many.")
@json_option
@click.pass_context
def list_(ctx: click.Context, state: str | None, lead: str, channel: str, limit: int, as_json: bool) -> None:
    """List touches; without options, those that somebody may have to look at.

    These are touches whose outcome is unknown or that a tick has in hand, and those of the last week that failed or
    are tried again. Messages to colleagues are among them, as alert/COLLEAGUE/....
    """
    from cadence.store import outbox

    with opened_account(ctx) as (settings, account), account.store.read() as session:
        if state or lead or channel:
            wanted = outbox.OutboxFilter(state=state or "", lead=lead, channel=channel)
            rows = outbox.listing(session, account.name, wanted, limit=limit)
        else:
            rows = _worth_a_look(account, session)[:limit]
    if as_json:
        print_json([_data(row) for row in rows])
    elif not rows:
        click.echo("nothing to look at" if not (state or lead or channel) else "none")
    else:
        _print_rows(rows, settings.timezone)


@command.command("show")
@click.argument("touch", metavar="TOUCH")
@json_option
@click.pass_context
def show(ctx: click.Context, touch: str, as_json: bool) -> None:
    """Show one touch: its text, where it goes, and how it stands. TOUCH is the key that `outbox list` prints.

    Of a message to a colleague it shows what alerts it carries, and of which leads.
    """
    from cadence.runner.resolve import touch_of
    from cadence.store import alerts

    with opened_account(ctx) as (settings, account), account.store.read() as session:
        row = touch_of(session, account.name, touch)
        told = alerts.of_messages(session, account.name, [touch]) if row.to_colleague else []
    if as_json:
        print_json(_data(row) | ({"alerts": [_data(each) for each in told]} if row.to_colleague else {}))
        return
    _print_one(row, settings.timezone)
    if told:
        click.echo("\nIt tells of:")
    for each in told:
        click.echo(f"  {each.lead or '-'}: {each.title} ({each.about}, {_local(each.due_at, settings.timezone)})")


@command.command("resolve")
@click.argument("touch", metavar="TOUCH")
@click.option("--sent", is_flag=True, help="It went: you saw it at the provider, or the customer has it.")
@click.option("--not-sent", is_flag=True, help="It did not go: it is judged anew, and goes unless it is too late.")
@now_option
@click.pass_context
def resolve_(ctx: click.Context, touch: str, sent: bool, not_sent: bool, pretended_now: str | None) -> None:
    """Settle a touch whose outcome is unknown, after looking at the provider's own list or asking the customer."""
    from cadence.runner.resolve import resolve

    if sent == not_sent:
        raise UsageError("say which: --sent or --not-sent", help="look at the provider's own list of messages first")
    with opened_account(ctx) as (settings, account):
        now = present(pretended_now, settings.mode, settings.timezone)
        with account.store.write() as session:
            resolve(session, account.name, touch, now, went=sent)
    click.echo(f"{touch}: it went" if sent else f"{touch}: it did not go; the next tick judges it anew")


def _worth_a_look(account: Account, session: Any) -> list[OutboxRow]:
    from datetime import timedelta

    from cadence.store import outbox

    open_ones = sorted(outbox.open_rows(session, account.name), key=lambda row: (row.state != "unknown", row.touch_key))
    return open_ones + outbox.trouble(session, account.name, session.clock() - timedelta(days=7))


def _print_rows(rows: Sequence[OutboxRow], timezone: str) -> None:
    table = [("STATE", "DECIDED", "CHANNEL", "TOUCH", "WHY")]
    table += [
        (row.state, _local(row.decided_at, timezone), row.channel, row.touch_key, row.detail or row.reason)
        for row in rows
    ]
    widths = [max(len(line[column]) for line in table) for column in range(4)]
    for line in table:
        click.echo("  ".join([*(cell.ljust(width) for cell, width in zip(line[:4], widths, strict=True)), line[4]]))


def _print_one(row: OutboxRow, timezone: str) -> None:
    facts = [
        ("touch", row.touch_key),
        ("state", f"{row.state} ({row.reason})" if row.reason and row.reason != row.state else row.state),
        ("why", row.detail),
        ("channel", f"{row.channel} to {row.address}" if row.address else row.channel),
        ("colleague", row.owner if row.to_colleague else ""),
        ("page", f"{row.playbook} version {row.digest[:8]}, line {row.line}" if row.playbook else ""),
        ("due", _local(row.due_at, timezone)),
        ("decided", _local(row.decided_at, timezone)),
        ("attempts", str(row.attempts) if row.attempts else ""),
        ("ended", _local(row.ended_at, timezone)),
        ("asked next", _asked(row, timezone)),
        ("provider's id", row.provider_id),
        ("subject", row.subject),
    ]
    for name, value in facts:
        if value:
            click.echo(f"{name + ':':15}{value}")
    if row.body:
        click.echo()
        click.echo(row.body)
    if row.state == "unknown":
        click.echo(
            "\nNobody knows whether it went, and it will not go again by itself. Look at the provider's list, then\n"
            f"  cadence outbox resolve {row.touch_key} --sent       or --not-sent"
        )


def _asked(row: OutboxRow, timezone: str) -> str:
    from cadence.store.outbox import NEVER

    if row.state != "unknown":
        return ""
    return "never: a person must look" if row.check_at == NEVER else _local(row.check_at, timezone)


def _data(row: OutboxRow | AlertRow) -> dict[str, Any]:
    from dataclasses import asdict
    from datetime import datetime

    return {
        name: value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value
        for name, value in asdict(row).items()
    }


def _local(instant: datetime | None, timezone: str) -> str:
    from zoneinfo import ZoneInfo

    return f"{instant.astimezone(ZoneInfo(timezone)):%a %d %b %Y %H:%M}" if instant else ""
