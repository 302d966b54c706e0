"""Publications: the history of what was in force, one row for each time a version was published or retired."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from cadence.store.tables import publications

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from cadence.store.session import Session

__all__ = ["PublicationRow", "answers", "history", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationRow:
    """One publication."""

    playbook: str
    at: datetime
    digest: str  #: empty: the playbook was retired
    by: str = ""  #: member id; empty: nobody in particular
    how: str = "tick"  #: tick, apply or rollback
    answers: Mapping[str, str] = field(default_factory=dict)  #: stage that the version lacks -> where its leads go


def note(session: Session, account: str, row: PublicationRow) -> None:
    """Write a publication down."""
    values = {name: getattr(row, name) for name in _FIELDS}
    session.change(insert(publications), [{"account": account, **values, "answers": dict(row.answers)}])


def history(session: Session, account: str, playbook: str = "") -> list[PublicationRow]:
    """List the publications (of ``playbook``), oldest first."""
    query = select(*(publications.c[name] for name in _FIELDS)).where(publications.c.account == account)
    if playbook:
        query = query.where(publications.c.playbook == playbook)
    return [PublicationRow(**row) for row in session.ask(query.order_by(publications.c.id)).mappings()]


def answers(session: Session, account: str, digests: Collection[str]) -> dict[str, Mapping[str, str]]:
    """Tell where the leads of stages go that versions lack, as their latest publication says: digest -> answers."""
    mine = publications.c.account == account, publications.c.digest.in_(digests)
    latest = select(func.max(publications.c.id)).where(*mine).group_by(publications.c.digest)
    query = select(publications.c.digest, publications.c.answers).where(publications.c.id.in_(latest))
    return {digest: said for digest, said in session.ask(query) if said}


_FIELDS = ("playbook", "at", "digest", "by", "how", "answers")
