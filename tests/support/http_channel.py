"""A way out over HTTP to :mod:`support.provider`, strict about what surely did not go and what may have gone."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from cadence.channels.channel import Absent, Accepted, Channel, Finding, Found, Lost, NotNow, Refused, Result, Unsure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cadence.channels.channel import Outgoing

__all__ = ["HttpChannel"]


class HttpChannel(Channel):
    """Sends one message a call."""

    workers = 6

    def __init__(
        self,
        port: int,
        *,
        timeout: float = 5.0,
        begins_within: timedelta = timedelta(seconds=30),
        visible_after: timedelta = timedelta(minutes=2),
        headers: Callable[[Outgoing], Mapping[str, str]] = lambda _: {},
    ) -> None:
        """``timeout`` in seconds, for the connection and for the answer; ``headers`` are added to each message."""
        self.port = port
        self.timeout = timeout
        self.begins_within = begins_within
        self.visible_after = visible_after
        self.headers = headers

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        """Send each message, once."""
        return [self._send(message) for message in messages]

    def look_up(self, messages: Sequence[Outgoing]) -> Sequence[Finding]:
        """Ask for the provider's list."""
        query = urlencode([("key", message.key) for message in messages])
        try:
            status, body, _ = self._call(self._connected(), "GET", f"/messages?{query}")
            listed = {each["key"]: each["id"] for each in json.loads(body)["messages"]} if status == 200 else None
        except (OSError, HTTPException, ValueError) as error:
            return [Unsure(type(error).__name__, again=True)] * len(messages)
        if listed is None:
            return [Unsure(f"http_{status}", again=True)] * len(messages)
        return [Found(listed[message.key]) if message.key in listed else Absent() for message in messages]

    def _send(self, message: Outgoing) -> Result:
        begun = time.monotonic()
        try:
            connection = self._connected()
        except OSError as error:
            return NotNow("unreachable", type(error).__name__)  # nothing was said yet
        text = {
            "key": message.key, "attempt": message.attempt, "to": message.to, "body": message.body,
            "lead": message.lead, "at": message.at.isoformat(), "begun": begun,
        }  # fmt: skip
        try:
            status, body, after = self._call(connection, "POST", "/send", json.dumps(text), self.headers(message))
        except (OSError, HTTPException) as error:
            return Lost("no_answer", type(error).__name__)
        return _result(status, body, after)

    def _connected(self) -> HTTPConnection:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            connection.connect()
        except OSError:
            connection.close()
            raise
        return connection

    @staticmethod
    def _call(
        connection: HTTPConnection, method: str, path: str, body: str | None = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, bytes, str]:
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers.get("Retry-After", "")
        finally:
            connection.close()


def _result(status: int, body: bytes, after: str) -> Result:
    if status == 201:
        try:
            said: Any = json.loads(body)
            return Accepted(str(said["id"]))
        except (ValueError, LookupError, TypeError):
            return Lost("bad_answer")
    if status == 429:
        return NotNow("busy", after=timedelta(seconds=int(after)) if after.isdigit() else None)
    if 400 <= status < 500:
        return Refused(f"http_{status}")
    return Lost(f"http_{status}")
