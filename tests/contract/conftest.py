"""Every kind of store that holds to the contract, fresh for each test, and examples of what goes into it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from cadence.store import accounts, dialect, schema
from cadence.store.store import Store, open_store
from support.make import NOW, Make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.postgres import Server


@pytest.fixture(scope="session")
def make() -> Make:
    return Make()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database."""
    return request.param


@pytest.fixture(scope="session")
def new_url(kind: str, request: pytest.FixtureRequest) -> Callable[[], str]:
    """Gives the address of a new, empty store at each call."""
    return request.getfixturevalue(f"new_{kind}_url")


@pytest.fixture(scope="session")
def new_sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Gives the address of a new, empty store in a file at each call."""
    template = tmp_path_factory.mktemp("template") / "cadence.db"
    open_store(f"sqlite:///{template}", create=True).close()

    def new() -> str:
        path = tmp_path_factory.mktemp("store") / "cadence.db"
        shutil.copy(template, path)
        return f"sqlite:///{path}"

    return new


@pytest.fixture(scope="session")
def new_postgresql_url(postgres_server: Server) -> Callable[[], str]:
    """Gives the address of a new, empty store on a server at each call: a schema in one database."""
    database = postgres_server.make()
    script = ";".join(how_tables_are_made(postgres_server.url(database)))
    return lambda: postgres_server.furnish(database, script)


def how_tables_are_made(url: str) -> list[str]:
    """Let the migrations run in an empty database, and return what they did; nothing of it stays."""
    done: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("SELECT"):
            done.append(statement)

    with Store(dialect.database(url), wait=5, migrate=True) as store, store.write() as session:
        event.listen(session.connection, "before_cursor_execute", note)
        schema.upgrade(session.connection)
        session.connection.get_transaction().rollback()
    return done


@pytest.fixture(scope="session")
def new_store(new_url: Callable[[], str]) -> Callable[[], Store]:
    """Opens a new, empty store at each call; to be used in a ``with`` statement."""
    return lambda: open_store(new_url())


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    """Address of a store that knows the accounts ``summit`` and ``valley``."""
    address = new_url()
    with open_store(address) as store, store.write() as session:
        for account in ("summit", "valley"):
            accounts.ensure(session, account, NOW)
    return address


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store that knows the accounts ``summit`` and ``valley``."""
    with open_store(url) as opened:
        yield opened
