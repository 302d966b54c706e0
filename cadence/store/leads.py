"""Leads: the record of each person, and when the engine must look at them again."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, exists, func, insert, literal_column, or_, select, type_coerce
from sqlalchemy import update as change
from sqlalchemy.exc import IntegrityError

from cadence.errors import LeadError
from cadence.store import dialect
from cadence.store.entries import read_instant
from cadence.store.session import chunks
from cadence.store.tables import enrolments, leads

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from cadence.store.session import Session

__all__ = [
    "LeadFilter",
    "LeadRow",
    "add",
    "by_ids",
    "count",
    "count_due",
    "count_in_flight",
    "due",
    "due_page",
    "find",
    "get",
    "in_flight",
    "listing",
    "lock",
    "mend_wake",
    "next_wake",
    "set_owner",
    "set_wake",
    "update",
    "wake_all",
    "wake_by",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRow:
    """One lead's record. Phone, e-mail and external id are compared as they stand: normalise them first."""

    lead: str
    name: str
    phone: str = ""  #: E.164; no other lead of the account has it
    email: str = ""  #: no other lead of the account has it
    external_id: str = ""  #: id in another program; no other lead of the account has it
    attributes: Mapping[str, Any] = field(default_factory=dict)  #: everything else, JSON-able
    owner: str = ""  #: member id
    created_at: datetime
    updated_at: datetime
    wake_at: datetime | None = None  #: nothing changes before then without a new fact; None: not at all


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """Which leads; empty fields ask nothing."""

    stage: str = ""  #: a stage one of the lead's enrolments stands in
    owner: str = ""
    playbook: str = ""  #: a playbook the lead is or was enrolled in
    text: str = ""  #: part of the id, name, phone, e-mail or external id; case does not matter


def add(session: Session, account: str, rows: Sequence[LeadRow]) -> None:
    """Record new leads, all or none. LeadError when an id, phone, e-mail or external id is taken."""
    try:
        with session.savepoint():
            session.change(_INSERT, [_values(account, row) for row in rows])
    except IntegrityError:
        _refuse_taken(session, account, rows, ids=True)
        raise


def update(session: Session, account: str, rows: Sequence[LeadRow]) -> None:
    """Replace the records of known leads, all or none; creation and wake-up times stay.

    LeadError for an unknown lead, or when a phone, e-mail or external id belongs to another.
    """
    try:
        with session.savepoint():
            changed = session.change(
                _UPDATE, [{f"new_{k}": v for k, v in _values(account, row).items()} for row in rows]
            )
            if changed != len(rows):
                known = by_ids(session, account, [row.lead for row in rows])
                raise LeadError(f"no lead {next(row.lead for row in rows if row.lead not in known)!r}")
    except IntegrityError:
        _refuse_taken(session, account, rows, ids=False)
        raise


def get(session: Session, account: str, lead: str) -> LeadRow | None:
    """Look up one lead."""
    return by_ids(session, account, [lead]).get(lead)


def by_ids(session: Session, account: str, ids: Collection[str]) -> dict[str, LeadRow]:
    """Look up many leads; unknown ones are left out."""
    found = {}
    for part in chunks(ids):
        rows = session.ask(_SELECT.where(leads.c.account == account, leads.c.lead.in_(part)))
        found.update({row["lead"]: LeadRow(**row) for row in rows.mappings()})
    return found


def find(
    session: Session,
    account: str,
    *,
    phones: Collection[str] = (),
    emails: Collection[str] = (),
    external_ids: Collection[str] = (),
) -> list[LeadRow]:
    """Find the leads that have any of these, each once, by id. An empty text matches nobody."""
    found: dict[str, LeadRow] = {}
    for column, wanted in ((leads.c.phone, phones), (leads.c.email, emails), (leads.c.external_id, external_ids)):
        for part in chunks(text for text in wanted if text):
            rows = session.ask(_SELECT.where(leads.c.account == account, column.in_(part), column != _NOTHING))
            found.update({row["lead"]: LeadRow(**row) for row in rows.mappings()})
    return [found[lead] for lead in sorted(found)]


def listing(
    session: Session, account: str, wanted: LeadFilter = LeadFilter(), *, limit: int = 100, after: str = ""
) -> list[LeadRow]:
    """List leads by id, at most ``limit``, beginning behind the id ``after``."""
    query = _SELECT.where(*_conditions(account, wanted), leads.c.lead > after).order_by(leads.c.lead).limit(limit)
    return [LeadRow(**row) for row in session.ask(query).mappings()]


def count(session: Session, account: str, wanted: LeadFilter = LeadFilter()) -> int:
    """Count leads."""
    number: int = session.ask(select(func.count()).select_from(leads).where(*_conditions(account, wanted))).scalar_one()
    return number


