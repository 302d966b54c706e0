"""The database of the benchmarks holds what the program would have written."""

import sqlite3
from contextlib import closing

import pytest

from benchmarks.patterns import TABLES, columns, run_program
from benchmarks.people import kinds, person, wave_at
from benchmarks.population import Population, fill

LEADS = 50
OF_THE_RUN = {"holder", "called_at"}  # which process wrote it, and when


def rows(path, table):
    """Everything in a table but running ids and what tells one run of the program from another."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for name in columns(connection, table) if name not in OF_THE_RUN]
        return sorted(connection.execute(f"SELECT {', '.join(names)} FROM {table}"), key=repr)


@pytest.fixture(scope="module")
def multiplied(tmp_path_factory):
    path = tmp_path_factory.mktemp("multiplied") / "cadence.db"
    fill(path, Population(leads=LEADS))
    return path


def test_multiplied_leads_have_the_rows_of_leads_that_the_program_took_in_one_by_one(multiplied, tmp_path):
    path = tmp_path / "cadence.db"
    run_program(path, [(person(number), kind) for number, kind, _ in Population(leads=LEADS).kinds()])
    for table in TABLES:
        assert rows(multiplied, table) == rows(path, table)
        assert len(rows(path, table)) >= LEADS


def test_a_lead_s_log_is_in_the_order_of_time_and_lies_among_those_of_others(multiplied):
    with closing(sqlite3.connect(multiplied)) as connection:
        log = connection.execute("SELECT lead, at FROM events ORDER BY id").fetchall()
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    for number in range(LEADS):
        mine = [(place, at) for place, (lead, at) in enumerate(log) if lead == person(number).lead]
        assert [at for _, at in mine] == sorted(at for _, at in mine)
        assert mine[-1][0] - mine[0][0] > len(mine)


def test_each_wave_is_due_at_its_minute_and_spread_over_all(tmp_path):
    fill(tmp_path / "cadence.db", Population(leads=300, waves=(20, 30)))
    with closing(sqlite3.connect(tmp_path / "cadence.db")) as connection:
        due = "SELECT lead FROM leads WHERE wake_at = ?"
        for wave, size in enumerate((20, 30)):
            found = [int(lead[-7:]) for (lead,) in connection.execute(due, (f"{wave_at(wave):%Y-%m-%dT%H:%M:%SZ}",))]
            assert len(found) == size
            assert min(found) < 100 < 200 < max(found)


def test_no_kind_of_lead_has_a_touch_behind_it_that_is_still_to_come():
    for kind in kinds([0, 1, 2, 3]):
        assert kind.arrived < wave_at(0)
