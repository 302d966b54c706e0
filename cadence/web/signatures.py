"""Who signed a request: Twilio by a shared token, SendGrid by a key pair. What nobody signed is never looked into.

A signature is checked over the configured public URL and the bytes as they came; what a proxy or a caller says of host
and scheme counts for nothing. Neither provider's signature grows old here: SendGrid sends again for a day, and does not
say whether with a new time stamp. A request that is sent once more tells nothing new, since every item has a key.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl

from cadence.errors import CadenceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

__all__ = ["NotSigned", "key_of", "sendgrid_signed", "twilio_params"]

FORM = "application/x-www-form-urlencoded"
MOST_PARAMS = 1000


class NotSigned(Exception):  # noqa: N818 - says what is so
    """A request is not from where it says; ``why`` is a word for the log: unsigned, forged, unreadable."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def twilio_params(
    url: str, body: bytes, *, content_type: str, signature: str, settings: str = "", tokens: Sequence[str]
) -> Mapping[str, str]:
    """Return what a request of Twilio says; NotSigned when it is not Twilio's.

    ``url`` is the address that Twilio was given, with the query as it came. A form is UTF-8 text, for Twilio signs
    text: other bytes were not signed by anybody. A JSON body is covered by its SHA-256 in the signed query.
    ``settings`` names the algorithm, where it is not the usual one (X-Twilio-Webhooks-Signature-Settings).

    Source: twilio.com/docs/usage/webhooks/webhooks-security.
    """
    if not signature:
        raise NotSigned("unsigned")
    try:
        text = body.decode("utf-8")
        is_form = content_type.partition(";")[0].strip().lower() in (FORM, "")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMS) if is_form else []
        if not is_form and "bodySHA256" not in parse_qs(url.partition("?")[2]):
            raise NotSigned("unreadable")
        if not _twilio_signed(url, pairs if is_form else text, signature, settings, tokens):
            raise NotSigned("forged")
    except ValueError:
        raise NotSigned("unreadable") from None
    return dict(reversed(pairs)) if is_form else _texts(text)


def _twilio_signed(
    url: str, said: list[tuple[str, str]] | str, signature: str, settings: str, tokens: Iterable[str]
) -> bool:
    from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator, get_signature_algorithm
    from werkzeug.datastructures import MultiDict

    algorithm = get_signature_algorithm(settings).upper()
    if algorithm not in (HMAC_SHA1, HMAC_SHA256):
        return False
    params = said if isinstance(said, str) else MultiDict(said)
    return any(RequestValidator(token).validate(url, params, signature, algorithm) for token in tokens)


def _texts(text: str) -> Mapping[str, str]:
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return {name: each for name, each in data.items() if isinstance(each, str)} if isinstance(data, dict) else {}


def key_of(text: str) -> EllipticCurvePublicKey:
    """Read a verification key of SendGrid, with or without its PEM lines; CadenceError when it is none."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    lines = [line for line in text.replace("\\n", "\n").split("\n") if not line.startswith("-----")]
    try:
        key = load_der_public_key(base64.b64decode("".join(lines), validate=True))
    except Exception:  # noqa: BLE001 - of many kinds, all of them saying the same
        key = None
    if not isinstance(key, EllipticCurvePublicKey):
        raise CadenceError(
            "SENDGRID_WEBHOOK_KEY is not a verification key",
            help="copy it whole from SendGrid, Settings, Mail Settings, Event Webhook: it begins with MFkw",
        )
    return key


def sendgrid_signed(body: bytes, *, signature: str, timestamp: str, keys: Iterable[EllipticCurvePublicKey]) -> None:
    """NotSigned unless one of the keys belongs to whoever signed time stamp and body.

    What the SDK's ``EventWebhook`` does, on bytes: a mail in a multipart body need not be UTF-8, and the SDK takes
    text alone. Source: twilio.com/docs/sendgrid/for-developers/tracking-events, "signature verification".
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256

    if not (signature and timestamp):
        raise NotSigned("unsigned")
    try:
        signed, said = base64.b64decode(signature), timestamp.encode("latin-1") + body
    except ValueError:
        raise NotSigned("unreadable") from None
    for key in keys:
        try:
            key.verify(signed, said, ECDSA(SHA256()))
        except InvalidSignature:
            continue
        return
    raise NotSigned("forged")
