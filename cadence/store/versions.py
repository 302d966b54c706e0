"""Versions: published playbooks, each named by its digest. Workers read these, never the YAML."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from cadence.errors import StoreError
from cadence.store import dialect, publications
from cadence.store.publications import PublicationRow
from cadence.store.tables import versions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.store.session import Session

_NONE: Mapping[str, str] = MappingProxyType({})

__all__ = ["VersionRow", "content", "current", "history", "publish", "retire"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version, without its content."""

    playbook: str
    digest: str
    published_at: datetime  #: the last time it became current
    retired_at: datetime | None  #: None: current


def publish(
    session: Session,
    account: str,
    playbook: str,
    digest: str,
    body: Any,
    at: datetime,
    *,
    by: str = "",
    how: str = "tick",
    answers: Mapping[str, str] = _NONE,
) -> bool:
    """Make ``digest`` the current version of ``playbook``, with the JSON-able content ``body``.

    The one before it is retired. A retired version may come back: its content stays, its publication is ``at``.
    Publishing what is current changes nothing and tells False. ``by``: member id; ``how``: tick, apply or rollback;
    ``answers``: where the leads of a stage go that the version lacks.
    """
    now = current(session, account).get(playbook)
    if now is not None and now[0] == digest:
        return False
    _retire(session, account, playbook, at)
    row = {
        "account": account,
        "playbook": playbook,
        "digest": digest,
        "published_at": at,
        "content": body,
        "retired_at": None,
    }
    session.change(dialect.upsert(session.dialect, versions, *_KEY, keep=("content",)), [row])
    said = PublicationRow(playbook=playbook, at=at, digest=digest, by=by, how=how, answers=answers)
    publications.note(session, account, said)
    return True


def retire(session: Session, account: str, playbook: str, at: datetime, *, by: str = "", how: str = "tick") -> bool:
    """Take the current version of ``playbook`` out of use; tell whether there was one."""
    retired = _retire(session, account, playbook, at)
    if retired:
        publications.note(session, account, PublicationRow(playbook=playbook, at=at, digest="", by=by, how=how))
    return retired


def _retire(session: Session, account: str, playbook: str, at: datetime) -> bool:
    mine = (versions.c.account == account, versions.c.playbook == playbook, versions.c.retired_at.is_(None))
    return session.change(update(versions).where(*mine).values(retired_at=at)) > 0


def current(session: Session, account: str) -> dict[str, tuple[str, datetime]]:
    """Tell the version in use of each playbook: playbook -> (digest, published at)."""
    query = select(versions.c.playbook, versions.c.digest, versions.c.published_at)
    query = query.where(versions.c.account == account, versions.c.retired_at.is_(None)).order_by(versions.c.playbook)
    return {playbook: (digest, at) for playbook, digest, at in session.ask(query)}


def content(session: Session, account: str, playbook: str, digest: str) -> Any:
    """Read what a version says, current or retired. StoreError when there is no such version."""
    key = (versions.c.account == account, versions.c.playbook == playbook, versions.c.digest == digest)
    row = session.ask(select(versions.c.content).where(*key)).one_or_none()
    if row is None:
        raise StoreError(
            f"the database has no version {digest[:8]} of playbook {playbook!r}", help="publish it with `cadence apply`"
        )
    return row.content


def history(session: Session, account: str, playbook: str = "") -> list[VersionRow]:
    """List all versions (of ``playbook``), by playbook and publication."""
    query = select(versions.c.playbook, versions.c.digest, versions.c.published_at, versions.c.retired_at)
    query = query.where(versions.c.account == account)
    if playbook:
        query = query.where(versions.c.playbook == playbook)
    query = query.order_by(versions.c.playbook, versions.c.published_at, versions.c.digest)
    return [VersionRow(**row) for row in session.ask(query).mappings()]


_KEY = ("account", "playbook", "digest")
