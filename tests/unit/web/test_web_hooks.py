"""What providers tell is recorded before it is answered; what cannot be recorded is told again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from cadence.inbox.message import Call as PhoneCall
from cadence.inbox.message import Inbound, Receipt
from cadence.web.desk import StoreDesk
from support.endpoint import open_endpoint
from support.hook_calls import event, from_sendgrid, from_twilio, json_from_twilio, mail, sms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cadence.inbox.message import Item
    from support.endpoint import Endpoint

CALL = {"CallSid": f"CA{'1' * 32}", "From": "+18165550142", "To": "+18165550100", "Direction": "inbound"}


def xml(text: str) -> ET.Element:
    return ET.fromstring(text)


def test_a_text_message_is_recorded_and_answered_with_nothing_to_say(endpoint: Endpoint) -> None:
    answer = endpoint.send(from_twilio("/twilio/sms", sms(Body="Yes, call me")))

    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert (xml(answer.text).tag, len(xml(answer.text))) == ("Response", 0)
    (told,) = endpoint.kept()
    assert isinstance(told, Inbound)
    assert (told.channel, told.sender, told.text) == ("sms", "+18165550142", "Yes, call me")


def test_the_same_told_again_and_again_counts_once(endpoint: Endpoint) -> None:
    calls = [from_twilio("/twilio/sms", sms()), from_sendgrid("/sendgrid/events", [event(), event()])]

    codes = [endpoint.send(call).status_code for call in calls * 3]

    assert codes == [200, 204] * 3
    assert len(endpoint.kept()) == 3


def test_a_receipt_of_twilio_is_recorded_and_answered_without_a_word(endpoint: Endpoint) -> None:
    told = {**sms(MessageStatus="delivered", SmsStatus="delivered"), "Body": ""}
    answer = endpoint.send(from_twilio("/twilio/status", told))

    assert (answer.status_code, answer.data) == (204, b"")
    (receipt,) = endpoint.kept()
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.provider_id) == ("delivered", told["MessageSid"])


def test_receipts_out_of_order_are_each_recorded(endpoint: Endpoint) -> None:
    told = sms()
    for status in ("delivered", "sent", "delivered"):
        endpoint.send(from_twilio("/twilio/status", {**told, "MessageStatus": status}))

    assert [getattr(each, "status", "") for each in endpoint.kept()] == ["delivered", "sent"]


def test_a_json_body_that_is_signed_is_read(endpoint: Endpoint) -> None:
    body = b'{"MessageSid": "SM%032d", "MessageStatus": "delivered", "To": "+18165550142", "From": "+18165550100"}' % 1
    answer = endpoint.send(json_from_twilio("/twilio/status", body))

    assert answer.status_code == 204
    assert len(endpoint.kept()) == 1


def test_a_call_rings_the_shop_s_phone_and_asks_to_hear_what_became_of_it(tmp_path: Path) -> None:
    with open_endpoint(tmp_path, ring="+18165550101", ring_for=15, public_url="https://x.example.com/y") as endpoint:
        answer = endpoint.send(from_twilio("/twilio/voice", CALL, url="https://x.example.com/y"))

        (dial,) = xml(answer.text)
        assert (dial.tag, dial.get("timeout"), dial.get("answerOnBridge")) == ("Dial", "15", "true")
        assert dial.get("action") == "https://x.example.com/y/twilio/dial-done#rc=3&rp=all"
        assert [(each.tag, each.text) for each in dial] == [("Number", "+18165550101")]
        assert endpoint.kept() == []


@pytest.mark.parametrize(("status", "answered"), [("completed", True), ("no-answer", False), ("busy", False)])
def test_when_the_phone_has_rung_the_call_is_recorded_and_ends(tmp_path: Path, status: str, answered: bool) -> None:
    with open_endpoint(tmp_path, ring="+18165550101") as endpoint:
        answer = endpoint.send(from_twilio("/twilio/dial-done", {**CALL, "DialCallStatus": status}))

        assert [each.tag for each in xml(answer.text)] == ["Hangup"]
        (call,) = endpoint.kept()
        assert isinstance(call, PhoneCall)
        assert (call.caller, call.answered) == ("+18165550142", answered)


def test_where_no_phone_rings_a_call_is_missed_and_the_caller_hears_that_it_is_busy(endpoint: Endpoint) -> None:
    answer = endpoint.send(from_twilio("/twilio/voice", CALL))

    assert [(each.tag, each.get("reason")) for each in xml(answer.text)] == [("Reject", "busy")]
    (call,) = endpoint.kept()
    assert isinstance(call, PhoneCall)
    assert not call.answered


def test_events_of_sendgrid_are_recorded_together(endpoint: Endpoint) -> None:
    answer = endpoint.send(from_sendgrid("/sendgrid/events", [event() for _ in range(50)]))

    assert answer.status_code == 204
    assert [type(each) for each in endpoint.kept()] == [Receipt] * 50


def test_a_mail_with_letters_of_its_own_is_recorded(endpoint: Endpoint) -> None:
    fields = {
        "headers": "From: Maria <maria@example.com>\nTo: hello@example.com\nMessage-ID: <1@example.com>\n",
        "from": "Maria <maria@example.com>", "to": "hello@example.com", "subject": "Re: your roof",
        "text": "¿Mañana?".encode("latin-1"), "charsets": '{"text":"iso-8859-1","from":"UTF-8"}',
        "envelope": '{"to":["hello@example.com"],"from":"maria@example.com"}',
    }  # fmt: skip
    body, kind = mail(fields)
    answer = endpoint.send(from_sendgrid("/sendgrid/inbound", body, content_type=kind))

    assert answer.status_code == 204
    (told,) = endpoint.kept()
    assert isinstance(told, Inbound)
    assert told.channel == "email"


def test_an_endpoint_below_a_path_is_reached_with_it_and_without(tmp_path: Path) -> None:
    url = "https://shop.example.com:8443/in/hooks"
    with open_endpoint(tmp_path, public_url=url) as endpoint:
        calls = [from_twilio("/twilio/sms", sms(), url=url) for _ in range(3)]
        codes = [
            endpoint.send(calls[0], at="/in/hooks/twilio/sms").status_code,
            endpoint.send(calls[1], at="/twilio/sms").status_code,
            endpoint.send(calls[2], at="/in/other/twilio/sms").status_code,
        ]

    assert codes == [200, 200, 404]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example.net"},
        {"Host": "a b\\c\x00:99999999"},
        {"X-Forwarded-Host": "evil.example.net", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "81"},
        {"X-Forwarded-Prefix": "/evil", "Forwarded": "host=evil.example.net;proto=http"},
        {"X-HTTP-Method-Override": "GET", "X-Original-URL": "/healthz", "X-Rewrite-Url": "/healthz"},
    ],
)
def test_what_a_proxy_says_of_host_and_scheme_counts_for_nothing(endpoint: Endpoint, headers: dict[str, str]) -> None:
    for scheme in ("http", "https"):
        call = from_twilio("/twilio/sms", sms())
        answer = endpoint.send(replace(call, headers={**call.headers, **headers}), base_url=f"{scheme}://127.0.0.1:1")
        assert answer.status_code == 200
    forged = from_twilio("/twilio/sms", sms(), url="https://evil.example.net")

    assert endpoint.send(replace(forged, headers={**forged.headers, **headers})).status_code == 403
    assert len(endpoint.kept()) == 2


def test_while_the_database_is_busy_everything_is_to_be_told_again(tmp_path: Path) -> None:
    calls = [from_twilio("/twilio/sms", sms()), from_sendgrid("/sendgrid/events", [event()])]
    with open_endpoint(tmp_path, wait=0.05) as endpoint:
        with closing(sqlite3.connect(tmp_path / "cadence.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answers = [endpoint.send(call) for call in calls]

        assert [(each.status_code, each.headers["Retry-After"], each.data) for each in answers] == [
            (503, "30", b"")
        ] * 2
        assert endpoint.kept() == []
        assert [endpoint.send(call).status_code for call in calls] == [200, 204]
        assert len(endpoint.kept()) == 2


def test_without_a_database_nothing_is_taken_and_health_says_so(tmp_path: Path) -> None:
    with open_endpoint(tmp_path) as endpoint:
        assert endpoint.get("/healthz").text == "ok\n"
        endpoint.account.store.close()
        (tmp_path / "cadence.db").unlink()

        assert endpoint.send(from_twilio("/twilio/sms", sms())).status_code == 503
        assert endpoint.get("/healthz").status_code == 503


def test_a_fault_of_ours_loses_nothing_either(tmp_path: Path) -> None:
    class Faulty(StoreDesk):
        def take(self, items: Sequence[Item]) -> None:
            raise LookupError("a fault of the program, with a number: +18165550142")

    with open_endpoint(tmp_path) as endpoint:
        faulty = replace(endpoint, desk=Faulty(endpoint.account))
        answer = faulty.send(from_twilio("/twilio/sms", sms()))

    assert (answer.status_code, answer.data) == (503, b"")
