"""Lines of the log, as numbers are counted from, of stories that were played on the virtual clock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cadence.engine.events import instant_text
from cadence.engine.state import LeadState
from support.plans import fact, instant, play

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.store.chronicle import Line

__all__ = ["lines_of", "story", "undone"]


def story(
    book: Book, facts: Iterable[Event], end: str, *, lead: str = "maria", start: str = "2026-11-02 00:00"
) -> list[Line]:
    """Play one person's story, ticking every minute; return what the log says then."""
    played = play(book, facts, start, end, state=LeadState(lead=lead))
    return lines_of(played.events, lead)


def lines_of(entries: Iterable[Event], lead: str) -> list[Line]:
    """Write entries as the database keeps them."""
    return [
        (lead, each.enrolment, each.type, instant_text(each.at), each.job, each.key, json.dumps(dict(each.data)))
        for each in entries
    ]


def undone(key: str, kind: str, of: str, at: str) -> Event:
    """Return the fact that a colleague took back what was recorded with a key."""
    return fact("act.undone", at, undoes=key, type=kind, of=instant_text(instant(of)))
