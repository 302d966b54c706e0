"""What is asked of messages once they are out: which one a receipt or an answer is about, and how far it got."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from sqlalchemy import func, literal_column, select, update

from cadence.store.outbox import OutboxRow
from cadence.store.session import chunks
from cadence.store.states import CLAIMED, SENT, UNKNOWN
from cadence.store.tables import outbox

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from cadence.store.session import Session

__all__ = ["find", "is_in_hand", "latest_to", "latest_to_anybody", "note_delivery", "threads"]


def find(session: Session, account: str, *, provider_id: str = "", handle: str = "") -> OutboxRow | None:
    """Look up a message by what its provider calls it, or by its opaque name; exactly one is given."""
    asked = outbox.c.handle == handle if handle else outbox.c.provider_id == provider_id
    given = outbox.c.handle != literal_column("''") if handle else outbox.c.provider_id != literal_column("''")
    query = _SELECT.where(outbox.c.account == account, asked, given).order_by(outbox.c.decided_at.desc()).limit(1)
    row = session.ask(query).mappings().first()
    return OutboxRow(**row) if row else None


def latest_to_anybody(session: Session, account: str, channel: str) -> OutboxRow | None:
    """Return the message to a lead that was claimed last on a channel."""
    query = _SELECT.where(
        outbox.c.account == account,
        outbox.c.lead.is_not(None),
        outbox.c.channel == channel,
        outbox.c.called_at.is_not(None),
    )
    row = session.ask(query.order_by(outbox.c.called_at.desc()).limit(1)).mappings().first()
    return OutboxRow(**row) if row else None


def latest_to(session: Session, account: str, lead: str, channel: str, address: str, by: datetime) -> OutboxRow | None:
    """Return the message that went last to an address of a lead, claimed by an instant."""
    query = _SELECT.where(
        outbox.c.account == account,
        outbox.c.lead == lead,
        outbox.c.channel == channel,
        func.lower(outbox.c.address) == address.casefold(),
        outbox.c.called_at.is_not(None),
        outbox.c.decided_at <= by,
        outbox.c.state.in_((SENT, UNKNOWN)),
    )
    row = session.ask(query.order_by(outbox.c.called_at.desc()).limit(1)).mappings().first()
    return OutboxRow(**row) if row else None


def is_in_hand(session: Session, account: str, channel: str, address: str) -> bool:
    """Tell whether a message to an address (empty: to any) is on its way, or its answer was lost."""
    query = select(outbox.c.touch_key).where(
        outbox.c.account == account,
        outbox.c.check_at.is_not(None),
        outbox.c.state.in_((CLAIMED, UNKNOWN)),
        outbox.c.channel == channel,
    )
    query = query.where(func.lower(outbox.c.address) == address.casefold()) if address else query
    return session.ask(query.limit(1)).first() is not None


def threads(session: Session, account: str, leads: Collection[str], channel: str) -> dict[str, list[str]]:
    """Tell the handles of what went to each enrolment of ``leads`` on a channel, oldest first."""
    found: dict[str, list[str]] = {}
    for part in chunks(leads):
        query = (
            select(outbox.c.enrolment, outbox.c.handle)
            .where(
                outbox.c.account == account,
                outbox.c.lead.in_(part),
                outbox.c.channel == channel,
                outbox.c.state == SENT,
                outbox.c.handle != literal_column("''"),
            )
            .order_by(outbox.c.called_at, outbox.c.touch_key)
        )
        for enrolment, handle in session.ask(query):
            found.setdefault(enrolment, []).append(handle)
    return found


def note_delivery(session: Session, account: str, touch_key: str, delivery: str, at: datetime) -> None:
    """Note what the provider told of a message after it took it."""
    session.change(
        update(outbox)
        .where(outbox.c.account == account, outbox.c.touch_key == touch_key)
        .values(delivery=delivery, delivered_at=at)
    )


_SELECT = select(*(outbox.c[item.name] for item in fields(OutboxRow)))
