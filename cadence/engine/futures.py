"""One lead's future: which touches go and when, which stages it enters, whose it is, as if nobody answered.

Two futures of one lead are told by the same names, so that they can be compared: a stage or touch that an edit
renamed has its new name in both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from cadence.engine.decision import Outcome, Reason
from cadence.engine.events import Decided
from cadence.engine.fold import apply
from cadence.engine.names import stage_names, touch_names
from cadence.engine.simulate import simulate, tick_at_or_after
from cadence.engine.touches import open_touches, places
from cadence.engine.work import Work
from cadence.playbook.words import MESSAGE_CHANNELS
from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cadence.engine.book import Book
    from cadence.engine.decision import Claim, Decision, Verdict
    from cadence.engine.events import Event
    from cadence.engine.roster import Roster
    from cadence.engine.state import LeadState
    from cadence.playbook.compile import Plan

__all__ = [
    "OPEN",
    "SENT",
    "Future",
    "Names",
    "Planned",
    "Span",
    "Stay",
    "StayKey",
    "TouchKey",
    "first_tick",
    "future_of",
    "past_of",
]

SENT = Outcome.SENT.value
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
OPEN = "open"  #: it has neither gone nor ended when the future is over

#: Enrolment, stage, and how many times the lead has been in it, this time included: of the stays that are told.
StayKey: TypeAlias = tuple[str, str, int]
#: The same, and the touch.
TouchKey: TypeAlias = tuple[str, str, int, str]
#: Playbook -> the plan whose names count, and the one that may have others for the same.
Names: TypeAlias = "Mapping[str, tuple[Plan, Plan | None]]"


@value(kw_only=True)
class Span:
    """The time a future is told for."""

    at: datetime  #: when an edit is published
    start: datetime  #: the first tick after it
    end: datetime
    tick: timedelta


def first_tick(at: datetime, tick: timedelta) -> datetime:
    """Return the first tick at or after an instant, of ticks at the full hour, minute or whatever ``tick`` is.

    Not from ``at`` on: what is told at one moment and at a later one is told of the same ticks.
    """
    return tick_at_or_after(at, _EPOCH, tick)


@value()
class Planned:
    """What becomes of one touch."""

    playbook: str
    channel: str
    outcome: str  #: value of :class:`~cadence.engine.decision.Outcome`, or :data:`OPEN`
    reason: str
    due_at: datetime | None
    at: datetime  #: when it goes or ends; of one that is open, when it is due
    text: tuple[str, str, str]  #: to whom, subject and text; empty where it does not go
    owner: str = ""  #: member id
    digest: str = ""  #: the version that decided
    line: int = 0


@dataclass(slots=True)
class Stay:
    """One stay in a stage."""

    playbook: str
    owner: str  #: member id, at its end
    at: datetime | None  #: when it begins; None: it has begun already
    by: str = ""  #: what makes it begin


@dataclass(slots=True)
class Future:
    """What will become of one lead."""

    state: LeadState  #: as it stands at the end
    touches: dict[TouchKey, Planned] = field(default_factory=dict)
    stays: dict[StayKey, Stay] = field(default_factory=dict)
    messages: list[datetime] = field(default_factory=list)  #: when messages to the person go


def future_of(
    book: Book,
    state: LeadState,
    *,
    span: Span,
    wake_at: datetime | None,
    roster: Roster,
    names: Names,
    facts: Sequence[Event] = (),
    ticks: Sequence[datetime] | None = None,
    log: list[Event] | None = None,
) -> Future:
    """Run a lead, whose state is given away, on the virtual clock, and tell what becomes of it.

    ``names``: by which names it is told. The rest is as in :func:`~cadence.engine.simulate.simulate`.
    """
    telling = _Telling(Future(state), names)
    telling.begin(state)
    steps = simulate(
        book,
        state,
        facts,
        start=span.start,
        end=span.end,
        tick=span.tick,
        wake_at=wake_at,
        roster=roster,
        ticks=ticks,
        log=log,
    )
    for step in steps:
        telling.take(step.decision, step.at)
    telling.end(book, span.end)
    return telling.future


def past_of(
    book: Book,
    state: LeadState,
    log: Iterable[Event],
    touches: Iterable[tuple[str, int, str, Planned]],
    *,
    span: Span,
    names: Names,
) -> Future:
    """Tell in the same way what did become of a lead, whose state is given away.

    ``log``: what was recorded since; ``touches``: what was decided of touches since, each with its enrolment, visit and
    name; ``book``: the versions in force at the end.
    """
    telling = _Telling(Future(state), names)
    telling.begin(state)
    for event in log:
        apply(state, event)
        telling.note(state, event)
    for enrolment, visit, touch, planned in touches:
        telling.put(enrolment, visit, touch, planned)
    telling.end(book, span.end)
    return telling.future


class _Telling:
    """A future in the making."""

    def __init__(self, future: Future, names: Names) -> None:
        self.future = future
        self._names = names
        self._stays: dict[tuple[str, int], StayKey] = {}  #: (enrolment, visit) -> the stay
        self._times: dict[tuple[str, str], int] = {}  #: (enrolment, stage) -> stays told

    def begin(self, state: LeadState) -> None:
        for enrolment in state.active_enrolments():
            visit = enrolment.visit
            self._stay(enrolment.id, visit.number, enrolment.playbook, visit.stage, enrolment.owner, None)

    def take(self, decision: Decision, at: datetime) -> None:
        state = self.future.state = decision.state
        for event in decision.events:
            self.note(state, event)
        for verdict in decision.ended:
            self._touch(verdict, None)
        for claim in decision.claims:
            self._touch(claim.verdict, claim)
            if claim.verdict.channel in MESSAGE_CHANNELS:
                self.future.messages.append(at)

    def note(self, state: LeadState, event: Event) -> None:
        """Take in an entry that is folded into the state."""
        kind, data = event.type, event.data
        if kind == Decided.STAGE_ENTERED:
            playbook = state.enrolments[event.enrolment].playbook
            stay = self._stay(event.enrolment, data["visit"], playbook, data["stage"], data["owner"], event.at)
            stay.by = data["by"]
        elif kind == Decided.OWNER_CHANGED:
            enrolment = state.enrolments[event.enrolment]
            key = self._stays.get((event.enrolment, enrolment.visit.number))
            if key:
                self.future.stays[key].owner = data["owner"]

    def end(self, book: Book, end: datetime) -> None:
        """Tell what is still open: a touch that is due later is not lost."""
        future = self.future
        for place in places(Work(book, future.state, end)):
            enrolment, visit = place.enrolment, place.enrolment.visit
            stay = self._stays.get((enrolment.id, visit.number))
            if stay is None:
                continue
            for touch, due in open_touches(place):
                if due is None or (visit.stop is not None and touch.id not in visit.stop.keep):
                    continue
                key = self._key(stay, enrolment.playbook, touch.id)
                future.touches.setdefault(
                    key,
                    Planned(
                        enrolment.playbook,
                        touch.channel,
                        OPEN,
                        Reason.NOT_DUE.code,
                        due.instant,
                        due.instant,
                        ("", "", ""),
                        enrolment.owner,
                        place.plan.digest,
                        touch.line,
                    ),
                )

    def _stay(self, enrolment: str, visit: int, playbook: str, stage: str, owner: str, at: datetime | None) -> Stay:
        plans = self._names.get(playbook)
        named = stage_names(*plans).get(stage, stage) if plans else stage
        times = self._times[enrolment, named] = self._times.get((enrolment, named), 0) + 1
        key = self._stays[enrolment, visit] = enrolment, named, times
        stay = self.future.stays[key] = Stay(playbook, owner, at)
        return stay

    def put(self, enrolment: str, visit: int, touch: str, planned: Planned) -> None:
        """Tell what becomes of a touch, unless it is of a stay that is not told."""
        stay = self._stays.get((enrolment, visit))
        if stay is not None:
            self.future.touches[self._key(stay, planned.playbook, touch)] = planned

    def _touch(self, verdict: Verdict, claim: Claim | None) -> None:
        planned = Planned(
            verdict.playbook,
            verdict.channel,
            verdict.outcome.value,
            verdict.reason.code,
            verdict.due_at,
            verdict.at,
            (claim.to, claim.subject or claim.title, claim.body) if claim else ("", "", ""),
            verdict.owner,
            verdict.digest,
            verdict.line,
        )
        self.put(verdict.enrolment, verdict.visit, verdict.touch, planned)

    def _key(self, stay: StayKey, playbook: str, touch: str) -> TouchKey:
        plans = self._names.get(playbook)
        return (*stay, touch_names(plans[0], stay[1], plans[1]).get(touch, touch) if plans else touch)
