"""Enrolments: where each lead stands in each playbook. A copy of what the log says, for listings and counts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select

from cadence.store import dialect
from cadence.store.session import chunks
from cadence.store.tables import enrolments, versions

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from cadence.store.session import Session

__all__ = ["EnrolmentRow", "active_counts", "carried", "of_leads", "save"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentRow:
    """One lead in one playbook for one job."""

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


def save(session: Session, account: str, rows: Sequence[EnrolmentRow]) -> None:
    """Record how enrolments stand now, new ones and known ones; lead, playbook, job and start never change."""
    statement = dialect.upsert(session.dialect, enrolments, "account", "enrolment", keep=_SETTLED)
    session.change(statement, [{"account": account, **{name: getattr(row, name) for name in _FIELDS}} for row in rows])


def of_leads(session: Session, account: str, leads: Collection[str]) -> dict[str, list[EnrolmentRow]]:
    """Read the enrolments of each of ``leads`` (none: an empty list), oldest first."""
    found: dict[str, list[EnrolmentRow]] = {lead: [] for lead in leads}
    for part in chunks(found):
        query = _SELECT.where(enrolments.c.account == account, enrolments.c.lead.in_(part))
        for row in session.ask(query.order_by(enrolments.c.started_at, enrolments.c.enrolment)).mappings():
            found[row["lead"]].append(EnrolmentRow(**row))
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


_SETTLED = ("lead", "playbook", "job", "started_at")
_FIELDS = tuple(item.name for item in fields(EnrolmentRow))
_SELECT = select(*(enrolments.c[name] for name in _FIELDS))
