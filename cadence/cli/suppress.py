"""``cadence suppress``: the list of addresses not to be written to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cadence.cli.exits import Exit
from cadence.cli.options import (
    INSTANT,
    at_instant,
    json_option,
    now_option,
    opened_account,
    present,
    print_json,
)
from cadence.errors import CadenceError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.leads.addresses import BadRow
    from cadence.runner.settings import Settings

__all__ = ["command"]

_CHANNELS = ("all", "sms", "email", "voice")
_REASONS = ("person", "opt_out", "complaint", "dead", "litigator", "import")
MOST_SHOWN = 20

_channel_option = click.option(
    "--channel", type=click.Choice(_CHANNELS), default="all", show_default=True, help="On this channel alone."
)


@click.group("suppress", short_help="the list of addresses not to be written to")
def command() -> None:
    """Keep the list of addresses not to be written to: phones and e-mail addresses.

    The list belongs to the address, not to a lead: whoever has the address next is not written to either. An opt-out
    puts the sender's address on it by itself.
    """


@command.command("add")
@click.argument("address", metavar="ADDRESS")
@_channel_option
@click.option("--reason", type=click.Choice(_REASONS), default="person", show_default=True, help="Why.")
@click.option("--source", default="a colleague", metavar="TEXT", help="How you know, such as 'phone call'.")
@click.option("--detail", default="", metavar="TEXT", help="The person's own words.")
@click.option("--at", "since", metavar=INSTANT, help="Since when; default: now.")
@now_option
@click.pass_context
def add(
    ctx: click.Context,
    address: str,
    channel: str,
    reason: str,
    source: str,
    detail: str,
    since: str | None,
    pretended_now: str | None,
) -> None:
    """Put ADDRESS, a phone or an e-mail address, on the list: nothing goes to it from this moment."""
    from cadence.runner.suppressing import leads_at, suppress
    from cadence.store.suppressions import SuppressionRow

    address = _address(address, channel)
    with opened_account(ctx, create=True) as (settings, account):
        now = present(pretended_now, settings.mode, settings.timezone)
        at = _past(since, settings, now)
        row = SuppressionRow(
            address=address, channel=channel, reason=reason, source=source, detail=detail, at=at, recorded_at=now
        )
        with account.store.write() as session:
            before = suppress(session, account.name, row)
            whose = leads_at(session, account.name, address)
    already = " already" if before else ""
    click.echo(f"{address}: nothing goes to it{already} ({_channel_words(before.channel if before else channel)})")
    for lead in whose:
        click.echo(f"it is an address of {lead}")


@command.command("remove")
@click.argument("address", metavar="ADDRESS")
@_channel_option
@click.option("--reason", default="", metavar="TEXT", help="How the person came back, in your words. Needed.")
@click.option("--source", default="a colleague", metavar="TEXT", help="How you know.")
@now_option
@click.pass_context
def remove(ctx: click.Context, address: str, channel: str, reason: str, source: str, pretended_now: str | None) -> None:
    """Take ADDRESS off the list. The person must have come back: only they can end their own opt-out.

    What was asked, and what you say of it, stays in the history of the address.
    """
    from cadence.runner.record import state_of
    from cadence.runner.suppressing import leads_at, release
    from cadence.store.suppressions import RETURNED, SuppressionRow

    if not reason.strip():
        raise UsageError(
            "say how the person came back: --reason",
            help="for instance --reason 'asked on the phone to get texts again'; an opt-out is theirs to end, not ours",
        )
    address = _address(address, channel)
    with opened_account(ctx) as (settings, account):
        now = present(pretended_now, settings.mode, settings.timezone)
        row = SuppressionRow(
            address=address,
            channel=channel,
            standing=RETURNED,
            reason="person",
            source=source,
            detail=reason.strip(),
            at=now,
            recorded_at=now,
        )
        with account.store.write() as session:
            ended = release(session, account.name, row)
            whose = leads_at(session, account.name, address)
            still_out = [lead for lead in whose if state_of(session, account.name, lead).opted_out_at]
    click.echo(f"{address}: messages may go to it again")
    if any(each.reason == "opt_out" for each in ended):
        click.echo("note: the person had opted out, so they must have come back; keep what shows that", err=True)
    for lead in still_out:
        click.echo(
            f"note: {lead} opted out as a person, and gets nothing until `cadence event {lead} opt_in`", err=True
        )


@command.command("show")
@click.argument("address", metavar="ADDRESS")
@json_option
@click.pass_context
def show(ctx: click.Context, address: str, as_json: bool) -> None:
    """Show one ADDRESS: whether anything may go to it, whose it is, and all that was ever said of it."""
    from cadence.cli.suppress_view import data_of, print_history
    from cadence.runner.suppressing import held, leads_at
    from cadence.store import suppressions

    address = _address(address)
    with opened_account(ctx) as (settings, account), account.store.read() as session:
        rows = suppressions.history(session, account.name, address)
        channels = sorted(channel for channel, _ in held(session, account.name, [address]))
        whose = leads_at(session, account.name, address)
    if as_json:
        print_json({"address": address, "held": channels, "leads": whose, "history": [data_of(row) for row in rows]})
        return
    said = f"nothing goes to it ({', '.join(map(_channel_words, channels))})" if channels else "messages may go to it"
    click.echo(f"{address}: {said}")
    for lead in whose:
        click.echo(f"it is an address of {lead}")
    print_history(rows, settings.timezone)


@command.command("list")
@click.option("--since", metavar=INSTANT, help="Only what was put on the list then or later.")
@json_option
@click.pass_context
def list_(ctx: click.Context, since: str | None, as_json: bool) -> None:
    """List the addresses that nothing goes to, in full: why, since when, and how that is known."""
    from cadence.cli.suppress_view import data_of, print_listing
    from cadence.store import suppressions

    with opened_account(ctx) as (settings, account), account.store.read() as session:
        after = at_instant(since, settings.timezone, option="--since") if since else None
        rows = list(suppressions.listing(session, account.name, since=after))
    if as_json:
        print_json([data_of(row) for row in rows])
    else:
        print_listing(rows, settings.timezone)


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--source", default="", metavar="TEXT", help="Where the list is from; default: the file's name.")
@click.option("--skip-bad", is_flag=True, help="Leave out rows that cannot be used, and take in the rest.")
@now_option
@json_option
@click.pass_context
def import_(
    ctx: click.Context, file: str, source: str, skip_bad: bool, pretended_now: str | None, as_json: bool
) -> None:
    """Put the addresses of FILE on the list: a CSV of one's own, or as a provider exports its opt-outs.

    Columns: Address (or Phone, Email), and where there are such: Channel, Reason, At, Source, Detail. A file of
    nothing but addresses, one a line, will do. All rows or none: when some cannot be used, each is named with its
    line and nothing is taken in, unless --skip-bad is given. Ends with 1 when there are such rows.
    """
    from zoneinfo import ZoneInfo

    from cadence.leads.addresses import read_addresses
    from cadence.runner.suppressing import Imported, import_addresses

    with opened_account(ctx, create=True) as (settings, account):
        now = present(pretended_now, settings.mode, settings.timezone)
        found = read_addresses(Path(file).read_bytes(), ZoneInfo(settings.timezone), now)
        report = Imported()
        if skip_bad or not found.bad:
            with account.store.write() as session:
                report = import_addresses(session, account.name, found.listed, source or Path(file).name, now)
    _tell_bad(found.bad)
    if found.bad and not skip_bad:
        raise CadenceError(
            "nothing was imported",
            help="correct these rows, or take in the rest with --skip-bad; messages may go to what is left out",
        )
    if as_json:
        bad = [{"line": each.number, "why": each.why} for each in found.bad]
        back = [each.number for each in report.returned]
        print_json({"new": report.new, "already": report.already, "returned": back, "bad": bad})
    else:
        click.echo(f"{report.new} new, {report.already} already on the list, {len(found.bad)} left out")
        for each in report.returned[:MOST_SHOWN]:
            click.echo(f"note: line {each.number}: the person has come back since; not put on the list", err=True)
    ctx.exit(Exit.FINDINGS if found.bad else Exit.FINE)


@command.command("export")
@click.argument("file", required=False, type=click.Path(dir_okay=False), metavar="[FILE]")
@click.pass_context
def export(ctx: click.Context, file: str | None) -> None:
    """Write the list as CSV into the new FILE, or to the terminal; `cadence suppress import` reads it."""
    from cadence.cli.files import write_new
    from cadence.cli.suppress_view import table_of
    from cadence.store import suppressions

    with opened_account(ctx) as (_, account), account.store.read() as session:
        rows = list(suppressions.listing(session, account.name))
    if file:
        write_new(Path(file), table_of(rows))
        click.echo(f"{file}: {len(rows)} entr{'y' if len(rows) == 1 else 'ies'}")
    else:
        click.echo(table_of(rows), nl=False)


def _address(text: str, channel: str = "all") -> str:
    from cadence.leads.addresses import address_of, channels_of

    try:
        address = address_of(text)
    except ValueError as error:
        raise UsageError(str(error), help="write it like 816-555-0100, +18165550100 or name@example.com") from None
    if channel not in channels_of(address):
        raise UsageError(
            f"{'an e-mail address' if '@' in address else 'a phone'} is not for the channel {channel}",
            help=f"choose one of: {', '.join(channels_of(address))}",
        )
    return address


def _past(text: str | None, settings: Settings, now: datetime) -> datetime:
    at = at_instant(text, settings.timezone, option="--at") if text else now
    if at > now:
        raise UsageError("--at lies in the future")
    return at


def _channel_words(channel: str) -> str:
    return "on any channel" if channel == "all" else channel


def _tell_bad(bad: list[BadRow]) -> None:
    for each in bad[:MOST_SHOWN]:
        click.echo(f"line {each.number}: {each.why}", err=True)
    if len(bad) > MOST_SHOWN:
        click.echo(f"and {len(bad) - MOST_SHOWN} more rows that cannot be used", err=True)
