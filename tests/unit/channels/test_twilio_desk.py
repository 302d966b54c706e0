"""The tests' own Twilio is held to Twilio's description of its API, and so is whoever asks it."""

from __future__ import annotations

from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from cadence.channels.twilio_line import Failed
from support.twilio_description import twilio_description
from support.twilio_desk import ACCOUNT, OURS, SERVICE, TOKEN, TwilioDesk, twilio_desk
from support.twilio_make import BODY, HER, line, outgoing, sms
from support.twilio_signed import signed

if TYPE_CHECKING:
    from typing import Any

PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Basic eDp5"}


@pytest.mark.parametrize(
    ("text", "lawful"),
    [
        ({"to": HER, "from_": OURS, "body": BODY}, True),
        ({"to": HER, "messaging_service_sid": SERVICE, "body": BODY, "validity_period": 60}, True),
        ({"to": HER, "messaging_service_sid": "MG1", "body": BODY}, False),
        ({"to": HER, "from_": OURS, "body": BODY, "validity_period": "an hour"}, False),
        ({"to": HER, "from_": OURS, "body": BODY, "risk_check": "maybe"}, False),
    ],
)
def test_an_unlawful_request_is_caught(text: dict[str, Any], lawful: bool) -> None:
    def send() -> None:
        with twilio_desk() as desk, suppress(Failed):
            line(desk).call(lambda client: client.messages.create(**text))

    if lawful:
        send()
    else:
        with pytest.raises(AssertionError, match="Request body"):
            send()


def test_a_request_without_a_recipient_or_a_login_is_caught() -> None:
    description = twilio_description()

    assert description.request_faults("POST", PATH, HEADERS, b"To=%2B1816&Body=x") == []
    assert description.request_faults("POST", PATH, HEADERS, b"Body=x")
    assert description.request_faults("POST", PATH, {"Content-Type": HEADERS["Content-Type"]}, b"To=1")
    assert description.request_faults("GET", f"{PATH}?PageSize=2000", HEADERS, b"")
    assert description.request_faults("GET", "/2010-04-01/Accounts/AC1/Messages.json", HEADERS, b"")


@pytest.mark.parametrize(("name", "value"), [("status", "gone"), ("sid", "SM1"), ("num_segments", 1), ("from", 7)])
def test_an_unlawful_answer_is_caught(name: str, value: object) -> None:
    class Wrong(TwilioDesk):
        def _message(self, **given: Any) -> dict[str, Any]:
            return {**super()._message(**given), name: value}

    desk = Wrong()
    status, data, _ = desk.answer("POST", PATH, {"To": HER, "From": OURS, "Body": "x"}, f"{ACCOUNT}:{TOKEN}")

    assert twilio_description().faults("POST", PATH, HEADERS, b"To=%2B1816", status, data)


def test_a_webhook_is_signed_as_the_official_check_wants_it() -> None:
    url, params = "https://hooks.example.com/twilio/sms?x=1", {"Body": "Olá & co", "From": HER, "Empty": ""}
    body, headers = signed(url, params, TOKEN)

    assert RequestValidator(TOKEN).validate(url, params, headers[SIGNATURE_HEADER])
    assert not RequestValidator(TOKEN).validate(url, {**params, "Body": "x"}, headers[SIGNATURE_HEADER])
    assert b"Ol%C3%A1+%26+co" in body
    assert b"Empty=" in body


def test_whoever_wants_to_be_told_gets_signed_webhooks(desk: TwilioDesk) -> None:
    """Signed for the public address, posted to where that leads."""
    heard: list[tuple[dict[str, str], str]] = []

    class Hooks(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            heard.append((dict(parse_qsl(body)), self.headers[SIGNATURE_HEADER]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Hooks) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        desk.callbacks = f"http://127.0.0.1:{server.server_port}/twilio/status"
        sms(desk, public_url="https://hooks.example.com").send([outgoing()])
        answer = desk.becomes(desk.sent[0]["sid"], "undelivered", 30006)
        thread.join(5)
    ((params, signature),) = heard

    assert answer == (204, b"")
    assert RequestValidator(TOKEN).validate("https://hooks.example.com/twilio/status", params, signature)
    assert (params["MessageStatus"], params["ErrorCode"], params["To"]) == ("undelivered", "30006", HER)
