"""What one tick did, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cadence.engine.decision import Reason
from cadence.runner.hearing.ear import Heard
from cadence.runner.publish import Published
from cadence.runner.reconcile import Reconciled
from cadence.store import ticks
from cadence.store.states import FAILED as TOUCH_FAILED
from cadence.store.states import SENT, UNKNOWN, WAITS

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.engine.decision import Decision
    from cadence.runner.reviewing import Holding
    from cadence.store.outbox import Ending, OutboxRow

__all__ = ["BRAKED", "DONE", "FAILED", "IDLE", "PAUSED", "TickReport"]

DONE, IDLE, PAUSED, BRAKED, FAILED = "done", ticks.IDLE, "paused", "braked", "failed"
_WAITS_SAID = (Reason.RATE, Reason.RETRY, Reason.QUIET_HOURS, Reason.MIN_GAP, Reason.DAY_LIMIT, Reason.LAW_LIMIT)


@dataclass(slots=True, kw_only=True)
class TickReport:
    """What one tick did."""

    at: datetime  #: the instant it judged by first
    mode: str = "log"  #: how messages leave
    outcome: str = DONE
    leads: int = 0  #: decisions made
    sent: Counter[str] = field(default_factory=Counter)  #: by channel
    ended: Counter[str] = field(default_factory=Counter)  #: touches that ended without going, by reason
    failed: Counter[str] = field(default_factory=Counter)  #: messages that the provider will not carry, by code
    deferred: Counter[str] = field(default_factory=Counter)  #: messages that surely did not go, by code
    lost: Counter[str] = field(default_factory=Counter)  #: messages that may have gone, by code
    held: Counter[str] = field(default_factory=Counter)  #: messages that are due and wait, by reason
    reconciled: Reconciled = field(default_factory=Reconciled)
    set_aside: dict[str, str] = field(default_factory=dict)  #: leads that could not be decided -> kind of error
    heard: Heard = field(default_factory=Heard)  #: what came in
    halted: dict[str, str] = field(default_factory=dict)  #: channels that a person must see to -> why
    mode_before: str = ""  #: how messages left until now; empty: as they do
    reviews: list[Holding] = field(default_factory=list)  #: that were held
    review_problem: str = ""  #: kind of error for which reviews could not be held; empty: they could
    told: Counter[str] = field(default_factory=Counter)  #: messages to colleagues that went, by member
    not_told: Counter[str] = field(default_factory=Counter)  #: such as will not go, by member
    alerts_dropped: Counter[str] = field(default_factory=Counter)  #: alerts of no use any more, by reason
    next_steps: int = 0  #: tasks the engine made for people
    handed_on: int = 0  #: leads that are due and left to the next tick, counted up to a limit
    in_hand: int = 0  #: messages whose provider had not answered when the time was up
    released: bool = False  #: the brake is off
    braked_at: int = 0  #: more messages than this were due at once; 0: the brake did not act
    published: Published = field(default_factory=Published)
    next_wake: datetime | None = None

    @property
    def needs_a_person(self) -> bool:
        """Whether something happened that somebody must look at."""
        return bool(
            self.ended[Reason.TEMPLATE.code]
            or self.failed
            or self.reconciled.left
            or self.reconciled.damaged
            or self.set_aside
            or self.published.faults
            or self.published.held
            or self.heard.problems
            or self.heard.looks
            or self.halted
            or self.review_problem
            or any(each.problem for each in self.reviews)
            or self.not_told
            or self.outcome in (BRAKED, FAILED)
        )

    def count(self, decision: Decision) -> None:
        """Add one lead's decision."""
        self.leads += 1
        self.next_steps += len(decision.tasks)
        for verdict in decision.ended:
            self.ended[verdict.reason.code] += 1
        for wait in decision.waits:
            if wait.reason in _WAITS_SAID:
                self.held[wait.reason.code] += 1

    def settle(self, row: OutboxRow, ending: Ending) -> None:
        """Add what became of one attempt."""
        if row.to_colleague and ending.state in (SENT, TOUCH_FAILED):
            (self.told if ending.state == SENT else self.not_told)[row.owner] += 1
        elif ending.state == SENT:
            self.sent[row.channel] += 1
        else:
            kinds = {TOUCH_FAILED: self.failed, WAITS: self.deferred, UNKNOWN: self.lost}
            kinds[ending.state][ending.detail.partition(":")[0]] += 1

    def counts(self) -> dict[str, object]:
        """Return the figures: for programs, and for the tick log."""
        return {
            "leads": self.leads,
            "sent": dict(self.sent),
            "ended": dict(self.ended),
            "failed": dict(self.failed),
            "deferred": dict(self.deferred),
            "lost": dict(self.lost),
            "held": dict(self.held),
            "interrupted": self.reconciled.interrupted,
            "found_gone": self.reconciled.gone,
            "found_absent": self.reconciled.again,
            "left_to_a_person": self.reconciled.left,
            "damaged": self.reconciled.damaged,
            "set_aside": dict(self.set_aside),
            "heard": dict(self.heard.taken),
            "not_heard": list(self.heard.problems),
            "halted": dict(self.halted),
            "reviews": [f"{each.playbook}/{each.review}" for each in self.reviews],
            "review_problem": self.review_problem,
            "told": dict(self.told),
            "not_told": dict(self.not_told),
            "alerts_dropped": dict(self.alerts_dropped),
            "next_steps": self.next_steps,
            "handed_on": self.handed_on,
            "in_hand": self.in_hand,
            "released": self.released,
            "braked_at": self.braked_at,
        }
