"""How big and how often."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["FULL", "SMALL", "TINY", "Size"]

_USUAL = 5  #: fewer runs need no database of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The sizes of one run of the benchmarks."""

    runs: int  #: each figure is the median of so many
    enrolled: int
    due: int  #: of them, in one wave
    heavy: int  #: waves in the tick whose memory is measured
    storm: int  #: waves in the tick that replies come into
    least: int  #: enrolled, to compare the idle tick at ``most`` with
    most: int
    fresh: int  #: leads of the dry-run
    planned: int  #: leads in flight when a page is edited
    calls: int  #: of the hooks
    starts: int  #: processes started for each median of an idle tick
    folder: Path = Path(__file__).parent.parent / ".bench"  #: where databases are kept

    @property
    def waves(self) -> tuple[int, ...]:
        """Return the waves of the population: four for each run (floor, one worker, two workers), and the first."""
        return (self.due,) * max(self.heavy, self.storm, 4 * (max(self.runs, _USUAL) + 1))


FULL = Size(
    runs=5,
    enrolled=1_000_000,
    due=10_000,
    heavy=10,
    storm=20,
    least=10_000,
    most=5_000_000,
    fresh=100_000,
    planned=10_000,
    calls=4_000,
    starts=41,
)
SMALL = Size(
    runs=3,
    enrolled=50_000,
    due=1_000,
    heavy=5,
    storm=10,
    least=2_000,
    most=100_000,
    fresh=5_000,
    planned=1_000,
    calls=1_000,
    starts=11,
)
TINY = Size(
    runs=1,
    enrolled=600,
    due=20,
    heavy=2,
    storm=2,
    least=100,
    most=200,
    fresh=40,
    planned=40,
    calls=40,
    starts=2,
)
