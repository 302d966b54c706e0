"""SQLite by its bare driver: taking the right to write, and what its refusals mean. Loads nothing of weight.

Codes: https://www.sqlite.org/rescode.html (the low byte is the primary code).
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from cadence.errors import StoreError
from cadence.store.dialects.words import contradiction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cadence.store.address import File

__all__ = ["asking", "begin_writing", "patiently", "plain"]

_SENTENCES: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: (
        "is busy: another program is writing to it and did not finish in time",
        "wait a moment and try again; if it stays so, look for a cadence that hangs",
    ),
    sqlite3.SQLITE_READONLY: (
        "can be read but not written",
        "give this user the right to write the file and its folder, or run cadence as the user who owns them",
    ),
    sqlite3.SQLITE_PERM: (
        "may not be opened by this user",
        "give this user the right to read and write the file and its folder",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened",
        "check that its folder is there and that this user may read and write in it",
    ),
    sqlite3.SQLITE_FULL: (
        "cannot grow: the disk is full",
        "free some space and run the command again; nothing of it was recorded",
    ),
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written: the disk answered with an error",
        "check the disk and its free space, then run the command again",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged",
        "stop all use of it, keep a copy, and put back the last backup",
    ),
    sqlite3.SQLITE_NOTADB: (
        "is not a database, or it is damaged",
        "check the path; if it is the right file, put back the last backup",
    ),
}
_SENTENCES[sqlite3.SQLITE_LOCKED] = _SENTENCES[sqlite3.SQLITE_BUSY]
_SENTENCES[sqlite3.SQLITE_AUTH] = _SENTENCES[sqlite3.SQLITE_PERM]


def begin_writing(connection: sqlite3.Connection, wait: float) -> None:
    """Begin a transaction that may write, waiting at most ``wait`` seconds for another writer to be done."""
    patiently(connection, "BEGIN IMMEDIATE", wait)


def patiently(connection: sqlite3.Connection, statement: str, wait: float) -> None:
    """Run what needs a lock, trying again for at most ``wait`` seconds while somebody else has it.

    SQLite's own waiting sleeps longer each time, up to 100 ms, so that somebody who comes once in a while hardly
    ever meets the few milliseconds between two batches of a big tick. Short sleeps of random length do.
    """
    ends = time.monotonic() + wait
    (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                connection.execute(statement)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= ends:
                    raise
                time.sleep(0.001 + os.urandom(1)[0] / 64_000)  # out of step with others
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout = {patience}")


@contextmanager
def asking(
    address: File, *, wait: float, writes: bool
) -> Iterator[Callable[[str, dict[str, str]], tuple[tuple[Any, ...] | None, int]]]:
    """Open the file for a few questions: (statement, its values) -> first row, number of rows changed.

    ``writes``: all that is changed is recorded at the end, or nothing. StoreError in plain words.
    """
    try:
        with closing(sqlite3.connect(f"{address.path.as_uri()}?mode=rw", uri=True, timeout=wait)) as connection:
            connection.isolation_level = None
            connection.execute("PRAGMA foreign_keys = ON")

            def ask(statement: str, values: dict[str, str]) -> tuple[tuple[Any, ...] | None, int]:
                cursor = connection.execute(statement, values)
                return cursor.fetchone(), cursor.rowcount

            if writes:
                begin_writing(connection, wait)
            yield ask
            if writes:
                connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise plain(error, address.path) from None


def plain(error: BaseException, path: Path | str) -> StoreError:
    """Turn an error of the driver about the file ``path`` into a sentence for the person who meets it.

    Never repeats values of a row.
    """
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, sqlite3.IntegrityError):
        return contradiction(path)
    said, remedy = _SENTENCES.get(
        (code or sqlite3.SQLITE_ERROR) & 0xFF,
        (f"did not do what was asked ({error})", "run `cadence store check`; if it finds nothing, report this"),
    )
    return StoreError(f"the database {path} {said}", help=remedy)
