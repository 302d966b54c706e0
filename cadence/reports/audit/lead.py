"""One lead of an export, and where it stands: won, closed, locked, or open with nothing locked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from cadence.timing.value import value

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from cadence.reports.audit.moments import Moment

__all__ = [
    "ExportLead", "Missing", "Placed", "Standing", "Told", "has_callback", "is_acknowledged", "is_booked",
    "is_contract_sent", "is_estimate_sent", "is_paid", "is_signed", "standing_of",
]  # fmt: skip

Missing = Literal[
    "", "contract", "acknowledgement", "answer", "cancelled", "appointment_passed", "callback_passed",
    "slot", "anything",
]  # fmt: skip


class Told(NamedTuple):
    """What a cell such as "Contract Signed" says: yes or no, and since when."""

    yes: bool
    at: Moment | None = None  #: None: it does not say

    def holds(self, now: datetime) -> bool:
        """Whether it is so at ``now``, on the wall of the shop."""
        return self.yes and (self.at is None or self.at.has_come(now))


@value(kw_only=True)
class ExportLead:
    """What a row of an export says about a lead. An empty cell, and a column that is not there, say nothing."""

    row: int  #: as a spreadsheet shows it
    name: str
    id: str = ""
    owner: str = ""
    status: str = ""  #: how it stands, in the export's words
    says: tuple[str, ...] = ()  #: what its status words mean, the best column first
    came_in: Moment | None = None
    appointment: Moment | None = None
    confirmed: Told | None = None  #: the customer has acknowledged the appointment
    callback: Moment | None = None
    contract_sent: Told | None = None
    contract_signed: Told | None = None
    deposit_paid: Told | None = None
    estimate_sent: Told | None = None
    next_action: str = ""
    next_due: Moment | None = None
    followed_up: Told | None = None
    last_contact: Moment | None = None
    first_response: Moment | timedelta | None = None


class Standing(NamedTuple):
    """Where a lead stands, as far as its row shows."""

    kind: Literal["won", "locked", "open", "closed"]  #: open: still open, and nothing locked
    lock: Literal["", "contract", "deposit", "appointment", "callback"] = ""  #: what locks its next step
    missing: Missing = ""  #: what an open lead waits for first
    at: Moment | None = None  #: the moment that goes with it


class Placed(NamedTuple):
    """A lead as the audit counts it."""

    lead: ExportLead
    standing: Standing
    recent: bool  #: it came in within the audit's days


def standing_of(lead: ExportLead, now: datetime) -> Standing:
    """Where a lead stands at ``now``, on the wall of the shop."""
    ended = next((word for word in lead.says if word in ("won", "closed")), "")
    if ended:
        return Standing("won" if ended == "won" else "closed")
    if is_signed(lead, now):
        return Standing("locked", "contract", at=_since(lead.contract_signed))
    if is_paid(lead, now):
        return Standing("locked", "deposit", at=_since(lead.deposit_paid))
    if is_booked(lead, now) and is_acknowledged(lead, now):
        return Standing("locked", "appointment", at=lead.appointment)
    if has_callback(lead, now):
        return Standing("locked", "callback", at=lead.callback)
    return Standing("open", "", *_missing(lead, now))


def is_signed(lead: ExportLead, now: datetime) -> bool:
    """Whether the customer has signed, or agreed to the estimate."""
    return _told(lead, "signed", lead.contract_signed, now)


def is_paid(lead: ExportLead, now: datetime) -> bool:
    """Whether a deposit is paid."""
    return _told(lead, "deposit", lead.deposit_paid, now)


def is_booked(lead: ExportLead, now: datetime) -> bool:
    """Whether an appointment lies ahead, acknowledged or not; one without a day counts as ahead."""
    if "cancelled" in lead.says or "held" in lead.says:
        return False
    if lead.appointment:
        return not lead.appointment.is_over(now)
    return "booked" in lead.says or is_acknowledged(lead, now)


def is_acknowledged(lead: ExportLead, now: datetime) -> bool:
    """Whether the customer has acknowledged an appointment."""
    return _told(lead, "confirmed", lead.confirmed, now)


def has_callback(lead: ExportLead, now: datetime) -> bool:
    """Whether an agreed callback lies ahead."""
    return lead.callback is not None and not lead.callback.is_over(now)


def is_contract_sent(lead: ExportLead, now: datetime) -> bool:
    """Whether a contract was sent."""
    return _told(lead, "contract sent", lead.contract_sent, now)


def is_estimate_sent(lead: ExportLead, now: datetime) -> bool:
    """Whether an estimate was sent that may still be answered."""
    return _told(lead, "estimate sent", lead.estimate_sent, now) and "estimate over" not in lead.says


def _missing(lead: ExportLead, now: datetime) -> tuple[Missing, Moment | None]:
    """What the lead waits for first, and the moment that goes with it."""
    if is_contract_sent(lead, now):
        return "contract", _since(lead.contract_sent)
    if is_booked(lead, now):
        return "acknowledgement", lead.appointment
    if is_estimate_sent(lead, now):
        return "answer", _since(lead.estimate_sent)
    if "cancelled" in lead.says:
        return "cancelled", lead.appointment
    if lead.appointment:
        return "appointment_passed", lead.appointment
    if lead.callback:
        return "callback_passed", lead.callback
    return ("slot" if "interested" in lead.says else "anything"), None


def _told(lead: ExportLead, word: str, cell: Told | None, now: datetime) -> bool:
    """Whether a cell or a status word says it; a cell that says anything goes before a word."""
    return cell.holds(now) if cell else word in lead.says


def _since(cell: Told | None) -> Moment | None:
    return cell.at if cell else None
