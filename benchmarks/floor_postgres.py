"""The floor on PostgreSQL: the same tick by hand with psycopg, each statement for a whole batch through ``unnest``.

``unnest`` was faster here than ``executemany``. Any number of these may run at once: rows that another has taken are
passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

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
    from collections.abc import Sequence
    from datetime import datetime

    from benchmarks.provider import Provider

__all__ = ["run"]


def run(url: str, now: datetime, provider: Provider) -> int:
    """Do everything that is due; return how many messages went."""
    done = 0
    with psycopg.connect(url) as connection:
        while True:
            with connection.transaction():
                messages, looked_at = _claim(connection, now)
            if not looked_at:
                return done
            ids = [provider.send(message.address, message.subject, message.body) for message in messages]
            with connection.transaction():
                _record(connection, messages, ids, now)
            done += len(messages)


def _claim(connection: psycopg.Connection, now: datetime) -> tuple[list[Message], int]:
    at = instant(now)
    due = [Standing(*row) for row in connection.execute(_DUE, (ACCOUNT, at, BATCH, ACCOUNT))]
    if not due:
        return [], 0
    past: dict[str, list[Past]] = {each.enrolment: [] for each in due}
    for enrolment, *row in connection.execute(_PAST, (ACCOUNT, [each.lead for each in due])):
        if enrolment in past:
            past[enrolment].append(Past(*row))
    messages, wakes, held = [], [], lease()
    for each in due:
        answer = decide(each, past[each.enrolment], now)
        if isinstance(answer, Message):
            messages.append(answer)
            wakes.append(answer.wake_at)
        else:
            wakes.append(answer)
    if messages:
        connection.execute(_INSERT_OUTBOX, _turned([outbox_row(message, at, held) for message in messages]))
        connection.execute(_INSERT_EVENTS, _turned([claimed_row(message, at) for message in messages]))
        connection.execute(_STANDS, _turned([standing_row(message) for message in messages]))
    connection.execute(_WAKE, ([each.lead for each in due], wakes, ACCOUNT))
    return messages, len(due)


def _record(connection: psycopg.Connection, messages: list[Message], ids: list[str], now: datetime) -> None:
    if not messages:
        return
    at = instant(now)
    connection.execute(_SENT, (at, [message.key for message in messages], ids, ACCOUNT))
    connection.execute(_INSERT_EVENTS, _turned([sent_row(message, at) for message in messages]))


def _turned(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _insert(table: str, columns: dict[str, str]) -> str:
    arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"


_DUE = """
WITH l AS (
    SELECT lead, name, phone, email, attributes, wake_at FROM leads
    WHERE account = %s AND wake_at IS NOT NULL AND wake_at <= %s
    ORDER BY wake_at, lead LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
)
SELECT l.lead, l.name, l.phone, l.email, l.attributes,
    e.enrolment, e.playbook, e.digest, e.stage, e.visit, e.owner, e.started_at
FROM l JOIN enrolments AS e ON e.account = %s AND e.lead = l.lead AND e.ended_at IS NULL
ORDER BY l.wake_at, l.lead
"""
_PAST = "SELECT enrolment, visit, touch, channel, state, ended_at FROM outbox WHERE account = %s AND lead = ANY(%s)"
_INSERT_OUTBOX = _insert("outbox", OUTBOX_COLUMNS)
_INSERT_EVENTS = _insert("events", EVENT_COLUMNS)
_WAKE = """
UPDATE leads SET wake_at = new.wake_at FROM unnest(%s::text[], %s::text[]) AS new (lead, wake_at)
WHERE account = %s AND leads.lead = new.lead
"""
_STANDS = """
UPDATE enrolments SET next_kind = new.kind, next_name = new.name, next_due_at = new.due_at, next_owner = new.owner
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS new (kind, name, due_at, owner, account, enrolment)
WHERE enrolments.account = new.account AND enrolments.enrolment = new.enrolment
"""
_SENT = """
UPDATE outbox SET state = 'sent', reason = 'sent', detail = '', ended_at = %s, check_at = NULL, provider_id = new.id
FROM unnest(%s::text[], %s::text[]) AS new (touch_key, id)
WHERE account = %s AND outbox.touch_key = new.touch_key AND state = 'claimed' AND attempts = 1
"""
