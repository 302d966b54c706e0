"""The floor on SQLite: the tick of the benchmark's page by hand, on the tables of cadence, with the bare driver."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from benchmarks.by_hand import ACCOUNT, BATCH, Message, Past, Standing, decide, instant

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
            for message in messages:
                provider.send(message.address, message.subject, message.body)
            connection.execute("BEGIN IMMEDIATE")
            _record(connection, messages, now)
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
    messages, wakes = [], []
    for each in due:
        answer = decide(each, past[each.enrolment], now)
        if isinstance(answer, Message):
            messages.append(answer)
            wakes.append((answer.wake_at, ACCOUNT, each.lead))
        else:
            wakes.append((answer, ACCOUNT, each.lead))
    connection.executemany(_INSERT_OUTBOX, [_outbox(message, at) for message in messages])
    connection.executemany(_INSERT_EVENT, [_claimed(message, at) for message in messages])
    connection.executemany("UPDATE leads SET wake_at = ? WHERE account = ? AND lead = ?", wakes)
    return messages, len(due)


def _record(connection: sqlite3.Connection, messages: list[Message], now: datetime) -> None:
    at = instant(now)
    connection.executemany(_SENT, [(at, ACCOUNT, message.key) for message in messages])
    connection.executemany(_INSERT_EVENT, [_sent(message, at) for message in messages])


def _outbox(message: Message, at: str) -> tuple[object, ...]:
    return (
        *(ACCOUNT, message.key, message.lead, message.enrolment, message.visit, message.playbook, message.digest),
        *(message.stage, message.touch, message.channel, "claimed", "sent", "", message.due_at, at, None),
        *(message.address, message.subject, message.body, message.segments, "", message.line, message.owner, 0),
    )


def _claimed(message: Message, at: str) -> tuple[object, ...]:
    data = (
        f'{{"answers":"","channel":"{message.channel}","counted":true,"due_at":"{message.due_at}",'
        f'"touch":"{message.touch}","visit":{message.visit}}}'
    )
    return (ACCOUNT, message.lead, message.enrolment, "touch.claimed", at, at, "", "engine", "", data)


def _sent(message: Message, at: str) -> tuple[object, ...]:
    data = f'{{"channel":"{message.channel}","touch":"{message.touch}","visit":{message.visit}}}'
    return (ACCOUNT, message.lead, message.enrolment, "touch.sent", at, at, "", "engine", "", data)


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
_INSERT_OUTBOX = """
INSERT INTO outbox (
    account, touch_key, lead, enrolment, visit, playbook, digest, stage, touch, channel, state, reason, detail,
    due_at, decided_at, ended_at, address, subject, body, segments, variant, line, owner, attempts
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_INSERT_EVENT = """
INSERT INTO events (account, lead, enrolment, type, at, recorded_at, job, actor, key, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_SENT = """
UPDATE outbox SET state = 'sent', reason = 'sent', detail = '', ended_at = ?, attempts = 1
WHERE account = ? AND touch_key = ? AND state = 'claimed'
"""
