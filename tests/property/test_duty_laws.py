"""Nobody drops a lead: whatever happens, it has an owner, a next step and a date, or is on the gap list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadence.engine.decide import decide
from cadence.engine.events import Decided, Event, parse_instant
from cadence.engine.simulate import simulate
from cadence.engine.standing import standings
from cadence.engine.state import LeadState
from cadence.playbook.words import PERSON_CHANNELS
from support.plans import LEAD
from support.worlds import SPAN, START, World, worlds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.engine.decision import Decision

common = settings(deadline=None, suppress_health_check=list(HealthCheck))
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass
class Books:
    """What the log says of each enrolment, kept by hand: owner, and open next steps with owner and date."""

    owners: dict[str, str] = field(default_factory=dict)
    steps: dict[str, dict[str, tuple[str, datetime | None]]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)

    def enter(self, event: Event) -> None:
        data, job = event.data, event.enrolment
        if event.type == Decided.ENROLLED:
            self.steps[job] = {}
        elif event.type == Decided.ENROLMENT_ENDED:
            self.ended.add(job)
        elif event.type in (Decided.STAGE_ENTERED, Decided.OWNER_CHANGED):
            self._give(job, data["owner"])
        elif event.type == "owner.assigned":
            for each in self.steps.keys() - self.ended:
                self._give(each, data["owner"])
        elif event.type == Decided.TASK_MADE:
            self.steps[job][data["task"]] = (data["owner"], parse_instant(data["due_at"]) if data["due_at"] else None)
        elif event.type == Decided.TOUCH_CLAIMED and data["channel"] in PERSON_CHANNELS:
            key = f"{job}/{data['visit']}/{data['touch']}"
            self.steps[job][key] = (data["owner"], parse_instant(data["step_due_at"]))
        elif event.type == Decided.TASK_CLOSED:
            self.steps[job].pop(data["task"], None)

    def _give(self, job: str, owner: str) -> None:
        before, self.owners[job] = self.owners.get(job, ""), owner
        steps = self.steps[job]
        steps.update({key: (owner, due) for key, (whose, due) in steps.items() if whose == before})


def moments(world: World, tick: timedelta) -> Iterator[tuple[datetime, Decision, Books]]:
    """Yield what is decided, in turn, with the books as they stand then."""
    books = Books()
    steps = simulate(world.book, LeadState(lead=LEAD), world.facts, start=START, end=START + SPAN, tick=tick)
    for step in steps:
        for event in step.decision.events:
            books.enter(event)
        yield step.at, step.decision, books


@settings(common, max_examples=60)
@given(world=worlds(), tick=st.integers(1, 45), later=st.integers(0, 600))
@pytest.mark.demand("C1")
def test_every_open_lead_has_an_owner_a_next_step_and_a_date_or_is_on_the_gap_list(
    world: World, tick: int, later: int
) -> None:
    """At every instant, as an account kept by hand from the log has it."""
    book = world.book
    for at, decision, books in moments(world, timedelta(minutes=tick)):
        until = min(at + timedelta(minutes=later), decision.wake_at or _LAST)
        standing = standings(book, decision.state, until)
        assert {each.enrolment for each in standing} == books.steps.keys() - books.ended
        for each in standing:
            gaps = {gap.code for gap in each.gaps}
            steps = books.steps[each.enrolment]
            assert each.owner == books.owners[each.enrolment]
            assert each.owner or "no_owner" in gaps
            if steps:
                assert each.next is not None
                assert (each.next.kind, (each.next.owner, each.next.due_at)) == ("task", steps[each.next.task])
                assert all(each.next.due_at is None or (due or _LAST) >= each.next.due_at for _, due in steps.values())
            undated = any(due is None for _, due in steps.values())
            assert ("no_due_date" in gaps) == undated
            assert ("no_next_action" in gaps) == (each.next is None)
            assert each.next is None or each.next.due_at is not None or "no_due_date" in gaps


@settings(common, max_examples=60)
@given(world=worlds(), tick=st.integers(1, 45))
def test_every_stop_names_the_next_owner_the_next_step_and_its_date(world: World, tick: int) -> None:
    """Where the lead stays in the stage, somebody has something to do by a date, at once."""
    for _, decision, books in moments(world, timedelta(minutes=tick)):
        for event in decision.events:
            if event.type != Decided.STOPPED or event.enrolment in books.ended:
                continue
            enrolment = decision.state.enrolments[event.enrolment]
            if enrolment.visit.number != event.data["visit"]:
                continue
            assert [due for owner, due in books.steps[event.enrolment].values() if owner and due], event.data["by"]


@settings(common, max_examples=30)
@given(world=worlds(), tick=st.integers(1, 45))
def test_a_lead_that_waits_for_nothing_is_on_the_gap_list(world: World, tick: int) -> None:
    """What no later tick would ever touch again has no next step, and says so."""
    book = world.book
    last = None
    for at, decision, _ in moments(world, timedelta(minutes=tick)):
        last = (at, decision)
    if last is None:
        return
    at, decision = last
    again = decide(book, decision.state, at + timedelta(seconds=1))
    if again.wake_at is None:
        for each in standings(book, again.state, at + timedelta(seconds=1)):
            assert each.next is None or each.next.kind == "task"
