"""A database of many leads, filled in seconds with the very rows that the program would have written.

The program itself is run for one lead of each kind (a *pattern*: which touch is next, in which zone, when); the rows it
wrote are then multiplied, with another id, name, phone number and e-mail address. ``tests/unit/benchmarks`` compares
such rows with those of leads that the program took in one by one.
"""

from __future__ import annotations

import hashlib
import random
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cadence.leads.arrival import Arrival, with_places
from cadence.leads.record import normalise
from cadence.runner.account import Account, load_book
from cadence.runner.publish import publish_edits
from cadence.runner.record import add_leads
from cadence.runner.tick import tick
from cadence.store import accounts
from cadence.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["ACCOUNT", "NOW", "WORKSPACE", "Kind", "Person", "Plan", "Rows", "kinds", "patterns", "person", "rows", "wave_at"]

ACCOUNT = "bench"
WORKSPACE = Path(__file__).parent / "workspace"

#: A Tuesday; at 10:00 in each zone the touches of the day fall due, the last of them (Pacific) at 18:00 UTC.
DAY = datetime(2026, 11, 24, tzinfo=UTC)
FIRST_DUE = DAY + timedelta(hours=15)
NOW = DAY + timedelta(hours=18, minutes=30)  #: everything of the day is due, every send window is open

ZIPS = ("10001", "64110", "80202", "94103")  #: New York, Kansas City, Denver, San Francisco
_AFTER = (0, 2, 6)  #: days from arrival to the first, second, third touch


@dataclass(frozen=True, slots=True)
class Kind:
    """How a lead stands: which touch is next, in how many days, and where the lead lives."""

    touch: int  #: 0, 1, 2: so many touches were sent already
    days: int  #: until it is due; 0: on :data:`DAY`
    zip: str

    @property
    def arrived(self) -> datetime:
        """When such a lead came in: early in the morning, before anything may be sent."""
        return DAY + timedelta(days=self.days - _AFTER[self.touch], hours=12)


@dataclass(frozen=True, slots=True)
class Person:
    """What tells one lead from another."""

    lead: str
    name: str
    phone: str
    email: str

    def record(self, zip_code: str) -> dict[str, Any]:
        """Return the attributes a list would give."""
        return {
            "id": self.lead,
            "name": self.name,
            "phone": self.phone,
            "email": self.email,
            "zip": zip_code,
            "trade": "roofing",
            "service": "roof",
            "source": "website",
        }


