"""The population on PostgreSQL: the rows of a SQLite database, table by table, as they are."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg

from cadence.store.store import open_store
from cadence.store.tables import METADATA

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["load"]


def load(url: str, source: Path) -> None:
    """Make the tables in the empty database at ``url`` and copy every row of ``source`` into them."""
    open_store(url, create=True).close()
    with closing(sqlite3.connect(source)) as rows, psycopg.connect(url) as connection:
        indexes = _drop_indexes(connection)
        for table in METADATA.sorted_tables:
            names = [name for _, name, *_ in rows.execute(f"PRAGMA table_info({table.name})")]
            columns = ", ".join(f'"{name}"' for name in names)
            connection.execute(f"DELETE FROM {table.name}")
            with connection.cursor().copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
                for row in rows.execute(f"SELECT {columns} FROM {table.name}"):
                    copy.write_row(row)
            if names[0] == "id":
                connection.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"
                )
        for statement in indexes:
            connection.execute(statement)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _drop_indexes(connection: psycopg.Connection) -> list[str]:
    """Drop the indexes that stand behind no constraint; return how they are made."""
    found = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    return [statement for _, statement in found]
