"""Ask every source what came in, and keep it with the place to go on from; then understand all that is open."""

from __future__ import annotations

import queue
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from cadence.inbox.polled import Polled
from cadence.runner.hearing.ear import Ear
from cadence.runner.hearing.hear import handle_open, keep
from cadence.store import cursors
from cadence.store.cursors import CursorRow
from cadence.workspace import reply_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.inbox.polled import Source
    from cadence.runner.account import Account
    from cadence.runner.hearing.ear import Heard
    from cadence.store.store import Store

__all__ = ["LONGEST", "ask_sources", "ear_of", "understand"]

LONGEST = 20.0  #: seconds that all sources together may take; one that hangs is asked again by the next tick


def ask_sources(store: Store, account: str, sources: Sequence[Source], now: datetime, heard: Heard) -> None:
    """Poll all sources side by side; what each tells is kept in one transaction with how far it was read."""
    if not sources:
        return
    with store.read() as session:
        known = cursors.read(session, account)
    answers: queue.SimpleQueue[tuple[str, Polled]] = queue.SimpleQueue()
    for source in sources:
        cursor = known[source.name].data if source.name in known else {}
        threading.Thread(target=_ask, args=(source, cursor, now, answers), daemon=True).start()
    silent = {source.name for source in sources}
    deadline = time.monotonic() + LONGEST
    while silent:
        try:
            name, polled = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        silent.discard(name)
        try:
            _keep(store, account, name, polled, known.get(name), now, heard)
        except (ValueError, TypeError, LookupError) as error:  # of an extension: what it tells cannot be written down
            _keep(store, account, name, _no_sense(name, known.get(name), error), known.get(name), now, heard)
    for name in sorted(silent):
        before = known[name].data if name in known else {}
        polled = Polled(items=(), cursor=before, problem=f"{name} did not answer within {LONGEST:.0f} seconds")
        _keep(store, account, name, polled, known.get(name), now, heard)


def _no_sense(name: str, before: CursorRow | None, error: Exception) -> Polled:
    cursor = before.data if before else {}
    return Polled(items=(), cursor=cursor, problem=f"what {name} tells makes no sense ({type(error).__name__})")


def _ask(
    source: Source, cursor: Mapping[str, Any], now: datetime, answers: queue.SimpleQueue[tuple[str, Polled]]
) -> None:
    try:
        polled = source.poll(cursor, now)
    except Exception as error:  # noqa: BLE001 - whatever it was, the other sources are heard
        polled = Polled(items=(), cursor=cursor, problem=f"{source.name} cannot be asked ({type(error).__name__})")
    answers.put((source.name, polled))


def _keep(
    store: Store, account: str, name: str, polled: Polled, before: CursorRow | None, now: datetime, heard: Heard
) -> None:
    failing = bool(polled.problem)
    since = (before.failing_since if before and before.failing_since else now) if failing else None
    at = (before.at if before else now) if failing else now
    with store.write() as session:
        heard.kept += keep(session, account, polled.items, now)
        row = CursorRow(source=name, data=polled.cursor, at=at, problem=polled.problem, failing_since=since)
        cursors.save(session, account, row)
    if failing:
        heard.problems.append(polled.problem)


def ear_of(account: Account, book: Book, now: datetime) -> Ear | None:
    """Return who hears for an account; None while nothing was ever published."""
    plan = next(iter(book.current.values()), None)
    if plan is None:
        return None
    return Ear(
        account=account.name,
        book=book,
        workspace=plan.workspace,
        rules=partial(reply_rules, plan.workspace.replies),
        now=now,
        redirect=account.redirect,
    )


def understand(store: Store, ear: Ear, heard: Heard) -> None:
    """Handle all that is open, page by page."""
    more = True
    while more:
        with store.write() as session:
            more = handle_open(session, ear, heard)
