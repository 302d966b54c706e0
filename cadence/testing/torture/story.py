"""One story of one person, played on the virtual clock; what was seen of it is all that is judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cadence.engine.book import Book
from cadence.engine.roster import Roster
from cadence.engine.simulate import simulate
from cadence.engine.standing import Standing, standings
from cadence.engine.state import LeadState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.engine.decision import Claim, Verdict
    from cadence.engine.events import Event
    from cadence.playbook.compile import Plan

__all__ = ["LEAD", "TICK", "Look", "Seen", "Story", "play"]

LEAD = "lead"
TICK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happens to one person."""

    plan: Plan
    name: str  #: the case in words, such as ``in estimate, Sat 13 Mar 23:50, America/Havana``
    record: Mapping[str, Any]  #: of the person, with zones and states
    facts: tuple[Event, ...]  #: by the instant at which they are learned
    start: datetime  #: of the first tick
    end: datetime
    down: tuple[datetime, datetime] | None = None  #: no tick runs between
    ticks: tuple[timedelta, ...] = (TICK,)  #: how often ticks come; told once for each, and compared with the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the engine answered at one instant."""

    at: datetime
    fact: Event | None  #: what was learned; None for a tick
    entries: tuple[Event, ...]  #: written into the log
    claims: tuple[Claim, ...]  #: carried out
    ended: tuple[Verdict, ...]  #: touches that ended without going
    standing: tuple[Standing, ...]  #: how the open jobs stand afterwards
    waiting: Mapping[str, datetime]  #: touch that waits -> its due instant, where it has one


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A story, told with one interval of ticks."""

    story: Story
    tick: timedelta
    looks: tuple[Look, ...] = field(repr=False)

    @property
    def plan(self) -> Plan:
        """The page it was told on."""
        return self.story.plan

    def claims(self, *channels: str) -> list[Claim]:
        """List what was carried out, in order of time: on these channels, or on all."""
        return [
            claim for look in self.looks for claim in look.claims if not channels or claim.verdict.channel in channels
        ]


def play(story: Story, tick: timedelta) -> Seen:
    """Tell a story with ticks at its start, at the end of its outage, and then every ``tick``."""
    book = Book(account="torture", current={story.plan.playbook.id: story.plan})
    state, roster, wake = LeadState(lead=LEAD), Roster(), None
    spans = [(story.start, story.end)]
    if story.down:
        spans = [(story.start, story.down[0]), (story.down[1], story.end)]
    looks: list[Look] = []
    learned = 0
    for start, end in spans:
        facts = [fact for fact in story.facts[learned:] if fact.recorded_at < end]
        learned += len(facts)
        for step in simulate(book, state, facts, start=start, end=end, tick=tick, wake_at=wake, roster=roster):
            decision = step.decision
            state, wake = decision.state, decision.wake_at
            looks.append(
                Look(
                    at=step.at,
                    fact=step.fact,
                    entries=decision.events,
                    claims=decision.claims,
                    ended=decision.ended,
                    standing=tuple(standings(book, state, step.at)),
                    waiting={wait.key: wait.due.instant for wait in decision.waits if wait.due},
                )
            )
    return Seen(story=story, tick=tick, looks=tuple(looks))
