"""The database busy, full, read-only, of another version: a plain sentence, no call without a claim, all goes later."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cadence.errors import StoreError
from cadence.runner.steps import Step
from cadence.store.store import open_store
from support.desk import minutes, open_desk
from support.full_disk import LEADS
from support.lab import Provider, texts_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.desk import Desk
    from support.lab import Lab

PROGRAM = Path(sys.executable).with_name("cadence")
TESTS = Path(__file__).parents[1]
ONE = "id: hello, send: now"
NOON = "2026-11-24T13:11"


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CADENCE_")}
    return subprocess.run(
        [PROGRAM, "-C", folder, *words], capture_output=True, text=True, env=clean, timeout=120, check=False
    )


def ask(folder: Path, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "cadence.db")) as raw:
        return raw.execute(question).fetchall()


# -- busy

HOLD = """
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
held.execute("ROLLBACK")
"""


@contextmanager
def another_program_writes(folder: Path, seconds: float) -> Iterator[None]:
    """Have another process write to the database for so long, or until the end of the ``with``."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder / "cadence.db"), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
    finally:
        holder.kill()
        holder.communicate()


def test_a_database_that_another_program_writes_to_for_a_second_is_waited_for(desk: Desk) -> None:
    desk.add("maria", "+18165550142")
    with another_program_writes(desk.root, 1.0):
        began = time.monotonic()
        done = run(desk.root, "tick", "--now", NOON)
        took = time.monotonic() - began

    assert (done.returncode, done.stderr) == (0, "")
    assert "1 sms" in done.stdout
    assert took >= 0.5


def test_a_database_that_stays_busy_ends_the_tick_with_a_sentence_and_the_next_does_it_all(desk: Desk) -> None:
    """Nothing is claimed; whoever looks at the exit code knows."""
    desk.add("maria", "+18165550142")
    with another_program_writes(desk.root, 60.0):
        refused = run(desk.root, "tick", "--now", NOON)
    claimed = ask(desk.root, "SELECT * FROM outbox")
    after = run(desk.root, "tick", "--now", "2026-11-24T13:12")

    assert (refused.returncode, refused.stdout, claimed, desk.texts().count("--- ")) == (1, "", [], 1)
    said, remedy = refused.stderr.splitlines()
    assert said.endswith("is busy: another program is writing to it and did not finish in time")
    assert remedy.startswith("  help: ")
    assert (after.returncode, "1 sms" in after.stdout) == (0, True)


@pytest.mark.parametrize("moment", [Step.BEFORE_CALL, Step.AFTER_CALL])
def test_a_database_that_is_busy_when_results_come_in_loses_none_of_them(lab: Lab, moment: Step) -> None:
    """The answers are known to nobody, so the provider is asked: each text went once."""
    lab.write_page(texts_page(ONE))
    lab.add(10)
    lab.provider = Provider(workers=1)
    held = threading.Event()
    with open_store(f"sqlite:///{lab.desk.root}/cadence.db", wait=0.2) as impatient:
        lab.desk = replace(lab.desk, account=replace(lab.desk.account, store=impatient))
        with closing(
            sqlite3.connect(lab.desk.root / "cadence.db", isolation_level=None, check_same_thread=False)
        ) as raw:

            def watch(step: Step) -> None:
                if step is moment and not held.is_set():
                    held.set()
                    raw.execute("BEGIN IMMEDIATE")

            with pytest.raises(StoreError, match="is busy"):
                lab.tick(minutes(1), watch=watch)
            raw.execute("ROLLBACK")
        while lab.provider.calls[-1:] != (last := lab.provider.calls[-1:]) or time.sleep(0.2):
            assert last
        after = lab.ticks(minutes(4), 8)

    assert lab.states() == {"sent": 10}
    assert lab.provider.twice == []
    assert sum(report.reconciled.interrupted for report in after) > 0


# -- full


