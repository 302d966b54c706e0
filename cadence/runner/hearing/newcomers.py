"""Somebody texts or calls who is not on record: an inquiry, so a lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.errors import CadenceError
from cadence.leads.arrival import Arrival, with_places
from cadence.leads.ids import new_lead_id
from cadence.leads.record import normalise
from cadence.runner.record import add_leads
from cadence.store import leads

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.runner.hearing.ear import Ear
    from cadence.store.session import Session

__all__ = ["add_newcomer"]


def add_newcomer(session: Session, ear: Ear, phone: str, *, source: str, notes: str, at: datetime) -> str:
    """Record a person by the phone number; return the lead's id, or nothing when no person has such a number."""
    given = {**ear.workspace.inbound.new_lead, "phone": phone, "source": source, "notes": notes}
    try:
        attributes = normalise(given, tuple(ear.workspace.lead_fields)).attributes
    except CadenceError:
        return ""
    lead = new_lead_id(attributes, lambda taken: leads.get(session, ear.account, taken) is not None)
    arrival = Arrival(id=lead, record=with_places({**attributes, "id": lead}), at=at)
    add_leads(session, ear.account, ear.book, [arrival], ear.now)
    return lead
