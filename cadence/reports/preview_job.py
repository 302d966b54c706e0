"""A preview as work that can be shared out: what is asked, and pages of leads to answer it for."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zlib import crc32

from cadence.engine.book import Book
from cadence.engine.roster import Roster
from cadence.engine.simulate import simulate
from cadence.playbook.compile import compile_plan
from cadence.reports.preview import preview_touches
from cadence.reports.preview_json import touch_object
from cadence.reports.sources import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

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
        book = self.book
        current = [plan.digest for plan in book.current.values()]
        older = {plan.digest: plan.content for plan in book.older.values()}
        told = self.start, self.end, self.tick, self.asked, self.roster
        return _made, book.account, current, older, dict(book.published_at), *told

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
    account: str,
    current: Sequence[str],
    older: Mapping[str, str],
    published_at: Mapping[str, datetime],
    start: datetime,
    end: datetime,
    tick: timedelta,
    asked: frozenset[str],
    roster: Roster,
) -> Job:
    known = {plan.digest: plan for plan in plans}
    compiled = {digest: known.get(digest) or compile_plan(content) for digest, content in older.items()}
    book = Book(
        account=account,
        current=MappingProxyType({known[digest].playbook.id: known[digest] for digest in current}),
        published_at=MappingProxyType(published_at),
        older=MappingProxyType(compiled),
    )
    return Job(book=book, start=start, end=end, tick=tick, asked=asked, roster=roster)
