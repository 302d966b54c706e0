"""``cadence consent``: what a person agreed to is recorded with its words, and can be shown."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from support.entry import call

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Shop

IN_THIS_PROCESS = True  # many commands

NOON = ("--now", "2026-11-24T12:00")
WORDS = "I agree to get texts from Summit Home Services. Reply STOP to opt out."
WRITTEN = ("--kind", "written", "--source", "web form", "--text", WORDS)


def test_consent_is_recorded_shown_taken_back_and_proven(make_shop: Callable[..., Shop]) -> None:
    """The proof says who, on which number, to which words, when and where, and what came of it."""
    shop = make_shop("roofer")
    shop.run("leads", "add", "id=maria", "name=Maria Lopez", "phone=816-555-0142", "trade=roofing", "zip=64110", *NOON)
    page = ("--url", "https://summit.example.com/quote", "--ip", "203.0.113.7", "--at", "2026-11-24T11:58")
    added = shop.run("consent", "add", "maria", "--channel", "sms", "--channel", "voice", *WRITTEN, *page, *NOON)
    held = shop.run("consent", "list")
    shop.run("event", "maria", "lead.updated", "--data", "phone=816-555-0143", *NOON)
    back = shop.run("consent", "withdraw", "maria", "--channel", "voice", "--text", "no calls", *NOON)
    left = shop.run("consent", "list", "--json").data
    told = shop.run("consent", "list", "maria")
    proof = list(csv.DictReader(io.StringIO(shop.run("consent", "export", "--lead", "maria").out)))
    file = shop.folder / "proof.json"
    shop.run("consent", "export", str(file), "--json")

    assert added.out == "maria: written consent for sms, voice recorded\n"
    first_row = " ".join(held.out.splitlines()[1].split())
    assert first_row == "maria sms written consent Tue 24 Nov 2026 11:58 web form"
    assert held.out.splitlines()[2] == f'    "{WORDS}"'
    assert back.out == "maria: consent for voice taken back\n"
    assert [(each["channel"], each["kind"]) for each in left] == [("sms", "written")]
    assert [line.split("  ")[0] for line in told.out.splitlines()][1] == "maria"
    assert "asked us" in told.out
    assert "taken back" in told.out
    assert [(row["What"], row["Channel"], row["Address"]) for row in proof] == [
        ("asked", "", "+18165550142"),
        ("given", "sms", "+18165550142"),
        ("given", "voice", "+18165550142"),
        ("withdrawn", "voice", "+18165550143"),
    ]
    assert (proof[1]["Text"], proof[1]["Ip"], proof[1]["At"]) == (WORDS, "203.0.113.7", "2026-11-24T17:58:00Z")
    assert [each["what"] for each in json.loads(file.read_text())] == ["asked", "given", "given", "withdrawn"]


def test_a_list_brings_consent_along_and_mistakes_in_it_are_named_with_their_row(near_shop: Shop) -> None:
    """With its words a yes is a written consent; the same list twice records nothing more."""
    rows = near_shop.folder / "list.csv"
    rows.write_text(
        "Name,Phone,Trade,Zip,Date received,Consent,Consent text,Consent date,Consent source,IP\n"
        f'Ann Cole,816-555-0143,roofing,64110,2026-11-24 10:00,Yes,"{WORDS}",2026-11-24 09:59,quote page,203.0.113.7\n'
        "Bob Ray,816-555-0144,roofing,64110,2026-11-24 10:00,x,,,,\n"
        "Cy Day,816-555-0145,roofing,64110,2026-11-24 10:00,maybe,,,,\n"
        "Di Fox,816-555-0146,roofing,64110,2026-11-24 10:00,written,,,,\n"
        "Ed Gil,816-555-0147,roofing,64110,2026-11-24 10:00,no,,soon,,\n"
        "Flo Ham,816-555-0148,roofing,64110,2026-11-24 10:00,no,,,,\n"
    )
    first = near_shop.run("leads", "import", str(rows), *NOON, expect=1)
    again = near_shop.run("leads", "import", str(rows), *NOON, expect=1)
    held = {each["name"]: each for each in near_shop.run("consent", "list", "--json").data}

    assert "3 new, 0 merged, 0 already known, 3 rejected\n" in first.out
    assert "2 consents recorded\n" in first.out
    assert "consents recorded" not in again.out
    assert "row 4: the consent (column 'Consent', row 4) is neither yes nor no, written nor inquiry" in first.err
    assert "row 5: the consent (column 'Consent', row 5) cannot be recorded: a written consent needs" in first.err
    assert "row 6: the consent at (column 'Consent date', row 6) is not a date such as" in first.err
    assert "note: row 3: the consent has no words, so it is not taken for a written one" in first.err
    assert (held["Ann Cole"]["kind"], held["Ann Cole"]["text"], held["Ann Cole"]["source"]) == (
        "written", WORDS, "quote page"
    )  # fmt: skip
    assert (held["Bob Ray"]["kind"], held["Bob Ray"]["at"]) == ("inquiry", "2026-11-24T16:00:00Z")
    assert len(held) == 2


def test_a_shop_that_asks_for_written_consent_texts_only_who_gave_it(near_shop: Shop) -> None:
    page = near_shop.folder / "cadence.yaml"
    page.write_text(page.read_text() + "\nconsent: {sms: written}\n")
    for name, number in (("maria", "0142"), ("tom", "0143")):
        fields = (f"id={name}", f"phone=816-555-{number}", "trade=roofing", "zip=64110")
        near_shop.run("leads", "add", "--list", *fields, *NOON)
    near_shop.run("consent", "add", "maria", "--channel", "sms", *WRITTEN, *NOON)

    near_shop.tick("2026-11-24T15:00")

    assert "maria/roofer/-/1/1/second-try" in near_shop.texts()
    assert "tom/roofer/-/1/1/second-try" not in near_shop.texts()
    assert "sms second-try skipped: no_consent" in near_shop.run("leads", "show", "tom").out


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with one lead."""
    folder = tmp_path_factory.mktemp("shops") / "shop"
    call(folder.parent, "init", str(folder), "--trade", "roofer")
    call(folder, "leads", "add", "id=maria", "phone=816-555-0142", "trade=roofing", "zip=64110", *NOON)
    return folder


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["add", "maria", *WRITTEN], 2, "Missing option '--channel'"),
        (["add", "maria", "--channel", "sms"], 2, "Missing option '--kind'"),
        (["add", "maria", "--channel", "fax", *WRITTEN], 2, "'fax' is not one of"),
        (["add", "maria", "--channel", "sms", "--kind", "inquiry"], 2, "say where it was given: --source"),
        (["add", "maria", "--channel", "sms", *WRITTEN[:4]], 2, "needs the words that the person agreed to"),
        (["add", "maria", "--channel", "sms", *WRITTEN, "--ip", "home"], 2, "the IP address is none"),
        (["add", "maria", "--channel", "sms", *WRITTEN, "--url", "our page"], 2, "is no address on the web"),
        (["add", "maria", "--channel", "sms", *WRITTEN, "--at", "2027-01-01T00:00", *NOON], 2, "lies in the future"),
        (["add", "mari", "--channel", "sms", *WRITTEN, *NOON], 1, "there is no lead 'mari'"),
        (["withdraw", "mari", *NOON], 1, "there is no lead 'mari'"),
        (["list", "mari"], 1, "there is no lead 'mari'"),
        (["export", "--lead", "mari"], 1, "there is no lead 'mari'"),
    ],
)
def test_what_cannot_be_recorded_or_shown_is_refused_in_words(
    shop: Path, words: list[str], code: int, said: str
) -> None:
    answer = call(shop, "consent", *words)

    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
    with sqlite3.connect(shop / "cadence.db") as database:
        assert database.execute("SELECT count(*) FROM events WHERE type LIKE 'consent.%'").fetchone() == (0,)


def test_taking_back_what_was_never_given_is_recorded_and_said(shop: Path) -> None:
    answer = call(shop, "consent", "withdraw", "maria", *NOON)

    assert answer.out == "maria: consent taken back\n"
    assert "no such consent was on record" in answer.err
