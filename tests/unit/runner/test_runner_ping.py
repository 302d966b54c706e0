"""The health ping, against a real server on this machine."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from cadence.errors import CadenceError
from cadence.runner.ping import ping, pinged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Monitor:
    """A server that notes what it is asked; ``/slow`` takes its time, ``/moved`` sends elsewhere, ``/broken`` fails."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.go = threading.Event()
        monitor = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                monitor.asked.append((self.command, self.path, body))
                if self.path.startswith("/slow"):
                    monitor.go.wait(10)
                self.send_response(302 if self.path.startswith("/moved") else 500 if "broken" in self.path else 200)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_GET  # noqa: N815 - as the library calls it

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    there = Monitor()
    yield there
    there.go.set()
    there.server.shutdown()
    there.server.server_close()


def test_all_is_well_is_a_plain_request(monitor: Monitor) -> None:
    assert ping(monitor.url("/abc?shop=summit"), well=True, says="not needed") == ""
    assert monitor.asked == [("GET", "/abc?shop=summit", "")]


def test_what_needs_a_person_goes_to_fail_with_the_summary(monitor: Monitor) -> None:
    assert ping(monitor.url("/abc/?shop=summit"), well=False, says="2 touches unknown – look" + "." * 5000) == ""
    ((method, path, body),) = monitor.asked

    assert (method, path) == ("POST", "/abc/fail?shop=summit")
    assert body.startswith("2 touches unknown – look...")
    assert len(body) == 1000


def test_a_slow_server_is_not_waited_for(monitor: Monitor) -> None:
    assert ping(monitor.url("/slow"), well=True, seconds=0.2) == "the ping had no answer within 0.2 seconds"


def test_a_refused_connection_is_a_sentence() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

    assert ping(f"http://127.0.0.1:{port}/abc", well=True) == "the ping did not arrive: Connection refused"


def test_a_redirect_is_followed_nowhere(monitor: Monitor) -> None:
    said = ping(monitor.url("/moved"), well=False, says="private")

    assert said.startswith("the ping did not arrive: it is sent elsewhere (302)")
    assert [path for _, path, _ in monitor.asked] == ["/moved/fail"]


def test_an_answer_that_is_an_error_is_a_sentence(monitor: Monitor) -> None:
    assert ping(monitor.url("/broken"), well=True) == "the ping did not arrive: the answer was 500"


@pytest.mark.parametrize("url", ["http://ping.example.com/abc", "ftp://127.0.0.1/abc", "file:///etc/passwd", "abc", ""])
def test_only_https_and_this_machine_are_spoken_to(url: str) -> None:
    assert "must begin with https://" in ping(url, well=True)


@pytest.mark.parametrize("url", ["https://[half/abc", "http://localhost:port/", "http://localhost:1/\x00 x"])
def test_an_address_that_is_none_is_a_sentence(url: str) -> None:
    assert ping(url, well=True).startswith("the ping did not arrive")


def test_a_block_is_pinged_however_it_ends(monitor: Monitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CADENCE_PING_URL", raising=False)
    (tmp_path / ".env").write_text(f"CADENCE_PING_URL={monitor.url('/abc')}\n")
    with pinged(tmp_path) as health:
        health.says = "1 lead looked at"
    with pinged(tmp_path) as health:
        health.well, health.says = False, "cannot text +18165550142"
    with pytest.raises(CadenceError), pinged(tmp_path):
        raise CadenceError("the database is damaged")

    assert monitor.asked == [
        ("GET", "/abc", ""),
        ("POST", "/abc/fail", "cannot text ***42"),
        ("POST", "/abc/fail", "the database is damaged"),
    ]
    assert health.problem == ""


def test_without_the_setting_nobody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CADENCE_PING_URL", raising=False)
    with pinged(tmp_path) as health:
        pass

    assert health.problem == ""


def test_a_problem_with_the_ping_never_tells_its_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever knows it could say that all is well."""
    monkeypatch.setenv("CADENCE_PING_URL", "http://localhost:port-of-a-secret/abc")
    with pinged(tmp_path) as health:
        pass

    assert "did not arrive" in health.problem
    assert "secret" not in health.problem
