"""A Twilio of the tests' own: it keeps messages and calls, over real HTTP on this machine, with bad days to order.

What it is asked and what it answers is held against Twilio's own description of its API; what that has against either
is in :attr:`TwilioDesk.faults`, and :func:`twilio_desk` lets no test end with any.
"""

from __future__ import annotations

import base64
import json
import select
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from support.twilio_description import twilio_description
from support.twilio_signed import post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "ACCOUNT",
    "KEY",
    "KEY_SECRET",
    "OURS",
    "SERVICE",
    "TOKEN",
    "Day",
    "TwilioDesk",
    "number",
    "twilio_desk",
]

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "f" * 31 + "1"
SERVICE = "MG" + "0" * 31 + "1"
KEY, KEY_SECRET = "SK" + "0" * 31 + "1", "geheim"
OURS = "+18165550100"
PREFIX = f"/2010-04-01/Accounts/{ACCOUNT}"
LONGEST = 20.0  #: seconds that an answer is held back at most
DELIVERED = ("delivered", "undelivered", "failed", "sent", "read", "canceled")


@dataclass(frozen=True, kw_only=True)
class Day:
    """What goes wrong with a request: the first that fits is used up."""

    method: str = "POST"
    accepted: bool = False  #: it was done in spite of what is answered
    cut: bool = False  #: the line is cut without an answer
    hang: bool = False  #: no answer comes as long as anybody waits
    status: int = 0
    code: int = 0  #: an error of Twilio's own form
    body: str = ""  #: or this, as it is
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class TwilioDesk:
    """One account."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    port: int = 0
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)  #: method, target, form
    days: list[Day] = field(default_factory=list)
    opted_out: set[str] = field(default_factory=set)
    dead: dict[str, int] = field(default_factory=dict)  #: number -> the code it is refused with
    lag: timedelta = timedelta(0)  #: so long after it was made, a message is first seen in the list
    keeps: Callable[[str], str] = str.rstrip  #: how it keeps a text
    ahead: timedelta = timedelta(0)  #: how far the clock of its answers is ahead
    status: str = "active"  #: of the account
    kind: str = "Full"  #: of the account, or Trial
    numbers: list[dict[str, Any]] = field(default_factory=lambda: [number(OURS)])  #: that the account has
    service: dict[str, Any] = field(default_factory=dict)  #: how its messaging service differs from a plain one
    pool: list[str] = field(default_factory=lambda: [OURS])  #: numbers of the messaging service
    callbacks: str = ""  #: where webhooks are posted to, in place of the public address they are signed for
    faults: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def sent(self) -> list[dict[str, Any]]:
        """Messages of ours, in the order they were taken."""
        return [each for each in self.messages if each["direction"] == "outbound-api"]

    def times(self, to: str) -> int:
        """Count the messages that a number got from us."""
        return sum(1 for each in self.sent if each["to"] == to)

    # What the world does

    def becomes(self, sid: str, status: str, code: int | None = None) -> tuple[int, bytes] | None:
        """Have a message of ours become something, and tell who wants to be told."""
        message = next(each for each in self.messages if each["sid"] == sid)
        message |= {"status": status, "error_code": code, "date_updated": self._stamp()}
        if status in DELIVERED and status != "canceled":
            message["date_sent"] = message["date_sent"] or self._stamp()
        if not message["_callback"]:
            return None
        params = {"MessageSid": sid, "SmsSid": sid, "AccountSid": ACCOUNT, "MessageStatus": status, "SmsStatus": status,
                  "From": message["from"] or OURS, "To": message["to"], "ApiVersion": "2010-04-01"}  # fmt: skip
        return self._tell(message["_callback"], params | ({"ErrorCode": str(code)} if code else {}))

    def texts(self, sender: str, body: str, *, to: str = OURS, at: datetime | None = None) -> dict[str, Any]:
        """Have a person text us; return the message."""
        with self.lock:
            message = self._message(to=to, sender=sender, body=body, direction="inbound", status="received", at=at)
            message["date_sent"] = message["date_created"]
            self.messages.append(message)
        return message

    def webhook(self, message: dict[str, Any], **more: str) -> dict[str, str]:
        """Return the parameters that tell of a person's message."""
        sids = dict.fromkeys(("MessageSid", "SmsSid", "SmsMessageSid"), message["sid"])
        said = {"From": message["from"], "To": message["to"], "Body": message["body"], "SmsStatus": "received"}
        return {**sids, **said, "AccountSid": ACCOUNT, "NumMedia": "0", "NumSegments": "1", **more}

    def rings(self, caller: str, *, status: str, legs: Sequence[str] = (), to: str = OURS) -> dict[str, Any]:
        """Have a person call us, and how it and the phones that rang for it ended."""
        with self.lock:
            call = self._call(to=to, sender=caller, direction="inbound", status=status)
            self.calls.append(call)
            for leg in legs:
                child = self._call(to="+18165550101", sender=caller, direction="outbound-dial", status=leg)
                self.calls.append(child | {"parent_call_sid": call["sid"]})
        return call

    def _tell(self, url: str, params: dict[str, str]) -> tuple[int, bytes]:
        return post(self.callbacks or url, params, TOKEN, public=url)

    # What it is asked

    def answer(self, method: str, target: str, form: dict[str, str], login: str) -> tuple[int, bytes, Day]:
        """Do what is asked; the day tells how it is said."""
        with self.lock:
            self.requests.append((method, target, form))
            day = next((each for each in self.days if each.method == method), Day())
            if day in self.days:
                self.days.remove(day)
            if (day.status or day.cut or day.hang) and not day.accepted:
                return day.status, self._error(day.status, day.code, day.body), day
            status, data = self._do(method, target, form, login)
            if status >= 300:
                return status, data, day
            return (day.status, self._error(day.status, day.code, day.body), day) if day.status else (status, data, day)

    def _do(self, method: str, target: str, form: dict[str, str], login: str) -> tuple[int, bytes]:
        if login not in (f"{ACCOUNT}:{TOKEN}", f"{KEY}:{KEY_SECRET}"):
            return 401, self._error(401, 20003)
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        path = parts.path.removeprefix(PREFIX)
        if path == ".json":
            return self._account(login)
        if path == "/IncomingPhoneNumbers.json":
            return self._list_numbers(query)
        if path.startswith("/v1/Services/"):
            return self._show_service(path, query)
        if path == "/Messages.json":
            return self._create_message(form) if method == "POST" else self._list("messages", query)
        if path == "/Calls.json":
            return self._create_call(form) if method == "POST" else self._list("calls", query)
        kind, _, sid = path.removesuffix(".json").strip("/").partition("/")
        found = next((each for each in getattr(self, kind.lower(), ()) if each["sid"] == sid), None)
        if found is None:
            return 404, self._error(404, 20404)
        if method == "POST" and form.get("Status"):
            found["status"] = form["Status"]
        return 200, _json(found)

    def _account(self, login: str) -> tuple[int, bytes]:
        """Show the account, but to no API key."""
        if login.startswith("SK"):
            return 401, self._error(401, 20003)
        shown = {"sid": ACCOUNT, "owner_account_sid": ACCOUNT, "friendly_name": "Summit", "status": self.status,
                 "type": self.kind, "auth_token": TOKEN, "date_created": self._stamp(), "date_updated": self._stamp(),
                 "uri": f"{PREFIX}.json", "subresource_uris": {}}  # fmt: skip
        return 200, _json(shown)

    def _list_numbers(self, query: dict[str, str]) -> tuple[int, bytes]:
        found = [each for each in self.numbers if query.get("PhoneNumber", "") in each["phone_number"]]
        path = f"{PREFIX}/IncomingPhoneNumbers.json"
        said = {"first_page_uri": path, "next_page_uri": None, "previous_page_uri": None, "uri": path, "page": 0,
                "page_size": 50, "start": 0, "end": max(len(found) - 1, 0)}  # fmt: skip
        return 200, json.dumps({**said, "incoming_phone_numbers": found}).encode()

    def _show_service(self, path: str, query: dict[str, str]) -> tuple[int, bytes]:
        _, _, _, sid, *below = path.split("/")
        if sid != SERVICE:
            return 404, self._error(404, 20404)
        url = f"https://messaging.twilio.com/v1/Services/{SERVICE}"
        made = {"account_sid": ACCOUNT, "date_created": "2026-01-05T10:00:00Z", "date_updated": "2026-01-05T10:00:00Z"}
        if below:
            pool = [
                {"sid": f"PN{each:032x}", "service_sid": SERVICE, **made, "phone_number": phone, "country_code": "US",
                 "capabilities": ["SMS", "Voice"], "url": f"{url}/PhoneNumbers/PN{each:032x}"}
                for each, phone in enumerate(self.pool, 1)
            ]  # fmt: skip
            page = f"{url}/PhoneNumbers?PageSize={query.get('PageSize', 50)}&Page=0"
            meta = {"page": 0, "page_size": 50, "first_page_url": page, "previous_page_url": None, "url": page,
                    "next_page_url": None, "key": "phone_numbers"}  # fmt: skip
            return 200, json.dumps({"phone_numbers": pool, "meta": meta}).encode()
        service = {"sid": SERVICE, **made, "friendly_name": "Summit", "inbound_request_url": None,
                   "inbound_method": "POST", "fallback_url": None, "fallback_method": "POST", "status_callback": None,
                   "sticky_sender": True, "mms_converter": True, "smart_encoding": False,
                   "scan_message_content": "inherit", "fallback_to_long_code": False, "area_code_geomatch": True,
                   "synchronous_validation": False, "validity_period": 36000, "url": url, "links": {},
                   "usecase": "notifications", "us_app_to_person_registered": True,
                   "use_inbound_webhook_on_number": False}  # fmt: skip
        return 200, _json(service | self.service)

    def _create_message(self, form: dict[str, str]) -> tuple[int, bytes]:
        refused = self._refusal(form["To"], form.get("Body", ""))
        if refused:
            return 400, self._error(400, refused)
        service = form.get("MessagingServiceSid")
        message = self._message(
            to=form["To"], sender=form.get("From"), body=self.keeps(form["Body"]), direction="outbound-api",
            status="accepted" if service else "queued",
        )  # fmt: skip
        message |= {"messaging_service_sid": service, "_callback": form.get("StatusCallback", ""), "_form": form}
        self.messages.append(message)
        return 201, _json(message)

    def _create_call(self, form: dict[str, str]) -> tuple[int, bytes]:
        if form["To"] in self.dead:
            return 400, self._error(400, self.dead[form["To"]])
        call = self._call(to=form["To"], sender=form["From"], direction="outbound-api", status="queued")
        call |= {"_form": form, "start_time": None, "end_time": None}
        self.calls.append(call)
        return 201, _json(call)

    def _refusal(self, to: str, body: str) -> int:
        if to in self.opted_out:
            return 21610
        if not body:
            return 21602
        return self.dead.get(to, 21617 if len(body) > 1600 else 0)

    def _list(self, kind: str, query: dict[str, str]) -> tuple[int, bytes]:
        stamp = {"messages": "date_sent", "calls": "start_time"}[kind]
        name = {"messages": "DateSent", "calls": "StartTime"}[kind]
        found = [each for each in getattr(self, kind) if _when(each["date_created"]) <= self.now() - self.lag]
        found = [each for each in found if query.get("To", each["to"]) == each["to"]]
        found = [each for each in found if query.get("From", each["from"]) == each["from"]]
        if since := query.get(f"{name}>"):
            start = datetime.fromisoformat(since)
            found = [each for each in found if each[stamp] and _when(each[stamp]) >= start]
        found.sort(key=lambda each: _when(each[stamp] or each["date_created"]), reverse=True)
        size, page = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
        token = query.get("PageToken")
        start_at = next((i for i, each in enumerate(found) if f"PA{each['sid']}" == token), -1) + 1 if token else 0
        shown = found[start_at : start_at + size]
        path = f"{PREFIX}/{kind.capitalize()}.json"
        following = None
        if start_at + size < len(found):
            more = {**query, "PageSize": str(size), "Page": str(page + 1), "PageToken": f"PA{shown[-1]['sid']}"}
            following = f"{path}?{urlencode(more)}"
        said = {"first_page_uri": f"{path}?{urlencode({'PageSize': size, 'Page': 0})}", "next_page_uri": following,
                "previous_page_uri": None, "uri": path, "page": page, "page_size": size, "start": start_at,
                "end": max(start_at + len(shown) - 1, 0)}  # fmt: skip
        return 200, json.dumps({**said, kind: [_shown(each) for each in shown]}).encode()

    def _message(
        self, *, to: str, sender: str | None, body: str, direction: str, status: str, at: datetime | None = None
    ) -> dict[str, Any]:
        sid = f"SM{len(self.messages) + 1:032x}"
        return {"sid": sid, "account_sid": ACCOUNT, "api_version": "2010-04-01", "body": body, "num_segments": "1",
                "num_media": "0", "direction": direction, "from": sender, "to": to, "status": status, "price": None,
                "price_unit": "USD", "error_code": None, "error_message": None, "messaging_service_sid": None,
                "date_created": self._stamp(at), "date_updated": self._stamp(at), "date_sent": None,
                "uri": f"{PREFIX}/Messages/{sid}.json", "subresource_uris": {}, "_callback": ""}  # fmt: skip

    def _call(self, *, to: str, sender: str, direction: str, status: str) -> dict[str, Any]:
        sid = f"CA{len(self.calls) + 1:032x}"
        return {"sid": sid, "account_sid": ACCOUNT, "api_version": "2010-04-01", "direction": direction, "from": sender,
                "to": to, "status": status, "parent_call_sid": None, "date_created": self._stamp(),
                "date_updated": self._stamp(), "start_time": self._stamp(), "end_time": self._stamp(),
                "uri": f"{PREFIX}/Calls/{sid}.json", "subresource_uris": {}}  # fmt: skip

    def _stamp(self, at: datetime | None = None) -> str:
        return format_datetime((at or self.now()).astimezone(UTC).replace(microsecond=0))

    @staticmethod
    def _error(status: int, code: int, body: str = "") -> bytes:
        said = {"code": code, "message": f"no good: {OURS}", "more_info": "", "status": status}
        return body.encode() if body else json.dumps(said).encode()


