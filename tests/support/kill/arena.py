"""A shop, a provider and ticks that are killed: rounds of them, then peace, then the verdict."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cadence.store import alerts, leads, outbox
from cadence.store.store import open_store
from support.kill.checker import Verdict, check
from support.kill.shop import ACCOUNT, DAYS, PATIENCE, START, Shop
from support.kill.worker import Order
from support.provider import Mood, Provider, running_provider

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cadence.playbook.compile import Plan
    from cadence.store.store import Store
    from support.kill.zygote import Ended, Zygote

__all__ = ["AT_RANDOM", "BAD_DAY", "GOOD_DAY", "Arena", "open_arena"]

AT_RANDOM = "at random"
ABROAD = 0.2  #: share of workers that seem to run on another machine
PEACE = 240.0  #: seconds in which everything must have settled
LEAP = timedelta(minutes=10)  #: further than to the next thing to do, when all is to settle
STEP = timedelta(seconds=20)  #: from one round to the next, by the clock that ticks judge by

GOOD_DAY = Mood(lag_ms=150, late_ms=300)
BAD_DAY = Mood(
    hang=0.03, late=0.03, drop=0.03, garbled=0.02, broken_after=0.03, slow=0.1, busy=0.05, broken_before=0.03,
    list_broken=0.2, lag_ms=150, late_ms=600, slow_ms=100, retry_after=1,
)  # fmt: skip


@dataclass
class Arena:
    """Where ticks fight."""

    shop: Shop
    store: Store
    provider: Provider
    zygote: Zygote
    dice: random.Random
    variant: str = ""  #: see :mod:`support.kill.broken`
    now: datetime = START  #: what ticks judge by
    until: datetime = START  #: what has come by then must be done in the end
    arrivals: dict[str, datetime] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)  #: place -> workers that died there
    ticks: int = 0  #: workers started
    overlaps: int = 0  #: rounds of several
    plans: dict[str, Plan] = field(default_factory=dict)

    def add(self, number: int) -> None:
        """Have leads come in."""
        first = len(self.arrivals)
        self.shop.add(self.store, range(first, first + number), self.now, self.plans)
        self.arrivals.update((f"lead-{each:05}", self.now) for each in range(first, first + number))

    def order(self, place: str = "", nth: int = 1, *, abroad: bool = False) -> Order:
        """Make an order for a worker that dies at a place, at random, or nowhere."""
        return Order(
            root=str(self.shop.root),
            store=self.shop.store,
            port=self.provider.port,
            now=self.now.isoformat(),
            die_at="" if place == AT_RANDOM else place,
            nth=nth,
            die_after=self.dice.uniform(0.005, 0.4) if place == AT_RANDOM else 0.0,
            abroad=abroad,
            variant=self.variant,
        )

    def run(self, orders: Sequence[Order]) -> list[Ended]:
        """Have ticks work at once, and some of them die; then a little time passes."""
        found = self.zygote.run(orders)
        for order, ended in zip(orders, found, strict=True):
            assert ended.end in ("done", "killed"), f"a tick {ended.end}: {order}\n{ended.error}"
            if ended.end == "killed":
                self.kills[ended.at or AT_RANDOM] += 1
        self.ticks += len(orders)
        self.overlaps += len(orders) > 1
        self.now += STEP
        return found

    def fight(self, places: Sequence[str], *, workers: int = 2, leads: int = 8, rounds: int = 40) -> list[str]:
        """Have a worker die at each of these places, several at once; return where none did in so many rounds.

        One whose work was done by others before it came to its place gets another try. Now and then one of them
        seems to run on another machine.
        """
        open_places = list(places)
        for _ in range(rounds):
            if not open_places:
                break
            self.add(leads)
            tried = open_places[:workers]
            clean = [""] * (workers - len(tried))
            orders = [
                self.order(place, self.dice.randint(1, 2), abroad=self.dice.random() < ABROAD)
                for place in (*tried, *clean)
            ]
            for place, ended in zip(tried, self.run(orders), strict=False):
                if ended.end == "killed":
                    open_places.remove(place)
        return open_places

    def settle_all(self) -> Verdict:
        """Settle what is due by now, then what is due later; judge."""
        self.settle(self.now + timedelta(hours=1))
        self.settle(max(self.arrivals.values()) + DAYS + timedelta(hours=1))
        return self.verdict()

    def settle(self, until: datetime) -> None:
        """Let clean ticks do the rest of what is due by ``until``, while the provider has a good day."""
        self.provider.set_mood(GOOD_DAY)
        self.until = max(self.until, until)
        deadline = time.monotonic() + PEACE
        while (rest := self._look()) is not None and time.monotonic() < deadline:
            wake, check_at = rest
            if wake is not None:
                self.now = max(self.now, wake + LEAP)
            elif check_at is not None:
                time.sleep(max(0.0, min((check_at - datetime.now(UTC)).total_seconds(), PEACE)))
            self.run([self.order(), self.order()])

    def verdict(self) -> Verdict:
        """Judge."""
        return check(self.store, self.provider.taken(), self.arrivals, self.until)

    def _look(self) -> tuple[datetime | None, datetime | None] | None:
        """Tell when somebody is due and when something must be looked at; None: nothing is left to do."""
        with self.store.read() as session:
            due = (leads.next_wake(session, ACCOUNT), alerts.next_due(session, ACCOUNT))
            checks = [row.check_at for row in outbox.open_rows(session, ACCOUNT) if row.check_at != outbox.NEVER]
        wake = min((each for each in due if each is not None and each <= self.until), default=None)
        return (wake, min(checks, default=None)) if wake or checks else None


@contextmanager
def open_arena(
    folder: Path, store: str, zygote: Zygote, seed: int, *, mood: Mood = GOOD_DAY, variant: str = ""
) -> Iterator[Arena]:
    """Make a shop in an empty folder and an empty database, and a provider for it."""
    shop = Shop(folder, store)
    shop.set_up()
    with running_provider(folder / "provider.jsonl", mood) as provider, open_store(store, wait=PATIENCE) as opened:
        yield Arena(shop, opened, provider, zygote, random.Random(seed), variant)
