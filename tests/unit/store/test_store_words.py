"""What the driver's refusals are called, and the small helpers of a session."""

import sqlite3

import pytest
from sqlalchemy import bindparam, update
from sqlalchemy.engine import create_engine

from cadence.errors import StoreError
from cadence.store import batch, dialect
from cadence.store.dialects.sqlite_bare import plain
from cadence.store.session import chunks
from cadence.store.tables import METADATA, leads, tasks
from cadence.store.ticks import IDLE


def refusal(code):
    error = sqlite3.OperationalError("raw words of the driver")
    error.sqlite_errorcode = code
    return plain(error, "/shop/cadence.db")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (sqlite3.SQLITE_BUSY, "is busy"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "is busy"),
        (sqlite3.SQLITE_LOCKED, "is busy"),
        (sqlite3.SQLITE_READONLY, "not written"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "not written"),
        (sqlite3.SQLITE_CANTOPEN, "cannot be opened"),
        (sqlite3.SQLITE_FULL, "the disk is full"),
        (sqlite3.SQLITE_IOERR_WRITE, "the disk answered with an error"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "is damaged"),
        (sqlite3.SQLITE_NOTADB, "is not a database"),
        (sqlite3.SQLITE_PERM, "may not be opened"),
        (sqlite3.SQLITE_AUTH, "may not be opened"),
    ],
)
def test_each_refusal_is_named_with_its_file_and_a_remedy(code, said):
    error = refusal(code)
    assert isinstance(error, StoreError)
    assert said in error.message
    assert error.message.startswith("the database /shop/cadence.db ")
    assert "raw words" not in error.message
    assert error.help


def test_an_unknown_refusal_keeps_the_drivers_words():
    assert "raw words of the driver" in refusal(sqlite3.SQLITE_MISUSE).message
    assert "no such table" in plain(sqlite3.OperationalError("no such table: leads"), "x").message


def test_a_row_that_contradicts_the_others_is_not_repeated():
    error = plain(sqlite3.IntegrityError("UNIQUE constraint failed: leads.phone '+18165550142'"), "x")
    assert "555" not in error.message + error.help


def test_chunks_lose_nothing():
    assert list(chunks(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(chunks([], 2)) == []


def test_an_unknown_database_is_not_taken_for_sqlite():
    with pytest.raises(NotImplementedError):
        dialect.insert_new("mysql", leads, "account")
    with pytest.raises(NotImplementedError):
        dialect.upsert("mysql", leads, "account")


@pytest.mark.parametrize("paramstyle", ["qmark", "named"])
def test_many_rows_go_through_their_column_types_whatever_the_driver_wants(paramstyle):
    from datetime import UTC, datetime

    now = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)
    engine = create_engine("sqlite://", paramstyle=paramstyle)
    rows = [
        {
            "account": name,
            "task": "call",
            "lead": "maria",
            "enrolment": "",
            "title": mode,
            "body": "",
            "owner": "",
            "due_at": now,
            "created_at": now,
            "done_at": None,
            "cause": "",
            "closed_as": "",
        }
        for name, mode in (("summit", "log"), ("valley", "log"), ("peak", "live"))
    ]
    with engine.begin() as connection:
        METADATA.create_all(connection)
        assert batch.execute(connection, tasks.insert(), rows) == 3
        again = dialect.insert_new("sqlite", tasks, "account", "task")
        assert batch.execute(connection, again, [*rows, {**rows[0], "account": "ridge"}]) == 1
        fixed = update(tasks).where(tasks.c.account == bindparam("who"), tasks.c.title == "log")
        changed = batch.execute(
            connection,
            fixed.values(owner=IDLE, done_at=bindparam("since")),
            [{"who": name, "since": now} for name in ("summit", "peak", "nobody")],
        )
        assert changed == 1, "only one of the three is there with that title"
        row = connection.execute(tasks.select().where(tasks.c.account == "summit")).one()
    engine.dispose()
    assert (row.created_at, row.owner, row.done_at, row.due_at) == (now, IDLE, now, now)
