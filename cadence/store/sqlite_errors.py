"""What SQLite's refusals mean, in plain sentences. Loads nothing but the bare driver.

Codes: https://www.sqlite.org/rescode.html (the low byte is the primary code).
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from cadence.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["plain"]

_SENTENCES: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: (
        "is busy: another program is writing to it and did not finish in time",
        "wait a moment and try again; if it stays so, look for a cadence that hangs",
    ),
    sqlite3.SQLITE_READONLY: (
        "can be read but not written",
        "give this user the right to write the file and its folder, or run cadence as the user who owns them",
    ),
    sqlite3.SQLITE_PERM: (
        "may not be opened by this user",
        "give this user the right to read and write the file and its folder",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened",
        "check that its folder is there and that this user may read and write in it",
    ),
    sqlite3.SQLITE_FULL: (
        "cannot grow: the disk is full",
        "free some space and run the command again; nothing of it was recorded",
    ),
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written: the disk answered with an error",
        "check the disk and its free space, then run the command again",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged",
        "stop all use of it, keep a copy, and put back the last backup",
    ),
    sqlite3.SQLITE_NOTADB: (
        "is not a database, or it is damaged",
        "check the path; if it is the right file, put back the last backup",
    ),
}
_SENTENCES[sqlite3.SQLITE_LOCKED] = _SENTENCES[sqlite3.SQLITE_BUSY]
_SENTENCES[sqlite3.SQLITE_AUTH] = _SENTENCES[sqlite3.SQLITE_PERM]


def plain(error: BaseException, path: Path | str) -> StoreError:
    """Turn an error of the driver about the file ``path`` into a sentence for the person who meets it.

    Never repeats values of a row.
    """
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, sqlite3.IntegrityError):
        return StoreError(
            f"the database {path} refused a row that contradicts what it holds",
            help="if the account or the lead is new, record it first; otherwise this is a fault of cadence: report it",
        )
    said, remedy = _SENTENCES.get(
        (code or sqlite3.SQLITE_ERROR) & 0xFF,
        (f"did not do what was asked ({error})", "run `cadence doctor`; if it finds nothing, report this"),
    )
    return StoreError(f"the database {path} {said}", help=remedy)
