"""Databases that are made once and kept in ``.bench/``; each measurement works on a copy."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from benchmarks.patterns import base
from benchmarks.people import ACCOUNT, WORKSPACE
from benchmarks.population import fill
from cadence.files import signature
from cadence.store.schema import HEAD

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.population import Population

__all__ = ["Shop", "fingerprint", "kept", "say"]


def say(text: str) -> None:
    """Tell the person who waits; never part of the table."""
    print(text, file=sys.stderr, flush=True)


def kept(folder: Path, population: Population) -> Path:
    """Return the database of a population, made now unless it was made before."""
    path = folder / f"{population.leads}-{fingerprint(repr(population))}.db"
    if not path.exists():
        say(f"making a database of {population.leads:,} leads (kept in {folder})")
        folder.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        fill(new, population)
        new.rename(path)
    return path


def fingerprint(*more: str) -> str:
    """Return a text that changes with the tables and with the rows that the program writes."""
    parts = (HEAD, *(repr(pair) for pair in base().patterns.items()), *more)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


class Shop:
    """A workspace with a copy of a database, in a folder of its own, deleted when done."""

    def __init__(self, folder: Path, database: Path) -> None:
        self.root = folder
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(WORKSPACE, folder)
        self.database = folder / "cadence.db"
        shutil.copyfile(database, self.database)
        with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            # The versions in force came from these very files: a copy has other times than its original.
            connection.execute("UPDATE accounts SET source_signature = ?", (signature(folder),))
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.sync()  # what was copied is on the disk before anything is measured

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Ask or change something outside of what is measured."""
        with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            found = connection.execute(statement, {"account": ACCOUNT}).fetchall()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.sync()
        return found

    def __enter__(self) -> Shop:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
