"""The tests' own Twilio is held to Twilio's description of its API, and so is whoever asks it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from cadence.channels.twilio_line import Failed
from support.twilio_description import twilio_description
from support.twilio_desk import ACCOUNT, OURS, SERVICE, TOKEN, TwilioDesk, twilio_desk
from support.twilio_make import BODY, HER, line
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
