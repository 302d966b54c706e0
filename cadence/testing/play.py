"""A test is played: its leads go through the playbook on one virtual clock, with an empty roster of their own."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from cadence.engine.book import Book
from cadence.engine.roster import Roster
from cadence.engine.simulate import Course
from cadence.engine.state import LeadState
from cadence.testing.footprint import Footprint, FootprintMaker
from cadence.testing.happened import Happened, Recorder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.engine.decision import Decision, Wait
    from cadence.playbook.compile import Plan
    from cadence.testing.cases import Case

__all__ = ["Played", "play"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a test's story, until its end; what a colleague is told only later is no part of it."""

    timeline: tuple[Happened, ...]  #: in order of time
    waiting: Mapping[tuple[str, str], Wait]  #: (lead, touch) -> how it waits when the test ends
    zones: Mapping[str, str]  #: lead -> the zone it lives in
    footprint: Footprint  #: which parts of the playbook were used

    @property
    def happened(self) -> tuple[Happened, ...]:
        """What a test can expect, in order of time."""
        return tuple(each for each in self.timeline if each.expectable)


def play(plan: Plan, case: Case) -> Played:
    """Play one test of a playbook."""
    book = Book(account=plan.workspace.account, current=MappingProxyType({plan.playbook.id: plan}))
    times, roster = case.times, Roster()
    courses = [
        Course(
            book,
            LeadState(lead=person.id),
            person.facts,
            start=times.start,
            end=times.end.replace(second=1),
            tick=times.tick,
            roster=roster,
            down=times.down,
        )
        for person in case.people
    ]
    recorder, footprint = Recorder(plan), FootprintMaker(plan)
    told: list[Happened] = []
    waiting: dict[tuple[str, str], Wait] = {}
    while running := [course for course in courses if course.next_at is not None]:
        step = min(running, key=lambda course: course.next_at or times.end).step()
        told += recorder.records(step)
        footprint.note(step.decision)
        _note_waits(step.decision, waiting)
    footprint.close(course.state for course in courses)
    return Played(
        timeline=tuple(sorted((each for each in told if each.at <= times.end), key=lambda each: each.at)),
        waiting=waiting,
        zones={course.state.lead: (course.state.record.get("zones") or [""])[0] for course in courses},
        footprint=footprint.made(),
    )


def _note_waits(decision: Decision, waiting: dict[tuple[str, str], Wait]) -> None:
    """Keep how each touch waits; one that was settled waits no more."""
    for verdict in decision.settled:
        waiting.pop((verdict.lead, verdict.touch), None)
    for wait in decision.waits:
        waiting[wait.lead, wait.touch.id] = wait
