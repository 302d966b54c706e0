"""The SQLite file: made on purpose only, kept safe, refused in plain words and left as it was."""

import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from cadence.errors import StoreError
from cadence.store import accounts, events, leads, schema
from cadence.store.store import open_store


@pytest.fixture
def empty_path(new_sqlite_url, make):
    """A database that knows an account."""
    with open_store(url := new_sqlite_url()) as store, store.write() as session:
        accounts.ensure(session, "summit", make.now)
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture
def store(empty_path):
    """The same, open."""
    with open_store(f"sqlite:///{empty_path}") as opened:
        yield opened


@pytest.fixture
def path(empty_path, make):
    """A database with something in it, closed."""
    with open_store(f"sqlite:///{empty_path}") as store, store.write() as session:
        leads.add(session, "summit", [make.lead(f"lead-{number:04}") for number in range(2000)])
    return empty_path


def refused(path, **options):
    with pytest.raises(StoreError) as refusal:
        open_store(f"sqlite:///{path}", **options).close()
    assert refusal.value.help, "every refusal says what to do"
    return f"{refusal.value}; {refusal.value.help}"


# -- opening and making


def test_a_missing_database_is_never_made_by_accident(tmp_path):
    assert "there is no database at" in (said := refused(tmp_path / "cadence.db"))
    assert "cadence leads add" in said
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_vanishes_while_open_is_not_made_anew(store, empty_path):
    store.close()
    empty_path.unlink()
    with pytest.raises(StoreError, match="cannot be opened"), store.read():
        raise AssertionError("opened")
    assert not empty_path.exists()


