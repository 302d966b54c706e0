"""A command that changes something: the account open for one transaction, with what was edited published."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.cli.options import at_instant, present, say_what_is_not_in_force, workspace_root
from cadence.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import click

    from cadence.engine.book import Book
    from cadence.runner.settings import Settings
    from cadence.store.session import Session

__all__ = ["AtWork", "at_work", "when_it_happened"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtWork:
    """What such a command works with."""

    settings: Settings
    session: Session
    account: str
    book: Book
    now: datetime


@contextmanager
def at_work(
    ctx: click.Context, pretended_now: str | None, *, create: bool = False, look: bool = False
) -> Iterator[AtWork]:
    """Open the account for writing; ``create`` makes its database when there is none, ``look`` only reads."""
    from cadence.runner.account import load_book, open_account
    from cadence.runner.edits import look_for_edits
    from cadence.runner.publish import publish_found
    from cadence.runner.settings import read_settings
    from cadence.store import accounts

    root = workspace_root(ctx)
    settings = read_settings(root)
    now = present(pretended_now, settings.mode, settings.timezone)
    with open_account(root, settings.account, settings.mode, create=create) as account:
        edits = None
        if not look:
            with account.store.read() as session:
                edits = look_for_edits(session, account.name, root, now)
        with account.store.read() if look else account.store.write() as session:
            if not look:
                accounts.ensure(session, account.name, now, mode=settings.mode)
            if edits:
                say_what_is_not_in_force(publish_found(session, account.name, edits, now))
            book = load_book(session, account.name)
            yield AtWork(settings=settings, session=session, account=account.name, book=book, now=now)


def when_it_happened(told: str | None, work: AtWork) -> datetime:
    """Return the instant that ``--at`` gives, else now; UsageError when it is yet to come."""
    at = at_instant(told, work.settings.timezone, option="--at") if told else work.now
    if at > work.now:
        raise UsageError("--at lies in the future", help="record what happened when it has happened")
    return at
