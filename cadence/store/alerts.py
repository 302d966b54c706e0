"""Alerts: what a colleague is to be told, when, and what became of it.

One waits until it is due. Then a message takes it along, and it ends as that does: sent or failed; or it waits again,
when the message surely did not go. Or it is dropped, when nobody needs to be told any more.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, literal_column, select, update

from cadence.store import dialect
from cadence.store.columns import Damaged
from cadence.store.session import chunks
from cadence.store.states import FAILED, SENT, WAITS
from cadence.store.tables import alerts, outbox

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from cadence.store.session import Session

__all__ = [
    "DROPPED",
    "FAILED",
    "SENT",
    "TAKEN",
    "WAITS",
    "AlertRow",
    "Untold",
    "add",
    "due",
    "due_one_by_one",
    "is_any_due",
    "listing",
    "lock",
    "mark",
    "next_due",
    "of_messages",
    "put_off",
    "settle",
    "untold",
]

TAKEN = "taken"  #: a message carries it, whose outcome is not known yet

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
    state: str = WAITS  #: waits, taken, sent, failed, dropped
    message: str = ""  #: touch key of the outbox row that carries it, or last did


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """A colleague whom alerts did not reach."""

    member: str
    channel: str
    why: str  #: the channel's code and sentence, or what it told afterwards
    alerts: int


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


def is_any_due(session: Session, account: str, now: datetime) -> bool:
    """Tell whether an alert waits that is due by ``now``."""
    query = select(alerts.c.alert).where(alerts.c.account == account, _WAITING, alerts.c.due_at <= now)
    return session.ask(query.limit(1)).first() is not None


def due_one_by_one(session: Session, account: str, now: datetime, limit: int) -> tuple[list[AlertRow], list[str]]:
    """Do the same where one of them is damaged: list those that can be read, and the ids of the others."""
    query = select(alerts.c.alert).where(alerts.c.account == account, _WAITING, alerts.c.due_at <= now)
    sound: list[AlertRow] = []
    damaged: list[str] = []
    for alert in session.ask(query.order_by(alerts.c.due_at, alerts.c.alert).limit(limit)).scalars().all():
        one = _SELECT.where(alerts.c.account == account, alerts.c.alert == alert)
        try:
            sound += [AlertRow(**row) for row in session.ask(one).mappings()]
        except Damaged:
            damaged.append(alert)
    return sound, damaged


def next_due(session: Session, account: str) -> datetime | None:
    """Tell when the next alert that waits is due."""
    query = select(alerts.c.due_at).where(alerts.c.account == account, _WAITING).order_by(alerts.c.due_at).limit(1)
    instant: datetime | None = session.ask(query).scalar_one_or_none()
    return instant


def mark(session: Session, account: str, marks: Mapping[str, tuple[str, str]]) -> int:
    """Say what became of alerts: id -> (state, touch key of the message). Unknown ones are passed over."""
    return session.change(
        _MARK,
        [
            {"of_account": account, "of_alert": alert, "as_state": state, "by_message": message}
            for alert, (state, message) in marks.items()
        ],
    )


def put_off(session: Session, account: str, instants: Mapping[str, datetime]) -> int:
    """Have alerts that wait told later: id -> when."""
    return session.change(
        _PUT_OFF, [{"of_account": account, "of_alert": alert, "at": instant} for alert, instant in instants.items()]
    )


def lock(session: Session, account: str, messages: Collection[str]) -> None:
    """Have the alerts that messages carry to oneself until the end of the session, before the messages themselves."""
    for part in chunks(sorted(messages)):
        query = select(alerts.c.alert).where(alerts.c.account == account, _CARRIED, alerts.c.message.in_(part))
        if session.dialect != dialect.SQLITE:  # where a writing session has everything to itself
            session.ask(dialect.for_update(session.dialect, query.order_by(alerts.c.alert))).all()


def settle(session: Session, account: str, outcomes: Mapping[str, tuple[str, datetime | None]]) -> int:
    """Say what became of messages: touch key -> (state of their alerts, when they are due again; None: as before)."""
    ended, again = [], []
    for message, (state, instant) in outcomes.items():
        values = {"of_account": account, "of_message": message, "as_state": state}
        if instant is None:
            ended.append(values)
        else:
            again.append({**values, "at": instant})
    return session.change(_SETTLE, ended) + session.change(_AGAIN, again)


def of_messages(session: Session, account: str, messages: Collection[str]) -> list[AlertRow]:
    """List the alerts that messages carry, by due time."""
    found: list[AlertRow] = []
    for part in chunks(messages):
        query = _SELECT.where(alerts.c.account == account, _CARRIED, alerts.c.message.in_(part))
        rows = session.ask(query.order_by(alerts.c.due_at, alerts.c.alert)).mappings()
        found += [AlertRow(**row) for row in rows]
    return found


def untold(session: Session, account: str, since: datetime) -> list[Untold]:
    """List whom alerts due at ``since`` or later did not reach, the most alerts first."""
    why = (alerts.c.member, outbox.c.channel, outbox.c.state, outbox.c.reason, outbox.c.detail, outbox.c.delivery)
    carried = outbox.c.account == alerts.c.account, outbox.c.touch_key == alerts.c.message
    query = select(*why, func.count()).select_from(alerts).join(outbox, and_(*carried))
    query = query.where(alerts.c.account == account, _FAILED, alerts.c.due_at >= since).group_by(*why)
    found: dict[tuple[str, str, str], int] = {}
    for member, channel, state, reason, detail, delivery, number in session.ask(query):
        said = (detail or reason) if state == FAILED else delivery
        found[member, channel, said] = found.get((member, channel, said), 0) + number
    rows = [Untold(member=m, channel=channel, why=said, alerts=n) for (m, channel, said), n in found.items()]
    return sorted(rows, key=lambda each: (-each.alerts, each.member, each.channel, each.why))


def listing(session: Session, account: str, lead: str) -> list[AlertRow]:
    """List the alerts about a lead, oldest first."""
    query = _SELECT.where(alerts.c.account == account, alerts.c.lead == lead)
    query = query.order_by(alerts.c.made_at, alerts.c.due_at, alerts.c.alert)
    return [AlertRow(**row) for row in session.ask(query).mappings()]


_FIELDS = tuple(item.name for item in fields(AlertRow))
_SELECT = select(*(alerts.c[name] for name in _FIELDS))
# A partial index serves only a query that repeats its condition, letter by letter: no bound values in it.
_WAITING = alerts.c.state == literal_column(f"'{WAITS}'")
_FAILED = alerts.c.state == literal_column(f"'{FAILED}'")
_CARRIED = alerts.c.message != literal_column("''")
_MARK = (
    update(alerts)
    .where(alerts.c.account == bindparam("of_account"), alerts.c.alert == bindparam("of_alert"))
    .values(state=bindparam("as_state"), message=bindparam("by_message"))
)
_PUT_OFF = (
    update(alerts)
    .where(alerts.c.account == bindparam("of_account"), alerts.c.alert == bindparam("of_alert"), _WAITING)
    .values(due_at=bindparam("at"))
)
_SETTLE = (
    update(alerts)
    .where(alerts.c.account == bindparam("of_account"), alerts.c.message == bindparam("of_message"), _CARRIED)
    .values(state=bindparam("as_state"))
)
_AGAIN = _SETTLE.values(due_at=bindparam("at"))
