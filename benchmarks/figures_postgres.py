"""The figures on PostgreSQL."""

from __future__ import annotations

import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from benchmarks.figures import expect, rates, ratio
from benchmarks.keep import fingerprint, kept, say
from benchmarks.load_postgres import load
from benchmarks.machine import Job, median
from benchmarks.people import WORKSPACE, wave_at
from benchmarks.population import Population
from benchmarks.postgres_server import Server
from benchmarks.table import Figure
from cadence.files import signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.settings import Size

__all__ = ["postgres_rates"]


def postgres_rates(size: Size) -> Iterator[Figure]:
    """Due actions a second with one worker against the floor, and with two workers against one."""
    with _shop(size) as (url, root):
        waves = iter(range(len(size.waves)))
        mine: list[dict[str, Any]] = []
        floor: list[dict[str, Any]] = []
        both: list[dict[str, Any]] = []
        for run in range(-1, size.runs):  # the first warms everything up and is not counted
            by_hand = Job("floor_postgres", url=url, now=wave_at(next(waves)).isoformat()).run()
            ours = Job("cadence", root=root, url=url, now=wave_at(next(waves)).isoformat()).run()
            next(waves)
            pair = _together(2, root=root, url=url, now=wave_at(next(waves)).isoformat())
            expect(size.due, by_hand, ours)
            expect(2 * size.due, pair)
            if run >= 0:
                mine.append(ours)
                floor.append(by_hand)
                both.append(pair)
        yield from ratio(f"actions/s, PostgreSQL, one worker, {size.due:,} due of {size.enrolled:,}", mine, floor)
        gains = [two["done"] / two["wall"] * one["wall"] / one["done"] for one, two in zip(mine, both, strict=True)]
        name, detail = "PostgreSQL, two workers over one", f"{rates(both)} with two"
        yield Figure(name, median(gains), "x", 1.3, 1.5, more_is_better=True, detail=detail)


def _together(number: int, **values: Any) -> dict[str, Any]:
    """Let several workers begin at once; count what they did together until the last ended."""
    jobs = [Job("cadence", **values) for _ in range(number)]
    begin = time.perf_counter()
    for job in jobs:
        job.go()
    done = [job.result() for job in jobs]
    return {"done": sum(each["done"] for each in done), "wall": time.perf_counter() - begin}


@contextmanager
def _shop(size: Size) -> Iterator[tuple[str, str]]:
    """Lend a copy of the population on a server, and a workspace for it."""
    root = size.folder / "shop"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(WORKSPACE, root)
    source = kept(size.folder, Population(leads=size.enrolled, waves=size.waves))
    name = f"p{size.enrolled}_{fingerprint(source.name)}"
    with Server(size.folder / "postgres") as server:
        if not server.execute(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            say(f"loading {size.enrolled:,} leads into PostgreSQL {server.version()}")
            server.execute(f"DROP DATABASE IF EXISTS {name}_new")
            server.execute(f"CREATE DATABASE {name}_new TEMPLATE template0")
            load(server.url(f"{name}_new"), source)
            server.execute(f"ALTER DATABASE {name}_new RENAME TO {name}")
        server.copy(name, "shop")
        server.execute(f"UPDATE accounts SET source_signature = '{signature(root)}'", "shop")
        yield server.url("shop"), str(root)
        server.execute("DROP DATABASE shop")
    shutil.rmtree(root, ignore_errors=True)
