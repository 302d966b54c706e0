"""The plan of an edit that changes something for everybody in flight."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.keep import Shop, kept
from benchmarks.machine import median, peak_memory
from benchmarks.population import Population
from benchmarks.table import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.settings import Size

__all__ = ["plan"]

_CADENCE = str(Path(sys.executable).with_name("cadence"))
_NOW = "2026-11-24T08:30"  #: a Tuesday, by the shop's clock
_MORNING = "2026-11-24T14:30:00+00:00"  #: the same instant for the floor
_EDIT = (
    ("{id: second, channel: email, day: 3,", "{id: second, channel: email, day: 4,"),
    ("    next:", "      - {id: fourth, channel: sms, day: 9, template: bench/third}\n    next:"),
)


def plan(size: Size) -> Iterator[Figure]:
    """The installed program from start to end: one text is moved by a day, and one is added, for every lead."""
    seconds, cpu, memory, times = [], [], [], []
    with Shop(size.folder / "plan", kept(size.folder, Population(leads=size.planned, fresh=True))) as shop:
        page = shop.root / "playbooks" / "week.yaml"
        text = page.read_text(encoding="utf-8")
        for old, new in _EDIT:
            text = text.replace(old, new)
        page.write_text(text, encoding="utf-8")
        for _ in range(size.runs):
            command = [_CADENCE, "-C", str(shop.root), "plan", "--now", _NOW, "--json"]
            run = peak_memory(command, shop.root / "plan.json")
            kinds = json.loads(run.output.read_text(encoding="utf-8"))["totals"]["kinds"]
            if kinds != {"moved": size.planned, "added": size.planned}:
                raise AssertionError(f"a change of two touches for each lead was expected, and it was {kinds}")
            seconds.append(run.seconds)
            cpu.append(run.cpu)
            memory.append(run.peak)
            by_hand = [sys.executable, "-m", "benchmarks.floor_preview", str(shop.database), _MORNING]
            times.append(run.seconds / (2 * peak_memory(by_hand, shop.root / "floor.json").seconds))
    name = f"plan, {size.planned:,} leads in flight, 30 days"
    yield Figure(f"{name}: times two previews by hand", median(times), "x", 6, 3)
    yield Figure(name, median(seconds), "s", 10, 5, detail=f"{median(cpu):.1f} s of CPU, {median(memory):.0f} MiB")
