"""A harsher floor, for information: as little as the job can be, on tables of its own.

Numbers for keys and instants, no account, no log, no reasons, no foreign keys: three narrow tables and two indexes. It
renders in the same sandbox and keeps zone and window, identity of a touch, text, intent before the call, and the
outcome after it, just as durably. What it leaves out is what cadence is for.
"""

from __future__ import annotations

import hashlib
import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.by_hand import BATCH, BUSINESS, TEAM, TOUCHES, due_instant, segments, window_opens, zone_named
from benchmarks.people import FIRST_DUE, person

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.provider import Provider

__all__ = ["fill", "run"]

_ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")


def fill(path: Path, leads: int, waves: tuple[int, ...]) -> None:
    """Make a database of so many leads, each with one touch behind it; wave ``n`` is due at the instant ``n``."""
    chosen = iter(random.Random(leads).sample(range(leads), sum(waves)))
    wave_of = {next(chosen): wave for wave, size in enumerate(waves) for _ in range(size)}
    arrived = int((FIRST_DUE - timedelta(days=2, hours=3)).timestamp())
    body = "x" * 140
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(_TABLES)
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO lead VALUES (?, ?, ?, ?, ?)", (_lead(number) for number in range(leads)))
        connection.executemany(
            "INSERT INTO enrolment VALUES (?, ?, 1, ?, ?, 1)",
            ((number, number, arrived, wave_of.get(number, 1_000_000 + number)) for number in range(leads)),
        )
        connection.executemany(
            "INSERT INTO action VALUES (?, ?, 0, ?, 2, ?, 1, ?, ?)",
            ((number, number, _key(number, 0), body, arrived, arrived) for number in range(leads)),
        )
        connection.execute("COMMIT")
        connection.executescript(f"{_INDEXES} PRAGMA journal_mode = WAL;")


def _lead(number: int) -> tuple[int, str, str, str, str]:
    who = person(number)
    return number, who.phone, who.email, who.name, _ZONES[number % 4]


def _key(enrolment: int, step: int) -> bytes:
    return hashlib.sha256(f"{enrolment}/{step}".encode()).digest()[:16]


def run(path: Path, now: int, provider: Provider) -> int:
    """Do everything of the waves up to ``now``; return how many messages went."""
    at = FIRST_DUE + timedelta(hours=3, minutes=30)
    second, done = int(at.timestamp()), 0
    with closing(sqlite3.connect(path, isolation_level=None, timeout=5.0)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute("PRAGMA cache_size = -16000")
        while True:
            connection.execute("BEGIN IMMEDIATE")
            due = connection.execute(_DUE, (now, BATCH)).fetchall()
            made = [_decide(row, at) for row in due]
            connection.executemany(
                "INSERT INTO action (enrolment, step, key, state, body, segments, due_at) VALUES (?, ?, ?, 1, ?, ?, ?)",
                [row for row, _, _, _ in made],
            )
            connection.executemany(
                "UPDATE enrolment SET step = step + 1, next_due_at = ? WHERE id = ?",
                [(following, row[0]) for row, following, _, _ in made],
            )
            connection.execute("COMMIT")
            if not due:
                return done
            for row, _, address, subject in made:
                provider.send(address, subject, row[3])
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "UPDATE action SET state = 2, sent_at = ? WHERE key = ? AND state = 1",
                [(second, row[2]) for row, _, _, _ in made],
            )
            connection.execute("COMMIT")
            done += len(made)


def _decide(row: tuple[int, int, int, str, str, str, str], now: datetime) -> tuple[tuple[Any, ...], int, str, str]:
    enrolment, step, started, phone, email, name, zone_name = row
    zone, touch = zone_named(zone_name), TOUCHES[step]
    start = datetime.fromtimestamp(started, UTC)
    day = start.astimezone(zone).date()
    due = due_instant(day, touch.day, zone, start)
    if due > now or window_opens(touch.channel, now, zone):
        raise AssertionError("nobody of these waits")
    lead = {"name": name, "first_name": name.split()[0], "service": "roof"}
    context = {"lead": lead, "business": BUSINESS, "owner": TEAM["lee"]}
    body = touch.body.render(context)
    subject = touch.subject.render(context) if touch.subject else ""
    following = int(due_instant(day, TOUCHES[step + 1].day, zone, start).timestamp())
    values = (enrolment, step, _key(enrolment, step), body, segments(body), int(due.timestamp()))
    return values, following, phone if touch.channel == "sms" else email, subject


_TABLES = """
CREATE TABLE lead (id INTEGER PRIMARY KEY, phone TEXT, email TEXT, name TEXT, zone TEXT);
CREATE TABLE enrolment (
    id INTEGER PRIMARY KEY, lead INTEGER, step INTEGER, started_at INTEGER, next_due_at INTEGER, state INTEGER
);
CREATE TABLE action (
    id INTEGER PRIMARY KEY, enrolment INTEGER, step INTEGER, key BLOB, state INTEGER,
    body TEXT, segments INTEGER, due_at INTEGER, sent_at INTEGER
);
"""
_INDEXES = """
CREATE INDEX ix_due ON enrolment (next_due_at) WHERE state = 1;
CREATE UNIQUE INDEX uq_action ON action (key);
"""
_DUE = """
SELECT e.id, e.step, e.started_at, l.phone, l.email, l.name, l.zone
FROM enrolment AS e JOIN lead AS l ON l.id = e.lead
WHERE e.state = 1 AND e.next_due_at <= ? ORDER BY e.next_due_at LIMIT ?
"""
