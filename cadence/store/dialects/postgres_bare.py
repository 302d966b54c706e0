"""PostgreSQL by its bare driver: its address, a connection, and what its refusals mean.

Importing this module raises StoreError when the driver is not installed. Loads no SQLAlchemy.
Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cadence.errors import StoreError
from cadence.store.address import Server
from cadence.store.dialects.words import contradiction

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict
except ImportError:  # also: there, but without the C library it needs
    raise StoreError(
        "a PostgreSQL database needs a driver that is not installed", help="pip install 'cadence[postgres]'"
    ) from None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["asking", "connect", "plain", "server"]

#: What an address may say otherwise: a server that does not answer is given up, a cut line is noticed.
_DEFAULTS = {
    "application_name": "cadence",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
#: Milliseconds. No statement of ours takes nearly as long; what hangs longer is lost, and holds up others.
_LONGEST_STATEMENT, _LONGEST_IDLENESS = 600_000, 600_000
_SETTINGS = """
SELECT
    set_config('lock_timeout', %s, false),
    set_config('statement_timeout', %s, false),
    set_config('idle_in_transaction_session_timeout', %s, false),
    set_config('TimeZone', 'UTC', false),
    CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', false) END
"""


def server(url: str) -> Server:
    """Take the address of a PostgreSQL database apart; StoreError, which never repeats it, when it cannot be read."""
    try:
        given = {word: str(value) for word, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.Error:
        raise _unreadable() from None
    host, database = given.get("host", ""), given.get("dbname", "")
    if "@" in host + database or "/" in database:  # the rest of a password that holds such a character
        raise _unreadable()
    database = database or given.get("service") or os.environ.get("PGDATABASE") or given.get("user") or "of this user"
    host = host or given.get("hostaddr") or os.environ.get("PGHOST") or "this machine"
    return Server(f"{database} at {host}", {**_DEFAULTS, **given, "client_encoding": "UTF8"})


def connect(address: Server, *, wait: float, migrate: bool = False) -> psycopg.Connection[tuple[Any, ...]]:
    """Connect, in autocommit mode; ``wait`` is how many seconds a statement waits for another's lock.

    With ``migrate``, a statement may take as long as it takes.

    What is committed is on the server's disk, whatever the server's own setting. psycopg.Error otherwise.
    """
    parameters: Mapping[str, Any] = address.parameters
    connection = psycopg.connect(**parameters, autocommit=True)
    try:
        patience = max(1, round(wait * 1000))  # milliseconds; 0 would be for ever
        longest = 0 if migrate else _LONGEST_STATEMENT
        connection.execute(_SETTINGS, [str(n) for n in (patience, longest, _LONGEST_IDLENESS)])
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def asking(
    address: Server, *, wait: float
) -> Iterator[Callable[[str, dict[str, str]], tuple[tuple[Any, ...] | None, int]]]:
    """Connect for a few questions: (statement with ``:name``, values) -> first row, number of rows changed.

    All that is changed is recorded at the end, or nothing. StoreError in plain words.
    """

    def ask(statement: str, values: dict[str, str]) -> tuple[tuple[Any, ...] | None, int]:
        theirs = re.sub(r":(\w+)", r"%(\1)s", statement.replace("%", "%%"))
        cursor = connection.execute(theirs.encode(), values)
        return cursor.fetchone() if cursor.description else None, cursor.rowcount

    try:
        with connect(address, wait=wait) as connection, connection.transaction():
            yield ask
    except psycopg.Error as error:
        raise plain(error, address.name) from None


def plain(error: BaseException, name: str) -> StoreError:
    """Turn an error of the driver about the database ``name`` into a sentence for the person who meets it.

    Never repeats values of a row, nor a password.
    """
    code = getattr(error, "sqlstate", None)
    if isinstance(error, psycopg.IntegrityError):
        return contradiction(name)
    if code is None:
        found = _without_code(str(error))
    else:
        found = _SENTENCES.get(code) or _SENTENCES.get(code[:2]) or _unknown(f"{type(error).__name__}, {code}")
    said, remedy = found
    return StoreError(f"the database {name} {said}", help=remedy)


def _unreadable() -> StoreError:
    return StoreError(
        "the database address cannot be read",
        help="write it as postgresql://user:password@host/name; in a password write @ as %40, / as %2F, : as %3A, "
        "% as %25, # as %23, ? as %3F",
    )


def _without_code(text: str) -> tuple[str, str]:
    """Look at what the driver itself says: the connection was never made, or is lost."""
    for words, sentence in _BY_WORDS:
        if words in text:
            return sentence
    return _LOST if "connection" in text else _unknown("it gave no code")


def _unknown(what: str) -> tuple[str, str]:
    return f"did not do what was asked ({what})", "run `cadence store check`; if it finds nothing, report this"


_BUSY = (
    "is busy: another program is writing to it and did not finish in time",
    "wait a moment and try again; if it stays so, look for a cadence that hangs",
)
_STOPPING = (
    "is shutting down or starting up, or somebody ended the connection",
    "try again when the server is up; what was under way was undone",
)
_LOST = (
    "cannot be reached: the connection was lost",
    "check the server and the network, then try again; what was under way was undone, unless it was just being "
    "recorded: look before you repeat it",
)
_UNREACHABLE = (
    "cannot be reached: no server answers there",
    "check that it runs, and the host and port in the address",
)
_REFUSED_USER = (
    "does not let this user in",
    "check the user and the password in the address, and the server's pg_hba.conf",
)
_MISSING = (
    "is not there",
    "check the name in the address, or make it with `createdb`",
)
_FORBIDDEN = (
    "does not let this user do that",
    "run cadence as the user who owns its tables, or give this user the right",
)
_READONLY = (
    "can be read but not written",
    "check that the address names the primary server, and that nobody made the database read-only",
)
_FULL = (
    "cannot grow: the disk of the server is full",
    "free some space there and run the command again; nothing of it was recorded",
)
_DAMAGED = ("is damaged", "stop all use of it, keep a copy, and put back the last backup")
_CROWDED = (
    "takes no more connections",
    "wait a moment and try again; if it stays so, let the server take more, or run fewer programs",
)

_SENTENCES: dict[str, tuple[str, str]] = {
    "55P03": _BUSY,  # lock_not_available
    "40P01": _BUSY,  # deadlock_detected
    "40001": _BUSY,  # serialization_failure
    "57014": (
        "was asked something that took too long, and was stopped",
        "look at what keeps the server busy, then run the command again; nothing of it was recorded",
    ),
    "57P01": _STOPPING,
    "57P02": _STOPPING,
    "57P03": _STOPPING,
    "57P04": _MISSING,
    "57P05": _STOPPING,
    "25P03": _LOST,  # idle_in_transaction_session_timeout
    "25P04": _LOST,  # transaction_timeout
    "08": _LOST,
    "28": _REFUSED_USER,
    "3D": _MISSING,
    "3F": _MISSING,
    "42501": _FORBIDDEN,
    "25006": _READONLY,
    "53100": _FULL,
    "53200": ("is out of memory", "look after the server's memory, then run the command again"),
    "53300": _CROWDED,
    "58": (
        "cannot be read or written: the disk of the server answered with an error",
        "check the server's disk, then run the command again",
    ),
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}
#: Before a connection stands there is no code, only words (of libpq, the server or the resolver).
_BY_WORDS = (
    (
        "NUL (0x00)",
        ("was given a name that holds a NUL character", "write the name without it; nothing was recorded"),
    ),
    ('role "', _REFUSED_USER),
    ("password authentication failed", _REFUSED_USER),
    ("no password supplied", _REFUSED_USER),
    ("pg_hba.conf", _REFUSED_USER),
    ("is not permitted to log in", _REFUSED_USER),
    ("authentication failed", _REFUSED_USER),
    ("Connection refused", _UNREACHABLE),
    ("No such file or directory", _UNREACHABLE),
    ("resolve host", _UNREACHABLE),
    ("translate host name", _UNREACHABLE),
    ("timeout expired", _UNREACHABLE),
    ("No route to host", _UNREACHABLE),
    ("Network is unreachable", _UNREACHABLE),
    ("the database system is", _STOPPING),
    ("too many clients", _CROWDED),
    ("remaining connection slots", _CROWDED),
    ("does not exist", _MISSING),
    (
        "SSL",
        (
            "cannot be reached: the encrypted connection was refused",
            "check sslmode and the certificates named in the address",
        ),
    ),
    ("connection failed", ("cannot be reached", "check the address, then the server and its log")),
)