def test_a_database_is_made_on_request_and_opened_again_as_it_is(tmp_path, make, capfd):
    url = f"sqlite:///{tmp_path}/100%? of #odd names.db"
    with open_store(url, create=True) as store, store.write() as session:
        accounts.ensure(session, "summit", make.now)
    with open_store(url, create=True) as store, store.read() as session:
        assert accounts.names(session) == ["summit"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["100%? of #odd names.db"]
    assert capfd.readouterr() == ("", ""), "making it is quiet"


def test_a_missing_folder_is_not_made(tmp_path):
    assert "no folder" in refused(tmp_path / "nowhere" / "cadence.db", create=True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_not_a_database(tmp_path):
    assert "is a folder" in refused(tmp_path, create=True)


def test_an_empty_file_is_no_database_until_it_is_made_one(tmp_path):
    (tmp_path / "cadence.db").touch()
    assert "holds nothing yet" in refused(tmp_path / "cadence.db")
    open_store(f"sqlite:///{tmp_path}/cadence.db", create=True).close()
    open_store(f"sqlite:///{tmp_path}/cadence.db").close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://dana:secret@host/cadence", "'mysql' is not known"),
        ("cadence.db", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_an_address_that_is_no_sqlite_file_is_refused_without_repeating_it(url, said):
    with pytest.raises(StoreError, match=said) as refusal:
        open_store(url, create=True)
    assert "secret" not in str(refusal.value) + refusal.value.help
    assert "sqlite:///path/to/cadence.db" in refusal.value.help


def test_a_relative_path_is_taken_from_here_and_stays_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_store("sqlite:///cadence.db", create=True) as store:
        monkeypatch.chdir("/")
        with store.read() as session:
            assert accounts.names(session) == []
        assert store.name == str(tmp_path / "cadence.db")


# -- strangers


@pytest.mark.parametrize("create", [False, True])
def test_a_file_that_is_no_database_is_refused_untouched(tmp_path, create):
    (tmp_path / "leads.csv").write_text("name,phone\n" * 200)
    assert "is not a database" in refused(tmp_path / "leads.csv", create=create)
    assert (tmp_path / "leads.csv").read_text() == "name,phone\n" * 200


@pytest.mark.parametrize("create", [False, True])
def test_a_database_of_another_program_is_refused_untouched(tmp_path, create):
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE customers (name)")
    before = (tmp_path / "other.db").read_bytes()
    assert "another program" in refused(tmp_path / "other.db", create=create)
    assert (tmp_path / "other.db").read_bytes() == before


@pytest.mark.parametrize("create", [False, True])
def test_a_database_made_by_a_newer_cadence_is_refused_untouched(path, create):
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE cadence_version SET version_num = '9999'")
        raw.commit()
    before = path.read_bytes()
    assert "made by a newer cadence" in refused(path, create=create)
    assert path.read_bytes() == before


def test_a_database_made_by_an_older_cadence_says_how_to_go_on(path, monkeypatch):
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "9000"))
    monkeypatch.setattr(schema, "HEAD", "9000")
    before = path.read_bytes()
    for create in (False, True):
        assert "made by an older cadence" in (said := refused(path, create=create))
        assert "cadence store upgrade" in said
        assert path.read_bytes() == before


# -- settings


def test_what_is_committed_survives_a_power_cut_and_readers_do_not_wait(store):
    with store.read() as session:
        asked = {name: session.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in SETTINGS}
    assert asked == SETTINGS


SETTINGS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_a_database_restored_without_wal_gets_it_back(path):
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    with open_store(f"sqlite:///{path}") as store, store.read() as session:
        assert session.connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_a_database_restored_without_wal_that_is_being_read_is_busy(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode = DELETE")
        raw.execute("BEGIN")
        raw.execute("SELECT count(*) FROM leads").fetchone()
        assert "is busy" in refused(path, wait=0.1)


# -- trouble


def test_a_database_that_another_program_keeps_to_itself_is_busy(path):
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA locking_mode = EXCLUSIVE")
        raw.execute("BEGIN IMMEDIATE")
        assert "is busy" in refused(path, wait=0.1)
        raw.execute("ROLLBACK")


def test_a_damaged_database_is_said_to_be_damaged(path, make):
    half = path.stat().st_size // 2
    with path.open("r+b") as file:
        file.seek(half)
        file.write(b"\xa5" * (path.stat().st_size - half))

    def look() -> None:
        with open_store(f"sqlite:///{path}") as store, store.read() as session:
            leads.listing(session, "summit", limit=5000)

    def change() -> None:
        with open_store(f"sqlite:///{path}") as store, store.write() as session:
            leads.wake_all(session, "summit", make.now)

    with pytest.raises(StoreError, match="is damaged") as refusal:
        look()
    assert "backup" in refusal.value.help
    with pytest.raises(StoreError, match="is damaged"):
        change()


def test_a_torn_header_is_refused(path):
    with path.open("r+b") as file:
        file.write(b"\x00" * 100)
    assert "is not a database, or it is damaged" in refused(path)


def test_a_full_disk_is_said_plainly_and_nothing_is_half_written(path, make):
    with open_store(f"sqlite:///{path}") as store:
        with pytest.raises(StoreError, match="the disk is full"), store.write() as session:  # noqa: PT012
            pages = session.connection.exec_driver_sql("PRAGMA page_count").scalar()
            session.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            events.append(session, "summit", {"maria": [make.event(data={"text": "x" * 1000})] * 2000})
        with store.read() as session:
            assert events.of_leads(session, "summit", ["maria"]) == {"maria": []}


AS_AN_ORDINARY_USER = """
import os, sys
import alembic.command
import cadence.store.dialects.sqlite
from cadence.errors import StoreError
from cadence.store import leads
from cadence.store.store import open_store
if os.getuid() == 0:  # root may write everywhere
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for create in (False, True):
    try:
        open_store("sqlite:///" + sys.argv[1], create=create).close()
    except StoreError as refusal:
        print(refusal, "--", refusal.help)
    else:
        print("opened")
"""


@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "said"),
    [
        (0o666, 0o777, "opened"),
        (0o444, 0o777, "not written"),
        (0o666, 0o555, "not written"),
        (0o000, 0o777, "may not be opened"),
    ],
    ids=["writable", "read-only file", "read-only folder", "private file"],
)
def test_a_database_that_may_not_be_written_is_refused(path, file_mode, folder_mode, said):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy = folder / "cadence.db"
        copy.write_bytes(path.read_bytes())
        copy.chmod(file_mode)
        folder.chmod(folder_mode)
        answer = subprocess.run(
            [sys.executable, "-c", AS_AN_ORDINARY_USER, str(copy)], capture_output=True, text=True, check=False, cwd="/"
        )
        folder.chmod(0o755)
    assert answer.stderr == ""
    assert [said in line for line in answer.stdout.splitlines()] == [True, True]


def test_a_new_database_cannot_be_made_where_one_may_not_write():
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o555)
        answer = subprocess.run(
            [sys.executable, "-c", AS_AN_ORDINARY_USER, f"{name}/cadence.db"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        assert list(Path(name).iterdir()) == []
    missing, unmakeable = answer.stdout.splitlines()
    assert "there is no database" in missing
    assert "cannot be opened" in unmakeable
