"""The public address, and what is signed for it."""

from __future__ import annotations

import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from cadence.doctor.callbacks import check
from support.doctor_make import SECRETS, TEXTS, case, found, said
from support.hook_calls import PUBLIC_KEY
from support.smtp_desk import certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cadence.doctor.case import Case

BOTH = {**TEXTS, "email": {"via": "sendgrid", "from": "hello@example.com"}}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One for all tests: from Python 3.13 on, whom it trusts is asked once in a program."""
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def files(made: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A certificate that this machine trusts, and its key."""
    monkeypatch.setenv("SSL_CERT_FILE", str(made[0]))
    return made


@contextmanager
def serving(files: tuple[Path, Path], status: int, body: bytes) -> Iterator[str]:
    """Answer every question alike; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's word
            """Keep quiet."""

        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*files)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def shop(url: str, settings: dict[str, str] = SECRETS, **page: Any) -> Case:
    """A shop that is reached there."""
    return case(settings | {"SENDGRID_WEBHOOK_KEY": PUBLIC_KEY}, **{"channels": BOTH, "public_url": url, **page})


def test_no_address_is_needed_while_ticks_ask() -> None:
    assert found(check, case()) == [("public_url", "fine")]


def test_a_shop_that_nothing_tells_and_that_asks_nobody_is_deaf() -> None:
    assert found(check, case(inbound={"poll": False})) == [("public_url", "wrong")]


def test_an_address_that_answers_is_fine_as_seen_from_here(files: tuple[Path, Path]) -> None:
    with serving(files, 200, b"ok\n") as url:
        findings = list(check(shop(url)))

    assert [(each.code, each.verdict) for each in findings] == [("reached", "fine"), ("signature", "fine")]
    assert "as seen from this machine" in findings[0].says


@pytest.mark.parametrize(
    ("status", "body", "says"), [(503, b"busy", "the answer is 503"), (200, b"<html>", "something else answers there")]
)
def test_an_address_that_answers_otherwise_is_wrong(
    files: tuple[Path, Path], status: int, body: bytes, says: str
) -> None:
    with serving(files, status, body) as url:
        assert says in said(check(shop(url, mode="live")), "reached")


def test_an_address_where_nobody_answers_is_wrong_once_messages_leave() -> None:
    assert ("reached", "look") in found(check, shop("https://localhost:9"))
    assert ("reached", "wrong") in found(check, shop("https://localhost:9", mode="live"))


def test_offline_nobody_is_asked_and_signatures_are_checked_all_the_same() -> None:
    findings = list(check(shop("https://hooks.example.com", online=False)))

    assert [(each.code, each.verdict) for each in findings] == [("reached", "unasked"), ("signature", "fine")]
    assert findings[1].says == "signatures hold for Twilio's webhooks and unsubscribe links"


@pytest.mark.parametrize("token", ["with,comma" * 4, "other" + "0" * 27 + ",more"])
def test_a_token_that_does_not_pass_its_own_check_is_wrong(token: str) -> None:
    """A comma parts several tokens where webhooks come in."""
    findings = list(check(shop("https://hooks.example.com", SECRETS | {"TWILIO_AUTH_TOKEN": token}, online=False)))

    assert [each.code for each in findings if each.verdict == "wrong"] == ["signature"]
    assert token not in str(findings)
