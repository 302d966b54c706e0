"""Next steps in the store after something was taken back: as the lead's state has them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.store import tasks

if TYPE_CHECKING:
    from cadence.engine.state import LeadState
    from cadence.store.session import Session

__all__ = ["bring_back"]

_MOST = 100_000


def bring_back(session: Session, account: str, state: LeadState) -> None:
    """Have the next steps of a lead stand in the store as its state has them: open, with their owners and dates."""
    rows = {row.task: row for row in tasks.listing(session, account, tasks.TaskFilter(lead=state.lead), limit=_MOST)}
    active = state.active_enrolments()
    standing = {key: task for each in active for key, task in each.open_tasks().items() if key in rows}
    tasks.reopen(session, account, [key for key in standing if rows[key].done_at is not None])
    tasks.set_due(
        session, account, {key: task.due_at for key, task in standing.items() if task.due_at != rows[key].due_at}
    )
    tasks.give(session, account, {key: task.owner for key, task in standing.items() if task.owner != rows[key].owner})
