"""Providers who call the hooks: requests signed beforehand, and many at once who wait for each answer."""

from __future__ import annotations

import base64
import http.client
import json
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from twilio.request_validator import RequestValidator

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SETTINGS", "URL", "Request", "call", "events", "texts"]

URL = "https://hooks.example.com"
_TOKEN = "1f" * 16
_KEY = generate_private_key(SECP256R1())
_PUBLIC = _KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
#: What the program that is called needs to know.
SETTINGS = {
    "TWILIO_AUTH_TOKEN": _TOKEN,
    "SENDGRID_WEBHOOK_KEY": base64.b64encode(_PUBLIC).decode(),
    "CADENCE_SECRET": "b" * 32,
}
Request = tuple[str, bytes, dict[str, str]]  #: path, body, headers


def texts(number: int) -> list[Request]:
    """Sign so many text messages, as Twilio does."""
    validator, made = RequestValidator(_TOKEN), []
    for each in range(number):
        params = {
            "AccountSid": f"AC{0:032x}", "ApiVersion": "2010-04-01", "Body": "Yes, call me after four, please",
            "From": f"+1816{2_000_000 + each}", "FromCity": "KANSAS CITY", "FromCountry": "US", "FromState": "MO",
            "FromZip": "", "MessageSid": f"SM{each:032x}", "NumMedia": "0", "NumSegments": "1",
            "SmsMessageSid": f"SM{each:032x}", "SmsSid": f"SM{each:032x}", "SmsStatus": "received",
            "To": "+18165550100", "ToCity": "", "ToCountry": "US", "ToState": "MO", "ToZip": "",
        }  # fmt: skip
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": validator.compute_signature(f"{URL}/twilio/sms", params),
        }
        made.append(("/twilio/sms", urlencode(params).encode(), headers))
    return made


def events(number: int, together: int) -> list[Request]:
    """Sign so many calls of SendGrid, each with ``together`` events."""
    made: list[Request] = []
    for each in range(number):
        told = [
            {
                "email": f"person.{place}@example.com", "timestamp": 1_795_500_000 + each, "event": "delivered",
                "smtp-id": f"<{place}@example.com>", "sg_event_id": f"event-{each:08d}-{place:04d}",
                "sg_message_id": f"mail-{each:08d}-{place:04d}.recv-1", "cadence_message": f"{place:020d}",
                "response": "250 2.0.0 OK",
            }
            for place in range(together)
        ]  # fmt: skip
        body = json.dumps(told).encode()
        signature = base64.b64encode(_KEY.sign(b"1795500001" + body, ECDSA(SHA256()))).decode()
        headers = {
            "Content-Type": "application/json",
            "X-Twilio-Email-Event-Webhook-Signature": signature,
            "X-Twilio-Email-Event-Webhook-Timestamp": "1795500001",
        }
        made.append(("/sendgrid/events", body, headers))
    return made


def call(port: int, requests: Sequence[Request], clients: int) -> tuple[float, list[float]]:
    """Make all calls, ``clients`` at once; return the seconds of all, and of each. RuntimeError for any but a 2xx."""
    waits: list[float] = []
    wrong: list[int] = []

    def client(mine: Sequence[Request]) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            for path, body, headers in mine:
                begin = time.perf_counter()
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                answer.read()
                waits.append(time.perf_counter() - begin)
                if answer.status not in (200, 204):
                    wrong.append(answer.status)

    threads = [threading.Thread(target=client, args=(requests[place::clients],)) for place in range(clients)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begin
    if wrong or len(waits) != len(requests):
        raise RuntimeError(f"{len(waits)} of {len(requests)} calls were answered, {len(wrong)} refused: {wrong[:1]}")
    return seconds, waits
