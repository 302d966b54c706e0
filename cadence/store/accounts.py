"""Accounts: one per workspace; many can share a database and never see each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from cadence.errors import StoreError
from cadence.store import dialect
from cadence.store.tables import accounts

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.store.session import Session

__all__ = ["AccountRow", "ensure", "get", "lock", "names", "set_source", "set_ways"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One account."""

    account: str
    created_at: datetime
    source_signature: str  #: of the files the published versions came from; empty: nothing published
    mode: str  #: how messages leave: log, redirect or live
    polls: int = 0  #: 1: every tick asks the providers what came in


def ensure(session: Session, account: str, created_at: datetime, *, mode: str = "log") -> bool:
    """Record ``account`` unless it is there; tell whether it is new. Everything else of an account comes after."""
    row = {
        "account": account,
        "created_at": created_at,
        "source_signature": "",
        "mode": mode,
        "polls": 0,
    }
    return session.change(dialect.insert_new(session.dialect, accounts, "account"), [row]) == 1


def get(session: Session, account: str) -> AccountRow | None:
    """Look up one account."""
    row = session.ask(_SELECT.where(accounts.c.account == account)).mappings().one_or_none()
    return AccountRow(**row) if row else None


def lock(session: Session, account: str) -> None:
    """Have the account's settings to oneself until the end of the session."""
    session.ask(dialect.for_update(session.dialect, _SELECT.where(accounts.c.account == account))).all()


def names(session: Session) -> list[str]:
    """List the accounts of the database."""
    return list(session.ask(select(accounts.c.account).order_by(accounts.c.account)).scalars())


def set_source(session: Session, account: str, signature: str) -> None:
    """Remember which files the published versions came from. StoreError for an unknown account."""
    _set(session, account, source_signature=signature)


def set_ways(session: Session, account: str, *, mode: str, polls: bool) -> None:
    """Remember how messages leave, and whether ticks ask what came in. StoreError for an unknown account."""
    _set(session, account, mode=mode, polls=int(polls))


def _set(session: Session, account: str, **values: str | int) -> None:
    if not session.change(update(accounts).where(accounts.c.account == account).values(values)):
        raise StoreError(
            f"the database knows no account {account!r}", help="the first tick, or `cadence leads add`, records it"
        )


_SELECT = select(
    accounts.c.account, accounts.c.created_at, accounts.c.source_signature, accounts.c.mode, accounts.c.polls
)
