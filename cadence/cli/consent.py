"""``cadence consent``: who agreed to what, and the proof of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cadence.cli.options import (
    INSTANT,
    at_instant,
    json_option,
    now_option,
    opened_account,
    present,
    print_json,
)
from cadence.errors import LeadError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cadence.engine.events import Event
    from cadence.leads.consents import ConsentEntry
    from cadence.runner.account import Account
    from cadence.runner.settings import Settings

__all__ = ["command"]

_CHANNELS = ("sms", "email", "voice")


@click.group("consent", short_help="who agreed to what, and the proof of it")
def command() -> None:
    """Record who agreed to be written to, and show the proof: who, on which number, to which words, when."""


@command.command("add")
@click.argument("lead", metavar="LEAD")
@click.option(
    "--channel", "channels", type=click.Choice(_CHANNELS), multiple=True, required=True, help="For this channel."
)
@click.option("--kind", type=click.Choice(("inquiry", "written")), required=True, help="How strong it is.")
@click.option("--source", default="", metavar="TEXT", help="Where it was given, such as 'web form'. Needed.")
@click.option("--text", default="", metavar="TEXT", help="The words the person agreed to. Needed with written.")
@click.option("--url", default="", metavar="LINK", help="The page the words stood on.")
@click.option("--ip", default="", metavar="ADDRESS", help="The person's IP address.")
@click.option("--at", "given", metavar=INSTANT, help="When it was given; default: now.")
@now_option
@click.pass_context
def add(
    ctx: click.Context,
    lead: str,
    channels: tuple[str, ...],
    kind: str,
    source: str,
    text: str,
    url: str,
    ip: str,
    given: str | None,
    pretended_now: str | None,
) -> None:
    """Record that LEAD agreed to be written to.

    inquiry: the person asked for something, or agreed without a record in writing. written: the person agreed in
    writing, and --text holds the words as they were shown.
    """
    from cadence.leads.consents import Consent, consent_fact, fault_of
    from cadence.runner.account import load_book
    from cadence.runner.record import record_fact

    if not source.strip():
        raise UsageError("say where it was given: --source", help="for instance --source 'web form'")
    with opened_account(ctx) as (settings, account):
        now = present(pretended_now, settings.mode, settings.timezone)
        at = _past(given, settings, now)
        consents = [
            Consent(channel=each, kind=kind, source=source.strip(), text=text.strip(), url=url, ip=ip, at=at)
            for each in dict.fromkeys(channels)
        ]
        if fault := fault_of(consents[0]):
            raise UsageError(fault, help="give them with --text" if "words" in fault else "correct it, or leave it out")
        with account.store.write() as session:
            book = load_book(session, account.name)
            for each in consents:
                record_fact(session, account.name, book, lead, consent_fact(each, now))
    click.echo(f"{lead}: {kind} consent for {', '.join(each.channel for each in consents)} recorded")


@command.command("withdraw")
@click.argument("lead", metavar="LEAD")
@click.option("--channel", type=click.Choice(_CHANNELS), default=None, help="For this channel alone; default: all.")
@click.option("--source", default="", metavar="TEXT", help="How you know.")
@click.option("--text", default="", metavar="TEXT", help="The person's own words.")
@click.option("--at", "taken_back", metavar=INSTANT, help="When; default: now.")
@now_option
@click.pass_context
def withdraw(
    ctx: click.Context,
    lead: str,
    channel: str | None,
    source: str,
    text: str,
    taken_back: str | None,
    pretended_now: str | None,
) -> None:
    """Record that LEAD took a consent back. Somebody who wants no more messages opts out: `cadence event LEAD opt_out`.

    Messages that need a consent (`consent:` in cadence.yaml) are skipped from then on.
    """
    from cadence.leads.consents import entries_of, standing, withdrawal
    from cadence.runner.account import load_book
    from cadence.runner.record import record_fact, state_of
    from cadence.store import events

    with opened_account(ctx) as (settings, account):
        now = present(pretended_now, settings.mode, settings.timezone)
        at = _past(taken_back, settings, now)
        with account.store.write() as session:
            state_of(session, account.name, lead)
            held = standing(entries_of(lead, events.of_leads(session, account.name, [lead])[lead]))
            fact = withdrawal(channel or "", source, text, at, now)
            record_fact(session, account.name, load_book(session, account.name), lead, fact)
    click.echo(f"{lead}: consent {f'for {channel} ' if channel else ''}taken back")
    if not (channel in held if channel else held):
        click.echo("note: no such consent was on record", err=True)


@command.command("list")
@click.argument("lead", required=False, metavar="[LEAD]")
@json_option
@click.pass_context
def list_(ctx: click.Context, lead: str | None, as_json: bool) -> None:
    """List the consents that hold now; with LEAD, all that was ever recorded of that one, inquiries included."""
    from cadence.cli.consent_view import data_of, print_entries
    from cadence.leads.consents import GIVEN, WITHDRAWN, entries_of, standing

    entries: list[ConsentEntry] = []
    with opened_account(ctx) as (settings, account):
        for each, log in _logs(account, lead, (GIVEN, WITHDRAWN)):
            told = entries_of(each, log)
            entries += told if lead else standing(told).values()
    if as_json:
        print_json([data_of(each) for each in entries])
    else:
        print_entries(entries, settings.timezone)


@command.command("export")
@click.argument("file", required=False, type=click.Path(dir_okay=False), metavar="[FILE]")
@click.option("--lead", default=None, metavar="ID", help="Only this lead.")
@json_option
@click.pass_context
def export(ctx: click.Context, file: str | None, lead: str | None, as_json: bool) -> None:
    """Write the proof of consent as CSV or JSON into the new FILE, or to the terminal.

    Every consent given and taken back, and every inquiry of the person's own: who, on which number or address, to
    which words, when, where, and when it was recorded.
    """
    import json

    from cadence.cli.consent_view import data_of, table_of
    from cadence.cli.files import write_new
    from cadence.leads.consents import GIVEN, WITHDRAWN, entries_of
    from cadence.playbook.words import EVENTS

    inquiries = [kind for kind, event in EVENTS.items() if event.inquiry]
    with opened_account(ctx) as (_, account):
        logs = _logs(account, lead, (GIVEN, WITHDRAWN, *inquiries))
        entries = [entry for each, log in logs for entry in entries_of(each, log)]
    as_data = [data_of(each) for each in entries]
    text = f"{json.dumps(as_data, ensure_ascii=False, indent=2)}\n" if as_json else table_of(entries)
    if file:
        write_new(Path(file), text)
        click.echo(f"{file}: {len(entries)} entr{'y' if len(entries) == 1 else 'ies'}")
    else:
        click.echo(text, nl=False)


def _logs(account: Account, lead: str | None, types: tuple[str, ...]) -> Iterator[tuple[str, list[Event]]]:
    """Read the log of one lead, or of every lead in which one of these types stands."""
    from cadence.store import events, leads
    from cadence.store.session import chunks

    with account.store.read() as session:
        if lead and leads.get(session, account.name, lead) is None:
            raise LeadError(f"there is no lead {lead!r}", help="`cadence leads list` shows them")
        for part in chunks([lead] if lead else events.leads_with(session, account.name, types)):
            yield from events.of_leads(session, account.name, part).items()


def _past(text: str | None, settings: Settings, now: datetime) -> datetime:
    at = at_instant(text, settings.timezone, option="--at") if text else now
    if at > now:
        raise UsageError("--at lies in the future", help="record what happened when it has happened")
    return at
