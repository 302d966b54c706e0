"""A shop and a provider that does what a test wants, with every clock in the test's hand.

The provider stands in for one that is called over a network: what it takes, it has, and it tells the truth when asked.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cadence.channels.channel import Absent, Accepted, Channel, Found
from cadence.leads.arrival import Arrival, with_places
from cadence.leads.record import normalise
from cadence.runner.clock import pretended_clock
from cadence.runner.record import add_leads, record_fact
from cadence.runner.tick import tick
from cadence.store import outbox
from support.desk import TUESDAY, Desk
from support.plans import fact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from cadence.channels.channel import Finding, Outgoing, Result
    from cadence.runner.report import TickReport
    from cadence.store.outbox import OutboxRow
    from support.clocks import SharedClock

__all__ = ["Lab", "Provider", "takes", "texts_page"]

#: A page whose first texts go at once at any hour, and nothing else in the way.
_PAGE = """\
cadence: 1
playbook: roofer
title: Texts
description: Texts that go at any hour, for tests.
send_windows: {{sms: "00:00-24:00", email: "00:00-24:00"}}
limits: {{messages_per_day: 20, messages_per_week: 50, min_gap: {gap}}}
expires_after: {expires}
stop_on: [reply]
stages:
  new:
    title: New
    owner: csr
    enter_on: [lead.created]
    touches:
{touches}
    next: {{lead.won: won, lead.lost: lost, lead.qualified: later}}
  later: {{title: Later, owner: sales, next: {{lead.won: won, lead.lost: lost}}}}
  won: {{end: won}}
  lost: {{end: lost}}
"""


def takes(_: Outgoing) -> Result:
    """Take a message."""
    return Accepted()


class Provider(Channel):
    """Answers each message as ``answer`` says; ``has`` are those it took, by key."""

    def __init__(
        self,
        answer: Callable[[Outgoing], Result] = takes,
        *,
        workers: int = 4,
        per_call: int = 1,
        has: Callable[[Outgoing, Result], bool] = lambda _, result: isinstance(result, Accepted),
        visible_after: timedelta = timedelta(minutes=2),
    ) -> None:
        """``has`` tells whether a message went, given what is answered."""
        self.answer = answer
        self.workers = workers
        self.per_call = per_call
        self.visible_after = visible_after
        self.took = has
        self.calls: list[Outgoing] = []
        self.asked: list[Outgoing] = []
        self.has: Counter[str] = Counter()
        self.order: list[Outgoing] = []  #: what it took, in order
        self._lock = threading.Lock()

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        results = [self.answer(message) for message in messages]
        with self._lock:
            self.calls += messages
            for message, result in zip(messages, results, strict=True):
                if self.took(message, result):
                    self.has[message.key] += 1
                    self.order.append(message)
        return results

    def look_up(self, messages: Sequence[Outgoing]) -> Sequence[Finding]:
        self.asked += messages
        return [Found() if self.has[message.key] else Absent() for message in messages]

    @property
    def twice(self) -> list[str]:
        """Messages that it took more than once."""
        return [key for key, times in self.has.items() if times > 1]


def texts_page(*touches: str, gap: str = "1m", expires: str = "1d") -> str:
    """Return a page with these touches (``id, after: 10m``), all texts."""
    lines = (f"      - {{{touch}, channel: sms, template: roofer/new/second-try}}" for touch in touches)
    return _PAGE.format(touches="\n".join(lines), gap=gap, expires=expires)


@dataclass
class Lab:
    """A desk whose clocks stand where ticks are told to be."""

    desk: Desk
    clock: SharedClock
    provider: Provider = field(default_factory=Provider)
    known: int = 0  #: leads that came in

    def write_page(self, text: str) -> None:
        """Have the shop work by another page."""
        self.desk.page.write_text(text, encoding="utf-8")
        (self.desk.root / "playbooks" / "roofer.samples.yaml").unlink(missing_ok=True)

    def add(self, leads: Iterable[str] | int, at: datetime = TUESDAY, **record: Any) -> list[str]:
        """Have leads come in, by name or so many."""
        names = [f"lead-{number:04}" for number in range(leads)] if isinstance(leads, int) else list(leads)
        self.desk.publish(at)
        arrivals = []
        for number, name in enumerate(names, self.known):
            written = {"name": f"{name.title()} Lopez", "phone": f"+1816555{number:04}", "zip": "64110",
                       "trade": "roofing", **record}  # fmt: skip
            arrivals.append(Arrival(id=name, record=with_places(normalise(written, ()).attributes), at=at))
        self.known += len(names)
        with self.desk.account.store.write() as session:
            add_leads(session, "summit", self.desk.book(session), arrivals, at)
        return names

    def tell(self, lead: str, kind: str, at: datetime, /, **data: Any) -> None:
        """Have something become known of a lead."""
        with self.desk.account.store.write() as session:
            record_fact(session, "summit", self.desk.book(session), lead, fact(kind, at, **data))

    def tick(self, at: datetime, *, shared: datetime | None = None, **options: Any) -> TickReport:
        """Tick at an instant by every clock; ``shared``: the store's clock says something else."""
        self.clock.set(shared or at)
        channels = dict.fromkeys(("sms", "email", "audience"), self.provider)
        given = {"clock": pretended_clock(at), "channels": channels, "plans": self.desk.plans, **options}
        return tick(self.desk.account, at, **given)

    def ticks(self, start: datetime, number: int, every: timedelta = timedelta(minutes=1)) -> list[TickReport]:
        """Tick so many times."""
        return [self.tick(start + every * turn) for turn in range(number)]

    def rows(self) -> dict[str, OutboxRow]:
        """Return the outbox, texts and e-mails only."""
        with self.desk.account.store.read() as session:
            rows = outbox.listing(session, "summit", limit=100_000)
        return {row.touch_key: row for row in rows if row.channel in ("sms", "email")}

    def states(self) -> Counter[str]:
        """Count the messages of the outbox by state."""
        return Counter(row.state for row in self.rows().values())
