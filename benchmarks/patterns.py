"""Patterns: the rows that the program writes for one lead of each kind, ready to be written for anybody.

The program itself is run for one lead of each kind, from its arrival until just before the day's first touch. What it
wrote is read back, and everything that is the person's own gives way to a mark.
"""

from __future__ import annotations

import atexit
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.people import ACCOUNT, FIRST_DUE, MARK, WORKSPACE, Kind, Person, kinds, person
from cadence.leads.arrival import Arrival, with_places
from cadence.leads.record import normalise
from cadence.runner.account import Account, load_book
from cadence.runner.clock import pretended_clock
from cadence.runner.publish import publish_edits
from cadence.runner.record import add_leads
from cadence.runner.tick import tick
from cadence.store import accounts
from cadence.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["TABLES", "Base", "Pattern", "base", "columns", "run_program"]

#: The tables that hold rows of leads, in an order in which they can be filled.
TABLES = ("leads", "enrolments", "outbox", "events")


class Pattern:
    """The rows of one lead of one kind."""

    def __init__(self, tables: dict[str, list[tuple[Any, ...]]], who: Person) -> None:
        self._tables = {table: [_Row(values, who) for values in its] for table, its in tables.items()}

    def __repr__(self) -> str:
        return repr({table: [row.marked for row in its] for table, its in self._tables.items()})

    def rows(self, table: str, who: Person, part: slice = slice(None)) -> list[list[Any]]:
        """Return the rows (some of them: ``part``) as they would be for ``who``."""
        first, last = who.name.split()
        marks = {"lead": who.lead, "email": who.email, "phone": who.phone, "first": first, "last": last}
        return [row.of(marks) for row in self._tables[table][part]]


class _Row:
    """One row with places for a person's marks."""

    def __init__(self, values: tuple[Any, ...], who: Person) -> None:
        self._values = list(values)
        self._texts = [(place, text) for place, value in enumerate(values) if (text := _format(value, who))]

    @property
    def marked(self) -> list[Any]:
        """The row with marks in the places."""
        return [dict(self._texts).get(place, value) for place, value in enumerate(self._values)]

    def of(self, marks: dict[str, str]) -> list[Any]:
        """Return the row with these words in the places."""
        values = self._values.copy()
        for place, text in self._texts:
            values[place] = text % marks
        return values


def _format(value: Any, who: Person) -> str | None:
    """Return a format that puts a person's marks into ``value``; None when there is nothing to put in."""
    if not isinstance(value, str):
        return None
    plain = text = value.replace("%", "%%")
    for own, mark in (
        (who.lead, MARK.lead),
        (who.email, MARK.email),
        (who.phone, MARK.phone),
        *zip(who.name.split(), MARK.name.split(), strict=True),
    ):
        text = text.replace(own, mark)
    return text if text != plain else None


@dataclass(frozen=True, slots=True)
class Base:
    """A database as the program made it, without any lead; and the patterns of the leads that were in it."""

    path: Path
    patterns: Mapping[Kind, Pattern]


@cache
def base() -> Base:
    """Run the program for one lead of each kind, once in this process."""
    path = _folder() / "base.db"
    people = [(person(number), kind) for number, kind in enumerate(kinds([0, 1, 2, 3]))]
    run_program(path, people)
    with closing(sqlite3.connect(path)) as connection:
        # Which process it was, and the time by the wall, differ from run to run.
        connection.execute("UPDATE outbox SET holder = 'bench', called_at = decided_at")
        patterns = {
            kind: Pattern({table: _rows(connection, table, who) for table in TABLES}, who) for who, kind in people
        }
        for table in reversed(TABLES):
            connection.execute(f"DELETE FROM {table}")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Base(path, patterns)


def _folder() -> Path:
    """Make a folder that is gone when the program ends."""
    folder = Path(tempfile.mkdtemp(prefix="cadence-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def run_program(path: Path, leads: Sequence[tuple[Person, Kind]]) -> None:
    """Have the program take leads in at their times and tick on the hour, until just before the day's first touch."""
    with open_store(f"sqlite:///{path}", create=True) as store:
        shop = Account(root=WORKSPACE, name=ACCOUNT, store=store, mode="log", log_file=path.with_suffix(".log"))
        at = min(kind.arrived for _, kind in leads)
        with store.write() as session:
            accounts.ensure(session, ACCOUNT, at)
            publish_edits(session, ACCOUNT, WORKSPACE, at)
        while at < FIRST_DUE:
            with store.write() as session:
                new = [_arrival(who, kind) for who, kind in leads if kind.arrived == at]
                add_leads(session, ACCOUNT, load_book(session, ACCOUNT), new, at)
            tick(shop, at, clock=pretended_clock(at))
            at += timedelta(hours=1)


def _arrival(who: Person, kind: Kind) -> Arrival:
    record = with_places(normalise(who.record(kind.zip), ()).attributes)
    return Arrival(id=who.lead, record=record, at=kind.arrived)


def _rows(connection: sqlite3.Connection, table: str, who: Person) -> list[tuple[Any, ...]]:
    """Read a lead's rows without their running id, in the order they were written."""
    names = ", ".join(columns(connection, table))
    return connection.execute(f"SELECT {names} FROM {table} WHERE lead = ? ORDER BY rowid", (who.lead,)).fetchall()


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """List a table's columns, without a running id."""
    return [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})") if name != "id"]
