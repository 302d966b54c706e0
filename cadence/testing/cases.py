"""A checked page of tests as cases to be played: who comes in, what happens to them, what must come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cadence.errors import LeadError
from cadence.leads.arrival import Arrival, created_fact, with_places
from cadence.leads.record import BadLead, normalise
from cadence.leads.stories import facts_of
from cadence.playbook.case_times import CaseTimes, case_times
from cadence.playbook.cases_reading import people_of
from cadence.timing.shop_time import shop_instant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cadence.engine.events import Event
    from cadence.playbook.model import Workspace
    from cadence.playbook.source import Page

__all__ = ["KINDS", "Case", "Expectation", "Person", "cases_of", "minute"]

#: What an expectation can be about, by its key.
KINDS = ("touch", "skip", "stop", "stage", "sla", "alert", "step")
_PLACE_KEYS = (*KINDS, "at", "after", "lead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One thing that must happen."""

    kind: str  #: one of :data:`KINDS`
    name: str  #: touch, stage, promise, colleague, or title of a next step
    at: datetime  #: UTC, whole minutes
    lead: str
    details: Mapping[str, Any]  #: what else it says: text, says, subject, owner, due, reason, by, is, about
    number: int  #: place in the test's list, from 0
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who comes in when a test begins, and what happens to them."""

    id: str
    facts: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test."""

    file: str
    number: int  #: place on the page, from 0
    name: str
    line: int
    playbook: str
    times: CaseTimes
    people: tuple[Person, ...]
    expect: tuple[Expectation, ...]

    @property
    def strict(self) -> frozenset[str]:
        """The kinds of which everything that happens must be expected."""
        return frozenset(("touch", *(each.kind for each in self.expect)))


def minute(instant: datetime) -> datetime:
    """Cut the seconds off."""
    return instant.replace(second=0, microsecond=0)


def cases_of(page: Page, workspace: Workspace) -> Iterator[Case]:
    """Yield the tests of a page without faults, in its order; LeadError for a lead that no list could bring in."""
    zone = ZoneInfo(workspace.business.timezone)
    for number, test in enumerate(page.data["tests"]):
        path = ("tests", number)
        times = case_times(page.data, test, zone)
        try:
            people = tuple(
                _person(page.data, test, name, times, tuple(workspace.lead_fields)) for name in people_of(test)
            )
        except BadLead as bad:
            where = f"{page.file}:{page.key_mark(path).line}: test '{test['test']}'"
            raise LeadError(f"{where}: {bad.message}", help=bad.help) from bad
        yield Case(
            file=page.file,
            number=number,
            name=test["test"],
            line=page.key_mark((*path, "test")).line,
            playbook=page.data["tests_of"],
            times=times,
            people=people,
            expect=tuple(
                _expectation(item, place, page.value_mark((*path, "expect", place)).line, people[0].id, times)
                for place, item in enumerate(test["expect"])
            ),
        )


def _person(
    page: Mapping[str, Any], test: Mapping[str, Any], name: str, times: CaseTimes, own_fields: tuple[str, ...]
) -> Person:
    fields = test["lead"] if isinstance(test.get("lead"), Mapping) else page["leads"][name]
    record = with_places(normalise(fields, own_fields).attributes)
    arrival = Arrival(id=name, record=record, at=times.start, inquiry=test.get("inquiry", True))
    happens = [(times.of(event), event) for event in test.get("events", ()) if event.get("lead", name) == name]
    return Person(id=name, facts=(created_fact(arrival, times.start), *facts_of(record, happens)))


def _expectation(item: Mapping[str, Any], number: int, line: int, lead: str, times: CaseTimes) -> Expectation:
    kind = next(each for each in KINDS if each in item)
    details = {key: value for key, value in item.items() if key not in _PLACE_KEYS}
    if "due" in details:
        details["due"] = minute(shop_instant(details["due"], times.zone))
    if isinstance(details.get("says"), str):
        details["says"] = [details["says"]]
    return Expectation(
        kind=kind,
        name=item[kind],
        at=minute(times.of(item)),
        lead=item.get("lead", lead),
        details=MappingProxyType(details),
        number=number,
        line=line,
    )
