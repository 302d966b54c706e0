"""One shop at work: its workspace, its database, and the versions in force."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from cadence.engine.book import Book
from cadence.errors import StoreError
from cadence.machine import setting
from cadence.playbook.compile import Plan, compile_plan
from cadence.runner.places import STORE_VARIABLE, store_path, store_url
from cadence.store import enrolments, publications, versions
from cadence.store.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from cadence.store.session import Session

__all__ = ["Account", "load_book", "open_account"]

LOG_FILE = "messages.log"
SECRET_VARIABLE = "CADENCE_SECRET"  # noqa: S105 - its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An open account; close its store when done."""

    root: Path  #: the workspace folder
    name: str  #: account key
    store: Store
    mode: str
    log_file: Path  #: where the log channel writes what would be sent
    secret: str = field(default="", repr=False)  #: makes opaque names; empty: nothing leaves that needs one
    redirect: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({})
    )  #: channel -> the one address everything goes to


@contextmanager
def open_account(
    root: Path, name: str, mode: str, *, create: bool = False, redirect: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Account]:
    """Open the account's database; with ``create``, make it when there is none, else StoreError."""
    path = store_path(root)
    if not create and path is not None and not path.exists():
        raise StoreError(
            f"there is no database at {path}",
            help=f"`cadence leads add` or `cadence leads import` makes one; {STORE_VARIABLE} says where another is",
        )
    with open_store(store_url(root), create=create) as store:
        secret = "" if mode == "log" else setting(root, SECRET_VARIABLE)
        yield Account(
            root=root,
            name=name,
            store=store,
            mode=mode,
            log_file=root / LOG_FILE,
            secret=secret,
            redirect=redirect if mode == "redirect" else MappingProxyType({}),
        )


def load_book(session: Session, account: str, cache: dict[str, Plan] | None = None) -> Book:
    """Read the versions in force, and the older ones that some lead still carries.

    ``cache`` keeps compiled plans, by digest, from one reading to the next.
    """
    plans = {} if cache is None else cache
    in_force = versions.current(session, account)
    current = {name: _plan(session, account, name, digest, plans) for name, (digest, _) in in_force.items()}
    older = {
        digest: _plan(session, account, name, digest, plans)
        for name, digest in enrolments.carried(session, account)
        if in_force.get(name, ("",))[0] != digest
    }
    return Book(
        account=account,
        current=MappingProxyType(current),
        published_at=MappingProxyType(dict(in_force.values())),
        older=MappingProxyType(older),
        answers=MappingProxyType(publications.answers(session, account, [plan.digest for plan in current.values()])),
    )


def _plan(session: Session, account: str, playbook: str, digest: str, plans: dict[str, Plan]) -> Plan:
    if digest not in plans:
        plans[digest] = compile_plan(versions.content(session, account, playbook, digest))
    return plans[digest]