@pytest.fixture
def disk(how: str, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A small file system; where none may be mounted, a limit on files serves for it."""
    mounted = how == "small" and (
        shutil.which("mount") is not None
        and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", tmp_path], capture_output=True, check=False
        ).returncode == 0
    )  # fmt: skip
    try:
        yield ("small" if mounted else "limit"), tmp_path
    finally:
        if mounted:
            subprocess.run(["umount", tmp_path], check=True)


@pytest.mark.parametrize(
    ("how", "moment"),
    [
        ("small", "at the claim"),
        ("small", "before the results are committed"),
        ("limit", "before the claim is committed"),
        ("limit", "under a call"),
    ],
)
def test_a_full_disk_lets_nothing_go_that_is_not_claimed_and_loses_nothing_that_went(
    disk: tuple[str, Path], how: str, moment: str
) -> None:
    how, folder = disk
    script = [sys.executable, "-m", "support.full_disk", str(folder)]

    def happened(*words: str, told: str = "") -> dict[str, Any]:
        done = subprocess.run(
            [*script, *words], capture_output=True, text=True, input=told, cwd=TESTS, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    full = happened(how, moment)
    after = happened(told=json.dumps(full["has"]))

    assert ("the disk is full" if how == "small" else "the disk answered with an error") in full["refused"]
    called = LEADS if moment in ("under a call", "before the results are committed") else 0
    assert (full["calls"], full["states"].get("claimed", 0)) == (called, called), "no call without a committed claim"
    assert (after["integrity"], after["interrupted"], after["found"]) == ("ok", called, called)
    assert after["states"] == {"sent": LEADS}
    assert sorted(after["has"].values()) == [1] * LEADS


# -- read-only

AS_AN_ORDINARY_USER = """
import os, sys
from contextlib import suppress
from cadence.cli.main import main
shop, warm = sys.argv[1:]
sys.argv = ["cadence", "-C", warm, "tick", "--now", "2026-11-24T13:11"]
with suppress(SystemExit), open(os.devnull, "w") as sys.stdout:
    main()  # loads what an ordinary user may not, where Python itself is root's
sys.stdout = sys.__stdout__
if os.getuid() == 0:  # root may write everywhere
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
sys.argv[2] = shop
main()
"""


@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o777), (0o666, 0o555)], ids=["file", "folder"])
def test_a_database_that_may_only_be_read_lets_nothing_go(file_mode: int, folder_mode: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "shop"
        with open_desk(folder) as desk:
            desk.add("maria", "+18165550142")
        Path(name).chmod(0o755)
        shutil.copytree(folder, Path(name) / "warm")
        (folder / "cadence.db").chmod(file_mode)
        folder.chmod(folder_mode)

        script = [sys.executable, "-c", AS_AN_ORDINARY_USER, str(folder), str(Path(name) / "warm")]
        refused = subprocess.run(script, capture_output=True, text=True, cwd="/", timeout=60, check=False)
        claimed = ask(folder, "SELECT * FROM outbox")
        folder.chmod(0o777)
        for file in folder.glob("cadence.db*"):
            file.chmod(0o666)
        after = run(folder, "tick", "--now", NOON)

    assert (refused.returncode, refused.stdout, claimed) == (1, "", [])
    assert "can be read but not written" in refused.stderr.splitlines()[0]
    assert len(refused.stderr.splitlines()) == 2
    assert (after.returncode, "1 sms" in after.stdout) == (0, True), after


# -- another version


def set_revision(folder: Path, revision: str) -> str:
    """Say that the tables are of another revision; return of which they were."""
    with closing(sqlite3.connect(folder / "cadence.db", timeout=10)) as raw, raw:
        before: str = raw.execute("SELECT version_num FROM cadence_version").fetchone()[0]
        raw.execute("UPDATE cadence_version SET version_num = ?", (revision,))
    return before


@pytest.mark.parametrize("moment", [Step.AFTER_CLAIM, Step.BEFORE_CALL, Step.AFTER_CALL, Step.AFTER_COMMIT])
def test_a_tick_whose_database_is_upgraded_under_it_stops_and_touches_nothing_more(lab: Lab, moment: Step) -> None:
    """What was claimed stays claimed; the newer program finds out what became of it."""
    lab.write_page(texts_page(ONE))
    lab.add(30)
    lab.provider = Provider(workers=1)
    moved: list[str] = []

    def watch(step: Step) -> None:
        if step is moment and not moved:
            moved.append(set_revision(lab.desk.root, "9999"))

    with pytest.raises(StoreError, match="made by a newer cadence; nothing in it was touched"):
        lab.tick(minutes(1), watch=watch)
    seen = ask(lab.desk.root, "SELECT state, count(*) FROM outbox GROUP BY state")
    time.sleep(0.2)
    again = ask(lab.desk.root, "SELECT state, count(*) FROM outbox GROUP BY state")
    set_revision(lab.desk.root, moved[0])
    lab.ticks(minutes(4), 8)

    assert seen == again
    assert lab.states() == {"sent": 30}
    assert lab.provider.twice == []


@pytest.mark.parametrize(
    "words",
    [("tick",), ("tick", "--now", NOON), ("tick", "--release"), ("leads", "list"), ("pause",), ("outbox", "list")],
    ids=" ".join,
)
def test_an_older_program_says_so_at_a_newer_database_and_touches_nothing(desk: Desk, words: tuple[str, ...]) -> None:
    desk.add("maria", "+18165550142")
    set_revision(desk.root, "9999")
    desk.account.store.close()
    before = (desk.root / "cadence.db").read_bytes()
    refused = run(desk.root, *words)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert "was made by a newer cadence; nothing in it was touched" in refused.stderr
    assert "install the newer version" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert (desk.root / "cadence.db").read_bytes() == before
