"""No text twice, whatever happens to a tick: ticks at once, ticks killed."""

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


def _shop_with_a_list(make_shop: Callable[..., Shop], people: int, *, tells: bool = False) -> Shop:
    shop = make_shop("roofer") if tells else make_shop("roofer").tell_nobody()
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


def test_ticks_that_run_at_once_share_what_is_due(make_shop: Callable[..., Shop]) -> None:
    """However many cron starts: each takes leads for itself, and every text goes once, to colleagues as to leads."""
    shop = _shop_with_a_list(make_shop, 250, tells=True)
    ticks = [_start(shop, "2026-11-24T13:11") for _ in range(4)]
    said = [tick.communicate(timeout=120) for tick in ticks]
    keys = KEY.findall(shop.texts())

    assert [tick.returncode for tick in ticks] == [0] * 4
    assert all(errors == "" for _, errors in said)
    assert sum(int(found[1]) for line, _ in said if (found := re.search(r"(\d+) sms", line))) == 250
    assert len(keys) == len(set(keys))
    assert len([key for key in keys if not key.startswith("alert/")]) == 250
    assert _ask(shop, "SELECT state, count(*) FROM alerts GROUP BY state") == [("sent", 250)]
    carried = _ask(shop, "SELECT DISTINCT message FROM alerts")
    assert sorted(key for (key,) in carried) == sorted(key for key in keys if key.startswith("alert/"))


def test_a_tick_killed_while_it_writes_is_finished_by_the_next(make_shop: Callable[..., Shop]) -> None:
    """What was claimed and not ended is looked for where it would be; only what is not there goes again."""
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
    before = len(KEY.findall(gone.decode()))
    after = shop.run("tick", "--now", "2026-11-24T13:12")

    assert 0 < before < 60, "it was killed in the middle of its texts"
    assert "an earlier tick was interrupted with 60 touches in hand" in after.err
    assert f"asked about messages that may have gone: {before} went, {60 - before} did not" in after.err
    assert Counter(KEY.findall(shop.texts())).most_common(1)[0][1] == 1
    assert _ask(shop, "SELECT state, count(*) FROM outbox WHERE channel = 'sms' AND reason = 'sent' GROUP BY 1") == [
        ("sent", 60)
    ]
    assert shop.run("tick", "--now", "2026-11-24T13:13").err == "", "it is said once"


def _read(pipe: int) -> bytes:
    try:
        return os.read(pipe, 65536)
    except BlockingIOError:
        return b""


def test_ticks_killed_at_any_moment_send_every_text_once(make_shop: Callable[..., Shop]) -> None:
    """Whatever moment it is: the next tick finds out what went, and does the rest."""
    shop = _shop_with_a_list(make_shop, 250)
    for round_ in range(9):
        tick = _start(shop, f"2026-11-24T13:{11 + round_}")
        deadline = time.monotonic() + 0.35 + 0.12 * round_
        while tick.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        tick.send_signal(signal.SIGKILL)
        tick.communicate(timeout=60)
    last = _start(shop, "2026-11-24T13:30")
    last.communicate(timeout=120)

    assert last.returncode == 0
    written = Counter(KEY.findall(shop.texts()))
    assert set(written.values()) == {1}
    ended = dict(_ask(shop, "SELECT touch_key, state FROM outbox WHERE channel = 'sms' AND state = 'sent'"))
    assert len(ended) == 250, "nobody was forgotten"
    assert set(written) == set(ended)
    assert _ask(shop, "SELECT count(*) FROM outbox WHERE check_at IS NOT NULL") == [(0,)]
    assert _ask(shop, "PRAGMA integrity_check") == [("ok",)]