def due(session: Session, account: str, now: datetime, limit: int) -> list[str]:
    """Tell which leads must be looked at by ``now``, longest due first, at most ``limit`` ids.

    In a writing session they are this one's until its end; what another has in hand is left out.
    """
    query = dialect.for_update(session.dialect, _DUE, skip_locked=True) if session.writes else _DUE
    return list(session.ask(query, {"account": account, "now": now, "limit": limit}).scalars())


def due_page(session: Session, account: str, now: datetime, limit: int, after: str) -> list[str]:
    """Tell which leads must be looked at by ``now``, by id, at most ``limit``, beginning behind the id ``after``."""
    query = select(leads.c.lead).where(leads.c.account == account, leads.c.wake_at.is_not(None), leads.c.wake_at <= now)
    return list(session.ask(query.where(leads.c.lead > after).order_by(leads.c.lead).limit(limit)).scalars())


def in_flight(
    session: Session, account: str, limit: int, after: str, *, playbooks: Collection[str] = ()
) -> list[tuple[str, datetime | None]]:
    """List the leads with an open enrolment (in ``playbooks``) and when each is woken, by id, behind ``after``."""
    query = select(leads.c.lead, leads.c.wake_at).where(leads.c.account == account, leads.c.lead > after)
    query = query.where(_open(playbooks)).order_by(leads.c.lead).limit(limit)
    return [(lead, wake_at) for lead, wake_at in session.ask(query).all()]


def count_in_flight(session: Session, account: str, *, playbooks: Collection[str] = ()) -> int:
    """Count those leads."""
    query = select(func.count()).select_from(leads).where(leads.c.account == account, _open(playbooks))
    number: int = session.ask(query).scalar_one()
    return number


def count_due(session: Session, account: str, now: datetime, most: int) -> int:
    """Count the leads that must be looked at by ``now``, but not further than ``most``."""
    some = select(leads.c.lead).where(leads.c.account == account, leads.c.wake_at.is_not(None), leads.c.wake_at <= now)
    number: int = session.ask(select(func.count()).select_from(some.limit(most).subquery())).scalar_one()
    return number


def lock(session: Session, account: str, ids: Collection[str]) -> None:
    """Have leads to oneself until the end of the session: whoever adds to a lead's log does so first.

    Waits for whoever has one of them; always in the order of ids, so that two never wait for each other.
    """
    for part in chunks(sorted(ids)):
        query = select(leads.c.lead).where(leads.c.account == account, leads.c.lead.in_(part)).order_by(leads.c.lead)
        if session.dialect != "sqlite":  # where a writing session has everything to itself
            session.ask(dialect.for_update(session.dialect, query)).all()


def next_wake(session: Session, account: str) -> datetime | None:
    """Tell when the first lead must be looked at; Damaged when that cannot be read: see :func:`mend_wake`."""
    instant: datetime | None = session.ask(_NEXT, {"account": account}).scalar_one_or_none()
    return instant


def mend_wake(session: Session, account: str, now: datetime) -> int:
    """Have leads looked at ``now`` whose instant stands first and cannot be read; tell how many.

    Nothing is lost by it: when to look at a lead is worked out from its log each time.
    """
    kept = session.ask(_NEXT_KEPT, {"account": account}).scalar_one_or_none()
    try:
        sound = kept is None or read_instant(kept).tzinfo is UTC
    except (ValueError, TypeError):
        sound = False
    if sound:
        return 0
    damaged = change(leads).where(leads.c.account == account, type_coerce(leads.c.wake_at, Text) == kept)
    return session.change(damaged.values(wake_at=now))


def set_wake(session: Session, account: str, instants: Mapping[str, datetime | None]) -> None:
    """Say when each lead must be looked at again; None: not before a new fact. Unknown leads are passed over."""
    session.change(
        _WAKE, [{"of_account": account, "of_lead": lead, "at": instant} for lead, instant in instants.items()]
    )


def wake_by(session: Session, account: str, instants: Mapping[str, datetime]) -> None:
    """Have each lead looked at by an instant; one that is woken earlier anyway keeps its time."""
    session.change(
        _WAKE_BY, [{"of_account": account, "of_lead": lead, "at": instant} for lead, instant in instants.items()]
    )


def wake_all(session: Session, account: str, at: datetime, *, playbook: str = "") -> int:
    """Have every lead (of ``playbook``: those with an open enrolment in it) looked at by ``at``.

    One that is woken earlier anyway keeps its time. Tells how many were changed.
    """
    later = or_(leads.c.wake_at.is_(None), leads.c.wake_at > at)
    statement = change(leads).where(leads.c.account == account, later).values(wake_at=at)
    if playbook:
        statement = statement.where(_enrolled(enrolments.c.playbook == playbook, enrolments.c.ended_at.is_(None)))
    return session.change(statement)


