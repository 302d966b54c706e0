"""The figures on SQLite and on the command line."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import floor_minimal
from benchmarks.keep import Shop, kept, say
from benchmarks.machine import Job, median, peak_memory, run_to_end, timed
from benchmarks.people import wave_at
from benchmarks.population import Population
from benchmarks.table import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.settings import Size

__all__ = ["dry_run", "expect", "idle", "idle_growth", "rates", "ratio", "replies", "sqlite_rate", "tick_memory"]

_PYTHON = sys.executable
_CADENCE = str(Path(sys.executable).with_name("cadence"))  # as cron starts it
_MORNING = "2026-11-24T14:30:00+00:00"  #: the same instant for the floor
_WEEK = ("dry-run", "--days", "7", "--start", "2026-11-24T08:30", "--jsonl")
#: The same program; at its end it writes its own greatest resident memory, among others, to its output.
_WATCHED = f"""
import atexit, sys
atexit.register(lambda: sys.stdout.write(open("/proc/self/status").read()))
sys.argv[0] = {_CADENCE!r}
exec(compile(open(sys.argv[0]).read(), sys.argv[0], "exec"))
"""


def sqlite_rate(size: Size) -> Iterator[Figure]:
    """Due actions a second, decided, rendered, recorded and handed to a provider in the process."""
    with _shop(size) as shop, _minimal(size) as minimal:
        waves = iter(range(len(size.waves)))
        mine: list[dict[str, Any]] = []
        floor: list[dict[str, Any]] = []
        harsh: list[dict[str, Any]] = []
        for run in range(-1, size.runs):  # the first warms the file cache and is not counted
            now = wave_at(next(waves)).isoformat()
            ours = Job("cadence", root=str(shop.root), url=f"sqlite:///{shop.database}", now=now).run()
            now = wave_at(next(waves)).isoformat()
            by_hand = Job("floor_sqlite", path=str(shop.database), now=now).run()
            least = Job("floor_minimal", path=str(minimal), now=run + 1).run()
            expect(size.due, ours, by_hand, least)
            if run >= 0:
                mine.append(ours)
                floor.append(by_hand)
                harsh.append(least)
        yield from ratio(f"actions/s, SQLite FULL, {size.due:,} due of {size.enrolled:,}", mine, floor)
        say(f"for information: floor on minimal tables, SQLite: {rates(harsh)}; cadence reaches {_share(mine, harsh)}")


def ratio(name: str, mine: list[dict[str, Any]], floor: list[dict[str, Any]]) -> Iterator[Figure]:
    """Compare cadence's runs with those of the floor, run by run (each pair ran one after the other)."""
    shares = [theirs["wall"] / ours["wall"] for ours, theirs in zip(mine, floor, strict=True)]
    cpu = median([theirs["cpu"] / ours["cpu"] for ours, theirs in zip(mine, floor, strict=True)])
    detail = f"cadence {rates(mine)}, floor {rates(floor)}; by CPU {cpu:.2f}"
    yield Figure(name, median(shares), "", 0.40, 0.60, more_is_better=True, detail=detail)


def rates(runs: list[dict[str, Any]]) -> str:
    """Say how many a second the median run did, and the extremes."""
    found = sorted(run["done"] / run["wall"] for run in runs)
    return f"{median(found):,.0f}/s ({found[0]:,.0f}-{found[-1]:,.0f})"


def _share(mine: list[dict[str, Any]], floor: list[dict[str, Any]]) -> str:
    return f"{next(ratio('', mine, floor)).measured:.2f} of it"


def expect(due: int, *runs: dict[str, Any]) -> None:
    """Refuse to compare what did not do the same."""
    for run in runs:
        if run["done"] != due:
            raise AssertionError(f"{due} messages were due, and a run did {run}")


def idle(size: Size) -> Iterator[Figure]:
    """The process of a tick that finds nothing to do, as cron starts it every minute."""
    with _shop(size) as shop:
        shop.execute("UPDATE leads SET wake_at = '2099' || substr(wake_at, 5) WHERE wake_at IS NOT NULL")
        ticks, nothing = _starts(shop, size.starts)
        share = median(ticks) / median(nothing)
        detail = f"{median(ticks) * 1000:.1f} ms against {median(nothing) * 1000:.1f} ms for `python -c pass`"
        yield Figure(f"idle tick at {size.enrolled:,}, times `python -c pass`", share, "x", 9, 5, detail=detail)
        yield Figure("idle tick, resident memory", median(_memory(shop, size.runs)), "MiB", 30, 18)


def idle_growth(size: Size) -> Iterator[Figure]:
    """The same process at many enrolled over few. Both databases hold the records of the leads alone."""
    few, many = (_sleeping(size, number) for number in (size.least, size.most))
    with Shop(size.folder / "few", few) as less, Shop(size.folder / "many", many) as more:
        pairs = [(_start(less), _start(more)) for _ in range(size.starts)]
        small, big = (median([pair[place] for pair in pairs]) for place in (0, 1))
        detail = f"{big * 1000:.1f} ms over {small * 1000:.1f} ms"
        yield Figure(f"idle tick at {size.most:,} over {size.least:,}", big / small, "x", 1.2, 1.1, detail=detail)


def _sleeping(size: Size, leads: int) -> Path:
    return kept(size.folder, Population(leads=leads, asleep=True, logs=False))


def _starts(shop: Shop, number: int) -> tuple[list[float], list[float]]:
    _start(shop)
    newest = "SELECT id, outcome, idle_runs FROM ticks ORDER BY id DESC LIMIT 1"
    ((row, _, before),) = shop.execute(newest)
    pairs = [(_start(shop), timed([_PYTHON, "-c", "pass"])) for _ in range(number)]
    found = shop.execute(newest)
    if found != [(row, "idle", int(str(before)) + number)]:
        raise AssertionError(f"the ticks were not idle: {found}")
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _start(shop: Shop) -> float:
    return timed([_CADENCE, "-C", str(shop.root), "tick"])


