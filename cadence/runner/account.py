"""One shop at work: its workspace, its database, and the versions in force."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from cadence.engine.book import Book
from cadence.playbook.compile import Plan, compile_plan
from cadence.runner.places import store_url
from cadence.store import versions
from cadence.store.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cadence.store.session import Session

__all__ = ["Account", "load_book", "open_account", "real_now"]

LOG_FILE = "messages.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An open account; close its store when done."""

    root: Path  #: the workspace folder
    name: str  #: account key
    store: Store
    mode: str
    log_file: Path  #: where the log channel writes what would be sent


@contextmanager
def open_account(root: Path, name: str, mode: str, *, create: bool = False) -> Iterator[Account]:
    """Open the account's database; with ``create``, make it when there is none."""
    with open_store(store_url(root), create=create) as store:
        yield Account(root=root, name=name, store=store, mode=mode, log_file=root / LOG_FILE)


def load_book(session: Session, account: str, cache: dict[str, Plan] | None = None) -> Book:
    """Read the versions in force, and the older ones that may still be carried."""
    cache = {} if cache is None else cache
    current: dict[str, Plan] = {}
    published: dict[str, datetime] = {}
    older: dict[str, Plan] = {}
    in_force = versions.current(session, account)
    for row in versions.history(session, account):
        plan = cache.get(row.digest)
        if plan is None:
            plan = cache[row.digest] = compile_plan(versions.content(session, account, row.playbook, row.digest))
        published[row.digest] = row.published_at
        if in_force.get(row.playbook, ("",))[0] == row.digest:
            current[row.playbook] = plan
        else:
            older[row.digest] = plan
    return Book(
        account=account,
        current=MappingProxyType(current),
        published_at=MappingProxyType(published),
        older=MappingProxyType(older),
    )


def real_now() -> datetime:
    """Return the present instant, whole seconds, UTC."""
    return datetime.now(UTC).replace(microsecond=0)
