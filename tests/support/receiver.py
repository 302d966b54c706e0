"""A program that is told of touches: a server of its own on this machine, as Standard Webhooks asks receivers to be.

It checks each signature over the raw bytes, turns away what is unsigned, altered or old, and minds an id it has taken
only once. ``bad_days`` are its next answers: a status, with headers, or ``hang`` (it takes what it is told, and says
nothing), or ``cut`` (it takes it, and cuts the line). When there are none left it answers 200.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Receiver", "running_receiver"]

TOLERANCE = 300  #: seconds that a timestamp may be off


@dataclass
class Receiver:
    """What it has been told."""

    key: bytes
    port: int = 0
    bad_days: list[int | str | tuple[int, dict[str, str]]] = field(default_factory=list)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)  #: webhook-id -> payload, each once
    calls: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)  #: path, webhook-id, headers
    turned_away: int = 0  #: calls whose signature was wrong
    release: threading.Event = field(default_factory=threading.Event)  #: lets hung calls go

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hooks/cadence?of=summit"

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Check a call by the words of the form: any one of the signatures has to fit."""
        name, at = headers["webhook-id"], headers["webhook-timestamp"]
        if abs(time.time() - int(at)) > TOLERANCE:
            return False
        right = base64.b64encode(hmac.digest(self.key, b".".join((name.encode(), at.encode(), body)), hashlib.sha256))
        versions = [each.partition(",") for each in headers["webhook-signature"].split(" ")]
        return any(version == "v1" and hmac.compare_digest(right.decode(), given) for version, _, given in versions)

    def take(self, name: str, body: bytes) -> None:
        """Mind what it is told, the first time."""
        self.told.setdefault(name, json.loads(body))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's word
        """Keep quiet."""

    def do_POST(self) -> None:
        """Take what it is told, or have a bad day."""
        receiver = self.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver.calls.append((self.path, headers["webhook-id"], headers))
        self.close_connection = True
        if not receiver.verify(headers, body):
            receiver.turned_away += 1
            self._answer(401)
            return
        day = receiver.bad_days.pop(0) if receiver.bad_days else 200
        if day in ("hang", "cut"):
            receiver.take(headers["webhook-id"], body)
            if day == "hang":
                receiver.release.wait(10)
            return
        status, more = day if isinstance(day, tuple) else (int(day), {})
        if status < 300:
            receiver.take(headers["webhook-id"], body)
        self._answer(status, more)

    def do_GET(self) -> None:
        """Nobody should come here: a redirect was followed."""
        self.receiver.calls.append((self.path, "", {}))
        self._answer(200)

    def _answer(self, status: int, more: Mapping[str, str] = {}) -> None:
        self.send_response(status)
        for name, value in {**more, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()


class _Server(ThreadingHTTPServer):
    daemon_threads = True


@contextmanager
def running_receiver(key: bytes) -> Iterator[Receiver]:
    """Start one that knows the signing key."""
    receiver = Receiver(key)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"receiver": receiver}))
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