def set_owner(session: Session, account: str, owners: Mapping[str, str]) -> None:
    """Say who owns each lead (member ids). Unknown leads are passed over."""
    session.change(_OWNER, [{"of_account": account, "of_lead": lead, "by": owner} for lead, owner in owners.items()])


def _values(account: str, row: LeadRow) -> dict[str, Any]:
    return {"account": account, **{name: getattr(row, name) for name in _FIELDS}}


def _conditions(account: str, wanted: LeadFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [leads.c.account == account]
    if wanted.owner:
        conditions.append(leads.c.owner == wanted.owner)
    stands = [
        column == value
        for column, value in ((enrolments.c.stage, wanted.stage), (enrolments.c.playbook, wanted.playbook))
        if value
    ]
    if stands:
        conditions.append(_enrolled(*stands))
    if wanted.text:
        searched = (leads.c.lead, leads.c.name, leads.c.phone, leads.c.email, leads.c.external_id)
        conditions.append(or_(*(column.icontains(wanted.text, autoescape=True) for column in searched)))
    return conditions


def _open(playbooks: Collection[str]) -> ColumnElement[bool]:
    wanted = (enrolments.c.playbook.in_(sorted(playbooks)),) if playbooks else ()
    return _enrolled(enrolments.c.ended_at.is_(None), *wanted)


def _enrolled(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(enrolments.c.account == leads.c.account, enrolments.c.lead == leads.c.lead, *conditions)


def _refuse_taken(session: Session, account: str, rows: Sequence[LeadRow], *, ids: bool) -> None:
    """Name the first of ``rows`` that another lead, in the database or before it, stands in the way of."""
    mine = {row.lead for row in rows}
    by_address = find(
        session,
        account,
        phones=[row.phone for row in rows],
        emails=[row.email for row in rows],
        external_ids=[row.external_id for row in rows],
    )
    holders = [*by_ids(session, account, mine).values(), *by_address] if ids else by_address
    taken = {mark: row.lead for row in holders if ids or row.lead not in mine for mark in _marks(row, ids=ids)}
    for row in rows:
        for mark in _marks(row, ids=ids):
            if mark in taken:
                raise _taken(mark[0], row.lead, taken[mark]) from None
            taken[mark] = row.lead


def _marks(row: LeadRow, *, ids: bool) -> list[tuple[str, str]]:
    named = (("phone number", row.phone), ("e-mail address", row.email), ("external id", row.external_id))
    return [*([("id", row.lead)] if ids else []), *((name, value) for name, value in named if value)]


def _taken(what: str, lead: str, holder: str) -> LeadError:
    if what == "id":
        return LeadError(f"there is a lead {lead!r} already", help="choose another id, or update the one that is there")
    return LeadError(
        f"lead {lead!r} has the same {what} as lead {holder!r}", help=f"update {holder!r}, if it is the same person"
    )


_FIELDS = tuple(item.name for item in fields(LeadRow))
_SELECT = select(*(leads.c[name] for name in _FIELDS))
_INSERT = insert(leads)
_ONE = (leads.c.account == bindparam("of_account"), leads.c.lead == bindparam("of_lead"))
_WAKE = change(leads).where(*_ONE).values(wake_at=bindparam("at"))
_WAKE_BY = (
    change(leads)
    .where(*_ONE, or_(leads.c.wake_at.is_(None), leads.c.wake_at > bindparam("at")))
    .values(wake_at=bindparam("at"))
)
_OWNER = change(leads).where(*_ONE).values(owner=bindparam("by"))
_UPDATE = (
    change(leads)
    .where(leads.c.account == bindparam("new_account"), leads.c.lead == bindparam("new_lead"))
    .values({name: bindparam(f"new_{name}") for name in _FIELDS if name not in ("lead", "created_at", "wake_at")})
)
# A partial index serves only a query that repeats its condition, letter by letter: no bound values in it.
_NOTHING: ColumnElement[str] = literal_column("''")
_WOKEN = (leads.c.account == bindparam("account"), leads.c.wake_at.is_not(None))
_DUE = (
    select(leads.c.lead)
    .where(*_WOKEN, leads.c.wake_at <= bindparam("now"))
    .order_by(leads.c.wake_at, leads.c.lead)
    .limit(bindparam("limit"))
)
_NEXT = select(leads.c.wake_at).where(*_WOKEN).order_by(leads.c.wake_at).limit(1)
_NEXT_KEPT = select(type_coerce(leads.c.wake_at, Text)).where(*_WOKEN).order_by(leads.c.wake_at).limit(1)
