"""A PostgreSQL database: opened, begun, and held while its tables change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import IsolationLevel
from sqlalchemy import event, text
from sqlalchemy.engine import create_engine
from sqlalchemy.pool import QueuePool

from cadence.errors import StoreError
from cadence.store.dialects import postgres_bare
from cadence.store.schema import VERSION_TABLE

if TYPE_CHECKING:
    from psycopg import Connection as DriverConnection
    from sqlalchemy.engine import Connection, Engine

    from cadence.store.address import Server

__all__ = ["PostgresDatabase"]

_WRITES = "cadence_writes"  #: execution option of a connection whose transactions write
#: Of the advisory lock that whoever makes or changes tables holds: "cadence" in ASCII.
_UPGRADE_LOCK = 0x636164656E6365


class PostgresDatabase:
    """A database on a server; see :class:`cadence.store.dialect.Database`."""

    def __init__(self, address: Server) -> None:
        self._address = address
        self.name = address.name

    def find(self, *, create: bool) -> None:
        """Do nothing: a server makes no database by accident, and says itself when there is none."""

    def engine(self, *, wait: float, migrate: bool = False) -> Engine:
        """Connect through a pool; ``wait`` is how many seconds a statement waits for another's lock.

        A connection that was cut since its last use is replaced before it is used.
        """

        def connect() -> DriverConnection[Any]:
            connection = postgres_bare.connect(self._address, wait=wait, migrate=migrate)
            connection.autocommit = False
            encoding = connection.info.parameter_status("server_encoding")
            if encoding != "UTF8":
                connection.close()
                raise StoreError(
                    f"the database {self.name} keeps texts as {encoding}, which cannot hold every letter",
                    help="make another with `createdb --encoding=UTF8 --template=template0 NAME`",
                )
            return connection

        engine = create_engine(
            "postgresql+psycopg://",
            creator=connect,
            poolclass=QueuePool,
            pool_pre_ping=True,
            hide_parameters=True,
            use_native_hstore=False,
        )

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            raw: DriverConnection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
            writes = connection.get_execution_options().get(_WRITES, False)
            raw.isolation_level = IsolationLevel.READ_COMMITTED if writes else IsolationLevel.REPEATABLE_READ
            raw.read_only = None if writes else True  # None: unless the server forbids it

        return engine

    def options(self, *, writes: bool) -> dict[str, Any]:
        """Return the execution options of a session's connection: who reads sees one unchanging picture."""
        return {_WRITES: writes}

    def settle(self, engine: Engine, *, wait: float) -> None:
        """Do nothing: every setting is the connection's own."""

    def keep_others_out(self, connection: Connection) -> None:
        """Wait until nobody else makes or changes tables or is in a writing session, and keep them out to the end.

        Every writing session begins by reading the version table.
        """
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
        if connection.scalar(text("SELECT to_regclass(:name)"), {"name": VERSION_TABLE}) is not None:
            connection.exec_driver_sql(f"LOCK TABLE {VERSION_TABLE} IN ACCESS EXCLUSIVE MODE")

    def explain(self, error: BaseException) -> StoreError:
        """Turn the driver's error (wrapped by SQLAlchemy or bare) into a plain sentence."""
        return postgres_bare.plain(getattr(error, "orig", None) or error, self.name)
