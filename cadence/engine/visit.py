"""One stay in a stage: what became of its touches, what it promises, whether it was stopped."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cadence.timing.value import value

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Deferral", "Flight", "MoveWaiting", "Promise", "SlaState", "Stop", "TouchState", "VisitState"]


@value()
class TouchState:
    """What became of one touch of the running visit."""

    outcome: str  #: claimed, sent, skipped, stopped, failed, unknown
    at: datetime
    channel: str
    fell_through: datetime | None = None  #: since when it is known that its address cannot be reached


@value(kw_only=True)
class Deferral:
    """A touch that was claimed and surely did not go; it is tried again."""

    until: datetime  #: not before then
    attempt: int  #: the attempt that did not go, from 1
    tries: int  #: calls that surely did not go so far; an attempt that was taken back before its call is none
    code: str  #: why it did not go
    flight: Flight | None = None  #: what was taken back: counted again, should the answer come after all


@value()
class Flight:
    """A touch on its way: what is taken back when it turns out not to have gone."""

    at: datetime  #: when it was claimed
    counted: bool  #: counts in the limits
    answers: str  #: the inquiry it answers; empty: none
    text: bool = False  #: counts among the texts that the law numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What is left of a visit's sequence has ended."""

    by: str  #: event type
    at: datetime
    keep: tuple[str, ...]  #: touches anchored on the very event that stopped the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveWaiting:
    """A move that lacks what the stages require."""

    to: str
    by: str
    at: datetime
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """An SLA of a visit, or the lock it works for, with its instants: settled when the visit began."""

    name: str  #: of the SLA; ``lock`` for the lock
    due_at: datetime
    warn_at: datetime | None = None
    steps: tuple[tuple[datetime, str, str], ...] = ()  #: of a miss: when, whom to alert, who gets the lead
    met_by: tuple[str, ...] = ()
    how: tuple[str, ...] = ()  #: where ``due_at`` comes from: which opening hours were counted


@dataclass(slots=True)
class SlaState:
    """How far one SLA of the running visit has got."""

    warned: bool = False
    missed: bool = False
    steps: int = 0  #: escalations made


@dataclass(slots=True)
class VisitState:
    """One stay in a stage."""

    number: int
    stage: str
    started_at: datetime
    by: str
    touches: dict[str, TouchState] = field(default_factory=dict)
    deferred: dict[str, Deferral] = field(default_factory=dict)  #: touches to be tried again
    stop: Stop | None = None
    first: dict[str, datetime] = field(default_factory=dict)  #: event type -> first time in this visit
    sla: dict[str, SlaState] = field(default_factory=dict)
    promises: tuple[Promise, ...] | None = None  #: None: begun before they were written down
    lost: tuple[str, ...] = ()  #: locks that did not last: event type and instant of each
    variant: str = ""  #: of the stage's sequence; given once, whatever becomes of the page
    renamed: dict[str, str] = field(default_factory=dict)  #: touches renamed by an edit: name it had -> name it has

    def copy(self) -> VisitState:
        """Return a copy that can change on its own."""
        return VisitState(
            self.number,
            self.stage,
            self.started_at,
            self.by,
            self.touches.copy(),
            self.deferred.copy(),
            self.stop,
            self.first.copy(),
            {name: replace(state) for name, state in self.sla.items()} if self.sla else {},
            self.promises,
            self.lost,
            self.variant,
            self.renamed.copy() if self.renamed else {},
        )

    def identity(self, touch: str) -> str:
        """Return the name by which a touch is known in this visit: the first it had, whatever it was renamed to."""
        return next((was for was, now in self.renamed.items() if now == touch), touch) if self.renamed else touch