def number(phone: str, **more: Any) -> dict[str, Any]:
    """Return a number as its account has it, which hands texts and calls to nobody."""
    sid = f"PN{int(phone):032x}"
    fields = ("sms_fallback_url", "sms_application_sid", "voice_fallback_url", "voice_application_sid", "bundle_sid",
              "address_sid", "identity_sid", "trunk_sid", "emergency_address_sid", "status_callback")  # fmt: skip
    return {**dict.fromkeys(fields), "sid": sid, "account_sid": ACCOUNT, "phone_number": phone, "friendly_name": phone,
            "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False}, "origin": "twilio",
            "api_version": "2010-04-01", "address_requirements": "none", "beta": False, "status": "in-use",
            "sms_method": "POST", "voice_method": "POST", "status_callback_method": "POST", "type": "local",
            "sms_fallback_method": "POST", "voice_fallback_method": "POST", "voice_caller_id_lookup": False,
            "emergency_status": "Active", "emergency_address_status": "unregistered", "voice_receive_mode": "voice",
            "date_created": "Mon, 05 Jan 2026 10:00:00 +0000", "date_updated": "Mon, 05 Jan 2026 10:00:00 +0000",
            "sms_url": None, "voice_url": None, "uri": f"{PREFIX}/IncomingPhoneNumbers/{sid}.json", **more}  # fmt: skip


