"""Results of tests as text: a line for each that passed; of one that failed, the story, the reasons, what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.reports.case_words import happened_words, reason_words, wrong_lines
from cadence.reports.preview_words import clock, long_day, number_of, zone_name
from cadence.testing.coverage import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cadence.testing.coverage import Coverage
    from cadence.testing.happened import Happened
    from cadence.testing.suite import Result

__all__ = ["closing", "coverage_lines", "failure_lines", "head_line", "open_lines", "timeline_lines", "updated_lines"]


def head_line(result: Result) -> str:
    """``ok      roofer: a storm lead is answered at once``; a failed one with its place."""
    case = result.case
    if result.passed:
        return f"ok      {case.playbook}: {case.name}"
    return f"FAILED  {case.playbook}: {case.name}  [{case.file}:{case.line}]"


def failure_lines(result: Result) -> Iterator[str]:
    """Yield the story of a failed test with the reason per touch, then what is wrong."""
    yield from timeline_lines(result)
    yield "  What is wrong"
    yield from (f"    {line}" for line in wrong_lines(result))
    yield ""


def updated_lines(result: Result) -> Iterator[str]:
    """Yield what is written into a test that failed, as what was wrong with it."""
    case = result.case
    yield f"updated {case.playbook}: {case.name}  [{case.file}:{case.line}]"
    yield from (f"    {line}" for line in wrong_lines(result))


def timeline_lines(result: Result, *, derive: bool = False) -> Iterator[str]:
    """Yield what happened, day by day, on the shop's clock; ``derive`` adds how each due time came about."""
    zone = result.case.times.zone
    told = [(f"{_whose(result, each)}{happened_words(each, zone)}", each) for each in result.played.timeline]
    width = min(60, max((len(words) for words, _ in told), default=0))
    hours = max((len(_there(result, each)) for _, each in told), default=0)
    day = None
    for words, each in told:
        local = each.at.astimezone(zone)
        if local.date() != day:
            day = local.date()
            yield f"  {long_day(day)} ({zone_name(local)})"
        reason = reason_words(each, result.plan.file)
        yield f"    {clock(local)}{_there(result, each):<{hours}}  {words:<{width}}  {reason}".rstrip()
        if derive:
            yield from (f"             {' ' * 10}{step}" for step in each.derivation)
    if not told:
        yield "  nothing happened"


def _there(result: Result, each: Happened) -> str:
    """The hour on the lead's own clock, where it is another."""
    from zoneinfo import ZoneInfo

    zone = result.played.zones.get(each.lead, "")
    local = each.at.astimezone(result.case.times.zone)
    there = local.astimezone(ZoneInfo(zone)) if zone else local
    return f" ({clock(there)} {zone_name(there)})" if there.utcoffset() != local.utcoffset() else ""


def _whose(result: Result, each: Happened) -> str:
    width = max(len(person.id) for person in result.case.people)
    return f"{each.lead:<{width}}  " if len(result.case.people) > 1 else ""


def closing(results: Iterable[Result]) -> str:
    """``12 tests: 11 passed, 1 failed``."""
    passed = [each.passed for each in results]
    return f"{number_of(len(passed), 'test')}: {sum(passed)} passed, {len(passed) - sum(passed)} failed"


def coverage_lines(coverages: Iterable[Coverage]) -> Iterator[str]:
    """Yield a line per playbook: how much of it its tests use."""
    for each in coverages:
        counts = []
        for kind, plural in PARTS.items():
            used, of = each.count(kind)
            if of:
                counts.append(f"{used} of {of} {plural}")
        yield f"{each.playbook}: {', '.join(counts)} ({each.percent} %)"


def open_lines(coverage: Coverage) -> Iterator[str]:
    """Yield what of a playbook no test uses."""
    for part in coverage.open:
        yield f"  not covered: {part.kind:<10} {part.name}  [{coverage.file}:{part.line}]"
