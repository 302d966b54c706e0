"""Reviews: when each is due next, and when it was held last."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, update

from cadence.store import dialect
from cadence.store.tables import reviews

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cadence.store.session import Session

__all__ = ["NEVER", "ReviewRow", "due", "held", "keep_only", "listing", "set_due"]

NEVER = datetime(9999, 12, 31, tzinfo=UTC)  #: ``due_at`` of a review whose time does not come


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """One review of one playbook."""

    playbook: str
    review: str
    due_at: datetime  #: when it is held next; :data:`NEVER`: not at all
    held_at: datetime | None = None  #: when it was held last; None: never


def set_due(session: Session, account: str, instants: Mapping[tuple[str, str], datetime]) -> None:
    """Say when reviews are due next: (playbook, review) -> when; new ones and known ones."""
    statement = dialect.upsert(session.dialect, reviews, "account", "playbook", "review", keep=("held_at",))
    session.change(
        statement,
        [
            {"account": account, "playbook": playbook, "review": review, "due_at": instant, "held_at": None}
            for (playbook, review), instant in sorted(instants.items())
        ],
    )


def due(session: Session, account: str, now: datetime) -> list[ReviewRow]:
    """List the reviews that are due by ``now``, longest due first.

    In a writing session they are this one's until its end; what another has in hand is left out.
    """
    query = _SELECT.where(reviews.c.account == account, reviews.c.due_at <= now).order_by(reviews.c.due_at, *_NAMED)
    if session.writes:
        query = dialect.for_update(session.dialect, query, skip_locked=True)
    return [ReviewRow(**row) for row in session.ask(query).mappings()]


def held(session: Session, account: str, playbook: str, review: str, held_at: datetime, next_due: datetime) -> bool:
    """Note that a review was held, and when it is due next; False when there is none such."""
    named = (reviews.c.account == account, reviews.c.playbook == playbook, reviews.c.review == review)
    return session.change(update(reviews).where(*named).values(held_at=held_at, due_at=next_due)) == 1


def listing(session: Session, account: str) -> list[ReviewRow]:
    """List all reviews, by playbook and name."""
    query = _SELECT.where(reviews.c.account == account).order_by(*_NAMED)
    return [ReviewRow(**row) for row in session.ask(query).mappings()]


def keep_only(session: Session, account: str, named: Collection[tuple[str, str]]) -> int:
    """Forget the reviews that are not among ``named`` (playbook, review); tell how many those were."""
    gone = {(row.playbook, row.review) for row in listing(session, account)} - set(named)
    return session.change(
        _FORGET,
        [{"of_account": account, "of_playbook": playbook, "of_review": review} for playbook, review in sorted(gone)],
    )


_FIELDS = tuple(item.name for item in fields(ReviewRow))
_SELECT = select(*(reviews.c[name] for name in _FIELDS))
_NAMED = (reviews.c.playbook, reviews.c.review)
_FORGET = delete(reviews).where(
    reviews.c.account == bindparam("of_account"),
    reviews.c.playbook == bindparam("of_playbook"),
    reviews.c.review == bindparam("of_review"),
)
