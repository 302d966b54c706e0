"""Everything that differs between databases; what only one kind knows is in :mod:`cadence.store.dialects`.

The queries of the other modules are the same on every database.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite

from cadence.store.address import File, parse

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Insert, Select, Table
    from sqlalchemy.engine import Connection, Engine

    from cadence.errors import StoreError

__all__ = ["POSTGRES", "SQLITE", "Database", "clock", "database", "for_update", "insert_new", "read_whole", "upsert"]

SQLITE, POSTGRES = "sqlite", "postgresql"  #: names of the kinds, as SQLAlchemy has them
_ASKED = TypeVar("_ASKED", bound="Select[Any]")
_INSERTS = {SQLITE: sqlite.insert, POSTGRES: postgresql.insert}
_NOW = select(func.clock_timestamp())


class Database(Protocol):
    """A database that an address names, not yet opened."""

    @property
    def name(self) -> str:
        """What to call it in a sentence; never with a password."""

    def find(self, *, create: bool) -> None:
        """Make sure that it can serve as the store, as far as can be told from outside. StoreError."""

    def engine(self, *, wait: float, migrate: bool = False) -> Engine:
        """Open it; ``wait`` is how many seconds a session waits for another, ``migrate`` that tables may change."""

    def options(self, *, writes: bool) -> dict[str, Any]:
        """Return the execution options of a session's connection."""

    def settle(self, engine: Engine, *, wait: float) -> None:
        """Make the settings that the database keeps for itself. StoreError."""

    def keep_others_out(self, connection: Connection) -> None:
        """Have no other writing session begin before this transaction ends."""

    def explain(self, error: BaseException) -> StoreError:
        """Turn the driver's error into a plain sentence without values of rows."""


def database(url: str) -> Database:
    """Tell which database ``url`` names. StoreError when none can be read from it, or its driver is missing."""
    address = parse(url)
    if isinstance(address, File):
        from cadence.store.dialects.sqlite import SqliteFile

        return SqliteFile(address)
    from cadence.store.dialects.postgres import PostgresDatabase

    return PostgresDatabase(address)


@cache
def insert_new(dialect: str, table: Table, *key: str, where: ColumnElement[bool] | None = None) -> Insert:
    """Insert rows, leaving out those whose ``key`` (unique in ``table``) is there already."""
    statement: Insert = _insert(dialect, table).on_conflict_do_nothing(index_elements=key, index_where=where)
    return statement


@cache
def upsert(
    dialect: str,
    table: Table,
    *key: str,
    keep: tuple[str, ...] = (),
    add: tuple[str, ...] = (),
    where: ColumnElement[bool] | None = None,
) -> Insert:
    """Insert rows; where ``key`` is there already, replace everything but the key and the columns in ``keep``.

    ``add``: columns whose new number is added to the old one. ``where``: replace only rows that it holds for; the
    others stay as they are.
    """
    statement = _insert(dialect, table)
    replaced: dict[str, Any] = {
        column.name: statement.excluded[column.name] for column in table.c if column.name not in (*key, *keep)
    }
    replaced.update({name: table.c[name] + statement.excluded[name] for name in add})
    merged: Insert = statement.on_conflict_do_update(index_elements=key, set_=replaced, where=where)
    return merged


def for_update(dialect: str, statement: _ASKED, *, skip_locked: bool = False) -> _ASKED:
    """Have ``statement`` lock the rows it reads against other writers, to the end of the session.

    Rows that somebody else has locked are waited for, or passed over with ``skip_locked``. Rows may be referred to
    all the while. On SQLite a writing session is alone anyway.
    """
    if dialect == SQLITE:
        return statement
    return statement.with_for_update(key_share=True, skip_locked=skip_locked)


def read_whole(dialect: str, column: ColumnElement[str]) -> ColumnElement[str]:
    """Name a column of a table such that no index of it is used: for whoever wants most of the rows.

    SQLite, which does not know how many rows an account has, would look up each one through an index, which takes
    three times as long. PostgreSQL knows.
    """
    return literal_column(f"+{column}", column.type) if dialect == SQLITE else column


def clock(connection: Connection) -> datetime:
    """Tell the time by the clock that all programs at this database share; whole seconds, UTC.

    A file has the machine's, a server its own, which goes on in the middle of a session.
    """
    now: datetime = datetime.now(UTC) if connection.dialect.name == SQLITE else connection.execute(_NOW).scalar_one()
    return now.astimezone(UTC).replace(microsecond=0)


def _insert(dialect: str, table: Table) -> Any:
    try:
        return _INSERTS[dialect](table)
    except KeyError:
        raise NotImplementedError(dialect) from None
