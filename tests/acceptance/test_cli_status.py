"""``cadence status``: what a person sees in the morning, and what a watchdog sees at night."""

from __future__ import annotations

import json
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Shop

IN_THIS_PROCESS = True  # many commands

ADD = ("leads", "add", "trade=roofing", "zip=64110", "name=Maria Lopez", "phone=816-555-0142", "id=maria")
WELL = "Summit Home Services: all is well, nothing needs you.\n"
KEYS = {
    "at", "account", "mode", "needs_a_person", "problems", "database", "last_tick", "running", "backlog", "next_look",
    "in_doubt", "lately", "tried_again", "held", "set_aside", "paused", "paused_playbooks", "versions", "edits_held",
    "edits_waiting", "faults", "halted", "came_in", "reviews", "colleagues",
}  # fmt: skip


def codes(shop: Shop, *words: str, expect: int = 1) -> list[str]:
    """The codes of what needs a person."""
    return [each["code"] for each in shop.run("status", "--json", *words, expect=expect).data["problems"]]


def test_a_new_workspace_has_nothing_wrong_with_it(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    page = shop.run("status")
    data = shop.run("status", "--json").data

    assert page.out.startswith(WELL)
    assert "none yet; `cadence leads add` or `cadence leads import` makes it" in page.out
    assert (set(data), data["needs_a_person"], data["database"]["revision"]) == (KEYS, False, None)
    assert shop.run("status", "--quiet").out == ""
    assert codes(shop, "--stale-after", "10m") == ["never_ticked"], "whoever asks for it expects ticks"
    assert not (shop.folder / "cadence.db").exists()


def test_a_shop_whose_ticks_run_is_well(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    shop.run(*ADD, "--now", "2026-11-24T13:10")
    before = shop.run("status", "--now", "2026-11-24T13:11", expect=1)
    shop.tick("2026-11-24T13:11")
    after = shop.run("status", "--now", "2026-11-24T13:12")
    data = shop.run("status", "--now", "2026-11-24T13:12", "--json").data

    assert "No tick has run yet, so nothing goes out." in before.out
    assert after.out.startswith(WELL)
    assert "Last tick      13:11, 1 minute ago" in after.out
    assert (
        "1 lead looked at; would have sent 1 call, 1 sms; ended: condition (3); colleagues told: dana (1)"
        in " ".join(after.out.split())
    )
    assert "Due now        nobody; the next lead is looked at " in after.out
    assert set(data) == KEYS
    assert data["lately"]["sent"] == {"sms": 1, "call": 1}
    assert data["last_tick"]["at"] == "2026-11-24T19:11:00Z"
    assert data["versions"].keys() == {"roofer"}


def test_a_watchdog_is_silent_until_ticks_stop(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    shop.run(*ADD, "--now", "2026-11-24T13:10")
    shop.tick("2026-11-24T13:11")
    watch = ("status", "--quiet", "--stale-after", "10m", "--now")

    assert shop.run(*watch, "2026-11-24T13:20").out == ""
    barked = shop.run(*watch, "2026-11-24T17:30", expect=1)
    assert barked.out == (
        "Summit Home Services: 1 thing needs you.\n\n"
        "1. No tick has run for 4 hours, so nothing goes out.\n"
        "   -> See that the machine runs and its schedule is on: `cadence schedule install` puts it right.\n"
        "      `cadence tick` does now what is due.\n"
    )
    assert shop.run("status", "--stale-after", "10 min", expect=2).err.startswith("cadence: --stale-after: ")


def test_what_needs_a_person_is_found_in_files_and_database(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    shop.run(*ADD)
    shop.run("tick")
    page = shop.folder / "playbooks" / "roofer.yaml"
    good = page.read_text()
    assert codes(shop, expect=0) == []

    page.write_text(good.replace("min_gap: 4h", "min_gap: 4 hours"))
    assert codes(shop) == ["faults"]
    page.write_text(good.replace("\n  new:\n", "\n  fresh:\n").replace("new, ", "fresh, "))
    shop.run("tick", expect=1)
    assert codes(shop) in (["edit_held"], ["faults"])
    page.write_text(good)
    shop.run("tick")
    assert codes(shop, expect=0) == []

    shop.run("pause")
    assert shop.run("status").out.count("nothing goes until `cadence resume`") == 1
    shop.run("resume")
    shop.run("tick")

    with sqlite3.connect(shop.folder / "cadence.db") as database:
        database.execute(
            "UPDATE outbox SET state = 'unknown', check_at = '9999-12-31T00:00:00Z' "
            "WHERE touch_key = (SELECT touch_key FROM outbox WHERE state = 'sent' LIMIT 1)"
        )
        database.execute(
            "UPDATE outbox SET state = 'failed', reason = 'refused', detail = '21610: opted out' "
            "WHERE touch_key = (SELECT touch_key FROM outbox WHERE state = 'skipped' LIMIT 1)"
        )
    assert codes(shop) == ["left_to_a_person", "failed"]
    assert codes(shop, "--since", "1m") in (["left_to_a_person", "failed"], ["left_to_a_person"])
    assert "1 message could not go: 21610 (1)." in shop.run("status", expect=1).out


def test_a_database_that_cannot_be_used_is_a_finding_and_not_a_crash(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    shop.run("tick")
    with sqlite3.connect(shop.folder / "cadence.db") as database:
        database.execute("UPDATE cadence_version SET version_num = '9999'")
    newer = shop.run("status", expect=1)
    assert "made by a newer cadence" in " ".join(newer.out.split())
    assert codes(shop) == ["database"]

    for file in shop.folder.glob("cadence.db*"):
        file.unlink()
    (shop.folder / "cadence.db").write_text("not a database, but long enough to be looked at as one" * 20)
    assert codes(shop) == ["database"]


def test_the_tick_log_is_shown_newest_first(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    shop.run(*ADD, "--now", "2026-11-24T13:10")
    for minute in (11, 12, 13):
        shop.tick(f"2026-11-24T13:{minute}")
    table = shop.run("status", "--ticks", "5").out.splitlines()
    data = shop.run("status", "--ticks", "1", "--json").data

    assert table[0].split() == ["BEGAN", "TICKS", "TOOK", "WHAT", "IT", "DID"]
    assert [line.split()[4] for line in table[1:]] == ["2", "1"]
    assert table[1].endswith("nothing was due")
    assert [(each["outcome"], each["runs"], each["at"]) for each in data] == [("idle", 2, "2026-11-24T19:13:00Z")]


@pytest.fixture
def monitor() -> Iterator[tuple[str, list[str]]]:
    """The address of a server that notes what it is asked, and its notes."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            asked.append(f"{self.command} {self.path} {body}".strip())
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - as the library calls it

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/abc", asked
    server.shutdown()
    server.server_close()


def test_every_tick_pings(make_shop: Callable[..., Shop], monitor: tuple[str, list[str]]) -> None:
    """Idle or not; what needs a person, and a tick that breaks off, is a failure; the ping itself never is one."""
    url, asked = monitor
    shop = make_shop("roofer")
    (shop.folder / ".env").write_text(f"CADENCE_PING_URL={url}\n")
    shop.run("tick")
    assert shop.run("tick").out == "nothing due\n"
    (shop.folder / "playbooks" / "roofer.yaml").write_text("nonsense")
    shop.run("tick", expect=1)
    (shop.folder / "cadence.db").chmod(0o600)
    with sqlite3.connect(shop.folder / "cadence.db") as database:
        database.execute("UPDATE cadence_version SET version_num = '9999'")
    shop.run("tick", expect=1)

    assert asked[:2] == ["GET /abc", "GET /abc"]
    assert asked[2].startswith("POST /abc/fail 0 leads looked at")
    assert asked[3].startswith("POST /abc/fail ")
    assert "newer cadence" in asked[3]

    other = make_shop_beside(shop)
    unheard = other.run("tick", env={"CADENCE_PING_URL": "http://127.0.0.1:9/never-heard-of"})
    assert "note: the ping did not arrive: Connection refused\n" in unheard.err
    assert "never-heard-of" not in unheard.err


def make_shop_beside(shop: Shop) -> Shop:
    """Another shop."""
    folder = shop.folder.with_name("second")
    shop.run("init", str(folder), "--trade", "roofer")
    return type(shop)(folder)


def test_a_tick_tells_the_log_what_it_does_without_naming_anybodys_number(
    make_shop: Callable[..., Shop], tmp_path: Path
) -> None:
    shop = make_shop("roofer")
    log = tmp_path / "ticks.jsonl"
    shop.run(*ADD, "--now", "2026-11-24T13:10", env={"CADENCE_LOG": str(log)})
    assert not log.exists()
    shop.run("tick", "--now", "2026-11-24T13:11", env={"CADENCE_LOG": str(log)})
    lines = [json.loads(line) for line in log.read_text().splitlines()]

    assert (lines[0]["event"], lines[-1]["event"]) == ("tick.begin", "tick.end")
    assert lines[-1]["counts"]["sent"] == {"sms": 1, "call": 1}
    assert "0142" not in log.read_text()

    (shop.folder / "messages.log").unlink()
    (shop.folder / "messages.log").mkdir()
    failed = shop.run("tick", "--now", "2026-11-24T17:11", expect=1, env={"CADENCE_LOG": "-"})
    told = [json.loads(line) for line in failed.err.splitlines() if line.startswith("{")]
    assert (told[-1]["event"], told[-1]["error"]) == ("tick.failed", "CadenceError")
    assert "messages.log" in told[-1]["says"]
