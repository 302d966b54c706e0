"""A session: one transaction, handed to every query."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from cadence.store import batch
from cadence.store import dialect as dialects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Executable
    from sqlalchemy.engine import Connection, CursorResult
    from sqlalchemy.engine.base import NestedTransaction
    from sqlalchemy.sql.dml import UpdateBase

__all__ = ["Session", "chunks"]

_T = TypeVar("_T")


class Session:
    """One transaction over one connection; made by :class:`cadence.store.store.Store`."""

    __slots__ = ("connection", "writes")

    def __init__(self, connection: Connection, *, writes: bool) -> None:
        self.connection = connection
        self.writes = writes

    @property
    def dialect(self) -> str:
        """Name of the kind of database, for :mod:`cadence.store.dialect`."""
        return self.connection.dialect.name

    def ask(self, statement: Executable, values: Mapping[str, Any] | None = None) -> CursorResult[*tuple[Any, ...]]:
        """Read."""
        return self.connection.execute(statement, values)

    def change(self, statement: UpdateBase, rows: Sequence[Mapping[str, Any]] | None = None) -> int:
        """Write ``statement`` once, or once for each of ``rows`` in one go; tell how many rows it touched.

        RuntimeError in a session that only reads.
        """
        if not self.writes:
            raise RuntimeError("this session only reads")
        if rows is None:
            return self.connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount
        return batch.execute(self.connection, statement, rows) if rows else 0

    def clock(self) -> datetime:
        """Tell the time by the clock that all programs at this database share; whole seconds, UTC."""
        return dialects.clock(self.connection)

    def savepoint(self) -> NestedTransaction:
        """Begin a part that can be undone by itself (``with session.savepoint(): ...``)."""
        return self.connection.begin_nested()


def chunks(items: Iterable[_T], size: int = 500) -> Iterator[list[_T]]:
    """Cut ``items`` into lists of at most ``size``."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
