"""Tasks: a person's next steps."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from cadence.store import dialect
from cadence.store.session import chunks
from cadence.store.tables import tasks

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from cadence.store.session import Session

__all__ = [
    "DONE",
    "DROPPED",
    "OPEN",
    "TaskFilter",
    "TaskRow",
    "add",
    "drop",
    "finish",
    "get",
    "give",
    "listing",
    "of_leads",
    "reopen",
    "set_due",
]

OPEN, DONE, DROPPED = "", "done", "dropped"  #: what a task is closed as


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One next step."""

    task: str  #: stable: the same cause makes the same id
    lead: str
    enrolment: str = ""
    title: str
    body: str = ""  #: talk track
    owner: str  #: member id
    due_at: datetime | None  #: None: nobody said by when
    created_at: datetime
    done_at: datetime | None = None  #: when it was closed
    cause: str = ""  #: touch key, or the event that made it
    closed_as: str = OPEN  #: done or dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks; empty fields ask nothing."""

    lead: str = ""
    owner: str = ""
    open: bool = False  #: only those neither done nor dropped
    due_by: datetime | None = None  #: due then or earlier


def add(session: Session, account: str, rows: Sequence[TaskRow]) -> int:
    """Record tasks; one that is there already (by id) stays as it is. Tells how many were new."""
    statement = dialect.insert_new(session.dialect, tasks, "account", "task")
    return session.change(
        statement, [{"account": account, **{name: getattr(row, name) for name in _FIELDS}} for row in rows]
    )


def finish(session: Session, account: str, done: Mapping[str, datetime]) -> int:
    """Mark tasks done (id -> when); one that is closed already stays so. Tells how many were done now."""
    return _close(session, account, done, DONE)


def drop(session: Session, account: str, dropped: Mapping[str, datetime]) -> int:
    """Close tasks that need not be done any more (id -> when); one that is closed already stays so. Tells how many."""
    return _close(session, account, dropped, DROPPED)


def reopen(session: Session, account: str, ids: Collection[str]) -> int:
    """Have tasks open again, as they were before they were closed. Tells how many were closed."""
    return session.change(_REOPEN, [{"of_account": account, "of_task": task} for task in sorted(ids)])


def give(session: Session, account: str, owners: Mapping[str, str]) -> int:
    """Give open tasks to others (id -> member id); closed ones keep theirs. Tells how many were open."""
    return session.change(
        _GIVE, [{"of_account": account, "of_task": task, "to": owner} for task, owner in owners.items()]
    )


def set_due(session: Session, account: str, instants: Mapping[str, datetime | None]) -> int:
    """Say when open tasks are due (id -> when, or None); closed ones keep theirs. Tells how many were open."""
    return session.change(
        _SET_DUE, [{"of_account": account, "of_task": task, "at": instant} for task, instant in instants.items()]
    )


def get(session: Session, account: str, task: str) -> TaskRow | None:
    """Look up one task."""
    row = session.ask(_SELECT.where(tasks.c.account == account, tasks.c.task == task)).mappings().one_or_none()
    return TaskRow(**row) if row else None


def listing(
    session: Session, account: str, wanted: TaskFilter = TaskFilter(), *, limit: int = 100, offset: int = 0
) -> list[TaskRow]:
    """List tasks by due time (those without come last), at most ``limit``, leaving out the first ``offset``."""
    query = _SELECT.where(*_conditions(account, wanted)).order_by(tasks.c.due_at.nulls_last(), tasks.c.task)
    return [TaskRow(**row) for row in session.ask(query.limit(limit).offset(offset)).mappings()]


def of_leads(session: Session, account: str, leads: Collection[str]) -> dict[str, list[TaskRow]]:
    """Read the tasks of each of ``leads`` (none: an empty list), open or not, oldest first."""
    found: dict[str, list[TaskRow]] = {lead: [] for lead in leads}
    for part in chunks(found):
        query = _SELECT.where(tasks.c.account == account, tasks.c.lead.in_(part))
        for row in session.ask(query.order_by(tasks.c.created_at, tasks.c.task)).mappings():
            found[row["lead"]].append(TaskRow(**row))
    return found


def _close(session: Session, account: str, closed: Mapping[str, datetime], how: str) -> int:
    return session.change(
        _CLOSE,
        [{"of_account": account, "of_task": task, "at": instant, "how": how} for task, instant in closed.items()],
    )


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
_ONE = (tasks.c.account == bindparam("of_account"), tasks.c.task == bindparam("of_task"))
_OPEN = (*_ONE, tasks.c.done_at.is_(None))
_CLOSE = update(tasks).where(*_OPEN).values(done_at=bindparam("at"), closed_as=bindparam("how"))
_REOPEN = update(tasks).where(*_ONE, tasks.c.done_at.is_not(None)).values(done_at=None, closed_as=OPEN)
_GIVE = update(tasks).where(*_OPEN).values(owner=bindparam("to"))
_SET_DUE = update(tasks).where(*_OPEN).values(due_at=bindparam("at"))
