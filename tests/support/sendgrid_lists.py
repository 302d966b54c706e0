"""SendGrid's lists of whom it writes to no more, on this machine: GET /v3/suppression/{list}.

Questions and answers are held to what SendGrid's description of its suppressions API says (start_time and end_time are
inclusive Unix times, at most 500 entries a page, what an entry of each list must have), written down here in few
words; what breaks it is in :attr:`ListsDesk.faults`.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["KEY", "Day", "ListsDesk", "lists_desk"]

KEY = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
LONGEST = 5.0  #: seconds that an answer is held back at most

_MUST = {
    "bounces": ("created", "email", "reason", "status"),
    "blocks": ("created", "email", "reason", "status"),
    "spam_reports": ("created", "email", "ip"),
    "invalid_emails": ("created", "email", "reason"),
    "unsubscribes": ("created", "email"),
}
_PROPERTIES = {
    "created": {"type": "integer"},
    **{key: {"type": "string"} for key in ("email", "reason", "status", "ip")},
}


@dataclass(frozen=True, kw_only=True)
class Day:
    """What goes wrong with one question."""

    status: int = 200
    body: bytes = b""
    hang: bool = False
    cut: bool = False


@dataclass
class ListsDesk:
    """One account."""

    port: int = 0
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in _MUST})
    days: list[Day] = field(default_factory=list)  #: what goes wrong with the next questions
    asked: list[tuple[str, dict[str, int]]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def add(self, name: str, email: str, created: int, **others: str) -> None:
        """Put an address on a list; newest first, as SendGrid keeps them."""
        entry = {"created": created, "email": email, **{each: "..." for each in _MUST[name] if each not in others}}
        self.lists[name].insert(0, {**entry, **others, "created": created, "email": email})

    def answer(self, name: str, query: dict[str, list[str]], key: str) -> tuple[int, bytes]:
        """Answer a question as SendGrid does."""
        if key != f"Bearer {KEY}":
            return 401, b'{"errors":[{"message":"authorization required","field":null}]}'
        wrong = set(query) - {"start_time", "end_time", "limit", "offset"}
        if wrong or name not in _MUST:
            self.faults.append(f"no such list or parameter: {name} {sorted(wrong)}")
        asked = {each: int(values[0]) for each, values in query.items()}
        if not 1 <= asked.get("limit", 0) <= 500 or asked.get("offset", 0) < 0:
            self.faults.append(f"limit or offset: {asked}")
        self.asked.append((name, asked))
        of_time = [each for each in self.lists[name] if asked["start_time"] <= each["created"] <= asked["end_time"]]
        page = of_time[asked["offset"] : asked["offset"] + asked["limit"]]
        entry = {"type": "object", "required": _MUST[name], "properties": _PROPERTIES}
        described = Draft202012Validator({"type": "array", "items": entry})
        self.faults += [each.message for each in described.iter_errors(page)]
        return 200, json.dumps(page).encode()


class _Handler(BaseHTTPRequestHandler):
    desk: ListsDesk

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's word
        """Keep quiet."""

    def do_GET(self) -> None:
        """Answer, or have a bad day."""
        day = self.desk.days.pop(0) if self.desk.days else Day()
        if day.hang:
            self.desk.ended.wait(LONGEST)
        if day.hang or day.cut:
            return
        parts = urlsplit(self.path)
        status, body = day.status, day.body
        if status == 200 and not body:
            name = parts.path.removeprefix("/v3/suppression/")
            status, body = self.desk.answer(name, parse_qs(parts.query), self.headers.get("Authorization", ""))
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


@contextmanager
def lists_desk() -> Iterator[ListsDesk]:
    """Open a desk; no test ends with a question or an answer that breaks the description."""
    desk = ListsDesk()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"desk": desk}))
    desk.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield desk
    finally:
        desk.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
    assert desk.faults == []
