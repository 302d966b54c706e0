"""Touches nobody knows the outcome of: what a dead tick left in hand, and calls whose answer was lost.

Never sent again blindly. The provider is asked, once what went must surely be found there; what cannot be found
out is left to a person.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.channels.channel import Absent, Accepted, Found, Lost, NotNow, Unsure
from cadence.runner import journal
from cadence.runner.holder import is_surely_gone
from cadence.runner.results import ABSENT, as_outgoing, record_results
from cadence.store import outbox
from cadence.store.columns import Damaged
from cadence.store.states import CLAIMED, SENT, UNKNOWN, WAITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from cadence.channels.channel import Channel, Finding, Result
    from cadence.store.outbox import Ending, OutboxRow
    from cadence.store.session import Session
    from cadence.store.store import Store

__all__ = ["LEASE", "Reconciled", "ask_at", "reconcile"]

LEASE = timedelta(seconds=120)  #: how long a claim is its tick's own; longer than any call may take
ASK_AGAIN = timedelta(minutes=5)  #: how long to wait when the provider could not answer the question
ASK_FOR = timedelta(hours=24)  #: so long after the call the provider is asked again; then a person must look
CLOCK_STEP = timedelta(seconds=1)  #: the store's clock tells whole seconds
INTERRUPTED = "interrupted"  #: code: the tick that had it in hand is gone
PAGE = 200
LONGEST_QUESTION = 30.0  #: seconds that a provider has to answer one
_NO_ANSWER = Unsure("no_answer", again=True)


@dataclass(slots=True)
class Reconciled:
    """What was found out."""

    interrupted: int = 0  #: claims that a dead tick left
    gone: int = 0  #: unknown touches that the provider has
    again: int = 0  #: unknown touches that the provider surely does not have: they are tried again
    left: list[str] = field(default_factory=list)  #: keys of touches left to a person, found now
    damaged: list[str] = field(default_factory=list)  #: keys of touches whose rows cannot be read


def ask_at(channel: Channel | None, row: OutboxRow, clock: datetime) -> datetime:
    """Tell when a channel may be asked about a message that is found at ``clock`` to have lost its answer.

    Never, when it is not there to ask. What went must be visible by then even if the clock has been set since the
    claim: put forth, the call may be going on at this moment; put back, the claim lies in what is now the future.
    """
    if channel is None:
        return outbox.NEVER
    patience = channel.begins_within + channel.visible_after
    called = min(row.called_at or clock, clock)
    return max(called + _whole_seconds(patience), clock + _whole_seconds(channel.visible_after))


def _whole_seconds(patience: timedelta) -> timedelta:
    """Round up, by one more for a claim that may have been made late in its second."""
    return (-(-patience // CLOCK_STEP) + bool(patience)) * CLOCK_STEP


def reconcile(
    store: Store, account: str, channels: Mapping[str, Channel], now: datetime, *, lease: timedelta = LEASE
) -> Reconciled:
    """Find out what can be found out by now. ``now`` goes into the log; leases run by the store's clock."""
    done = Reconciled()
    with store.read() as session:
        clock = session.clock()
        rows = _open_rows(session, account, done)
    lost = [row for row in rows if row.state == CLAIMED and _is_lost(row, clock, lease)]
    for page in _pages(lost):
        with store.write() as session:
            asks = {row.touch_key: ask_at(channels.get(row.channel), row, clock) for row in page}
            results = [(row, Lost(INTERRUPTED, "its tick was interrupted")) for row in page]
            kept = record_results(session, account, results, now, ask_at=asks)
            done.interrupted += len(kept)
            _tell(kept)
            done.left += [row.touch_key for row, ending in kept if ending.check_at == outbox.NEVER]
    _put_right(store, account, channels, clock, [row for row in rows if row.state == UNKNOWN])
    with store.read() as session:
        rows = [row for row in _open_rows(session, account, done) if row.state == UNKNOWN and _is_due(row, clock)]
    for name in sorted({row.channel for row in rows}):
        channel = channels.get(name)
        told = [row for row in rows if row.channel == name and row.delivery]  # there is a receipt: the provider has it
        for page in _pages(told):
            with store.write() as session:
                _record(session, account, done, [(row, Found(row.provider_id)) for row in page], now, clock)
        for page in _pages([row for row in rows if row.channel == name and not row.delivery]):
            findings = _ask(channel, page) if channel else [Unsure("no_channel")] * len(page)
            with store.write() as session:
                _record(session, account, done, list(zip(page, findings, strict=True)), now, clock)
            if findings[0] == _NO_ANSWER:
                break  # the other pages are asked about by a later tick
    return done


