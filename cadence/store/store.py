"""The door to the database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError, StatementError

from cadence.errors import CadenceError, StoreError
from cadence.store import dialect, schema
from cadence.store.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from sqlalchemy.engine import Connection

    from cadence.store.dialect import Database

__all__ = ["Store", "open_store", "revision_of", "upgrade_store"]


class Store:
    """An open database. Close it, or use it in a ``with`` statement."""

    def __init__(self, database: Database, *, wait: float, migrate: bool = False) -> None:
        """Open ``database`` as it is; ``migrate`` is for whoever makes or changes its tables."""
        self._database = database
        self._migrate = migrate
        self._wait = wait
        self._engine = database.engine(wait=wait, migrate=migrate)
        self.name = database.name  #: what to call it in a sentence

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Read one unchanging picture of the database, beside any writer. StoreError in plain words."""
        with self._session(writes=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Write everything or nothing: committed at the end, undone by any exception.

        In an SQLite file there is one writer at a time; in PostgreSQL, writers wait only for rows that another
        one has changed or locked. Waits as long as :func:`open_store` was told, then StoreError. StoreError, too,
        when another version of cadence has changed the tables since this one opened them.
        """
        with self._session(writes=True) as session:
            yield session

    @contextmanager
    def _session(self, *, writes: bool) -> Iterator[Session]:
        with _in_plain_words(self._database), self._engine.connect() as connection:
            connection.execution_options(**self._database.options(writes=writes))
            with connection.begin():
                if writes and not self._migrate:
                    _refuse_other_revision(_revision(connection), self.name)
                session = Session(connection, writes=writes)
                yield session
                session.settle()

    def settle(self) -> None:
        """Make the settings that the database keeps for itself."""
        with _in_plain_words(self._database):
            self._database.settle(self._engine, wait=self._wait)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(url: str, *, create: bool = False, wait: float = 5.0) -> Store:
    """Open the database that ``url`` (see :mod:`cadence.store.address`) names.

    ``create`` makes the tables when there are none (and the file, for SQLite). ``wait`` is how many seconds a
    session waits for another writer.

    StoreError, with what to do: no such database (never made by accident), not a database, not a database of
    ours, read-only, busy, out of reach, made by an older or a newer cadence. What is refused is left as it was.
    """
    database = dialect.database(url)
    database.find(create=create)
    if create:
        _prepare(database, wait, older=False)
    store = Store(database, wait=wait)
    try:
        with store.read() as session:
            _refuse_other_revision(_revision_of_ours(session.connection, store.name), store.name)
        store.settle()
    except BaseException:
        store.close()
        raise
    return store


def revision_of(url: str) -> tuple[str, str]:
    """Tell what to call the database that ``url`` names, and its revision; empty: it holds nothing yet.

    StoreError as :func:`open_store`, but for an older revision.
    """
    database = dialect.database(url)
    database.find(create=False)
    with Store(database, wait=5.0) as store, store.read() as session:
        return store.name, _revision_of_ours(session.connection, store.name)


def upgrade_store(url: str, *, wait: float = 60.0) -> tuple[str, str]:
    """Bring the tables of the database that ``url`` names to this version's; return the revisions: before, after.

    Everything or nothing; sessions of other programs are waited for, ``wait`` seconds at most. StoreError as
    :func:`open_store`.
    """
    database = dialect.database(url)
    database.find(create=False)
    return _prepare(database, wait, older=True), schema.HEAD


def _prepare(database: Database, wait: float, *, older: bool) -> str:
    """Make the tables when there are none, or with ``older`` upgrade them; return the revision there was."""
    with Store(database, wait=wait, migrate=True) as store:
        with store.read() as session:
            before = _revision_of_ours(session.connection, store.name)
        if not before or (older and before != schema.HEAD):
            with store.write() as session:
                database.keep_others_out(session.connection)
                before = _revision_of_ours(session.connection, store.name)
                if not before or older:
                    schema.upgrade(session.connection)
        return before


def _revision_of_ours(connection: Connection, name: str) -> str:
    """Read which revision the tables are of; empty: no tables. StoreError when they are not ours or newer."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return ""
    if schema.VERSION_TABLE not in tables:
        raise StoreError(f"{name} is a database of another program", help="check the path; nothing in it was touched")
    revision = _revision(connection)
    if revision not in schema.REVISIONS:
        _refuse_other_revision(revision, name)
    return revision


def _revision(connection: Connection) -> str:
    return str(connection.exec_driver_sql(_REVISION).scalar() or "")


def _refuse_other_revision(revision: str, name: str) -> None:
    """StoreError unless the tables are those of this version."""
    if revision == schema.HEAD:
        return
    if not revision:
        raise StoreError(
            f"the database {name} holds nothing yet",
            help="`cadence store upgrade`, `cadence leads add` or `cadence leads import` makes its tables",
        )
    if revision in schema.REVISIONS:
        raise StoreError(
            f"the database {name} was made by an older cadence",
            help="bring it up to date with `cadence store upgrade`",
        )
    raise StoreError(
        f"the database {name} was made by a newer cadence; nothing in it was touched",
        help="install the newer version and run that",
    )


_REVISION = f"SELECT version_num FROM {schema.VERSION_TABLE}"  # noqa: S608 - our own name


@contextmanager
def _in_plain_words(database: Database) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        # The driver's own text may repeat values of a row: it is not chained.
        raise database.explain(error) from None
    except StatementError as error:
        if isinstance(error.orig, ValueError | TypeError | CadenceError):
            raise error.orig from None
        raise
