"""Who signed a request: the providers' own examples, and everything that must not pass for signed."""

from __future__ import annotations

import base64
import json

import pytest
from sendgrid.helpers.eventwebhook import EventWebhook

from cadence.errors import CadenceError
from cadence.web.signatures import NotSigned, key_of, sendgrid_signed, twilio_params
from support.hook_calls import PUBLIC_KEY, TOKEN, URL, Call, from_sendgrid, from_twilio, json_from_twilio, sms

#: From the tests of Twilio's and SendGrid's SDKs.
THEIRS = "https://mycompany.com/myapp.php?foo=1&bar=2"
THEIR_HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
THEIR_FORM = b"CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309"
THEIR_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6"
    "wEA3F+g=="
)
THEIR_SIGNATURE = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
THEIR_EVENTS = (
    b'[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":'
    b'"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":'
    b'"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":'
    b'"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n'
)


def read(call: Call, *tokens: str, url: str = URL) -> dict[str, str]:
    whole = f"{url}{call.path}?{call.query}" if call.query else f"{url}{call.path}"
    return dict(
        twilio_params(
            whole,
            call.body,
            content_type=call.headers["Content-Type"],
            signature=call.headers.get("X-Twilio-Signature", ""),
            settings=call.headers.get("X-Twilio-Webhooks-Signature-Settings", ""),
            tokens=tokens or (TOKEN,),
        )
    )


def why(call: Call, *tokens: str, url: str = URL) -> str:
    with pytest.raises(NotSigned) as refused:
        read(call, *tokens, url=url)
    return refused.value.why


def changed(call: Call, **parts: object) -> Call:
    return Call(**{"path": call.path, "body": call.body, "headers": call.headers, "query": call.query, **parts})


def test_twilio_s_own_examples_hold() -> None:
    form = twilio_params(
        THEIRS, THEIR_FORM, content_type="", signature="RSOYDt4T1cUTdK1PDd93/VVr8B8=", tokens=["12345"]
    )
    data = twilio_params(
        f"{THEIRS}&bodySHA256={THEIR_HASH}",
        b'{"property": "value", "boolean": true}',
        content_type="application/json",
        signature="a9nBmqA0ju/hNViExpshrM61xv4=",
        tokens=["12345"],
    )

    assert form["Caller"] == "+14158675309"
    assert data == {"property": "value"}


def test_blank_parameters_are_part_of_what_is_signed() -> None:
    params = {**sms(), "Body": "", "ToCity": "", "Spaces": "  as they came \t\n"}

    assert read(from_twilio("/twilio/sms", params)) == params
    without = from_twilio("/twilio/sms", params).body.replace(b"&ToCity=", b"")
    assert why(changed(from_twilio("/twilio/sms", params), body=without)) == "forged"


def test_a_parameter_that_stands_twice_is_signed_with_both_and_read_as_the_first() -> None:
    call = from_twilio("/twilio/sms", [("MediaUrl", "b"), ("MediaUrl", "a"), ("MediaUrl", "b"), ("To", "")])

    assert read(call) == {"MediaUrl": "b", "To": ""}
    assert why(changed(call, body=b"MediaUrl=b&To=")) == "forged"


def test_letters_of_every_kind_are_signed_as_text() -> None:
    params = sms(Body="¿Mañana a las 3? 😀 \u202e \x00 &=+%25", FromCity="SÃO PAULO")

    assert read(from_twilio("/twilio/sms", params)) == params


@pytest.mark.parametrize("body", [b"Body=%FF%FE", b"Body=\xff", b"Body=%C3", b"Body=\xc3%A9", b"%ED%A0%80=1"])
def test_bytes_that_are_no_text_were_signed_by_nobody(body: bytes) -> None:
    assert why(changed(from_twilio("/twilio/sms", sms()), body=body)) == "unreadable"


def test_more_parameters_than_anybody_sends_are_not_looked_into() -> None:
    assert why(changed(from_twilio("/twilio/sms", sms()), body=b"&".join([b"a=1"] * 2000))) == "unreadable"


def test_the_query_is_signed_as_it_came() -> None:
    call = from_twilio("/twilio/sms", sms(), query="b=2&a=1%20&a=&c")

    assert read(call)["Body"]
    assert why(changed(call, query="a=1%20&a=&b=2&c")) == "forged"
    assert why(changed(call, query="")) == "forged"


@pytest.mark.parametrize("url", ["http://hooks.example.com", "https://other.example.com", f"{URL}/more"])
def test_another_scheme_host_or_prefix_is_another_address(url: str) -> None:
    call = from_twilio("/twilio/sms", sms())

    assert why(call, url=url) == "forged"


@pytest.mark.parametrize(
    ("told", "signed"),
    [
        ("https://hooks.example.com", "https://hooks.example.com:443"),
        ("https://hooks.example.com:8443", "https://hooks.example.com:8443"),
        ("https://hooks.example.com:8443", "https://hooks.example.com"),
        ("https://hooks.example.com/cadence/x", "https://hooks.example.com/cadence/x"),
        ("https://hooks.example.com:8443/y", "https://hooks.example.com:8443/y"),
    ],
)
def test_twilio_signs_with_or_without_the_port(told: str, signed: str) -> None:
    assert read(from_twilio("/twilio/sms", sms(), url=signed), url=told)["To"] == "+18165550100"