def _memory(shop: Shop, number: int) -> list[float]:
    found = []
    for _ in range(number):
        run = peak_memory([_PYTHON, "-c", _WATCHED, "-C", str(shop.root), "tick"], shop.root / "status", every=1)
        said = run.output.read_text(encoding="utf-8").splitlines()
        found.append(int(next(line for line in said if line.startswith("VmHWM:")).split()[1]) / 1024)
    return found


def tick_memory(size: Size) -> Iterator[Figure]:
    """The greatest resident memory of a tick that finds many due."""
    found: list[float] = []
    due = size.due * size.heavy
    for _ in range(size.runs):
        with _shop(size) as shop:
            now = wave_at(size.heavy - 1).isoformat()
            run = Job("cadence", root=str(shop.root), url=f"sqlite:///{shop.database}", now=now).run()
            expect(due, run)
            found.append(run["memory"])
    yield Figure(f"tick memory at {due:,} due", median(found), "MiB", 100, 70)


def dry_run(size: Size) -> Iterator[Figure]:
    """A preview of a week of leads who came in this morning, out of the database, a line of JSON for each touch."""
    seconds, cpu, floor = [], [], []
    with Shop(size.folder / "fresh", kept(size.folder, Population(leads=size.fresh, fresh=True))) as shop:
        command = [_CADENCE, "-C", str(shop.root), *_WEEK]
        for _ in range(size.runs):
            run = run_to_end(command, shop.root / "week.json")
            touches = _sent(run.output)
            if touches != 3 * size.fresh:
                raise AssertionError(f"{3 * size.fresh} messages were expected, {touches} came")
            seconds.append(run.seconds)
            cpu.append(run.cpu)
            by_hand = [sys.executable, "-m", "benchmarks.floor_preview", str(shop.database), _MORNING]
            floor.append(run_to_end(by_hand, shop.root / "floor.json").seconds)
        watched = peak_memory(command, shop.root / "week.json")
    name = f"dry-run, 7 days, {size.fresh:,} fresh leads, JSON lines"
    times = median([mine / theirs for mine, theirs in zip(seconds, floor, strict=True)])
    yield Figure(f"{name}: times the floor", times, "x", 2.9, 1.6, detail=f"floor {median(floor):.1f} s, one process")
    detail = f"{3 * size.fresh / median(seconds):,.0f} touches/s; {median(cpu):.1f} s of CPU"
    yield Figure(name, median(seconds), "s", 9, 5, detail=detail)
    shared = f"{watched.peak_fair:.0f} MiB with each shared page counted once; one run"
    yield Figure(f"{name}: memory of all processes", watched.peak, "MiB", 120, 80, detail=shared)


def _sent(output: Path) -> int:
    with output.open(encoding="utf-8") as lines:
        return sum('"outcome": "sent"' in line or '"outcome":"sent"' in line for line in lines)


def replies(size: Size) -> Iterator[Figure]:
    """How long a reply waits until "stopped" is committed, while a big tick runs."""
    worst, refused, numbers = [], [], []
    for _ in range(size.runs):
        with _shop(size) as shop:
            now = wave_at(size.storm - 1).isoformat()
            values = {"root": str(shop.root), "url": f"sqlite:///{shop.database}", "now": now}
            tick, people = Job("cadence", **values), Job("replies", **values, leads=size.enrolled, seconds=3600)
            tick.go()
            people.go()
            done = tick.result()
            people.go()  # enough
            heard = people.result()
            _nothing_after_a_stop(shop)
            worst.append(percentile(heard["waits"], 0.99) * 1000)
            refused += heard["refused"]
            numbers.append(len(heard["waits"]))
            say(f"{done['done']:,} actions in {done['wall']:.1f} s beside {numbers[-1]:,} replies")
    due = size.due * size.storm
    detail = f"{sum(numbers):,} replies, {len(refused)} lock errors"
    if refused:
        detail += f": {refused[0]}"
    measured = float("inf") if refused else median(worst)
    yield Figure(f"reply to 'stopped' during a {due:,}-action tick, p99", measured, "ms", 250, 100, detail=detail)


def _nothing_after_a_stop(shop: Shop) -> None:
    """See that no touch was claimed after its lead's reply was recorded."""
    late = shop.execute(
        "SELECT count(*) FROM events AS stop JOIN events AS claim ON claim.account = stop.account "
        "AND claim.lead = stop.lead AND claim.id > stop.id AND claim.type = 'touch.claimed' "
        "WHERE stop.type = 'sequence.stopped'"
    )
    if late != [(0,)]:
        raise AssertionError(f"{late[0][0]} messages went after a reply")


def percentile(values: list[float], share: float) -> float:
    """Return the value that ``share`` of all do not exceed."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def _shop(size: Size) -> Shop:
    return Shop(size.folder / "shop", kept(size.folder, Population(leads=size.enrolled, waves=size.waves)))


@contextmanager
def _minimal(size: Size) -> Iterator[Path]:
    """Lend the database of the minimal floor."""
    kept_one, path = size.folder / f"minimal-{size.enrolled}-{len(size.waves)}.db", size.folder / "minimal.db"
    if not kept_one.exists():
        floor_minimal.fill(kept_one, size.enrolled, size.waves)
    shutil.copyfile(kept_one, path)
    yield path
    for left in size.folder.glob("minimal.db*"):
        left.unlink()
