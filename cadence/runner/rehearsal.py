"""A rehearsal: stories told to a real database, with real ticks, on a clock that runs as fast as it can."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cadence.engine.decision import Outcome
from cadence.engine.simulate import tick_at_or_after
from cadence.runner.account import Account, load_book
from cadence.runner.clock import pretended_clock
from cadence.runner.publish import publish_edits
from cadence.runner.record import add_leads, record_fact
from cadence.runner.tick import tick
from cadence.store import accounts, alerts, leads, outbox
from cadence.store.outbox import OutboxFilter
from cadence.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from cadence.engine.events import Event
    from cadence.leads.samples import Sample
    from cadence.playbook.compile import Plan

__all__ = ["Rehearsal", "rehearse"]


@dataclass(slots=True)
class Rehearsal:
    """What a rehearsal brought."""

    log: str = ""  #: the messages that would have been sent
    leads: int = 0
    ticks: int = 0
    sent: Counter[str] = field(default_factory=Counter)  #: by channel
    ended: Counter[str] = field(default_factory=Counter)  #: by reason
    told: int = 0  #: messages to colleagues


def rehearse(
    root: Path,
    database: Path,
    log_file: Path,
    stories: Sequence[Sample],
    *,
    account: str,
    start: datetime,
    end: datetime,
    every: timedelta,
    meanwhile: Callable[[datetime], None] = lambda _: None,
) -> Rehearsal:
    """Tell the stories to the database at ``database``, ticking from ``start`` to before ``end``.

    A fact is recorded at its own time, before a tick of the same instant. Ticks at which nobody is due are passed over.
    ``meanwhile`` is told the instant of each tick before it: whoever edits the pages then has them published by it.
    """
    result = Rehearsal(leads=len(stories))
    plans: dict[str, Plan] = {}
    with open_store(f"sqlite:///{database}", create=True) as store:
        shop = Account(root=root, name=account, store=store, mode="log", log_file=log_file)
        with store.write() as session:
            accounts.ensure(session, account, start)
            publish_edits(session, account, root, start)
        facts = _in_order(stories, end)
        at = start
        while at < end:
            while facts and facts[0][0] <= at:
                _record(shop, facts.pop(0), plans)
            meanwhile(at)
            tick(shop, at, clock=pretended_clock(at), plans=plans)
            result.ticks += 1
            at = _next_tick(shop, at, facts, start, every)
        _count(shop, result)
    result.log = log_file.read_text(encoding="utf-8") if log_file.is_file() else ""
    return result


_Told = tuple[datetime, "Sample", "Event | None"]


def _in_order(stories: Sequence[Sample], end: datetime) -> list[_Told]:
    """List what is told, in the order it is told: arrivals before the facts of the same instant."""
    told: list[_Told] = [(story.arrival.at, story, None) for story in stories]
    told += [(fact.recorded_at, story, fact) for story in stories for fact in story.facts]
    return sorted((each for each in told if each[0] < end), key=lambda each: each[0])


def _record(shop: Account, told: _Told, plans: dict[str, Plan]) -> None:
    at, story, fact = told
    with shop.store.write() as session:
        book = load_book(session, shop.name, plans)
        if fact is None:
            add_leads(session, shop.name, book, [story.arrival], at)
        else:
            record_fact(session, shop.name, book, story.arrival.id, fact)


def _count(shop: Account, result: Rehearsal) -> None:
    with shop.store.read() as session:
        result.told = sum(outbox.counts(session, shop.name, OutboxFilter(colleagues=True, state="sent")).values())
        of_leads = outbox.counts(session, shop.name, OutboxFilter(colleagues=False))
        for (channel, state, reason), number in of_leads.items():
            if state == Outcome.SENT.value:
                result.sent[channel] += number
            else:
                result.ended[reason] += number


def _next_tick(shop: Account, at: datetime, facts: Sequence[_Told], start: datetime, every: timedelta) -> datetime:
    with shop.store.read() as session:
        wake, tell = leads.next_wake(session, shop.name), alerts.next_due(session, shop.name)
    coming = [instant for instant in (wake, tell, facts[0][0] if facts else None) if instant is not None]
    following = at + every
    if not coming:
        return datetime.max.replace(tzinfo=at.tzinfo)
    wanted = max(min(coming), following)
    return tick_at_or_after(wanted, start, every)
