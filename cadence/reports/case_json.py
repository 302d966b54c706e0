"""Results of tests as data for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.engine.events import instant_text
from cadence.testing.coverage import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cadence.testing.cases import Expectation
    from cadence.testing.coverage import Coverage
    from cadence.testing.happened import Happened
    from cadence.testing.suite import Result

__all__ = ["document"]


def document(results: Sequence[Result], coverages: Iterable[Coverage]) -> dict[str, Any]:
    """Return everything that a run of tests brought to light."""
    passed = sum(each.passed for each in results)
    return {
        "tests": [_result(each) for each in results],
        "passed": passed,
        "failed": len(results) - passed,
        "coverage": [_coverage(each) for each in coverages],
    }


def _result(result: Result) -> dict[str, Any]:
    case, found = result.case, result.comparison
    zone = case.times.zone
    return {
        "file": case.file,
        "line": case.line,
        "playbook": case.playbook,
        "test": case.name,
        "passed": result.passed,
        "start": _local(case.times.start, zone),
        "end": _local(case.times.end, zone),
        "timeline": [_happened(each, zone) for each in result.played.timeline],
        "missing": [_expected(each, zone) for each in found.missing],
        "different": [
            {
                "expected": _expected(each.expected, zone),
                "happened": _happened(each.happened, zone),
                "fields": list(each.fields),
            }
            for each in found.different
        ],
        "unexpected": [_happened(each, zone) for each in found.unexpected],
    }


def _expected(each: Expectation, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "at": _local(each.at, zone),
        "kind": each.kind,
        "name": each.name,
        "lead": each.lead,
        "line": each.line,
        **_plain(each.details, zone),
    }


def _happened(each: Happened, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "at": _local(each.at, zone),
        "instant": instant_text(each.at),
        "kind": each.kind,
        "name": each.name,
        "lead": each.lead,
        "stage": each.stage,
        "channel": each.channel,
        "because": each.because,
        "line": each.line,
        **_plain(each.details, zone),
    }


def _plain(details: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    return {key: _local(value, zone) if hasattr(value, "astimezone") else value for key, value in details.items()}


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%dT%H:%M}"


def _coverage(each: Coverage) -> dict[str, Any]:
    counted = {plural.replace(" ", "_"): each.count(kind) for kind, plural in PARTS.items()}
    return {
        "playbook": each.playbook,
        "percent": each.percent,
        **{name: {"used": used, "of": of} for name, (used, of) in counted.items()},
        "open": [{"kind": part.kind, "name": part.name, "line": part.line} for part in each.open],
    }
