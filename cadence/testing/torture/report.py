"""What the pack found, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cadence.playbook.words import EVENTS
from cadence.testing.torture.verdicts import said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from cadence.testing.torture.story import Look, Seen
    from cadence.testing.torture.torture import Fault, Outcome

__all__ = ["fault_record", "outcome_lines", "outcome_record", "total_line"]

_NAME = 44  #: width of the column of scenarios


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """Yield a scenario's line, and for each rule it breaks the first story in which it does, with its timeline."""
    word = "passed" if outcome.passed else "BROKEN"
    yield f"  {word}  {outcome.scenario:{_NAME}}{_many(outcome.stories, 'lead'):>10}"
    for rule, faults in _by_rule(outcome).items():
        first, others = faults[0], len(faults) - 1
        yield f"    rule:  {rule}"
        yield f"    lead:  {_case(first)}" + (f" (and {_many(others, 'more case')})" if others else "")
        yield f"    found: {first.broken.say}"
        yield from (f"      {line}" for line in _timeline(first))


def total_line(outcomes: Sequence[Outcome]) -> str:
    """Return the line of totals."""
    leads = sum(outcome.stories for outcome in outcomes)
    broken = sum(len(_by_rule(outcome)) for outcome in outcomes)
    pages = len({outcome.playbook for outcome in outcomes})
    scenarios = len({outcome.scenario for outcome in outcomes})
    end = f"{_many(broken, 'rule')} broken" if broken else "every rule kept"
    return f"{_many(pages, 'playbook')}, {_many(scenarios, 'scenario')}, {_many(leads, 'lead')}: {end}"


def outcome_record(outcome: Outcome) -> dict[str, Any]:
    """Return a scenario as data."""
    return {
        "playbook": outcome.playbook,
        "scenario": outcome.scenario,
        "leads": outcome.stories,
        "passed": outcome.passed,
        "faults": [fault_record(fault) for fault in outcome.faults],
    }


def fault_record(fault: Fault) -> dict[str, Any]:
    """Return a broken rule as data."""
    return {
        "rule": fault.rule,
        "lead": _case(fault),
        "at": f"{fault.broken.at.isoformat()[:19]}Z",
        "found": fault.broken.say,
        "timeline": list(_timeline(fault)),
    }


def _by_rule(outcome: Outcome) -> dict[str, list[Fault]]:
    found: dict[str, list[Fault]] = {}
    for fault in outcome.faults:
        found.setdefault(fault.rule, []).append(fault)
    return found


def _case(fault: Fault) -> str:
    minutes = int(fault.seen.tick.total_seconds() // 60)
    often = f", a tick every {minutes} minutes" if minutes > 1 else ""
    return f"{fault.seen.story.name}{often}"


def _timeline(fault: Fault) -> Iterator[str]:
    """Yield what happened, on the shop's clock; the moment of the fault is marked."""
    seen = fault.seen
    zone = ZoneInfo(seen.plan.workspace.business.timezone)
    last: datetime | None = None
    for look in seen.looks:
        for line in _happened(seen, look):
            clock = f"{look.at.astimezone(zone):%a %d %b %H:%M}" if look.at != last else " " * 16
            last = look.at
            yield f"{'>' if look.at == fault.broken.at else ' '} {clock}  {line}"


def _happened(seen: Seen, look: Look) -> Iterator[str]:
    if look.fact:
        title = EVENTS[look.fact.type].title if look.fact.type in EVENTS else look.fact.type
        late = look.fact.at != look.fact.recorded_at
        yield f"{title} ({look.fact.type})" + (f", entered late: it was {look.fact.at:%d %b %H:%M} UTC" if late else "")
    for entry in look.entries:
        if entry.type == "stage.entered":
            owner = seen.plan.members.get(entry.data["owner"])
            yield f"enters {entry.data['stage']}, owner {owner.name if owner else 'nobody'}"
        elif entry.type == "sequence.stopped":
            yield f"{entry.data['by']} stops the sequence"
    for claim in look.claims:
        yield f"goes: {said(claim.verdict)}"
    for verdict in look.ended:
        yield f"{verdict.outcome.value}: {said(verdict)}, {verdict.reason.text}"


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"
