"""From every earlier version to this one, with rows in every table: nothing is lost, tables are as made anew."""

import multiprocessing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import SQLAlchemyError

from cadence.errors import StoreError
from cadence.store import events, leads, outbox, schema
from cadence.store.outbox import OutboxFilter
from cadence.store.store import open_store, upgrade_store
from cadence.store.tables import METADATA
from support.past import make_at, read_tables, shape

SPAWN = multiprocessing.get_context("spawn")
EARLIER = schema.REVISIONS[:-1]


@pytest.fixture
def blank_url(kind, tmp_path, request):
    """Address of a database without tables."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path}/cadence.db"
    return request.getfixturevalue("postgres_url")()


@pytest.fixture(params=EARLIER)
def old_url(request, blank_url):
    """Address of a database that an earlier version left."""
    make_at(blank_url, request.param)
    return blank_url


def without_what_is_new(before, after):
    """The rows of ``after``, with the columns that ``before`` had and still has."""
    return {
        table: [{name: row[name] for name in rows[0] if name in row} for row in after[table]]
        for table, rows in before.items()
    }


def peek(url):
    """Read everything of a database of whatever version."""
    from cadence.store import dialect
    from cadence.store.store import Store

    with Store(dialect.database(url), wait=5, migrate=True) as store, store.read() as session:
        return read_tables(session)


def test_the_past_has_something_in_every_table(blank_url):
    make_at(blank_url, schema.HEAD)
    with open_store(blank_url) as store, store.read() as session:
        rows = read_tables(session)
    assert set(rows) == set(METADATA.tables)
    assert all(rows.values())


def test_an_upgrade_keeps_every_row_and_every_value(old_url):
    before = peek(old_url)
    first = upgrade_store(old_url)[0]
    assert first in EARLIER
    after = peek(old_url)
    kept = without_what_is_new(before, after)
    for table, rows in before.items():
        still = [{name: value for name, value in row.items() if name in after[table][0]} for row in rows]
        # A claim of the time before leases counts as one call, now long over. Leads in flight are woken.
        for each in (*still, *kept[table]):
            each.pop("attempts", None)
            each.pop("wake_at", None)
        assert sorted(still, key=repr) == sorted(kept[table], key=repr), table


def test_an_upgrade_says_of_what_is_under_way_what_can_be_known(old_url):
    before = peek(old_url)
    upgrade_store(old_url)
    after = peek(old_url)
    (row,) = after["enrolments"]
    assert row["stage_since"] == row["moved_at"] == row["started_at"]
    assert (row["next_kind"], row["lock_due_at"], row["locked_by"], row["gaps"]) == ("", None, "", "[]")
    assert {row["task"]: (row["done_at"] is None, row["closed_as"]) for row in after["tasks"]} == {
        "call-maria": (True, ""),
        "write-maria": (False, "done"),
    }
    assert after["loads"] == before.get("loads", [{"account": "summit", "member": "dana", "open": 1}])
    woken = {(row["account"], row["lead"]): row["wake_at"] for row in before["leads"]}
    if "loads" not in before:
        (maria,) = (row for row in before["leads"] if (row["account"], row["lead"]) == ("summit", "maria"))
        woken["summit", "maria"] = maria["updated_at"]  # the one that is in flight
    assert {(row["account"], row["lead"]): row["wake_at"] for row in after["leads"]} == woken


def test_an_upgrade_knows_of_every_version_when_it_was_last_published(old_url):
    before = peek(old_url)
    upgrade_store(old_url)
    after = peek(old_url)
    published = {(row["playbook"], row["digest"]): row["published_at"] for row in before["versions"]}
    assert {(row["playbook"], row["digest"]): row["at"] for row in after["publications"]} == published


def test_upgraded_tables_are_as_tables_made_anew(old_url, new_url):
    upgrade_store(old_url)
    with open_store(old_url) as store, store.read() as session:
        context = MigrationContext.configure(session.connection, opts={"version_table": schema.VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []
        upgraded = shape(session)
    with open_store(new_url()) as store, store.read() as session:
        assert upgraded == shape(session)


def test_an_upgraded_database_works(old_url, make):
    upgrade_store(old_url)
    with open_store(old_url) as store, store.write() as session:
        assert {row.lead for row in leads.listing(session, "summit")} == {"maria", "bob"}
        assert events.append(session, "summit", {"maria": [make.event("reply", key="SM1")]}) == 0, "known"
        assert events.append(session, "summit", {"maria": [make.event("reply", key="SM2")]}) == 1
        assert [row.touch for row in outbox.listing(session, "summit", OutboxFilter(state="sent"))] == ["instant"]
        outbox.claim(session, "summit", [make.touch(touch="day-9")])


def test_an_older_database_is_not_used_and_not_touched(old_url):
    before = peek(old_url)
    for create in (False, True):
        with pytest.raises(StoreError, match="made by an older cadence"):
            open_store(old_url, create=create)
    assert peek(old_url) == before


def test_upgrading_what_is_new_or_empty_is_no_error(blank_url):
    if blank_url.startswith("sqlite"):
        with pytest.raises(StoreError, match="there is no database"):
            upgrade_store(blank_url)
        open_store(blank_url, create=True).close()
    else:
        assert upgrade_store(blank_url) == ("", schema.HEAD)
    assert upgrade_store(blank_url) == (schema.HEAD, schema.HEAD)


def test_an_upgrade_that_fails_half_way_leaves_the_database_as_it_was(old_url, monkeypatch):
    before = peek(old_url)
    upgrade = schema.upgrade

    def upgrade_and_fail(connection):
        upgrade(connection)
        connection.exec_driver_sql("SELECT no_such_thing")

    monkeypatch.setattr(schema, "upgrade", upgrade_and_fail)
    with pytest.raises((StoreError, SQLAlchemyError)):
        upgrade_store(old_url)
    monkeypatch.undo()
    assert peek(old_url) == before
    upgrade_store(old_url)


def upgrade_at(url, start, answers):
    start.wait(60)
    answers.put(upgrade_store(url))


@pytest.mark.parametrize("programs", [3])
def test_programs_that_upgrade_at_once_do_not_collide(blank_url, programs):
    make_at(blank_url, EARLIER[0])
    start, answers = SPAWN.Barrier(programs), SPAWN.Queue()
    workers = [SPAWN.Process(target=upgrade_at, args=(blank_url, start, answers)) for _ in range(programs)]
    for worker in workers:
        worker.start()
    got = sorted(answers.get(timeout=60) for _ in workers)
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    assert got == [(EARLIER[0], schema.HEAD), *[(schema.HEAD, schema.HEAD)] * (programs - 1)], "one of them did it"
    open_store(blank_url).close()
