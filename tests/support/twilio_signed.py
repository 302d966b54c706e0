"""A webhook as Twilio sends it: a form, and the signature over address and parameters made with the account's token."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["post", "signed"]

LONGEST = 10.0  #: seconds that an answer may take


def signed(url: str, params: Mapping[str, str], token: str) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a webhook to ``url``, which is the public address, whatever it is posted to."""
    signature = RequestValidator(token).compute_signature(url, dict(params))
    body = urlencode(params).encode()
    return body, {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "Content-Length": str(len(body)),
        "User-Agent": "TwilioProxy/1.1",
        SIGNATURE_HEADER: signature,
    }


def post(url: str, params: Mapping[str, str], token: str, *, public: str = "") -> tuple[int, bytes]:
    """Post a signed webhook to ``url``, and return status and answer; ``public`` is the address it is signed for."""
    body, headers = signed(public or url, params, token)
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=LONGEST)
    try:
        connection.request("POST", f"{parts.path}?{parts.query}" if parts.query else parts.path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
