"""The door to the database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, StatementError

from cadence.errors import StoreError
from cadence.store import dialect, schema
from cadence.store.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from sqlalchemy.engine import Connection, Engine

__all__ = ["Store", "open_store"]


class Store:
    """An open database. Close it, or use it in a ``with`` statement."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self.path = path  #: the file

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Read one unchanging picture of the database, beside any writer. StoreError in plain words."""
        with self._session(writes=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Write everything or nothing: committed at the end, undone by any exception.

        One writer at a time: waits for another as long as :func:`open_store` was told, then StoreError.
        """
        with self._session(writes=True) as session:
            yield session

    @contextmanager
    def _session(self, *, writes: bool) -> Iterator[Session]:
        with _in_plain_words(self.path), self._engine.connect() as connection:
            connection.execution_options(**{dialect.WRITES: writes})
            with connection.begin():
                yield Session(connection, writes=writes)

    def settle(self) -> None:
        """Make the settings that the database keeps for itself."""
        with _in_plain_words(self.path):
            dialect.settle(self._engine, self.path)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(url: str, *, create: bool = False, wait: float = 5.0) -> Store:
    """Open the database that ``url`` (``sqlite:///path``) names.

    ``create`` makes it when there is none (an empty file counts as none) and brings an older one up to date.
    ``wait`` is how many seconds a session waits for another writer.

    StoreError, with what to do: no such file (never made by accident), a folder, not a database, not a
    database of ours, read-only, busy, made by an older or a newer cadence. A refused file is left as it was.
    """
    path = dialect.locate(url, create=create)
    if create:
        _prepare(path, wait)
    store = Store(dialect.make_engine(path, wait=wait), path)
    try:
        with store.read() as session:
            if not _is_current(session.connection, path):
                raise StoreError(
                    f"the database {path} was made by an older cadence, or never finished",
                    help="bring it up to date with `cadence init`",
                )
        store.settle()
    except BaseException:
        store.close()
        raise
    return store


def _prepare(path: Path, wait: float) -> None:
    """Make the tables, or bring them up to date, in one transaction."""
    with Store(dialect.make_engine(path, wait=wait, migrate=True), path) as store, store.write() as session:
        if not _is_current(session.connection, path):
            schema.upgrade(session.connection)


def _is_current(connection: Connection, path: Path) -> bool:
    """Tell whether the tables are those of this version; False: empty or older. StoreError when not ours."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return False
    if schema.VERSION_TABLE not in tables:
        raise StoreError(f"{path} is a database of another program", help="check the path; nothing in it was touched")
    revision = connection.scalar(text(f"SELECT version_num FROM {schema.VERSION_TABLE}"))  # noqa: S608 - our own name
    if revision not in schema.REVISIONS:
        raise StoreError(
            f"the database {path} was made by a newer cadence; nothing in it was touched",
            help="install the newer version and run that",
        )
    return bool(revision == schema.HEAD)


@contextmanager
def _in_plain_words(path: Path) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        # The driver's own text may repeat values of a row: it is not chained.
        raise dialect.explain_failure(error, path) from None
    except StatementError as error:
        if isinstance(error.orig, ValueError | TypeError):
            raise error.orig from None
        raise
