"""The law table over any candidates: what it lets go, every row that may apply lets go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from cadence.engine.clock import lead_clock
from cadence.leads.fields import STATES
from cadence.timing.law import ABROAD, FEDERAL, abroad
from support.plans import LAW, one_stage, plan_of

if TYPE_CHECKING:
    from cadence.timing.law import LawRow

PLAN = plan_of(one_stage("- {id: hello, channel: sms, send: now, template: t}"), law=LAW)
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Europe/Paris", "Asia/Tokyo")
PLACES = (*STATES, ABROAD, *(abroad(country) for country in ("AU", "CA", "FR", "GB", "IE")))
START = datetime(2026, 10, 25, tzinfo=UTC)

instants = st.integers(0, 40 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
zones = st.lists(st.sampled_from(ZONES), min_size=1, max_size=4, unique=True)
states = st.lists(st.sampled_from(PLACES), max_size=4, unique=True)


def may_apply(named: list[str]) -> list[LawRow]:
    """The rows that may apply to somebody who lives in one of these places, as a person would pick them."""
    rows = list(PLAN.law.rows.values())
    if not named:
        return [row for row in rows if not row.country]
    at_home = any(ABROAD not in name for name in named)
    return [row for row in rows if row.state in named or (row.state == FEDERAL and at_home)]


def is_open(row: LawRow, at: datetime) -> bool:
    """Whether a row is open at a local time, read off its spans; no shipped row crosses midnight."""
    minute = at.hour * 60 + at.minute
    return any(span.start <= minute < span.end for span in row.hours.week[at.weekday()])


@settings(deadline=None, max_examples=300)
@given(names=zones, named=states, now=instants)
def test_a_text_goes_only_when_every_row_that_may_apply_is_open_in_every_zone(
    names: list[str], named: list[str], now: datetime
) -> None:
    """And not later than it could: a minute before an opening, something is closed."""
    clock = lead_clock(PLAN, {"zones": names, "zone_source": "phone", "states": named})
    rows, held = may_apply(named), clock.zones.zones
    opening = clock.next_open("sms", now)

    assert opening is not None
    assert {zone.key for zone in held} <= {*names, "America/Chicago"}
    assert all(is_open(row, opening.astimezone(zone)) for row in rows for zone in held)
    if opening > now:
        before = opening - timedelta(minutes=1)
        assert not all(is_open(row, before.astimezone(zone)) for row in rows for zone in held)


@settings(deadline=None, max_examples=100)
@given(named=states, more=st.sampled_from(list(STATES)))
def test_one_more_candidate_never_allows_more(named: list[str], more: str) -> None:
    law = PLAN.law
    fewer, both = law.rows_for([*named, more]), law.rows_for(named)

    assert not named or set(both) <= set(fewer)
    assert set(law.most([*named, more])) >= (set(law.most(named)) if named else set())


def test_the_zones_are_real() -> None:
    assert [ZoneInfo(name).key for name in ZONES] == list(ZONES)
