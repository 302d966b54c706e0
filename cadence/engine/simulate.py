"""A plan on a virtual clock: what ticks at a given interval would do for one lead.

Only the sink differs from a real tick: a claimed touch counts as carried out at once.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING

from cadence.engine.decide import carried_out, decide_on, observe_given
from cadence.engine.fold import UNDONE, apply, fold
from cadence.engine.roster import Roster
from cadence.engine.work import Work
from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from cadence.engine.book import Book
    from cadence.engine.decision import Decision
    from cadence.engine.events import Event
    from cadence.engine.state import LeadState

__all__ = ["Step", "simulate", "tick_at_or_after"]


@value()
class Step:
    """One thing that happened on the virtual clock; the next step goes on with its decision's state, and changes it."""

    at: datetime
    decision: Decision
    fact: Event | None = None  #: the fact that was taken in; None for a tick


def simulate(
    book: Book,
    state: LeadState,
    facts: Sequence[Event],
    *,
    start: datetime,
    end: datetime,
    tick: timedelta,
    wake_at: datetime | None = None,
    roster: Roster | None = None,
    ticks: Sequence[datetime] | None = None,
    log: list[Event] | None = None,
) -> Iterator[Step]:
    """Run one lead from ``start`` to before ``end``, with a tick at ``start`` and then every ``tick``.

    The state is given away: every step works on it. ``facts`` come in at their ``recorded_at``, in that order; a fact
    recorded at the very instant of a tick is known to it. A tick looks at the lead only when its ``wake_at`` has come,
    as a real tick does; a lead that has one from before may give it. ``roster`` tells who has how much and whose turn
    it is at ``start``; it is changed. ``ticks``, in order of time, are those that there are, in place of one every
    ``tick``. ``log`` is what went before, and is kept up: only then can a fact take back another one.
    """
    pending = sorted((fact for fact in facts if fact.recorded_at < end), key=lambda fact: fact.recorded_at)
    wake = wake_at
    work: Work | None = None  # goes from tick to tick, until a fact comes in
    position = 0
    while True:
        tick_at = _next_tick(max(wake, start), start, tick, ticks) if wake is not None else None
        fact = pending[position] if position < len(pending) else None
        if fact is not None and (tick_at is None or fact.recorded_at <= tick_at):
            if fact.type == UNDONE and log is not None:
                state = _without(state, log, str(fact.data["undoes"]))
            decision = observe_given(book, state, fact, fact.recorded_at, roster=roster)
            work = None
            position += 1
            at, taken = fact.recorded_at, fact
        elif tick_at is not None and tick_at < end:
            if work is None:
                work = Work(book, state, tick_at, roster=roster or Roster())
            else:
                work.go_on(tick_at)
            decision = _carry_out(decide_on(work), tick_at)
            at, taken = tick_at, None
        else:
            return
        if roster is not None:
            roster.note(decision.events)
        if log is not None:
            log += (*decision.events, *(carried_out(claim, at=at) for claim in decision.claims))
        wake = decision.wake_at
        yield Step(at, decision, taken)


def _without(state: LeadState, log: Sequence[Event], key: str) -> LeadState:
    """Return the state as if a fact had never been told."""
    found = fold(state.lead, log, without=[key])
    found.suppressed = state.suppressed
    return found


def _next_tick(wake: datetime, start: datetime, tick: timedelta, ticks: Sequence[datetime] | None) -> datetime | None:
    if ticks is None:
        return tick_at_or_after(wake, start, tick)
    place = bisect_left(ticks, wake)
    return ticks[place] if place < len(ticks) else None


def _carry_out(decision: Decision, at: datetime) -> Decision:
    for claim in decision.claims:
        apply(decision.state, carried_out(claim, at=at))
    return decision


@lru_cache(maxsize=4096)
def tick_at_or_after(instant: datetime, start: datetime, tick: timedelta) -> datetime:
    """Return the first tick at or after an instant, of ticks at ``start`` and then every ``tick``.

    Kept, because touches have their times of day: many leads are looked at together.
    """
    return start + -(-(instant - start) // tick) * tick
