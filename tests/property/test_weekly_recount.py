"""The weekly numbers of any small history equal a plain SQL recount."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadence.engine.events import instant_text
from cadence.engine.state import LeadState
from cadence.reports.weekly_read import read_weekly
from cadence.store import accounts, events, versions
from cadence.store.store import open_store
from support.plans import ZONE, fact, play
from support.recount import recount
from support.worlds import SPAN, START, ticks, worlds

if TYPE_CHECKING:
    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.reports.weekly import WeeklyNumbers

MONDAYS = ["2026-10-26", "2026-11-02", "2026-11-09"]
FAR = datetime(2026, 11, 15, 12, tzinfo=UTC)  #: a Sunday of the third of these weeks
#: What becomes of a fact: it is about another job, it is taken back, or it stands.
FATES = st.sampled_from(["kitchen", "undone", "", "", ""])


@dataclass(frozen=True, slots=True)
class Life:
    """A shop, and what its log says of two people."""

    book: Book = field(repr=False)
    logs: dict[str, list[Event]] = field(repr=False)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Return what two people's lives left in a shop's log."""
    first, second = draw(worlds()), draw(worlds(most=4))
    logs = {}
    for lead, world in (("maria", first), ("tom", second)):
        told = [told for number, each in enumerate(world.facts) for told in _with_fate(draw(FATES), each, number)]
        facts = sorted(told, key=lambda each: each.recorded_at)
        state = LeadState(lead=lead)
        logs[lead] = play(first.book, facts, START, START + SPAN, draw(ticks), state=state).events
    return Life(first.book, logs)


def _with_fate(fate: str, each: Event, number: int) -> list[Event]:
    if fate == "kitchen":
        return [replace(each, job="kitchen")]
    if fate == "undone" and number:
        key = f"act-{number:010x}"
        data = {"undoes": key, "type": each.type, "of": instant_text(each.at)}
        return [replace(each, key=key), fact("act.undone", each.recorded_at + timedelta(minutes=11), **data)]
    return [each]


@cache
def _empty() -> bytes:
    """An empty store, as a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        open_store(f"sqlite:///{path}", create=True).close()
        return path.read_bytes()


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=20)
@given(life=lives(), minutes=st.integers(60, 16 * 24 * 60), playbook=st.sampled_from(["", "roofer", "gutters"]))
def test_the_weekly_numbers_of_any_history_equal_a_plain_sql_recount(life: Life, minutes: int, playbook: str) -> None:
    """Facts told late, taken back, about another job; people of a list; two playbooks; the clocks go back."""
    now = min(START + timedelta(minutes=minutes), FAR)
    weeks = 1 + (now.astimezone(ZoneInfo(ZONE)).date() - date.fromisoformat(MONDAYS[0])).days // 7
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        path.write_bytes(_empty())
        with open_store(f"sqlite:///{path}") as store:
            with store.write() as session:
                accounts.ensure(session, "summit", START)
                for name, plan in life.book.current.items():
                    versions.publish(session, "summit", name, plan.digest, plan.content, START)
                events.append(session, "summit", life.logs)
            with store.read() as session:
                found = read_weekly(session, "summit", now, ZONE, weeks=weeks, playbook=playbook)
        again = recount(path, zone=ZONE, mondays=MONDAYS[:weeks], now=instant_text(now), playbook=playbook)

    assert [_flat(each) for each in found.weeks] == again
    for each in found.weeks:
        assert all(
            length is None or length >= 0 for length in (each.response.elapsed.median, each.response.open_time.median)
        )


def _flat(numbers: WeeklyNumbers) -> dict[str, int | None]:
    response, estimates = numbers.response, numbers.estimates
    opened, elapsed = response.open_time, response.elapsed
    return {
        "inquiries": response.inquiries,
        "answered": response.answered,
        "open_median": opened.median,
        "open_p90": opened.nine_of_ten,
        "open_within": opened.within,
        "open_judged": opened.judged,
        "median": elapsed.median,
        "p90": elapsed.nine_of_ten,
        "within": elapsed.within,
        "judged": elapsed.judged,
        "sent": estimates.sent,
        "not_yet": estimates.not_yet,
        "followed_up": estimates.followed_up,
        "by_person": estimates.by_person,
        "open_estimates": numbers.open_estimates,
    }
