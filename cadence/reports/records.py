"""What is known of each lead beside its log, as far as numbers need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cadence.store import chronicle
from cadence.store.entries import read_json

if TYPE_CHECKING:
    from cadence.store.session import Session

__all__ = ["Record", "dollars", "read_records"]


@dataclass(frozen=True, slots=True)
class Record:
    """One lead's."""

    source: str = ""  #: where it came from
    value: float = 0.0  #: what its job may be worth, in dollars; 0: not known


def read_records(session: Session, account: str) -> dict[str, Record]:
    """Read what is known of every lead."""
    found = {}
    for lead, kept in chronicle.records(session, account):
        attributes = read_json(kept)
        found[lead] = Record(str(attributes.get("source") or ""), dollars(attributes.get("value")))
    return found


def dollars(given: Any) -> float:
    """Read what somebody wrote as an amount: ``8400``, ``$8,400.00``; 0 when it is none."""
    try:
        amount = float(str(given).replace("$", "").replace(",", ""))
    except ValueError:
        return 0.0
    return amount if 0 < amount < 1e12 else 0.0
