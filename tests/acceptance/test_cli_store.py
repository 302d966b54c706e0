"""Looking after the database: upgrade, check, backup; and a shop whose database is on a PostgreSQL server."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest

from cadence.store import schema
from support.past import make_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Shop

MARIA = ("leads", "add", "name=Maria Lopez", "phone=816-555-0142", "zip=64110", "trade=roofing")
NOW = ("--now", "2026-11-24T13:10")


@pytest.fixture
def shop(make_shop: Callable[..., Shop]) -> Shop:
    """A shop that knows one lead."""
    shop = make_shop("roofer")
    shop.run(*MARIA, *NOW)
    return shop


def spoil(shop: Shop, statement: str) -> None:
    with closing(sqlite3.connect(shop.folder / "cadence.db")) as raw:
        raw.execute(statement)
        raw.commit()


# -- check


def test_a_sound_database_passes(shop: Shop) -> None:
    answer = shop.run("store", "check")
    assert answer.out.splitlines()[0] == f"{shop.folder}/cadence.db, revision {schema.HEAD}"
    assert "leads 1" in answer.out
    assert answer.out.endswith("no faults\n")
    assert answer.err == ""
    data = shop.run("store", "check", "--json").data
    assert (data["revision"], data["rows"]["leads"], data["findings"]) == (schema.HEAD, 1, [])


def test_a_bad_row_is_named_by_its_lead_and_not_repeated(shop: Shop) -> None:
    spoil(shop, "UPDATE leads SET attributes = 'call 816-555-0142', created_at = 'today'")
    answer = shop.run("store", "check", expect=1)
    faults = [line for line in answer.out.splitlines() if line.startswith("fault: leads, lead maria-lopez-")]
    assert [line.rpartition(": ")[2] for line in faults] == ["attributes is no JSON", "created_at is no instant"]
    assert "555" not in answer.out + answer.err
    assert "backup" in answer.err
    findings = shop.run("store", "check", "--json", expect=1).data["findings"]
    assert {finding["lead"].rpartition("-")[0] for finding in findings} == {"maria-lopez"}


def test_without_a_database_there_is_nothing_to_look_after(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    for words in (("check",), ("upgrade",), ("backup", "copy.db")):
        assert "there is no database at" in shop.run("store", *words, expect=1).err
    assert not (shop.folder / "cadence.db").exists()


# -- backup


def test_a_backup_is_a_database_of_its_own(shop: Shop) -> None:
    copy = shop.folder / "copy.db"
    assert "checked" in shop.run("store", "backup", str(copy)).out
    shop.run("leads", "add", "name=Tom Becker", "phone=913-555-0117", "trade=roofing", *NOW)
    there = {"CADENCE_STORE": f"sqlite:///{copy}"}
    assert len(shop.run("leads", "list", "--json", env=there).data) == 1
    assert len(shop.run("leads", "list", "--json").data) == 2


def test_a_backup_replaces_nothing(shop: Shop) -> None:
    (shop.folder / "copy.db").write_text("precious")
    assert "already" in shop.run("store", "backup", str(shop.folder / "copy.db"), expect=1).err
    assert (shop.folder / "copy.db").read_text() == "precious"


# -- upgrade


def test_what_is_up_to_date_is_left_alone(shop: Shop) -> None:
    assert "nothing to do" in shop.run("store", "upgrade").out
    assert sorted(path.name for path in shop.folder.glob("cadence*.db")) == ["cadence.db"]


@pytest.mark.parametrize("first", schema.REVISIONS[:-1])
def test_an_older_database_is_refused_until_it_is_upgraded(make_shop: Callable[..., Shop], first: str) -> None:
    shop = make_shop("roofer")
    make_at(f"sqlite:///{shop.folder}/cadence.db", first)
    before = (shop.folder / "cadence.db").read_bytes()
    for words in (("tick",), MARIA):
        answer = shop.run(*words, expect=1)
        assert "made by an older cadence" in answer.err
        assert "cadence store upgrade" in answer.err
    assert (shop.folder / "cadence.db").read_bytes() == before

    answer = shop.run("store", "upgrade")

    copy = shop.folder / f"cadence.before-{schema.HEAD}.db"
    assert answer.out.splitlines() == [
        f"kept a copy as it was: {copy}",
        f"{shop.folder}/cadence.db upgraded from {first} to {schema.HEAD}",
    ]
    assert len(shop.run("leads", "list", "--json").data) == 2
    assert shop.run("store", "check").out.endswith("no faults\n")
    with closing(sqlite3.connect(copy)) as raw:
        assert raw.execute("SELECT version_num FROM cadence_version").fetchall() == [(first,)]


def test_an_upgrade_keeps_no_copy_when_told_so(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    make_at(f"sqlite:///{shop.folder}/cadence.db", schema.REVISIONS[0])
    shop.run("store", "upgrade", "--no-backup")
    assert [path.name for path in shop.folder.glob("*.db")] == ["cadence.db"]


def test_a_newer_database_is_not_touched(shop: Shop) -> None:
    spoil(shop, "UPDATE cadence_version SET version_num = '9999'")
    before = (shop.folder / "cadence.db").read_bytes()
    for words in (("store", "upgrade"), ("store", "check"), ("tick",)):
        assert "made by a newer cadence; nothing in it was touched" in shop.run(*words, expect=1).err
    assert (shop.folder / "cadence.db").read_bytes() == before


# -- PostgreSQL


def test_a_shop_works_the_same_with_its_database_on_a_server(
    make_shop: Callable[..., Shop], postgres_url: Callable[[], str]
) -> None:
    shop, url = make_shop("roofer"), postgres_url()
    there = {"CADENCE_STORE": url}

    assert shop.run("dry-run", "--days", "2", env=there).out, "an empty database is none: the samples are previewed"
    assert "holds nothing yet" in shop.run("leads", "list", env=there, expect=1).err
    shop.run(*MARIA, env=there)
    assert "1 lead looked at" in shop.run("tick", env=there).out
    assert shop.run("tick", env=there).out == "nothing due\n"
    assert shop.run("tick", env=there).out == "nothing due\n"
    assert len(shop.run("leads", "list", "--json", env=there).data) == 1
    assert shop.run("dry-run", "--days", "2", "--json", env=there).out
    assert shop.run("store", "check", env=there).out.endswith("no faults\n")
    assert "nothing to do" in shop.run("store", "upgrade", env=there).out
    assert not (shop.folder / "cadence.db").exists()
    with psycopg.connect(url) as raw:
        (runs,) = raw.execute("SELECT max(idle_runs) FROM ticks").fetchone()
        assert runs == 2, "idle ticks are recorded there, too"
        raw.execute("UPDATE leads SET attributes = '{'")
    assert "attributes is no JSON" in shop.run("store", "check", env=there, expect=1).out


def test_a_server_that_is_away_is_said_without_the_password(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    there = {"CADENCE_STORE": "postgresql://dana:s3cret@127.0.0.1:1/shop"}
    for words in (("tick",), ("leads", "list"), ("store", "upgrade")):
        answer = shop.run(*words, env=there, expect=1)
        assert "the database shop at 127.0.0.1 cannot be reached: no server answers there" in answer.err
        assert "s3cret" not in answer.err + answer.out


def test_a_servers_database_is_upgraded_and_its_backup_left_to_the_server(
    make_shop: Callable[..., Shop], postgres_url: Callable[[], str]
) -> None:
    shop, url = make_shop("roofer"), postgres_url()
    make_at(url, schema.REVISIONS[0])
    there = {"CADENCE_STORE": url}
    assert "made by an older cadence" in shop.run("tick", env=there, expect=1).err
    assert f"upgraded from {schema.REVISIONS[0]} to {schema.HEAD}" in shop.run("store", "upgrade", env=there).out
    assert len(shop.run("leads", "list", "--json", env=there).data) == 2
    assert (
        "pg_dump --format=custom --file=copy.dump" in shop.run("store", "backup", "copy.dump", env=there, expect=1).err
    )