def _json(record: dict[str, Any]) -> bytes:
    return json.dumps(_shown(record)).encode()


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if not name.startswith("_")}


def _when(stamp: str) -> datetime:
    return parsedate_to_datetime(stamp)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    desk: TwilioDesk

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's word
        """Keep quiet."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Tell the desk's own time."""
        return format_datetime(datetime.now(UTC) + self.desk.ahead, usegmt=True)

    def do_GET(self) -> None:
        """List, or show one."""
        self._answer(b"")

    def do_POST(self) -> None:
        """Create, or change."""
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, body: bytes) -> None:
        headers = dict(self.headers.items())
        login = base64.b64decode(headers.get("Authorization", "").removeprefix("Basic ")).decode()
        wrong = twilio_description(self.path).request_faults(self.command, self.path, headers, body)
        if wrong:
            self.desk.faults += wrong
            self.send_error(500)
            return
        status, data, day = self.desk.answer(self.command, self.path, dict(parse_qsl(body.decode(), True)), login)
        if day.hang:
            with suppress(OSError):
                select.select([self.connection], [], [], LONGEST)
        if day.hang or day.cut:
            return
        if not day.status:
            self.desk.faults += twilio_description(self.path).faults(
                self.command, self.path, headers, body, status, data
            )
        with suppress(OSError):  # whoever asked is gone
            self.send_response(status)
            kind = "text/html" if day.body.startswith("<") else "application/json"
            for name, value in {"Content-Type": kind, **day.headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True


@contextmanager
def twilio_desk(now: Callable[[], datetime] | None = None) -> Iterator[TwilioDesk]:
    """Open it; its description must have nothing against what was asked and answered."""
    desk = TwilioDesk(**({"now": now} if now else {}))
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
    assert desk.faults == [], desk.faults
