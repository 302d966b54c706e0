"""Tests run one after the other: each with what came of it, and how that compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.testing.compare import Comparison, compare
from cadence.testing.play import Played, play

if TYPE_CHECKING:
    from cadence.playbook.compile import Plan
    from cadence.testing.cases import Case

__all__ = ["Result", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one test came out."""

    case: Case
    plan: Plan
    played: Played
    comparison: Comparison

    @property
    def passed(self) -> bool:
        """Whether it passed."""
        return self.comparison.passed


def run(plan: Plan, case: Case) -> Result:
    """Run one test of a playbook."""
    played = play(plan, case)
    return Result(case=case, plan=plan, played=played, comparison=compare(plan, case, played.happened))
