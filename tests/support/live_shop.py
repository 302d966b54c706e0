"""A shop in live mode, worked by the installed program, with providers of the tests' own on this machine."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cadence.files import starter
from support.entry import call
from support.hook_calls import PUBLIC_KEY
from support.quiet import quiet
from support.sendgrid_desk import KEY
from support.twilio_desk import ACCOUNT, TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.imap_server import MailServer
    from support.sendgrid_desk import SendGridDesk
    from support.smtp_desk import SmtpDesk
    from support.twilio_desk import TwilioDesk

__all__ = ["PUBLIC", "LiveShop", "imap_lines", "live_page", "smtp_lines"]

PUBLIC = "https://hooks.example.com"

_WORKSPACE = """\
cadence: 1
account: summit
business:
  name: Summit Roofing
  phone: "+18165550100"
  timezone: America/Chicago
  postal_address: "1 Main St, Kansas City, MO 64105"
team:
  - {{id: dana, name: Dana Reyes, roles: [csr, dispatcher, sales, ops_lead, fallback], phone: "+18165550101"}}
channels:
  sms: {{via: twilio, from: "+18165550100"}}
  email: {email}
mode: {mode}
public_url: {public}
inbound: {inbound}
law:
  - {{state: MO, hours: "00:00-24:00", source: tests, as_of: "2026-11-22"}}
  - {{state: US, hours: "00:00-24:00", source: tests, as_of: "2026-11-22"}}
"""

_PAGE = """\
cadence: 1
playbook: roofer
title: Live
description: Goes at any hour, for tests.
send_windows: {{sms: "00:00-24:00", email: "00:00-24:00"}}
limits: {{messages_per_day: 20, messages_per_week: 50, min_gap: 1m}}
stop_on: [reply]
stages:
  new:
    title: New
    owner: csr
    enter_on: [lead.created]
    touches:
{touches}
    next: {{lead.won: won, lead.lost: lost}}
  won: {{end: won}}
  lost: {{end: lost}}
"""


def live_page(*touches: str) -> str:
    """Return a page with these touches (``id: hello, channel: sms, send: now``), windows open at every hour."""
    return _PAGE.format(touches="\n".join(f"      - {{{touch}}}" for touch in touches))


@dataclass
class LiveShop:
    """One workspace; ``run`` is the installed program in it."""

    folder: Path
    program: Callable[..., Any]
    env: dict[str, str] = field(default_factory=dict)

    def set_up(
        self,
        page: str,
        *,
        mode: str = "live",
        email: str = "{via: sendgrid, from: hello@example.com}",
        inbound: str = "{poll: true}",
        more: str = "",
    ) -> None:
        """Write the workspace."""
        for kind in ("playbooks", "templates"):
            shutil.copytree(starter(kind), self.folder / kind, ignore=shutil.ignore_patterns("hvac*", "plumber*"))
        text = _WORKSPACE.format(mode=mode, email=email, public=PUBLIC, inbound=inbound) + more
        (self.folder / "cadence.yaml").write_text(quiet(text), encoding="utf-8")
        (self.folder / "playbooks" / "roofer.yaml").write_text(page, encoding="utf-8")
        (self.folder / "playbooks" / "roofer.samples.yaml").unlink(missing_ok=True)

    def change(self, old: str, new: str) -> None:
        """Edit cadence.yaml."""
        page = self.folder / "cadence.yaml"
        text = page.read_text(encoding="utf-8")
        assert old in text
        page.write_text(text.replace(old, new), encoding="utf-8")

    def knows(
        self,
        *,
        twilio: TwilioDesk | None = None,
        sendgrid: SendGridDesk | None = None,
    ) -> None:
        """Give the machine its secrets, and the addresses of the providers."""
        self.env |= {
            "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "SENDGRID_API_KEY": KEY,
            "SENDGRID_WEBHOOK_KEY": PUBLIC_KEY, "CADENCE_SECRET": "0123456789abcdef0123456789abcdef",
            "NO_PROXY": "127.0.0.1,localhost",
        }  # fmt: skip
        self.env |= {"CADENCE_TWILIO_URL": twilio.url} if twilio else {}
        self.env |= {"CADENCE_SENDGRID_URL": sendgrid.url} if sendgrid else {}

    def run(self, *words: str, expect: int = 0) -> Any:
        """Run a command; ``expect`` is the exit code it must end with."""
        answer = self.program("-C", str(self.folder), *words, env=self.env)
        assert answer.code == expect, f"cadence {' '.join(words)} ended with {answer.code}\n{answer.out}\n{answer.err}"
        assert "Traceback" not in answer.err
        return answer

    def look(self, *words: str) -> str:
        """Run a command that sends nothing, in this process; return what it prints."""
        called = call(self.folder, *words)
        assert called.code == 0, called.err
        return called.out

    def add(self, lead: str, *, ago: int = 0, **record: str) -> None:
        """Have a lead come in, so many minutes ago."""
        given = {"name": f"{lead.title()} Lopez", "zip": "64110", "trade": "roofing", **record}
        words = [f"{name}={value}" for name, value in given.items()]
        at = ["--at", f"{datetime.now(UTC) - timedelta(minutes=ago):%Y-%m-%dT%H:%M}+00:00"] if ago else []
        self.look("leads", "add", f"id={lead}", *words, *at)

    def tick(self, expect: int = 0) -> dict[str, Any]:
        """Tick at the real time; return what it says of itself."""
        said: dict[str, Any] = json.loads(self.run("tick", "--json", expect=expect).out)
        return said

    def touches(self, lead: str) -> dict[str, tuple[str, str]]:
        """Tell how a lead's touches stand: state and reason."""
        rows = self.rows("SELECT touch, state, reason FROM outbox WHERE lead = ? ORDER BY decided_at", lead)
        return {touch: (state, reason) for touch, state, reason in rows}

    def events(self, lead: str, *kinds: str) -> list[str]:
        """List what was recorded of a lead, of these kinds."""
        rows = self.rows("SELECT type FROM events WHERE lead = ? ORDER BY id", lead)
        return [kind for (kind,) in rows if not kinds or kind in kinds]

    def suppressed(self) -> set[str]:
        """Name the addresses that nothing may go to."""
        return {row["address"] for row in json.loads(self.look("suppress", "list", "--json"))}

    def rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """Look into the database."""
        with closing(sqlite3.connect(self.folder / "cadence.db")) as connection:
            return list(connection.execute(query, values))


def smtp_lines(desk: SmtpDesk) -> str:
    """Return the channel that goes to a mail server of the tests' own."""
    return f"{{via: smtp, from: hello@example.com, host: localhost, port: {desk.port}, tls: none}}"


def imap_lines(server: MailServer) -> str:
    """Return where answers come in at a mailbox of the tests' own."""
    return f"{{imap: {{host: localhost, port: {server.port}, user: box@example.com, tls: false}}}}"
