"""``cadence suppress``: who is on the list is not written to, and every mistake in a list is named with its line."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from cadence.cli.suppress import _CHANNELS, _REASONS
from cadence.store.suppressions import REASONS
from support.entry import call

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Shop

IN_THIS_PROCESS = True  # many commands

NOON = ("--now", "2026-11-24T12:00")
LATER = ("--now", "2026-11-24T13:00")
MARIA = "816-555-0142"
WHOLE = "+18165550142"


def test_an_address_on_the_list_gets_nothing_and_its_history_tells_all(make_shop: Callable[..., Shop]) -> None:
    """Put on, seen by the tick, taken off when the person came back; phones are shown whole."""
    shop = make_shop("roofer")
    asked = ("--reason", "opt_out", "--source", "phone call", "--detail", "no more, please")
    added = shop.run("suppress", "add", MARIA, *asked, *NOON)
    shop.run("leads", "add", "id=maria", "name=Maria Lopez", f"phone={MARIA}", "trade=roofing", "zip=64110", *NOON)
    shop.tick("2026-11-24T12:01")
    again = shop.run("suppress", "add", MARIA, "--channel", "sms", *LATER)
    unsaid = shop.run("suppress", "remove", MARIA, *LATER, expect=2)
    removed = shop.run("suppress", "remove", MARIA, "--reason", "wrote START", *LATER)
    shown = shop.run("suppress", "show", MARIA)
    data = shop.run("suppress", "show", MARIA, "--json").data

    assert added.out == f"{WHOLE}: nothing goes to it (on any channel)\n"
    assert " sms to " not in shop.to_leads()
    assert again.out == f"{WHOLE}: nothing goes to it already (on any channel)\nit is an address of maria\n"
    assert "say how the person came back: --reason" in unsaid.err
    assert removed.out == f"{WHOLE}: messages may go to it again\n"
    assert "the person had opted out, so they must have come back" in removed.err
    assert shown.out.splitlines() == [
        f"{WHOLE}: messages may go to it",
        "it is an address of maria",
        'Tue 24 Nov 2026 12:00  the person asked us to stop; phone call: "no more, please"',
        'Tue 24 Nov 2026 13:00  off the list; a colleague: "wrote START"',
    ]
    assert (data["held"], data["leads"]) == ([], ["maria"])
    assert [each["standing"] for each in data["history"]] == ["suppressed", "returned"]


def test_who_opted_out_as_a_person_is_named_when_the_address_comes_off(near_shop: Shop) -> None:
    near_shop.run("leads", "add", "id=maria", "name=Maria Lopez", f"phone={MARIA}", "trade=roofing", "zip=64110", *NOON)
    near_shop.run("suppress", "add", MARIA, *NOON)
    near_shop.run("event", "maria", "opt_out", *NOON)

    removed = near_shop.run("suppress", "remove", MARIA, "--reason", "called us", *LATER)

    assert "gets nothing until `cadence event maria opt_in`" in removed.err


def test_a_list_comes_in_and_goes_out_and_comes_in_again(near_shop: Shop) -> None:
    """As a provider exports it; the same list twice adds nothing; who came back since is left alone."""
    rows = near_shop.folder / "bounces.csv"
    rows.write_text(
        "Email,Reason,Created\nAnn@Example.com,550 5.1.1 unknown user,1793500000\nbob@example.com,,2026-11-01 08:00\n"
    )
    first = near_shop.run("suppress", "import", str(rows), *NOON)
    second = near_shop.run("suppress", "import", str(rows), *NOON)
    near_shop.run("suppress", "remove", "bob@example.com", "--reason", "signed up again", *NOON)
    third = near_shop.run("suppress", "import", str(rows), *LATER)
    out = near_shop.folder / "list.csv"
    exported = near_shop.run("suppress", "export", str(out))
    taken = near_shop.run("suppress", "export", str(out), expect=2)
    printed = near_shop.run("suppress", "export")
    listed = near_shop.run("suppress", "list", "--json").data
    other = near_shop.folder.parent / "other"
    other.mkdir()
    (other / "cadence.yaml").write_text((near_shop.folder / "cadence.yaml").read_text())
    moved = call(other, "suppress", "import", str(out), *NOON)

    assert first.out == "2 new, 0 already on the list, 0 left out\n"
    assert second.out == "0 new, 2 already on the list, 0 left out\n"
    assert third.out == "0 new, 1 already on the list, 0 left out\n"
    assert "line 3: the person has come back since; not put on the list" in third.err
    assert exported.out == f"{out}: 1 entry\n"
    assert "is there already" in taken.err
    assert out.stat().st_mode & 0o077 == 0, "it holds addresses"
    assert printed.out.splitlines() == out.read_text().splitlines()
    assert [(each["address"], each["reason"], each["source"], each["detail"]) for each in listed] == [
        ("ann@example.com", "import", "bounces.csv", "550 5.1.1 unknown user")
    ]
    assert moved.out == "1 new, 0 already on the list, 0 left out\n"
    assert "ann@example.com" in near_shop.run("suppress", "list").out
    assert near_shop.run("suppress", "list", "--since", "2026-11-25T00:00").out == "no addresses\n"


def test_every_bad_row_is_named_with_its_line_and_nothing_is_taken_in(near_shop: Shop) -> None:
    """Unless asked to leave them out; no sentence repeats an address."""
    rows = near_shop.folder / "stops.csv"
    rows.write_text(
        "Phone,Channel,At\n816-555-0142,sms,2026-11-01\n816-555,sms,\n816-555-0143,fax,\n,sms,\n"
        "816-555-0144,email,\n816-555-0145,,someday\n816-555-0146,,2027-11-01\n"
    )
    refused = near_shop.run("suppress", "import", str(rows), *NOON, expect=1)
    before = near_shop.run("suppress", "list").out
    left_out = near_shop.run("suppress", "import", str(rows), "--skip-bad", *NOON, expect=1)
    as_json = near_shop.run("suppress", "import", str(rows), "--skip-bad", "--json", *NOON, expect=1).data

    assert [line for line in refused.err.splitlines() if line.startswith("line ")] == [
        "line 3: the phone has only 6 digits; a US phone number has ten",
        "line 4: 'fax' is no channel: write sms, email, voice or all",
        "line 5: there is no phone and no e-mail in it",
        "line 6: a phone is not for the channel email",
        "line 7: the time is not a date such as 2026-11-24 16:40 or 11/24/2026 4:40 PM",
        "line 8: the time lies in the future; check the year, and that the month comes before the day",
    ]
    assert "nothing was imported" in refused.err
    assert before == "no addresses\n"
    assert left_out.out == "1 new, 0 already on the list, 6 left out\n"
    assert "555-014" not in refused.err + left_out.err
    assert (as_json["already"], [each["line"] for each in as_json["bad"]]) == (1, [3, 4, 5, 6, 7, 8])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["add", "maria"], 2, "neither a phone number nor an e-mail address"),
        (["add", "816-555"], 2, "the phone has only 6 digits"),
        (["add", "maria@"], 2, "the e-mail is not an e-mail address"),
        (["add", "maria@example.com", "--channel", "sms"], 2, "an e-mail address is not for the channel sms"),
        (["add", MARIA, "--channel", "email"], 2, "a phone is not for the channel email"),
        (["add", MARIA, "--reason", "rude"], 2, "'rude' is not one of"),
        (["add", MARIA, "--at", "2027-01-01T00:00", *NOON], 2, "--at lies in the future"),
        (["remove", "bob@example.com", "--reason", "came back"], 1, "the address is not on the list"),
        (["remove", MARIA, "--channel", "sms", "--reason", "came back"], 1, "it is for: all"),
        (["import", "empty.csv"], 1, "the file is empty"),
        (["import", "words.csv"], 1, "no column of the file is called Address, Phone or Email"),
        (["import", "open.csv"], 1, 'a quotation mark (") in line 3 is not closed'),
        (["import", "swallowed.csv", "--skip-bad"], 1, 'a quotation mark (") in line 2 is not closed'),
        (["import", "book.xlsx"], 1, "the file is an Excel workbook"),
        (["import", "none.csv"], 2, "does not exist"),
        (["export", "/proc/none/list.csv"], 1, "cannot write /proc/none/list.csv"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(shop: Path, words: list[str], code: int, said: str) -> None:
    """Nothing changes by it, and no sentence repeats a phone."""
    answer = call(shop, "suppress", *words)

    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
    assert "0142" not in answer.err
    with sqlite3.connect(shop / "cadence.db") as database:
        assert database.execute("SELECT count(*) FROM suppressions").fetchone() == (1,)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with one address on the list, and files that are no lists."""
    folder = tmp_path_factory.mktemp("shops") / "shop"
    call(folder.parent, "init", str(folder), "--trade", "roofer")
    call(folder, "suppress", "add", MARIA, *NOON)
    (folder / "empty.csv").write_text("\n\n")
    (folder / "words.csv").write_text("Name,Town\nMaria,Kansas City\n")
    (folder / "open.csv").write_text('Phone,Note\n816-555-0143,fine\n816-555-0144,"left open\n816-555-0145,x\n')
    (folder / "swallowed.csv").write_text('Phone,Note\n"816-555-0143\n816-555-0144",x\n816-555-0145,x\n')
    (folder / "book.xlsx").write_bytes(b"PK\x03\x04" + b"\x00" * 40)
    return folder


def test_a_file_of_nothing_but_addresses_is_a_list(shop: Path, tmp_path: Path) -> None:
    rows = tmp_path / "plain.txt"
    rows.write_text(f"{MARIA}\n\n")

    assert call(shop, "suppress", "import", str(rows)).out == "0 new, 1 already on the list, 0 left out\n"


def test_the_words_of_the_command_line_are_those_of_the_ledger() -> None:
    assert set(_REASONS) == set(REASONS)
    assert set(_CHANNELS) == {"all", "sms", "email", "voice"}
