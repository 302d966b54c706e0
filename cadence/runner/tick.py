"""A tick: find who is due, decide, claim, carry out, record. What is due costs; what is enrolled does not.

Any number of ticks may run at once. Each takes leads for itself, batch by batch: decision, claim and lease commit
together before anything is carried out, and the outcome commits after. See :mod:`cadence.store.states`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cadence.channels.channel import Accepted, NotNow
from cadence.channels.channel import Refused as RefusedByProvider
from cadence.channels.log import LogChannel
from cadence.engine.decide import decide
from cadence.engine.decision import Decision, Reason
from cadence.errors import Refused
from cadence.playbook.words import CHANNELS, MESSAGE_CHANNELS, PERSON_CHANNELS
from cadence.runner import journal
from cadence.runner.account import Account, load_book
from cadence.runner.brake import too_many
from cadence.runner.clock import TickClock, real_clock
from cadence.runner.deliver import NEWS, TOO_SLOW, Deliverer
from cadence.runner.holder import new_holder
from cadence.runner.ledger import read_states, save
from cadence.runner.publish import publish_edits
from cadence.runner.reconcile import LEASE, ask_at, reconcile
from cadence.runner.record import is_paused
from cadence.runner.report import BRAKED, DONE, FAILED, IDLE, PAUSED, TickReport
from cadence.runner.results import as_outgoing, record_results
from cadence.runner.rows import Lease, step_row
from cadence.runner.steps import Step, ignore
from cadence.runner.traffic import Traffic, traffic_of
from cadence.store import accounts, events, leads, outbox, tasks, ticks
from cadence.store.states import CLAIMED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from cadence.channels.channel import Channel, Outgoing, Result
    from cadence.engine.book import Book
    from cadence.playbook.compile import Plan
    from cadence.store.outbox import OutboxRow
    from cadence.store.session import Session

__all__ = ["BRAKED", "DONE", "FAILED", "IDLE", "PAUSED", "TickReport", "tick"]

BATCH = 100  #: leads decided in one transaction
BREATH = 0.002  #: seconds between batches in which others get at the database
LAST_WAIT = 30.0  #: seconds after its time in which a tick still waits for providers to answer
SET_ASIDE = timedelta(hours=1)  #: how long a lead that cannot be decided is left alone
SKEW = timedelta(minutes=5)  #: clocks of machines differ; so much earlier than the last tick is no going back
BREAKER = 5  #: calls of one channel that fail in a row, after which it is left alone
CONTRADICTIONS = (outbox.AlreadyClaimed, ValueError, TypeError)  #: one lead's data is to blame
REST = timedelta(minutes=1)  #: for so long


def tick(
    account: Account,
    now: datetime,
    *,
    clock: TickClock | None = None,
    channels: Mapping[str, Channel] | None = None,
    plans: dict[str, Plan] | None = None,
    release: bool = False,
    clock_is_right: bool = False,
    lease: timedelta = LEASE,
    watch: Callable[[Step], None] = ignore,
) -> TickReport:
    """Do everything that is due at ``now`` and, as time goes on by ``clock``, what becomes due meanwhile.

    ``channels`` are the ways out by name; left out, those of log mode. ``plans`` keeps compiled versions from one
    tick to the next. ``release`` takes off the brake; ``clock_is_right`` lets a tick judge by an earlier instant than
    the last one did. ``lease`` is how long a claim is the tick's own: longer than any call may take; the same for all
    ticks. ``watch`` is told each step.

    InvalidWorkspace when the files have faults and nothing was ever published; Refused when the clock went back.
    """
    clock = clock or real_clock(now)
    report = TickReport(at=now, released=release)
    holder = new_holder()
    with account.store.write() as session:
        started = session.clock()
        accounts.ensure(session, account.name, now, mode=account.mode)
        _look_at_the_last_one(session, account.name, clock, report, clock_is_right=clock_is_right)
    try:
        _run(account, clock, holder, report, channels, {} if plans is None else plans, lease, watch)
    except BaseException:
        report.outcome = FAILED
        raise
    finally:
        with account.store.write() as session:
            _record(session, account.name, report, holder, started)
    return report


def _look_at_the_last_one(
    session: Session, account: str, clock: TickClock, report: TickReport, *, clock_is_right: bool
) -> None:
    """Never judge by an earlier instant than the last tick, and go on with what it was released for."""
    last = ticks.last(session, account)
    if last is None:
        return
    report.released = report.released or bool(last.counts.get("released") and last.counts.get("handed_on"))
    if clock.start >= last.at or clock_is_right:
        return
    if clock.start < last.at - SKEW:
        raise Refused(
            f"the last tick judged by {last.at:%Y-%m-%d %H:%M} UTC; this one would go back to "
            f"{clock.start:%Y-%m-%d %H:%M} UTC, and nothing was done",
            help="if the clock is right now and was wrong then, say so once with `cadence tick --clock-is-right`; "
            "otherwise set it right",
        )
    clock.start = report.at = last.at


def _run(
    account: Account,
    clock: TickClock,
    holder: str,
    report: TickReport,
    channels: Mapping[str, Channel] | None,
    plans: dict[str, Plan],
    lease: timedelta,
    watch: Callable[[Step], None],
) -> None:
    with account.store.write() as session:
        report.published = publish_edits(session, account.name, account.root, clock.now())
        paused = is_paused(session, account.name)
        book = load_book(session, account.name, plans)
    if channels is None:
        channels = dict.fromkeys(CHANNELS, LogChannel(account.log_file, _zone(book)))
    report.reconciled = reconcile(account.store, account.name, channels, clock.now(), lease=lease)
    if paused:
        report.outcome = PAUSED
        return
    workspace = next((plan.workspace for plan in book.current.values()), None)
    if (
        not report.released
        and workspace
        and too_many(account.store, account.name, book, clock.now(), workspace.max_per_tick)
    ):
        report.outcome, report.braked_at = BRAKED, workspace.max_per_tick
        return
    for channel in {id(each): each for each in channels.values()}.values():
        channel.ready()
    _Work(account, book, clock, holder, report, channels, traffic_of(workspace), lease, watch).go()


def _zone(book: Book) -> ZoneInfo:
    """Return the business's zone, for the times a person reads."""
    plan = next(iter(book.current.values()), None)
    return ZoneInfo(plan.workspace.business.timezone if plan else "UTC")


