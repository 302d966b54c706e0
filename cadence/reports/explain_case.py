"""One touch of one visit, with all that was known of it when it was decided."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cadence.engine.clock import LeadClock, lead_clock
from cadence.engine.context import EnrolmentContext
from cadence.engine.events import Decided
from cadence.engine.fold import apply
from cadence.engine.moves import SILENCE
from cadence.engine.names import stage_in
from cadence.engine.replay import Answer
from cadence.engine.touches import Place
from cadence.runner.closed import title_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cadence.engine.decision import Verdict
    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState, LeadState
    from cadence.engine.visit import VisitState
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage, Touch
    from cadence.reports.explain_story import Mark, Story

__all__ = ["Case", "cases_of", "happens", "stage_of", "visits_of"]

_STANDINGS = {
    Decided.TOUCH_CLAIMED: "on_its_way",
    Decided.TOUCH_SENT: "sent",
    Decided.TOUCH_DEFERRED: "waits",
    Decided.TOUCH_SKIPPED: "skipped",
    Decided.TOUCH_STOPPED: "stopped",
    Decided.TOUCH_FAILED: "failed",
    Decided.TOUCH_UNKNOWN: "unknown",
}


@dataclass(kw_only=True)
class Case:
    """One touch in one visit."""

    story: Story
    enrolment: EnrolmentState
    visit: VisitState
    plan: Plan  #: the version that decided it, or would
    stage: Stage
    name: str  #: what it is called there
    key: str

    @cached_property
    def touch(self) -> Touch | None:
        """The touch as the page has it; None when that version has none such."""
        return next((each for each in self.stage.touches if each.id == self.name), None)

    @property
    def marks(self) -> list[Mark]:
        """What the log says of it, oldest first."""
        return self.story.marks.get(self.key, [])

    @cached_property
    def deciding(self) -> Mark | None:
        """The last decision about it that was recorded."""
        return next((mark for mark in reversed(self.marks) if mark.made), None)

    @cached_property
    def verdict(self) -> Verdict | None:
        """What was decided of it, or would be now; None: nothing ever was, nor is."""
        if self.marks and not self._waits:
            return self.deciding.verdict if self.deciding else None
        wait = self.story.waits.get(self.key)
        if wait:
            return wait.verdict
        return next((each for each in self.story.looked.settled if each.key == self.key), None)

    @property
    def _waits(self) -> bool:
        return not self.marks or _STANDINGS[self.marks[-1].event.type] == "waits"

    @property
    def standing(self) -> str:
        """How it stands: a word of the outbox, ``on_its_way``, ``waits`` or ``never``."""
        if self.marks:
            return _STANDINGS[self.marks[-1].event.type]
        return "waits" if self.verdict else "never"

    @property
    def decided_at(self) -> datetime:
        """When it was decided."""
        return self.verdict.at if self.verdict else self.story.at

    @cached_property
    def known(self) -> LeadState:
        """What was known of the lead when it was decided."""
        made = self.deciding.made if self.deciding and not self._waits else None
        if self.deciding is None or made is None:
            return self.story.looked.state
        state = made.before.copy()
        for event in made.recorded:
            if event is self.deciding.event:
                break
            apply(state, event)
        return state

    @property
    def clock(self) -> LeadClock:
        """The lead's clock then."""
        return lead_clock(self.plan, self.known.record)

    @property
    def place(self) -> Place | None:
        """Where it stood then; None when its visit was not running any more."""
        then = self.known.enrolments.get(self.enrolment.id)
        if then is None or then.visit.number != self.visit.number:
            return None
        return Place(self.plan, then, self.stage, self.clock)

    @property
    def context(self) -> EnrolmentContext | None:
        """What its condition saw."""
        place = self.place
        owner = self.verdict.owner if self.verdict else ""
        return EnrolmentContext(place, self.known, self.decided_at, owner) if place else None

    @property
    def compared(self) -> str:
        """Whether every decision about it comes out as it was recorded: agrees, differs or open; empty: none was."""
        found = [_compare(mark) for mark in self.marks if mark.made]
        order = (Answer.DIFFERS, Answer.OPEN, Answer.AGREES)
        return next((each.value for each in order if each in found), "")

    def happens(self, kind: str) -> str:
        """Say that an event happens, as a sentence."""
        return happens(self.plan, kind)

    def differing(self) -> Iterator[tuple[Event, Event | None]]:
        """Yield the entries that do not come out as they were recorded, each with what is decided now."""
        for mark in self.marks:
            if mark.made and _compare(mark) is Answer.DIFFERS:
                yield mark.event, _entry(mark)


