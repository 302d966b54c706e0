"""A lead's story, for explanations: the log decided anew, how the lead stands, what would come if nobody spoke.

Everything is worked out from the log and the versions then in force; of what was sent, the outbox gives the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from cadence.engine.decide import carried_out, decide
from cadence.engine.decision import HALTED
from cadence.engine.events import Decided
from cadence.engine.fold import apply
from cadence.engine.replay import Redecided
from cadence.engine.simulate import simulate
from cadence.errors import LeadError
from cadence.runner.closed import local_text
from cadence.runner.record import state_of
from cadence.runner.replaying import Books, replay_of
from cadence.runner.sharing import read_roster
from cadence.store import events, halts, outbox

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.decision import Claim, Decision, Verdict, Wait
    from cadence.engine.events import Event
    from cadence.engine.roster import Roster
    from cadence.engine.state import EnrolmentState, LeadState
    from cadence.engine.visit import VisitState
    from cadence.playbook.compile import Plan
    from cadence.store.halts import HaltRow
    from cadence.store.outbox import OutboxRow
    from cadence.store.session import Session

__all__ = ["Foreseen", "Mark", "Story", "read_story"]

TICK = timedelta(minutes=1)
_MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the log says of a touch at one time."""

    event: Event
    made: Redecided | None = None  #: the decision it belongs to, made anew; None: the world's answer
    verdict: Verdict | None = None  #: what that says of the touch
    claim: Claim | None = None  #: with its text, where it was to go


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What becomes of a touch if nobody speaks."""

    at: datetime
    verdict: Verdict
    claim: Claim | None = None


@dataclass(kw_only=True)
class Story:
    """One lead up to an instant, and from there on."""

    lead: str
    at: datetime  #: the instant that is asked about
    now: datetime
    books: Books
    log: list[Event] = field(default_factory=list)  #: recorded by ``at``, with the pauses of the shop
    later: list[Event] = field(default_factory=list)  #: recorded after it
    marks: dict[str, list[Mark]] = field(default_factory=dict)  #: touch key -> what the log says of it by ``at``
    after: dict[str, list[Event]] = field(default_factory=dict)  #: the same after ``at``
    decisions: list[Redecided] = field(default_factory=list)  #: up to ``at``
    visits: dict[tuple[str, int], list[str]] = field(default_factory=dict)  #: (enrolment, visit) -> its versions
    taken_back: dict[str, list[VisitState]] = field(default_factory=dict)  #: enrolment -> visits that do not count
    state: LeadState  #: as it stood at ``at``
    roster: Roster  #: who has how much, and whose turn it is
    foreseen: dict[str, Foreseen] = field(default_factory=dict)  #: touch key -> what comes of it from ``at`` on
    moves: list[Event] = field(default_factory=list)  #: stages that silence would lead to
    rows: Mapping[str, OutboxRow] = field(default_factory=dict)  #: touch key -> what the outbox has of it
    halted: Mapping[str, HaltRow] = field(default_factory=dict)  #: channels that are halted now

    @property
    def book(self) -> Book:
        """The versions in force at ``at``."""
        return self.books.at(self.at)

    @cached_property
    def looked(self) -> Decision:
        """What a look at ``at`` decides."""
        return decide(
            self.book, self.state, self.at, traffic=dict.fromkeys(self.halted, HALTED), roster=self.roster.before(0)
        )

    @cached_property
    def waits(self) -> dict[str, Wait]:
        """Tell which touches wait at ``at``, by key."""
        return {wait.key: wait for wait in self.looked.waits}

    def plan_of(self, enrolment: EnrolmentState, visit: int) -> Plan | None:
        """Return the version that a visit went by, the last where there were several."""
        looked = self.looked.state.enrolments.get(enrolment.id)
        if looked and looked.active and looked.visit.number == visit:
            return self.book.plan(looked.playbook, looked.digest)  # a look may take a new version over
        digests = self.visits.get((enrolment.id, visit)) or [enrolment.digest]
        return self.books.plan(digests[-1]) or self.book.plan(enrolment.playbook, enrolment.digest)


def read_story(
    session: Session,
    account: str,
    lead: str,
    at: datetime | None,
    now: datetime,
    ahead: timedelta,
    books: Books | None = None,
) -> Story:
    """Read a lead's story up to ``at`` (left out: ``now``), and what would come in ``ahead`` after it.

    ``books``: for whoever reads several. LeadError for an unknown lead, and for an instant before it was known.
    """
    state_of(session, account, lead)
    when, books = at or now, books or Books(session, account)
    entries = list(events.in_order(session, account, [lead]))
    known = [each for each in entries if each[1].recorded_at <= when]
    if not any(whose for whose, _ in known):
        first = next(event for whose, event in entries if whose)
        came = local_text(books.at(first.recorded_at), first.recorded_at)
        raise LeadError(f"{lead} was not known yet at that time", help=f"it came in at {came}")
    replay = replay_of(session, account, books)
    decisions = list(replay.run(known))
    state = replay.state(lead)
    state.suppressed = replay.ledger(state.record, when)
    story = Story(
        lead=lead,
        at=when,
        now=now,
        books=books,
        log=[event for _, event in known],
        later=[event for whose, event in entries if whose and event.recorded_at > when],
        decisions=decisions,
        state=state,
        roster=read_roster(session, account),
        rows={
            row.touch_key: row for row in outbox.listing(session, account, outbox.OutboxFilter(lead=lead), limit=_MOST)
        },
        halted=halts.read(session, account) if when == now else {},
    )
    if when > now:
        _go_on_to(story)
    _note_visits(story)
    _note_taken_back(story)
    _note_marks(story)
    _look_ahead(story, ahead)
    return story


def _go_on_to(story: Story) -> None:
    """Go on from now to an instant that is yet to come, as if nobody spoke."""
    before = story.state.copy()
    steps = simulate(
        story.book, story.state, (), start=story.now, end=story.at, tick=TICK, wake_at=story.now, roster=story.roster
    )
    for step in steps:
        decision = step.decision
        made = Redecided(
            lead=story.lead,
            at=step.at,
            fact=None,
            recorded=decision.events,
            decision=replace(decision, state=step.decision.state.copy()),
            before=before,
            book=story.book,
            same=True,
        )
        story.decisions.append(made)
        story.log += [*decision.events, *(carried_out(claim, at=step.at) for claim in decision.claims)]
        before = step.decision.state.copy()


def _note_visits(story: Story) -> None:
    """Note which versions each visit went by."""
    carried: dict[str, str] = {}
    running: dict[str, int] = {}
    for event in story.log:
        about = event.enrolment
        if event.type in (Decided.ENROLLED, Decided.ADOPTED):
            carried[about] = event.data["digest"]
            if about in running:
                story.visits[about, running[about]].append(carried[about])
        elif event.type == Decided.STAGE_ENTERED:
            running[about] = event.data["visit"]
            story.visits[about, running[about]] = [carried[about]]
        elif event.type == Decided.VISIT_RESTORED:
            running[about] = event.data["visit"]


def _note_taken_back(story: Story) -> None:
    """Keep the visits that a colleague's slip began: they do not count, but something may have gone in them."""
    for made in story.decisions:
        for number, event in enumerate(made.recorded):
            if event.type == Decided.VISIT_RESTORED:
                state = made.before.copy()
                for each in made.recorded[:number]:
                    apply(state, each)
                story.taken_back.setdefault(event.enrolment, []).append(state.enrolments[event.enrolment].visit)


