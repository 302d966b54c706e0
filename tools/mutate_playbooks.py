#!/usr/bin/env python3
"""Make one slip after another in the starter playbooks, and see whether their tests notice.

    python tools/mutate_playbooks.py                 all three, every mutant; exit 1 under 95 % killed
    python tools/mutate_playbooks.py roofer --kind template --only booked
    python tools/mutate_playbooks.py --sample 60 --seed 7
    python tools/mutate_playbooks.py --folder DIR    the playbooks of another workspace

A mutant is compiled in memory, without linting, and judged by the tests of its playbook: those first that reach the
place where it differs, and only until the first that fails.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mutants import KINDS, Mutant, mutants_of

from cadence.errors import CadenceError
from cadence.files import starter
from cadence.playbook.check import check_workspace
from cadence.playbook.compile import compile_plan, template_file
from cadence.testing.cases import cases_of
from cadence.testing.suite import run
from cadence.workspace import load_good_workspace, rulebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cadence.playbook.check import Checked
    from cadence.playbook.compile import Plan
    from cadence.testing.cases import Case
    from cadence.testing.happened import Happened

__all__ = ["Bench", "Tally", "benches", "judged"]

LEAST = 95  #: per cent
PROMISE = "promise"


@dataclass(frozen=True)
class Bench:
    """A playbook, its tests, and what each of them reaches."""

    plan: Plan
    cases: Sequence[Case]
    reached: Sequence[frozenset[tuple[str, str]]]  #: by test: (stage, touch) and (stage, "")
    told: Sequence[frozenset[str]]  #: by test: touches whose whole text it expects; PROMISE where it names promises

    def order(self, mutant: Mutant) -> list[Case]:
        """Return the tests, those first that reach what the mutant changes, or say how it reads."""
        shown = self._shows(mutant.template)
        names = {touch for _, touch in shown} or ({PROMISE} if mutant.kind == PROMISE else set())
        wanted = shown or {mutant.reach}
        near = [
            2 * bool(names & told) + bool(wanted & reached)
            for reached, told in zip(self.reached, self.told, strict=True)
        ]
        return [self.cases[number] for number in sorted(range(len(self.cases)), key=lambda number: -near[number])]

    def kills(self, mutant: Mutant) -> bool | None:
        """Tell whether some test fails on a mutant; None where the mutant is no playbook at all."""
        try:
            plan = compile_plan(mutant.content(self.plan))
        except (CadenceError, ValueError, KeyError):
            return None
        return any(_fails(plan, case) for case in self.order(mutant))

    def _shows(self, template: str) -> set[tuple[str, str]]:
        return {
            (stage.id, touch.id)
            for stage in self.plan.playbook.stages.values()
            for touch in stage.touches
            if touch.template and template in {template_file(touch, name) for name in (touch.variants or ("",))}
        }


@dataclass
class Tally:
    """What came of the mutants of one playbook."""

    killed: Counter[str] = field(default_factory=Counter)
    survived: list[Mutant] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Of a hundred mutants, how many were killed."""
        return self.of(self.killed.total(), len(self.survived))

    @staticmethod
    def of(killed: int, survived: int) -> float:
        """Return a rate in per cent; of none at all, 100."""
        return 100 * killed / (killed + survived) if killed + survived else 100.0


def benches(checked: Checked, wanted: Iterable[str] = ()) -> list[Bench]:
    """Return the playbooks that have tests. Raises SystemExit when one of the tests fails as it is."""
    found = []
    for plan in checked.plans:
        pages = [page for page in checked.tests if page.data["tests_of"] == plan.playbook.id]
        cases = [case for page in pages for case in cases_of(page, plan.workspace)]
        if not cases or (wanted and plan.playbook.id not in wanted):
            continue
        results = [run(plan, case) for case in cases]
        failing = [each.case.name for each in results if not each.passed]
        if failing:
            sys.exit(f"{plan.playbook.id}: a test fails as it is: {failing[0]}; run `cadence test` first")
        results.sort(key=lambda each: len(each.played.timeline))  # short stories are told first
        found.append(
            Bench(
                plan,
                [each.case for each in results],
                [_reached(each.played.happened) for each in results],
                [_told(each.case) for each in results],
            )
        )
    return found


