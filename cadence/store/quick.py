"""The idle tick: one question to the database through the bare driver, in a few milliseconds.

Loads neither SQLAlchemy nor anything else of weight. Whatever cannot be answered this way is left to
:func:`cadence.store.store.open_store`, which explains what is wrong.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from cadence.store.dialects.sqlite_bare import plain
from cadence.store.schema import HEAD

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["IdleAnswer", "idle_answer", "note_idle"]


class IdleAnswer(NamedTuple):
    """What a tick must know to see that it has nothing to do."""

    wake_at: datetime | None  #: the first lead to look at
    open_claims: bool  #: touches in hand, or whose outcome may be asked for: a tick runs, or was interrupted
    source_signature: str  #: of the files the published versions came from
    mode: str  #: how messages leave
    paused: bool  #: the shop paused everything
    last_at: datetime | None  #: the instant the last tick judged by


def idle_answer(path: Path, account: str, now: datetime) -> IdleAnswer | None:
    """Ask the database at ``path`` about ``account``, at ``now``.

    None when it cannot be asked this way: no such file or account, busy, damaged, made by another cadence.
    """
    try:
        with closing(_open(path, wait=0.2)) as connection:
            row = connection.execute(_QUESTION, {"account": account, "schema": HEAD, "clock": _text(now)}).fetchone()
    except sqlite3.Error:
        return None
    if row is None:
        return None
    wake_at, open_claims, signature, mode, newest, last_at = row
    return IdleAnswer(
        wake_at=_instant(wake_at),
        open_claims=bool(open_claims),
        source_signature=signature,
        mode=mode,
        paused=newest == "paused",
        last_at=_instant(last_at),
    )


def note_idle(
    path: Path, account: str, *, holder: str, started_at: datetime, finished_at: datetime, at: datetime
) -> None:
    """Record an idle tick, as :func:`cadence.store.ticks.record_idle` does. StoreError in plain words."""
    values = {
        "account": account,
        "holder": holder,
        "started_at": _text(started_at),
        "finished_at": _text(finished_at),
        "at": _text(at),
    }
    try:
        with closing(_open(path, wait=5.0)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            if not connection.execute(_AGAIN, values).rowcount:
                connection.execute(_FIRST, values)
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise plain(error, path) from None


def _open(path: Path, *, wait: float) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=wait, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _text(instant: datetime) -> str:
    return instant.isoformat()[:19] + "Z"


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


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
        WHERE account = :account AND lead = '' AND type IN ('paused', 'resumed')
            AND json_extract(data, '$.scope') = 'all'
        ORDER BY id DESC LIMIT 1
    ),
    (SELECT at FROM ticks WHERE account = :account ORDER BY id DESC LIMIT 1)
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
