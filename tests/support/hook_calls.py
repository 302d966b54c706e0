"""Requests as Twilio and SendGrid make them: signed by the official SDK's own hand, or by a key pair of the tests'."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from cadence.web.door import Door
from cadence.web.signatures import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "PUBLIC_KEY",
    "SECRET",
    "TOKEN",
    "URL",
    "Call",
    "door",
    "event",
    "from_sendgrid",
    "from_twilio",
    "mail",
    "sms",
]

URL = "https://hooks.example.com"
TOKEN = "1f" * 16
SECRET = "a secret of more than thirty-two characters"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
_KEY = generate_private_key(SECP256R1())
PUBLIC_KEY = base64.b64encode(
    _KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()  #: as SendGrid shows it
_numbers = count(1)


@dataclass(frozen=True)
class Call:
    """One POST: what a provider sends to a path of ours."""

    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""


def door(**more: Any) -> Door:
    """A shop's door, with the secrets that sign the calls of this module."""
    known: dict[str, Any] = {
        "account": "summit", "business": "Summit Roofing", "public_url": URL, "twilio_tokens": (TOKEN,),
        "sendgrid_keys": (key_of(PUBLIC_KEY),), "secret": SECRET,
    }  # fmt: skip
    return Door(**{**known, **more})


def sms(**more: str) -> dict[str, str]:
    """What Twilio tells of a text message; blank parameters as it has them."""
    sid = f"SM{next(_numbers):032x}"
    return {
        "ToCountry": "US", "ToState": "MO", "SmsMessageSid": sid, "NumMedia": "0", "ToCity": "", "FromZip": "",
        "SmsSid": sid, "FromState": "MO", "SmsStatus": "received", "FromCity": "KANSAS CITY", "Body": "Yes, call me",
        "FromCountry": "US", "To": "+18165550100", "ToZip": "", "NumSegments": "1", "MessageSid": sid,
        "AccountSid": f"AC{'0' * 32}", "From": "+18165550142", "ApiVersion": "2010-04-01", **more,
    }  # fmt: skip


def from_twilio(
    path: str,
    params: Mapping[str, str] | Sequence[tuple[str, str]],
    *,
    url: str = URL,
    query: str = "",
    token: str = TOKEN,
    algorithm: str = "",
) -> Call:
    """Sign a form as Twilio does; ``url`` is the address that it was given, without the path."""
    said = MultiDict(params if not isinstance(params, dict) else list(params.items()))
    whole = f"{url}{path}?{query}" if query else f"{url}{path}"
    headers = {"X-Twilio-Signature": RequestValidator(token).compute_signature(whole, said, algorithm or None)}
    if algorithm:
        headers["X-Twilio-Webhooks-Signature-Settings"] = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
    body = urlencode(list(said.items(multi=True))).encode()
    return Call(path, body, {**headers, "Content-Type": FORM, "I-Twilio-Idempotency-Token": "t-1"}, query)


def json_from_twilio(path: str, body: bytes, *, query: str = "") -> Call:
    """Sign a JSON body as Twilio does: its SHA-256 stands in the signed address."""
    query = f"{query}&" * bool(query) + f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = RequestValidator(TOKEN).compute_signature(f"{URL}{path}?{query}", {})
    return Call(path, body, {"X-Twilio-Signature": signature, "Content-Type": "application/json"}, query)


def event(**more: Any) -> dict[str, Any]:
    """What SendGrid tells of a mail."""
    number = next(_numbers)
    return {
        "email": "maria@example.com", "timestamp": 1_795_500_000, "event": "delivered", "smtp-id": "<a@example.com>",
        "sg_event_id": f"event-{number}", "sg_message_id": f"mail-{number}.filter-1", "cadence_message": "a" * 20,
        "response": "250 OK", **more,
    }  # fmt: skip


def from_sendgrid(
    path: str, body: bytes | list[Any], *, content_type: str = "application/json", timestamp: str = "1795500001"
) -> Call:
    """Sign bytes, or events as JSON, as SendGrid does."""
    if isinstance(body, list):
        body = json.dumps(body).encode() + b"\r\n"
    signature = base64.b64encode(_KEY.sign(timestamp.encode() + body, ECDSA(SHA256()))).decode()
    return Call(
        path,
        body,
        {
            "X-Twilio-Email-Event-Webhook-Signature": signature,
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
            "Content-Type": content_type,
        },
    )


def mail(fields: Mapping[str, str | bytes], boundary: str = "xYzZY") -> tuple[bytes, str]:
    """Write a multipart form as Inbound Parse does; return it and its content type."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        + (value if isinstance(value, bytes) else value.encode())
        + b"\r\n"
        for name, value in fields.items()
    ]
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
