"""The figures of the hooks: what providers tell, from the first byte of a request to an answer after the commit."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from benchmarks import hook_calls
from benchmarks.figures import expect, percentile, ratio
from benchmarks.floor_hooks import THREADS
from benchmarks.keep import Shop
from benchmarks.machine import ROOT, environment, median
from benchmarks.people import ACCOUNT
from benchmarks.table import Figure
from cadence.store import accounts
from cadence.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.hook_calls import Request
    from benchmarks.settings import Size

__all__ = ["hooks"]

CLIENTS = 8
TOGETHER = 20  #: events in a call of SendGrid


def hooks(size: Size) -> Iterator[Figure]:
    """Text messages and events a second, committed before they are answered; and how long an answer takes."""
    waits: list[list[float]] = []
    for name, requests, each in (
        ("texts/s", hook_calls.texts(size.calls), 1),
        (f"events/s, {TOGETHER} a call", hook_calls.events(size.calls // 4, TOGETHER), TOGETHER),
    ):
        mine: list[dict[str, Any]] = []
        floor: list[dict[str, Any]] = []
        for run in range(-(size.runs > 1), size.runs):  # the first of several warms the file cache: not counted
            ours, by_hand = (_run(size, command, requests) for command in (_serve, _by_hand))
            expect(len(requests) * each, ours, by_hand)
            if run >= 0:
                mine.append(ours)
                floor.append(by_hand)
        if each == 1:
            waits = [run["waits"] for run in mine]
            slow = [percentile(run["waits"], 0.99) * 1000 for run in floor]
        yield from ratio(f"hooks: {name}, {CLIENTS} clients, SQLite FULL", mine, floor)
    p50, p99 = (median([percentile(run, share) * 1000 for run in waits]) for share in (0.5, 0.99))
    detail = f"p50 {p50:.1f} ms; floor p99 {median(slow):.1f} ms"
    yield Figure(f"hooks: a text answered, {CLIENTS} clients, p99", p99, "ms", 250, 100, detail=detail)


def _run(size: Size, command: Any, requests: Sequence[Request]) -> dict[str, Any]:
    """Have a new server called; the rows in its table are what it did."""
    with _shop(size) as shop, _serving(command(shop)) as (process, port):
        before = _cpu(process.pid)
        seconds, waits = hook_calls.call(port, requests, CLIENTS)
        cpu = _cpu(process.pid) - before
        ((done,),) = shop.execute("SELECT count(*) FROM inbound")
    return {"done": done, "wall": seconds, "cpu": cpu, "waits": waits}


@contextmanager
def _shop(size: Size) -> Iterator[Shop]:
    """Lend a workspace that others reach, with an empty database."""
    size.folder.mkdir(parents=True, exist_ok=True)
    new = size.folder / "hooks-new.db"
    new.unlink(missing_ok=True)
    with open_store(f"sqlite:///{new}", create=True) as store, store.write() as session:
        accounts.ensure(session, ACCOUNT, datetime.now(UTC).replace(microsecond=0))
    with Shop(size.folder / "hooks", new) as shop:
        page = shop.root / "cadence.yaml"
        page.write_text(f"{page.read_text(encoding='utf-8')}public_url: {hook_calls.URL}\n", encoding="utf-8")
        yield shop
    new.unlink()


def _serve(shop: Shop) -> list[str]:
    cadence = str(Path(sys.executable).with_name("cadence"))
    return [cadence, "-C", str(shop.root), "hooks", "serve", "--port", "0", "--threads", str(THREADS)]


def _by_hand(shop: Shop) -> list[str]:
    return [sys.executable, "-m", "benchmarks.floor_hooks", str(shop.database)]


@contextmanager
def _serving(command: list[str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    variables = environment(**hook_calls.SETTINGS)
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=variables, text=True
    ) as process:
        try:
            said = cast("IO[str]", process.stdout).readline()
            if not said:
                raise RuntimeError(f"{' '.join(command)} ended with {process.wait()}")
            yield process, int(said.split(" ")[2].rpartition(":")[2])
        finally:
            process.terminate()


def _cpu(pid: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
