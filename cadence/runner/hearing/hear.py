"""Keep what came in, once each, and handle it: at once, or as soon as it can be handled."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from cadence.errors import CadenceError
from cadence.inbox.message import Call, Inbound, from_data, to_data
from cadence.runner.hearing.calls import hear_call
from cadence.runner.hearing.ear import Taken
from cadence.runner.hearing.messages import hear_message
from cadence.runner.hearing.receipts import hear_receipt
from cadence.store import inbound
from cadence.store.inbound import InboundRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cadence.inbox.message import Item
    from cadence.runner.hearing.ear import Ear, Heard
    from cadence.store.inbound import Kept
    from cadence.store.session import Session

__all__ = ["handle_open", "keep"]

PAGE = 200  #: handled in one transaction
GIVEN_UP = timedelta(days=7)  #: what could not be handled for so long is left to a person


def keep(session: Session, account: str, items: Sequence[Item], now: datetime) -> int:
    """Keep what came in; what was told before is left out. Tells how many things are new."""
    return inbound.keep(session, account, [_row(item, now) for item in items])


def handle_open(session: Session, ear: Ear, heard: Heard) -> bool:
    """Handle what is not handled yet, each thing by itself: one that cannot be handled stops none behind it.

    What ``heard`` says was left for later is passed over. Tells whether there may be more than a page of it.
    """
    known = heard.left.copy()  # not by number: one that was given earlier may be there later
    rows = inbound.open_rows(session, ear.account, limit=PAGE + len(known))
    for kept in rows:
        if kept.id in known:
            continue
        taken = _handle(session, ear, kept)
        given_up = ear.now - kept.row.received_at > GIVEN_UP
        if given_up or not taken.later:
            heard.taken[taken.taken_as or "left"] += 1
        else:
            heard.left.add(kept.id)
        heard.looks += bool(taken.problem) and kept.row.kind != "receipt"
        heard.leads.update([taken.lead] if taken.lead else ())
        inbound.note(
            session,
            ear.account,
            kept.id,
            handled_at=None if taken.later and not given_up else ear.now,
            lead=taken.lead,
            taken_as=taken.taken_as,
            because=taken.because,
            problem=taken.problem,
        )
    return len(rows) == PAGE + len(known)


def _handle(session: Session, ear: Ear, kept: Kept) -> Taken:
    try:
        with session.savepoint():
            return _understand(session, ear, kept.row)
    except CadenceError as error:
        return Taken(taken_as="", later=True, problem=error.message)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with this one, the others are heard
        return Taken(taken_as="", later=True, problem=f"it cannot be handled ({type(error).__name__})")


def _understand(session: Session, ear: Ear, row: InboundRow) -> Taken:
    item = from_data(row.kind, row.data)
    if isinstance(item, Inbound):
        return hear_message(session, ear, item)
    if isinstance(item, Call):
        return hear_call(session, ear, item)
    return hear_receipt(session, ear, item)


def _row(item: Item, now: datetime) -> InboundRow:
    kind, data = to_data(item)
    at = item.at.astimezone(UTC).replace(microsecond=0)
    return InboundRow(source=item.source, key=item.key, kind=kind, at=at, received_at=now, data=data)
