"""A message provider of the tests' own: a process by itself, over real HTTP on this machine, with bad days to order.

    POST /send        one message (JSON: key, attempt, to, body, ...)   201 {"id": ...}
    GET  /messages    ?key=...&key=...   what was accepted of these and can be seen by now
    PUT  /mood        how it behaves from now on: see :class:`Mood`

It keeps its word: what it has not accepted within :data:`TAKES` of the sender's call it never accepts, and what it
accepted is in the list ``lag_ms`` later. It never minds having accepted the same message before. All it accepted is
in a file that it only appends to, written before it answers: that file is the truth a test looks at. It ends when
its starter does.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DIE", "TAKES", "Mood", "Provider", "Taken", "running_provider"]

TESTS = Path(__file__).parents[1]
LONGEST = 30.0  #: seconds that any answer is held back at most
DIE = "X-Die"  #: header: kill this process (``when:pid``) while its message is in flight; for tests of the killed
TAKES = 1.0  #: seconds after the sender began in which a message is accepted, or never
PATIENT = 10.0  #: seconds that a test waits for the provider


@dataclass(frozen=True, kw_only=True)
class Mood:
    """How the provider behaves: shares of all messages, chosen by key and attempt; the rest is accepted and said so.

    The same seed, key and attempt meet the same behaviour, in whatever order they come.
    """

    seed: int = 0
    hang: float = 0.0  #: accepted; the answer does not come as long as anybody waits
    late: float = 0.0  #: accepted ``late_ms`` after it came, when its sender may have given up; not answered
    drop: float = 0.0  #: accepted; the connection is cut without an answer
    garbled: float = 0.0  #: accepted; half an answer comes
    broken_after: float = 0.0  #: accepted; the answer is 500
    slow: float = 0.0  #: accepted; the answer comes after ``slow_ms``
    busy: float = 0.0  #: not accepted: 429
    broken_before: float = 0.0  #: not accepted: 503
    deny: float = 0.0  #: not accepted: 400, for good
    list_broken: float = 0.0  #: share of questions that are answered with 500
    lag_ms: int = 0  #: so long after it was accepted, a message is first seen in the list
    late_ms: int = 0
    slow_ms: int = 0
    retry_after: int = 0  #: seconds, told with 429; 0: nothing is told

    def of(self, key: str, attempt: int) -> str:
        """Choose what happens to a message."""
        point = random.Random(f"{self.seed}/{key}/{attempt}").random()
        for name in _SHARES:
            point -= getattr(self, name)
            if point < 0:
                return name
        return "accept"


_SHARES = ("hang", "late", "drop", "garbled", "broken_after", "slow", "busy", "broken_before", "deny")
_NOT_TAKEN = {"busy": 429, "broken_before": 503, "deny": 400}


class Taken(NamedTuple):
    """A message that the provider accepted."""

    key: str
    attempt: int
    to: str
    body: str
    lead: str
    at: str  #: when it was judged, as the program said


@dataclass
class _Desk:
    """What the provider knows."""

    file: Path
    mood: Mood = field(default_factory=Mood)
    seen: dict[str, list[tuple[float, str]]] = field(default_factory=dict)  #: key -> when accepted, id
    questions: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, message: dict[str, Any]) -> str:
        """Accept a message, for good; empty: too late."""
        begun = message.pop("begun", None)  # by the clock that all processes of a machine share
        with self.lock:
            if begun is not None and time.monotonic() > begun + TAKES:
                return ""
            number = f"m-{sum(map(len, self.seen.values())) + 1}"
            line = json.dumps({**message, "id": number}) + "\n"
            file = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, line.encode())
            finally:
                os.close(file)
            self.seen.setdefault(message["key"], []).append((time.monotonic(), number))
        return number

    def find(self, keys: list[str], lag: float) -> list[dict[str, str]]:
        """List what was accepted and can be seen."""
        until = time.monotonic() - lag
        with self.lock:
            return [{"key": key, "id": name} for key in keys for at, name in self.seen.get(key, []) if at <= until]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    desk: _Desk

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's word
        """Keep quiet."""

    def do_POST(self) -> None:
        """Take a message, or not."""
        message = self._body()
        behaviour = self.desk.mood.of(message["key"], message["attempt"])
        if death := self.headers.get(DIE):
            self._kill(death, message)
        elif status := _NOT_TAKEN.get(behaviour):
            after = self.desk.mood.retry_after
            self._answer(status, {"error": behaviour}, {"Retry-After": str(after)} if status == 429 and after else {})
        elif behaviour == "late":
            time.sleep(self.desk.mood.late_ms / 1000)
            self.desk.take(message)
        elif number := self.desk.take(message):
            self._say_taken(behaviour, number)
        else:
            self._answer(503, {"error": "too late"})

    def _say_taken(self, behaviour: str, number: str) -> None:
        if behaviour == "hang":
            self._wait_for_the_end(LONGEST)
        elif behaviour == "garbled":
            self.wfile.write(b'HTTP/1.0 201 Created\r\nContent-Length: 50\r\n\r\n{"id": "m')
        elif behaviour == "broken_after":
            self._answer(500, {"error": "broken"})
        elif behaviour != "drop":
            time.sleep(self.desk.mood.slow_ms / 1000 if behaviour == "slow" else 0)
            self._answer(201, {"id": number})

    def _kill(self, death: str, message: dict[str, Any]) -> None:
        """Kill who sends this message: before it is accepted, after, or so that it is accepted in spite of that."""
        when, _, process = death.partition(":")
        if when == "accepted":
            self.desk.take(message)
        os.kill(int(process), signal.SIGKILL)
        if when == "survives":
            time.sleep(self.desk.mood.late_ms / 1000)
            self.desk.take(message)

    def do_GET(self) -> None:
        """List what was accepted."""
        self.desk.questions += 1
        if random.Random(f"{self.desk.mood.seed}?{self.desk.questions}").random() < self.desk.mood.list_broken:
            self._answer(500, {"error": "broken"})
            return
        keys = parse_qs(urlsplit(self.path).query).get("key", [])
        self._answer(200, {"messages": self.desk.find(keys, self.desk.mood.lag_ms / 1000)})

    def do_PUT(self) -> None:
        """Change its mood."""
        self.desk.mood = Mood(**self._body())
        self._answer(200, {})

    def _body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return found

    def _answer(self, status: int, data: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        text = json.dumps(data).encode()
        with suppress(OSError):  # whoever asked is gone
            self.send_response(status)
            for name, value in {**(headers or {}), "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

    def _wait_for_the_end(self, longest: float) -> None:
        """Wait until the other side has hung up."""
        with suppress(OSError):
            select.select([self.connection], [], [], longest)


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Think nothing of half a message: those who send are killed all the time."""
        if not isinstance(sys.exception(), OSError | ValueError):
            super().handle_error(request, client_address)