def test_while_tokens_are_exchanged_each_is_good() -> None:
    old, new = "2a" * 16, "3b" * 16
    by_old, by_new = (from_twilio("/twilio/sms", sms(), token=token) for token in (old, new))

    assert read(by_old, new, old)
    assert read(by_new, new, old)
    assert why(by_old, new) == "forged"


def test_without_a_token_nothing_is_believed() -> None:
    call = from_twilio("/twilio/sms", sms(), token="")

    with pytest.raises(NotSigned):
        twilio_params(URL, call.body, content_type="", signature="x", tokens=())


def test_a_shared_key_may_sign_with_sha256_and_nothing_stranger() -> None:
    call = from_twilio("/twilio/sms", sms(), algorithm="HMAC_SHA256")
    stranger = {**call.headers, "X-Twilio-Webhooks-Signature-Settings": "algorithm=NONE"}

    assert read(call)["NumMedia"] == "0"
    assert why(changed(call, headers=stranger)) == "forged"


def test_a_json_body_is_covered_by_its_hash_in_the_signed_address() -> None:
    call = json_from_twilio("/twilio/status", json.dumps({"MessageSid": "SM1", "Count": 3}).encode())

    assert read(call) == {"MessageSid": "SM1"}
    assert why(changed(call, body=call.body + b" ")) == "forged"
    assert why(changed(call, body=b"\xff")) == "unreadable"
    assert why(changed(call, query="")) == "unreadable"
    assert read(json_from_twilio("/twilio/status", b"[" * 100_000)) == {}


@pytest.mark.parametrize("signature", ["x", "é", "=" * 10_000, "RSOYDt4T1cUTdK1PDd93/VVr8B8="])
def test_a_made_up_signature_is_refused(signature: str) -> None:
    call = from_twilio("/twilio/sms", sms())

    assert why(changed(call, headers={**call.headers, "X-Twilio-Signature": signature})) == "forged"
    assert why(changed(call, headers={"Content-Type": ""})) == "unsigned"


def signed(call: Call, *keys: str, **parts: str) -> None:
    headers = {key.rpartition("-")[2].lower(): value for key, value in call.headers.items()}
    known = {"signature": headers["signature"], "timestamp": headers["timestamp"], **parts}
    sendgrid_signed(call.body, keys=[key_of(each) for each in keys or (PUBLIC_KEY,)], **known)


def test_sendgrid_s_own_example_holds() -> None:
    sendgrid_signed(THEIR_EVENTS, signature=THEIR_SIGNATURE, timestamp="1600112502", keys=[key_of(THEIR_KEY)])


def test_whatever_the_sdk_takes_for_signed_is_signed_here() -> None:
    call = from_sendgrid("/sendgrid/events", [{"text": "¿Sí? 😀"}])
    signature = call.headers["X-Twilio-Email-Event-Webhook-Signature"]

    assert EventWebhook(PUBLIC_KEY).verify_signature(call.body.decode(), signature, "1795500001")
    signed(call)


def test_a_mail_whose_bytes_are_no_utf_8_is_signed_all_the_same() -> None:
    signed(from_sendgrid("/sendgrid/inbound", "Añorado".encode("latin-1") + bytes(range(256))))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"signature": ""}, "unsigned"),
        ({"timestamp": ""}, "unsigned"),
        ({"timestamp": "1795500002"}, "forged"),
        ({"timestamp": "\u20ac"}, "unreadable"),
        ({"signature": "%%%"}, "forged"),
        ({"signature": "abcde"}, "unreadable"),
        ({"signature": "é"}, "unreadable"),
        ({"signature": base64.b64encode(b"0" * 70).decode()}, "forged"),
    ],
)
def test_what_sendgrid_did_not_sign_is_refused(parts: dict[str, str], said: str) -> None:
    with pytest.raises(NotSigned) as refused:
        signed(from_sendgrid("/sendgrid/events", []), **parts)

    assert refused.value.why == said


def test_a_changed_byte_is_noticed_and_another_s_key_is_not_ours() -> None:
    call = from_sendgrid("/sendgrid/events", [])

    with pytest.raises(NotSigned, match="forged"):
        signed(changed(call, body=call.body + b" "))
    with pytest.raises(NotSigned, match="forged"):
        signed(call, THEIR_KEY)
    signed(call, THEIR_KEY, PUBLIC_KEY)


def test_a_request_as_old_as_the_hills_is_still_signed() -> None:
    signed(from_sendgrid("/sendgrid/events", [], timestamp="1000000000"))


@pytest.mark.parametrize("wrapped", [PUBLIC_KEY, f"-----BEGIN PUBLIC KEY-----\n{PUBLIC_KEY}\n-----END PUBLIC KEY-----"])
def test_a_key_may_come_with_its_pem_lines(wrapped: str) -> None:
    assert key_of(wrapped) == key_of(PUBLIC_KEY)


@pytest.mark.parametrize("text", ["", "x", "MFkw", PUBLIC_KEY[:-6], base64.b64encode(b"x" * 90).decode(), "é"])
def test_what_is_no_key_is_named_and_not_shown(text: str) -> None:
    with pytest.raises(CadenceError, match="SENDGRID_WEBHOOK_KEY is not a verification key"):
        key_of(text)
