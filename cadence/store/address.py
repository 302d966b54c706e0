"""The address of a database, taken apart. Loads nothing of weight.

sqlite:///path/to/cadence.db            a file; every character after the third slash as it stands
postgresql://user:password@host/name    a server, in every form of libpq's connection URIs
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cadence.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["File", "Server", "parse"]


class File(NamedTuple):
    """An SQLite database."""

    path: Path

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        return str(self.path)


class Server(NamedTuple):
    """A PostgreSQL database."""

    name: str  #: what to call it in a sentence; never with a password
    parameters: Mapping[str, str]  #: libpq's keywords, such as ``host`` and ``password``

    def __repr__(self) -> str:
        return f"Server({self.name!r})"


def parse(url: str) -> File | Server:
    """Take ``url`` apart; StoreError, which never repeats it, when it names no database."""
    kind, colon, rest = url.partition("://")
    if kind in ("postgresql", "postgres") and colon:
        from cadence.store.dialects.postgres_bare import server

        return server(url)
    if not colon:
        said = "the database address cannot be read"
    elif kind != "sqlite":
        said = f"a database of the kind {kind!r} is not known"
    elif not rest.startswith("/") or rest in ("/", "/:memory:"):
        said = "the database address names no file"
    else:
        return File(Path(rest[1:]).expanduser().absolute())
    raise StoreError(
        said, help="write it as sqlite:///path/to/cadence.db, or as postgresql://user:password@host/name for PostgreSQL"
    )
