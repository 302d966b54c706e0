"""Messages and steps whose text was drawn among variants, as they were carried out."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from cadence.store.states import SENT
from cadence.store.tables import outbox

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from cadence.store.session import Session

__all__ = ["VariedRow", "listing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariedRow:
    """One touch that was carried out; what is not said here means what it means in :mod:`cadence.store.outbox`."""

    lead: str
    enrolment: str
    playbook: str
    stage: str
    touch: str
    variant: str  #: empty: sent before there were any
    ended_at: datetime  #: when it was carried out


def listing(
    session: Session, account: str, touches: Collection[tuple[str, str, str]], until: datetime
) -> list[VariedRow]:
    """List the touches (playbook, stage, touch) that were carried out until then, in the order of time.

    Reads the whole outbox.
    """
    if not touches:
        return []
    wanted = [
        (outbox.c.playbook == playbook) & (outbox.c.stage == stage) & (outbox.c.touch == touch)
        for playbook, stage, touch in sorted(touches)
    ]
    query = select(*_COLUMNS).where(
        outbox.c.account == account, outbox.c.state == SENT, outbox.c.ended_at <= until, or_(*wanted)
    )
    query = query.order_by(outbox.c.ended_at, outbox.c.touch_key)
    return [VariedRow(**row) for row in session.ask(query).mappings()]


_COLUMNS = [outbox.c[item.name] for item in fields(VariedRow)]
