"""The clock that programs at one database share, put where a test wants it: the machine's, or the server's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

from sqlalchemy import text

from cadence.store import dialect

if TYPE_CHECKING:
    import pytest

    from cadence.store.store import Store

__all__ = ["SharedClock", "take_over"]

_ON_A_SERVER = (
    "CREATE TABLE public.wall (at timestamptz NOT NULL)",
    "INSERT INTO public.wall VALUES ('2026-01-01Z')",
    "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT at FROM wall'",
)
_FIRST_OURS = "ALTER DATABASE {} SET search_path = public, pg_catalog"


@dataclass(slots=True)
class SharedClock:
    """It stands still until it is moved, and may be moved either way."""

    store: Store
    server: bool
    at: datetime

    def set(self, at: datetime) -> None:
        """Put it."""
        self.at = at
        if self.server:
            with self.store.write() as session:
                session.connection.execute(text("UPDATE wall SET at = :at"), {"at": at})

    def move(self, by: timedelta) -> None:
        """Move it."""
        self.set(self.at + by)


def take_over(store: Store, at: datetime, patch: pytest.MonkeyPatch) -> SharedClock:
    """Take over a store's clock before anybody else connects: the machine's for a file, a server's in its database."""
    with store.write() as session:
        server = session.dialect == dialect.POSTGRES
        if server:
            name = session.connection.exec_driver_sql("SELECT current_database()").scalar()
            for statement in (*_ON_A_SERVER, _FIRST_OURS.format(name)):
                session.connection.exec_driver_sql(statement)
    store._engine.dispose()
    clock = SharedClock(store, server, at.astimezone(UTC))
    clock.set(at)
    if not server:
        patch.setattr(dialect, "datetime", SimpleNamespace(now=lambda zone: clock.at.astimezone(zone)))
    return clock
