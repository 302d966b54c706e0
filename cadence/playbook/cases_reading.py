"""A page of tests beside the playbook it is about: what its parts may name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cadence.playbook.case_times import CaseTimes, case_times
from cadence.playbook.lint_rules import HasPage
from cadence.playbook.model import LOCK
from cadence.playbook.words import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cadence.playbook.compile import Plan
    from cadence.playbook.marks import Path
    from cadence.playbook.model import Touch
    from cadence.playbook.source import Page

__all__ = ["CasesReading", "people_of"]


@dataclass(frozen=True)
class CasesReading(HasPage):
    """A page of tests under examination, and the playbook it is about."""

    page: Page
    plan: Plan | None  #: None when there is none of that name, or it has faults of its own
    playbooks: tuple[str, ...]  #: the playbooks there are

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """What the page says."""
        data: Mapping[str, Any] = self.page.data
        return data

    @cached_property
    def tests(self) -> Sequence[tuple[Path, Mapping[str, Any]]]:
        """The tests, with where each stands."""
        return [(("tests", number), test) for number, test in enumerate(self.data["tests"])]

    @cached_property
    def touches(self) -> Mapping[str, tuple[Touch, ...]]:
        """The touches of the playbook by their ids; several stages may have the same."""
        found: dict[str, tuple[Touch, ...]] = {}
        for stage in self.plan.playbook.stages.values() if self.plan else ():
            for touch in stage.touches:
                found[touch.id] = (*found.get(touch.id, ()), touch)
        return found

    @cached_property
    def events(self) -> tuple[str, ...]:
        """Event types that may be named."""
        return (*EVENTS, *(self.plan.workspace.events if self.plan else ()))

    @cached_property
    def promises(self) -> Mapping[str, bool]:
        """The promises of the playbook by name, and whether any of that name warns."""
        found: dict[str, bool] = {}
        for stage in self.plan.playbook.stages.values() if self.plan else ():
            for sla in stage.sla:
                found[sla.name] = found.get(sla.name, False) or sla.warn is not None
            if stage.lock and stage.lock.within is not None:
                found[LOCK] = found.get(LOCK, False) or stage.lock.warn is not None
        return found

    def times(self, test: Mapping[str, Any]) -> CaseTimes | None:
        """Return the times of a test; None while the shop's clock is not known."""
        zone = self.plan.workspace.business.timezone if self.plan else ""
        return case_times(self.data, test, ZoneInfo(zone)) if zone else None

    def items(self, *keys: str) -> Iterator[tuple[Path, Mapping[str, Any], Mapping[str, Any]]]:
        """Yield events, expectations or both: where each stands, what it says, and its test."""
        for path, test in self.tests:
            for key in keys:
                for number, item in enumerate(test.get(key, ())):
                    yield (*path, key, number), item, test


def people_of(test: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the short names of a test's leads; somebody told of in the test alone is called ``lead``."""
    if "leads" in test:
        return tuple(test["leads"])
    return (test["lead"] if isinstance(test["lead"], str) else "lead",)
