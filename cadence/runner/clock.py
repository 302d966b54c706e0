"""A tick's clock: the real one, or one that stands where a rehearsal puts it and jumps instead of waiting."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BUDGET", "TickClock", "pretended_clock", "real_clock"]

BUDGET = timedelta(seconds=50)  #: after so long a tick claims nothing more; the next one goes on


@dataclass(slots=True)
class TickClock:
    """The instants a tick judges by, and the end of its time."""

    start: datetime  #: whole seconds, aware UTC
    passed: Callable[[], float]  #: seconds since the start
    sleep: Callable[[float], None]
    budget: timedelta = BUDGET
    patience: float = 30.0  #: seconds of real time after its end in which a tick still waits for providers to answer

    def now(self) -> datetime:
        """Return the instant to judge by, whole seconds."""
        return self.start + timedelta(seconds=int(self.passed()))

    @property
    def end(self) -> datetime:
        """When the tick claims nothing more."""
        return self.start + self.budget

    @property
    def spent(self) -> bool:
        """Whether the time is up."""
        return self.passed() >= self.budget.total_seconds()

    def wait_until(self, instant: datetime) -> None:
        """Let time pass until ``instant``, or until the time is up."""
        rest = (min(instant, self.end) - self.start).total_seconds() - self.passed()
        if rest > 0:
            self.sleep(rest)


def real_clock(now: datetime | None = None, *, budget: timedelta = BUDGET) -> TickClock:
    """Return a clock that goes on from ``now`` (the present, if not given) as the monotonic clock of the machine does.

    A clock of the machine that is set while the tick runs does not disturb it.
    """
    began = time.monotonic()
    start = now or datetime.now(UTC).replace(microsecond=0)
    return TickClock(start, lambda: time.monotonic() - began, time.sleep, budget)


def pretended_clock(now: datetime, *, budget: timedelta = BUDGET) -> TickClock:
    """Return a clock that stands at ``now``, and where real time would be waited for, moves on at once."""
    moved = [0.0]

    def sleep(seconds: float) -> None:
        moved[0] += seconds

    return TickClock(now, lambda: moved[0], sleep, budget)
