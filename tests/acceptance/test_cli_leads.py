"""Lists and single leads on their way into the database, and what is read back."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from support.entry import call

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from conftest import Shop

IN_THIS_PROCESS = True  # many commands

NOON = "2026-11-24T12:00"
HEADINGS = "Customer Name;Cell Phone;E-Mail;ZIP;Trade;Job\r\n"


def test_the_same_list_twice_changes_nothing_and_a_longer_one_is_merged(make_shop: Callable[..., Shop]) -> None:
    """Semicolons, Windows letters, headings of another program; people are known again by phone or e-mail."""
    shop = make_shop("roofer")
    first = shop.folder / "list.csv"
    first.write_bytes(
        (
            HEADINGS + "José Peña;816-555-0142;;64110;Roofing;leak over the stove\r\n"
            "Ann Cole;;ann@example.com;64111;Roofing;\r\n"
        ).encode("cp1252")
    )
    second = shop.folder / "later.csv"
    second.write_bytes((HEADINGS + "Ann Cole;816-555-0143;ANN@example.com;;;new roof\r\n").encode("utf-16"))

    new = shop.run("leads", "import", str(first), "--now", NOON)
    same = shop.run("leads", "import", str(first), "--now", NOON)
    merged = shop.run("leads", "import", str(second), "--now", NOON)
    people = shop.run("leads", "list", "--json").data

    assert new.out.startswith("2 new, 0 merged, 0 already known, 0 rejected\n2 enrolled in roofer\n")
    assert "Windows-1252" in new.err
    assert same.out.startswith("0 new, 0 merged, 2 already known, 0 rejected\n")
    assert merged.out.startswith("0 new, 1 merged, 0 already known, 0 rejected\n")
    assert {(each["name"], each["phone"]) for each in people} == {
        ("José Peña", "+18165550142"),
        ("Ann Cole", "+18165550143"),
    }
    assert all(each["stands"] == ["roofer/new"] for each in people)


def test_rows_that_cannot_be_used_are_set_aside_with_the_reason_and_can_be_imported_corrected(
    make_shop: Callable[..., Shop],
) -> None:
    """Exit 1, everything else is imported, the list itself is never written over."""
    shop = make_shop("roofer")
    rows = shop.folder / "list.csv"
    text = "Name,Phone,Trade\nAnn Cole,816-555-0143,roofing\nBob Ray,12,roofing\n"
    rows.write_text(text)

    onto_itself = shop.run("leads", "import", str(rows), "--rejects", str(rows), "--now", NOON, expect=2)
    unwritable = shop.run("leads", "import", str(rows), "--rejects", "/proc/aside.csv", "--now", NOON, expect=1)
    first = shop.run("leads", "import", str(rows), "--now", NOON, expect=1)
    aside = shop.folder / "list.rejected.csv"
    set_aside = aside.read_text(encoding="utf-8-sig")
    aside.write_text(set_aside.replace(",12,", ",816-555-0144,"), encoding="utf-8-sig")
    corrected = shop.run("leads", "import", str(aside), "--now", NOON)

    assert "names the list itself" in onto_itself.err
    assert rows.read_text() == text
    assert "nothing was imported" in unwritable.err
    assert first.out.startswith("1 new, 0 merged, 0 already known, 1 rejected\n")
    assert "row 3: the phone" in first.err
    assert "Bob Ray,12,roofing" in set_aside
    assert "has only 2 digits" in set_aside
    assert corrected.out.startswith("1 new, 0 merged, 0 already known, 0 rejected\n")


def test_a_lead_that_cannot_be_added_is_refused_in_a_sentence(make_shop: Callable[..., Shop]) -> None:
    """A known phone, a known id, a field nobody declared, a number that is none; the database keeps one lead."""
    shop = make_shop("roofer")
    added = shop.run("leads", "add", "id=maria", "name=Maria Lopez", "phone=816-555-0142", "trade=roofing", "zip=64110",
                     "--now", NOON)  # fmt: skip
    known = shop.run("leads", "add", "name=Mia", "phone=(816) 555 0142", "--now", NOON, expect=1)
    unknown_field = shop.run("leads", "add", "phone=816-555-0143", "rof_age=12", "--now", NOON, expect=1)
    no_job = shop.run("leads", "add", "phone=816-555-0143", "--job", "a/b", "--now", NOON, expect=2)
    nobodys = shop.run("leads", "add", "id=ann", "phone=816-555-0144", "trade=gutters", "--now", NOON)
    shown = shop.run("leads", "show", "mari", expect=1)

    assert added.out == "added maria\nroofer: now in 'New lead, first contact', owned by Dana Reyes\n"
    assert "has the same phone number as lead 'maria'" in known.err
    assert "was 'roof_age' meant?" in unknown_field.err
    assert "cannot name a job" in no_job.err
    assert "no playbook takes this lead" in nobodys.err
    assert shown.err == "cadence: there is no lead 'mari'\n  help: did you mean maria?\n"
    assert shown.out == ""
    with sqlite3.connect(shop.folder / "cadence.db") as database:
        assert database.execute("SELECT lead FROM leads ORDER BY lead").fetchall() == [("ann",), ("maria",)]


def test_without_a_database_reading_says_how_one_is_made_and_makes_none(make_shop: Callable[..., Shop]) -> None:
    """A typing error in CADENCE_STORE must not look like an empty shop."""
    shop = make_shop("roofer")
    for words in (("leads", "list"), ("pause",), ("event", "maria", "reply")):
        answer = shop.run(*words, expect=1)
        assert answer.out == ""
        assert f"there is no database at {shop.folder / 'cadence.db'}" in answer.err
        assert "cadence leads import" in answer.err
    assert not (shop.folder / "cadence.db").exists()


def test_the_database_is_where_cadence_store_says(
    make_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere, in the home folder, damaged, a folder, of a kind that is not known: a sentence each time."""
    shop = make_shop("roofer")
    elsewhere = {"CADENCE_STORE": "sqlite:///~/shop.db", "HOME": str(shop.folder.parent)}
    shop.run("leads", "add", "id=maria", "phone=816-555-0142", "trade=roofing", "--now", NOON, env=elsewhere)

    assert not (shop.folder / "cadence.db").exists()
    assert shop.run("leads", "list", "--json", env=elsewhere).data[0]["lead"] == "maria"
    preview = shop.run("dry-run", "--days", "1", "--start", NOON, "--json", env=elsewhere).data
    assert {row["lead"] for row in preview} == {"maria"}, "a database is previewed, not the samples"

    damaged = shop.folder / "damaged.db"
    damaged.write_bytes(b"SQLite format 3\x00" + b"\xde\xad" * 5000)
    notes = shop.folder / "notes.txt"
    notes.write_text("not a database at all" * 99)
    for url, said in (
        (f"sqlite:///{damaged}", "put back the last backup"),
        (f"sqlite:///{notes}", "is not a database"),
        (f"sqlite:///{shop.folder}", "is a folder"),
        ("sqlite:////proc/none/shop.db", "there is no"),
        ("mysql://dana:secret@db/shop", "'mysql' is not known"),
        ("shop.db", "cannot be read"),
    ):
        monkeypatch.setenv("CADENCE_STORE", url)
        answer = call(shop.folder, "tick")
        assert answer.code == 1, url
        assert said in answer.err, url
        assert "secret" not in answer.err
    assert notes.read_text().startswith("not a database")
