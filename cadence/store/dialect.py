"""Everything that differs between databases: opening, settings, insert-or-ignore, upsert, error texts.

Only SQLite is known now. The queries of the other modules are the same on every database.
"""

from __future__ import annotations

import os
import sqlite3
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import create_engine
from sqlalchemy.pool import QueuePool

from cadence.errors import StoreError
from cadence.store.sqlite_errors import plain

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Insert, Select, Table
    from sqlalchemy.engine import Connection, Engine

__all__ = ["WRITES", "explain_failure", "for_update", "insert_new", "locate", "make_engine", "settle", "upsert"]

#: Execution option of a connection whose transactions write.
WRITES = "cadence_writes"


def locate(url: str, *, create: bool) -> Path:
    """Find the file that ``url`` (``sqlite:///path``) names; StoreError when it cannot serve as the store.

    Only with ``create`` may the file be missing.
    """
    path = _path(url)
    if path.is_dir():
        raise StoreError(f"{path} is a folder, not a database", help=f"name a file in it, such as {path}/cadence.db")
    if path.exists():
        if not os.access(path, os.R_OK):
            raise plain(_refusal(sqlite3.SQLITE_PERM), path)
        if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            raise plain(_refusal(sqlite3.SQLITE_READONLY), path)
    elif not create:
        raise StoreError(f"there is no database at {path}", help="check the path, or make one with `cadence init`")
    elif not path.parent.is_dir():
        raise StoreError(f"there is no folder {path.parent} to make a database in", help="make the folder first")
    return path


def _path(url: str) -> Path:
    """Take the path out of ``url``, every character of it as it stands; never repeats a password."""
    kind, colon, rest = url.partition("://")
    if not colon:
        said = "the database address cannot be read"
    elif kind != "sqlite":
        said = f"a database of the kind {kind!r} is not known"
    elif not rest.startswith("/") or rest in ("/", "/:memory:"):
        said = "the database address names no file"
    else:
        return Path(rest[1:]).expanduser().absolute()
    raise StoreError(said, help="write it as sqlite:///path/to/cadence.db")


def _refusal(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = code
    return error


def make_engine(path: Path, *, wait: float, migrate: bool = False) -> Engine:
    """Open ``path`` through a pool; ``wait`` is how many seconds a transaction waits for another writer.

    ``migrate``: the file is made when it is missing, and tables may be rebuilt (foreign keys are not watched).
    Transactions are begun here and not by the driver, so that a writing one takes the write lock at once and
    never fails half-way because somebody else wrote meanwhile.
    """
    address = f"{path.as_uri()}?mode={'rwc' if migrate else 'rw'}"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, timeout=wait, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous = FULL")  # what is committed survives a power cut
        connection.execute("PRAGMA wal_autocheckpoint = 4000")  # pages: a tick's random writes are copied home together
        connection.execute("PRAGMA cache_size = -16000")  # KiB
        connection.execute(f"PRAGMA foreign_keys = {'OFF' if migrate else 'ON'}")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def settle(engine: Engine, path: Path) -> None:
    """Make the settings that the database itself keeps: readers and the one writer do not wait for each other."""
    raw = engine.raw_connection()  # outside any transaction
    try:
        raw.cursor().execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise plain(error, path) from None
    finally:
        raw.close()


def explain_failure(error: BaseException, path: Path) -> StoreError:
    """Turn the driver's error (wrapped by SQLAlchemy or bare) into a plain sentence."""
    return plain(getattr(error, "orig", None) or error, path)


def for_update(dialect: str, query: Select[Any], *, skip_locked: bool = False) -> Select[Any]:  # noqa: ARG001
    """Have the rows of ``query`` stay as they are until the end of the session; a writing one holds all of SQLite."""
    _known(dialect)
    return query


@cache
def insert_new(dialect: str, table: Table, *key: str, where: ColumnElement[bool] | None = None) -> Insert:
    """Insert rows, leaving out those whose ``key`` (unique in ``table``) is there already."""
    _known(dialect)
    return sqlite.insert(table).on_conflict_do_nothing(index_elements=key, index_where=where)


@cache
def upsert(
    dialect: str, table: Table, *key: str, keep: tuple[str, ...] = (), where: ColumnElement[bool] | None = None
) -> Insert:
    """Insert rows; where ``key`` is there already, replace everything but the key and the columns in ``keep``.

    ``where``: replace only rows that it holds for; the others stay as they are.
    """
    _known(dialect)
    statement = sqlite.insert(table)
    replaced: dict[str, Any] = {
        column.name: statement.excluded[column.name] for column in table.c if column.name not in (*key, *keep)
    }
    return statement.on_conflict_do_update(index_elements=key, set_=replaced, where=where)


def _known(dialect: str) -> None:
    if dialect != "sqlite":
        raise NotImplementedError(dialect)