def _compare(mark: Mark) -> Answer:
    if mark.made is None or mark.made.same:
        return mark.made.answer if mark.made else Answer.AGREES
    now, was = _entry(mark), mark.event
    same = now is not None and (now.type, now.at, dict(now.data)) == (was.type, was.at, dict(was.data))
    return Answer.AGREES if same else Answer.DIFFERS


def _entry(mark: Mark) -> Event | None:
    """Return what is decided now of the same touch."""
    if mark.made is None:
        return None
    names = mark.event.enrolment, mark.event.data["visit"], mark.event.data["touch"]
    return next(
        (
            each
            for each in mark.made.decision.events
            if each.type.startswith("touch.") and (each.enrolment, each.data["visit"], each.data["touch"]) == names
        ),
        None,
    )


def happens(plan: Plan | None, kind: str) -> str:
    """Say that an event happens, as a sentence; the shop's own events have the title that the shop gave them."""
    if kind == SILENCE:
        return "nothing was heard for a while"
    own = plan.workspace.events.get(kind) if plan else None
    return own[0] if own and own[0] else title_of(kind)


def visits_of(story: Story, enrolment: EnrolmentState) -> list[VisitState]:
    """List the visits of an enrolment, also those that were taken back, the running one last."""
    before = [*(visit for visit, _ in enrolment.former), *story.taken_back.get(enrolment.id, ())]
    return [*sorted(before, key=lambda each: each.number), *([enrolment.visit] if enrolment.visit.stage else [])]


def cases_of(story: Story, enrolment: EnrolmentState, visit: VisitState) -> list[Case]:
    """List the touches of a visit in page order; then those that the log tells of and the page has no more."""
    looked = story.looked.state.enrolments.get(enrolment.id)
    if looked and looked.active and looked.visit.number == visit.number:
        visit = looked.visit  # by the names of the version that a look takes over
    plan = story.plan_of(enrolment, visit.number)
    stage = stage_of(story, enrolment, plan, visit.stage) if plan else None
    if plan is None or stage is None:
        return []
    begins = f"{enrolment.id}/{visit.number}/"
    found = []
    for touch in stage.touches:
        case = Case(
            story=story,
            enrolment=enrolment,
            visit=visit,
            plan=plan,
            stage=stage,
            name=touch.id,
            key=f"{begins}{visit.identity(touch.id)}",
        )
        found.append(_as_decided(case))
    keys = {case.key for case in found}
    gone = [key for key in story.marks if key.startswith(begins) and key not in keys]
    for key in gone:
        name = key.removeprefix(begins)
        case = Case(story=story, enrolment=enrolment, visit=visit, plan=plan, stage=stage, name=name, key=key)
        found.append(_as_decided(case))
    return found


def _as_decided(case: Case) -> Case:
    """Have a touch that was decided stand in the version that decided it, under the name it had there.

    One that an edit took off the page stands in the last version that had it.
    """
    verdict, story = case.verdict, case.story
    if verdict is None:
        return case
    before = reversed(story.visits.get((case.enrolment.id, case.visit.number), []))
    for digest in (verdict.digest, *before):
        plan = story.books.plan(digest)
        stage = plan.playbook.stages.get(verdict.stage) if plan else None
        if plan and stage and any(touch.id == verdict.touch for touch in stage.touches):
            return Case(
                story=story,
                enrolment=case.enrolment,
                visit=case.visit,
                plan=plan,
                stage=stage,
                name=verdict.touch,
                key=case.key,
            )
    return case


def stage_of(story: Story, enrolment: EnrolmentState, plan: Plan, name: str) -> Stage | None:
    """Return a stage of a version by the name it has today, be it that this version had another for it."""
    return stage_in(plan, name, story.book.plan(enrolment.playbook, enrolment.digest))
