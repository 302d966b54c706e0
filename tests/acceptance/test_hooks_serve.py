"""``cadence hooks serve``, as systemd and providers meet it: it loses nothing that it has answered."""

from __future__ import annotations

import http.client
import random
import signal
import socket
import sqlite3
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from support.hook_calls import Call, event, from_sendgrid, from_twilio, sms
from support.hook_server import SETTINGS, post, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Answer, Shop

URL = "https://hooks.example.com"


@pytest.fixture
def shop(make_shop: Callable[..., Shop]) -> Shop:
    """A shop that others reach."""
    made = make_shop("roofer")
    page = made.folder / "cadence.yaml"
    page.write_text(f"{page.read_text(encoding='utf-8')}\npublic_url: {URL}\n", encoding="utf-8")
    return made


def kept(folder: Path) -> list[str]:
    """The keys of what came in."""
    with closing(sqlite3.connect(folder / "cadence.db")) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM inbound ORDER BY id")]


def calls(chance: random.Random) -> Iterator[tuple[Call, list[str]]]:
    """Make calls without end, each with the keys of what it tells."""
    while True:
        if chance.random() < 0.5:
            params = sms()
            yield from_twilio("/twilio/sms", params), [params["MessageSid"]]
        else:
            told = [event() for _ in range(chance.randint(1, 5))]
            yield from_sendgrid("/sendgrid/events", told), [each["sg_event_id"] for each in told]


def provider(port: int, seed: int, answered: list[str], unsure: list[tuple[Call, list[str]]]) -> None:
    """Call until nobody answers any more."""
    for call, keys in calls(random.Random(seed)):
        try:
            status, _ = post(port, call)
        except (OSError, http.client.HTTPException):
            unsure.append((call, keys))
            return
        assert status in (200, 204)
        answered += keys


def test_what_was_answered_survives_kill_9_and_is_there_exactly_once(shop: Shop) -> None:
    answered: list[str] = []
    unsure: list[tuple[Call, list[str]]] = []
    chance = random.Random(7)
    for life in range(3):
        with serving(shop.folder) as server:
            for call, keys in unsure:  # providers try again
                assert post(server.port, call)[0] in (200, 204)
                answered += keys
            unsure.clear()
            threads = [
                threading.Thread(target=provider, args=(server.port, 10 * life + each, answered, unsure))
                for each in range(3)
            ]
            for thread in threads:
                thread.start()
            time.sleep(chance.uniform(0.3, 0.7))
            server.process.kill()
            for thread in threads:
                thread.join()
    there = kept(shop.folder)

    assert len(answered) > 30
    assert set(answered) <= set(there)
    assert len(there) == len(set(there))
    assert set(there) <= set(answered) | {key for _, keys in unsure for key in keys}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_told_to_end_it_answers_what_it_has_in_hand_and_takes_nothing_more(shop: Shop, number: int) -> None:
    call = from_twilio("/twilio/sms", sms())
    answers: list[tuple[int, bytes]] = []
    with serving(shop.folder) as server, closing(sqlite3.connect(shop.folder / "cadence.db")) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")  # the request waits for the database
        waiting = threading.Thread(target=lambda: answers.append(post(server.port, call)))
        waiting.start()
        time.sleep(0.5)
        server.process.send_signal(number)
        _until_closed(server.port)
        assert server.process.poll() is None
        other.execute("COMMIT")
        waiting.join()
        _, said = server.process.communicate(timeout=20)

    assert [status for status, _ in answers] == [200]
    assert len(kept(shop.folder)) == 1
    assert (server.process.returncode, said) == (0, "ended\n")


def test_somebody_who_never_finishes_a_request_does_not_keep_it_from_ending(shop: Shop) -> None:
    with serving(shop.folder) as server, socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall(b"POST /twilio/sms HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf")
        time.sleep(0.2)
        begun = time.monotonic()
        ended = server.end(signal.SIGTERM)

    assert ended == (0, "ended\n")
    assert time.monotonic() - begun < 8


