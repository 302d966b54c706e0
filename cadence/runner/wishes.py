"""The ledger follows the log: whoever asks us to stop, or comes back, does so with every address we know.

A dead address goes into it too. The log tells the lead's story; the ledger holds for whoever has the address next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.store import suppressions
from cadence.store.suppressions import ALL, RETURNED, SUPPRESSED, SuppressionRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from cadence.engine.events import Event
    from cadence.engine.state import LeadState
    from cadence.store.session import Session

__all__ = ["know_suppressed", "note_wish"]

_REASONS = {"opt_out": "opt_out", "message.bounced": "dead"}


def know_suppressed(session: Session, account: str, states: Collection[LeadState]) -> None:
    """Tell states which addresses of theirs nothing may go to."""
    whose: dict[str, list[LeadState]] = {}
    for state in states:
        for address in _addresses(state.record):
            whose.setdefault(address, []).append(state)
    for (channel, address), row in suppressions.standing(session, account, whose).items():
        for state in whose[address]:
            state.suppressed = {**state.suppressed, (channel, address): row.reason}


def note_wish(session: Session, account: str, state: LeadState, fact: Event) -> None:
    """Write down what a fact about a known lead means for its addresses; most facts mean nothing."""
    if fact.type in ("opt_out", "opt_in", "message.bounced"):
        suppressions.add(session, account, list(_rows(state, fact)))


def _rows(state: LeadState, fact: Event) -> Iterator[SuppressionRow]:
    only, came_by = str(fact.data.get("only", "")), str(fact.data.get("channel", ""))
    own = str(fact.data.get("address", ""))
    if fact.type == "message.bounced":
        if own:
            yield _row(state, fact, own, came_by or ALL)
    elif fact.type == "opt_in":
        address = own or _address(state.record, only or came_by)
        for each in [address] if address else _addresses(state.record):
            yield _row(state, fact, each, ALL)
    elif only:
        address = own or _address(state.record, only)
        if address:
            yield _row(state, fact, address, only)
    else:
        for each in dict.fromkeys([*([own] if own else ()), *_addresses(state.record)]):
            yield _row(state, fact, each, ALL)


def _row(state: LeadState, fact: Event, address: str, channel: str) -> SuppressionRow:
    return SuppressionRow(
        address=address,
        channel=channel,
        standing=RETURNED if fact.type == "opt_in" else SUPPRESSED,
        reason=str(fact.data.get("reason") or _REASONS.get(fact.type, "person")),
        source=str(fact.data.get("source") or fact.data.get("channel") or fact.actor),
        detail=str(fact.data.get("text", "")),
        lead=state.lead,
        at=_whole(fact.at),
        recorded_at=_whole(fact.recorded_at),
        key=f"{fact.key}/{channel}/{address}" if fact.key else "",
    )


def _address(record: Mapping[str, object], channel: str) -> str:
    return _mail(record) if channel == "email" else str(record.get("phone") or "")


def _addresses(record: Mapping[str, object]) -> list[str]:
    return [address for address in (str(record.get("phone") or ""), _mail(record)) if address]


def _mail(record: Mapping[str, object]) -> str:
    return str(record.get("email") or "").casefold()


def _whole(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)
