"""A roofing shop on disk with a database of its own, worked on in this process."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cadence.files import starter
from cadence.leads.arrival import Arrival, with_places
from cadence.leads.record import normalise
from cadence.runner.account import Account, load_book, open_account
from cadence.runner.publish import publish_edits
from cadence.runner.record import add_leads
from cadence.store import accounts
from support.quiet import QUIET, quiet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cadence.engine.book import Book
    from cadence.playbook.compile import Plan
    from cadence.runner.publish import Published
    from cadence.store.session import Session

__all__ = ["TUESDAY", "Desk", "minutes", "open_desk"]

TUESDAY = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)  #: 13:10 in Kansas City, the shop is open


@dataclass(frozen=True)
class Desk:
    """One shop, open for work."""

    root: Path
    account: Account
    plans: dict[str, Plan] = field(default_factory=dict)  #: compiled versions, by digest

    @property
    def page(self) -> Path:
        """Return the roofer's page."""
        return self.root / "playbooks" / "roofer.yaml"

    @property
    def _workspace(self) -> Path:
        return self.root / "cadence.yaml"

    def edit(self, old: str, new: str) -> None:
        """Change the roofer's page."""
        text = self.page.read_text(encoding="utf-8")
        assert old in text
        self.page.write_text(text.replace(old, new), encoding="utf-8")

    def edit_workspace(self, old: str, new: str) -> None:
        """Change cadence.yaml."""
        text = self._workspace.read_text(encoding="utf-8")
        assert old in text
        self._workspace.write_text(text.replace(old, new), encoding="utf-8")

    def tell_colleagues(self, **how: str) -> None:
        """Have the team told what cannot wait, as the shop says; ``dana="by: email"``: one of them otherwise."""
        text = self._workspace.read_text(encoding="utf-8").replace(QUIET, "")
        for member, said in how.items():
            text = re.sub(rf"(  - {{id: {member}, .*)}}", rf"\1, alerts: {{{said}}}}}", text)
        self._workspace.write_text(text, encoding="utf-8")

    def publish(self, at: datetime = TUESDAY) -> Published:
        """Publish what was edited."""
        with self.account.store.write() as session:
            accounts.ensure(session, self.account.name, at)
            return publish_edits(session, self.account.name, self.root, at)

    def book(self, session: Session) -> Book:
        """Return the versions in force."""
        return load_book(session, self.account.name, self.plans)

    def add(self, lead: str, phone: str, at: datetime = TUESDAY) -> None:
        """Have a lead come in who asks for a roof."""
        written = {"id": lead, "name": f"{lead.title()} Lopez", "phone": phone, "zip": "64110", "trade": "roofing"}
        record = with_places(normalise(written, ()).attributes)
        self.publish(at)
        with self.account.store.write() as session:
            add_leads(session, self.account.name, self.book(session), [Arrival(id=lead, record=record, at=at)], at)

    def texts(self) -> str:
        """Return what would have been sent."""
        log = self.account.log_file
        return log.read_text(encoding="utf-8") if log.is_file() else ""


def minutes(number: float) -> datetime:
    """Return so many minutes after :data:`TUESDAY`."""
    return TUESDAY + timedelta(minutes=number)


@contextmanager
def open_desk(root: Path) -> Iterator[Desk]:
    """Make a roofing shop in a new folder, and open it; colleagues are told nothing until a test says so."""
    for kind in ("playbooks", "templates"):
        shutil.copytree(starter(kind), root / kind, ignore=shutil.ignore_patterns("hvac*", "plumber*"))
    page = starter("schemas", "starter.cadence.yaml").read_text(encoding="utf-8")
    (root / "cadence.yaml").write_text(quiet(page), encoding="utf-8")
    with open_account(root, "summit", "log", create=True) as account:
        yield Desk(root, account)