def _open_rows(session: Session, account: str, done: Reconciled) -> list[OutboxRow]:
    """Read what somebody must look at again; rows that cannot be read are told by their keys."""
    rows: list[OutboxRow] = []
    try:
        while page := outbox.open_rows(session, account, after=rows[-1] if rows else None):
            rows += page
    except Damaged:
        rows, done.damaged = [], []
        for key in outbox.open_keys(session, account):
            try:
                row = outbox.get(session, account, key)
            except Damaged:
                done.damaged.append(key)
            else:
                rows += [row] if row else []
    return rows


def _is_lost(row: OutboxRow, clock: datetime, lease: timedelta) -> bool:
    """Tell whether a claim is nobody's any more; one that runs too far ahead is of a clock since put back."""
    until = row.check_at or clock
    return until <= clock or until > clock + 2 * lease or is_surely_gone(row.holder)


def _put_right(
    store: Store, account: str, channels: Mapping[str, Channel], clock: datetime, rows: Sequence[OutboxRow]
) -> None:
    """Ask before long about what a clock that has since been put back had put off for longer than any question is."""
    latest = {row.touch_key: max(ask_at(channels.get(row.channel), row, clock), clock + ASK_AGAIN) for row in rows}
    far = [row.touch_key for row in rows if row.check_at and latest[row.touch_key] < row.check_at < outbox.NEVER]
    if far:
        with store.write() as session:
            outbox.ask_later(session, account, {key: latest[key] for key in far})


def _is_due(row: OutboxRow, clock: datetime) -> bool:
    return row.check_at is not None and row.check_at <= clock


def _ask(channel: Channel, rows: Sequence[OutboxRow]) -> Sequence[Finding]:
    """Ask, and wait for an answer as long as is reasonable; a question that hangs dies with the program."""
    answers: queue.SimpleQueue[Sequence[Finding]] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(_answer(channel, rows)), daemon=True).start()
    try:
        return answers.get(timeout=LONGEST_QUESTION)
    except queue.Empty:
        return [_NO_ANSWER] * len(rows)


def _answer(channel: Channel, rows: Sequence[OutboxRow]) -> Sequence[Finding]:
    try:
        findings = channel.look_up([as_outgoing(row) for row in rows])
    except Exception as error:  # noqa: BLE001 - the question failed, whatever it was; it is asked again
        return [Unsure(type(error).__name__, again=True)] * len(rows)
    return findings if len(findings) == len(rows) else [Unsure("findings")] * len(rows)


def _record(
    session: Session,
    account: str,
    done: Reconciled,
    found: Sequence[tuple[OutboxRow, Finding]],
    now: datetime,
    clock: datetime,
) -> None:
    results: list[tuple[OutboxRow, Result]] = []
    later: dict[str, datetime] = {}
    left: list[OutboxRow] = []
    for row, finding in found:
        if isinstance(finding, Found):
            results.append((row, Accepted(finding.provider_id)))
        elif isinstance(finding, Absent):
            results.append((row, NotNow(ABSENT, "the provider does not have it")))
        elif finding.again and clock < (row.called_at or clock) + ASK_FOR:
            later[row.touch_key] = clock + ASK_AGAIN
        else:
            later[row.touch_key] = outbox.NEVER
            left.append(row)
    kept = record_results(session, account, results, now)
    asked = {row.touch_key: (UNKNOWN, row.attempts) for row, _ in found}
    standing = outbox.standing(session, account, later)  # another tick may have got an answer, and sent anew
    later = {key: instant for key, instant in later.items() if standing.get(key) == asked[key]}
    left = [row for row in left if row.touch_key in later]
    outbox.ask_later(session, account, later)
    _tell(kept)
    done.again += sum(1 for _, ending in kept if ending.state == WAITS)
    done.gone += sum(1 for _, ending in kept if ending.state == SENT)
    done.left += [row.touch_key for row in left]


def _tell(kept: Sequence[tuple[OutboxRow, Ending]]) -> None:
    for row, ending in kept:
        journal.touch_reconciled(row, ending)


def _pages(rows: Sequence[OutboxRow]) -> Iterator[Sequence[OutboxRow]]:
    for start in range(0, len(rows), PAGE):
        yield rows[start : start + PAGE]
