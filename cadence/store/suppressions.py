"""The ledger of addresses to which nothing may go: entries are added, never changed; the latest one counts.

A person who opted out, a number nobody can reach, a mailbox that is gone. It belongs to the address, not to the
lead: whoever has the address next is not written to either. ``all`` as channel is every channel at once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import func, literal_column, select

from cadence.store import dialect
from cadence.store.session import chunks
from cadence.store.tables import suppressions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from cadence.store.session import Session

__all__ = [
    "ALL",
    "REASONS",
    "RETURNED",
    "SUPPRESSED",
    "SuppressionRow",
    "add",
    "added",
    "count",
    "held_at",
    "history",
    "listing",
    "standing",
]

ALL = "all"  #: every channel
SUPPRESSED: Literal["suppressed"] = "suppressed"
RETURNED: Literal["returned"] = "returned"

#: Why nothing may go to an address: code -> what a person reads.
REASONS: dict[str, str] = {
    "opt_out": "the person asked us to stop",
    "complaint": "the person called a message spam",
    "dead": "nothing can reach the address",
    "litigator": "the provider names the number as one of a known litigator",
    "person": "a colleague put it on the list",
    "import": "it came with a list of addresses not to be written to",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionRow:
    """One entry of the ledger."""

    address: str  #: phone in E.164 form, or e-mail address in small letters
    channel: str = ALL  #: sms, email, voice or all
    standing: Literal["suppressed", "returned"] = SUPPRESSED
    reason: str  #: of :data:`REASONS`
    source: str  #: how we know: ``text message``, ``twilio 21610``, ``list.csv``, a member's id
    detail: str = ""  #: the person's own words, or the provider's
    lead: str = ""  #: whose it was; empty: not known
    at: datetime  #: when it became true
    recorded_at: datetime
    key: str = ""  #: what tells it, to record it once; empty: nothing


def add(session: Session, account: str, rows: Sequence[SuppressionRow]) -> int:
    """Add entries; one whose key is there already is left out. Tells how many were new."""
    statement = dialect.insert_new(session.dialect, suppressions, "account", "key", where=_KEYED)
    return session.change(statement, [_values(account, row) for row in rows])


def standing(session: Session, account: str, addresses: Collection[str]) -> dict[tuple[str, str], SuppressionRow]:
    """Tell which of ``addresses`` nothing may go to: (channel or ``all``, address) -> the entry that says so.

    An entry for ``all`` that says a person has returned ends every entry before it; a later entry for one channel
    holds for that channel.
    """
    found: dict[tuple[str, str], SuppressionRow] = {}
    for part in chunks(sorted(set(addresses) - {""})):
        query = _SELECT.where(suppressions.c.account == account, suppressions.c.address.in_(part))
        for row in session.ask(query.order_by(suppressions.c.id)).mappings():
            _count(found, SuppressionRow(**row))
    return found


def history(session: Session, account: str, address: str) -> list[SuppressionRow]:
    """List the entries of one address, oldest first."""
    query = _SELECT.where(suppressions.c.account == account, suppressions.c.address == address)
    return [SuppressionRow(**row) for row in session.ask(query.order_by(suppressions.c.id)).mappings()]


def held_at(entries: Iterable[SuppressionRow], at: datetime) -> dict[tuple[str, str], SuppressionRow]:
    """Tell what held at an instant, of entries in the order they were added: like :func:`standing`."""
    found: dict[tuple[str, str], SuppressionRow] = {}
    for row in entries:
        if row.recorded_at <= at:
            _count(found, row)
    return found


def listing(
    session: Session, account: str, *, since: datetime | None = None, page: int = 1000
) -> Iterator[SuppressionRow]:
    """Yield the entries that hold now, by address; ``since``: recorded then or later."""
    after = ""
    while True:
        asked = select(suppressions.c.address).distinct().where(suppressions.c.account == account)
        addresses = list(
            session.ask(
                asked.where(suppressions.c.address > after).order_by(suppressions.c.address).limit(page)
            ).scalars()
        )
        if not addresses:
            return
        after = addresses[-1]
        held = standing(session, account, addresses)
        for _, row in sorted(held.items(), key=lambda item: (item[0][1], item[0][0])):
            if since is None or row.recorded_at >= since:
                yield row


def added(session: Session, account: str, after: int, *, limit: int = 500) -> list[tuple[int, SuppressionRow]]:
    """List the entries behind number ``after``, in the order they were added."""
    query = select(suppressions.c.id, *(suppressions.c[name] for name in _FIELDS))
    query = query.where(suppressions.c.account == account, suppressions.c.id > after)
    rows = session.ask(query.order_by(suppressions.c.id).limit(limit))
    return [(number, SuppressionRow(**dict(zip(_FIELDS, row, strict=True)))) for number, *row in rows]


def count(session: Session, account: str) -> int:
    """Count the addresses that the ledger knows of."""
    query = select(func.count(suppressions.c.address.distinct())).where(suppressions.c.account == account)
    return int(session.ask(query).scalar_one())


def _count(found: dict[tuple[str, str], SuppressionRow], row: SuppressionRow) -> None:
    key = (row.channel, row.address)
    if row.standing == SUPPRESSED:
        found[key] = row
    elif row.channel == ALL:
        for other in [each for each in found if each[1] == row.address]:
            del found[other]
    else:
        found.pop(key, None)


def _values(account: str, row: SuppressionRow) -> Mapping[str, Any]:
    return {"account": account, **{name: getattr(row, name) for name in _FIELDS}}


_FIELDS = tuple(item.name for item in fields(SuppressionRow))
_SELECT = select(*(suppressions.c[name] for name in _FIELDS))
_KEYED = suppressions.c.key != literal_column("''")
