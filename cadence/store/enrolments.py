"""Enrolments: where each lead stands in each playbook. A copy of what the log says, for listings and counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, select

from cadence.store import dialect, loads
from cadence.store.session import chunks
from cadence.store.tables import enrolments, versions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from cadence.store.session import Session

__all__ = ["EnrolmentRow", "active_counts", "carried", "followers", "of_leads", "save"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentRow:
    """One lead in one playbook for one job.

    What stands from ``next_kind`` on is worked out by the engine; the row shows it without the log.
    """

    enrolment: str
    lead: str
    playbook: str
    job: str = ""
    digest: str  #: the version it follows
    stage: str
    visit: int
    owner: str = ""  #: member id
    started_at: datetime
    ended_at: datetime | None = None
    end: str = ""  #: won or lost; empty: open
    stage_since: datetime | None = None  #: when it entered the stage; None: when it started (never so when read)
    moved_at: datetime | None = None  #: last word of the lead, act of a colleague or stage entry; None: as above
    next_kind: str = ""  #: task, touch, move or wait; empty: there is no next step
    next_name: str = ""
    next_due_at: datetime | None = None
    next_owner: str = ""  #: member id
    lock_due_at: datetime | None = None  #: None: no lock is asked for
    locked_by: str = ""  #: empty: it is not locked
    locked_at: datetime | None = None
    locked_until: datetime | None = None  #: None: for good
    score: str = ""
    gaps: tuple[Mapping[str, str], ...] = ()  #: those that time alone does not bring about: code, text, since
    reason: str = ""  #: why it was lost


def save(session: Session, account: str, rows: Sequence[EnrolmentRow]) -> None:
    """Record how enrolments stand now, new ones and known ones; lead, playbook, job and start never change.

    What their owners have open is counted along (see :mod:`cadence.store.loads`): on PostgreSQL the leads must be
    locked, as for whatever adds to their logs.
    """
    change = _change_of_loads(session, account, rows)
    statement = dialect.upsert(session.dialect, enrolments, "account", "enrolment", keep=_SETTLED)
    session.change(statement, [_values(account, row) for row in rows])
    loads.add(session, account, change)


def of_leads(session: Session, account: str, leads: Collection[str]) -> dict[str, list[EnrolmentRow]]:
    """Read the enrolments of each of ``leads`` (none: an empty list), oldest first."""
    found: dict[str, list[EnrolmentRow]] = {lead: [] for lead in leads}
    for part in chunks(found):
        query = _SELECT.where(enrolments.c.account == account, enrolments.c.lead.in_(part))
        for row in session.ask(query.order_by(enrolments.c.started_at, enrolments.c.enrolment)).mappings():
            found[row["lead"]].append(EnrolmentRow(**{**row, "gaps": tuple(row["gaps"])}))
    return found


def active_counts(session: Session, account: str) -> dict[tuple[str, str, str], int]:
    """Count the open enrolments: (playbook, stage, owner) -> number."""
    place = (enrolments.c.playbook, enrolments.c.stage, enrolments.c.owner)
    query = select(*place, func.count()).where(enrolments.c.account == account, enrolments.c.ended_at.is_(None))
    return {(playbook, stage, owner): n for playbook, stage, owner, n in session.ask(query.group_by(*place))}


def carried(session: Session, account: str) -> set[tuple[str, str]]:
    """Tell which published versions open enrolments follow: (playbook, digest).

    Versions are few and enrolments many, so each version is asked about.
    """
    follower = exists().where(
        enrolments.c.account == versions.c.account,
        enrolments.c.playbook == versions.c.playbook,
        enrolments.c.digest == versions.c.digest,
        enrolments.c.ended_at.is_(None),
    )
    query = select(versions.c.playbook, versions.c.digest).where(versions.c.account == account, follower)
    return {(playbook, digest) for playbook, digest in session.ask(query)}


def followers(session: Session, account: str) -> dict[tuple[str, str], int]:
    """Count the open enrolments that follow each version: (playbook, digest) -> number."""
    place = enrolments.c.playbook, enrolments.c.digest
    query = select(*place, func.count()).where(enrolments.c.account == account, enrolments.c.ended_at.is_(None))
    return {(playbook, digest): number for playbook, digest, number in session.ask(query.group_by(*place))}


def _values(account: str, row: EnrolmentRow) -> dict[str, Any]:
    values = dict(zip(_FIELDS, _OF_ROW(row), strict=True))
    since = {"stage_since": row.stage_since or row.started_at, "moved_at": row.moved_at or row.started_at}
    return {"account": account, **values, **since}


def _change_of_loads(session: Session, account: str, rows: Sequence[EnrolmentRow]) -> Counter[str]:
    """Tell what the rows change in the loads: member -> enrolments more, or fewer."""
    last = {row.enrolment: row for row in rows}  # one may stand several times in a batch
    change = Counter(row.owner for row in last.values() if row.ended_at is None)
    for part in chunks(last):
        query = _OWNED.where(enrolments.c.account == account, enrolments.c.enrolment.in_(part))
        change.subtract(session.ask(query).scalars())
    del change[""]
    return change


_SETTLED = ("lead", "playbook", "job", "started_at")
_FIELDS = tuple(item.name for item in fields(EnrolmentRow))
_OF_ROW = attrgetter(*_FIELDS)
_OWNED = select(enrolments.c.owner).where(enrolments.c.ended_at.is_(None))
_SELECT = select(*(enrolments.c[name] for name in _FIELDS))
