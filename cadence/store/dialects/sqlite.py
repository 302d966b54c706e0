"""An SQLite file: found, opened, begun and settled."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.engine import create_engine
from sqlalchemy.pool import QueuePool

from cadence.errors import StoreError
from cadence.store.dialects.sqlite_bare import begin_writing, patiently, plain

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

    from cadence.store.address import File

__all__ = ["SqliteFile"]

_WRITES = "cadence_writes"  #: execution option of a connection whose transactions write


class SqliteFile:
    """A database in a file; see :class:`cadence.store.dialect.Database`."""

    def __init__(self, address: File) -> None:
        self.path = address.path
        self.name = address.name

    def find(self, *, create: bool) -> None:
        """Make sure that the file can serve as the store; only with ``create`` may it be missing. StoreError."""
        path = self.path
        if path.is_dir():
            raise StoreError(
                f"{path} is a folder, not a database", help=f"name a file in it, such as {path}/cadence.db"
            )
        if path.exists():
            if not os.access(path, os.R_OK):
                raise plain(_refusal(sqlite3.SQLITE_PERM), path)
            if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
                raise plain(_refusal(sqlite3.SQLITE_READONLY), path)
        elif not create:
            raise StoreError(
                f"there is no database at {path}",
                help="check the path; `cadence leads add` or `cadence leads import` makes one",
            )
        elif not path.parent.is_dir():
            raise StoreError(f"there is no folder {path.parent} to make a database in", help="make the folder first")

    def engine(self, *, wait: float, migrate: bool = False) -> Engine:
        """Open the file through a pool; ``wait`` is how many seconds a transaction waits for another writer.

        ``migrate``: the file is made when it is missing, and tables may be rebuilt (foreign keys are not watched).
        Transactions are begun here and not by the driver, so that a writing one takes the write lock at once and
        never fails half-way because somebody else wrote meanwhile.
        """
        address = f"{self.path.as_uri()}?mode={'rwc' if migrate else 'rw'}"

        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(address, uri=True, timeout=wait, isolation_level=None, check_same_thread=False)
            try:
                connection.execute("PRAGMA synchronous = FULL")  # what is committed survives a power cut
                connection.execute("PRAGMA wal_autocheckpoint = 4000")  # pages: random writes are copied home together
                connection.execute("PRAGMA cache_size = -16000")  # KiB
                connection.execute(f"PRAGMA foreign_keys = {'OFF' if migrate else 'ON'}")
            except sqlite3.Error:
                connection.close()
                raise
            return connection

        engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, hide_parameters=True)

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            if not connection.get_execution_options().get(_WRITES, False):
                connection.exec_driver_sql("BEGIN")
                return
            raw: Any = connection.connection.driver_connection
            try:
                begin_writing(raw, wait)
            except sqlite3.Error as error:
                raise plain(error, self.path) from None

        return engine

    def options(self, *, writes: bool) -> dict[str, Any]:
        """Return the execution options of a session's connection."""
        return {_WRITES: writes}

    def settle(self, engine: Engine, *, wait: float) -> None:
        """Make the settings that the file itself keeps: readers and the one writer do not wait for each other."""
        pooled = engine.raw_connection()  # outside any transaction
        raw: Any = pooled.driver_connection
        try:
            if raw.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                patiently(raw, "PRAGMA journal_mode = WAL", wait)
        except sqlite3.Error as error:
            raise plain(error, self.path) from None
        finally:
            pooled.close()

    def keep_others_out(self, connection: Connection) -> None:
        """Have no other program in while the tables change: a writing transaction does so by itself."""

    def explain(self, error: BaseException) -> StoreError:
        """Turn the driver's error (wrapped by SQLAlchemy or bare) into a plain sentence."""
        return plain(getattr(error, "orig", None) or error, self.path)


def _refusal(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = code
    return error
