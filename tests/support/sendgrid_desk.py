"""A SendGrid of the tests' own: it takes mails over real HTTP on this machine, with bad days to order.

What it is asked and what it answers is held against SendGrid's own description of its API; what that has against either
is in :attr:`SendGridDesk.faults`, and :func:`sendgrid_desk` lets no test end with any.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse
from werkzeug.datastructures import ImmutableMultiDict

from support.sendgrid_lists import ListsDesk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["KEY", "NOW", "Day", "SendGridDesk", "sendgrid_desk"]

KEY = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
NOW = 1_796_000_000  #: the desk's clock, in seconds since 1970
LISTS = "/v3/suppression/"
LONGEST = 20.0  #: seconds that an answer is held back at most
SPECS = Path(__file__).parents[1] / "specs"
MAIL = "tsg_mail_v3.json"
#: What can be asked, and the description that has it.
ASKED = {
    "/v3/scopes": "tsg_scopes_v3.json",
    "/v3/whitelabel/domains": "tsg_domain_authentication_v3.json",
    "/v3/verified_senders": "tsg_verified_senders_v3.json",
}
HOST = "https://api.sendgrid.com"
RESERVED = {
    *("x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"),
    *("to", "from", "subject", "reply-to", "cc", "bcc"),
}


@dataclass(frozen=True, kw_only=True)
class Day:
    """What goes wrong with one call."""

    accepted: bool = False  #: the mail was taken in spite of what is answered
    half: bool = False  #: the line is reset while the call is still being handed over
    cut: bool = False  #: the line is cut without an answer
    hang: bool = False  #: no answer comes as long as anybody waits
    short: bool = False  #: the answer ends before its announced length
    status: int = 0
    errors: tuple[tuple[str, str], ...] = ()  #: message and field of each
    body: str = ""  #: or this, as it is
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class SendGridDesk:
    """One account."""

    port: int = 0
    mails: list[dict[str, Any]] = field(default_factory=list)  #: taken
    calls: int = 0
    headers: list[dict[str, str]] = field(default_factory=list)  #: of each call
    days: list[Day] = field(default_factory=list)
    no_address: set[str] = field(default_factory=set)
    lists: ListsDesk = field(default_factory=ListsDesk)  #: whom it writes to no more
    clock: Callable[[], float] = lambda: NOW  #: of its answers
    scopes: list[str] = field(default_factory=lambda: ["mail.send", "suppression.bounces.read", "whitelabel.read"])
    domains: dict[str, bool] = field(default_factory=dict)  #: authenticated ones -> whether its records were found
    senders: dict[str, bool] = field(default_factory=dict)  #: single senders -> whether they are verified
    closed: set[str] = field(default_factory=set)  #: paths that the key may not ask
    faults: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def next_day(self, *, half: bool = False) -> Day:
        """Take what goes wrong next; a line that is reset half-way is asked for by itself."""
        with self.lock:
            return self.days.pop(0) if self.days and self.days[0].half == half else Day()

    def take(self, mail: dict[str, Any], key: str) -> tuple[int, bytes, dict[str, str]]:
        """Take a mail as SendGrid does."""
        if key != f"Bearer {KEY}":
            return 401, _errors(("The provided authorization grant is invalid, expired, or revoked", "")), {}
        to = mail["personalizations"][0]["to"][0]["email"]
        if to in self.no_address:
            field_ = "personalizations.0.to.0.email"
            return 400, _errors((f"Does not contain a valid address: {to}", field_)), {}
        if reserved := {name for name in mail.get("headers", {}) if name.lower() in RESERVED}:
            return 400, _errors((f"reserved: {reserved}", "headers")), {}
        if any(";" in each["type"] for each in mail.get("attachments", ())):
            return 400, _errors(("The attachment type cannot contain ';'", "attachments.0.type")), {}
        if mail.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
            return 200, b"", {}
        with self.lock:
            self.mails.append(mail)
            return 202, b"", {"X-Message-Id": f"sg-{len(self.mails):020}"}

    def show(self, path: str, query: dict[str, str], key: str) -> tuple[int, bytes]:
        """Answer a question about the account."""
        if key != f"Bearer {KEY}":
            return 401, _errors(("authorization required", ""))
        if path in self.closed:
            return 403, _errors(("access forbidden", ""))
        if path == "/v3/scopes":
            return 200, json.dumps({"scopes": self.scopes}).encode()
        if path == "/v3/whitelabel/domains":
            record = {"valid": True, "type": "cname", "host": "em1.example.com", "data": "u1.wl.sendgrid.net"}
            found = [
                {"id": each, "user_id": 1, "subdomain": "em1", "domain": domain, "username": "summit", "ips": [],
                 "custom_spf": False, "default": True, "legacy": False, "automatic_security": True, "valid": valid,
                 "dns": {name: {**record, "valid": valid} for name in ("mail_cname", "dkim1", "dkim2")}}
                for each, (domain, valid) in enumerate(self.domains.items(), 1)
                if query.get("domain", "") in domain
            ]  # fmt: skip
            return 200, json.dumps(found).encode()
        results = [
            {"id": each, "nickname": "Summit", "from_email": email, "from_name": "Summit", "reply_to": email,
             "verified": verified, "locked": False}
            for each, (email, verified) in enumerate(self.senders.items(), 1)
        ]  # fmt: skip
        return 200, json.dumps({"results": results}).encode()


def _errors(*errors: tuple[str, str]) -> bytes:
    return json.dumps({"errors": [{"message": said, "field": name or None} for said, name in errors]}).encode()


@cache
def description(name: str = MAIL) -> OpenAPI:
    """Load a description, put right: an error that concerns no field has the field null, and not "null"."""
    return OpenAPI.from_dict(_put_right(json.loads((SPECS / name).read_text(encoding="utf-8"))))


def _put_right(value: Any) -> Any:
    if isinstance(value, list):
        return [_put_right(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: {**each, "type": ["string", "null"]}
        if name == "field" and isinstance(each, dict) and each.get("type") == "string"
        else _put_right(each)
        for name, each in value.items()
    }


_CHECKING = threading.Lock()


def faults_of_question(target: str, headers: dict[str, str], status: int, answer: bytes) -> list[str]:
    """Say what the description has against a question and its answer."""
    parts = urlsplit(target)
    described = description(ASKED[parts.path])
    request = MockRequest(HOST, "get", parts.path, headers=headers)
    request.parameters.query = ImmutableMultiDict(parse_qsl(parts.query))
    with _CHECKING:
        found = _fault(described.validate_request, request)
        if status == 200:
            found += _fault(
                described.validate_response, request, MockResponse(answer, status, content_type="application/json")
            )
    return found


def faults_of(path: str, headers: dict[str, str], body: bytes, status: int, answer: bytes) -> list[str]:
    """Say what the description has against a call and its answer; it does not describe every status."""
    kind = headers.get("Content-Type", "")
    request = MockRequest(HOST, "post", path, headers=headers, data=body, content_type=kind)
    with _CHECKING:
        found = _fault(description().validate_request, request)
        if status in (202, 400, 401, 403, 404, 405, 413, 500):
            response = MockResponse(answer, status, content_type="application/json")
            found += _fault(description().validate_response, request, response)
    return found


def _fault(check: Any, *what: Any) -> list[str]:
    try:
        check(*what)
    except OpenAPIError as error:
        why = "; ".join(str(each) for each in getattr(error.__cause__, "schema_errors", ()))
        return [f"{error} {error.__cause__ or ''} {why}".strip()]
    return []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    desk: SendGridDesk

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's word
        """Keep quiet."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Tell the desk's own time."""
        return formatdate(self.desk.clock(), usegmt=True)

    def do_GET(self) -> None:
        """Answer a question about the account, unless it is a bad day."""
        parts = urlsplit(self.path)
        if parts.path.startswith(LISTS):
            self._say_list()
            return
        day = self.desk.next_day()
        if day.hang:
            with suppress(OSError):
                select.select([self.connection], [], [], LONGEST)
        if day.hang or day.cut:
            return
        if parts.path not in ASKED:
            self._say(404, _errors(("not found", "")), {}, longer=0)
            return
        headers = dict(self.headers.items())
        status, data = self.desk.show(parts.path, dict(parse_qsl(parts.query)), headers.get("Authorization", ""))
        if day.status:
            status, data = day.status, day.body.encode()
        else:
            self.desk.faults += faults_of_question(self.path, headers, status, data)
        self._say(status, data, {}, longer=0)

    def do_POST(self) -> None:
        """Take a mail, unless it is a bad day."""
        self.desk.calls += 1
        if self.desk.next_day(half=True).half:
            self.rfile.read(1000)
            reset = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            self.connection.close()
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = dict(self.headers.items())
        self.desk.headers.append(headers)
        day = self.desk.next_day()
        bad = day.status or day.cut or day.hang
        status, data, told = (0, b"", {}) if bad and not day.accepted else self._take(body, headers)
        if day.hang:
            with suppress(OSError):
                select.select([self.connection], [], [], LONGEST)
        if day.hang or day.cut:
            return
        if day.status:
            status, told = day.status, day.headers
            data = day.body.encode() if day.body or not day.errors else _errors(*day.errors)
        elif day.headers:
            told = day.headers
        if not data.startswith(b"<"):
            self.desk.faults += faults_of(self.path, headers, body, status, data)
        self._say(status, data, told, longer=1000 if day.short else 0)

    def _say_list(self) -> None:
        """Read from a list of those it writes to no more."""
        parts = urlsplit(self.path)
        name, key = parts.path.removeprefix(LISTS), self.headers.get("Authorization", "")
        status, data = self.desk.lists.answer(name, parse_qs(parts.query), key)
        self._say(status, data, {}, longer=0)

    def _take(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        if self.path != "/v3/mail/send":
            return 404, _errors(("not found", "")), {}
        return self.desk.take(json.loads(body), headers.get("Authorization", ""))

    def _say(self, status: int, data: bytes, headers: dict[str, str], *, longer: int) -> None:
        kind = "text/html" if data.startswith(b"<") else "application/json"
        with suppress(OSError):  # whoever asked is gone
            self.send_response(status)
            for name, value in {"Content-Type": kind, **headers, "Content-Length": str(len(data) + longer)}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True


@contextmanager
def sendgrid_desk() -> Iterator[SendGridDesk]:
    """Open it; its description must have nothing against what was asked and answered."""
    desk = SendGridDesk()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"desk": desk}))
    desk.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield desk
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert desk.faults + desk.lists.faults == [], desk.faults + desk.lists.faults
