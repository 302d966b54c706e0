"""A person's word on a touch whose outcome nobody could find out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cadence.channels.channel import Accepted, NotNow
from cadence.errors import Refused, StoreError
from cadence.runner.results import PERSON, record_results
from cadence.store import outbox
from cadence.store.states import CLAIMED, UNKNOWN

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.store.outbox import OutboxRow
    from cadence.store.session import Session

__all__ = ["resolve", "touch_of"]


def touch_of(session: Session, account: str, touch_key: str) -> OutboxRow:
    """Return a touch of the outbox; StoreError when there is none such."""
    row = outbox.get(session, account, touch_key)
    if row is None:
        raise StoreError(
            f"the outbox has no touch {touch_key!r}",
            help="`cadence outbox list` names them: lead/playbook/job/number/visit/touch, or alert/colleague/alert",
        )
    return row


def resolve(session: Session, account: str, touch_key: str, now: datetime, *, went: bool) -> OutboxRow:
    """Settle an unknown touch: it ``went``, or it did not and is judged anew, and goes unless it is too late by now.

    StoreError for an unknown key; Refused for a touch whose outcome is known, or that a tick has in hand.
    """
    row = touch_of(session, account, touch_key)
    if row.state == CLAIMED:
        raise Refused(
            f"touch {touch_key!r} is in the hands of a tick",
            help="wait two minutes; the next tick finds out what it can",
        )
    result = Accepted(row.provider_id) if went else NotNow(PERSON, "a person looked: it did not go")
    said = replace(row, detail="a person looked: it went")
    if row.state != UNKNOWN or not record_results(session, account, [(said, result)], now):
        raise Refused(f"touch {touch_key!r} is not unknown, it is {row.state}", help="nothing needs to be settled")
    return touch_of(session, account, touch_key)