@dataclass(slots=True)
class _Work:
    """One tick at work: batch after batch until nobody is due or the time is up."""

    account: Account
    book: Book
    clock: TickClock
    holder: str
    report: TickReport
    channels: Mapping[str, Channel]
    traffic: Traffic
    lease: timedelta
    watch: Callable[[Step], None]
    deliverer: Deliverer = field(init=False)
    claimed_at: float = 0.0  #: when the latest claims were made, by ``time.monotonic``
    in_hand: dict[str, OutboxRow] = field(default_factory=dict)  #: claims that are being carried out, by touch key
    queued: set[str] = field(default_factory=set)  #: leads whose message waits for its sender's turn
    failures: dict[str, int] = field(default_factory=dict)  #: channel -> calls that failed in a row

    def __post_init__(self) -> None:
        self.deliverer = Deliverer(self.channels, still_good=self._still_good, watch=self.watch)

    def go(self) -> None:
        """Work."""
        while not self.clock.spent:
            self._record_results()
            due, slot = self._claim_batch()
            if due:
                time.sleep(BREATH)
            elif self.deliverer.in_hand:
                self._record_results(wait=0.2)
            elif slot is not None and slot < self.clock.end:
                self.clock.wait_until(slot)
            else:
                break
        self._end()

    def _end(self) -> None:
        """Wait a while for the last answers, and see what is left for the next tick."""
        deadline = time.monotonic() + LAST_WAIT
        while self.deliverer.in_hand and time.monotonic() < deadline:
            self._record_results(wait=0.2)
        self._record_results()
        self.report.in_hand = self.deliverer.in_hand
        with self.account.store.read() as session:
            due = leads.count_due(session, self.account.name, self.clock.now(), 1_000_000)
            self.report.handed_on = due + len(self.queued)
            self.report.next_wake = leads.next_wake(session, self.account.name)

    def _claim_batch(self) -> tuple[int, datetime | None]:
        """Decide the next leads that are due and hand over their messages.

        Returns how many were looked at and, when there were none, when a message that waits for its sender may go.
        """
        now, began = self.clock.now(), time.monotonic()
        with self.account.store.write() as session:
            due = leads.due(session, self.account.name, now, BATCH)
            if not due and leads.mend_wake(session, self.account.name, now):
                return 1, None
            if not due:
                return 0, leads.next_wake(session, self.account.name) if self.queued else None
            self.traffic.room, self.traffic.pace = self.deliverer.room(), self.deliverer.pace()
            self.traffic.load(session, self.account.name)
            decisions, claims = self._save_each(session, self._decide_each(session, due, now), now)
            self.traffic.save(session, self.account.name)
            self.watch(Step.BEFORE_CLAIM_COMMIT)
        for decision in decisions:
            self.report.count(decision)
        self.watch(Step.AFTER_CLAIM)
        self.in_hand.update((row.touch_key, row) for row in claims)
        journal.batch_done(leads=len(due), claims=len(claims), seconds=time.monotonic() - began)
        self.deliverer.submit([as_outgoing(row) for row in claims], self.claimed_at)
        return len(due), None

    def _decide_each(self, session: Session, due: Sequence[str], now: datetime) -> list[Decision]:
        """Decide each lead by itself: one that cannot be decided is set aside, said, and stops nobody else."""
        states, faults = read_states(session, self.account.name, due)
        decisions: list[Decision] = []
        for lead in due:
            if lead not in states:
                continue
            try:
                decision = decide(self.book, states[lead], now, traffic=self.traffic.at(now))
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one lead
                faults[lead] = error
                continue
            decisions.append(decision)
            self._count_traffic(decision, now)
        self._set_aside(session, faults, now)
        return decisions

    def _set_aside(self, session: Session, faults: Mapping[str, Exception], now: datetime) -> None:
        self.report.set_aside.update((lead, type(error).__name__) for lead, error in faults.items())
        leads.set_wake(session, self.account.name, dict.fromkeys(faults, now + SET_ASIDE))

    def _save_each(
        self, session: Session, decisions: Sequence[Decision], now: datetime
    ) -> tuple[Sequence[Decision], list[OutboxRow]]:
        """Write decisions down; where one of them cannot be written, each by itself, and that one is set aside.

        Returns what was written, and the claims that a channel must carry out.
        """
        self.watch(Step.BEFORE_CLAIM)
        self.claimed_at = time.monotonic()
        try:
            with session.savepoint():
                return decisions, self._save(session, decisions, now)
        except CONTRADICTIONS as error:
            if len(decisions) == 1:
                self._set_aside(session, {decisions[0].state.lead: error}, now)
                return [], []
        saved: list[Decision] = []
        claims: list[OutboxRow] = []
        for decision in decisions:
            written, its = self._save_each(session, [decision], now)
            saved += written
            claims += its
        return saved, claims

    def _count_traffic(self, decision: Decision, now: datetime) -> None:
        self.queued.discard(decision.state.lead)
        for claim in decision.claims:
            if claim.verdict.channel in MESSAGE_CHANNELS:
                self.traffic.spend(claim.verdict.channel, now)
        for wait in decision.waits:
            if wait.reason is Reason.RATE:
                self.traffic.hold(wait.touch.channel, now)
                self.queued.add(decision.state.lead)

    def _save(self, session: Session, decisions: Sequence[Decision], now: datetime) -> list[OutboxRow]:
        """Write decisions down, all or none; return the claims that a channel must carry out."""
        clock = session.clock()
        lease = Lease(holder=self.holder, since=clock, until=clock + self.lease)
        rows = save(session, self.account.name, decisions, now, lease)
        names = {each.state.lead: str(each.state.record.get("name") or each.state.lead) for each in decisions}
        claims = {claim.verdict.key: claim for each in decisions for claim in each.claims}
        steps = [row for row in rows if row.channel in PERSON_CHANNELS]
        tasks.add(
            session,
            self.account.name,
            [step_row(claims[row.touch_key], _step_title(row, names), now) for row in steps],
        )
        done = record_results(session, self.account.name, [(row, Accepted()) for row in steps], now)
        for row, ending in done:
            self.report.settle(row, ending)
        return [row for row in rows if row.channel not in PERSON_CHANNELS]

    def _record_results(self, wait: float = 0.0) -> None:
        """Write down what channels have answered."""
        results = self.deliverer.results(wait)
        if not results:
            return
        now = self.clock.now()
        pairs = [(self.in_hand.pop(message.key), result) for message, result in results]
        with self.account.store.write() as session:
            clock = session.clock()
            asks = {row.touch_key: ask_at(self.channels.get(row.channel), row, clock) for row, _ in pairs}
            kept = record_results(session, self.account.name, pairs, now, ask_at=asks)
            self.watch(Step.BEFORE_COMMIT)
        self.watch(Step.AFTER_COMMIT)
        for row, ending in kept:
            journal.touch_settled(row, ending)
            self.report.settle(row, ending)
            if ending.check_at == outbox.NEVER:
                self.report.reconciled.left.append(row.touch_key)
        for row, result in pairs:
            self._mind(row.channel, result, now)

    def _mind(self, channel: str, result: Result, now: datetime) -> None:
        """Leave a channel alone whose provider asks for patience, or that fails again and again."""
        if isinstance(result, NotNow) and result.after:
            self.traffic.halts[channel] = now + result.after
        if isinstance(result, Accepted | RefusedByProvider):
            self.failures[channel] = 0
        elif result.code not in (NEWS, TOO_SLOW):
            self.failures[channel] = self.failures.get(channel, 0) + 1
            if self.failures[channel] >= BREAKER:
                self.traffic.halts[channel] = max(self.traffic.halts.get(channel, now), now + REST)

    def _still_good(self, messages: Sequence[Outgoing]) -> set[str]:
        """Tell which messages may still go: claimed by this attempt, and nothing was learned of the lead since."""
        with self.account.store.read() as session:
            known = outbox.standing(session, self.account.name, [message.key for message in messages])
            news = events.with_news(session, self.account.name, {message.lead for message in messages})
        return {
            message.key
            for message in messages
            if known.get(message.key) == (CLAIMED, message.attempt) and message.lead not in news
        }


def _step_title(row: OutboxRow, names: dict[str, str]) -> str:
    verb = "Call" if row.channel == "call" else "See to"
    return f"{verb} {names[row.lead]}: {row.touch.replace('-', ' ')}"


def _record(session: Session, account: str, report: TickReport, holder: str, started: datetime) -> None:
    finished = max(session.clock(), started)
    counts = {name: value for name, value in report.counts().items() if value}
    if report.outcome == DONE and not counts:
        ticks.record_idle(session, account, holder=holder, started_at=started, finished_at=finished, at=report.at)
        return
    row = ticks.TickRow(
        started_at=started,
        finished_at=finished,
        at=report.at,
        holder=holder,
        outcome=report.outcome,
        counts=counts,
    )
    ticks.record(session, account, row)
