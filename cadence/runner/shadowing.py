"""What a shadow needs of the store: logs cut at an instant, what was decided of touches, the ticks that there were."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cadence.engine.diff import names_of
from cadence.engine.futures import OPEN, SENT, Planned, Span
from cadence.engine.shadow import shadow_lead
from cadence.runner.replaying import Books, Ledger
from cadence.store import events, leads, outbox, ticks
from cadence.store.states import CLAIMED, FAILED, UNKNOWN, WAITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.engine.futures import Names
    from cadence.engine.shadow import Shadowed
    from cadence.playbook.compile import Plan
    from cadence.store.outbox import OutboxRow
    from cadence.store.session import Session

__all__ = ["PAGE", "Shadowing", "shadow_pages", "shadowing"]

PAGE = 200  #: leads that are gone through together
#: How an outcome of the outbox is told: what the provider would not take, or lost, the page had sent.
_OUTCOMES = {CLAIMED: SENT, UNKNOWN: SENT, WAITS: OPEN}
_OF_THE_WORLD = ("refused", "dead_address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadowing:
    """A shadow about to be made."""

    account: str
    live: Book  #: in force at the end
    candidate: Book
    span: Span
    names: Names = field(repr=False)
    ticks: Sequence[datetime] | None = field(repr=False)
    total: int  #: leads to go through


def shadowing(
    session: Session,
    account: str,
    plans: Sequence[Plan],
    *,
    since: datetime,
    until: datetime,
    tick: timedelta,
    whole: bool,
) -> Shadowing:
    """Prepare a shadow of ``plans``; ``whole``: they are all there are, else the other live pages stand beside them."""
    books = Books(session, account)
    live, then = books.at(until), books.at(since)
    beside = {} if whole else dict(live.current)
    candidates = {**beside, **{plan.playbook.id: plan for plan in plans}}
    candidate = then.with_plans(candidates.values(), since)
    return Shadowing(
        account=account,
        live=live,
        candidate=candidate,
        span=Span(at=since, start=since, end=until, tick=tick),
        names=names_of(live, candidate),
        ticks=_ticks(session, account, since, until),
        total=leads.count(session, account),
    )


def shadow_pages(session: Session, shadowing: Shadowing) -> Iterator[list[Shadowed]]:
    """Go through all leads by id, some hundred at a time; those that nothing happened to are left out."""
    account, span = shadowing.account, shadowing.span
    shop = events.of_account(session, account)
    ledger = Ledger(session, account)
    after = ""
    while page := leads.listing(session, account, limit=PAGE, after=after):
        after = page[-1].lead
        ids = [row.lead for row in page]
        logs = events.of_leads(session, account, ids)
        rows = _rows(session, account, ids, span.start)
        found = []
        for lead in ids:
            before, since = _cut([*logs[lead], *shop], span)
            if not _concerned(before, since):
                continue
            shadowed = shadow_lead(
                lead,
                before,
                since,
                [_planned(row) for row in rows.get(lead, ()) if row.decided_at < span.end],
                live=shadowing.live,
                candidate=shadowing.candidate,
                span=span,
                names=shadowing.names,
                ledger=ledger,
                ticks=shadowing.ticks,
            )
            found.append(shadowed)
        yield found


def _cut(log: Sequence[Event], span: Span) -> tuple[list[Event], list[Event]]:
    before = [event for event in log if event.recorded_at < span.start]
    since = [event for event in log if span.start <= event.recorded_at < span.end]
    return before, sorted(since, key=lambda event: event.recorded_at)


def _concerned(before: Sequence[Event], since: Sequence[Event]) -> bool:
    """Tell whether something may have happened to a lead: a job was open at the start, or something was recorded."""
    began = {event.enrolment for event in before if event.type == "enrolment.started"}
    ended = {event.enrolment for event in before if event.type == "enrolment.ended"}
    return bool(began - ended) or any(event.data.get("scope") in (None, "lead") for event in since)


def _rows(session: Session, account: str, ids: Sequence[str], since: datetime) -> dict[str, list[OutboxRow]]:
    found: dict[str, list[OutboxRow]] = {}
    for row in outbox.of_leads(session, account, ids, since):
        found.setdefault(row.lead, []).append(row)
    return found


def _planned(row: OutboxRow) -> tuple[str, int, str, Planned]:
    world = row.state == FAILED and row.reason in _OF_THE_WORLD
    planned = Planned(
        row.playbook,
        row.channel,
        SENT if world else _OUTCOMES.get(row.state, row.state),
        row.reason,
        row.due_at,
        row.decided_at,
        (row.address, row.subject, row.body),
        row.owner,
        row.digest,
        row.line,
    )
    return row.enrolment, row.visit, row.touch, planned


def _ticks(session: Session, account: str, since: datetime, until: datetime) -> list[datetime] | None:
    """List the instants of the ticks that there were; of idle ones in a row only the number is known.

    None when none was recorded.
    """
    found: list[datetime] = []
    last = since
    for row in ticks.since(session, account, since):
        if row.outcome == ticks.IDLE and row.idle_runs > 1 and row.at > last:
            step = (row.at - last) / row.idle_runs
            found += [(last + step * number).replace(microsecond=0) for number in range(1, row.idle_runs)]
        found.append(row.at)
        last = row.at
    return sorted({each for each in found if since <= each < until}) or None
