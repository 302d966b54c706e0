"""What decisions change in people's duties: next steps made, closed, put off and handed over, turns, what is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.events import Decided, parse_instant
from cadence.runner.rows import alert_row, task_row
from cadence.store import alerts, tasks, turns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from cadence.engine.decision import Decision
    from cadence.engine.events import Event
    from cadence.store.session import Session

__all__ = ["save_duties"]

#: Entries and facts after which a lead may be somebody else's, and what its owner had to do with it.
_HANDS = (Decided.OWNER_CHANGED, Decided.STAGE_ENTERED, Decided.VISIT_RESTORED, "owner.assigned")


def save_duties(session: Session, account: str, decisions: Sequence[Decision], now: datetime) -> None:
    """Write down what decisions mean for people."""
    tasks.add(session, account, [task_row(task, now) for each in decisions for task in each.tasks])
    log = [event for each in decisions for event in each.events]
    closed = [event for event in log if event.type == Decided.TASK_CLOSED]
    tasks.finish(session, account, {e.data["task"]: e.at for e in closed if e.data["outcome"] == tasks.DONE})
    tasks.drop(session, account, {e.data["task"]: e.at for e in closed if e.data["outcome"] == tasks.DROPPED})
    moved = [event for event in log if event.type == Decided.TASK_MOVED]
    tasks.set_due(session, account, {e.data["task"]: parse_instant(e.data["due_at"]) for e in moved})
    tasks.give(session, account, {task: owner for each in decisions for task, owner in _handed_over(each)})
    for role, member in _turns(log):
        turns.advance(session, account, role, member)
    alerts.add(session, account, [alert_row(alert) for each in decisions for alert in each.alerts])


def _handed_over(decision: Decision) -> Iterator[tuple[str, str]]:
    if not any(event.type in _HANDS for event in decision.events):
        return
    for enrolment in decision.state.enrolments.values():
        for key, task in enrolment.open_tasks().items():
            yield key, task.owner


def _turns(log: Sequence[Event]) -> Iterator[tuple[str, str]]:
    for event in log:
        role = (event.data.get("how") or {}).get("shared") if event.type in _HANDS else None
        if role:
            yield role, event.data["owner"]
