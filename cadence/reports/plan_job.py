"""A plan as work that can be shared out: two books, and pages of leads to compare on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cadence.engine.diff import lead_diff, names_of
from cadence.engine.fold import fold
from cadence.engine.roster import Roster
from cadence.reports.plan_data import lead_line, unreadable
from cadence.reports.told_book import book_of, tell_book
from cadence.store.entries import read_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cadence.engine.book import Book
    from cadence.engine.futures import Span
    from cadence.playbook.compile import Plan
    from cadence.store.entries import LogPage

__all__ = ["PlanJob"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanJob:
    """What a plan is about, apart from the leads."""

    before: Book
    after: Book
    span: Span
    roster: Roster = field(default_factory=Roster)  #: who has how much and whose turn it is at the start

    def told(self) -> tuple[Any, ...]:
        """Return how to make the same in a process that knows some of the plans: what makes it, and of what."""
        return _made, tell_book(self.before), tell_book(self.after), self.span, self.roster

    def page(self, page: LogPage) -> str:
        """Return what changes for a page of leads: a line of JSON for each that something does for."""
        return "\n".join(self._lines(page))

    def _lines(self, page: LogPage) -> Iterator[str]:
        names = names_of(self.before, self.after)
        for lead, wake_at, rows, barred in page:
            try:
                state = fold(lead, map(read_entry, rows))
                state.suppressed = barred
                diff = lead_diff(
                    self.before,
                    self.after,
                    state,
                    span=self.span,
                    wake_at=wake_at,
                    roster=self.roster,
                    names=names,
                )
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one lead: it is said, the others go on
                yield unreadable(lead, error)
                continue
            if diff:
                yield lead_line(diff)


def _made(plans: Sequence[Plan], before: Any, after: Any, span: Span, roster: Roster) -> PlanJob:
    known = {plan.digest: plan for plan in plans}
    return PlanJob(before=book_of(known, before), after=book_of(known, after), span=span, roster=roster)
