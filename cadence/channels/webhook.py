"""The webhook channel: tells other programs of a touch, signed in the form of Standard Webhooks.

Source: Standard Webhooks 1.0.0 (https://www.standardwebhooks.com), "Signature scheme" and "Delivery success and
failure", read 2026-11.

Unlike a text message, word to a program may be sent again when its answer was lost. Its ``webhook-id`` stays the same
on every attempt, and the form asks receivers to pass over an id that they have seen; the second copy changes nothing.
A phone has no such memory: there, what may have gone is :class:`~cadence.channels.channel.Lost`, and never repeated.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from cadence import __version__
from cadence.channels.channel import Absent, Accepted, Channel, Finding, NotNow, Outgoing, Refused, Result
from cadence.channels.kit import CADENCE_SECRET, SHORTEST_SECRET, Secret
from cadence.errors import CadenceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from http.client import HTTPConnection

    from cadence.channels.kit import Kit

__all__ = ["Endpoint", "Webhook", "payload_of", "signature_of"]

TIMEOUT = 15.0  #: seconds, for the connection and for the answer; the form recommends 15 to 30
MOST_PATIENCE = timedelta(hours=24)  #: no Retry-After keeps the channel still for longer
HERE = ("localhost", "127.0.0.1", "::1")  #: where the line need not be encrypted
INTERNAL = ("zones", "zone_source", "states")  #: of a lead's record: what was worked out, not said
SHORTEST, LONGEST = 24, 64  #: bytes of a signing key, as the form has it

_SECRET = replace(CADENCE_SECRET, needed=False)  # a program may have a key of its own
_AGAIN = frozenset({408, 425, 429, *range(500, 600)})
_GONE = frozenset({404, 410})


class Endpoint:
    """A program that is told."""

    def __init__(self, name: str, url: str, key: bytes) -> None:
        """``url`` is an address as cadence.yaml may have it; ``key`` signs."""
        parts = urlsplit(url)
        self.name = name
        self.key = key
        self.encrypted = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port
        self.path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def connection(self, timeout: float) -> HTTPConnection:
        """Return a connection that is not open yet."""
        from http.client import HTTPConnection, HTTPSConnection

        kind = HTTPSConnection if self.encrypted else HTTPConnection
        return kind(self.host, self.port, timeout=timeout)


class Webhook(Channel):
    """Posts each touch to the program it names. Follows no redirect, and reads no more of an answer than its head."""

    secrets: ClassVar[tuple[Secret, ...]] = (_SECRET,)

    wants_data = True
    workers = 4
    visible_after = timedelta(0)

    def __init__(self, account: str, endpoints: Mapping[str, Endpoint], *, timeout: float = TIMEOUT) -> None:
        self.account = account
        self.endpoints = endpoints
        self.timeout = timeout  #: seconds

    @classmethod
    def from_kit(cls, kit: Kit) -> Webhook:
        """Make it; CadenceError, listing all that is missing, when a program has no usable address or no key."""
        endpoints, faults = {}, []
        for name, url in kit.settings.options.get("to", {}).items():
            try:
                endpoints[name] = Endpoint(name, _url(kit, name, str(url)), _key(kit, name))
            except CadenceError as fault:
                faults.append(fault)
        if faults:
            raise CadenceError(
                "; ".join(dict.fromkeys(fault.message for fault in faults)),
                help="; ".join(dict.fromkeys(fault.help for fault in faults)),
            )
        return cls(kit.account, endpoints)

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        """Tell each program, once."""
        return [self._tell(message) for message in messages]

    def look_up(self, messages: Sequence[Outgoing]) -> Sequence[Finding]:
        """Say of each that it may go again: nobody can be asked, and a second copy changes nothing."""
        return [Absent()] * len(messages)

    def _tell(self, message: Outgoing) -> Result:
        endpoint = self.endpoints.get(message.to)
        if endpoint is None:
            return Refused("no_endpoint", f"cadence.yaml has no program '{message.to}' any more")
        name = _name(message)
        body = json.dumps(payload_of(self.account, message), separators=(",", ":")).encode()
        seconds = int(datetime.now(UTC).timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"cadence/{__version__}",
            "webhook-id": name,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signature_of(endpoint.key, name, seconds, body),
        }
        try:
            status, after = self._post(endpoint, body, headers)
        except Exception as error:  # noqa: BLE001 - whatever broke the line: the copy that follows does no harm
            return NotNow("no_answer", f"'{endpoint.name}' did not answer: {type(error).__name__}")
        return _result(endpoint.name, status, after)

    def _post(self, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        connection = endpoint.connection(self.timeout)
        try:
            connection.request("POST", endpoint.path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Retry-After", "")
        finally:
            connection.close()


def payload_of(account: str, message: Outgoing) -> dict[str, Any]:
    """Return what a program is told of a touch."""
    data = message.data
    record = data.get("lead", {})
    return {
        "type": "touch.due",
        "id": _name(message),
        "account": account,
        "at": message.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "lead": {"id": message.lead, **{key: value for key, value in record.items() if key not in INTERNAL}},
        **{key: data.get(key, "") for key in ("playbook", "stage", "touch", "enrolment", "owner")},
        "text": message.body,
    }


def signature_of(key: bytes, name: str, seconds: int, body: bytes) -> str:
    """Sign a message: ``v1,`` and the HMAC-SHA256 of ``id.timestamp.body`` in base64."""
    signed = hmac.new(key, f"{name}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def _name(message: Outgoing) -> str:
    """Return what the message is called on every attempt."""
    return message.handle or hashlib.sha256(message.key.encode("utf-8", "replace")).hexdigest()[:32]


def _url(kit: Kit, name: str, url: str) -> str:
    """Return the address of a program: the machine's own word goes before the page's."""
    variable = f"WEBHOOK_URL_{_in_capitals(name)}"
    given = kit.setting(variable).strip()
    parts = urlsplit(given or url)
    try:
        usable = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
        usable = usable and bool(parts.hostname) and not parts.username and (parts.port or 443) > 0
    except ValueError:  # a port that is no number
        usable = False
    if not usable or not re.fullmatch(r"[!-~]+", given or url):
        raise CadenceError(
            f"the address of the program '{name}' cannot be used",
            help=f"write it like https://crm.example.com/hooks, in {variable if given else 'cadence.yaml'}",
        )
    return given or url


def _key(kit: Kit, name: str) -> bytes:
    """Return the key that signs what goes to a program: its own, or one derived from CADENCE_SECRET."""
    variable = f"WEBHOOK_SECRET_{_in_capitals(name)}"
    given = kit.setting(variable).strip()
    if given:
        return _own_key(variable, given)
    secret = kit.secret(_SECRET)
    if len(secret) < SHORTEST_SECRET:
        said = "is too short" if secret else "is not set"
        raise CadenceError(
            f"nothing signs what goes to the program '{name}': there is no {variable}, and CADENCE_SECRET {said}",
            help=f"put CADENCE_SECRET into .env or the environment: {_SECRET.what}",
        )
    return hmac.new(secret.encode(), f"webhook:{kit.account}:{name}".encode(), hashlib.sha256).digest()


def _own_key(variable: str, given: str) -> bytes:
    try:
        key = base64.b64decode(given.removeprefix("whsec_"), validate=True) if given.startswith("whsec_") else b""
    except binascii.Error:
        key = b""
    if not SHORTEST <= len(key) <= LONGEST:
        raise CadenceError(
            f"{variable} is not a signing key",
            help=f"write whsec_ and {SHORTEST} to {LONGEST} random bytes in base64, as `openssl rand -base64 32` makes",
        )
    return key


def _in_capitals(name: str) -> str:
    return name.upper().replace("-", "_")


def _result(name: str, status: int, after: str) -> Result:
    code = f"http_{status}"
    if 200 <= status < 300:
        return Accepted()
    if status in _AGAIN:
        return NotNow(code, f"'{name}' could not take it now", after=_patience(after))
    if status in _GONE:
        return Refused(code, f"'{name}' is gone, and nothing will reach it: write its new address, or end its touches")
    if 300 <= status < 400:
        return Refused(code, f"'{name}' has moved; redirects are not followed: write its new address")
    return Refused(code, f"'{name}' will not have it")


def _patience(after: str) -> timedelta | None:
    """Read a Retry-After: seconds, or a date."""
    text = after.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(timedelta(seconds=int(text)), MOST_PATIENCE)
    try:
        left = parsedate_to_datetime(text) - datetime.now(UTC)
    except (ValueError, TypeError):
        return None
    return max(timedelta(0), min(left, MOST_PATIENCE))
