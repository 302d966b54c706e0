"""A receipt: what became of a message after its provider took it, or of an address.

Receipts come late, twice and out of order: the furthest one counts, and what follows from one follows once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cadence.channels.channel import Accepted
from cadence.engine.events import Event
from cadence.playbook.words import EVENTS
from cadence.runner.hearing.ear import Taken
from cadence.runner.record import record_fact, state_of
from cadence.runner.results import record_results
from cadence.store import alerts, deliveries, halts, handles, leads, suppressions
from cadence.store.halts import HaltRow
from cadence.store.states import UNKNOWN
from cadence.store.suppressions import ALL, RETURNED, SUPPRESSED, SuppressionRow

if TYPE_CHECKING:
    from cadence.inbox.message import Receipt
    from cadence.runner.hearing.ear import Ear
    from cadence.store.outbox import OutboxRow
    from cadence.store.session import Session

__all__ = ["RANKS", "hear_receipt"]

#: How far a message has got by each status; what comes later never leads back.
RANKS = {
    name: rank
    for rank, names in enumerate(
        (
            ("",),
            ("sent",),
            ("deferred",),
            ("expired", "undelivered", "blocked", "filtered"),
            ("delivered",),
            ("opened",),
            ("clicked",),
            ("bounced",),
            ("complained",),
            ("opted_out",),
        )
    )
    for name in names
}
_FACTS = {"bounced": "message.bounced", "complained": "opt_out", "opted_out": "opt_out", "returned": "opt_in"}
_LOOKS = {"opened": "message.opened", "clicked": "message.clicked"}  #: of a message of ours, or of nothing
_REASONS = {"bounced": "dead", "complained": "complaint", "opted_out": "opt_out", "returned": "opt_out"}
#: Statuses that tell whether a message has reached anybody.
_REACHED = {
    **dict.fromkeys(("delivered", "opened", "clicked"), True),
    **dict.fromkeys(("expired", "undelivered", "blocked", "filtered", "bounced", "opted_out"), False),
}
_ANYBODY = ("imap", "parse")  #: sources into which anybody can put a report
_CAN_WAIT = ("sent", "delivered", "undelivered", "bounced", "deferred", "blocked", "opened", "clicked", "expired")
OWN = "sending"  #: source of what the sending itself has shown
PATIENCE = timedelta(hours=24)  #: for so long a receipt waits for the message it is about


def hear_receipt(session: Session, ear: Ear, item: Receipt) -> Taken:
    """Record what became of a message, or of an address, with its consequences."""
    row = _message(session, ear.account, item)
    enrolment = handles.find(session, ear.account, item.handle) if item.handle and row is None else None
    if row is None and enrolment is None and not item.address:
        return _of_nothing_known(ear, item)
    if row is None and enrolment is None and item.source in _ANYBODY:
        return Taken(taken_as="not_ours", problem="a report of a mail that is none of ours: anybody can write one")
    if row is None and enrolment is None and _may_be_in_hand(session, ear, item):
        return Taken(taken_as="", later=True, problem="the message it is about is not known yet")
    lead = row.lead if row else enrolment[0] if enrolment else _of_address(session, ear.account, item)
    if row is None and lead and not (item.provider_id or item.handle or item.source == OWN):
        # a list tells whose it was, and not of which message
        row = deliveries.latest_to(session, ear.account, lead, item.channel, item.address, item.at)
    if row and row.to_colleague:
        alerts.lock(session, ear.account, [row.touch_key])  # before the message, as everybody does
    if row:
        _note(session, ear, item, row)
    if item.status == "filtered":
        detail = item.detail or "the provider takes our messages for spam, or the sender may not send"
        halts.halt(session, ear.account, HaltRow(channel=item.channel, code=item.code, detail=detail, since=ear.now))
    if row and row.to_colleague:
        _note_alerts(session, ear.account, item, row)
    elif item.status in _FACTS and not _of_rehearsal(ear, item):
        _follow(session, ear, item, row, lead)
    elif item.status in _LOOKS and row:
        _note_look(session, ear, item, row)
    return Taken(taken_as=item.status, lead=lead, because=f"{item.source} {item.code}".strip())


def _of_rehearsal(ear: Ear, item: Receipt) -> bool:
    """Tell whether it is about the one address that everything goes to in redirect mode, not about a person's own."""
    return bool(item.address) and item.address.casefold() == ear.redirect.get(item.channel, "").casefold()


def _message(session: Session, account: str, item: Receipt) -> OutboxRow | None:
    found = deliveries.find(session, account, handle=item.handle) if item.handle else None
    if found is None and item.provider_id:
        found = deliveries.find(session, account, provider_id=item.provider_id)
    return found


