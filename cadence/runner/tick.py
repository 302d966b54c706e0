"""A tick: find who is due, decide, claim, carry out, record. What is due costs; what is enrolled does not.

Claims commit before anything is carried out, outcomes after. A touch found claimed by a tick that is gone is
``unknown``: it may have gone, so it never goes again by itself.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cadence.channels.log import LogChannel
from cadence.engine.decide import carried_out, decide, touch_entry
from cadence.engine.decision import Claim, Decision, Outcome, Reason
from cadence.engine.events import Decided, Event
from cadence.engine.fold import fold
from cadence.errors import CadenceError, Refused
from cadence.playbook.words import PERSON_CHANNELS
from cadence.runner.account import Account, load_book, real_now
from cadence.runner.ledger import read_logs, save
from cadence.runner.publish import Published, publish_edits
from cadence.runner.record import is_paused
from cadence.runner.rows import step_row
from cadence.store import accounts, events, leads, outbox, tasks, ticks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from cadence.engine.book import Book
    from cadence.playbook.compile import Plan
    from cadence.store.session import Session

__all__ = ["BUSY", "DONE", "FAILED", "PAUSED", "TickReport", "tick"]

DONE, IDLE, BUSY, PAUSED, FAILED = "done", ticks.IDLE, "busy", "paused", "failed"
BATCH = 100  #: leads decided in one transaction
LEASE_SECONDS = 120
SET_ASIDE = timedelta(hours=1)  #: how long a lead that cannot be decided is left alone


@dataclass(slots=True, kw_only=True)
class TickReport:
    """What one tick did."""

    at: datetime  #: the instant it judged by
    outcome: str = DONE
    leads: int = 0  #: looked at
    sent: Counter[str] = field(default_factory=Counter)  #: by channel
    ended: Counter[str] = field(default_factory=Counter)  #: touches that ended otherwise, by reason
    unknown: int = 0  #: touches a dead tick left behind
    set_aside: dict[str, str] = field(default_factory=dict)  #: leads that could not be decided -> kind of error
    next_steps: int = 0  #: tasks the engine made for people
    published: Published = field(default_factory=Published)
    next_wake: datetime | None = None
    busy_since: datetime | None = None

    @property
    def needs_a_person(self) -> bool:
        """Whether something happened that somebody must look at."""
        failed = self.ended[Reason.TEMPLATE.code]
        return bool(failed or self.unknown or self.set_aside or self.published.faults or self.published.held)

    def count(self, decision: Decision) -> None:
        """Add one lead's decision."""
        self.leads += 1
        self.next_steps += len(decision.tasks)
        for verdict in decision.verdicts:
            if verdict.outcome is Outcome.SENT:
                self.sent[verdict.channel] += 1
            elif verdict.outcome is not Outcome.WAITS:
                self.ended[verdict.reason.code] += 1

    def counts(self) -> dict[str, object]:
        """Return the figures for the tick log."""
        return {
            "leads": self.leads,
            "sent": dict(self.sent),
            "ended": dict(self.ended),
            "unknown": self.unknown,
            "set_aside": dict(self.set_aside),
            "next_steps": self.next_steps,
        }


def tick(account: Account, now: datetime, *, plans: dict[str, Plan] | None = None) -> TickReport:
    """Do everything that is due at ``now``; refuses politely while another tick runs.

    ``plans`` keeps compiled versions from one tick to the next. InvalidWorkspace when the files have faults and
    nothing was ever published.
    """
    report = TickReport(at=now)
    holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    started = real_now()
    with account.store.write() as session:
        accounts.ensure(session, account.name, now, mode=account.mode)
        _refuse_going_back(session, account, now)
        if not ticks.acquire(session, account.name, holder, started, LEASE_SECONDS):
            held = ticks.lease(session, account.name)
            report.outcome, report.busy_since = BUSY, held.since if held else None
            return report
    try:
        _run(account, now, holder, report, {} if plans is None else plans)
    except BaseException:
        report.outcome = FAILED
        raise
    finally:
        with account.store.write() as session:
            ticks.release(session, account.name, holder)
            _record(session, account, report, holder, started)
    return report


def _run(account: Account, now: datetime, holder: str, report: TickReport, plans: dict[str, Plan]) -> None:
    with account.store.write() as session:
        report.published = publish_edits(session, account.name, account.root, now)
        report.unknown = _give_up_on_lost_claims(session, account.name, now)
        if is_paused(session, account.name):
            report.outcome = PAUSED
            return
        book = load_book(session, account.name, plans)
    _refuse_unwritable(account.log_file)
    channel = LogChannel(account.log_file, _zone(book))
    while True:
        with account.store.write() as session:
            if not ticks.extend(session, account.name, holder, real_now(), LEASE_SECONDS):
                report.outcome = BUSY
                return
            claims = _decide_batch(session, account.name, book, now, report)
        if claims is None:
            return
        channel.deliver(claims, now)
        with account.store.write() as session:
            _record_carried_out(session, account.name, claims, now)


