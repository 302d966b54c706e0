"""Alerts: what a colleague is to be told, when, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, literal_column, select, update

from cadence.store import dialect
from cadence.store.states import FAILED, SENT, WAITS
from cadence.store.tables import alerts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cadence.store.session import Session

__all__ = ["DROPPED", "FAILED", "SENT", "WAITS", "AlertRow", "add", "due", "listing", "mark"]

DROPPED = "dropped"  #: nobody needs to be told any more


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """One thing to tell one colleague."""

    alert: str  #: stable: the same cause makes the same id
    lead: str = ""  #: empty: it is about none
    enrolment: str = ""
    member: str  #: who is told
    about: str  #: assigned, reply, sla, lock, score
    title: str
    body: str = ""
    made_at: datetime
    due_at: datetime  #: when to tell it, within the member's hours
    state: str = WAITS  #: waits, sent, failed, dropped
    message: str = ""  #: touch key of the outbox row that carried it


def add(session: Session, account: str, rows: Sequence[AlertRow]) -> int:
    """Record alerts; one that is there already (by id) stays as it is. Tells how many were new."""
    statement = dialect.insert_new(session.dialect, alerts, "account", "alert")
    return session.change(
        statement, [{"account": account, **{name: getattr(row, name) for name in _FIELDS}} for row in rows]
    )


def due(session: Session, account: str, now: datetime, limit: int) -> list[AlertRow]:
    """List the alerts that wait and are due by ``now``, longest due first, at most ``limit``.

    In a writing session they are this one's until its end; what another has in hand is left out.
    """
    query = _SELECT.where(alerts.c.account == account, _WAITING, alerts.c.due_at <= now)
    query = query.order_by(alerts.c.due_at, alerts.c.alert).limit(limit)
    if session.writes:
        query = dialect.for_update(session.dialect, query, skip_locked=True)
    return [AlertRow(**row) for row in session.ask(query).mappings()]


def mark(session: Session, account: str, marks: Mapping[str, tuple[str, str]]) -> int:
    """Say what became of alerts: id -> (state, touch key of the message). Unknown ones are passed over."""
    return session.change(
        _MARK,
        [
            {"of_account": account, "of_alert": alert, "as_state": state, "by_message": message}
            for alert, (state, message) in marks.items()
        ],
    )


def listing(session: Session, account: str, lead: str) -> list[AlertRow]:
    """List the alerts about a lead, oldest first."""
    query = _SELECT.where(alerts.c.account == account, alerts.c.lead == lead)
    query = query.order_by(alerts.c.made_at, alerts.c.due_at, alerts.c.alert)
    return [AlertRow(**row) for row in session.ask(query).mappings()]


_FIELDS = tuple(item.name for item in fields(AlertRow))
_SELECT = select(*(alerts.c[name] for name in _FIELDS))
# A partial index serves only a query that repeats its condition, letter by letter: no bound values in it.
_WAITING = alerts.c.state == literal_column(f"'{WAITS}'")
_MARK = (
    update(alerts)
    .where(alerts.c.account == bindparam("of_account"), alerts.c.alert == bindparam("of_alert"))
    .values(state=bindparam("as_state"), message=bindparam("by_message"))
)
