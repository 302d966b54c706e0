"""Thousands of kills, and the figures: ``make soak``, or ``python -m support.kill.soak --help`` in the tests' folder.

A campaign is a shop with an empty database: rounds of two to four ticks at once, most of them killed somewhere, until
a hundred have died; then it settles, and is judged. Campaigns follow each other until enough ticks have died. What
ticks are told depends on the seed alone; what the machine makes of it does not.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from support.kill.arena import AT_RANDOM, BAD_DAY, GOOD_DAY, open_arena
from support.kill.worker import ASKING, PLACES
from support.kill.zygote import running_zygote

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.kill.arena import Arena
    from support.kill.checker import Verdict
    from support.kill.zygote import Zygote

__all__ = ["main"]

CAMPAIGN = 100  #: kills before all is to settle
STORES = ("sqlite", "postgresql")
_ROWS = ("attempted", "acknowledged", "recovered", "taken")
_FAULTS = ("lost", "unexpected", "duplicated", "wrong")


@dataclass
class Tally:
    """What came of all campaigns on one kind of database."""

    kills: Counter[str] = field(default_factory=Counter)
    figures: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, arena: Arena, verdict: Verdict) -> None:
        """Count one campaign."""
        self.kills += arena.kills
        self.outcomes += verdict.outcomes
        self.figures.update({name: getattr(verdict, name) for name in _ROWS})
        self.figures.update({name: len(getattr(verdict, name)) for name in _FAULTS})
        self.figures.update(campaigns=1, ticks=arena.ticks, leads=len(arena.arrivals), overlaps=arena.overlaps)


def campaign(folder: Path, store: str, zygote: Zygote, seed: int, kills: int) -> tuple[Arena, Verdict]:
    """Kill so many ticks, let it settle, judge."""
    dice = random.Random(seed)
    with open_arena(folder, store, zygote, seed, mood=dice.choice([GOOD_DAY, BAD_DAY, BAD_DAY])) as arena:
        while arena.kills.total() < kills:
            workers = dice.randint(2, 4)
            places = [dice.choice([*PLACES, *ASKING, AT_RANDOM, AT_RANDOM, ""]) for _ in range(workers)]
            arena.fight(places, workers=workers, leads=dice.randint(4, 16), rounds=1)
        return arena, arena.settle_all()


def table(tallies: dict[str, Tally], seconds: float) -> str:
    """Write down the figures."""
    kinds = list(tallies)
    lines = [f"{'killed':28}" + "".join(f"{kind:>12}" for kind in kinds)]
    for place in (*PLACES, *ASKING, AT_RANDOM):
        lines.append(f"  {place:26}" + "".join(f"{tallies[kind].kills[place]:12,}" for kind in kinds))
    lines.append(f"  {'in all':26}" + "".join(f"{tallies[kind].kills.total():12,}" for kind in kinds))
    for name in ("campaigns", "ticks", "overlaps", "leads", *_ROWS, *_FAULTS):
        lines.append(f"{_TITLES.get(name, name):28}" + "".join(f"{tallies[kind].figures[name]:12,}" for kind in kinds))
    lines.append("outcomes of touches that were due")
    for outcome in sorted({outcome for tally in tallies.values() for outcome in tally.outcomes}):
        lines.append(f"  {outcome:26}" + "".join(f"{tallies[kind].outcomes[outcome]:12,}" for kind in kinds))
    return "\n".join([*lines, f"{seconds:.0f} s"])


_TITLES = {
    "overlaps": "rounds of several ticks", "attempted": "messages attempted", "taken": "accepted by the provider",
    "wrong": "log, outbox, limits wrong",
}  # fmt: skip


def main() -> int:
    """Run campaigns, up to an interruption; 1 when one of them found a fault: its files are kept."""
    parser = argparse.ArgumentParser(description="Kill ticks, and see whether any text goes twice or is lost.")
    parser.add_argument("--kills", type=int, default=2000, help="on each kind of database (2000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", choices=STORES, action="append", help="which kind of database; both if not given")
    wanted = parser.parse_args()
    tallies: dict[str, Tally] = {}
    began = time.monotonic()
    faults = 0
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        zygote = stack.enter_context(running_zygote())
        for kind in wanted.store or STORES:
            tally = tallies[kind] = Tally()
            new_store = _new_store(kind, stack)
            while (rest := wanted.kills - tally.kills.total()) > 0:
                seed = wanted.seed * 10_000 + tally.figures["campaigns"]
                folder = Path(tempfile.mkdtemp(prefix=f"cadence-soak-{seed}-"))
                arena, verdict = campaign(folder, new_store(folder), zygote, seed, min(rest, CAMPAIGN))
                tally.add(arena, verdict)
                sys.stderr.write(f"{kind}: {tally.kills.total():,} kills, {time.monotonic() - began:.0f} s\n")
                if verdict.ok:
                    shutil.rmtree(folder)
                else:
                    faults += 1
                    sys.stdout.write(f"{kind}, seed {seed}, kept in {folder}:\n{verdict}\n")
    sys.stdout.write(table(tallies, time.monotonic() - began) + "\n")
    return 1 if faults else 0


def _new_store(kind: str, stack: ExitStack) -> Callable[[Path], str]:
    if kind == "sqlite":
        return lambda folder: f"sqlite:///{folder}/cadence.db"
    from support import postgres

    server = postgres.start()
    stack.callback(server.stop)
    return lambda _folder: server.url(server.make())


if __name__ == "__main__":
    sys.exit(main())
