"""``cadence shadow``: other pages on what really happened."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from support.entry import call

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Answer, NearShop, Shop

TUESDAY, LATER = "2026-11-17", "2026-11-20T12:00"
SINCE = ("--since", "2026-11-16T00:00", "--now", LATER)
PAGE = """\
cadence: 1
playbook: roofer
title: Texts
description: A page for tests.
calendar: {business_hours: {mon-fri: "08:00-18:00"}}
send_windows: {sms: "08:00-20:00", email: "08:00-20:00"}
limits: {messages_per_day: 3, messages_per_week: 9, min_gap: 1m}
stop_on: [reply]
stages:
  new:
    title: New
    owner: csr
    enter_on: [lead.created]
    touches:
      - {id: hello, channel: sms, after: 10m, template: roofer/new/second-try}
      - {id: again, channel: sms, after: 3h, template: roofer/new/second-try}
      - {id: ring, channel: call, after: 1d, template: roofer/new/first-call}
    next: {lead.won: won, lead.lost: lost}
  won: {end: won}
  lost: {end: lost}
"""


def arrive(shop: Shop, lead: str, now: str) -> None:
    number = sum(map(ord, lead)) % 1000
    person = (f"name={lead.title()} Lopez", f"phone=816-555-{number:04}", f"id={lead}", "zip=64110")
    shop.run("leads", "add", "trade=roofing", *person, "--now", now)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, near: Callable[[Path], NearShop]) -> NearShop:
    """Three leads: one whom all goes to, one who answered, one who asked to stop; some ticks, and an outage."""
    folder = tmp_path_factory.mktemp("beside") / "shop"
    assert call(folder.parent, "init", str(folder), "--trade", "roofer").code == 0
    made = near(folder).tell_nobody()
    (folder / "playbooks" / "roofer.samples.yaml").unlink()
    (folder / "playbooks" / "roofer.yaml").write_text(PAGE, encoding="utf-8")
    arrive(made, "maria", f"{TUESDAY}T09:00")
    arrive(made, "drew", f"{TUESDAY}T09:00")
    made.tick(f"{TUESDAY}T09:10")
    made.run("event", "drew", "reply", "--data", "text=hello", "--now", f"{TUESDAY}T09:25")
    for minute in (20, 30, 40):
        made.tick(f"{TUESDAY}T09:{minute}")
    arrive(made, "ruth", f"{TUESDAY}T12:00")
    made.tick(f"{TUESDAY}T12:20")
    made.tick(f"{TUESDAY}T12:50")
    made.run("event", "ruth", "opt_out", "--now", f"{TUESDAY}T13:00")
    made.tick("2026-11-18T09:10")
    return made


def candidate(shop: NearShop, tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """Copy the pages elsewhere, and edit them."""
    folder = tmp_path / "candidate"
    folder.mkdir()
    for name in ("cadence.yaml", "playbooks", "templates", "schemas"):
        source = shop.folder / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    page = folder / "playbooks" / "roofer.yaml"
    text = page.read_text(encoding="utf-8")
    for was, now in changes:
        assert was in text
        text = text.replace(was, now)
    page.write_text(text, encoding="utf-8")
    return folder


def dump(shop: NearShop) -> list[str]:
    with closing(sqlite3.connect(shop.folder / "cadence.db")) as database:
        return list(database.iterdump())


def test_the_same_pages_make_no_difference_whatever_ticks_there_were(shop: NearShop, tmp_path: Path) -> None:
    """Outages too: the candidate is looked at by the ticks that there were. Nothing is written."""
    before = dump(shop)
    data = shop.run("shadow", str(candidate(shop, tmp_path)), *SINCE, "--json").data
    half_way = ("--since", f"{TUESDAY}T09:15", "--now", LATER)
    later = shop.run("shadow", str(tmp_path / "candidate"), *half_way, "--json").data

    assert data["totals"]["leads"] == 3
    assert (data["leads"], data["totals"]["kinds"]) == ([], {})
    assert later["leads"] == []
    assert [each["live"] for each in data["totals"]["channels"]] == [
        each["candidate"] for each in data["totals"]["channels"]
    ]
    assert dump(shop) == before


def test_each_difference_is_told_lead_by_lead_and_counted_by_touch(shop: NearShop, tmp_path: Path) -> None:
    changes = (
        ("id: hello, channel: sms, after: 10m", "id: hello, channel: sms, after: 40m"),
        (
            "      - {id: ring",
            "      - {id: extra, channel: sms, after: 3h30m, template: roofer/new/next-day}\n      - {id: ring",
        ),
        (
            ", channel: sms, after: 3h, template: roofer/new/second-try",
            ", channel: sms, after: 3h, template: roofer/new/next-day",
        ),
    )
    folder = candidate(shop, tmp_path, *changes)
    data = shop.run("shadow", str(folder), *SINCE, "--json").data
    found = {lead["lead"]: [(each["kind"], each["touch"]) for each in lead["changes"]] for lead in data["leads"]}

    assert found == {
        "maria": [("moved", "hello"), ("reworded", "again"), ("added", "extra")],
        "drew": [("dropped", "hello")],
        "ruth": [("moved", "hello")],
    }
    totals = data["totals"]
    assert totals["differ"] == 3
    assert totals["came_in"] == 3
    assert totals["first_answer_seconds"]["live"] < totals["first_answer_seconds"]["candidate"]
    (opted,) = totals["opt_outs"]
    assert opted["after"] == opted["would_be_after"] == {"playbook": "roofer", "stage": "new", "touch": "hello"}
    (extra,) = [each for each in totals["touches"] if each["touch"] == "extra"]
    assert extra["added"] == extra["candidate"] == 1


def test_on_a_terminal_it_says_what_would_have_been_otherwise_and_what_it_cannot_know(
    shop: NearShop, tmp_path: Path
) -> None:
    folder = candidate(shop, tmp_path, ("after: 10m", "after: 40m"))
    text = " ".join(shop.run("shadow", str(folder), *SINCE).out.split())

    assert "something would have been different for 3 of 3 leads" in text
    assert "went, and would not have" in text
    assert "People might have answered otherwise to other messages" in text
    assert text.endswith("Nothing was sent or written.")


def test_where_nobody_was_answered_it_says_so(shop: NearShop, tmp_path: Path) -> None:
    folder = candidate(shop, tmp_path)

    said = shop.run("shadow", str(folder), "--since", f"{TUESDAY}T11:00", "--now", f"{TUESDAY}T12:05").out

    assert "Of 1 lead that came in, none was answered, and none would have been." in said


def test_what_is_no_workspace_has_faults_or_lies_ahead_is_refused(shop: NearShop, tmp_path: Path) -> None:
    folder = candidate(shop, tmp_path)
    nowhere = call(shop.folder, "shadow", str(tmp_path / "nowhere"), *SINCE)
    ahead = call(shop.folder, "shadow", str(folder), "--since", "2027-01-01T00:00", "--now", LATER)
    other = call(shop.folder, "shadow", str(folder), "roffer", *SINCE)
    (folder / "playbooks" / "roofer.yaml").write_text(PAGE.replace("channel: call", "channel: cal"), encoding="utf-8")
    faulty = call(shop.folder, "shadow", str(folder), *SINCE)

    assert (nowhere.code, ahead.code, other.code, faulty.code) == (2, 2, 2, 1)
    assert "copy the live one" in nowhere.err
    assert "did you mean 'roofer'?" in other.err


def test_the_installed_program_shadows(shop: NearShop, tmp_path: Path, program: Callable[..., Answer]) -> None:
    folder = candidate(shop, tmp_path)
    answer = program("-C", str(shop.folder), "shadow", str(folder), "roofer", *SINCE)

    assert answer.code == 0, answer.err
    assert "Nothing would have been different for 3 leads." in answer.out
