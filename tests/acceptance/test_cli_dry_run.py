"""What dry-run promises: the coming days as ticks will bring them, and nothing touched."""

from __future__ import annotations

import os
import pty
import re
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Shop

PROGRAM = Path(sys.executable).with_name("cadence")
KEYS = [
    "account", "lead", "playbook", "stage", "touch", "channel", "due_at", "at", "outcome", "reason", "line", "to",
    "subject", "body", "segments",
]  # fmt: skip
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
NOW = "2026-11-24T13:10"


def _two_leads(shop: Shop) -> None:
    rows = "name,phone,email,zip,trade,service,date received\n"
    rows += (
        f"Maria Lopez,816-555-0142,,64110,roofing,leak,{NOW}\nAnn Cole,816-555-0143,ann@example.com,64111,roofing,,\n"
    )
    (shop.folder / "list.csv").write_text(rows)
    shop.run("leads", "import", str(shop.folder / "list.csv"), "--now", NOW)


def _files(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_rows_are_a_promise_to_the_programs_that_read_them_and_nothing_is_written(
    make_shop: Callable[..., Shop],
) -> None:
    """Without a database the samples, with one everyone in flight; every instant is UTC; no file changes."""
    shop = make_shop("roofer")
    samples = shop.run("dry-run", "--days", "1", "--json").data
    assert {row["lead"] for row in samples} >= {"maria", "tom", "elena"}
    assert not (shop.folder / "cadence.db").exists()
    shop.run("tick", "--now", "2026-11-24T13:00")
    _two_leads(shop)
    before = _files(shop.folder)
    rows = shop.run("dry-run", "--start", NOW, "--json").data
    one = shop.run("dry-run", "--start", NOW, "--json", "--lead", rows[0]["lead"]).data

    assert _files(shop.folder) == before
    assert {row["lead"].rpartition("-")[0] for row in rows} == {"maria-lopez", "ann-cole"}
    assert one == [row for row in rows if row["lead"] == rows[0]["lead"]]
    for row in (*samples, *rows):
        assert list(row) == KEYS
        assert INSTANT.fullmatch(row["at"])
        assert row["due_at"] is None or INSTANT.fullmatch(row["due_at"])
        assert row["outcome"] in ("sent", "waits", "skipped", "stopped", "failed")
        assert row["line"] > 0
    texts = [row for row in rows if (row["channel"], row["outcome"]) == ("sms", "sent")]
    assert all(row["to"].startswith("+1816") and row["body"] and row["segments"] for row in texts)
    emails = [row for row in samples if (row["channel"], row["outcome"]) == ("email", "sent")]
    assert all("@" in row["to"] and row["subject"] for row in emails)
    assert len(emails) > 0


def test_what_dry_run_predicts_is_what_the_ticks_then_do(make_shop: Callable[..., Shop]) -> None:
    """Touch by touch, to the minute, text and all, over the first day."""
    shop = make_shop("roofer")
    _two_leads(shop)
    predicted = shop.run("dry-run", "--days", "1", "--start", NOW, "--json").data
    at, end = datetime(2026, 11, 24, 19, 10), datetime(2026, 11, 25, 15, 20)  # noqa: DTZ001 - UTC, as the database writes
    database = sqlite3.connect(shop.folder / "cadence.db")
    ticks = 0
    while at < end:
        shop.run("tick", "--now", f"{at.isoformat()}+00:00")
        ticks += 1
        (wake,) = database.execute("SELECT min(wake_at) FROM leads").fetchone()
        following = datetime.fromisoformat(wake.removesuffix("Z"))
        at = max(at + timedelta(minutes=1), following + timedelta(seconds=-following.second % 60))
    done = database.execute(
        "SELECT lead, touch, channel, due_at, decided_at, state, reason, address, subject, body, segments FROM outbox "
        "WHERE lead IS NOT NULL"
    ).fetchall()
    database.close()

    until = f"{end.isoformat()}Z"
    expected = [
        tuple(
            row[key]
            for key in (
                "lead",
                "touch",
                "channel",
                "due_at",
                "at",
                "outcome",
                "reason",
                "to",
                "subject",
                "body",
                "segments",
            )
        )
        for row in predicted
        if row["outcome"] != "waits" and row["at"] < until
    ]
    assert sorted(done, key=str) == sorted(expected, key=str)
    assert len([row for row in done if row[5] == "sent"]) >= 6
    assert ticks < 20


def test_a_list_is_previewed_as_its_import_would_go_and_rows_left_out_are_named(make_shop: Callable[..., Shop]) -> None:
    """How many cannot be used and why, who is there twice, whom no playbook takes: on standard error."""
    shop = make_shop("roofer")
    rows = shop.folder / "list.csv"
    rows.write_text(
        "name,phone,zip,trade\n"
        "Ann Cole,816-555-0111,,roofing\n"
        "Bob Ray,12,64110,roofing\n"
        "Cy Dee,816-555-0112,64110,gutters\n"
        "Ann Cole,816-555-0111,80202,\n"
    )
    answer = shop.run("dry-run", "--leads", str(rows), "--start", NOW, "--json")

    assert "note: 1 of 4 rows cannot be used\n" in answer.err
    assert "note: row 3 is left out: the phone (column 'phone', row 3) has only 2 digits" in answer.err
    assert "note: 1 row is about people in earlier rows\n" in answer.err
    assert "note: 1 lead that no playbook takes: check what enroll_if asks for\n" in answer.err
    assert {row["lead"].rpartition("-")[0] for row in answer.data} == {"ann-cole"}
    call = next(row for row in answer.data if row["touch"] == "first-call")
    assert "80202" in call["body"], "what the later row says is known"
    assert not (shop.folder / "cadence.db").exists()


def test_a_samples_page_may_be_previewed_instead(make_shop: Callable[..., Shop]) -> None:
    """Its own start holds; a fault in it is shown with its line."""
    shop = make_shop("roofer", "hvac")
    page = shop.folder / "mine.yml"
    page.write_text(
        'cadence: 1\nsamples_of: roofer\nstart: "2026-11-24T13:10"\nleads:\n'
        '  - lead: {id: zoe, name: Zoe Ray, phone: "+18165550190", zip: "64110", trade: roofing}\n'
    )
    rows = shop.run("dry-run", "roofer", "--leads", str(page), "--json").data
    page.write_text(page.read_text().replace("lead:", "laed:"))
    faulty = shop.run("dry-run", "--leads", str(page), expect=1)

    assert rows[0]["at"] == "2026-11-24T19:10:00Z"
    assert {row["lead"] for row in rows} == {"zoe"}
    assert "mine.yml:5:" in faulty.err
    assert faulty.out == ""


def test_calendars_and_spreadsheets_are_written_where_asked(make_shop: Callable[..., Shop]) -> None:
    """Three files of one preview; a place that cannot be written is named."""
    shop = make_shop("roofer")
    page, calendar, sheet = (shop.folder.parent / f"week.{ending}" for ending in ("html", "ics", "csv"))
    wrote = shop.run("dry-run", "--days", "2", "--html", str(page), "--ics", str(calendar), "--csv", str(sheet))
    refused = shop.run("dry-run", "--days", "1", "--html", "/proc/week.html", expect=1)

    assert wrote.out == ""
    assert wrote.err == f"wrote {page}\nwrote {calendar}\nwrote {sheet}\n"
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert calendar.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    assert "maria" in sheet.read_text(encoding="utf-8-sig")
    assert refused.err.startswith("cadence: cannot write /proc/week.html: ")


def test_a_long_preview_shows_its_progress_on_a_terminal_only(make_shop: Callable[..., Shop]) -> None:
    """A pipe gets data and no bar; 300 leads for a week take seconds."""
    shop = make_shop("roofer")
    rows = [f"Lead {n},816-555-{n:04d},64110,roofing" for n in range(100, 400)]
    (shop.folder / "list.csv").write_text("name,phone,zip,trade\n" + "\n".join(rows))
    words = [str(PROGRAM), "-C", str(shop.folder), "dry-run", "--leads", str(shop.folder / "list.csv"), "--start", NOW]
    terminal, slave = pty.openpty()
    with (shop.folder / "rows.json").open("w") as rows_file:
        shown = subprocess.Popen([*words, "--json"], stdout=rows_file, stderr=slave)
    os.close(slave)
    bar = _all_of(terminal)
    code = shown.wait(timeout=120)
    piped = shop.run(*words[3:], "--json", "--days", "1")

    assert code == 0
    assert "previewing" in bar
    assert "100%" in bar
    assert "previewing" not in (shop.folder / "rows.json").read_text()
    assert len({row["lead"] for row in piped.data}) == 300
    assert piped.err == ""


def _all_of(terminal: int) -> str:
    """Read what is shown on a terminal until the program there ends."""
    shown = b""
    try:
        while part := os.read(terminal, 65536):
            shown += part
    except OSError:  # Linux says so when nobody writes any more
        pass
    os.close(terminal)
    return shown.decode()


def test_only_the_playbooks_asked_for_are_previewed(make_shop: Callable[..., Shop]) -> None:
    """From a database too, where one person may have a job in each."""
    shop = make_shop("roofer", "plumber")
    shop.run("leads", "add", "id=maria", "phone=816-555-0142", "trade=roofing", "--now", NOW)
    shop.run("leads", "add", "id=sam", "phone=816-555-0143", "trade=plumbing", "--now", NOW)

    assert {row["lead"] for row in shop.run("dry-run", "plumber", "--start", NOW, "--json").data} == {"sam"}
    assert "did you mean 'plumber'?" in shop.run("dry-run", "plumer", expect=2).err
