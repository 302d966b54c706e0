"""The floor of the hooks: waitress and the bare driver, by a careful hand. ``python -m benchmarks.floor_hooks FILE``.

Reads what a provider tells and keeps it in cadence's own table, each thing once, in a transaction of its own request,
committed to the disk before the answer. Signatures are not checked, nothing is known of other providers, of limits or
of whoever sends nonsense.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from waitress import create_server

from benchmarks.people import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["THREADS", "main"]

THREADS = 8
_INSERT = (
    "INSERT INTO inbound (account, source, key, kind, at, received_at, data, lead, taken_as, because, problem) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, '', '', '', '') ON CONFLICT (account, source, key) DO NOTHING"
)
_Row = tuple[Any, ...]


def main() -> None:
    """Serve on a free port, and print it."""
    kept = threading.local()

    def connection() -> sqlite3.Connection:
        if not hasattr(kept, "connection"):
            kept.connection = sqlite3.connect(sys.argv[1], timeout=5, isolation_level=None)
            kept.connection.execute("PRAGMA synchronous = FULL")
        opened: sqlite3.Connection = kept.connection
        return opened

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        texts = environ["PATH_INFO"] == "/twilio/sms"
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        database = connection()
        database.execute("BEGIN IMMEDIATE")
        database.executemany(_INSERT, list(_text(body, now) if texts else _events(body, now)))
        database.execute("COMMIT")
        if texts:
            start_response("200 OK", [("Content-Type", "text/xml; charset=utf-8")])
            return [b'<?xml version="1.0" encoding="UTF-8"?><Response />']
        start_response("204 No Content", [])
        return []

    server = create_server(app, host="127.0.0.1", port=0, threads=THREADS, ident=None)
    print(f"listening on :{server.effective_port}", flush=True)
    server.run()


def _text(body: bytes, now: str) -> Iterator[_Row]:
    said = dict(parse_qsl(body.decode(), keep_blank_values=True))
    data = {
        "source": "twilio", "key": said["MessageSid"], "at": now, "channel": "sms", "sender": said["From"],
        "to": said["To"], "text": said["Body"],
    }  # fmt: skip
    yield ACCOUNT, "twilio", said["MessageSid"], "message", now, now, json.dumps(data)


def _events(body: bytes, now: str) -> Iterator[_Row]:
    for told in json.loads(body):
        at = datetime.fromtimestamp(told["timestamp"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        data = {
            "source": "sendgrid", "key": told["sg_event_id"], "at": at, "channel": "email", "status": told["event"],
            "provider_id": told["sg_message_id"].partition(".")[0], "handle": told["cadence_message"],
            "address": told["email"], "detail": told["response"],
        }  # fmt: skip
        yield ACCOUNT, "sendgrid", told["sg_event_id"], "receipt", at, now, json.dumps(data)


if __name__ == "__main__":
    main()
