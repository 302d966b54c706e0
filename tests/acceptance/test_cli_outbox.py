"""``cadence outbox``: what nobody knows is shown, and settled by a person's word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Shop

IN_THIS_PROCESS = True  # many commands


@pytest.fixture
def shop(make_shop: Callable[..., Shop]) -> Shop:
    """A shop whose first text may or may not have been written down, and nobody can find out."""
    shop = make_shop("roofer").tell_nobody()
    shop.run(
        "leads", "add", "id=maria", "name=Maria Lopez", "phone=816-555-0142", "zip=64110", "trade=roofing",
        "--now", "2026-11-24T13:10",
    )  # fmt: skip
    (shop.folder / "messages.log").symlink_to("/dev/full")
    lost = shop.run("tick", "--now", "2026-11-24T13:10")
    assert "answer lost: 1 log file" in lost.out
    return shop


KEY = "maria/roofer/-/1/1/instant"


def test_what_nobody_can_find_out_is_said_listed_and_shown_with_its_text(shop: Shop) -> None:
    """A tick that learns it ends with 1, once; the list goes on showing it."""
    told = shop.run("tick", "--now", "2026-11-24T13:11", expect=1)
    again = shop.run("tick", "--now", "2026-11-24T13:12")
    listed = shop.run("outbox", "list")
    shown = shop.run("outbox", "show", KEY)

    assert "1 touch may or may not have gone, and nobody can be asked" in told.err
    assert "cadence outbox list" in told.err
    assert "may or may not" not in again.err
    assert [line.split()[0] for line in listed.out.splitlines()] == ["STATE", "unknown"]
    assert KEY in listed.out
    assert "Hi Maria, this is" in shown.out
    assert f"cadence outbox resolve {KEY} --sent" in shown.out
    assert "asked next:    never: a person must look" in shown.out
    assert shop.run("outbox", "list", "--json").data[0]["state"] == "unknown"
    assert shop.run("outbox", "show", KEY, "--json").data["attempts"] == 1


def test_a_text_that_did_not_go_goes_when_a_person_says_so(shop: Shop) -> None:
    shop.run("tick", "--now", "2026-11-24T13:11", expect=1)
    (shop.folder / "messages.log").unlink()
    said = shop.run("outbox", "resolve", KEY, "--not-sent", "--now", "2026-11-24T13:12")
    ticked = shop.run("tick", "--now", "2026-11-24T13:13")

    assert said.out == f"{KEY}: it did not go; the next tick judges it anew\n"
    assert "would have sent 1 sms" in ticked.out
    assert shop.texts().count(KEY) == 1
    assert shop.run("outbox", "list").out == "nothing to look at\n"


def test_a_text_that_went_after_all_never_goes_again(shop: Shop) -> None:
    shop.run("tick", "--now", "2026-11-24T13:11", expect=1)
    (shop.folder / "messages.log").unlink()
    said = shop.run("outbox", "resolve", KEY, "--sent", "--now", "2026-11-24T13:12")
    ticked = shop.run("tick", "--now", "2026-11-24T13:13")

    assert said.out == f"{KEY}: it went\n"
    assert "sms" not in ticked.out
    assert shop.run("outbox", "list", "--state", "sent", "--channel", "sms").out.count(KEY) == 1
    refused = shop.run("outbox", "resolve", KEY, "--not-sent", "--now", "2026-11-24T13:14", expect=1)
    assert "is not unknown, it is sent" in refused.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["show", "nobody/roofer/-/1/1/x"], 1, "the outbox has no touch 'nobody/roofer/-/1/1/x'"),
        (["resolve", KEY], 2, "say which: --sent or --not-sent"),
        (["resolve", KEY, "--sent", "--not-sent"], 2, "say which: --sent or --not-sent"),
        (["list", "--state", "gone"], 2, "'gone' is not one of"),
        (["list", "--limit", "0"], 2, "0 is not in the range"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(shop: Shop, words: list[str], code: int, said: str) -> None:
    assert said in shop.run("outbox", *words, expect=code).err