def _note_marks(story: Story) -> None:
    """Note what the log says of each touch, with the decision behind it."""
    of_entry = {id(event): made for made in story.decisions for event in made.recorded}
    for event in story.log:
        key = _key(story.state, event)
        if not key:
            continue
        made = of_entry.get(id(event))
        decided = made.decision if made else None
        verdict = next((each for each in decided.settled if each.key == key), None) if decided else None
        claim = next((each for each in decided.claims if each.verdict.key == key), None) if decided else None
        story.marks.setdefault(key, []).append(Mark(event=event, made=made, verdict=verdict, claim=claim))
    for event in story.later:
        if key := _key(story.state, event):
            story.after.setdefault(key, []).append(event)


def _key(state: LeadState, event: Event) -> str:
    """Return the identity of the touch that an entry of the engine is about; empty when it is about none."""
    if not event.type.startswith("touch.") or "visit" not in event.data:
        return ""
    number, name = event.data["visit"], event.data["touch"]
    enrolment = state.enrolments.get(event.enrolment)
    visit = enrolment.visit_numbered(number) if enrolment else None
    return f"{event.enrolment}/{number}/{visit.identity(visit.renamed.get(name, name)) if visit else name}"


def _look_ahead(story: Story, ahead: timedelta) -> None:
    """Look at the lead at the instant asked about, and on from there as if nobody spoke."""
    steps = simulate(
        story.book,
        story.state.copy(),
        (),
        start=story.at,
        end=story.at + ahead,
        tick=TICK,
        wake_at=story.at,
        roster=story.roster.before(0),
    )
    for step in steps:
        claims = {claim.verdict.key: claim for claim in step.decision.claims}
        for verdict in step.decision.settled:
            told = Foreseen(at=step.at, verdict=verdict, claim=claims.get(verdict.key))
            story.foreseen.setdefault(verdict.key, told)
        story.moves += [event for event in step.decision.events if event.type == Decided.STAGE_ENTERED]
