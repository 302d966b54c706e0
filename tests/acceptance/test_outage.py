"""The program stood still for hours or days, a thousand leads in flight: no flood, nothing stale, and all is said."""

from __future__ import annotations

import json
import shutil
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from cadence.cli.tick import summary
from cadence.files import starter
from cadence.leads.arrival import Arrival, with_places
from cadence.leads.record import normalise
from cadence.runner.account import load_book, open_account
from cadence.runner.clock import pretended_clock
from cadence.runner.publish import publish_edits
from cadence.runner.record import add_leads, record_fact
from cadence.runner.tick import BRAKED, DONE, tick
from cadence.store import accounts, outbox
from cadence.store.outbox import OutboxFilter
from support.entry import call
from support.plans import fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Touch
    from cadence.runner.account import Account
    from cadence.runner.tick import TickReport
    from cadence.store.outbox import OutboxRow

LEADS = 1000
TRADES = ("roofing", "hvac", "plumbing")
FIRST = datetime(2026, 10, 5, 13, 0, tzinfo=UTC)  #: a Monday, 8 AM in Kansas City
DOWN = datetime(2026, 10, 14, 15, 0, tzinfo=UTC)  #: a Wednesday, 10 AM
OUTAGES = {"3 hours": timedelta(hours=3), "2 days": timedelta(days=2), "10 days": timedelta(days=10)}
MESSAGES = ("sms", "email")

#: What happens to every so many-th lead, how long after it came in.
LIVES: dict[int, tuple[tuple[timedelta, str, dict[str, str]], ...]] = {
    0: ((timedelta(hours=4), "lead.qualified", {}),),
    1: ((timedelta(hours=2), "lead.qualified", {}), (timedelta(hours=26), "appointment.booked", {"starts_at": "+5"})),
    2: ((timedelta(hours=20), "reply", {"text": "call me"}),),
    3: (
        (timedelta(hours=1), "appointment.booked", {"starts_at": "+1"}),
        (timedelta(hours=30), "estimate.sent", {"amount": "9000"}),
    ),
    4: (),
    5: ((timedelta(hours=6), "lead.not_ready", {}),),
}


@dataclass
class Shop:
    """All three trades, worked on in this process."""

    account: Account
    plans: dict[str, Plan] = field(default_factory=dict)

    def tick(self, at: datetime, **options: bool) -> TickReport:
        return tick(self.account, at, clock=pretended_clock(at), plans=self.plans, **options)

    def rows(self) -> list[OutboxRow]:
        with self.account.store.read() as session:
            return outbox.listing(session, "summit", OutboxFilter(colleagues=False), limit=1_000_000)

    def touch(self, row: OutboxRow) -> Touch:
        stages = self.plans[row.digest].playbook.stages
        return next(touch for touch in stages[row.stage].touches if touch.id == row.touch)

    def min_gap(self, row: OutboxRow) -> timedelta:
        return self.plans[row.digest].playbook.limits.min_gap


def write_shop(root: Path) -> None:
    for kind in ("playbooks", "templates"):
        shutil.copytree(starter(kind), root / kind)
    shutil.copyfile(starter("schemas", "starter.cadence.yaml"), root / "cadence.yaml")


def arrive(shop: Shop, numbers: Sequence[int], at: datetime) -> None:
    arrivals = []
    for number in numbers:
        written = {"name": f"Lead {number}", "phone": f"+1816555{number:04}", "email": f"lead{number}@example.com",
                   "zip": "64110", "trade": TRADES[number % 3], "service": "repair"}  # fmt: skip
        record = with_places(normalise(written, ()).attributes)
        arrivals.append(Arrival(id=f"lead-{number:04}", record=record, at=at))
    with shop.account.store.write() as session:
        add_leads(session, "summit", load_book(session, "summit", shop.plans), arrivals, at)


