"""The public endpoint over a real database, called as a server calls it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from cadence.inbox.message import Item, from_data
from cadence.runner.account import Account
from cadence.store import inbound
from cadence.store.store import open_store
from cadence.web.desk import StoreDesk
from cadence.web.hooks import make_app
from support.hook_calls import door

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from cadence.web.door import Desk, Door
    from support.hook_calls import Call

__all__ = ["NOW", "Endpoint", "open_endpoint"]

NOW = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Endpoint:
    """The endpoint, and the account behind it."""

    account: Account
    door: Door
    desk: Desk

    def send(self, call: Call, *, at: str = "", **more: Any) -> TestResponse:
        """Make a call; ``at`` is a path that a proxy makes of its own."""
        return self._ask("POST", at or call.path, call.body, dict(call.headers), query_string=call.query, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        """Ask for a page."""
        return self._ask("GET", path, b"", {}, **more)

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str], **more: Any) -> TestResponse:
        client = make_app(self.door, self.desk, lambda: NOW).test_client()
        return client.open(path, method=method, data=body, headers=headers, **more)

    def kept(self) -> list[Item]:
        """What came in so far, in the order it came."""
        with self.account.store.read() as session:
            rows = inbound.listing(session, self.account.name, limit=100_000)
        return [from_data(each.row.kind, each.row.data) for each in reversed(rows)]


@contextmanager
def open_endpoint(folder: Path, *, wait: float = 5.0, desk: Desk | None = None, **more: Any) -> Iterator[Endpoint]:
    """Open an endpoint over a database of its own; ``wait`` is how many seconds it waits for other writers."""
    file = folder / "cadence.db"
    file.write_bytes(_new_database())
    with open_store(f"sqlite:///{file}", wait=wait) as store:
        account = Account(root=folder, name="summit", store=store, mode="log", log_file=folder / "messages.log")
        yield Endpoint(account, door(**more), desk or StoreDesk(account, lambda: NOW))


@cache
def _new_database() -> bytes:
    """Make the tables once for all tests."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "new.db"
        open_store(f"sqlite:///{file}", create=True).close()
        return file.read_bytes()
