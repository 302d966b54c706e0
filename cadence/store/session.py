"""A session: one transaction, handed to every query."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from cadence.store import batch
from cadence.store import dialect as dialects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Executable
    from sqlalchemy.engine import Connection, CursorResult
    from sqlalchemy.engine.base import NestedTransaction
    from sqlalchemy.sql.dml import UpdateBase

__all__ = ["Session", "chunks"]

_T = TypeVar("_T")


class Session:
    """One transaction over one connection; made by :class:`cadence.store.store.Store`."""

    __slots__ = ("_owed", "connection", "writes")

    def __init__(self, connection: Connection, *, writes: bool) -> None:
        self.connection = connection
        self.writes = writes
        self._owed: dict[Callable[[Session, Any], None], Any] = {}

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

    @contextmanager
    def savepoint(self) -> Iterator[NestedTransaction]:
        """Begin a part that can be undone by itself (``with session.savepoint(): ...``)."""
        owed, kept = self._owed.copy(), False
        try:
            with self.connection.begin_nested() as part:
                yield part
                kept = part.is_active
        finally:
            if not kept:
                self._owed = owed

    def owe(self, settle: Callable[[Session, Any], None], what: object) -> None:
        """Have ``settle(session, what)`` done at the end of the session, in place of what was owed to it before.

        For a few rows that every session changes: who changes one keeps all others waiting to the end, so it should
        be near. ``what`` must not be changed afterwards. RuntimeError in a session that only reads.
        """
        if not self.writes:
            raise RuntimeError("this session only reads")
        self._owed[settle] = what

    def owed(self, settle: Callable[[Session, Any], None]) -> Any:
        """Return what is owed to ``settle``; None: nothing."""
        return self._owed.get(settle)

    def settle(self) -> None:
        """Do what is owed; always in the same order, so that two sessions never wait for each other."""
        for settle in sorted(self._owed, key=lambda each: each.__module__):
            settle(self, self._owed.pop(settle))


def chunks(items: Iterable[_T], size: int = 500) -> Iterator[list[_T]]:
    """Cut ``items`` into lists of at most ``size``."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
