"""The table: what must hold, what is wanted, what was measured."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Figure", "render"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One row."""

    name: str
    measured: float
    unit: str  #: "x", "s", "MiB", "ms", or empty for a ratio to the floor
    must: float
    want: float
    more_is_better: bool = False
    detail: str = ""  #: the absolute figures behind it

    @property
    def holds(self) -> bool:
        """Whether it is as good as it must be."""
        return self._reaches(self.must)

    @property
    def verdict(self) -> str:
        """Say how it stands."""
        return "want" if self._reaches(self.want) else "must" if self.holds else "MISSED"

    def _reaches(self, goal: float) -> bool:
        return self.measured >= goal if self.more_is_better else self.measured <= goal

    def cells(self) -> tuple[str, ...]:
        """Return the row's cells."""
        values = (_written(value, self.unit) for value in (self.must, self.want, self.measured))
        return self.name, *values, self.verdict, self.detail


def _written(value: float, unit: str) -> str:
    if unit in ("", "x"):
        return f"{value:.2f}{unit}"
    return f"{value:.1f} {unit}" if value < 100 and value != int(value) else f"{value:.0f} {unit}"


def render(figures: list[Figure]) -> str:
    """Write the table as Markdown that a terminal shows in columns too."""
    rows = [("figure", "must", "want", "measured", "holds", "behind it"), *(figure.cells() for figure in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [f"| {' | '.join(map(str.ljust, row, widths))} |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
