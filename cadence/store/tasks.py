"""Tasks: a person's next steps."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from cadence.store import dialect
from cadence.store.tables import tasks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from cadence.store.session import Session

__all__ = ["TaskFilter", "TaskRow", "add", "finish", "get", "listing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One next step."""

    task: str  #: stable: the same cause makes the same id
    lead: str
    enrolment: str = ""
    title: str
    body: str = ""  #: talk track
    owner: str  #: member id
    due_at: datetime
    created_at: datetime
    done_at: datetime | None = None
    cause: str = ""  #: touch key, or the event that made it


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks; empty fields ask nothing."""

    lead: str = ""
    owner: str = ""
    open: bool = False  #: only those not done
    due_by: datetime | None = None  #: due then or earlier


def add(session: Session, account: str, rows: Sequence[TaskRow]) -> int:
    """Record tasks; one that is there already (by id) stays as it is. Tells how many were new."""
    statement = dialect.insert_new(session.dialect, tasks, "account", "task")
    return session.change(
        statement, [{"account": account, **{name: getattr(row, name) for name in _FIELDS}} for row in rows]
    )


def finish(session: Session, account: str, done: Mapping[str, datetime]) -> int:
    """Mark tasks done (id -> when); one that is done already keeps its time. Tells how many were done now."""
    return session.change(
        _FINISH, [{"of_account": account, "of_task": task, "at": instant} for task, instant in done.items()]
    )


def get(session: Session, account: str, task: str) -> TaskRow | None:
    """Look up one task."""
    row = session.ask(_SELECT.where(tasks.c.account == account, tasks.c.task == task)).mappings().one_or_none()
    return TaskRow(**row) if row else None


def listing(
    session: Session, account: str, wanted: TaskFilter = TaskFilter(), *, limit: int = 100, offset: int = 0
) -> list[TaskRow]:
    """List tasks by due time, at most ``limit``, leaving out the first ``offset``."""
    query = _SELECT.where(*_conditions(account, wanted)).order_by(tasks.c.due_at, tasks.c.task)
    return [TaskRow(**row) for row in session.ask(query.limit(limit).offset(offset)).mappings()]


def _conditions(account: str, wanted: TaskFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [tasks.c.account == account]
    if wanted.lead:
        conditions.append(tasks.c.lead == wanted.lead)
    if wanted.owner:
        conditions.append(tasks.c.owner == wanted.owner)
    if wanted.open:
        conditions.append(tasks.c.done_at.is_(None))
    if wanted.due_by is not None:
        conditions.append(tasks.c.due_at <= wanted.due_by)
    return conditions


_FIELDS = tuple(item.name for item in fields(TaskRow))
_SELECT = select(*(tasks.c[name] for name in _FIELDS))
_FINISH = (
    update(tasks)
    .where(tasks.c.account == bindparam("of_account"), tasks.c.task == bindparam("of_task"), tasks.c.done_at.is_(None))
    .values(done_at=bindparam("at"))
)