def person(number: int) -> Person:
    """Return the person with a number below 8 million."""
    first, last = _FIRST[number % len(_FIRST)], _LAST[number // len(_FIRST) % len(_LAST)]
    return Person(
        lead=f"{first}-{last}-{number:07d}".lower(),
        name=f"{first} {last}",
        phone=f"+1816{2_000_000 + number}",
        email=f"{first}.{last}.{number:07d}@example.com".lower(),
    )


_FIRST = ("Maria", "Bob", "Chen", "Dwayne", "Elena", "Farid", "Grace", "Hiro", "Ines", "Jamal")
_LAST = ("Lopez", "Smith", "Nguyen", "Kowalski", "Okafor", "Haddad", "Larsen", "Tanaka", "Silva", "Reed")
_MARK = Person("mark-lead-0000000", "Markname Marklast", "+18169999999", "mark.lead.0000000@example.com")


def kinds(days: Sequence[int]) -> list[Kind]:
    """List the kinds of leads whose next touch falls due in one of ``days``, and that may be there on :data:`DAY`."""
    return [
        Kind(touch, day, zip_code)
        for day in days
        for touch in (0, 1, 2)
        for zip_code in ZIPS
        if not day or (touch and day < _AFTER[touch] - _AFTER[touch - 1])
    ]


#: Rows of one lead in one table: columns, then the values of each row.
Rows = dict[str, list[tuple[Any, ...]]]
TABLES = ("leads", "enrolments", "events", "outbox")


def patterns(wanted: Sequence[Kind]) -> dict[Kind, Rows]:
    """Run the program for one lead of each kind until just before :data:`FIRST_DUE`; return the rows it wrote."""
    people = [person(number) for number in range(len(wanted))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pattern.db"
        run_program(path, list(zip(people, wanted, strict=True)))
        with closing(sqlite3.connect(path)) as connection:
            return {
                kind: {table: _marked(connection, table, who) for table in TABLES}
                for who, kind in zip(people, wanted, strict=True)
            }


def run_program(path: Path, leads: Sequence[tuple[Person, Kind]]) -> None:
    """Have the program take leads in at their times and tick on the hour, until just before :data:`FIRST_DUE`."""
    with open_store(f"sqlite:///{path}", create=True) as store:
        shop = Account(root=WORKSPACE, name=ACCOUNT, store=store, mode="log", log_file=path.with_suffix(".log"))
        at = min(kind.arrived for _, kind in leads)
        with store.write() as session:
            accounts.ensure(session, ACCOUNT, at)
            publish_edits(session, ACCOUNT, WORKSPACE, at)
        while at < FIRST_DUE:
            new = [(who, kind) for who, kind in leads if kind.arrived == at]
            with store.write() as session:
                book = load_book(session, ACCOUNT)
                add_leads(session, ACCOUNT, book, [_arrival(who, kind) for who, kind in new], at)
            tick(shop, at)
            at += timedelta(hours=1)


def _arrival(who: Person, kind: Kind) -> Arrival:
    record = with_places(normalise(who.record(kind.zip), ()).attributes)
    return Arrival(id=who.lead, record=record, at=kind.arrived)


def _marked(connection: sqlite3.Connection, table: str, who: Person) -> list[tuple[Any, ...]]:
    """Read a lead's rows (without a running id), with everything of the person replaced by marks."""
    names = columns(connection, table)
    order = "id" if table == "events" else names[1]
    query = f"SELECT {', '.join(names)} FROM {table} WHERE lead = ? ORDER BY {order}"  # noqa: S608 - our own names
    return [tuple(_swap(value, who, _MARK) for value in row) for row in connection.execute(query, (who.lead,))]


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """List a table's columns, without a running id."""
    return [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})") if name != "id"]


def _swap(value: Any, old: Person, new: Person) -> Any:
    if not isinstance(value, str):
        return value
    for before, after in (
        (old.lead, new.lead),
        (old.email, new.email),
        (old.phone, new.phone),
        (old.name, new.name),
        *zip(old.name.split(), new.name.split(), strict=True),
    ):
        value = value.replace(before, after)
    return value


class _Copier:
    """The rows of one pattern, ready to be written for anybody."""

    def __init__(self, pattern: Rows) -> None:
        self._tables = {table: [_Row(row) for row in its] for table, its in pattern.items()}

    def rows(self, table: str, marks: dict[str, str], part: slice = slice(None)) -> list[list[Any]]:
        return [row.of(marks) for row in self._tables[table][part]]


class _Row:
    """One row with places for a person's marks."""

    def __init__(self, values: tuple[Any, ...]) -> None:
        self._values = list(values)
        self._texts = [(place, text) for place, value in enumerate(values) if (text := _format(value))]

    def of(self, marks: dict[str, str]) -> list[Any]:
        values = self._values.copy()
        for place, text in self._texts:
            values[place] = text % marks
        return values


def _format(value: Any) -> str | None:
    """Return a format that puts a person's marks into ``value``; None when there is nothing to put in."""
    if not isinstance(value, str):
        return None
    text = _swap(value.replace("%", "%%"), _MARK, _PLACES)
    return text if text != value.replace("%", "%%") else None


def _marks(who: Person) -> dict[str, str]:
    first, last = who.name.split()
    return {"lead": who.lead, "email": who.email, "phone": who.phone, "first": first, "last": last}


_PLACES = Person("%(lead)s", "%(first)s %(last)s", "%(phone)s", "%(email)s")


@dataclass(frozen=True, slots=True)
class Plan:
    """How many leads, and how many of them fall due in each wave."""

    leads: int
    waves: tuple[int, ...] = ()
    logs: bool = True  #: False: the records alone, without enrolments, logs and outbox

    def kinds(self) -> Iterator[tuple[int, Kind, datetime | None]]:
        """Yield each lead's number, kind, and the instant of its wave (None: it is due another day)."""
        order = list(range(self.leads))
        random.Random(len(order)).shuffle(order)  # noqa: S311 - the same on every machine
        wave_of: dict[int, int] = {}
        begin = 0
        for wave, size in enumerate(self.waves):
            wave_of.update(dict.fromkeys(order[begin : begin + size], wave))
            begin += size
        due, later = kinds([0]), kinds([1, 2, 3, 4])
        for number in range(self.leads):
            wave = wave_of.get(number)
            if wave is None:
                yield number, later[number * 7 % len(later)], None
            else:
                yield number, due[number * 7 % len(due)], wave_at(wave)


def wave_at(wave: int) -> datetime:
    """Return when a wave is due: each a minute after the one before, as a rate would spread them."""
    return NOW + timedelta(minutes=wave)


def rows(plan: Plan, pattern: dict[Kind, Rows], wake_column: int) -> Iterator[tuple[str, list[list[Any]]]]:
    """Yield the rows of all leads, table by table, in pieces; the log in the order of time, not lead by lead."""
    copiers = {kind: _Copier(its) for kind, its in pattern.items()}
    passes: list[tuple[str, slice]] = [("leads", slice(None))]
    if plan.logs:
        passes += [("enrolments", slice(None)), ("outbox", slice(None))]
        passes += [("events", slice(0, 3)), ("events", slice(3, 5)), ("events", slice(5, None))]
    for table, part in passes:
        piece: list[list[Any]] = []
        for number, kind, wave in plan.kinds():
            new = copiers[kind].rows(table, _marks(person(number)), part)
            if wave is not None and table == "leads":
                new[0][wake_column] = wave.isoformat()[:19] + "Z"
            piece += new
            if len(piece) >= 10_000:
                yield table, piece
                piece = []
        yield table, piece


def fill_sqlite(path: Path, plan: Plan) -> None:
    """Make a SQLite database at ``path`` and fill it."""
    wanted = kinds([0, 1, 2, 3, 4])
    people = [(person(number), kind) for number, kind in enumerate(wanted)]
    run_program(path, people)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        pattern = {kind: {table: _marked(connection, table, who) for table in TABLES} for who, kind in people}
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        connection.execute("PRAGMA temp_store = MEMORY")
        for table in reversed(TABLES):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        named = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        indexes = connection.execute(f"{named} AND tbl_name IN {TABLES}").fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.execute("BEGIN")
        names = {table: columns(connection, table) for table in TABLES}
        for table, piece in rows(plan, pattern, names["leads"].index("wake_at")):
            places = ", ".join("?" * len(names[table]))
            connection.executemany(
                f"INSERT INTO {table} ({', '.join(names[table])}) VALUES ({places})",  # noqa: S608
                piece,
            )
        for _, statement in indexes:
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
