"""How many leads an edit has written to at once: what is looked at before a tick publishes it by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.engine.diff import SOON, lead_diff, names_of
from cadence.engine.fold import fold
from cadence.engine.futures import Span, first_tick
from cadence.runner.inflight import in_flight
from cadence.runner.sharing import read_roster
from cadence.store.entries import read_entry
from cadence.store.leads import count_in_flight

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.store.session import Session

__all__ = ["MINUTE", "written_to_at_once"]

MINUTE = timedelta(minutes=1)  #: how often ticks run, as far as one that looks ahead knows


def written_to_at_once(
    session: Session, account: str, before: Book, after: Book, edited: Collection[str], now: datetime, most: int
) -> int:
    """Count the leads that get a message within the hour after ``now`` that they would not get without the edit.

    Not further than one more than ``most``; 0 where no more are in flight in the playbooks that were ``edited``. A lead
    whose log cannot be read is left out: the tick that decides it says so.
    """
    if not edited or count_in_flight(session, account, playbooks=edited) <= most:
        return 0
    span = Span(at=now, start=first_tick(now, MINUTE), end=now + SOON + MINUTE, tick=MINUTE)
    roster, names = read_roster(session, account), names_of(before, after)
    found = 0
    for page in in_flight(session, account, playbooks=edited):
        for lead, wake_at, rows, barred in page:
            try:
                state = fold(lead, map(read_entry, rows))
                state.suppressed = barred
                changed = lead_diff(before, after, state, span=span, wake_at=wake_at, roster=roster, names=names)
            except Exception:  # noqa: BLE001, S112 - whatever is wrong with one lead
                continue
            found += changed is not None and changed.soon
            if found > most:
                return found
    return found