def _may_be_in_hand(session: Session, ear: Ear, item: Receipt) -> bool:
    """Tell whether it may be about a message whose provider has not answered yet: receipts overtake answers.

    What a person wishes is not put off: it is known whose it is.
    """
    if not item.provider_id or item.status not in _CAN_WAIT or ear.now - item.at >= PATIENCE:
        return False
    address = "" if _of_rehearsal(ear, item) else item.address
    return deliveries.is_in_hand(session, ear.account, item.channel, address)


def _of_nothing_known(ear: Ear, item: Receipt) -> Taken:
    """Wait for the message: its receipt may overtake the answer to its sending."""
    if ear.now - item.at < PATIENCE:
        return Taken(taken_as="", later=True, problem="the message it is about is not known yet")
    return Taken(taken_as=item.status, because="no message of ours", problem="no message of ours is meant")


def _note(session: Session, ear: Ear, item: Receipt, row: OutboxRow) -> None:
    if RANKS.get(item.status, 0) > RANKS.get(row.delivery, 0):
        at = min(item.at, ear.now).replace(microsecond=0)
        deliveries.note_delivery(session, ear.account, row.touch_key, item.status, at)
    if row.state == UNKNOWN:  # whatever became of it, the provider has it
        record_results(session, ear.account, [(row, Accepted(item.provider_id))], ear.now)


def _note_alerts(session: Session, account: str, item: Receipt, row: OutboxRow) -> None:
    """Note whether a colleague was reached: nothing else follows, for no lead and no address."""
    if RANKS.get(item.status, 0) > RANKS.get(row.delivery, 0) and item.status in _REACHED:
        state = alerts.SENT if _REACHED[item.status] else alerts.FAILED
        alerts.settle(session, account, {row.touch_key: (state, None)})


def _of_address(session: Session, account: str, item: Receipt) -> str:
    by = {"emails": [item.address]} if item.channel == "email" else {"phones": [item.address]}
    found = leads.find(session, account, **by)
    return found[0].lead if found else ""


def _follow(session: Session, ear: Ear, item: Receipt, row: OutboxRow | None, lead: str) -> None:
    """Record what a receipt means for its address, and for the person whose it is."""
    address = item.address or (row.address if row else "")
    kind = _FACTS[item.status]
    if not lead:
        suppressions.add(session, ear.account, [_ledger_row(ear, item, address)] if address else [])
        return
    state = state_of(session, ear.account, lead)
    if (kind == "opt_out" and state.opted_out(item.channel)) or (
        kind == "message.bounced" and state.barred(item.channel, address) == "dead"
    ):
        return
    fact = Event(
        type=kind,
        at=min(item.at, ear.now).replace(microsecond=0),
        recorded_at=ear.now,
        enrolment=row.enrolment if row and kind == "message.bounced" else "",
        actor=EVENTS[kind].actor.value,
        data=_data(ear, item, row, kind, address),
        key=f"{item.source}/{item.key}",
    )
    record_fact(session, ear.account, ear.book, lead, fact)


def _note_look(session: Session, ear: Ear, item: Receipt, row: OutboxRow) -> None:
    """Record that a message was opened, or a link in it followed."""
    told = {"channel": item.channel, "touch": row.touch, "text": item.detail}
    fact = Event(
        type=_LOOKS[item.status],
        at=min(item.at, ear.now).replace(microsecond=0),
        recorded_at=ear.now,
        enrolment=row.enrolment,
        actor=EVENTS[_LOOKS[item.status]].actor.value,
        data={name: value for name, value in told.items() if value},
        key=f"{item.source}/{item.key}",
    )
    record_fact(session, ear.account, ear.book, row.lead, fact)


def _data(ear: Ear, item: Receipt, row: OutboxRow | None, kind: str, address: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "channel": item.channel,
        "address": address,
        "source": f"{item.source} {item.code}".strip(),
        "text": item.detail,
        "reason": _REASONS[item.status],
    }
    if kind == "message.bounced":
        told.update(code=item.code, touch=row.touch if row else "")
    elif ear.workspace.opt_out == "channel":
        told["only"] = item.channel
    return {name: value for name, value in told.items() if value}


def _ledger_row(ear: Ear, item: Receipt, address: str) -> SuppressionRow:
    of_channel = item.status == "bounced" or ear.workspace.opt_out == "channel"
    return SuppressionRow(
        address=address,
        channel=item.channel if of_channel else ALL,
        standing=RETURNED if item.status == "returned" else SUPPRESSED,
        reason=_REASONS[item.status],
        source=f"{item.source} {item.code}".strip(),
        detail=item.detail,
        at=min(item.at, ear.now).replace(microsecond=0),
        recorded_at=ear.now,
        key=f"{item.source}/{item.key}",
    )
