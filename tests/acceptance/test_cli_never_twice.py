"""No text twice, whatever happens to a tick: ticks at once, ticks killed, a lease left behind."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Shop

PROGRAM = Path(sys.executable).with_name("cadence")
KEY = re.compile(r"\((\S+); not sent: log mode\)")
SIZE_OF_PIPE = 1031  #: fcntl's F_SETPIPE_SZ


def _shop_with_a_list(make_shop: Callable[..., Shop], people: int) -> Shop:
    shop = make_shop("roofer")
    rows = [f"Lead {n},816-555-{n:04d},64110,roofing,roof repair,2026-11-24 13:09" for n in range(100, 100 + people)]
    (shop.folder / "list.csv").write_text("name,phone,zip,trade,service,date received\n" + "\n".join(rows))
    shop.run("leads", "import", str(shop.folder / "list.csv"), "--now", "2026-11-24T13:10")
    return shop


def _start(shop: Shop, now: str) -> subprocess.Popen[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CADENCE_")}
    return subprocess.Popen(
        [str(PROGRAM), "-C", str(shop.folder), "tick", "--now", now],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean,
    )  # fmt: skip


def _ask(shop: Shop, question: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(shop.folder / "cadence.db") as database:
        return database.execute(question).fetchall()


def _let_the_lease_run_out(shop: Shop) -> None:
    _ask(shop, "UPDATE accounts SET tick_until = '2026-01-01T00:00:00Z' WHERE tick_holder != ''")


def test_ticks_that_run_at_once_send_everything_once(make_shop: Callable[..., Shop]) -> None:
    """One works, the others refuse politely and end well; so it is however many cron starts."""
    shop = _shop_with_a_list(make_shop, 60)
    ticks = [_start(shop, "2026-11-24T13:11") for _ in range(4)]
    said = [tick.communicate(timeout=120) for tick in ticks]
    keys = KEY.findall(shop.texts())

    assert [tick.returncode for tick in ticks] == [0] * 4
    assert all(errors == "" for _, errors in said)
    at_work = [line for line, _ in said if "60 sms" in line]
    idle = [line for line, _ in said if line.startswith(("another tick is running since", "0 leads looked at"))]
    assert len(at_work) == 1
    assert len(idle) == 3
    assert len(keys) == len(set(keys)) == 60


def test_a_tick_killed_while_it_sends_leaves_nothing_to_go_again(make_shop: Callable[..., Shop]) -> None:
    """What was claimed and not ended is unknown: that is said, counted, shown, and never sent again by itself."""
    shop = _shop_with_a_list(make_shop, 60)
    log = shop.folder / "messages.log"
    os.mkfifo(log)
    pipe = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(pipe, SIZE_OF_PIPE, 4096)
    tick = _start(shop, "2026-11-24T13:11")
    deadline = time.monotonic() + 60
    while not (gone := _read(pipe)) and time.monotonic() < deadline:
        time.sleep(0.02)
    tick.kill()
    tick.communicate(timeout=60)
    gone += _read(pipe)
    os.close(pipe)
    log.unlink()
    log.write_bytes(gone)

    assert 0 < len(KEY.findall(gone.decode())) < 60, "it was killed in the middle of its texts"
    while_the_lease_stands = shop.run("tick", "--now", "2026-11-24T13:12")
    assert while_the_lease_stands.out.startswith("another tick is running since ")
    _let_the_lease_run_out(shop)
    after = shop.run("tick", "--now", "2026-11-24T13:13", expect=1)
    assert "60 touches of an interrupted tick may or may not have gone; they will not go again" in after.err
    assert log.read_bytes() == gone
    assert _ask(shop, "SELECT state, count(*) FROM outbox WHERE channel = 'sms' AND reason = 'unknown' GROUP BY 1") == [
        ("unknown", 60)
    ]
    lead = str(_ask(shop, "SELECT min(lead) FROM leads")[0][0])
    assert "sms instant may or may not have gone" in shop.run("leads", "show", lead).out
    assert shop.run("tick", "--now", "2026-11-24T13:14").err == "", "it is said once"


def _read(pipe: int) -> bytes:
    try:
        return os.read(pipe, 65536)
    except BlockingIOError:
        return b""


def test_ticks_killed_at_any_moment_never_send_a_text_twice(make_shop: Callable[..., Shop]) -> None:
    """Every text that is written down is written once, and what the database calls sent was written down."""
    shop = _shop_with_a_list(make_shop, 250)
    for round_ in range(9):
        tick = _start(shop, f"2026-11-24T13:{11 + round_}")
        deadline = time.monotonic() + 0.35 + 0.12 * round_
        while tick.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        tick.send_signal(signal.SIGKILL)
        tick.communicate(timeout=60)
        _let_the_lease_run_out(shop)
    last = _start(shop, "2026-11-24T13:30")
    last.communicate(timeout=120)

    assert last.returncode in (0, 1)
    written = Counter(KEY.findall(shop.texts()))
    assert max(written.values()) == 1
    ended = dict(
        _ask(shop, "SELECT touch_key, state FROM outbox WHERE channel = 'sms' AND state IN ('sent', 'unknown')")
    )
    assert len(ended) == 250, "nobody was forgotten"
    assert {key for key, state in ended.items() if state == "sent"} <= set(written) <= set(ended)
    assert _ask(shop, "SELECT count(*) FROM outbox WHERE state = 'claimed'") == [(0,)]
    assert _ask(shop, "PRAGMA integrity_check") == [("ok",)]
