"""The lists of a review, read from tables, are those that folding every log gives: lead for lead, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadence.engine.reviews import review_before
from cadence.engine.standing import Standing, standings
from cadence.files import signature
from cadence.leads.arrival import Arrival
from cadence.runner.account import Account, load_book
from cadence.runner.clock import pretended_clock
from cadence.runner.ledger import load
from cadence.runner.publish import publish_plans
from cadence.runner.record import add_leads, record_fact
from cadence.runner.review_sheet import read_sheet, reviews_named
from cadence.runner.tick import tick
from cadence.store import accounts, enrolments, leads, reviews
from cadence.timing.wall import start_of_day
from support.plans import LAW, WORKSPACE, ZONE, fact, plan_from
from support.worlds import SPAN, START, World, worlds

if TYPE_CHECKING:
    from pathlib import Path

    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.playbook.compile import Plan
    from cadence.store.session import Session
    from cadence.store.store import Store

Lists = dict[str, tuple[str, ...]]
#: What colleagues set as a next step: for which lead, after how many hours, whose it is, when it is due.
steps = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(24, int(SPAN.total_seconds()) // 3600),
        st.sampled_from(["", "lee", "dana"]),
        st.sampled_from(["", "2026-10-31", "2026-11-01T09:00", "2026-11-03", "2026-11-20"]),
    ),
    min_size=4,
    max_size=8,
)
SHOP = ZoneInfo(ZONE)
OF = ("new", "later")


def reviewed(world: World) -> list[Plan]:
    """The pages of a world with a review of each, and ways for estimates and no decision."""
    plans = []
    for page in world.pages:
        new = dict(page["stages"]["new"])
        new["next"] = {**new["next"], "estimate.sent": "later"}
        review = {"look": {"cron": "30 7 * * *", "of": list(OF), "to": "csr"}}
        plans.append(plan_from({**page, "reviews": review, "stages": {**page["stages"], "new": new}},
                               workspace=WORKSPACE, law=LAW))  # fmt: skip
    return plans


def next_set(at: datetime, who: str, due: str) -> Event:
    """A next step that a colleague names."""
    said = {name: value for name, value in (("who", who), ("due", due)) if value}
    return fact("next.set", at, action=f"call, said {at:%d %H}", **said)


def by_folding(session: Session, book: Book, ids: list[str], now: datetime) -> Lists:
    """The lists of each open enrolment, by folding its lead's log and asking how it stands."""
    found: Lists = {}
    held = {row.playbook: row.held_at for row in reviews.listing(session, book.account)}
    for lead, state in load(session, book.account, ids).items():
        for each in standings(book, state, now):
            enrolment = state.enrolments[each.enrolment]
            seen_at = last_review(book, enrolment.playbook, held[enrolment.playbook], now)
            found[f"{lead}:{each.enrolment}"] = tuple(sorted(named(each, enrolment.visit.stage, now, seen_at)))
    return found


def named(each: Standing, stage: str, now: datetime, seen_at: datetime | None) -> set[str]:
    """What is said of an enrolment that stands like this."""
    found = {gap.code for gap in each.gaps}
    found |= {"waiting_inside"} if each.waits_inside else set()
    found |= {"open_estimate"} if stage == "later" else set()
    found |= {"not_moved"} if seen_at and each.moved_at < seen_at else set()
    if each.next and each.next.kind == "task" and each.next.due_at:
        due, today = each.next.due_at.astimezone(SHOP), now.astimezone(SHOP)
        same_week = due.isocalendar()[:2] == today.isocalendar()[:2]
        if each.next.due_at < now:
            found.add("overdue")
        elif due.date() == today.date():
            found.add("due_today")
        elif same_week:
            found.add("due_this_week")
    return found


def last_review(book: Book, playbook: str, held_at: datetime | None, now: datetime) -> datetime | None:
    """When the page's review was held last before today; where it was not, its last time."""
    today = start_of_day(now.astimezone(SHOP).date(), SHOP)
    if held_at and held_at < today:
        return held_at
    plan = book.current[playbook]
    return review_before(plan.playbook.reviews[0], plan.playbook.calendar, today)


