"""What becomes of attempts, written down: the log entry and the outbox row together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from cadence.channels.channel import Accepted, Lost, NotNow, Outgoing, Refused, Result
from cadence.engine.decide import touch_entry
from cadence.engine.decision import Reason
from cadence.engine.events import Decided, instant_text
from cadence.inbox.message import Receipt, to_data
from cadence.playbook.words import MESSAGE_CHANNELS
from cadence.runner.deliver import NEWS, RESTING, TOO_SLOW
from cadence.runner.rows import mail_key
from cadence.store import alerts, enrolments, events, halts, inbound, leads, outbox
from cadence.store.states import FAILED, SENT, STOPPED, UNKNOWN, WAITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cadence.engine.events import Event
    from cadence.store.outbox import OutboxRow
    from cadence.store.session import Session

__all__ = ["ABSENT", "MOST_TRIES", "PERSON", "Beside", "as_outgoing", "record_results", "retry_at"]

MOST_TRIES = 8  #: calls of one touch that surely did not go; then a person must see to it
_FIRST_RETRY, _LONGEST_RETRY = timedelta(minutes=1), timedelta(minutes=30)
ABSENT = "absent"  #: code: the provider surely does not have it
PERSON = "person"  #: code: a person looked, and it did not go
_NOT_CALLED = (NEWS, RESTING, TOO_SLOW)  #: codes of attempts that were taken back before any call
_UNCOUNTED = (*_NOT_CALLED, PERSON)  #: codes of attempts that do not bring a message nearer to being given up
_AT_ONCE = (*_UNCOUNTED, ABSENT)  #: codes of attempts that are simply judged anew
_ENTRIES = {SENT: Decided.TOUCH_SENT, FAILED: Decided.TOUCH_FAILED, UNKNOWN: Decided.TOUCH_UNKNOWN}


def record_results(
    session: Session,
    account: str,
    results: Sequence[tuple[OutboxRow, Result]],
    now: datetime,
    *,
    ask_at: Mapping[str, datetime] | None = None,
) -> list[tuple[OutboxRow, outbox.Ending]]:
    """Record results at ``now``; return what was recorded.

    ``ask_at`` tells when the provider may be asked about a message whose answer was lost; a message that is not in
    it is left to a person. A result that comes too late to matter is left out: see :func:`outbox.settle`.
    """
    leads.lock(session, account, {row.lead for row, _ in results if row.lead})
    alerts.lock(session, account, {row.touch_key for row, _ in results if row.to_colleague})
    asks = ask_at or {}
    until = {row.touch_key: _next_try(row, result, now) for row, result in results}
    endings = {row.touch_key: _ending(row, result, now, asks.get(row.touch_key)) for row, result in results}
    settled = set(outbox.settle(session, account, list(endings.values())))
    kept = [(row, endings[row.touch_key]) for row, _ in results if row.touch_key in settled]
    of_touches = [(row, ending) for row, ending in kept if not row.to_colleague]
    entries: dict[str, list[Event]] = {}
    for row, ending in of_touches:
        entries.setdefault(row.lead, []).append(_entry(row, ending, now, until[row.touch_key]))
    events.append(session, account, entries)
    alerts.settle(session, account, _of_alerts(kept, until))
    _say_what_follows(session, account, kept, {row.touch_key: result for row, result in results}, now)
    waiting = [row for row, ending in of_touches if ending.state == WAITS]
    unreachable = [row for row, ending in of_touches if ending.reason == Reason.DEAD_ADDRESS.code]
    leads.wake_by(session, account, {row.lead: until[row.touch_key] for row in (*waiting, *unreachable)})
    _end_what_was_left(session, account, waiting, now)
    return kept


def _of_alerts(
    kept: Sequence[tuple[OutboxRow, outbox.Ending]], until: Mapping[str, datetime]
) -> dict[str, tuple[str, datetime | None]]:
    """Tell how the alerts stand that messages to colleagues carry; those in doubt stay with their message."""
    return {
        row.touch_key: (_ALERTS[ending.state], until[row.touch_key] if ending.state == WAITS else None)
        for row, ending in kept
        if row.to_colleague
    }


_ALERTS = {SENT: alerts.SENT, FAILED: alerts.FAILED, WAITS: alerts.WAITS, UNKNOWN: alerts.TAKEN}


def _say_what_follows(
    session: Session,
    account: str,
    kept: Sequence[tuple[OutboxRow, outbox.Ending]],
    results: Mapping[str, Result],
    now: datetime,
) -> None:
    """Tell, as if the provider had told it, of an address that is dead or opted out; halt a channel that must be.

    A colleague's address is no lead's: that nothing reaches it is said to a person, and nothing else follows.
    """
    told = []
    for row, _ in kept:
        result = results[row.touch_key]
        if isinstance(result, Refused) and result.because in _RECEIPTS and _is_a_leads(row):
            told.append(_receipt(row, result, now))
        elif isinstance(result, NotNow) and result.halt:
            reason = halts.HaltRow(channel=row.channel, code=result.code, detail=result.detail, since=now)
            halts.halt(session, account, reason)
    inbound.keep(session, account, told)


_RECEIPTS: Mapping[str, Literal["bounced", "opted_out"]] = {"address": "bounced", "opt_out": "opted_out"}


def _is_a_leads(row: OutboxRow) -> bool:
    return row.channel in MESSAGE_CHANNELS and not row.to_colleague


def _receipt(row: OutboxRow, result: Refused, now: datetime) -> inbound.InboundRow:
    receipt = Receipt(
        source="sending",
        key=f"{row.touch_key}/{row.attempts}",
        at=now,
        channel=row.channel,  # type: ignore[arg-type]
        status=_RECEIPTS[result.because],
        address=mail_key(row.address),
        code=result.code,
        detail=result.detail,
    )
    kind, data = to_data(receipt)
    return inbound.InboundRow(source=receipt.source, key=receipt.key, kind=kind, at=now, received_at=now, data=data)


def retry_at(touch_key: str, tries: int, now: datetime, after: timedelta | None = None) -> datetime:
    """Return when what did not go is tried again: twice as long each time, a little apart for each touch."""
    pause = min(_FIRST_RETRY * 2 ** (tries - 1), _LONGEST_RETRY)
    spread = int.from_bytes(hashlib.sha256(f"{touch_key}/{tries}".encode()).digest()[:2]) / 65536
    seconds = max(pause * (0.9 + 0.2 * spread), after or timedelta(0)) // timedelta(seconds=1)
    return now + timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What goes with a message and does not stand in its row."""

    reply_handle: str = ""
    thread: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