def _reached(happened: Sequence[Happened]) -> frozenset[tuple[str, str]]:
    touched = {(each.stage, each.name) for each in happened if each.kind in ("touch", "skip", "stop")}
    stages = {(each.name, "") for each in happened if each.kind == "stage"}
    return frozenset(touched | stages)


def _told(case: Case) -> frozenset[str]:
    texts = {each.name for each in case.expect if "text" in each.details}
    return frozenset(texts | ({PROMISE} if "sla" in case.strict else set()))


def _fails(plan: Plan, case: Case) -> bool:
    try:
        return not run(plan, case).passed
    except (CadenceError, ValueError, KeyError, ArithmeticError):
        return True  # a page that the program cannot follow is noticed, too


def judged(bench: Bench, mutants: Iterable[Mutant]) -> Tally:
    """Put mutants through a playbook's tests."""
    tally = Tally()
    for mutant in mutants:
        killed = bench.kills(mutant)
        if killed:
            tally.killed[mutant.kind] += 1
        elif killed is not None:
            tally.survived.append(mutant)
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, and return how it came out."""
    asked = _parser().parse_args(arguments)
    rates = []
    for bench in benches(_checked(asked.folder), asked.playbooks):
        begun = time.perf_counter()
        mutants = [
            mutant for mutant in mutants_of(bench.plan) if asked.kind in ("", mutant.kind) and asked.only in mutant.name
        ]
        if asked.sample:
            mutants = random.Random(asked.seed).sample(mutants, min(asked.sample, len(mutants)))  # noqa: S311
        tally = judged(bench, mutants)
        rates.append(tally.rate)
        _tell(bench, tally, time.perf_counter() - begun)
    if not rates:
        print("there are no tests to judge by")  # noqa: T201
        return 1
    return 0 if min(rates) >= asked.least else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("playbooks", nargs="*", help="playbook names; left out: all")
    parser.add_argument("--kind", default="", choices=["", *KINDS], help="only mutants of this kind")
    parser.add_argument("--only", default="", metavar="TEXT", help="only mutants with this in their name")
    parser.add_argument(
        "--sample", type=int, default=0, metavar="N", help="so many of each playbook, chosen by the seed"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--least", type=float, default=LEAST, metavar="PERCENT", help="exit 1 under this rate")
    parser.add_argument("--folder", type=Path, help="a workspace; left out: the starter workspace")
    return parser


def _checked(folder: Path | None) -> Checked:
    if folder:
        return load_good_workspace(folder, tests=True)
    pages = {f"playbooks/{path.name}": path.read_bytes() for path in sorted(starter("playbooks").glob("*.yaml"))}
    texts = starter("templates")
    checked = check_workspace(
        rulebook(),
        workspace=starter("schemas", "starter.cadence.yaml").read_bytes(),
        playbooks={name: raw for name, raw in pages.items() if name.count(".") == 1},
        samples={},
        templates={path.relative_to(texts).as_posix(): path.read_bytes() for path in sorted(texts.rglob("*.j2"))},
        tests={name: raw for name, raw in pages.items() if name.endswith(".test.yaml")},
    )
    if checked.has_errors:
        sys.exit("\n".join(f"{each.file}:{each.line}: {each.message}" for each in checked.diagnostics))
    return checked


def _tell(bench: Bench, tally: Tally, seconds: float) -> None:
    survived = Counter(mutant.kind for mutant in tally.survived)
    number = tally.killed.total() + len(tally.survived)
    print(f"{bench.plan.playbook.id}: tests {len(bench.cases)}, mutants {number}, {seconds:.1f} s")  # noqa: T201
    for kind, what in KINDS.items():
        if tally.killed[kind] + survived[kind]:
            rate = Tally.of(tally.killed[kind], survived[kind])
            print(f"  {kind:9} {tally.killed[kind]:4} of {tally.killed[kind] + survived[kind]:4} {rate:6.1f} %  {what}")  # noqa: T201
    print(f"  {'all':9} {tally.killed.total():4} of {number:4} {tally.rate:6.1f} %")  # noqa: T201
    for mutant in tally.survived:
        print(f"  survives: {mutant.name}")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