@dataclass
class Provider:
    """A running provider, seen from the test."""

    port: int
    file: Path  #: what it accepted, a JSON object a line
    process: subprocess.Popen[str]

    def set_mood(self, mood: Mood) -> None:
        """Have it behave otherwise from now on."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENT)
        connection.request("PUT", "/mood", json.dumps(asdict(mood)))
        status = connection.getresponse().status
        connection.close()
        assert status == 200, status

    def taken(self) -> list[Taken]:
        """Read what it accepted, in order."""
        if not self.file.exists():
            return []
        lines = self.file.read_text(encoding="utf-8").splitlines()
        return [Taken(**{name: each.get(name, "") for name in Taken._fields}) for each in map(json.loads, lines)]

    def times(self) -> Counter[str]:
        """Count how often it accepted each key."""
        return Counter(each.key for each in self.taken())


@contextmanager
def running_provider(file: Path, mood: Mood = Mood()) -> Iterator[Provider]:
    """Start a provider that keeps what it accepts in ``file``; it is ended, and so never forgotten, afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "support.provider", str(file)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=TESTS,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        provider = Provider(int(process.stdout.readline()), file, process)
        try:
            provider.set_mood(mood)
            yield provider
        finally:
            process.kill()


def main() -> None:
    """Serve until standard input ends."""
    desk = _Desk(Path(sys.argv[1]))
    if desk.file.exists():  # it was killed, and knows what it accepted
        for line in desk.file.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            desk.seen.setdefault(told["key"], []).append((float("-inf"), told["id"]))
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"desk": desk}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
