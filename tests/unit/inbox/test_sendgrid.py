"""What SendGrid tells: events of mails of ours, and mails to us."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadence.inbox.mail import read_mail
from cadence.inbox.message import Inbound, Receipt, from_data, to_data
from cadence.inbox.sendgrid import events, parsed
from cadence.logs import open_log

MAILS = Path(__file__).parents[2] / "corpus" / "mails"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ENROLMENT = "mfzwizltoq2gk3tunbzx"
MESSAGE = "k5xw2zjanbuxg5dpoj4q"
AT = 1_796_000_000


def event(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "email": "Ana@example.net", "timestamp": AT, "event": kind, "sg_event_id": "ZGVsaXZlcmVk-0",
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0", "cadence_message": MESSAGE, **more,
    }  # fmt: skip


def one(kind: str, **more: Any) -> Receipt:
    (found,) = events([event(kind, **more)], NOW)
    return found


@pytest.mark.parametrize(
    ("kind", "more", "status"),
    [
        ("processed", {}, "sent"),
        ("deferred", {"response": "451 try later", "attempt": "5"}, "deferred"),
        ("delivered", {"response": "250 OK"}, "delivered"),
        ("bounce", {"type": "bounce", "status": "5.1.1"}, "bounced"),
        ("bounce", {"status": "5.1.1"}, "bounced"),
        ("bounce", {"type": "blocked", "status": "5.7.1"}, "blocked"),
        ("dropped", {"reason": "Bounced Address"}, "bounced"),
        ("dropped", {"reason": "Unsubscribed Address"}, "opted_out"),
        ("dropped", {"reason": "Spam Reporting Address"}, "complained"),
        ("dropped", {"reason": "Invalid"}, "bounced"),
        ("dropped", {"reason": "Invalid SMTPAPI header"}, "undelivered"),
        ("dropped", {"reason": "Spam Content (if Spam Checker app is enabled)"}, "filtered"),
        ("dropped", {"reason": "Recipient List over Package Quota"}, "filtered"),
        ("dropped", {"reason": "something new"}, "undelivered"),
        ("dropped", {}, "undelivered"),
        ("spamreport", {}, "complained"),
        ("unsubscribe", {}, "opted_out"),
        ("group_unsubscribe", {"asm_group_id": 10}, "opted_out"),
        ("group_resubscribe", {"asm_group_id": 10}, "returned"),
        ("open", {"ip": "192.0.2.1"}, "opened"),
        ("click", {"url": "https://example.com"}, "clicked"),
    ],
)
def test_each_event_tells_what_became_of_the_mail(kind: str, more: dict[str, Any], status: str) -> None:
    assert one(kind, **more).status == status


def test_an_event_names_the_mail_in_our_way_and_in_sendgrids() -> None:
    found = one("delivered")

    assert (found.source, found.channel, found.key) == ("sendgrid", "email", "ZGVsaXZlcmVk-0")
    assert (found.handle, found.provider_id, found.address) == (MESSAGE, "14c5d75ce93", "ana@example.net")
    assert found.at == datetime.fromtimestamp(AT, UTC)


def test_what_the_mail_server_said_is_told_without_the_address() -> None:
    found = one("bounce", status="5.1.1", reason="550 5.1.1 <ana@example.net>: no such\r\nuser")

    assert (found.code, found.detail) == ("5.1.1", "550 5.1.1 <a***@example.net>: no such user")


@pytest.mark.parametrize("handle", ["", "x", MESSAGE.upper(), MESSAGE + "a", 7, None, ["a"]])
def test_what_is_no_name_of_ours_is_left_out(handle: object) -> None:
    assert one("delivered", cadence_message=handle).handle == ""


@pytest.mark.parametrize("stamp", [None, "soon", -1, 10**15, float("nan"), float("inf"), True, [], "١٢٣"])
def test_a_time_that_makes_no_sense_is_now(stamp: object) -> None:
    assert one("delivered", timestamp=stamp).at == NOW


def test_an_event_without_an_id_has_the_same_key_each_time() -> None:
    without = [{name: value for name, value in event("open").items() if name != "sg_event_id"}]

    assert events(without, NOW)[0].key == events(without, NOW)[0].key
    assert events(without, NOW)[0].key != events([{**without[0], "timestamp": AT + 1}], NOW)[0].key


def test_what_is_damaged_or_unknown_stops_none_behind_it_and_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CADENCE_LOG", str(tmp_path / "log"))
    told = [None, "x", {}, {"event": 5}, [event("open")], event("account_status_change"), event("delivered")]

    with open_log(tmp_path):
        found = events(told, NOW)

    assert [each.status for each in found] == ["delivered"]
    line = json.loads((tmp_path / "log").read_text())
    assert (line["event"], line["unknown"], line["damaged"]) == ("sendgrid.left_out", 1, 5)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_EVENTS = st.dictionaries(
    st.sampled_from(["event", "email", "timestamp", "sg_event_id", "sg_message_id", "cadence_message", "reason",
                     "type", "status", "response"]),
    st.sampled_from(["bounce", "dropped", "open", "delivered"]) | _JSON,
)  # fmt: skip


@given(st.lists(_EVENTS | _JSON, max_size=4))
def test_whatever_a_call_holds_it_makes_receipts_that_can_be_kept(payload: list[Any]) -> None:
    for found in events(payload, NOW):
        kind, data = to_data(found)
        assert from_data(kind, data) == found
        assert "\0" not in repr(data)
        json.dumps(data, ensure_ascii=False).encode()


HEADERS = f"""Received: by mx.example.com with SMTP id 1
From: =?iso-8859-1?Q?Jos=E9?= <jose@example.net>
To: Summit <hello+{ENROLMENT}@summit.example.com>
Subject: Re: Your roof
Date: Tue, 24 Nov 2026 11:12:30 -0600
Message-ID: <parse-1@example.net>
In-Reply-To: <{MESSAGE}.1@summit.example.com>
"""


def fields(**given: str | bytes) -> dict[str, bytes]:
    plain: dict[str, str | bytes] = {
        "headers": HEADERS, "text": "Sí, mañana".encode("latin-1"), "html": "<p>no</p>",
        "from": "José <jose@example.net>",
        "to": f"hello+{ENROLMENT}@summit.example.com", "subject": "Re: Your roof", "attachments": "0",
        "envelope": json.dumps({"to": [f"hello+{ENROLMENT}@summit.example.com"], "from": "jose@example.net"}),
        "charsets": json.dumps({"to": "UTF-8", "subject": "UTF-8", "from": "UTF-8", "text": "iso-8859-1"}),
    }  # fmt: skip
    return {name: value.encode() if isinstance(value, str) else value for name, value in {**plain, **given}.items()}


def message(**given: str | bytes) -> Inbound:
    found = parsed(fields(**given), NOW)
    assert isinstance(found, Inbound)
    return found


def test_a_mail_taken_apart_is_put_together() -> None:
    found = message()

    assert (found.source, found.key, found.sender) == ("parse", "parse-1@example.net", "jose@example.net")
    assert (found.handle, found.answers) == (ENROLMENT, (f"{MESSAGE}.1@summit.example.com",))
    assert (found.text, found.subject) == ("Sí, mañana", "Re: Your roof")
    assert found.at == datetime(2026, 11, 24, 17, 12, 30, tzinfo=UTC)


def test_each_field_is_read_in_its_own_letters() -> None:
    charsets = json.dumps({"text": "UTF-8", "html": "windows-1252"})

    assert message(text="Sí", charsets=charsets).text == "Sí"
    assert message(text="", html="that’s".encode("cp1252"), charsets=charsets).text == "that’s"


@pytest.mark.parametrize("charsets", ["", "[]", "{", '{"text": 5}', "[" * 100_000])
def test_letters_that_are_not_named_are_read_as_they_look(charsets: str) -> None:
    assert message(charsets=charsets).text == "Sí, mañana"


def test_the_envelope_tells_the_reply_address_where_the_headers_do_not() -> None:
    headers = HEADERS.replace(f"hello+{ENROLMENT}", "undisclosed")

    assert message(headers=headers).handle == ENROLMENT


def test_headers_that_are_missing_are_made_of_the_fields_that_repeat_them() -> None:
    found = message(headers="")

    assert (found.sender, found.subject, found.handle) == ("jose@example.net", "Re: Your roof", ENROLMENT)
    assert found.key.startswith("sha256:")


@pytest.mark.parametrize("name", ["gmail_reply", "out_of_office_es", "html_only", "dsn_postfix", "broken_parts"])
@pytest.mark.parametrize("field", ["email", "rawEmail"])
def test_a_whole_mail_means_the_same_as_from_a_mailbox(name: str, field: str) -> None:
    raw = (MAILS / f"{name}.eml").read_bytes()

    assert parsed({field: raw}, NOW) == read_mail(raw, received=NOW, source="parse")


def test_a_machines_mail_keeps_the_headers_that_say_so() -> None:
    assert message(headers=f"{HEADERS}Auto-Submitted: auto-replied\n").headers["auto-submitted"] == "auto-replied"


def test_our_own_copy_is_passed_over() -> None:
    headers = "From: hello@summit.example.com\nTo: ana@example.net\n"
    plain = fields(headers=headers, envelope=json.dumps({"to": ["inbox@parse.example.com"]}), to="")

    assert parsed(plain, NOW, ours=["hello@summit.example.com"]) is None


@pytest.mark.parametrize("nothing", [{}, {"email": b""}, {"text": b"", "headers": b"\r\n"}, {"spam_score": b"1"}])
def test_a_form_that_holds_no_mail_tells_nothing(nothing: dict[str, bytes]) -> None:
    assert parsed(nothing, NOW) is None


@given(
    st.dictionaries(
        st.sampled_from(["headers", "text", "html", "from", "to", "cc", "subject", "envelope", "charsets", "email"]),
        st.binary(max_size=60) | st.sampled_from([b'{"to": ["a", 5]}', b'{"text": "utf-16"}', HEADERS.encode()]),
    )
)
def test_whatever_a_form_holds_it_makes_an_item_that_can_be_kept(form: dict[str, bytes]) -> None:
    found = parsed(form, NOW)
    if found is not None:
        kind, data = to_data(found)
        assert from_data(kind, data) == found
        assert "\0" not in repr(data)


def test_libraries_that_write_down_requests_are_quiet(tmp_path: Path) -> None:
    with open_log(tmp_path):
        assert not logging.getLogger("python_http_client.client").isEnabledFor(logging.DEBUG)
