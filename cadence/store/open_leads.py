"""Every open enrolment with its lead's name, in one reading: what a review looks through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import select

from cadence.store.session import chunks
from cadence.store.tables import enrolments, events, leads

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from cadence.store.session import Session

__all__ = ["OpenLead", "Said", "read", "said"]

_AT_ONCE = 2000  #: rows fetched together


class OpenLead(NamedTuple):
    """One lead in one open enrolment; the fields mean what those of :class:`cadence.store.enrolments.EnrolmentRow` do.

    There may be a hundred thousand, so they are no more than the rows they are read from.
    """

    lead: str
    name: str
    enrolment: str
    playbook: str
    job: str
    digest: str
    stage: str
    owner: str
    stage_since: datetime
    moved_at: datetime
    next_kind: str
    next_name: str
    next_due_at: datetime | None
    next_owner: str
    lock_due_at: datetime | None
    locked_by: str
    locked_until: datetime | None
    score: str
    gaps: tuple[Mapping[str, str], ...] | list[Mapping[str, str]]


class Said(NamedTuple):
    """A fact as its lead's log has it, for whoever asks what was said last."""

    lead: str
    enrolment: str
    job: str
    type: str
    key: str
    data: Mapping[str, Any]


def read(session: Session, account: str, *, playbook: str = "", stages: Collection[str] = ()) -> Iterator[OpenLead]:
    """Yield the open enrolments (of ``playbook``, in one of ``stages``), in no order."""
    query = _SELECT.where(enrolments.c.account == account, enrolments.c.ended_at.is_(None))
    if playbook:
        query = query.where(enrolments.c.playbook == playbook)
    if stages:
        query = query.where(enrolments.c.stage.in_(sorted(stages)))
    for part in session.ask(query.execution_options(yield_per=_AT_ONCE)).partitions():
        yield from map(OpenLead._make, part)


def said(session: Session, account: str, ids: Collection[str], types: Collection[str]) -> Iterator[Said]:
    """Yield the facts of some types in the logs of some leads, each lead's in the order they were recorded."""
    query = select(*(events.c[name] for name in Said._fields)).where(
        events.c.account == account, events.c.type.in_(sorted(types))
    )
    for part in chunks(sorted(ids)):
        found = session.ask(query.where(events.c.lead.in_(part)).order_by(events.c.id))
        yield from map(Said._make, cast("Any", found))


_SELECT = select(*((leads if name == "name" else enrolments).c[name] for name in OpenLead._fields)).select_from(
    enrolments.join(leads, (leads.c.account == enrolments.c.account) & (leads.c.lead == enrolments.c.lead))
)
