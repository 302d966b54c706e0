"""The review of many open leads."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.floor_review import SHAPE
from benchmarks.keep import Shop, kept
from benchmarks.machine import environment, median
from benchmarks.population import Population
from benchmarks.table import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.settings import Size

__all__ = ["BOUNDS", "NOW", "review"]

_CADENCE = str(Path(sys.executable).with_name("cadence"))
NOW = "2026-11-24T08:30"  #: a Tuesday, by the shop's clock
#: The same instant, and when the day and the week are over, for the floor.
BOUNDS = ("2026-11-24T14:30:00Z", "2026-11-25T06:00:00Z", "2026-11-30T06:00:00Z")


def review(size: Size) -> Iterator[Figure]:
    """The installed program from start to end, printing every lead that stands on a list."""
    seconds, floor, listed = [], [], 0
    with Shop(size.folder / "review", kept(size.folder, Population(leads=size.fresh, fresh=True))) as shop:
        shop.execute(SHAPE)
        ours = [_CADENCE, "-C", str(shop.root), "review", "--now", NOW]
        by_hand = [sys.executable, "-m", "benchmarks.floor_review", str(shop.database), *BOUNDS]
        for _ in range(size.runs):
            took, listed = _run(ours, shop.root / "review.txt", 1)
            seconds.append(took)
            floor.append(_run(by_hand, shop.root / "floor.txt", 0)[0])
    name = f"review of {size.fresh:,} open leads, as text"
    times = median([mine / theirs for mine, theirs in zip(seconds, floor, strict=True)])
    yield Figure(f"{name}: times the floor", times, "x", 5, 3, detail=f"floor {median(floor):.1f} s")
    yield Figure(name, median(seconds), "s", 6, 3, detail=f"{listed:,} lines")


def _run(command: list[str], output: Path, code: int) -> tuple[float, int]:
    """Run a command to its end; return its seconds and how many lines it printed."""
    begin = time.perf_counter()
    with output.open("wb") as out:
        done = subprocess.run(command, stdout=out, env=environment(), check=False)
    seconds = time.perf_counter() - begin
    if done.returncode != code:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}")
    with output.open("rb") as lines:
        return seconds, sum(1 for _ in lines)
