"""The lists an audit makes of open leads: the three leaks, and what nobody keeps hold of.

A list that the columns do not allow is not made; it says which column it lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.reports.audit.columns import FIELDS
from cadence.reports.audit.lead import (
    has_callback,
    is_acknowledged,
    is_booked,
    is_contract_sent,
    is_estimate_sent,
    is_paid,
    is_signed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from cadence.reports.audit.lead import ExportLead, Placed
    from cadence.reports.audit.moments import Moment
    from cadence.reports.audit.reading import Export

__all__ = ["CODES", "Measure", "lacks", "measures"]

WEEK = timedelta(days=7)

#: Code of a list -> its title, and whether it is one of the three leaks.
CODES: dict[str, tuple[str, bool]] = {
    "contract_unsigned": ("Contract sent, not signed", True),
    "not_acknowledged": ("Appointment booked, not acknowledged", True),
    "no_slot": ("Interested, no slot", True),
    "no_owner": ("No owner", False),
    "no_next_action": ("No next action", False),
    "no_due_date": ("Next action without a date", False),
    "overdue": ("Next action overdue", False),
    "old_estimates": ("Estimate open for more than 7 days", False),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One list of open leads."""

    code: str
    leads: tuple[Placed, ...] = ()
    cannot: str = ""  #: why the list cannot be made; empty: it is made

    @property
    def title(self) -> str:
        """What stands over the list."""
        return CODES[self.code][0]

    @property
    def is_leak(self) -> bool:
        """Whether it is one of the three leaks."""
        return CODES[self.code][1]

    @property
    def recent(self) -> int:
        """How many of them came in within the audit's days."""
        return sum(1 for placed in self.leads if placed.recent)


def lacks(*fields: str) -> str:
    """The sentence for columns that the export has not."""
    said = [FIELDS[field] for field in fields]
    return f"the export has no column that says {' or '.join(filter(None, (', '.join(said[:-1]), said[-1])))}"


def measures(export: Export) -> tuple[Measure, ...]:
    """Every list, in the order of :data:`CODES`, of the leads that are not won and not closed."""
    still_open = [placed for placed in export.leads if placed.standing.kind in ("open", "locked")]
    return tuple(_measure(code, export, still_open) for code in CODES)


def _measure(code: str, export: Export, still_open: Iterable[Placed]) -> Measure:
    if cannot := _cannot(code, export):
        return Measure(code, cannot=cannot)
    test = _TESTS[code]
    return Measure(code, tuple(placed for placed in still_open if test(placed.lead, export.as_of)))


def _cannot(code: str, export: Export) -> str:
    """Why a list cannot be made; empty when it can."""
    has, seen = export.columns.has, export.seen
    if code == "contract_unsigned":
        if not (has("contract_sent", "contract_status") or "contract sent" in seen):
            return lacks("contract_sent")
        knows = has("contract_signed", "contract_status") or seen & {"contract sent", "signed"}
        return "" if knows else lacks("contract_signed")
    if code == "not_acknowledged":
        if not (has("appointment", "appointment_status") or "booked" in seen):
            return lacks("appointment")
        return "" if has("confirmed", "appointment_status") or "confirmed" in seen else lacks("confirmed")
    if code == "no_slot":
        if not has("status"):
            return lacks("status")
        return "" if "interested" in seen else "no status word says that somebody is interested, such as Interested"
    if code == "no_next_action":
        return "" if has("next_action", "next_due") else lacks("next_action")
    needed = {"no_owner": ("owner",), "no_due_date": ("next_action", "next_due"), "overdue": ("next_due",)}
    missing = [field for field in needed.get(code, ("estimate_sent",)) if not has(field)]
    return lacks(missing[0]) if missing else ""


def _without_slot(lead: ExportLead, now: datetime) -> bool:
    further = is_contract_sent(lead, now) or is_estimate_sent(lead, now) or _is_agreed(lead, now)
    return "interested" in lead.says and not (further or _has_slot(lead, now))


def _has_slot(lead: ExportLead, now: datetime) -> bool:
    return is_booked(lead, now) or has_callback(lead, now)


def _is_agreed(lead: ExportLead, now: datetime) -> bool:
    return is_signed(lead, now) or is_paid(lead, now)


def _without_next_action(lead: ExportLead, now: datetime) -> bool:
    return not (lead.next_action or lead.next_due or _has_slot(lead, now))


def _is_old(sent: Moment, now: datetime) -> bool:
    return sent.at + WEEK < now if sent.timed else (now.date() - sent.at.date()) > WEEK


def _old_estimate(lead: ExportLead, now: datetime) -> bool:
    sent = lead.estimate_sent.at if lead.estimate_sent and lead.estimate_sent.yes else None
    return sent is not None and _is_old(sent, now) and not ("estimate over" in lead.says or _is_agreed(lead, now))


_TESTS: dict[str, Callable[[ExportLead, datetime], bool]] = {
    "contract_unsigned": lambda lead, now: is_contract_sent(lead, now) and not is_signed(lead, now),
    "not_acknowledged": lambda lead, now: is_booked(lead, now) and not is_acknowledged(lead, now),
    "no_slot": _without_slot,
    "no_owner": lambda lead, _: not lead.owner,
    "no_next_action": _without_next_action,
    "no_due_date": lambda lead, _: bool(lead.next_action) and lead.next_due is None,
    "overdue": lambda lead, now: lead.next_due is not None and lead.next_due.is_over(now),
    "old_estimates": _old_estimate,
}
