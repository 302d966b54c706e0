"""A tick at work: batch after batch, each decided, claimed, carried out and recorded.

Decision, claim and lease commit together before anything is carried out, and the outcome commits after.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.channels.channel import Accepted
from cadence.engine.decide import decide
from cadence.engine.decision import Reason
from cadence.errors import StoreError
from cadence.playbook.words import PERSON_CHANNELS
from cadence.runner import journal
from cadence.runner.account import load_book
from cadence.runner.alerting.claim import claim_alerts, plan_in_force
from cadence.runner.beside import beside_of
from cadence.runner.deliver import Deliverer
from cadence.runner.hearing.confirm import claim_confirmations
from cadence.runner.hearing.hear import handle_open
from cadence.runner.ledger import read_states, save
from cadence.runner.recheck import still_good
from cadence.runner.reconcile import ask_at
from cadence.runner.results import Beside, as_outgoing, record_results
from cadence.runner.rows import Lease, step_row
from cadence.runner.sharing import read_roster
from cadence.runner.steps import Step
from cadence.store import alerts, halts, inbound, leads, outbox, tasks, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from cadence.channels.channel import Channel, Outgoing, Result
    from cadence.engine.book import Book
    from cadence.engine.decision import Decision
    from cadence.runner.account import Account
    from cadence.runner.clock import TickClock
    from cadence.runner.hearing.ear import Ear
    from cadence.runner.report import TickReport
    from cadence.runner.traffic import Traffic
    from cadence.store.outbox import OutboxRow
    from cadence.store.session import Session

__all__ = ["Work"]

BATCH = 100  #: leads decided in one transaction
BREATH = 0.002  #: seconds between batches in which others get at the database
SET_ASIDE = timedelta(hours=1)  #: how long a lead that cannot be decided is left alone
RECORD_AGAIN = (0.5, 1.0, 2.0)  #: seconds between tries to record answers
CONTRADICTIONS = (outbox.AlreadyClaimed, ValueError, TypeError)  #: one lead's data is to blame


@dataclass(slots=True)
class Work:
    """One tick at work: batch after batch until nobody is due or the time is up."""

    account: Account
    clock: TickClock
    holder: str
    report: TickReport
    lease: timedelta
    watch: Callable[[Step], None]
    book: Book = field(init=False)
    channels: Mapping[str, Channel] = field(init=False)
    traffic: Traffic = field(init=False)
    deliverer: Deliverer = field(init=False)
    ear: Ear | None = None  #: hears what comes in meanwhile; None: nothing was ever published
    claimed_at: float = 0.0  #: when the latest claims were made, by ``time.monotonic``
    in_hand: dict[str, OutboxRow] = field(default_factory=dict)  #: claims that are being carried out, by touch key
    confirmations: set[str] = field(default_factory=set)  #: claims that a STOP does not stop: they confirm it
    beside: dict[str, Beside] = field(default_factory=dict)  #: what goes with claims not yet handed over
    hold: Callable[[], None] | None = None  #: holds what reviews are due, once leads stand as they stand now
    queued: dict[str, datetime] = field(default_factory=dict)  #: leads whose message waits for its sender's turn

    def go(self, book: Book, channels: Mapping[str, Channel], traffic: Traffic) -> None:
        """Do what is due, and what becomes due meanwhile, until nobody is or the time is up."""
        self.book, self.channels, self.traffic = book, channels, traffic
        self.deliverer = Deliverer(channels, still_good=self._still_good, watch=self.watch)
        self._confirm_opt_outs()
        self._tell_colleagues()
        while not self.clock.spent:
            self._record_results()
            due, slot = self._claim_batch()
            if not due and self.hold:
                self.hold()
                self.hold = None
            told, free_at = self._tell_colleagues() if not due else (0, None)
            slot = min((each for each in (slot, free_at) if each), default=None)
            if due or told:
                time.sleep(BREATH)
            elif self.deliverer.in_hand:
                self._record_results(wait=0.2)
            elif slot is not None and slot < self.clock.end:
                self.clock.wait_until(slot)
            else:
                break
        self._end()

    def _confirm_opt_outs(self) -> None:
        if self.ear is None or not self.ear.workspace.opt_out_confirmation:
            return
        with self.account.store.write() as session:
            rows = claim_confirmations(session, self.ear, self._lease(session))
        self.confirmations.update(row.touch_key for row in rows)
        self.in_hand.update((row.touch_key, row) for row in rows)
        self.deliverer.submit([as_outgoing(row) for row in rows], time.monotonic())

    def _tell_colleagues(self) -> tuple[int, datetime | None]:
        """Hand over what colleagues are to be told, one message to each.

        After the leads, so that what a tick finds out goes at once, and as one. Returns how many alerts were seen to
        and, when some wait for their channel, when that may be free.
        """
        plan, name, now, since = plan_in_force(self.book), self.account.name, self.clock.now(), time.monotonic()
        with self.account.store.write() as session:
            if plan is None or not alerts.is_any_due(session, name, now):
                return 0, None
            self.watch(Step.BEFORE_CLAIM)
            self.traffic.look(session, name, self.deliverer.room(), self.deliverer.pace())
            found = claim_alerts(session, name, plan, self.traffic, self._lease(session), now, self.report)
            self.traffic.save(session, name)
            self.watch(Step.BEFORE_CLAIM_COMMIT)
        self.watch(Step.AFTER_CLAIM)
        self.in_hand.update((row.touch_key, row) for row in found.rows)
        self.deliverer.submit([as_outgoing(row) for row in found.rows], since)
        return found.seen_to, found.free_at

    def _lease(self, session: Session) -> Lease:
        clock = session.clock()
        return Lease(
            holder=self.holder,
            since=clock,
            until=clock + self.lease,
            secret=self.account.secret,
            live=self.account.mode != "log",
        )

    def _end(self) -> None:
        """Wait a while for the last answers, and see what is left for the next tick."""
        deadline = time.monotonic() + self.clock.patience
        while self.deliverer.in_hand and time.monotonic() < deadline:
            self._hear_meanwhile()
            self._record_results(wait=0.2)
        self._record_results()
        self.report.in_hand = self.deliverer.in_hand
        with self.account.store.read() as session:
            now = self.clock.now()
            due = leads.count_due(session, self.account.name, now, 1_000_000)
            self.report.handed_on = due + sum(turn > now for turn in self.queued.values())
            self.report.next_wake = leads.next_wake(session, self.account.name)
            self.report.heard.open = inbound.count_open(session, self.account.name)
            stopped = halts.read(session, self.account.name).values()
            self.report.halted = {row.channel: f"{row.code}: {row.detail}" for row in stopped}

    def _claim_batch(self) -> tuple[int, datetime | None]:
        """Decide the next leads that are due and hand over their messages.

        Returns how many were looked at and, when there were none, when a message that waits for its sender may go.
        """
        now, began = self.clock.now(), time.monotonic()
        with self.account.store.write() as session:
            if self._hear(session, now):
                return 1, None
            due = leads.due(session, self.account.name, now, BATCH)
            if due:
                self._keep_up(session)
            if not due and leads.mend_wake(session, self.account.name, now):
                return 1, None
            if not due:
                return 0, leads.next_wake(session, self.account.name) if self.queued else None
            self.traffic.look(session, self.account.name, self.deliverer.room(), self.deliverer.pace())
            decisions, claims = self._save_each(session, self._decide_each(session, due, now), now)
            self.traffic.save(session, self.account.name)
            self.watch(Step.BEFORE_CLAIM_COMMIT)
        for decision in decisions:
            self.report.count(decision)
        self.watch(Step.AFTER_CLAIM)
        self.in_hand.update((row.touch_key, row) for row in claims)
        journal.batch_done(leads=len(due), claims=len(claims), seconds=time.monotonic() - began)
        messages = [as_outgoing(row, self.beside.pop(row.touch_key, Beside())) for row in claims]
        self.deliverer.submit(messages, self.claimed_at)
        return len(due), None

    def _keep_up(self, session: Session) -> None:
        """Follow what was published since the tick began; asked once it is settled who is due.

        Whoever was woken to follow it would else be decided by the version before, and sleep on.
        """
        in_force = {name: digest for name, (digest, _) in versions.current(session, self.account.name).items()}
        if in_force != {name: plan.digest for name, plan in self.book.current.items()}:
            known = (*self.book.current.values(), *self.book.older.values())
            self.book = load_book(session, self.account.name, {plan.digest: plan for plan in known})
            if self.ear:
                self.ear = replace(self.ear, book=self.book)

    def _hear(self, session: Session, now: datetime) -> bool:
        """Hear what came in since: what it says of a lead takes back messages that were not handed over yet.

        Tells whether there may be more, which must be heard before anything is decided.
        """
        return self.ear is not None and handle_open(session, replace(self.ear, now=now), self.report.heard)

    def _hear_meanwhile(self) -> None:
        """Hear what came in while nothing more is claimed, for the sake of messages that wait for a free hand."""
        with suppress(StoreError):  # it is heard by the next tick
            with self.account.store.read() as session:
                fresh = inbound.count_open(session, self.account.name) > len(self.report.heard.left)
            if fresh:
                with self.account.store.write() as session:
                    self._hear(session, self.clock.now())

    def _decide_each(self, session: Session, due: Sequence[str], now: datetime) -> list[Decision]:
        """Decide each lead by itself: one that cannot be decided is set aside, said, and stops nobody else."""
        states, faults = read_states(session, self.account.name, due)
        roster = read_roster(session, self.account.name)
        decisions: list[Decision] = []
        for lead in due:
            if lead not in states:
                continue
            try:
                decision = decide(self.book, states[lead], now, traffic=self.traffic.at(now), roster=roster)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one lead
                faults[lead] = error
                continue
            decisions.append(decision)
            roster.note(decision.events)
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
        self.queued.pop(decision.state.lead, None)
        for claim in decision.claims:
            if claim.verdict.channel not in PERSON_CHANNELS:
                self.traffic.spend(claim.verdict.channel, now)
        for wait in decision.waits:
            if wait.reason is Reason.RATE:
                self.traffic.hold(wait.touch.channel, now)
                self.queued[decision.state.lead] = decision.wake_at or now

    def _save(self, session: Session, decisions: Sequence[Decision], now: datetime) -> list[OutboxRow]:
        """Write decisions down, all or none; return the claims that a channel must carry out."""
        rows = save(session, self.account.name, self.book, decisions, now, self._lease(session))
        claims = {claim.verdict.key: claim for each in decisions for claim in each.claims}
        steps = [row for row in rows if row.channel in PERSON_CHANNELS]
        tasks.add(
            session,
            self.account.name,
            [step_row(claims[row.touch_key], now) for row in steps],
        )
        done = record_results(session, self.account.name, [(row, Accepted()) for row in steps], now)
        for row, ending in done:
            self.report.settle(row, ending)
        going = [row for row in rows if row.channel not in PERSON_CHANNELS]
        self.beside.update(beside_of(session, self.account, going, decisions))
        return going

    def _record_results(self, wait: float = 0.0) -> None:
        """Write down what channels have answered."""
        results = self.deliverer.results(wait)
        if not results:
            return
        now = self.clock.now()
        pairs = [(self.in_hand.pop(message.key), result) for message, result in results]
        kept = self._write_down(pairs, now)
        self.watch(Step.AFTER_COMMIT)
        for row, ending in kept:
            journal.touch_settled(row, ending)
            self.report.settle(row, ending)
            if ending.check_at == outbox.NEVER:
                self.report.reconciled.left.append(row.touch_key)
        for channel, rest in self.deliverer.rests():
            self.traffic.halts[channel] = max(self.traffic.halts.get(channel, now), now + rest)

    def _write_down(
        self, pairs: Sequence[tuple[OutboxRow, Result]], now: datetime
    ) -> list[tuple[OutboxRow, outbox.Ending]]:
        """Record answers, trying for a while when the database will not have them: what is lost must be asked about."""
        for pause in (*RECORD_AGAIN, None):
            try:
                with self.account.store.write() as session:
                    clock = session.clock()
                    asks = {row.touch_key: ask_at(self.channels.get(row.channel), row, clock) for row, _ in pairs}
                    kept = record_results(session, self.account.name, pairs, now, ask_at=asks)
                    self.watch(Step.BEFORE_COMMIT)
                return kept
            except StoreError:
                if pause is None:
                    raise
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _still_good(self, messages: Sequence[Outgoing]) -> set[str]:
        """Tell which messages may still go."""
        with self.account.store.read() as session:
            return still_good(session, self.account.name, messages, in_spite_of_news=self.confirmations)
