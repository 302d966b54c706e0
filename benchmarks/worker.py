"""One measured thing in a process of its own: ``python -m benchmarks.worker TASK JSON``.

Everything is imported before the measured time, and the process waits for a line on its input, so that several can
begin together. It prints one line of JSON: what was done, wall and CPU seconds, and its own greatest resident memory.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["main"]


def main() -> None:
    """Do what the command line says."""
    task, values = sys.argv[1], json.loads(sys.argv[2])
    work = TASKS[task](**values)
    gc.collect()
    print("ready", flush=True)
    sys.stdin.readline()
    wall, cpu = time.perf_counter(), time.process_time()
    said = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({**said, "wall": wall, "cpu": cpu, "memory": _peak()}), flush=True)


def _peak() -> float:
    """Return the greatest resident memory of this process, in MiB (not of the one that started it)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024


def _cadence(root: str, url: str, now: str) -> Callable[[], dict[str, Any]]:
    """Tick until nothing is left: a tick that ends in time hands the rest on to the next."""
    from benchmarks.provider import ProviderChannel
    from cadence.playbook.words import CHANNELS
    from cadence.runner.tick import tick

    at = datetime.fromisoformat(now)

    def work() -> dict[str, Any]:
        done = ticks = 0
        channels = dict.fromkeys(CHANNELS, ProviderChannel(Provider()))
        with _account(root, url) as account:
            while True:
                report = tick(account, at, channels=channels)
                done += sum(report.sent.values())
                ticks += 1
                if not report.handed_on:
                    break
        return {"done": done, "ticks": ticks, "aside": len(report.set_aside), "ended": dict(report.ended)}

    return work


def _account(root: str, url: str) -> Any:
    import contextlib

    from benchmarks.people import ACCOUNT
    from cadence.runner.account import Account
    from cadence.store.store import open_store

    @contextlib.contextmanager
    def opened() -> Any:
        with open_store(url) as store:
            yield Account(root=Path(root), name=ACCOUNT, store=store, mode="log", log_file=Path(root) / "messages.log")

    return opened()


def _floor_sqlite(path: str, now: str) -> Callable[[], dict[str, Any]]:
    from benchmarks import floor_sqlite

    return lambda: {"done": floor_sqlite.run(Path(path), datetime.fromisoformat(now), Provider())}


def _floor_minimal(path: str, now: int) -> Callable[[], dict[str, Any]]:
    from benchmarks import floor_minimal

    return lambda: {"done": floor_minimal.run(Path(path), now, Provider())}


def _floor_postgres(url: str, now: str) -> Callable[[], dict[str, Any]]:
    from benchmarks import floor_postgres

    return lambda: {"done": floor_postgres.run(url, datetime.fromisoformat(now), Provider())}


def _replies(root: str, url: str, now: str, leads: int, seconds: float) -> Callable[[], dict[str, Any]]:
    """Record replies of people picked at random, one after the other, until told to end or ``seconds`` are over."""
    import select

    from benchmarks.people import ACCOUNT, person
    from cadence.engine.events import Event
    from cadence.errors import CadenceError
    from cadence.playbook.words import EVENTS
    from cadence.runner.account import load_book
    from cadence.runner.record import record_fact

    at = datetime.fromisoformat(now)
    chance = random.Random(7)
    plans: dict[str, Any] = {}
    actor = EVENTS["reply"].actor.value
    reply = Event(type="reply", at=at, recorded_at=at, actor=actor, data={"text": "Yes, call me"})

    def work() -> dict[str, Any]:
        waits, refused = [], []
        ends = time.monotonic() + seconds
        with _account(root, url) as account:
            while time.monotonic() < ends and not select.select([sys.stdin], [], [], chance.uniform(0, 0.04))[0]:
                lead = person(chance.randrange(leads)).lead
                begin = time.perf_counter()
                try:
                    with account.store.write() as session:
                        record_fact(session, ACCOUNT, load_book(session, ACCOUNT, plans), lead, reply)
                except CadenceError as error:
                    refused.append(error.message)
                waits.append(time.perf_counter() - begin)
        return {"waits": waits, "refused": refused}

    return work


TASKS: dict[str, Callable[..., Callable[[], dict[str, Any]]]] = {
    "cadence": _cadence,
    "floor_minimal": _floor_minimal,
    "floor_postgres": _floor_postgres,
    "floor_sqlite": _floor_sqlite,
    "replies": _replies,
}

if __name__ == "__main__":
    main()
