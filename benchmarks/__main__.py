"""``python -m benchmarks``: measure, print the table, end with 1 when something is not as good as it must be."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import figures, settings
from benchmarks.keep import say
from benchmarks.machine import compile_bytecode, machine_line
from benchmarks.table import Figure, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.settings import Size

__all__ = ["main"]


def _postgres(size: Size) -> Iterator[Figure]:
    from benchmarks.figures_postgres import postgres_rates

    return postgres_rates(size)


def _hooks(size: Size) -> Iterator[Figure]:
    from benchmarks.figures_hooks import hooks

    return hooks(size)


def _review(size: Size) -> Iterator[Figure]:
    from benchmarks.figures_review import review

    return review(size)


def _plan(size: Size) -> Iterator[Figure]:
    from benchmarks.figures_plan import plan

    return plan(size)


GROUPS: dict[str, Callable[[Size], Iterator[Figure]]] = {
    "sqlite": figures.sqlite_rate,
    "postgres": _postgres,
    "idle": figures.idle,
    "growth": figures.idle_growth,
    "memory": figures.tick_memory,
    "dry-run": figures.dry_run,
    "review": _review,
    "plan": _plan,
    "replies": figures.replies,
    "hooks": _hooks,
}


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, help="each figure is the median of so many (5)")
    parser.add_argument("--small", action="store_true", help="small databases, and nothing must hold")
    parser.add_argument("--tiny", action="store_true", help="see only that everything runs")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS), help="some of the figures")
    parser.add_argument("--folder", type=Path, help="where databases are kept (.bench)")
    asked = parser.parse_args(arguments)
    size = settings.TINY if asked.tiny else settings.SMALL if asked.small else settings.FULL
    if asked.runs:
        size = dataclasses.replace(size, runs=asked.runs)
    if asked.folder:
        size = dataclasses.replace(size, folder=asked.folder.absolute())
    judged = size.enrolled == settings.FULL.enrolled
    if not asked.tiny:
        compile_bytecode()
    print(machine_line(), flush=True)
    rows: list[Figure] = []
    for group in asked.only:
        begin = time.monotonic()
        for row in GROUPS[group](size):
            rows.append(row)
            say(" | ".join(row.cells()))
        say(f"({group}: {time.monotonic() - begin:.0f} s)")
    print(render(rows))
    print(f"Medians of {size.runs} run{'s' * (size.runs != 1)}." + " Small: nothing here must hold." * (not judged))
    missed = [row.name for row in rows if not row.holds]
    if judged and missed:
        print(f"missed: {'; '.join(missed)}")
    return int(judged and bool(missed))


if __name__ == "__main__":
    sys.exit(main())
