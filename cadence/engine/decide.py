"""The engine: one pure function of plan, state and instant, whatever asks.

``observe`` takes a fact in; ``decide`` looks at a lead at an instant. Both answer with a :class:`Decision`: entries
to record, touches to carry out, next steps, verdicts, and the instant before which nothing changes by itself.
``carried_out`` records what became of a claim.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cadence.engine.absence import keep_owners
from cadence.engine.adopt import adopt_versions
from cadence.engine.decision import Decision
from cadence.engine.events import Decided, Event, instant_text
from cadence.engine.fold import CLAIMED
from cadence.engine.holds import current_hold
from cadence.engine.judge import judge
from cadence.engine.moves import advance, silence_instant, try_waiting_moves
from cadence.engine.observe import take_in
from cadence.engine.promises import keep_promises, promise_instants
from cadence.engine.roster import Roster
from cadence.engine.touches import expiry, open_touches, places
from cadence.engine.work import ENGINE, Work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cadence.engine.book import Book
    from cadence.engine.decision import Claim, Wait
    from cadence.engine.state import LeadState
    from cadence.engine.touches import Place

__all__ = ["carried_out", "decide", "decide_given", "decide_on", "observe", "observe_given", "touch_entry"]

INSTANT = timedelta(seconds=1)  #: the smallest step of time in the log
_FREE: Mapping[str, datetime] = MappingProxyType({})


def observe(book: Book, state: LeadState, fact: Event, now: datetime, *, roster: Roster | None = None) -> Decision:
    """Take in one fact, learned at ``now``; nothing is sent, what must stop stops at once.

    ``roster`` tells who has how much and whose turn it is; left out, nobody has anything yet.
    """
    return observe_given(book, state.copy(), fact, now, roster=roster)


def observe_given(
    book: Book, state: LeadState, fact: Event, now: datetime, *, roster: Roster | None = None
) -> Decision:
    """Do the same with a state that is given away: it is changed, and becomes the decision's."""
    work = Work(book, state, now, roster=roster or Roster())
    take_in(work, fact)
    return _decision(work, _wake_at(work, _unjudged(work), now))


def decide(
    book: Book,
    state: LeadState,
    now: datetime,
    *,
    traffic: Mapping[str, datetime] = _FREE,
    roster: Roster | None = None,
) -> Decision:
    """Decide everything that is due for one lead at ``now``; a lead is decided once per instant.

    ``traffic`` tells when the sender of each channel may send again; a channel that is not named may at once.
    ``roster`` tells who has how much and whose turn it is; left out, nobody has anything yet.
    """
    return decide_given(book, state.copy(), now, traffic=traffic, roster=roster)


def decide_given(
    book: Book,
    state: LeadState,
    now: datetime,
    *,
    traffic: Mapping[str, datetime] = _FREE,
    roster: Roster | None = None,
) -> Decision:
    """Do the same with a state that is given away: it is changed, and becomes the decision's."""
    return decide_on(Work(book, state, now, traffic, roster or Roster()))


def decide_on(work: Work) -> Decision:
    """Do the same with work in hand, which may be decided on again and again as long as no fact comes in."""
    now = work.now
    if not work.steady:
        adopt_versions(work)
        work.steady = keep_owners(work)
    advance(work, now)
    try_waiting_moves(work, now)
    _end_holds(work)
    keep_promises(work)
    claims, waits = judge(work)
    return _decision(work, _wake_at(work, _judged(work, waits), now + INSTANT), claims, waits)


def carried_out(claim: Claim, *, at: datetime) -> Event:
    """Return the entry that says a claimed touch was carried out at ``at``."""
    verdict = claim.verdict
    data = {"touch": verdict.touch, "visit": verdict.visit, "channel": verdict.channel}
    return Event(Decided.TOUCH_SENT, at, at, verdict.enrolment, "", ENGINE, data)


def touch_entry(kind: str, *, at: datetime, enrolment: str, **data: Any) -> Event:
    """Return an entry about one touch; ``data`` names touch, visit and channel."""
    return Event(kind, at, at, enrolment, "", ENGINE, data)


def _end_holds(work: Work) -> None:
    """Give the owner a next step on the day a snooze ends."""
    for hold in work.state.holds:
        if hold.kind != "snoozed" or hold.cut or hold.end is None or hold.end > work.now:
            continue
        for place in places(work):
            if place.enrolment.started_at <= hold.start:
                work.make_task(
                    place.enrolment,
                    title=f"{work.name} asked to hear from us today",
                    due_at=hold.end,
                    cause=f"snooze@{instant_text(hold.start)}",
                )


def _decision(
    work: Work, wake_at: datetime | None, claims: Iterable[Claim] = (), waits: Iterable[Wait] = ()
) -> Decision:
    return Decision(
        work.state,
        tuple(work.events),
        tuple(claims),
        tuple(work.tasks),
        tuple(work.alerts),
        tuple(work.ended),
        tuple(waits),
        wake_at,
    )


def _wake_at(work: Work, touches: Iterable[datetime], earliest: datetime) -> datetime | None:
    """Return the earliest instant at which something can change without a new fact, not before ``earliest``.

    ``touches``: the instants at which one of the touches wants to be looked at.
    """
    instants = [*touches, *promise_instants(work)]
    if work.state.holds:
        instants += [hold.end for hold in work.state.holds if hold.end is not None and hold.end > work.now]
    for place in places(work):
        if place.enrolment.waiting_move and _has_one_on_its_way(place):
            instants.append(work.now)
        if silence := silence_instant(work, place):
            instants.append(silence)
    return max(min(instants), earliest) if instants else None


def _has_one_on_its_way(place: Place) -> bool:
    """Tell whether a touch is on its way, after which a move that waits is tried again."""
    return any(touch.outcome == CLAIMED for touch in place.enrolment.visit.touches.values())


def _unjudged(work: Work) -> Iterator[datetime]:
    """Yield when each open touch is to be judged; one that is due and held waits for the end of the hold."""
    for place in places(work):
        for _, due in open_touches(place):
            if due is not None and (due.instant > work.now or not _held(work, place)):
                yield due.instant


def _judged(work: Work, waits: Iterable[Wait]) -> list[datetime]:
    """List when each touch that waits is to be judged again, and when it would be too late."""
    instants: list[datetime] = []
    for wait in waits:
        if wait.due is None:
            continue
        if not wait.overdue:
            instants.append(wait.due.instant)
        elif not _held(work, wait.place):
            instants += wait.until or work.now, expiry(wait.place, wait.touch, wait.due) + INSTANT
    return instants


def _held(work: Work, place: Place) -> bool:
    return current_hold(work.state, place.enrolment.playbook, work.now) is not None
