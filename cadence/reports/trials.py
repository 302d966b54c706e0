"""What is tried on the pages in force: sequences, ways to share leads out, and texts, with the lot that decides."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["ROUTING", "SEQUENCE", "TEXT", "Trial", "trials_of"]

SEQUENCE, ROUTING, TEXT = "sequence", "routing", "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One test: who is tried against whom, where, and since when."""

    playbook: str
    kind: str  #: sequence, routing or text
    stage: str = ""  #: of a sequence or a text
    role: str = ""  #: of a routing
    touch: str = ""  #: of a text
    weights: Mapping[str, int]  #: by variant, in the order of the page; the first is the way it was
    begins: str  #: when these variants with these weights were published, as the log writes instants

    @property
    def place(self) -> str:
        """Where on the page it stands."""
        return self.role or "/".join(filter(None, (self.stage, self.touch)))

    def share(self, one: str, other: str) -> Fraction:
        """Return the lot's chance that a lead of these two is of the first."""
        return Fraction(self.weights[one], self.weights[one] + self.weights[other])

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Every two of its variants."""
        names = list(self.weights)
        return [(one, other) for number, one in enumerate(names) for other in names[number + 1 :]]


def trials_of(history: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Trial]:
    """Yield the tests on the newest of a playbook's pages.

    ``history`` is when each page was published and what it says, the oldest first. A test begins with the page that
    first had its variants with these weights, and has had them since: other weights are another lot.
    """
    _, page = history[-1]
    for kind, where, weights in _parts(page):
        if len(weights) > 1:
            yield Trial(
                playbook=page["playbook"], kind=kind, weights=weights, begins=_begin(history, kind, where), **where
            )


def _begin(history: Sequence[tuple[str, Mapping[str, Any]]], kind: str, where: Mapping[str, str]) -> str:
    begins, newest = history[-1][0], _weights(history[-1][1], kind, where)
    for published_at, page in reversed(history):
        if list(_weights(page, kind, where).items()) != list(newest.items()):
            break
        begins = published_at
    return begins


def _weights(page: Mapping[str, Any], kind: str, where: Mapping[str, str]) -> Mapping[str, int]:
    return next((weights for *place, weights in _parts(page) if place == [kind, where]), {})


def _parts(page: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str], Mapping[str, int]]]:
    for role, routing in page.get("routing", {}).items():
        yield ROUTING, {"role": role}, routing.get("variants", {})
    for stage_id, stage in page["stages"].items():
        yield SEQUENCE, {"stage": stage_id}, stage.get("variants", {})
        for touch in stage.get("touches", ()):
            yield TEXT, {"stage": stage_id, "touch": touch["id"]}, touch.get("variants", {})
