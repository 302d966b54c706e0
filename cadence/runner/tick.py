"""A tick: find who is due, decide, claim, carry out, record. What is due costs; what is enrolled does not.

Any number of ticks may run at once. Each takes leads for itself, batch by batch: decision, claim and lease commit
together before anything is carried out, and the outcome commits after. See :mod:`cadence.store.states`.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cadence.channels.log import LogChannel
from cadence.errors import Refused
from cadence.playbook.words import CHANNELS
from cadence.runner.account import Account, load_book
from cadence.runner.alerting.claim import plan_in_force
from cadence.runner.brake import too_many
from cadence.runner.clock import TickClock, real_clock
from cadence.runner.edits import look_for_edits
from cadence.runner.hearing.listen import ask_sources, ear_of, understand
from cadence.runner.hearing.lists import take_off_lists
from cadence.runner.holder import new_holder
from cadence.runner.publish import publish_found
from cadence.runner.reconcile import LEASE, reconcile
from cadence.runner.record import is_paused
from cadence.runner.report import BRAKED, DONE, FAILED, IDLE, PAUSED, TickReport
from cadence.runner.reviewing import hold_reviews, see_to_schedule
from cadence.runner.steps import Step, ignore
from cadence.runner.traffic import traffic_of
from cadence.runner.work import Work
from cadence.store import accounts, ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from cadence.channels.channel import Channel
    from cadence.engine.book import Book
    from cadence.inbox.polled import Source
    from cadence.playbook.compile import Plan
    from cadence.runner.reviewing import WriteReview
    from cadence.store.session import Session

__all__ = ["BRAKED", "DONE", "FAILED", "IDLE", "PAUSED", "TickReport", "tick"]

SKEW = timedelta(minutes=5)  #: clocks of machines differ; so much earlier than the last tick is no going back


def tick(
    account: Account,
    now: datetime,
    *,
    clock: TickClock | None = None,
    channels: Mapping[str, Channel] | None = None,
    sources: Sequence[Source] = (),
    plans: dict[str, Plan] | None = None,
    release: bool = False,
    clock_is_right: bool = False,
    lease: timedelta = LEASE,
    write_review: WriteReview | None = None,
    watch: Callable[[Step], None] = ignore,
) -> TickReport:
    """Do everything that is due at ``now`` and, as time goes on by ``clock``, what becomes due meanwhile.

    ``channels`` are the ways out by name; left out, those of log mode. ``sources`` are asked what came in. ``plans``
    keeps compiled versions from one tick to the next. ``release`` takes off the brake; ``clock_is_right`` lets a tick
    judge by an earlier instant than the last one did. ``lease`` is how long a claim is the tick's own: longer than any
    call may take; the same for all ticks. ``write_review`` writes the reviews that are due as mails; left out, they are
    held without any. ``watch`` is told each step.

    InvalidWorkspace when the files have faults and nothing was ever published; Refused when the clock went back.
    """
    clock = clock or real_clock(now)
    report = TickReport(at=now, mode=account.mode, released=release)
    work = Work(account, clock, new_holder(), report, lease, watch)
    with account.store.write() as session:
        started = session.clock()
        accounts.ensure(session, account.name, now, mode=account.mode)
        report.mode_before = _note_ways(session, account, polls=bool(sources))
        _look_at_the_last_one(session, account.name, clock, report, clock_is_right=clock_is_right)
    try:
        _run(work, channels, sources, {} if plans is None else plans, write_review)
    except BaseException:
        report.outcome = FAILED
        raise
    finally:
        with account.store.write() as session:
            _record(session, work, started)
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


def _note_ways(session: Session, account: Account, *, polls: bool) -> str:
    """Remember how messages leave; return how they left before, when that has changed."""
    known = accounts.get(session, account.name)
    if known is None or (known.mode, known.polls) == (account.mode, int(polls)):
        return ""
    accounts.set_ways(session, account.name, mode=account.mode, polls=polls)
    return known.mode if known.mode != account.mode else ""


def _run(
    work: Work,
    channels: Mapping[str, Channel] | None,
    sources: Sequence[Source],
    plans: dict[str, Plan],
    write_review: WriteReview | None,
) -> None:
    account, clock, report = work.account, work.clock, work.report
    with account.store.read() as session:
        edits = look_for_edits(session, account.name, account.root, clock.now(), plans)
    with account.store.write() as session:
        if edits:
            report.published = publish_found(session, account.name, edits, clock.now())
        paused = is_paused(session, account.name)
        book = load_book(session, account.name, plans)
        see_to_schedule(session, book, clock.now())
    _listen(work, book, sources)
    ways = dict.fromkeys(CHANNELS, LogChannel(account.log_file, _zone(book))) if channels is None else channels
    take_off_lists(account.store, account.name, ways.values(), clock.now(), report.heard)
    report.reconciled = reconcile(account.store, account.name, ways, clock.now(), lease=work.lease)
    if paused:
        report.outcome = PAUSED
        return
    workspace = next((plan.workspace for plan in book.current.values()), None)
    most = workspace.max_per_tick if workspace and not report.released else None
    if most is not None and too_many(account.store, account.name, book, clock.now(), most):
        report.outcome, report.braked_at = BRAKED, most
        return
    for channel in {id(each): each for each in ways.values()}.values():
        channel.ready()
    work.hold = partial(_hold_reviews, work, book, write_review)
    work.go(book, ways, traffic_of(workspace))


def _listen(work: Work, book: Book, sources: Sequence[Source]) -> None:
    """Hear what came in before anything goes: a reply or a STOP ends what would have gone now."""
    account, now = work.account, work.clock.now()
    ask_sources(account.store, account.name, sources, now, work.report.heard)
    work.ear = ear_of(account, book, now)
    if work.ear:
        understand(account.store, work.ear, work.report.heard)


def _hold_reviews(work: Work, book: Book, write: WriteReview | None) -> None:
    """Hold what reviews are due; whatever is wrong with one keeps no message back."""
    plan = plan_in_force(book)
    if plan is None:
        return
    try:
        work.report.reviews = hold_reviews(work.account.store, book, plan, work.clock.now(), write)
    except Exception as error:  # noqa: BLE001 - it is said, and tried again by the next tick
        work.report.review_problem = type(error).__name__


def _zone(book: Book) -> ZoneInfo:
    """Return the business's zone, for the times a person reads."""
    plan = next(iter(book.current.values()), None)
    return ZoneInfo(plan.workspace.business.timezone if plan else "UTC")


def _record(session: Session, work: Work, started: datetime) -> None:
    report, account = work.report, work.account.name
    finished = max(session.clock(), started)
    counts = {name: value for name, value in report.counts().items() if value}
    if report.outcome == DONE and not counts:
        ticks.record_idle(session, account, holder=work.holder, started_at=started, finished_at=finished, at=report.at)
        return
    row = ticks.TickRow(
        started_at=started,
        finished_at=finished,
        at=report.at,
        holder=work.holder,
        outcome=report.outcome,
        counts=counts,
    )
    ticks.record(session, account, row)
