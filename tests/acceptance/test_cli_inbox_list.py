"""What came in, as an office manager looks at it; and a halted channel that is let go on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cadence.inbox.message import Inbound, Receipt
from cadence.runner.account import open_account
from cadence.runner.hearing.hear import keep
from cadence.store import halts
from cadence.store.halts import HaltRow
from support.desk import TUESDAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Shop

PHONE = "+18165550142"


@pytest.fixture
def shop(make_shop: Callable[..., Shop]) -> Shop:
    """A shop to which Maria, somebody unknown and a provider have written, heard by a tick."""
    shop = make_shop("roofer")
    shop.run(
        "leads", "add", "id=maria", "name=Maria Lopez", f"phone={PHONE}", "zip=64110", "trade=roofing",
        "--now", "2026-11-24T13:10",
    )  # fmt: skip
    shop.tick("2026-11-24T13:10")
    reply = Inbound(source="twilio", key="SM1", at=TUESDAY, channel="sms", sender=PHONE, to="", text="Call me at 5?")
    stranger = replace(
        reply, source="imap", key="<1@x>", channel="email", sender="eve@example.net", text="Do you do gutters?"
    )
    receipt = Receipt(source="twilio", key="SM9:sent", at=TUESDAY, channel="sms", status="sent", provider_id="SM9")
    with open_account(shop.folder, "summit", "log") as account, account.store.write() as session:
        keep(session, "summit", [reply, stranger, receipt], TUESDAY)
    shop.tick("2026-11-24T13:12", expect=1)
    return shop


def test_the_newest_is_first_with_what_it_was_taken_for_and_receipts_are_left_out(shop: Shop) -> None:
    lines = shop.run("inbox", "list").out.splitlines()

    assert len(lines) == 3
    assert "unknown_sender" in lines[0]
    assert "Do you do gutters?" in lines[0]
    assert lines[1].strip().startswith("look: a mail from an address that no lead has")
    assert "reply" in lines[2]
    assert "maria" in lines[2]


def test_what_a_person_must_look_at_is_asked_for_by_itself(shop: Shop) -> None:
    (unclear,) = shop.run("inbox", "list", "--unclear", "--kind", "message", "--json").data
    status = shop.run("status", "--now", "2026-11-24T13:13", expect=1)

    assert (unclear["taken_as"], unclear["lead"]) == ("unknown_sender", "")
    assert "`cadence inbox list --unclear` shows them." in status.out + status.err
    assert [each["kind"] for each in shop.run("inbox", "list", "--kind", "receipt", "--json").data] == ["receipt"]


def test_one_thing_is_shown_whole(shop: Shop) -> None:
    number = str(shop.run("inbox", "list", "--lead", "maria", "--json").data[0]["number"])
    shown = shop.run("inbox", "show", number).out

    assert "from      +18165550142" in shown
    assert shown.rstrip().endswith("Call me at 5?")
    assert "nothing that came in has the number 999" in shop.run("inbox", "show", "999", expect=2).err


def test_a_halted_channel_is_listed_and_goes_on_when_a_person_says_so(shop: Shop) -> None:
    with open_account(shop.folder, "summit", "log") as account, account.store.write() as session:
        reason = HaltRow(channel="sms", code="30034", detail="the sender is not registered", since=TUESDAY)
        halts.halt(session, "summit", reason)

    assert "halted since" in shop.run("channels", "list").out
    assert shop.run("channels", "list", "--json").data["channels"][0]["halted"]["code"] == "30034"
    told = shop.run("tick", "--now", "2026-11-24T13:14", expect=1).err
    assert "nothing goes by sms: 30034: the sender is not registered" in told
    assert "cadence channels resume sms" in told
    assert "sms goes on with the next tick" in shop.run("channels", "resume", "sms").out
    assert "sms was not halted" in shop.run("channels", "resume", "sms").out
    assert "there is no channel 'smss'" in shop.run("channels", "resume", "smss", expect=2).err
