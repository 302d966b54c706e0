"""``cadence inbox classify``: what an answer is taken for, why, and what follows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Shop

IN_THIS_PROCESS = True  # many commands

PROGRAM = Path(sys.executable).with_name("cadence")
NOON = ("--at", "2026-11-24T12:00")
QUOTED = "Yes please.\n\nOn Mon, Nov 23, 2026 at 9:02 AM Summit <hello@example.com> wrote:\n> Reply STOP\n"


@pytest.fixture
def shop(make_shop: Callable[..., Shop]) -> Shop:
    return make_shop("roofer")


def test_an_answer_is_explained_in_plain_lines(shop: Shop) -> None:
    """What, why, what follows."""
    stop = shop.run("inbox", "classify", "PLEASE take me off your list!!").out.splitlines()
    later = shop.run("inbox", "classify", "call me in two weeks", *NOON).out.splitlines()
    doubt = shop.run("inbox", "classify", "stpo").out.splitlines()
    cancel = shop.run("inbox", "classify", "cancel", "--awaits").out

    assert stop == [
        "an opt-out: the person asks us to stop for good",
        '  why      the rule off-the-list: "take me off your list"',
        "  follows  no automated message goes to the person any more; the owner is told",
    ]
    assert later[-1] == "  follows  touches wait until Tue 08 Dec 2026 09:00; that day the owner gets a next step"
    assert doubt[0].endswith("(not sure)")
    assert doubt[2].endswith("A person should look")
    assert "(not sure)" in cancel


def test_yes_confirms_only_when_something_awaits_it(shop: Shop) -> None:
    assert shop.run("inbox", "classify", "YES").out.startswith("a reply\n")
    assert shop.run("inbox", "classify", "YES", "--awaits").out.startswith("a confirmation\n")


def test_a_mail_is_read_from_standard_input_without_what_it_quotes(shop: Shop) -> None:
    words = [str(PROGRAM), "-C", str(shop.folder), "inbox", "classify", "-", "--channel", "email"]
    read = subprocess.run(words, input=QUOTED, capture_output=True, text=True, timeout=60)
    damaged = subprocess.run(words, input=b"\xff\xfe STOP", capture_output=True, timeout=60)

    assert read.stdout.startswith("a reply\n")
    assert "  removed  quote: On Mon, Nov 23" in read.stdout
    assert (read.returncode, damaged.returncode, damaged.stderr) == (0, 0, b"")


def test_a_mail_is_read_from_a_file_as_the_mailbox_gives_it(shop: Shop, tmp_path: Path) -> None:
    """Text, subject, headers and date are the mail's own; a report on a delivery is no answer."""
    mail = tmp_path / "answer.eml"
    head = "From: Maria <maria@example.com>\nTo: hello@example.com\nMessage-ID: <1@example.com>\n"
    mail.write_text(f"{head}Date: Tue, 24 Nov 2026 12:00:00 -0600\nSubject: Re: x\n\ncall me next week\n")
    later = shop.run("inbox", "classify", "--mail", str(mail))
    mail.write_text(f"{head}Subject: x\nAuto-Submitted: auto-replied\n\nWe got it.\n")
    machine = shop.run("inbox", "classify", "--mail", str(mail))
    both = shop.run("inbox", "classify", "STOP", "--mail", str(mail), expect=2)
    none = shop.run("inbox", "classify", expect=2)
    missing = shop.run("inbox", "classify", "--mail", str(tmp_path / "none.eml"), expect=2)
    mail.write_text("")
    empty = shop.run("inbox", "classify", "--mail", str(mail), expect=1)

    assert "until Mon 30 Nov 2026 09:00" in later.out
    assert machine.out.startswith("an automatic answer: no person wrote it\n")
    assert "either TEXT or --mail" in both.err
    assert "either TEXT or --mail" in none.err
    assert "none.eml" in missing.err
    assert "holds no answer" in empty.err


def test_headers_and_subject_count_for_a_mail(shop: Shop) -> None:
    mail = ("--channel", "email", *NOON, "--header")
    away = shop.run("inbox", "classify", "I'm out of the office until December 7", *mail, "Auto-Submitted=auto-replied")
    wrong = shop.run("inbox", "classify", "hello", *mail, "precedence", expect=2)

    assert away.out.startswith("an automatic answer: the person is away\n")
    assert "until Mon 07 Dec 2026 09:00" in away.out
    assert "is not NAME=VALUE" in wrong.err


def test_it_is_printed_as_data_too(shop: Shop) -> None:
    data = shop.run("inbox", "classify", "not until March", *NOON, "--json").data

    assert data == {
        "kind": "snooze",
        "counts_as": "snooze",
        "sure": True,
        "rule": "a-day-alone",
        "because": "not until March",
        "until": "2027-03-01T15:00:00+00:00",
        "automatic": "",
        "text": "not until March",
        "removed": [],
    }


def test_a_shops_own_words_count_and_wrong_ones_are_faults(shop: Shop) -> None:
    page = shop.folder / "cadence.yaml"
    before = page.read_text()
    page.write_text(before + "replies: {opt_out: [no more roof (text) reminders], off: [wrong-number]}\n")
    own = shop.run("inbox", "classify", "no more roof reminders, please").out
    off = shop.run("inbox", "classify", "wrong number").out
    page.write_text(before + 'replies: {opt_out: ["no more (roof"], off: [wrong-numbr]}\n')
    shape = shop.run("validate", expect=1).out
    page.write_text(before + 'replies: {opt_out: ["no more (roof", roofs]}\n')
    meaning = shop.run("validate", expect=1).out

    assert "the rule opt_out-own-words" in own
    assert off.startswith("a reply\n")
    assert "wrong-number" in shape
    assert "bad-phrase" in meaning
    assert "wide-phrase" in meaning
