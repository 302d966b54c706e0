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

__all__ = ["Course", "Step", "simulate", "tick_at_or_after"]


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
    course = Course(
        book,
        state,
        facts,
        start=start,
        end=end,
        tick=tick,
        wake_at=wake_at,
        roster=roster,
        ticks=ticks,
        log=log,
    )
    while course.next_at is not None:
        yield course.step()


class Course:
    """One lead on the virtual clock, step by step: for whoever runs several on the same clock.

    ``down`` is a time in which no tick runs, from its first instant to before its second. ``ticks`` and ``log`` are as
    in :func:`simulate`.
    """

    __slots__ = (
        "_at_tick",
        "_book",
        "_down",
        "_end",
        "_log",
        "_pending",
        "_position",
        "_roster",
        "_start",
        "_tick",
        "_ticks",
        "_work",
        "next_at",
        "state",
    )

    def __init__(
        self,
        book: Book,
        state: LeadState,
        facts: Sequence[Event],
        *,
        start: datetime,
        end: datetime,
        tick: timedelta,
        wake_at: datetime | None = None,
        roster: Roster | None = None,
        down: tuple[datetime, datetime] | None = None,
        ticks: Sequence[datetime] | None = None,
        log: list[Event] | None = None,
    ) -> None:
        self.state = state
        self.next_at: datetime | None = None  #: when the next step happens; None: nothing more does before ``end``
        self._book, self._roster = book, roster
        self._ticks, self._log = ticks, log
        self._start, self._end, self._tick, self._down = start, end, tick, down
        self._pending = sorted((fact for fact in facts if fact.recorded_at < end), key=lambda fact: fact.recorded_at)
        self._position = 0
        self._at_tick = False
        self._work: Work | None = None  #: goes from tick to tick, until a fact comes in
        self._look_ahead(wake_at)

    def step(self) -> Step:
        """Do what happens at ``next_at``."""
        at = self.next_at
        if at is None:
            raise ValueError("nothing more happens")
        fact = None
        if self._at_tick:
            decision = _carry_out(decide_on(self._at_hand(at)), at)
        else:
            fact = self._pending[self._position]
            self._position += 1
            self._work = None
            if fact.type == UNDONE and self._log is not None:
                self.state = _without(self.state, self._log, str(fact.data["undoes"]))
            decision = observe_given(self._book, self.state, fact, at, roster=self._roster)
        self.state = decision.state
        if self._roster is not None:
            self._roster.note(decision.events)
        if self._log is not None:
            self._log += (*decision.events, *(carried_out(claim, at=at) for claim in decision.claims))
        self._look_ahead(decision.wake_at)
        return Step(at, decision, fact)

    def _at_hand(self, at: datetime) -> Work:
        """Go on with the work of the tick before, where nothing has come in since."""
        if self._work is None:
            self._work = Work(self._book, self.state, at, roster=self._roster or Roster())
        else:
            self._work.go_on(at)
        return self._work

    def _look_ahead(self, wake: datetime | None) -> None:
        tick_at = self._tick_for(wake) if wake is not None else None
        self._at_tick = True
        if self._position < len(self._pending):
            told_at = self._pending[self._position].recorded_at
            if tick_at is None or told_at <= tick_at:
                self._at_tick, self.next_at = False, told_at
                return
        self.next_at = tick_at if tick_at is not None and tick_at < self._end else None

    def _tick_for(self, wake: datetime) -> datetime | None:
        if self._ticks is not None:
            place = bisect_left(self._ticks, wake)
            return self._ticks[place] if place < len(self._ticks) else None
        found = tick_at_or_after(max(wake, self._start), self._start, self._tick)
        if self._down and self._down[0] <= found < self._down[1]:
            return tick_at_or_after(self._down[1], self._start, self._tick)
        return found


def _without(state: LeadState, log: Sequence[Event], key: str) -> LeadState:
    """Return the state as if a fact had never been told."""
    found = fold(state.lead, log, without=[key])
    found.suppressed = state.suppressed
    return found


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
