"""A shop to be killed: its pages, its database, its leads, and what it must have done in the end."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cadence.files import starter
from cadence.leads.arrival import Arrival, with_places
from cadence.leads.record import normalise
from cadence.runner.account import Account, load_book
from cadence.runner.publish import publish_edits
from cadence.runner.record import add_leads
from cadence.store import accounts
from cadence.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cadence.playbook.compile import Plan
    from cadence.store.store import Store

__all__ = ["ACCOUNT", "DAYS", "GAP", "PATIENCE", "START", "TOUCHES", "Shop", "opened"]

ACCOUNT = "summit"
START = datetime(2026, 11, 10, 19, 10, tzinfo=UTC)  #: a Tuesday, 13:10 in Kansas City
PATIENCE = 30.0  #: seconds that one waits for another at the database, however busy the machine is
GAP = timedelta(minutes=20)  #: between two messages to one person
DAYS = timedelta(days=2)  #: from the first text to the last
#: What every lead gets; touch -> how long after it came in. The call is a person's: it is done by being listed.
TOUCHES = {"hello": timedelta(0), "letter": timedelta(0), "call": timedelta(0), "later": DAYS}

_PAGE = """
cadence: 1
playbook: roofer
send_windows: {sms: "00:00-24:00", email: "00:00-24:00"}
limits: {messages_per_day: 20, messages_per_week: 50, min_gap: 20m}
expires_after: 9d
stages:
  new:
    owner: csr
    enter_on: [lead.created]
    touches:
      - {id: hello, channel: sms, send: now, template: roofer/new/hello}
      - {id: letter, channel: email, send: now, template: roofer/new/letter}
      - {id: call, channel: call, send: now, template: roofer/new/call}
      - {id: later, channel: sms, after: 2d, template: roofer/new/later}
    next: {lead.won: won, lead.lost: lost}
  won: {end: won}
  lost: {end: lost}
"""
_TEXTS = {
    "hello.sms.j2": "Hi {{ lead.first_name or 'there' }}, this is {{ business.name }}. Reply STOP to opt out.",
    "letter.email.j2": "---\nsubject: Your roof\n---\nHi {{ lead.first_name or 'there' }}, we wrote.",
    "call.call.j2": "Ask {{ lead.first_name or 'there' }} about the roof.",
    "later.sms.j2": "Hi {{ lead.first_name or 'there' }}, {{ business.name }} again. Reply STOP to opt out.",
}


@dataclass(frozen=True)
class Shop:
    """A workspace and the address of its database."""

    root: Path
    store: str

    def set_up(self) -> None:
        """Write the pages, make the database, publish."""
        text = starter("schemas", "starter.cadence.yaml").read_text(encoding="utf-8")
        (self.root / "cadence.yaml").write_text(text, encoding="utf-8")
        (self.root / "playbooks").mkdir()
        (self.root / "playbooks" / "roofer.yaml").write_text(_PAGE, encoding="utf-8")
        folder = self.root / "templates" / "roofer" / "new"
        folder.mkdir(parents=True)
        for name, body in _TEXTS.items():
            (folder / name).write_text(body, encoding="utf-8")
        with open_store(self.store, create=True) as store, store.write() as session:
            accounts.ensure(session, ACCOUNT, START)
            published = publish_edits(session, ACCOUNT, self.root, START)
            assert not published.faults, published.faults

    def add(self, store: Store, numbers: range, at: datetime, plans: dict[str, Plan]) -> None:
        """Have leads come in."""
        arrivals = []
        for number in numbers:
            written = {
                "id": f"lead-{number:05}", "name": f"Maria{number} Lopez", "phone": f"+1816{2_000_000 + number}",
                "email": f"maria{number}@example.com", "zip": "64110", "trade": "roofing",
            }  # fmt: skip
            arrivals.append(Arrival(id=written["id"], record=with_places(normalise(written, ()).attributes), at=at))
        with store.write() as session:
            add_leads(session, ACCOUNT, load_book(session, ACCOUNT, plans), arrivals, at)


@contextmanager
def opened(root: Path, store: str) -> Iterator[Account]:
    """Open the shop for work."""
    with open_store(store, wait=PATIENCE) as database:
        yield Account(root=root, name=ACCOUNT, store=database, mode="log", log_file=root / "messages.log")
