"""What of a playbook its tests have used: touches, ways from stage to stage, stops, promises met and missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.engine.moves import SILENCE
from cadence.playbook.model import LOCK
from cadence.testing.footprint import MET, MISSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cadence.playbook.compile import Plan
    from cadence.testing.footprint import Footprint

__all__ = ["PARTS", "Coverage", "Part", "coverage_of"]

#: The kinds of part that are counted, and how many of them are called.
PARTS = {"touch": "touches", "transition": "transitions", "stop": "stop rules", "promise": "promises"}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a playbook that a test can use."""

    kind: str  #: one of :data:`PARTS`
    name: str  #: as a person finds it on the page
    line: int
    covered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of one playbook its tests use."""

    playbook: str
    file: str
    parts: tuple[Part, ...]

    @property
    def percent(self) -> int:
        """Of a hundred parts, how many are used; 100 only when all are."""
        return 100 * sum(part.covered for part in self.parts) // len(self.parts) if self.parts else 100

    @property
    def open(self) -> tuple[Part, ...]:
        """The parts that no test uses."""
        return tuple(part for part in self.parts if not part.covered)

    def count(self, kind: str) -> tuple[int, int]:
        """Return how many parts of a kind are used, and how many there are."""
        of_kind = [part.covered for part in self.parts if part.kind == kind]
        return sum(of_kind), len(of_kind)


def coverage_of(plan: Plan, footprints: Iterable[Footprint]) -> Coverage:
    """Put the footprints of a playbook's tests together."""
    found = list(footprints)
    return Coverage(
        playbook=plan.playbook.id,
        file=plan.file,
        parts=tuple(
            Part(kind, name, line, any(key in getattr(each, _FIELDS[kind]) for each in found))
            for kind, key, name, line in _parts(plan)
        ),
    )


_FIELDS = {"touch": "touches", "transition": "ways", "stop": "stops", "promise": "promises"}


def _parts(plan: Plan) -> Iterator[tuple[str, object, str, int]]:
    """Yield kind, key in a footprint, name and line of each part."""
    stages = plan.playbook.stages.values()
    for stage in stages:
        for touch in stage.touches:
            yield "touch", (stage.id, touch.id), f"{stage.id} · {touch.id}", touch.line
    for stage in stages:
        for event, to in stage.next.items():
            yield "transition", (stage.id, event), f"{stage.id} · {event} -> {to}", stage.line
        if stage.silence:
            name = f"{stage.id} · silence -> {stage.silence.to}"
            yield "transition", (stage.id, SILENCE), name, stage.silence.line or stage.line
    for event, line in plan.playbook.stop_on.items():
        yield "stop", event, f"stop_on · {event}", line
    for stage in stages:
        named = [(sla.name, sla.line) for sla in stage.sla]
        if stage.lock and stage.lock.within is not None:
            named.append((LOCK, stage.lock.line))
        for name, line in named:
            for fate in (MET, MISSED):
                yield "promise", (stage.id, name, fate), f"{stage.id} · {name} {fate}", line
