"""One real tick in a process of its own, which dies where it is told to."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cadence.runner import reconcile
from cadence.runner import tick as ticks
from cadence.runner import work as batches
from cadence.runner.clock import TickClock
from cadence.runner.steps import Step
from support.http_channel import HttpChannel
from support.kill import broken
from support.kill.shop import opened
from support.provider import DIE, TAKES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cadence.channels.channel import Finding, Outgoing
    from cadence.playbook.compile import Plan

__all__ = ["ASKING", "PLACES", "Order", "work"]

BATCH = 5  #: leads decided in one transaction, so that few leads are many batches
SPEED = 10  #: a tick's seconds pass so many times faster
TIME = timedelta(seconds=20)  #: of its own in which a tick claims
BEGINS, VISIBLE = timedelta(seconds=2), timedelta(seconds=TAKES + 1.5)  #: see :class:`HttpChannel`
TIMEOUT = 0.4  #: seconds that a worker waits for the provider
LEASE = timedelta(seconds=4)  #: longer than a call may take to begin and to end

DURING = {"during call, not taken": "denied", "during call, taken": "accepted", "during call, taken after": "survives"}
ASKING = ("before question", "after question")  #: where it can die when there is something to ask about
PLACES = (*(step.value for step in Step), *DURING)  #: where a worker can be told to die, whenever there is work


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a worker is to do."""

    root: str
    store: str
    port: int  #: of the provider
    now: str
    die_at: str = ""  #: one of :data:`PLACES` or :data:`ASKING`; empty: nowhere
    nth: int = 1  #: at the n-th time it comes there
    die_after: float = 0.0  #: seconds after which it is killed from outside; 0: never
    abroad: bool = False  #: it seems to run on another machine, where nobody can see whether it lives
    variant: str = ""  #: of :mod:`support.kill.broken`: a program that is not ours


class _Fate:
    """Counts where the worker has come to, and ends it there and then."""

    def __init__(self, order: Order, tell: Callable[[str], None]) -> None:
        self.order = order
        self._tell = tell
        self._lock = threading.Lock()
        self._times: Counter[str] = Counter()

    def reach(self, place: str) -> None:
        """Come to a place; die, if this is the one."""
        if self._is_the_one(place):
            self._tell(f"at {place}")
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)

    def headers(self, message: Outgoing) -> Mapping[str, str]:
        """Have the provider do it, while a message is in its hands."""
        place = self.order.die_at
        if place in DURING and self._is_the_one(place):
            self._tell(f"at {place}")
            return {DIE: f"{DURING[place]}:{os.getpid()}"}
        return {}

    def _is_the_one(self, place: str) -> bool:
        with self._lock:
            self._times[place] += 1
            return place == self.order.die_at and self._times[place] == self.order.nth


class _Channel(HttpChannel):
    """The way out, which may also die when it asks."""

    def __init__(self, order: Order, fate: _Fate) -> None:
        super().__init__(order.port, timeout=TIMEOUT, begins_within=BEGINS, visible_after=VISIBLE, headers=fate.headers)
        self._fate = fate

    def look_up(self, messages: Sequence[Outgoing]) -> Sequence[Finding]:
        self._fate.reach("before question")
        found = super().look_up(messages)
        self._fate.reach("after question")
        return found


def work(
    order: Order, plans: dict[str, Plan], tell: Callable[[str], None], wait: Callable[[], None]
) -> dict[str, object]:
    """Tick once; ``tell`` says where it dies, ``wait`` returns when all are to begin."""
    fate = _Fate(order, tell)
    channel = _Channel(order, fate)
    batches.BATCH, reconcile.ASK_AGAIN = BATCH, timedelta(seconds=1)
    if order.abroad:
        ticks.new_holder = lambda: f"elsewhere/1:{os.getpid()}:{os.urandom(4).hex()}"
    broken.VARIANTS[order.variant]()
    with opened(Path(order.root), order.store) as account:
        tell("ready")
        wait()
        now = datetime.fromisoformat(order.now)
        report = ticks.tick(
            account,
            now,
            clock=_quick_clock(now),
            channels={"sms": channel, "email": channel},
            plans=plans,
            lease=LEASE,
            watch=lambda step: fate.reach(step.value),
        )
    return report.counts()


def _quick_clock(now: datetime) -> TickClock:
    began = time.monotonic()
    return TickClock(now, lambda: (time.monotonic() - began) * SPEED, lambda span: time.sleep(span / SPEED), TIME)
