"""A database of many leads, filled in minutes with the very rows that the program would have written.

Patterns (one lead of each kind, written by the program) are multiplied, with another id, name, phone number and e-mail
address. A test compares such rows with those of leads that the program took in one by one.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.patterns import TABLES, Pattern, base, columns
from benchmarks.people import Kind, kinds, person, wave_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

__all__ = ["Population", "fill"]

_PIECE = 10_000  #: rows handed over at a time
_ASLEEP = "2099-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """How many leads, and which of them fall due when."""

    leads: int
    waves: tuple[int, ...] = ()  #: so many, spread at random over all, are due in each wave
    fresh: bool = False  #: all came in this morning, and nothing was sent yet
    asleep: bool = False  #: nobody is due before the end of the century
    logs: bool = True  #: False: the records alone, without enrolments, logs and outbox

    def kinds(self) -> Iterator[tuple[int, Kind, datetime | None]]:
        """Yield each lead's number, kind, and the instant of its wave (None: in none)."""
        due, later = kinds([0]), kinds([1, 2, 3])
        if self.fresh:
            later = kinds([0], touches=(0,))
        wave_of = self._waves()
        for number in range(self.leads):
            wave = wave_of.get(number)
            if wave is None:
                yield number, later[number * 7 % len(later)], None
            else:
                yield number, due[number * 7 % len(due)], wave_at(wave)

    def _waves(self) -> dict[int, int]:
        chance = random.Random(self.leads)  # the same on every machine
        chosen = iter(chance.sample(range(self.leads), sum(self.waves)))
        return {next(chosen): wave for wave, size in enumerate(self.waves) for _ in range(size)}


def fill(path: Path, population: Population) -> None:
    """Make a SQLite database at ``path`` that holds the population."""
    shutil.copyfile(base().path, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {setting}")
        indexes = _drop_indexes(connection)
        names = {table: columns(connection, table) for table in TABLES}
        connection.execute("BEGIN")
        for table, piece in _rows(population, base().patterns, names["leads"].index("wake_at")):
            columns_, places = ", ".join(names[table]), ", ".join("?" * len(names[table]))
            connection.executemany(f"INSERT INTO {table} ({columns_}) VALUES ({places})", piece)
        for statement in indexes:
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


def _drop_indexes(connection: sqlite3.Connection) -> list[str]:
    """Drop the indexes that can be made afterwards, faster; return how they are made."""
    named = f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN {TABLES}"
    found = connection.execute(named).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    return [statement for _, statement in found]


def _rows(
    population: Population, patterns: Mapping[Kind, Pattern], wake_at: int
) -> Iterator[tuple[str, list[list[Any]]]]:
    """Yield the rows of all leads in pieces: table by table, and the log in the order of time, not lead by lead."""
    passes = [("leads", slice(None))]
    if population.logs:
        passes += [("enrolments", slice(None)), ("outbox", slice(None))]
        passes += [("events", slice(0, 3)), ("events", slice(3, 5)), ("events", slice(5, None))]
    for table, part in passes:
        piece: list[list[Any]] = []
        for number, kind, wave in population.kinds():
            new = patterns[kind].rows(table, person(number), part)
            if table == "leads" and population.asleep:
                new[0][wake_at] = _ASLEEP
            elif table == "leads" and wave is not None:
                new[0][wake_at] = wave.isoformat()[:19] + "Z"
            piece += new
            if len(piece) >= _PIECE:
                yield table, piece
                piece = []
        yield table, piece