_NOTHING = Beside()


def as_outgoing(row: OutboxRow, beside: Beside = _NOTHING) -> Outgoing:
    """Return the message that an outbox row holds."""
    return Outgoing(
        key=row.touch_key,
        attempt=row.attempts,
        lead=row.lead,
        channel=row.channel,
        to=row.address,
        subject=row.subject,
        body=row.body,
        at=row.decided_at,
        called_at=row.called_at or row.decided_at,
        until=row.good_until,
        handle=row.handle,
        reply_handle=beside.reply_handle,
        thread=beside.thread,
        data=beside.data,
    )


def _end_what_was_left(session: Session, account: str, waiting: Sequence[OutboxRow], now: datetime) -> None:
    """End those of ``waiting`` whose lead went on to another stage while they were on their way.

    Nobody looks at the touches of a visit that is over; what was tried again there would wait for ever.
    """
    if not waiting:
        return
    known = enrolments.of_leads(session, account, {row.lead for row in waiting})
    visits = {each.enrolment: each.visit for its in known.values() for each in its if not each.end}
    left = [row for row in waiting if visits.get(row.enrolment) != row.visit]
    outbox.insert_ended(
        session,
        account,
        [replace(row, state=STOPPED, reason=Reason.STAGE_LEFT.code, ended_at=now, check_at=None) for row in left],
    )
    entries: dict[str, list[Event]] = {}
    for row in left:
        data = {"touch": row.touch, "visit": row.visit, "channel": row.channel, "reason": Reason.STAGE_LEFT.code}
        entry = touch_entry(Decided.TOUCH_STOPPED, at=now, enrolment=row.enrolment, **data)
        entries.setdefault(row.lead, []).append(entry)
    events.append(session, account, entries)


def _ending(row: OutboxRow, result: Result, now: datetime, ask_at: datetime | None) -> outbox.Ending:
    values: dict[str, Any] = {"touch_key": row.touch_key, "attempts": row.attempts, "tries": row.tries}
    if isinstance(result, Accepted):
        return outbox.Ending(
            **values, state=SENT, reason=Reason.SENT.code, ended_at=now, detail=row.detail,
            provider_id=result.provider_id,
        )  # fmt: skip
    said = result.code + (f": {result.detail}" if result.detail else "")
    if isinstance(result, Lost):
        return outbox.Ending(
            **values, state=UNKNOWN, reason=Reason.LOST_ANSWER.code, ended_at=now, detail=said,
            check_at=ask_at or outbox.NEVER,
        )  # fmt: skip
    if isinstance(result, NotNow):
        values["tries"] = _tries(row, result)
        if values["tries"] < MOST_TRIES:
            return outbox.Ending(**values, state=WAITS, reason=Reason.RETRY.code, detail=said)
        said += f"; given up after {_tries(row, result)} tries"
    dead = isinstance(result, Refused) and result.because == "address"
    reason = Reason.DEAD_ADDRESS if dead else Reason.REFUSED
    return outbox.Ending(**values, state=FAILED, reason=reason.code, ended_at=now, detail=said)


def _next_try(row: OutboxRow, result: Result, now: datetime) -> datetime:
    if not isinstance(result, NotNow) or result.code in _AT_ONCE:
        return now
    return retry_at(row.touch_key, _tries(row, result), now, result.after)


def _tries(row: OutboxRow, result: NotNow) -> int:
    """Count the calls that surely did not go, this one included."""
    return row.tries + (result.code not in _UNCOUNTED)


def _entry(row: OutboxRow, ending: outbox.Ending, now: datetime, until: datetime) -> Event:
    data: dict[str, Any] = {"touch": row.touch, "visit": row.visit, "channel": row.channel}
    if ending.state == WAITS:
        data.update(attempt=row.attempts, tries=ending.tries, until=instant_text(until), code=ending.detail)
        return touch_entry(Decided.TOUCH_DEFERRED, at=now, enrolment=row.enrolment, **data)
    if ending.state == FAILED:
        data.update(reason=ending.reason, detail=ending.detail)
    return touch_entry(_ENTRIES[ending.state], at=now, enrolment=row.enrolment, **data)
