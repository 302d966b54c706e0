"""The idle tick: one question to the database through the bare driver, in a few milliseconds.

Loads neither SQLAlchemy nor anything else of weight. Whatever cannot be answered this way is left to
:func:`cadence.store.store.open_store`, which explains what is wrong.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from cadence.errors import StoreError
from cadence.store.address import File, parse
from cadence.store.schema import HEAD, VERSION_TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from typing import Any

    from cadence.store.address import Server

    #: Runs a statement with its values; gives its first row (None: it has none), and how many rows it changed.
    _Ask = Callable[[str, dict[str, str]], tuple[Sequence[Any] | None, int]]

__all__ = ["IdleAnswer", "idle_answer", "is_made", "note_idle"]


class IdleAnswer(NamedTuple):
    """What a tick must know to see that it has nothing to do."""

    wake_at: datetime | None  #: the first lead to look at
    open_claims: bool  #: touches in hand, or whose outcome may be asked for: a tick runs, or was interrupted
    source_signature: str  #: of the files the published versions came from
    mode: str  #: how messages leave
    unheard: bool  #: something came in and is not understood yet, or the providers must be asked
    paused: bool  #: the shop paused everything
    last_at: datetime | None  #: the instant the last tick judged by
    alerts_due: bool  #: a colleague is to be told something
    reviews_due: bool  #: a review is to be held


def idle_answer(url: str, account: str, now: datetime) -> IdleAnswer | None:
    """Ask the database that ``url`` names about ``account``, at ``now``.

    None when it cannot be asked this way: no such database or account, busy, damaged, made by another cadence.
    """
    try:
        with _opened(url, wait=0.2) as ask:
            row, _ = ask(_QUESTION, {"account": account, "schema": HEAD, "clock": _text(now)})
    except StoreError:
        return None
    if row is None:
        return None
    wake_at, open_claims, signature, mode, newest, last_at, unheard, alerts_due, reviews_due = row
    try:
        wake_at, last_at = _instant(wake_at), _instant(last_at)
    except (ValueError, TypeError):
        return None
    return IdleAnswer(
        wake_at=wake_at,
        open_claims=bool(open_claims),
        source_signature=signature,
        mode=mode,
        unheard=bool(unheard),
        paused=newest == "paused",
        last_at=last_at,
        alerts_due=bool(alerts_due),
        reviews_due=bool(reviews_due),
    )


def note_idle(
    url: str, account: str, *, holder: str, started_at: datetime, finished_at: datetime, at: datetime
) -> None:
    """Record an idle tick, as :func:`cadence.store.ticks.record_idle` does. StoreError in plain words."""
    values = {
        "account": account,
        "holder": holder,
        "started_at": _text(started_at),
        "finished_at": _text(finished_at),
        "at": _text(at),
    }
    with _opened(url, wait=5.0, writes=True) as ask:
        _, again = ask(_AGAIN, values)
        if not again:
            ask(_FIRST, values)


def is_made(url: str) -> bool:
    """Tell whether the server's database that ``url`` names has tables of ours. StoreError in plain words."""
    with _opened(url, wait=5.0) as ask:
        row, _ = ask("SELECT to_regclass(:table) IS NOT NULL", {"table": VERSION_TABLE})
    return bool(row and row[0])


def _opened(url: str, *, wait: float, writes: bool = False) -> AbstractContextManager[_Ask]:
    """Open the database; with ``writes``, everything asked of it is recorded at the end, or nothing."""
    address: File | Server = parse(url)
    if isinstance(address, File):
        from cadence.store.dialects.sqlite_bare import asking

        return asking(address, wait=wait, writes=writes)
    from cadence.store.dialects.postgres_bare import asking as asking_a_server

    return asking_a_server(address, wait=wait)


def _text(instant: datetime) -> str:
    return instant.isoformat()[:19] + "Z"


def _instant(text: str | None) -> datetime | None:
    instant = None if text is None else datetime.fromisoformat(text)
    if instant is not None and instant.tzinfo is not UTC:
        raise ValueError(text)
    return instant


# The texts below are the same for every kind of database. JSON is kept with sorted keys and without blanks, and
# quotes within its texts are escaped: what LIKE looks for is the key and its value.
_QUESTION = """
SELECT
    (SELECT wake_at FROM leads WHERE account = :account AND wake_at IS NOT NULL ORDER BY wake_at LIMIT 1),
    EXISTS (
        SELECT 1 FROM outbox
        WHERE account = :account AND check_at IS NOT NULL AND (state = 'claimed' OR check_at <= :clock)
    ),
    source_signature,
    mode,
    (
        SELECT type FROM events
        WHERE account = :account AND lead = '' AND type IN ('paused', 'resumed') AND data LIKE '%"scope":"all"%'
        ORDER BY id DESC LIMIT 1
    ),
    (SELECT at FROM ticks WHERE account = :account ORDER BY id DESC LIMIT 1),
    polls = 1 OR EXISTS (SELECT 1 FROM inbound WHERE account = :account AND handled_at IS NULL),
    EXISTS (SELECT 1 FROM alerts WHERE account = :account AND state = 'waits' AND due_at <= :clock),
    EXISTS (SELECT 1 FROM reviews WHERE account = :account AND due_at <= :clock)
FROM accounts
WHERE account = :account AND (SELECT version_num FROM cadence_version) = :schema
"""

_AGAIN = """
UPDATE ticks SET idle_runs = idle_runs + 1, finished_at = :finished_at, at = :at, holder = :holder
WHERE id = (SELECT max(id) FROM ticks WHERE account = :account) AND outcome = 'idle'
"""

_FIRST = """
INSERT INTO ticks (account, started_at, finished_at, at, holder, outcome, counts, idle_runs)
VALUES (:account, :started_at, :finished_at, :at, :holder, 'idle', '{}', 1)
"""
