"""Meaning checks of ``cadence.yaml``: how messages leave, where they go, and what the law says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.lint_rules import Fault, WorkspaceReading, rule
from cadence.playbook.words import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RULES"]


@rule("unknown-provider", severity="warning")
def unknown_provider(reading: WorkspaceReading) -> Iterator[Fault]:
    """A service that does not come with the program."""
    for channel, settings in reading.data.get("channels", {}).items():
        known = PROVIDERS.get(channel, ())
        if known and settings.get("via", known[0]) not in known:
            yield Fault(
                ("channels", channel, "via"),
                f"no service '{settings['via']}' for {channel} comes with the program; an extension must add it",
                did_you_mean(settings["via"], known) or f"those that come with it: {', '.join(known)}",
            )


@rule("no-host")
def no_host(reading: WorkspaceReading) -> Iterator[Fault]:
    """A mail server that is not named."""
    for channel, settings in reading.data.get("channels", {}).items():
        if settings.get("via") == "smtp" and "host" not in settings:
            yield Fault(
                ("channels", channel, "via"),
                "smtp hands mail to a mail server, and none is named",
                "add the server, for instance: host: smtp.example.com",
            )


@rule("no-redirect")
def no_redirect(reading: WorkspaceReading) -> Iterator[Fault]:
    """A rehearsal without an address to send to."""
    if reading.data.get("mode") != "redirect":
        return
    there = reading.data.get("redirect", {})
    for channel in reading.data.get("channels", {}):
        taker = _TAKES.get(channel, "")
        if taker and taker not in there:
            example = 'sms: "+18165550199"' if taker == "sms" else "email: me@example.com"
            yield Fault(
                ("mode",),
                f"everything is to be redirected, and 'redirect:' does not say where messages by {channel} go",
                f"add your own address, for instance: redirect: {{{example}}}",
            )


#: Channel -> the key under ``redirect:`` whose address gets its messages.
_TAKES = {"sms": "sms", "voice": "sms", "email": "email"}


@rule("duplicate-law")
def duplicate_law(reading: WorkspaceReading) -> Iterator[Fault]:
    """Two rows of law for one place."""
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(reading.data.get("law", ())):
        kind = "state" if "state" in row else "country"
        if (kind, row[kind]) in seen:
            yield Fault(
                ("law", number, kind),
                f"there are two rows for the {kind} {row[kind]}",
                "keep the stricter one",
            )
        seen.add((kind, row[kind]))


RULES = (unknown_provider, no_host, no_redirect, duplicate_law)
