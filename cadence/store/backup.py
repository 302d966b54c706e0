"""Copies of an SQLite database, whole and proved, taken while others write."""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from cadence.errors import StoreError
from cadence.store.address import File, parse
from cadence.store.dialects.sqlite import SqliteFile
from cadence.store.dialects.sqlite_bare import plain

if TYPE_CHECKING:
    from pathlib import Path

    from cadence.store.address import Server

__all__ = ["backup", "spare_name"]


def backup(url: str, copy: Path) -> int:
    """Copy the database that ``url`` names, as it is at this instant, into the new file ``copy``; return its size.

    Nobody who reads or writes is held up. The copy is checked before it gets its name, so there is never half a one.
    StoreError when it cannot be made, when ``copy`` is there already, and for a PostgreSQL database, with the command
    that copies it.
    """
    address = parse(url)
    if not isinstance(address, File):
        raise StoreError(
            f"the database {address.name} is on a PostgreSQL server, which copies it itself",
            help=_pg_dump(address, copy),
        )
    SqliteFile(address).find(create=False)
    if os.path.lexists(copy):
        raise StoreError(f"there is a file {copy} already", help="name another; a backup never replaces anything")
    if not copy.parent.is_dir():
        raise StoreError(f"there is no folder {copy.parent}", help="make the folder first, or name another")
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}.unfinished")
    try:
        _copy(address.path, unfinished)
        _prove(unfinished)
        _give_its_name(unfinished, copy)
    except OSError as error:
        raise StoreError(
            f"cannot write {copy}: {error.strerror}", help="name a place with enough space where this user may write"
        ) from error
    finally:
        for left in unfinished.parent.glob(f"{unfinished.name}*"):
            left.unlink()
    return copy.stat().st_size


def spare_name(url: str, word: str) -> Path:
    """Name a file beside the database that is not there yet, such as ``cadence.before-0002.db``."""
    address = parse(url)
    if not isinstance(address, File):
        raise TypeError("a server has no files beside it")
    path = address.path
    number = 1
    while True:
        extra = f"-{number}" if number > 1 else ""
        name = path.with_name(f"{path.stem}.{word}{extra}{path.suffix}")
        if not os.path.lexists(name):
            return name
        number += 1


def _copy(path: Path, unfinished: Path) -> None:
    unfinished.touch(mode=0o600, exist_ok=False)
    shutil.copymode(path, unfinished)
    with (
        closing(_open(path)) as source,
        closing(_open(unfinished)) as target,
    ):
        try:
            source.backup(target)  # in one go: a part at a time would begin anew whenever somebody writes
        except sqlite3.Error as error:
            full = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
            raise plain(error, unfinished if full else path) from None
        target.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it


def _open(path: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=10.0, isolation_level=None)
    except sqlite3.Error as error:
        raise plain(error, path) from None


def _prove(unfinished: Path) -> None:
    with closing(_open(unfinished)) as copy:
        try:
            said = [row[0] for row in copy.execute("PRAGMA integrity_check(1)")]
        except sqlite3.DatabaseError as error:
            said = [str(error)]
    if said != ["ok"]:
        raise StoreError(
            "the copy is damaged, as the database seems to be; it was not kept",
            help="run `cadence store check`, and keep the backups you have",
        )


def _give_its_name(unfinished: Path, copy: Path) -> None:
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(unfinished, copy)  # unlike a renaming, this never replaces what somebody made meanwhile
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        unfinished.rename(copy)
    with suppress(OSError):  # Windows has no such thing
        folder = os.open(copy.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _pg_dump(address: Server, copy: Path) -> str:
    words = {"host": "--host", "port": "--port", "user": "--username", "dbname": "--dbname"}
    given = [f"{option}={address.parameters[word]}" for word, option in words.items() if address.parameters.get(word)]
    return shlex.join(["pg_dump", "--format=custom", f"--file={copy}", *given])
