"""What Twilio's webhooks tell."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadence.channels.twilio_codes import CODES
from cadence.inbox.message import Call, Inbound, Receipt, from_data, to_data
from cadence.inbox.twilio import call, message, receipt
from support.twilio_desk import OURS
from support.twilio_make import HER

NOW = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)
SID = "SM" + "a" * 32
CALL = "CA" + "b" * 32
TEXT = {"MessageSid": SID, "SmsSid": SID, "From": HER, "To": OURS, "Body": " Stop by at 3 ", "NumMedia": "0",
        "SmsStatus": "received", "FromCity": "KANSAS CITY", "AnythingNew": "x"}  # fmt: skip
STATUS = {"MessageSid": SID, "SmsSid": SID, "MessageStatus": "delivered", "SmsStatus": "delivered", "From": OURS,
          "To": HER, "RawDlrDoneDate": "2611241910"}  # fmt: skip
RUNG = {"CallSid": CALL, "From": HER, "To": OURS, "Direction": "inbound", "CallStatus": "in-progress",
        "DialCallStatus": "no-answer", "DialCallSid": "CA" + "c" * 32}  # fmt: skip
SPOKEN = {"CallSid": CALL, "From": OURS, "To": HER, "Direction": "outbound-api", "CallStatus": "completed"}


def test_a_text_is_told_as_it_came() -> None:
    assert message(TEXT, NOW) == Inbound(
        source="twilio", key=SID, at=NOW, channel="sms", sender=HER, to=OURS, text=" Stop by at 3 "
    )


@pytest.mark.parametrize(
    ("told", "read"),
    [("STOP", "STOP"), ("START", "START"), ("HELP", "HELP"), ("stop", "STOP"), ("OTHER", ""), ("", "")],
)
def test_what_twilio_took_it_for_is_told(told: str, read: str) -> None:
    found = message({**TEXT, "OptOutType": told}, NOW)

    assert found is not None
    assert found.told == read


@pytest.mark.parametrize(
    "change",
    [
        {"MessageSid": "", "SmsSid": ""}, {"MessageSid": "SM1", "SmsSid": "x"}, {"From": ""}, {"To": None},
        {"From": "whatsapp:+18165550142"}, {"From": "rcs:agent"}, {"MessageStatus": "delivered"},
    ],
)  # fmt: skip
def test_what_is_no_text_from_a_phone_is_none(change: dict[str, Any]) -> None:
    assert message({**TEXT, **change}, NOW) is None


def test_a_text_from_a_short_code_and_one_without_words_are_texts() -> None:
    short, picture = message({**TEXT, "From": "72345"}, NOW), message({**TEXT, "Body": ""}, NOW)

    assert short is not None
    assert picture is not None
    assert (short.sender, picture.text) == ("72345", "")


@pytest.mark.parametrize(
    ("status", "code", "read"),
    [
        ("sent", "", "sent"),
        ("delivered", "", "delivered"),
        ("read", "", "delivered"),
        ("failed", "", "undelivered"),
        ("canceled", "", "undelivered"),
        ("undelivered", "30003", "undelivered"),
        ("undelivered", "30005", "undelivered"),
        ("undelivered", "30008", "undelivered"),
        ("undelivered", "30006", "bounced"),
        ("undelivered", "30004", "blocked"),
        ("undelivered", "30007", "filtered"),
        ("undelivered", "30034", "filtered"),
        ("failed", "30032", "filtered"),
        ("failed", "30036", "expired"),
        ("failed", "21610", "opted_out"),
        ("undelivered", "30640", "opted_out"),
        ("failed", "30001", "blocked"),
        ("failed", "30023", "blocked"),
        ("undelivered", "39999", "undelivered"),
        ("undelivered", "not a number", "undelivered"),
    ],
)
def test_a_receipt_says_what_became_of_a_text(status: str, code: str, read: str) -> None:
    found = receipt({**STATUS, "MessageStatus": status, "ErrorCode": code}, NOW)

    assert found is not None
    assert (found.status, found.key, found.provider_id, found.address) == (read, f"{SID}:{status}", SID, HER)
    assert (found.code, found.channel) == (code if code.isdigit() else "", "sms")
    assert int(code) not in CODES or CODES[int(code)].says in found.detail if code.isdigit() else not found.detail


@pytest.mark.parametrize("status", ["queued", "accepted", "scheduled", "sending", "receiving", "received", "new", ""])
def test_a_status_that_says_nothing_yet_is_none(status: str) -> None:
    assert receipt({**STATUS, "MessageStatus": status, "SmsStatus": status}, NOW) is None


@pytest.mark.parametrize(
    ("status", "read"), [("completed", "delivered"), ("no-answer", "undelivered"), ("busy", "undelivered"),
                         ("failed", "undelivered"), ("canceled", "undelivered")],
)  # fmt: skip
def test_a_receipt_says_what_became_of_a_voice_message(status: str, read: str) -> None:
    found = receipt({**SPOKEN, "CallStatus": status}, NOW)

    assert found is not None
    assert (found.status, found.key, found.channel, found.address) == (read, f"{CALL}:{status}", "voice", HER)
    assert receipt({**SPOKEN, "CallStatus": "ringing"}, NOW) is None
    assert receipt({**SPOKEN, "Direction": "inbound"}, NOW) is None


@pytest.mark.parametrize(
    ("rung", "answered"),
    [("no-answer", False), ("busy", False), ("failed", False), ("canceled", False), ("completed", True),
     ("answered", True)],
)  # fmt: skip
def test_a_call_was_answered_or_missed(rung: str, answered: bool) -> None:
    assert call({**RUNG, "DialCallStatus": rung}, NOW) == Call(
        source="twilio", key=CALL, at=NOW, caller=HER, to=OURS, answered=answered
    )


@pytest.mark.parametrize("caller", ["", "anonymous", "Restricted", "+266696687", "+7378742833", "sip:x@example.com"])
def test_a_caller_who_withholds_the_number_is_nobody(caller: str) -> None:
    found = call({**RUNG, "From": caller}, NOW)

    assert found is not None
    assert found.caller == ""


def test_a_caller_who_hung_up_before_anything_rang_was_missed() -> None:
    ended = {**RUNG, "DialCallStatus": "", "CallStatus": "no-answer"}
    found = call(ended, NOW)

    assert found is not None
    assert not found.answered
    assert call({**ended, "CallStatus": "completed"}, NOW) is None, "a mailbox or a menu may have taken it"
    assert call({**ended, "CallStatus": "ringing"}, NOW) is None
    assert call({**ended, "Direction": "outbound-api"}, NOW) is None


NAMES = sorted({*TEXT, *STATUS, *RUNG, "ErrorCode", "OptOutType"})
VALUES = st.one_of(
    st.text(max_size=40), st.none(), st.integers(), st.binary(max_size=5), st.lists(st.text(max_size=3), max_size=2),
    st.sampled_from([SID, CALL, HER, "delivered", "failed", "no-answer", "completed", "inbound", "30007", "9" * 20]),
)  # fmt: skip


@given(params=st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=10)), VALUES, max_size=12))
def test_whatever_comes_nothing_is_raised_and_what_is_read_can_be_kept(params: dict[str, Any]) -> None:
    for read in (message, receipt, call):
        item = read(params, NOW)
        if item is not None:
            assert isinstance(item, Inbound | Receipt | Call)
            assert from_data(*to_data(item)) == item
