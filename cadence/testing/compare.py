"""What happened held against what was expected: all of it, each thing once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cadence.testing.cases import minute

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cadence.playbook.compile import Plan
    from cadence.testing.cases import Case, Expectation
    from cadence.testing.happened import Happened

__all__ = ["Comparison", "Different", "compare"]


@dataclass(frozen=True, slots=True)
class Different:
    """Something expected that happened otherwise."""

    expected: Expectation
    happened: Happened
    fields: tuple[str, ...]  #: what differs: ``at``, or keys of the details


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a test came out."""

    met: tuple[tuple[Expectation, Happened], ...]
    missing: tuple[Expectation, ...]  #: expected, and nothing like it happened
    different: tuple[Different, ...]
    unexpected: tuple[Happened, ...]  #: happened, and was not expected

    @property
    def passed(self) -> bool:
        """Whether everything came as expected, and nothing else did."""
        return not (self.missing or self.different or self.unexpected)


def compare(plan: Plan, case: Case, happened: Sequence[Happened]) -> Comparison:
    """Compare; of the kinds that the test does not name, whatever happened is no fault."""
    zone = case.times.zone
    left = [each for each in happened if each.kind in case.strict]
    open_ones = sorted(case.expect, key=lambda each: (each.at, -len(each.details)))
    met = _paired(open_ones, left, lambda wanted, each: not _differences(plan, zone, wanted, each))
    alike = _paired(open_ones, left, lambda wanted, each: _is_meant(plan, wanted, each), nearest=True)
    return Comparison(
        met=tuple(met),
        missing=tuple(open_ones),
        different=tuple(Different(wanted, each, _differences(plan, zone, wanted, each)) for wanted, each in alike),
        unexpected=tuple(left),
    )


def _paired(
    wanted: list[Expectation],
    left: list[Happened],
    fits: Callable[[Expectation, Happened], bool],
    *,
    nearest: bool = False,
) -> list[tuple[Expectation, Happened]]:
    """Pair what fits, and take it off both lists; of several the first, or the nearest in time."""
    pairs = []
    for expectation in list(wanted):
        fitting = [each for each in left if fits(expectation, each)]
        if fitting:
            found = fitting[0] if not nearest else min(fitting, key=lambda each: abs(each.at - expectation.at))
            pairs.append((expectation, found))
            wanted.remove(expectation)
            left.remove(found)
    return pairs


def _is_meant(plan: Plan, wanted: Expectation, each: Happened) -> bool:
    return wanted.kind == each.kind and wanted.lead == each.lead and _is_named(plan, wanted, each)


def _is_named(plan: Plan, wanted: Expectation, each: Happened) -> bool:
    """Tell whether the names agree; a colleague may be named by role."""
    if wanted.name == each.name:
        return True
    member = plan.members.get(each.name) if wanted.kind == "alert" else None
    return member is not None and wanted.name in member.roles


def _differences(plan: Plan, zone: ZoneInfo, wanted: Expectation, each: Happened) -> tuple[str, ...]:
    """List in what something is not as expected; ``name`` when it is something else."""
    if not _is_meant(plan, wanted, each):
        return ("name",)
    moved = ("at",) if wanted.at != minute(each.at) else ()
    return (*moved, *(key for key, value in wanted.details.items() if not _holds(zone, key, value, each.details)))


def _holds(zone: ZoneInfo, key: str, wanted: Any, details: Mapping[str, Any]) -> bool:
    if key == "says":
        text = _folded(details.get("text", ""))
        return all(_folded(part) in text for part in wanted)
    if key in ("text", "subject"):
        return bool(str(details.get(key, "")).rstrip("\n") == str(wanted).rstrip("\n"))
    if key == "due":
        due = details.get(key)
        return due is not None and _shown(due, zone) == _shown(wanted, zone)
    return bool(details.get(key) == wanted)


def _shown(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return what the shop's clock shows: in autumn it shows an hour twice, and a page can only name it."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _folded(text: str) -> str:
    return " ".join(text.split())
