"""A shop whose page is edited while leads are on their way: pages of a few lines, a real database, real ticks.

shop.open(PAGE)
shop.add()
shop.go_on("2026-11-25 12:00")
shop.apply(EDITED, "2026-11-25 12:00")
shop.go_on("2026-12-10 12:00")
assert shop.sent() == [("2026-11-24 13:10", "hello"), ...]
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.files import signature
from cadence.leads.arrival import Arrival
from cadence.reports.plan import PlanMade, make_plan
from cadence.runner.account import Account, load_book
from cadence.runner.inflight import in_flight
from cadence.runner.planning import Planned, plan_edit, publish_planned
from cadence.runner.publish import publish_plans
from cadence.runner.record import add_leads, record_fact, state_of
from cadence.runner.tick import tick
from cadence.store import accounts, leads, outbox
from cadence.store.store import open_store
from support.plans import fact, instant, lead_fact, local_text, plan_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from cadence.engine.state import EnrolmentState
    from cadence.playbook.compile import Plan
    from cadence.store.outbox import OutboxRow

__all__ = ["ARRIVES", "EditedShop", "edited_shop", "run_ticks"]

ARRIVES = "2026-11-24 13:10"  #: a Tuesday, on the shop's clock
MINUTE = timedelta(minutes=1)
NAME = "summit"


def run_ticks(shop: Account, plans: dict[str, Plan], start: datetime, end: datetime) -> datetime:
    """Tick at full minutes from ``start`` to before ``end``; minutes in which nobody is due are passed over."""
    at = start
    while at < end:
        with shop.store.read() as session:
            wake = leads.next_wake(session, shop.name)
        if wake is None or wake >= end:
            break
        at = max(at, wake + timedelta(seconds=-wake.timestamp() % 60))
        if at < end:
            tick(shop, at, plans=plans)
        at += MINUTE
    return max(end, at)


@dataclass
class EditedShop:
    """One shop; instants are local texts on its clock."""

    account: Account
    plans: dict[str, Plan] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: instant("2026-11-24 13:00"))

    def open(self, page: str) -> None:
        """Publish the first page."""
        with self.account.store.write() as session:
            accounts.ensure(session, NAME, self.now)
            publish_plans(session, NAME, [self.plan(page)], self.now)
            accounts.set_source(session, NAME, signature(self.account.root))

    def plan(self, page: str, templates: Mapping[str, str] | None = None) -> Plan:
        """Compile a page."""
        plan = plan_of(page, templates=templates)
        return self.plans.setdefault(plan.digest, plan)

    def add(self, lead: str = "maria", at: str = ARRIVES) -> None:
        """Have a lead come in."""
        self.go_on(at)
        arrival = lead_fact(at)
        number = len(lead) + sum(map(ord, lead)) % 90
        record = {**arrival.data["lead"], "id": lead, "phone": f"+181655501{number:02}", "email": f"{lead}@example.com"}
        with self.account.store.write() as session:
            book = load_book(session, NAME, self.plans)
            add_leads(session, NAME, book, [Arrival(id=lead, record=record, at=instant(at), inquiry=True)], instant(at))

    def happens(self, kind: str, at: str, lead: str = "maria") -> None:
        """Have something happen to a lead."""
        self.go_on(at)
        with self.account.store.write() as session:
            record_fact(session, NAME, load_book(session, NAME, self.plans), lead, fact(kind, at))

    def go_on(self, until: str) -> None:
        """Have ticks run until an instant."""
        self.now = run_ticks(self.account, self.plans, self.now, instant(until))

    def planned(self, page: str, at: str, *, moves: Sequence[str] = (), days: int = 30) -> Planned:
        """Find out what publishing a page would be about."""
        with self.account.store.read() as session:
            return plan_edit(session, NAME, [self.plan(page)], instant(at), mark="", days=days, moves=moves)

    def made(self, planned: Planned) -> PlanMade:
        """Make the plan."""
        with self.account.store.read() as session:
            return make_plan(planned, list(in_flight(session, NAME, playbooks=planned.playbooks)), burst=25)

    def apply(self, page: str, at: str, *, moves: Sequence[str] = ()) -> PlanMade:
        """Have ticks run until then, and publish a page; return the plan of it."""
        self.go_on(at)
        made = self.made(self.planned(page, at, moves=moves))
        publish_planned(self.account.store, made.planned, by="", how="apply")
        return made

    def rows(self, lead: str = "maria") -> list[OutboxRow]:
        """Return what became of the touches of a lead, in order of time."""
        with self.account.store.read() as session:
            found = [row for row in outbox.listing(session, NAME, limit=1000) if row.lead == lead]
        return sorted(found, key=lambda row: (row.decided_at, row.touch))

    def sent(self, lead: str = "maria") -> list[tuple[str, str]]:
        """Return what went, and when."""
        return [(local_text(row.decided_at), row.touch) for row in self.rows(lead) if row.state == "sent"]

    def not_sent(self, lead: str = "maria") -> list[tuple[str, str]]:
        """Return what ended without going, and why."""
        return [(row.touch, row.reason) for row in self.rows(lead) if row.state != "sent"]

    def stands(self, lead: str = "maria") -> EnrolmentState:
        """Return the latest enrolment of a lead."""
        with self.account.store.read() as session:
            return list(state_of(session, NAME, lead).enrolments.values())[-1]


@contextmanager
def edited_shop(folder: Path, url: str = "") -> Iterator[EditedShop]:
    """Open such a shop in a folder; ``url``: of its database, else it has one in the folder."""
    (folder / "cadence.yaml").touch()
    with open_store(url or f"sqlite:///{folder / 'cadence.db'}", create=not url) as store:
        account = Account(root=folder, name=NAME, store=store, mode="log", log_file=folder / "messages.log")
        yield EditedShop(account)
