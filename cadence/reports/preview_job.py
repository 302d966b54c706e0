"""A preview as work that can be shared out: what is asked, and pages of leads to answer it for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zlib import crc32

from cadence.engine.roster import Roster
from cadence.engine.simulate import simulate
from cadence.reports.preview import preview_touches
from cadence.reports.preview_json import touch_object
from cadence.reports.sources import runs_of
from cadence.reports.told_book import book_of, tell_book

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

    from cadence.engine.book import Book
    from cadence.engine.simulate import Step
    from cadence.playbook.compile import Plan
    from cadence.reports.sources import Run
    from cadence.store.entries import LogPage

__all__ = ["Job"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a preview is about, apart from the leads."""

    book: Book
    start: datetime
    end: datetime
    tick: timedelta
    asked: frozenset[str]  #: playbooks whose touches are wanted; empty: all
    roster: Roster = field(default_factory=Roster)  #: who has how much and whose turn it is at ``start``
    by_page: bool = True  #: leads are looked at page by page, in any order; else one after the other

    def told(self) -> tuple[Any, ...]:
        """Return how to make the same in a process that knows the plans in force: what makes it, and of what."""
        return _made, tell_book(self.book), self.start, self.end, self.tick, self.asked, self.roster

    def steps(self, run: Run) -> Iterator[Step]:
        """Put one lead on the virtual clock, which uses the run's state up.

        Whose turn it is when a lead is shared out depends on who else comes. One after the other, leads take their
        turns in that order. Page by page, each is looked at as if others came before it; how many, its id settles.
        """
        roster = self.roster.before(crc32(run.state.lead.encode())) if self.by_page else self.roster
        return simulate(
            self.book,
            run.state,
            run.facts,
            start=self.start,
            end=self.end,
            tick=self.tick,
            wake_at=run.wake_at,
            roster=roster,
        )

    def objects(self, steps: Iterable[Step]) -> Iterator[str]:
        """Yield the touches of one lead as JSON objects, the same that the rows would make."""
        for touched in preview_touches(steps, self.end):
            if not self.asked or touched.verdict.playbook in self.asked:
                yield touch_object(self.book.account, touched)

    def page(self, page: LogPage) -> str:
        """Return the touches of a page of leads, one object a line."""
        runs = runs_of(page, self.book, self.start)
        return "\n".join([each for run in runs for each in self.objects(self.steps(run))])


def _made(
    plans: Sequence[Plan],
    book: Any,
    start: datetime,
    end: datetime,
    tick: timedelta,
    asked: frozenset[str],
    roster: Roster,
) -> Job:
    known = {plan.digest: plan for plan in plans}
    return Job(book=book_of(known, book), start=start, end=end, tick=tick, asked=asked, roster=roster)
