"""Lines of the log, as numbers are counted from, of stories that were played on the virtual clock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cadence.engine.decide import observe
from cadence.engine.events import Event, instant_text
from cadence.engine.fold import UNDONE, fold
from cadence.engine.state import LeadState
from support.plans import fact, instant, play

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.store.chronicle import Line

__all__ = ["lines_of", "story", "undone"]


def story(
    book: Book, facts: Iterable[Event], end: str, *, lead: str = "maria", start: datetime | str = "2026-11-02 00:00"
) -> list[Line]:
    """Play one person's story, ticking every minute; return what the log says then.

    What is taken back is left out of the log that the next decision is made on, as the program does.
    """
    state, log, told, begin = LeadState(lead=lead), list[Event](), list(facts), instant(start)
    for taken in [each for each in told if each.type == UNDONE]:
        before = [each for each in told if each.recorded_at < taken.recorded_at]
        told = [each for each in told if each.recorded_at > taken.recorded_at]
        log += play(book, before, begin, taken.recorded_at, state=state).events
        decision = observe(book, fold(lead, [*log, taken]), taken, taken.at)
        log += decision.events
        state, begin = decision.state, taken.recorded_at
    log += play(book, told, begin, end, state=state).events
    return lines_of(log, lead)


def lines_of(entries: Iterable[Event], lead: str) -> list[Line]:
    """Write entries as the database keeps them."""
    return [
        (lead, each.enrolment, each.type, instant_text(each.at), each.job, each.key, json.dumps(dict(each.data)))
        for each in entries
    ]


def undone(key: str, kind: str, of: str, at: str) -> Event:
    """Return the fact that a colleague took back what was recorded with a key."""
    return fact("act.undone", at, undoes=key, type=kind, of=instant_text(instant(of)))
