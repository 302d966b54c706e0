"""The log: every fact and decision, in the order the program learned them. Entries are never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Text, bindparam, func, literal_column, or_, select, type_coerce

from cadence.engine.events import Decided, Event
from cadence.playbook.words import Actor
from cadence.store import dialect
from cadence.store.columns import Damaged
from cadence.store.entries import EntryRow, read_entry
from cadence.store.session import chunks
from cadence.store.tables import enrolments, events

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from cadence.store.session import Session

__all__ = ["append", "in_order", "leads_with", "marks", "of_account", "of_leads", "rows_of_leads", "with_news"]

_WHOLE_ACCOUNT = ""  #: stands where a lead's id would
_AT_ONCE = 2000  #: entries fetched together


def append(session: Session, account: str, entries: Mapping[str, Iterable[Event]]) -> int:
    """Record the entries of each lead (id -> entries; the id ``""`` stands for the whole account), in order.

    An entry whose key its lead's log has already is left out. Tells how many were new.
    """
    rows = [_values(account, lead, event) for lead, its in entries.items() for event in its]
    return session.change(dialect.insert_new(session.dialect, events, "account", "lead", "key", where=_KEYED), rows)


def of_leads(session: Session, account: str, leads: Collection[str]) -> dict[str, list[Event]]:
    """Read the logs of ``leads``, each in record order (an unknown lead's is empty): one query per 500.

    Damaged when an entry cannot be read.
    """
    rows_of = rows_of_leads(session, account, leads)
    try:
        return {lead: [read_entry(row) for row in rows] for lead, rows in rows_of.items()}
    except (ValueError, TypeError):
        raise Damaged("an entry of a log cannot be read") from None


def rows_of_leads(session: Session, account: str, leads: Collection[str]) -> dict[str, list[EntryRow]]:
    """Read the same as it is kept, for somebody else to read."""
    logs: dict[str, list[EntryRow]] = {lead: [] for lead in leads}
    for part in chunks(logs):
        for row in session.ask(_OF_LEADS, {"of_account": account, "of_leads": part}).all():
            logs[row[0]].append(cast("EntryRow", row[1:]))
    return logs


def in_order(session: Session, account: str, leads: Collection[str] = ()) -> Iterator[tuple[str, Event]]:
    """Yield the entries of an account (of ``leads`` and the whole account's, where some are named) as recorded.

    Each with its lead; an empty one for the whole account. Damaged when an entry cannot be read.
    """
    query = select(*_LINE).where(events.c.account == bindparam("of_account")).order_by(events.c.id)
    if leads:
        query = query.where(events.c.lead.in_([*sorted(leads), _WHOLE_ACCOUNT]))
    found = session.ask(query.execution_options(yield_per=_AT_ONCE), {"of_account": account})
    try:
        for part in found.partitions():
            for row in part:
                yield row[0], read_entry(cast("EntryRow", tuple(row[1:])))
    except (ValueError, TypeError):
        raise Damaged("an entry of a log cannot be read") from None


def leads_with(session: Session, account: str, types: Collection[str]) -> list[str]:
    """Name the leads in whose logs an entry of one of these types stands, by id. Reads the whole log."""
    found = session.ask(
        select(events.c.lead)
        .distinct()
        .where(events.c.account == account, events.c.type.in_(sorted(types)), events.c.lead != _WHOLE_ACCOUNT)
        .order_by(events.c.lead)
    )
    return list(found.scalars())


def with_news(session: Session, account: str, leads: Collection[str]) -> set[str]:
    """Tell which of ``leads`` something was learned of since a touch of theirs was last claimed."""
    claimed = (
        select(func.max(events.c.id))
        .where(events.c.account == account, events.c.lead == bindparam("lead"), events.c.type == Decided.TOUCH_CLAIMED)
        .scalar_subquery()
    )
    fact = select(events.c.id).where(
        events.c.account == account,
        events.c.lead == bindparam("lead"),
        events.c.id > claimed,
        events.c.actor != Actor.ENGINE.value,
    )
    return {lead for lead in leads if session.ask(fact.limit(1), {"lead": lead}).first() is not None}


def marks(session: Session, account: str, playbooks: Collection[str]) -> tuple[int, int]:
    """Return what changes whenever something is recorded of the leads with an open enrolment in ``playbooks``.

    Or of the whole account. The number of their entries and the latest: two sessions may record out of order.
    """
    open_ones = select(enrolments.c.lead).where(
        enrolments.c.account == account,
        enrolments.c.playbook.in_(sorted(playbooks)),
        enrolments.c.ended_at.is_(None),
    )
    whose = or_(events.c.lead.in_(open_ones), events.c.lead == _WHOLE_ACCOUNT)
    query = select(func.count(), func.max(events.c.id)).where(events.c.account == account, whose)
    number, latest = session.ask(query).one()
    return number, latest or 0


def of_account(session: Session, account: str) -> list[Event]:
    """Read the entries that concern the whole account (paused, resumed), in record order."""
    return of_leads(session, account, [_WHOLE_ACCOUNT])[_WHOLE_ACCOUNT]


def _values(account: str, lead: str, event: Event) -> dict[str, Any]:
    return {
        "account": account,
        "lead": lead,
        "enrolment": event.enrolment,
        "type": event.type,
        "at": event.at,
        "recorded_at": event.recorded_at,
        "job": event.job,
        "actor": event.actor,
        "key": event.key,
        "data": event.data,
    }


_KEYED = events.c.key != literal_column("''")
_KEPT = (events.c.type, events.c.at, events.c.recorded_at, events.c.enrolment, events.c.job, events.c.actor)
_LINE = tuple(type_coerce(column, Text) for column in (events.c.lead, *_KEPT, events.c.data, events.c.key))
_OF_LEADS = (
    select(*_LINE)
    .where(events.c.account == bindparam("of_account"), events.c.lead.in_(bindparam("of_leads", expanding=True)))
    .order_by(events.c.lead, events.c.id)
)
