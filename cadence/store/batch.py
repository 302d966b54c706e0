"""Many rows through one statement, at little more than the driver's own cost.

SQLAlchemy works out a statement's parameters anew for each row; a tick writes some five rows for every lead.
Here the statement is compiled once, and each row goes through its column types straight to the driver.
"""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Connection, Dialect
    from sqlalchemy.sql.dml import UpdateBase

__all__ = ["execute"]


def execute(connection: Connection, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]) -> int:
    """Run ``statement`` once for each of ``rows`` (same keys in all) in one go; tell how many rows it touched."""
    batch = _compiled(statement, connection.dialect, tuple(rows[0]))
    return connection.exec_driver_sql(
        batch.sql, [batch.parameters(row) for row in rows], execution_options={"preserve_rowcount": True}
    ).rowcount


class _Batch:
    """One statement, ready for the driver."""

    def __init__(self, statement: UpdateBase, dialect: Dialect, keys: tuple[str, ...]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(keys))
        self.sql = str(compiled)
        self._positional = compiled.positiontup is not None
        self._names = names = compiled.positiontup or list(compiled.params)
        self._fixed = {name: compiled.params[name] for name in names if name not in keys}
        self._pick = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
        kinds = [compiled.binds[name].type.dialect_impl(dialect) for name in names]
        self._writers = [(place, write) for place, kind in enumerate(kinds) if (write := kind.bind_processor(dialect))]

    def parameters(self, row: Mapping[str, Any]) -> Any:
        known = {**self._fixed, **row} if self._fixed else row
        values = list(self._pick(known))
        for place, write in self._writers:
            values[place] = write(values[place])
        return tuple(values) if self._positional else dict(zip(self._names, values, strict=True))


@lru_cache(maxsize=128)
def _compiled(statement: UpdateBase, dialect: Dialect, keys: tuple[str, ...]) -> _Batch:
    return _Batch(statement, dialect, keys)
