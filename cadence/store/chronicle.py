"""All leads and their logs, read once from the beginning to the end: what numbers are counted from."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from sqlalchemy import Text, and_, bindparam, or_, select, true, type_coerce

from cadence.store import dialect
from cadence.store.tables import events, leads

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from cadence.store.session import Session

__all__ = ["Line", "read", "records"]

#: Lead, enrolment, type, at, job, key and data of an entry, as the database keeps them. Instants are texts of one
#: width, so they are compared as they stand.
Line: TypeAlias = tuple[str, str, str, str, str, str, str]

_AT_ONCE = 2000  #: lines fetched together


def read(
    session: Session,
    account: str,
    types: Collection[str],
    *,
    until: datetime,
    since: datetime | None = None,
    ever: Collection[str] = (),
) -> Iterator[Line]:
    """Yield the entries of ``types`` and ``ever``, in the order they were recorded.

    Left out is what happened (by its own time) after ``until``; and, of ``types``, what happened before ``since``.
    The whole log is read, so the cost is that of the log: a second or two for two million entries.
    """
    of_account = dialect.read_whole(session.dialect, events.c.account) == bindparam("of_account")
    lately = and_(events.c.type.in_(sorted(types)), true() if since is None else events.c.at >= since)
    wanted = or_(lately, events.c.type.in_(sorted(ever))) if ever else lately
    query = select(*_KEPT).where(of_account, wanted, events.c.at <= until, events.c.lead != "").order_by(events.c.id)
    found = session.ask(query.execution_options(yield_per=_AT_ONCE), {"of_account": account})
    for part in found.partitions():
        yield from cast("list[Line]", part)


def records(session: Session, account: str) -> Iterator[tuple[str, str]]:
    """Yield what is known of each lead: its id, and its attributes as the database keeps them."""
    of_account = dialect.read_whole(session.dialect, leads.c.account) == bindparam("of_account")
    query = select(leads.c.lead, type_coerce(leads.c.attributes, Text)).where(of_account)
    found = session.ask(query.execution_options(yield_per=_AT_ONCE), {"of_account": account})
    for part in found.partitions():
        yield from cast("list[tuple[str, str]]", part)


_KEPT = tuple(
    type_coerce(column, Text)
    for column in (
        events.c.lead,
        events.c.enrolment,
        events.c.type,
        events.c.at,
        events.c.job,
        events.c.key,
        events.c.data,
    )
)