@pytest.fixture(scope="module")
def in_flight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with a thousand leads at all stages, whose last tick was at DOWN."""
    root = tmp_path_factory.mktemp("outage") / "shop"
    root.mkdir()
    write_shop(root)
    hours = [FIRST + timedelta(hours=hour) for hour in range(int((DOWN - FIRST) / timedelta(hours=1)))]
    open_hours = [at for at in hours if 13 <= at.hour < 23]
    came: dict[int, datetime] = {number: open_hours[number * len(open_hours) // LEADS] for number in range(LEADS)}
    due: dict[datetime, list[tuple[int, str, dict[str, str]]]] = defaultdict(list)
    for number, at in came.items():
        for after, kind, data in LIVES[number % len(LIVES)]:
            due[at + after].append((number, kind, data))
    with open_account(root, "summit", "log", create=True) as account:
        shop = Shop(account)
        with account.store.write() as session:
            accounts.ensure(session, "summit", FIRST)
            publish_edits(session, "summit", root, FIRST)
        for at in hours:
            if numbers := [number for number, arrived in came.items() if arrived == at]:
                arrive(shop, numbers, at)
            with account.store.write() as session:
                book = load_book(session, "summit", shop.plans)
                for number, kind, data in due[at]:
                    said = {key: (at + timedelta(days=int(value))).isoformat() if value.startswith("+") else value
                            for key, value in data.items()}  # fmt: skip
                    record_fact(session, "summit", book, f"lead-{number:04}", fact(kind, at, **said))
            if at.hour % 3 == 0 or at.hour == 13:
                shop.tick(at)
        shop.tick(DOWN)
    return root


@pytest.fixture
def shop(in_flight: Path, tmp_path: Path) -> Iterator[Shop]:
    """The same shop, for one test."""
    shutil.copytree(in_flight, tmp_path / "shop")
    with open_account(tmp_path / "shop", "summit", "log") as account:
        yield Shop(account)


@pytest.mark.parametrize("outage", OUTAGES)
def test_after_an_outage_nobody_gets_two_messages_at_once_and_nothing_goes_that_is_stale(
    shop: Shop, outage: str
) -> None:
    """The brake (500 messages a tick, unless the shop says otherwise) does not act: a person gets one at most."""
    back = DOWN + OUTAGES[outage]
    before = {row.touch_key for row in shop.rows() if row.state != "waits"}
    ticks = [back + timedelta(minutes=minute) for minute in range(6)]
    ticks += [back + timedelta(hours=hour) for hour in range(1, 26, 2)]
    reports = [shop.tick(at) for at in ticks]
    rows = shop.rows()
    new = [row for row in rows if row.touch_key not in before]
    sent = [row for row in new if row.state == "sent"]

    assert {report.outcome for report in reports} <= {DONE, "idle"}
    assert len(sent) > 300
    assert {row.state for row in new} <= {"sent", "skipped", "stopped"}
    _never_two_in_one_tick(ticks, sent)
    _never_within_the_gap(shop, rows, back)
    for row in sent:
        assert row.due_at is not None
        assert row.decided_at - row.due_at <= shop.touch(row).expires_after, f"{row.touch_key} went too late"
    _what_ended_is_said(reports, new)
    assert reports[-1].handed_on == 0


def _never_two_in_one_tick(ticks: Sequence[datetime], sent: Sequence[OutboxRow]) -> None:
    for begin, end in pairwise([*ticks, ticks[-1] + timedelta(days=1)]):
        told = Counter(row.lead for row in sent if row.channel in MESSAGES and begin <= row.decided_at < end)
        assert all(number == 1 for number in told.values()), told.most_common(3)


def _never_within_the_gap(shop: Shop, rows: Sequence[OutboxRow], since: datetime) -> None:
    """Answers to an inquiry and requests to confirm wait for no gap, and make none."""
    told: dict[str, list[OutboxRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.decided_at):
        if row.state == "sent" and row.channel in MESSAGES:
            touch = shop.touch(row)
            if touch.answers != "inquiry" and touch.expects != "ack":
                told[row.lead].append(row)
    pairs = [pair for its in told.values() for pair in pairwise(its) if pair[1].decided_at >= since]
    for first, second in pairs:
        assert second.decided_at - first.decided_at >= shop.min_gap(second), (first.touch_key, second.touch_key)


def _what_ended_is_said(reports: Sequence[TickReport], new: Sequence[OutboxRow]) -> None:
    """In the figures of the ticks, and in the line each prints."""
    said: Counter[str] = sum((report.ended for report in reports), Counter())
    assert said == Counter(row.reason for row in new if row.state != "sent")
    for report in reports:
        assert report.counts()["ended"] == dict(report.ended)
        for reason, number in report.ended.items():
            assert f"{number} {reason.replace('_', ' ')}" in summary(report).split("ended: ")[1]


@pytest.mark.parametrize("outage", ["2 days", "10 days"])
def test_the_first_tick_after_an_outage_says_what_it_skipped_and_why(shop: Shop, outage: str) -> None:
    """In its line, and for programs with ``--json``; the same as the outbox has it."""
    local = f"{DOWN + OUTAGES[outage] - timedelta(hours=5):%Y-%m-%dT%H:%M}"
    root, other = shop.account.root, shop.account.root.with_name("other")
    shop.account.store.close()
    shutil.copytree(root, other)
    line = call(root, "tick", "--now", local)
    data = json.loads(call(other, "tick", "--now", local, "--json").out)

    assert (line.code, line.err, data["outcome"]) == (0, "", "done")
    ended = Counter(
        row.reason for row in shop.rows() if row.decided_at >= DOWN + OUTAGES[outage] and row.state != "sent"
    )
    assert data["ended"] == dict(ended)
    assert min(ended["late"], ended["superseded"]) > 0
    for reason, number in ended.items():
        assert f"{number} {reason.replace('_', ' ')}" in line.out


def test_when_more_is_due_at_once_than_the_brake_lets_go_a_person_must_release_it(shop: Shop) -> None:
    """Six hundred more came in while the program stood still: each would get a text now."""
    back = DOWN + OUTAGES["3 hours"]
    arrive(shop, range(LEADS, LEADS + 600), back - timedelta(minutes=30))
    local = f"{back - timedelta(hours=5):%Y-%m-%dT%H:%M}"
    before = len(shop.rows())
    braked = call(shop.account.root, "tick", "--now", local)
    data = json.loads(call(shop.account.root, "tick", "--now", local, "--json").out)
    nothing = len(shop.rows())
    released = call(shop.account.root, "tick", "--now", local, "--release")
    sent = Counter(row.lead for row in shop.rows() if row.state == "sent" and row.decided_at >= back)

    assert (braked.code, nothing) == (1, before)
    assert braked.out == "stopped by the brake: more than 500 messages are due at once; nothing was done\n"
    assert "cadence tick --release" in braked.err
    assert (data["outcome"], data["braked_at"], data["sent"]) == (BRAKED, 500, {})
    assert released.code == 0
    texts = Counter(
        row.lead for row in shop.rows() if row.state == "sent" and row.decided_at >= back and row.channel in MESSAGES
    )
    assert len(texts) > 600
    assert max(texts.values()) == 1
    assert len(sent) >= len(texts)