def by_tables(session: Session, book: Book, now: datetime, **asked: Any) -> Lists:
    """The same, as a review reads it."""
    sheet = read_sheet(session, book, now, SHOP, **asked)
    every = {f"{each.row.lead}:{each.row.enrolment}": tuple(sorted(each.lists)) for each in sheet.leads}
    assert sheet.open >= len(every)
    assert sum(sheet.counts.values()) == sum(map(len, every.values()))
    return every


class Shops:
    """Shops in one store, each an account of its own."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder, self.number = store, folder, 0

    def open(self, plans: list[Plan]) -> Account:
        self.number += 1
        name = f"shop-{self.number}"
        with self.store.write() as session:
            accounts.ensure(session, name, START)
            publish_plans(session, name, plans, START)
            accounts.set_source(session, name, signature(self.folder))
        log = self.folder / "messages.log"
        return Account(root=self.folder, name=name, store=self.store, mode="log", log_file=log)


@pytest.fixture(scope="module")
def shops(shared: tuple[Store, Any], tmp_path_factory: pytest.TempPathFactory) -> Shops:
    """Return what opens shops on each kind of database."""
    folder = tmp_path_factory.mktemp("shops")
    (folder / "cadence.yaml").touch()
    return Shops(shared[0], folder)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    world=worlds(late=False),
    others=st.lists(worlds(late=False), max_size=2),
    set_by_hand=steps,
    every=st.integers(60, 240).map(lambda minutes: timedelta(minutes=minutes)),
    looks=st.lists(st.integers(0, int(SPAN.total_seconds()) // 3600), min_size=6, max_size=10).map(sorted),
)
def test_a_review_reads_from_tables_what_folding_every_log_gives(
    shops: Shops,
    world: World,
    others: list[World],
    set_by_hand: list[tuple[int, int, str, str]],
    every: timedelta,
    looks: list[int],
) -> None:
    """Whatever has happened, at any instant to which ticks have run."""
    plans = reviewed(world)
    shop, cache = shops.open(plans), {plan.digest: plan for plan in plans}
    told = [(each.recorded_at, number, each) for number, life in enumerate([world, *others]) for each in life.facts]
    told += [
        (START + timedelta(hours=hours), number, next_set(START + timedelta(hours=hours), who, due))
        for number, hours, who, due in set_by_hand
    ]
    told.sort(key=lambda each: each[:2])
    ids: list[str] = []
    at, until = START, START + SPAN
    while at < until:
        while told and told[0][0] <= at:
            now, number, event = told.pop(0)
            lead = f"lead-{number}"
            with shops.store.write() as session:
                book = load_book(session, shop.name, cache)
                if event.type == "lead.created":
                    record = {**event.data["lead"], "id": lead, "phone": f"+1816555014{number}", "email": ""}
                    add_leads(session, shop.name, book, [Arrival(id=lead, record=record, at=now)], now)
                    ids.append(lead)
                elif lead in ids:
                    record_fact(session, shop.name, book, lead, event)
        with shops.store.read() as session:
            wake = leads.next_wake(session, shop.name)
            review_due = bool(reviews.due(session, shop.name, at))
        if review_due or (wake is not None and wake <= at):
            tick(shop, at, plans=cache, clock=pretended_clock(at))
        if looks and START + timedelta(hours=looks[0]) <= at:
            looks = looks[1:]
            _compare(shops, shop.name, cache, ids, at)
        at += every
    _compare(shops, shop.name, cache, ids, at - every)


def _compare(shops: Shops, account: str, cache: dict[str, Plan], ids: list[str], now: datetime) -> None:
    with shops.store.read() as session:
        book = load_book(session, account, cache)
        folded = by_folding(session, book, ids, now)
        assert by_tables(session, book, now) == {key: lists for key, lists in folded.items() if lists}
        rows = [row for its in enrolments.of_leads(session, account, ids).values() for row in its]
        new = {f"{row.lead}:{row.enrolment}" for row in rows if row.stage in OF and row.ended_at is None}
        about = reviews_named(book, "look")
        assert by_tables(session, book, now, about=about).keys() <= new
        owner = "dana"
        theirs = {f"{row.lead}:{row.enrolment}" for row in rows if row.owner == owner}
        assert by_tables(session, book, now, owner=owner).keys() <= theirs
