"""The floor on SQLite: the tick of the benchmark's page by hand, on the tables of cadence, with the bare driver."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from benchmarks.by_hand import (
    ACCOUNT,
    BATCH,
    EVENT_COLUMNS,
    OUTBOX_COLUMNS,
    Message,
    Past,
    Standing,
    claimed_row,
    decide,
    instant,
    lease,
    outbox_row,
    sent_row,
    standing_row,
)

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from benchmarks.provider import Provider

__all__ = ["run"]


def run(path: Path, now: datetime, provider: Provider) -> int:
    """Do everything that is due; return how many messages went."""
    done = 0
    with closing(sqlite3.connect(path, isolation_level=None, timeout=5.0)) as connection:
        # The same durability and the same settings as cadence.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute("PRAGMA cache_size = -16000")
        connection.execute("PRAGMA foreign_keys = ON")
        while True:
            connection.execute("BEGIN IMMEDIATE")
            messages, looked_at = _claim(connection, now)
            connection.execute("COMMIT")
            if not looked_at:
                return done
            ids = [provider.send(message.address, message.subject, message.body) for message in messages]
            connection.execute("BEGIN IMMEDIATE")
            _record(connection, messages, ids, now)
            connection.execute("COMMIT")
            done += len(messages)


def _claim(connection: sqlite3.Connection, now: datetime) -> tuple[list[Message], int]:
    at = instant(now)
    due = [Standing(*row) for row in connection.execute(_DUE, (ACCOUNT, at, BATCH, ACCOUNT))]
    if not due:
        return [], 0
    past: dict[str, list[Past]] = {each.enrolment: [] for each in due}
    places = ", ".join("?" * len(due))
    for enrolment, *row in connection.execute(_PAST.format(places), (ACCOUNT, *(each.lead for each in due))):
        if enrolment in past:
            past[enrolment].append(Past(*row))
    messages, wakes, held = [], [], lease()
    for each in due:
        answer = decide(each, past[each.enrolment], now)
        if isinstance(answer, Message):
            messages.append(answer)
            wakes.append((answer.wake_at, ACCOUNT, each.lead))
        else:
            wakes.append((answer, ACCOUNT, each.lead))
    connection.executemany(_INSERT_OUTBOX, [outbox_row(message, at, held) for message in messages])
    connection.executemany(_INSERT_EVENT, [claimed_row(message, at) for message in messages])
    connection.executemany(_STANDS, [standing_row(message) for message in messages])
    connection.executemany("UPDATE leads SET wake_at = ? WHERE account = ? AND lead = ?", wakes)
    return messages, len(due)


def _record(connection: sqlite3.Connection, messages: list[Message], ids: list[str], now: datetime) -> None:
    at = instant(now)
    answers = zip(messages, ids, strict=True)
    connection.executemany(_SENT, [(at, given, ACCOUNT, message.key) for message, given in answers])
    connection.executemany(_INSERT_EVENT, [sent_row(message, at) for message in messages])


def _insert(table: str, columns: dict[str, str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


_DUE = """
SELECT l.lead, l.name, l.phone, l.email, l.attributes,
    e.enrolment, e.playbook, e.digest, e.stage, e.visit, e.owner, e.started_at
FROM (
    SELECT lead, name, phone, email, attributes, wake_at FROM leads
    WHERE account = ? AND wake_at IS NOT NULL AND wake_at <= ?
    ORDER BY wake_at, lead LIMIT ?
) AS l
JOIN enrolments AS e ON e.account = ? AND e.lead = l.lead AND e.ended_at IS NULL
ORDER BY l.wake_at, l.lead
"""
_PAST = "SELECT enrolment, visit, touch, channel, state, ended_at FROM outbox WHERE account = ? AND lead IN ({})"
_INSERT_OUTBOX = _insert("outbox", OUTBOX_COLUMNS)
_INSERT_EVENT = _insert("events", EVENT_COLUMNS)
_STANDS = """
UPDATE enrolments SET next_kind = ?, next_name = ?, next_due_at = ?, next_owner = ? WHERE account = ? AND enrolment = ?
"""
_SENT = """
UPDATE outbox SET state = 'sent', reason = 'sent', detail = '', ended_at = ?, check_at = NULL, provider_id = ?
WHERE account = ? AND touch_key = ? AND state = 'claimed' AND attempts = 1
"""
