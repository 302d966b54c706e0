"""Promises on the business clock equal a count minute by minute, over calendars, holidays and both clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cadence.engine.duties import promises_of
from cadence.engine.slas import stage_promises
from support.plans import WORKSPACE, one_stage, plan_of

MINUTE = timedelta(minutes=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

zones = st.sampled_from(["America/Chicago", "America/New_York", "America/Los_Angeles", "Australia/Lord_Howe"])
spans = st.sampled_from(
    [["08:00-18:00"], ["10:00-18:00"], ["08:00-12:00", "13:00-18:00"], ["00:00-24:00"], ["01:00-03:00"], []]
)
weeks = st.lists(spans, min_size=7, max_size=7).filter(lambda week: any(week))
#: Around both clock changes of 2026, and a week between.
starts = st.sampled_from(["2026-03-07", "2026-03-08", "2026-10-31", "2026-11-01", "2026-11-20"]).flatmap(
    lambda day: st.integers(0, 60 * 24 * 2).map(
        lambda minutes: datetime.fromisoformat(day).replace(tzinfo=UTC) + minutes * MINUTE
    )
)


def is_open(at: datetime, zone: ZoneInfo, week: list[list[str]], closed: set[date]) -> bool:
    """Whether the shop is open in the minute that begins at ``at``: read off the wall clock."""
    wall = at.astimezone(zone)
    if wall.date() in closed:
        return False
    minute = wall.hour * 60 + wall.minute
    for span in week[wall.weekday()]:
        first, last = (int(text[:2]) * 60 + int(text[3:]) for text in span.split("-"))
        if first <= minute < last:
            return True
    return False


def counted(at: datetime, minutes: int, zone: ZoneInfo, week: list[list[str]], closed: set[date]) -> datetime:
    """Let so many open minutes go by, one by one."""
    while minutes:
        minutes -= is_open(at, zone, week, closed)
        at += MINUTE
    return at


@settings(deadline=None, max_examples=60)
@given(
    name=zones,
    week=weeks,
    start=starts,
    within=st.integers(1, 900),
    after=st.integers(1, 300),
    holidays=st.sets(st.sampled_from(["2026-03-09", "2026-11-02", "2026-11-23", "2026-11-26"])),
)
def test_a_promise_on_the_business_clock_is_due_after_so_many_open_minutes(
    name: str, week: list[list[str]], start: datetime, within: int, after: int, holidays: set[str]
) -> None:
    hours = ", ".join(f"{day}: {spans}" for day, spans in zip(DAYS, week, strict=True) if spans)
    closed = f", holidays: {sorted(holidays)}" if holidays else ""
    promise = (
        f"{{within: {within}m, clock: business, met_by: [call.logged], on_miss: [{{after: {after}m, alert: pat}}]}}"
    )
    page = one_stage("", top=f"calendar: {{business_hours: {{{hours}}}{closed}}}", stage=f"sla: {{answer: {promise}}}")
    shop: dict[str, Any] = {**WORKSPACE, "business": {**WORKSPACE["business"], "timezone": name}}
    (found,) = promises_of({"promises": stage_promises(plan_of(page, workspace=shop), "new", start)}) or ()

    zone, days = ZoneInfo(name), {date.fromisoformat(day) for day in holidays}
    due = counted(start, within, zone, week, days)
    assert found.due_at == due
    assert found.steps == ((counted(due, after, zone, week, days), "pat", ""),)


@pytest.mark.parametrize(
    ("arrives", "due"),
    [
        ("2026-11-21 14:00", "2026-11-23 10:05"),  # Saturday afternoon
        ("2026-11-20 17:58", "2026-11-23 10:03"),  # two minutes before the weekend
        ("2026-11-20 18:00", "2026-11-23 10:05"),  # at closing time
        ("2026-11-25 23:59", "2026-11-27 10:05"),  # the night before Thanksgiving
    ],
)
def test_weekends_nights_and_holidays_do_not_run_on_the_business_clock(arrives: str, due: str) -> None:
    page = one_stage(
        "",
        top='calendar: {business_hours: {mon-fri: "10:00-18:00"}, holidays: [US-major]}',
        stage="sla: {answer: {within: 5m, clock: business, met_by: [call.logged]}}",
    )
    zone = ZoneInfo("America/Chicago")
    start = datetime.fromisoformat(arrives).replace(tzinfo=zone).astimezone(UTC)
    (found,) = promises_of({"promises": stage_promises(plan_of(page), "new", start)}) or ()
    assert found.due_at == datetime.fromisoformat(due).replace(tzinfo=zone)