def _until_closed(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            return
        except ConnectionResetError:  # it was taken, and let go of
            pass
        time.sleep(0.02)
    raise AssertionError("it still takes connections")


def test_a_server_speaks_http_with_whoever_comes(shop: Shop) -> None:
    def raw(said: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(said)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    signed = from_twilio("/twilio/sms", sms())
    headers = "".join(f"{name}: {value}\r\n" for name, value in signed.headers.items()).encode()
    in_parts = b"%x\r\n%b\r\n0\r\n\r\n" % (len(signed.body), signed.body)
    with serving(shop.folder, "--threads", "2") as server:
        close = b"Connection: close\r\n"
        post_ = b"POST /twilio/sms HTTP/1.1\r\n" + close
        sent = {
            b"%b%bTransfer-Encoding: chunked\r\n\r\n%b" % (post_, headers, in_parts): b"200",
            b"GET /healthz HTTP/1.0\r\n\r\n": b"200",
            b"GET http://elsewhere.example.net/healthz HTTP/1.1\r\n%b\r\n" % close: b"200",
            post_ + b"Content-Length: 99999999\r\n\r\n": b"413",
            post_ + b"Content-Length: -1\r\n\r\n": b"400",
            post_ + b"Content-Length: 1\r\nTransfer-Encoding: gzip, chunked\r\n\r\nx": b"501",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n": b"400",
            b"PRI * HTTP/2.0\r\n%b\r\nSM\r\n\r\n" % close: b"404",
        }
        answers = {said: raw(said) for said in sent}
        code, said = server.end(signal.SIGTERM)

    assert {each: answer.split(b" ")[1] for each, answer in answers.items()} == sent
    assert not [answer for answer in answers.values() if b"waitress" in answer.lower() or b"Traceback" in answer]
    assert len(kept(shop.folder)) == 1
    assert (code, said) == (0, "ended\n")


def test_without_what_it_needs_it_does_not_begin_and_says_what_to_do(shop: Shop) -> None:
    without_token = shop.run("hooks", "serve", env={**SETTINGS, "TWILIO_AUTH_TOKEN": ""}, expect=1).err
    page = shop.folder / "cadence.yaml"
    page.write_text(page.read_text(encoding="utf-8").replace(f"public_url: {URL}\n", ""), encoding="utf-8")
    without_address = shop.run("hooks", "serve", env=SETTINGS, expect=1).err

    assert without_token.startswith(
        "cadence: TWILIO_AUTH_TOKEN is not set: what comes in could not be believed\n  help:"
    )
    assert without_address.startswith("cadence: cadence.yaml says no public_url: nobody could reach this\n  help: ")
    assert shop.run("hooks", "urls", expect=1).err == without_address


def test_an_address_that_is_taken_is_said(shop: Shop) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        answer = shop.run("hooks", "serve", "--port", port, env=SETTINGS, expect=1)

    assert f"cannot listen on 127.0.0.1, port {port}: Address already in use" in answer.err
    assert shop.run("hooks", "serve", "--host", "no.such.host.invalid", env=SETTINGS, expect=1).err.startswith(
        "cadence: "
    )


def test_urls_says_what_to_enter_where(shop: Shop) -> None:
    answer: Answer = shop.run("hooks", "urls")
    places = shop.run("hooks", "urls", "--json").data

    assert f"  {URL}/twilio/sms#rc=3&rp=all\n" in answer.out
    assert f"  {URL}/twilio/voice#rc=3&rp=all\n" in answer.out
    assert f"  {URL}/sendgrid/events\n" in answer.out
    assert [place["enter"].removeprefix(URL).partition("#")[0] for place in places] == [
        "/twilio/sms", "/twilio/voice", "/twilio/status", "/sendgrid/events", "/sendgrid/inbound", "/u/...", "/healthz",
    ]  # fmt: skip
