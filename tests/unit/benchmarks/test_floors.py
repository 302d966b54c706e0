"""The floors do the same work as cadence: after either, the tables hold the same rows."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from benchmarks import floor_minimal, floor_postgres, floor_preview, floor_review, floor_sqlite
from benchmarks.figures_review import BOUNDS, NOW
from benchmarks.keep import Shop
from benchmarks.load_postgres import load
from benchmarks.patterns import TABLES, columns
from benchmarks.people import ACCOUNT, WORKSPACE, wave_at
from benchmarks.population import Population, fill
from benchmarks.provider import Provider, ProviderChannel
from cadence.playbook.words import CHANNELS
from cadence.runner.account import Account
from cadence.runner.clock import pretended_clock
from cadence.runner.tick import tick
from cadence.store.store import open_store

DUE = 40
OF_THE_RUN = {"holder", "called_at", "provider_id"}


def written(connection, names, table):
    wanted = [f'"{name}"' for name in names if name not in OF_THE_RUN]
    return sorted(connection.execute(f"SELECT {', '.join(wanted)} FROM {table}").fetchall(), key=repr)


def of_sqlite(path):
    with closing(sqlite3.connect(path)) as connection:
        return {table: written(connection, columns(connection, table), table) for table in TABLES}


@pytest.fixture(scope="module")
def population(tmp_path_factory):
    path = tmp_path_factory.mktemp("population") / "cadence.db"
    fill(path, Population(leads=150, waves=(DUE,)))
    return path


@pytest.fixture(scope="module")
def by_cadence(population, tmp_path_factory):
    """What the tables hold after a tick."""
    path = Path(shutil.copy(population, tmp_path_factory.mktemp("ticked")))
    with open_store(f"sqlite:///{path}") as store:
        shop = Account(root=WORKSPACE, name=ACCOUNT, store=store, mode="log", log_file=path.with_suffix(".log"))
        channels = dict.fromkeys(CHANNELS, ProviderChannel(Provider()))
        report = tick(shop, wave_at(0), channels=channels, clock=pretended_clock(wave_at(0)))
    assert sum(report.sent.values()) == DUE
    return of_sqlite(path)


def test_the_floor_on_sqlite_writes_what_cadence_writes(population, by_cadence, tmp_path):
    path = shutil.copy(population, tmp_path)
    provider = Provider()
    assert floor_sqlite.run(path, wave_at(0), provider) == provider.accepted == DUE
    assert of_sqlite(path) == by_cadence


def test_the_floor_on_postgresql_writes_what_cadence_writes(population, by_cadence, postgres_url):
    url, provider = postgres_url(), Provider()
    load(url, population)
    assert floor_postgres.run(url, wave_at(0), provider) == provider.accepted == DUE
    with closing(sqlite3.connect(population)) as kept, psycopg.connect(url) as connection:
        for table in TABLES:
            assert written(connection, columns(kept, table), table) == by_cadence[table]


@pytest.mark.parametrize("leads", [40, 230])  # one page of leads; two, of which a second process takes some
def test_the_floor_of_the_preview_prints_what_a_dry_run_prints(leads, tmp_path, capsys):
    kept, start = tmp_path / "kept.db", datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    fill(kept, Population(leads=leads, fresh=True))
    with Shop(tmp_path / "shop", kept) as shop:
        cadence = [Path(sys.executable).with_name("cadence"), "-C", shop.root, "dry-run", "--days", "7", "--jsonl"]
        words = [*cadence, "--start", start.isoformat()]
        printed = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout
        assert floor_preview.run(shop.database, start) == 3 * leads
    assert capsys.readouterr().out == printed


def test_the_floor_of_the_review_counts_what_a_review_counts(tmp_path, capsys):
    kept = tmp_path / "kept.db"
    fill(kept, Population(leads=400, fresh=True))
    with Shop(tmp_path / "shop", kept) as shop:
        shop.execute(floor_review.SHAPE)
        cadence = [Path(sys.executable).with_name("cadence"), "-C", shop.root, "review", "--json", "--now", NOW]
        told = json.loads(subprocess.run(cadence, capture_output=True, text=True, timeout=60).stdout)
        floor_review.run(shop.database, *BOUNDS)
    head, _, rest = capsys.readouterr().out.partition("\n\n")
    counted = {name: int(number) for number, name in map(str.split, head.splitlines())}
    of_nobody = {"no_owner"}  # the floor shows them under nobody
    assert counted == {name: n for name, n in told["counts"].items() if n and name not in of_nobody}
    by_hand = dict(re.findall(r"\((\S+)\)   .*   ([a-z_ ]+)   \[", rest))
    lists = {each["lead"]: [name for name in each["lists"] if name not in of_nobody] for each in told["leads"]}
    assert {lead: set(its.split()) for lead, its in by_hand.items()} == {
        lead: set(its) for lead, its in lists.items() if its
    }


def test_the_minimal_floor_carries_out_each_wave_once(tmp_path):
    path, provider = tmp_path / "minimal.db", Provider()
    floor_minimal.fill(path, 100, (7, 5))
    assert [floor_minimal.run(path, wave, provider) for wave in (0, 1, 1)] == [7, 5, 0]
    assert provider.accepted == 12