def _refuse_unwritable(log_file: Path) -> None:
    """Find out before anything is claimed that no text could be written down."""
    if log_file.is_dir() or not os.access(log_file if log_file.exists() else log_file.parent, os.W_OK):
        raise CadenceError(
            f"cannot write {log_file}; nothing was done",
            help="give the program the right to write there; what is due waits until then",
        )


def _zone(book: Book) -> ZoneInfo:
    """Return the business's zone, for the times a person reads."""
    plan = next(iter(book.current.values()), None)
    return ZoneInfo(plan.workspace.business.timezone if plan else "UTC")


def _decide_batch(
    session: Session, account: str, book: Book, now: datetime, report: TickReport
) -> Sequence[Claim] | None:
    """Decide the next leads that are due; return the messages to carry out, None when nobody is due."""
    due = leads.due(session, account, now, BATCH)
    if not due:
        report.next_wake = leads.next_wake(session, account)
        return None
    decisions = _decide_each(session, account, book, due, now, report)
    save(session, account, decisions, now)
    for decision in decisions:
        report.count(decision)
    claims = [claim for decision in decisions for claim in decision.claims]
    steps = [claim for claim in claims if claim.verdict.channel in PERSON_CHANNELS]
    names = {each.state.lead: str(each.state.record.get("name") or each.state.lead) for each in decisions}
    tasks.add(session, account, [step_row(claim, _step_title(claim, names), now) for claim in steps])
    _record_carried_out(session, account, steps, now)
    return [claim for claim in claims if claim.verdict.channel not in PERSON_CHANNELS]


def _decide_each(
    session: Session, account: str, book: Book, due: Sequence[str], now: datetime, report: TickReport
) -> list[Decision]:
    """Decide each lead by itself: one whose log makes no sense is set aside, said, and stops nobody else."""
    logs = read_logs(session, account, due)
    decisions: list[Decision] = []
    aside: dict[str, datetime | None] = {}
    for lead in due:
        try:
            decisions.append(decide(book, fold(lead, logs[lead]), now))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one lead
            report.set_aside[lead] = type(error).__name__
            aside[lead] = now + SET_ASIDE
    leads.set_wake(session, account, aside)
    return decisions


def _step_title(claim: Claim, names: dict[str, str]) -> str:
    verdict = claim.verdict
    verb = "Call" if verdict.channel == "call" else "See to"
    return f"{verb} {names[verdict.lead]}: {verdict.touch.replace('-', ' ')}"


def _record_carried_out(session: Session, account: str, claims: Sequence[Claim], now: datetime) -> None:
    entries: dict[str, list[Event]] = {}
    for claim in claims:
        entries.setdefault(claim.verdict.lead, []).append(carried_out(claim, at=now))
    events.append(session, account, entries)
    outbox.finish(
        session,
        account,
        [
            outbox.Ending(
                touch_key=claim.verdict.key,
                state=Outcome.SENT.value,
                reason=Reason.SENT.code,
                ended_at=now,
                detail=claim.verdict.detail,
                attempts=1,
            )
            for claim in claims
        ],
    )


def _give_up_on_lost_claims(session: Session, account: str, now: datetime) -> int:
    lost = outbox.open_claims(session, account)
    entries: dict[str, list[Event]] = {}
    for row in lost:
        entry = touch_entry(
            Decided.TOUCH_UNKNOWN,
            at=now,
            enrolment=row.enrolment,
            touch=row.touch,
            visit=row.visit,
            channel=row.channel,
        )
        entries.setdefault(row.lead, []).append(entry)
    events.append(session, account, entries)
    outbox.finish(
        session,
        account,
        [
            outbox.Ending(
                touch_key=row.touch_key,
                state=Outcome.UNKNOWN.value,
                reason=Outcome.UNKNOWN.value,
                ended_at=now,
                detail="the tick that claimed it was interrupted",
            )
            for row in lost
        ],
    )
    return len(lost)


def _refuse_going_back(session: Session, account: Account, now: datetime) -> None:
    last = ticks.last(session, account.name)
    if last and now < last.at:
        raise Refused(
            f"the last tick judged by {last.at:%Y-%m-%d %H:%M} UTC; this one would go back to {now:%Y-%m-%d %H:%M} UTC",
            help="set the clock right, or rehearse on a database of its own",
        )


def _record(session: Session, account: Account, report: TickReport, holder: str, started: datetime) -> None:
    finished = max(real_now(), started)
    if report.outcome == DONE and not report.leads and not report.set_aside:
        ticks.record_idle(session, account.name, holder=holder, started_at=started, finished_at=finished, at=report.at)
        return
    row = ticks.TickRow(
        started_at=started,
        finished_at=finished,
        at=report.at,
        holder=holder,
        outcome=report.outcome,
        counts=report.counts(),
    )
    ticks.record(session, account.name, row)
