"""Backups: whole, proved, new files only; taken while others write."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cadence.errors import StoreError
from cadence.store import accounts, events, leads
from cadence.store.backup import backup, spare_name
from cadence.store.store import open_store
from support.past import read_tables


@pytest.fixture
def url(new_sqlite_url, make):
    address = new_sqlite_url()
    with open_store(address) as store, store.write() as session:
        accounts.ensure(session, "summit", make.now)
        leads.add(session, "summit", [make.lead(f"lead-{number:04}") for number in range(500)])
    return address


def rows(url):
    with open_store(url) as store, store.read() as session:
        return read_tables(session)


def test_a_backup_is_one_file_with_everything_in_it(url, tmp_path):
    size = backup(url, tmp_path / "copy.db")
    assert [entry.name for entry in tmp_path.iterdir()] == ["copy.db"]
    assert size == (tmp_path / "copy.db").stat().st_size
    assert rows(f"sqlite:///{tmp_path}/copy.db") == rows(url)


def test_a_backup_is_private_when_the_database_is(url, tmp_path):
    Path(url.removeprefix("sqlite:///")).chmod(0o600)
    backup(url, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


def test_backups_taken_while_ticks_write_hold_whole_sessions(url, tmp_path, make):
    done = threading.Event()
    writes = []

    def write():
        with open_store(url) as store:
            while not done.is_set():
                with store.write() as session:  # two entries, never one
                    events.append(session, "summit", {"lead-0001": [make.event()], "lead-0002": [make.event()]})
                writes.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            before = len(writes)
            backup(url, tmp_path / f"{number}.db")
            while len(writes) == before:
                done.wait(0.001)
    finally:
        done.set()
        writer.join(10)
    for number in range(5):
        with open_store(f"sqlite:///{tmp_path}/{number}.db") as store, store.read() as session:
            logs = events.of_leads(session, "summit", ["lead-0001", "lead-0002"])
            assert len(logs["lead-0001"]) == len(logs["lead-0002"])


def test_a_backup_waits_for_nobody_who_writes(url, tmp_path, make):
    with open_store(url) as store, store.write() as session:
        leads.add(session, "summit", [make.lead("new")])
        backup(url, tmp_path / "copy.db")
    with open_store(f"sqlite:///{tmp_path}/copy.db") as copy, copy.read() as session:
        assert leads.get(session, "summit", "new") is None, "it was not committed"


def test_a_backup_never_replaces_a_file(url, tmp_path):
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(StoreError, match="already"):
        backup(url, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"
    (tmp_path / "link.db").symlink_to(tmp_path / "nowhere")
    with pytest.raises(StoreError, match="already"):
        backup(url, tmp_path / "link.db")
    assert len(list(tmp_path.iterdir())) == 2


def test_of_a_damaged_database_no_backup_is_kept(url, tmp_path):
    path = Path(url.removeprefix("sqlite:///"))
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xa5" * 20000)
    with pytest.raises(StoreError, match="damaged"):
        backup(url, tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_is_not_copied(tmp_path):
    with pytest.raises(StoreError, match="there is no database"):
        backup(f"sqlite:///{tmp_path}/cadence.db", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_not_there_is_said(url, tmp_path):
    with pytest.raises(StoreError, match="there is no folder"):
        backup(url, tmp_path / "nowhere" / "copy.db")


ON_A_SMALL_DISK = """
import resource, sys
from pathlib import Path
from cadence.errors import StoreError
from cadence.store.backup import backup
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
try:
    backup(sys.argv[1], Path(sys.argv[2]))
except StoreError as refusal:
    print(refusal, "--", refusal.help)
"""


def test_where_there_is_no_space_nothing_is_left(url, tmp_path):
    words = [sys.executable, "-c", ON_A_SMALL_DISK, url, str(tmp_path / "copy.db")]
    answer = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "copy.db" in answer.stdout
    assert "disk" in answer.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_server_is_asked_to_copy_itself_and_the_password_is_not_repeated(tmp_path):
    url = "postgresql://dana:s3cret@db.example.com:5433/shop"
    with pytest.raises(StoreError, match="PostgreSQL server") as refusal:
        backup(url, tmp_path / "copy.dump")
    assert refusal.value.help == (
        f"pg_dump --format=custom --file={tmp_path}/copy.dump --host=db.example.com --port=5433 --username=dana "
        "--dbname=shop"
    )


def test_a_spare_name_is_one_that_is_free(url):
    path = Path(url.removeprefix("sqlite:///"))
    assert spare_name(url, "before-0002") == path.with_name("cadence.before-0002.db")
    path.with_name("cadence.before-0002.db").touch()
    assert spare_name(url, "before-0002") == path.with_name("cadence.before-0002-2.db")
