"""Addresses are put on the list of those not to be written to, and taken off it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cadence.errors import Refused
from cadence.runner.rows import mail_key
from cadence.store import accounts, leads, suppressions
from cadence.store.session import chunks
from cadence.store.suppressions import ALL, REASONS, RETURNED, SuppressionRow

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from cadence.leads.addresses import ListedAddress
    from cadence.store.session import Session

__all__ = ["Imported", "held", "import_addresses", "leads_at", "release", "suppress"]


@dataclass(slots=True)
class Imported:
    """What became of a list of addresses."""

    new: int = 0
    already: int = 0  #: nothing went to them before
    returned: list[ListedAddress] = field(default_factory=list)  #: came back after the list says they left


def suppress(session: Session, account: str, row: SuppressionRow) -> SuppressionRow | None:
    """Put an address on the list; return the entry that already bars all that ``row`` would, None when it was added."""
    accounts.ensure(session, account, row.recorded_at)
    before = held(session, account, [row.address])
    barred = before.get((ALL, row.address)) or before.get((row.channel, row.address))
    if barred is None:
        suppressions.add(session, account, [row])
    return barred


def release(session: Session, account: str, row: SuppressionRow) -> list[SuppressionRow]:
    """Take an address off the list; return the entries that end by it. Refused when there is none to end."""
    before = held(session, account, [row.address])
    ended = [each for (channel, _), each in before.items() if row.channel in (ALL, channel)]
    if not ended and before:
        others = ", ".join(sorted(channel for channel, _ in before))
        raise Refused(
            f"the address is not on the list for {row.channel}, it is for: {others}", help="leave --channel out"
        )
    if not ended:
        raise Refused("the address is not on the list", help="`cadence suppress list` shows who is")
    suppressions.add(session, account, [row])
    return ended


def import_addresses(
    session: Session, account: str, listed: Sequence[ListedAddress], source: str, now: datetime
) -> Imported:
    """Put a list of addresses on the list. Who is known to have come back since is left alone."""
    accounts.ensure(session, account, now)
    report = Imported()
    for part in chunks(listed):
        before = held(session, account, {each.address for each in part})
        back = _returned(session, account, [each for each in part if each.at])
        fresh: list[SuppressionRow] = []
        for each in part:
            if (ALL, each.address) in before or (each.channel, each.address) in before:
                report.already += 1
            elif each.at and any(at > each.at for at in back.get(each.address, ())):
                report.returned.append(each)
            else:
                row = _imported(each, source, now)
                before[row.channel, row.address] = row
                fresh.append(row)
        report.new += suppressions.add(session, account, fresh)
    return report


def held(session: Session, account: str, addresses: Collection[str]) -> dict[tuple[str, str], SuppressionRow]:
    """Tell what bars addresses now: (channel or ``all``, address) -> the entry that does."""
    return suppressions.standing(session, account, addresses)


def leads_at(session: Session, account: str, address: str) -> list[str]:
    """Name the leads that an address belongs to."""
    found = leads.find(session, account, phones=[address], emails=[mail_key(address)])
    return [row.lead for row in found]


def _returned(session: Session, account: str, listed: Sequence[ListedAddress]) -> dict[str, list[datetime]]:
    return {
        address: [row.at for row in suppressions.history(session, account, address) if row.standing == RETURNED]
        for address in {each.address for each in listed}
    }


def _imported(each: ListedAddress, source: str, now: datetime) -> SuppressionRow:
    known = each.reason in REASONS
    return SuppressionRow(
        address=each.address,
        channel=each.channel,
        reason=each.reason if known else "import",
        source=each.source or source,
        detail=each.detail if known or not each.reason else "; ".join(filter(None, (each.reason, each.detail))),
        at=each.at or now,
        recorded_at=now,
    )
