"""``cadence inbox``: what comes in, and what it means."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from cadence.cli.inbox_view import list_, show
from cadence.cli.options import INSTANT, at_instant, json_option, print_json, workspace_root
from cadence.errors import CadenceError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.inbox.kinds import Reading
    from cadence.inbox.message import Inbound

__all__ = ["command"]

_TITLES = {
    "opt_out": "an opt-out: the person asks us to stop for good",
    "opt_in": "a return: the person wants messages again",
    "acknowledgement": "a confirmation",
    "snooze": "a wish to hear from us later",
    "not_interested": "a no",
    "automatic": "an automatic answer",
    "reply": "a reply",
}
_MACHINES = {
    "out_of_office": "the person is away",
    "delivery_report": "a report on a delivery",
    "other": "no person wrote it",
}
_FOLLOWS = {
    "opt_out": "no automated message goes to the person any more; the owner is told",
    "opt_in": "messages may go again",
    "acknowledgement": "the appointment is confirmed; nothing stops",
    "not_interested": "the lead is closed as lost, unless the stage says otherwise under `next:`",
    "reply": "the sequence stops, where the page says so under `stop_on:`; the owner gets a next step: answer",
}
_OWN_RULES = {
    "anything-else": "no rule fits",
    "told-by-provider": "the provider took it so, and acted on it",
    "reaction": "a reaction to one of our messages; its quote does not count",
    "headers": "the mail's headers say so",
}


@click.group("inbox", short_help="what answers mean")
def command() -> None:
    """See what came in and what was made of it, and what an answer would be taken for."""


command.add_command(list_)
command.add_command(show)


@command.command("classify")
@click.argument("text", metavar="[TEXT]", required=False)
@click.option("--mail", type=click.Path(exists=True, dir_okay=False), help="Read a mail, as saved by a mail program.")
@click.option("--channel", type=click.Choice(["sms", "email"]), default="sms", show_default=True, help="How it came.")
@click.option("--subject", default="", metavar="TEXT", help="Of a mail.")
@click.option("--header", "headers", multiple=True, metavar="NAME=VALUE", help="Of a mail. Repeatable.")
@click.option("--awaits", is_flag=True, help="The person was asked to confirm an appointment, and has not yet.")
@click.option("--told", type=click.Choice(["STOP", "START", "HELP"]), help="What the provider took it for.")
@click.option("--at", "written", metavar=INSTANT, help="When it was written; default: now.")
@json_option
@click.pass_context
def classify(
    ctx: click.Context,
    text: str | None,
    mail: str | None,
    channel: str,
    subject: str,
    headers: tuple[str, ...],
    awaits: bool,
    told: str | None,
    written: str | None,
    as_json: bool,
) -> None:
    """Say what the answer TEXT is taken for, and why; - reads it from standard input.

    --mail FILE reads a mail instead, with its subject, headers and date. Nothing is recorded. Your own words under
    `replies:` in cadence.yaml count. Days are worked out on the business's clock.
    """
    from cadence.inbox.reading import read_reply
    from cadence.runner.settings import read_settings
    from cadence.workspace import reply_rules

    settings = read_settings(workspace_root(ctx))
    at = _written(written, settings.timezone)
    answer = _answer(text, mail, at)
    reading = read_reply(
        answer.text if answer else _typed(text),
        subject=answer.subject if answer else subject,
        channel=answer.channel if answer else channel,
        headers=answer.headers if answer else _headers(headers),
        told=told or "",
        awaits=awaits,
        at=answer.at if answer and not written else at,
        zone=ZoneInfo(settings.timezone),
        rules=reply_rules(settings.workspace.replies),
    )
    if as_json:
        print_json(_data(reading))
        return
    for line in _lines(reading, settings.timezone):
        click.echo(line)


def _answer(text: str | None, mail: str | None, now: datetime) -> Inbound | None:
    """Read the mail in a file; None when a text was given instead."""
    if (text is None) is (mail is None):
        raise UsageError(
            "give either TEXT or --mail FILE", help='for instance: cadence inbox classify "call me next week"'
        )
    if mail is None:
        return None
    from cadence.inbox.mail import read_mail
    from cadence.inbox.message import Inbound

    read = read_mail(Path(mail).read_bytes(), received=now)
    if not isinstance(read, Inbound):
        raise CadenceError(f"{mail} holds no answer of a person or a machine", help="it is empty, or a delivery report")
    return read


def _typed(text: str | None) -> str:
    return sys.stdin.buffer.read().decode("utf-8", errors="replace") if text == "-" else text or ""


def _written(given: str | None, timezone: str) -> datetime:
    from datetime import UTC, datetime

    return at_instant(given, timezone, option="--at") if given else datetime.now(UTC).replace(microsecond=0)


def _headers(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--header {pair!r} is not NAME=VALUE", help="write it like precedence=bulk")
        found[name.strip().lower()] = value
    return found


def _lines(reading: Reading, timezone: str) -> list[str]:
    title = _TITLES[reading.kind]
    if reading.automatic:
        title += f": {_MACHINES[reading.automatic]}"
    lines = [f"{title}{'' if reading.sure else ' (not sure)'}", f"  why      {_why(reading)}"]
    lines.append(f"  follows  {_follows(reading, timezone)}")
    lines += [f"  removed  {each.what}: {_short(each.text)}" for each in reading.removed]
    return lines


def _why(reading: Reading) -> str:
    said = _OWN_RULES.get(reading.rule, f"the rule {reading.rule}")
    return f'{said}: "{_short(reading.because)}"' if reading.because else said


def _follows(reading: Reading, timezone: str) -> str:
    kind = reading.counts_as
    if kind == "snooze":
        said = f"touches wait {_until(reading, timezone, '7 days')}; that day the owner gets a next step"
    elif kind == "automatic" and reading.automatic == "out_of_office":
        said = f"touches wait {_until(reading, timezone, '3 days')}"
    elif kind == "automatic":
        said = "nothing"
    else:
        said = _FOLLOWS[kind]
    if kind != reading.kind:
        return f"not being sure, cadence takes it for a reply: {said}"
    return said if reading.sure else f"{said}. A person should look"


def _until(reading: Reading, timezone: str, default: str) -> str:
    if reading.until is None:
        return f"{default}: it names no day"
    return f"until {reading.until.astimezone(ZoneInfo(timezone)):%a %d %b %Y %H:%M}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    shown = line if len(line) <= 70 else f"{line[:70]}…"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in shown)


def _data(reading: Reading) -> dict[str, Any]:
    return {
        "kind": reading.kind,
        "counts_as": reading.counts_as,
        "sure": reading.sure,
        "rule": reading.rule,
        "because": reading.because,
        "until": reading.until.isoformat() if reading.until else None,
        "automatic": reading.automatic,
        "text": reading.text,
        "removed": [{"what": each.what, "text": each.text} for each in reading.removed],
    }
