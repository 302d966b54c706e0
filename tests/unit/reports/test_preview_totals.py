"""Totals agree with a plain recount."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cadence.reports.condense import condensed
from cadence.reports.preview_html import render_html
from cadence.reports.preview_text import render_text
from cadence.reports.totals import count
from cadence.reports.totals_table import columns_of, sections

instants = st.integers(-30, 15 * 24).map(
    lambda hours: datetime(2026, 11, 24, 19, 10, tzinfo=UTC) + timedelta(hours=hours)
)
anything = st.lists(
    st.fixed_dictionaries(
        {
            "account": st.sampled_from(["summit", "other"]),
            "lead": st.sampled_from(["maria", "ben", "ana"]),
            "zone": st.sampled_from(["America/Chicago", "America/New_York", "Pacific/Honolulu"]),
            "channel": st.sampled_from(["sms", "email", "voice", "call", "task", "audience", "webhook"]),
            "outcome": st.sampled_from(["sent", "sent", "waits", "skipped", "stopped", "failed", "event"]),
            "reason": st.sampled_from(["late", "condition", "capped"]),
            "owner": st.sampled_from(["", "dana", "lee"]),
            "segments": st.integers(0, 3),
            "cost": st.integers(0, 50).map(lambda tenths: tenths / 1000),
            "at": instants,
            "due_at": st.none() | instants,
        }
    ),
    max_size=40,
)


def recount(rows):
    """The same numbers, the long way."""
    touches = [row for row in rows if row.outcome != "event"]
    sent = [row for row in touches if row.outcome == "sent"]
    messages = [row for row in sent if row.channel in {"sms", "email", "voice"}]
    return {
        "leads": len({(row.account, row.lead) for row in messages}),
        "messages": len(messages),
        "steps": len([row for row in sent if row.channel in {"call", "task"}]),
        "lists": len([row for row in sent if row.channel == "audience"]),
        "pushes": len([row for row in sent if row.channel == "webhook"]),
        "segments": sum(row.segments for row in sent),
        "cost": pytest.approx(sum(row.cost for row in sent)),
        "waiting": len([row for row in touches if row.outcome == "waits"]),
        "skips": len([row for row in touches if row.outcome == "skipped"]),
        "stopped": len([row for row in touches if row.outcome == "stopped"]),
        "failed": len([row for row in touches if row.outcome == "failed"]),
    }


def numbers(tally):
    return {name: getattr(tally, name) for name in recount([])}


@settings(max_examples=150, deadline=None)
@given(described=anything)
def test_totals_are_the_sums_of_the_rows(head, row, described):
    rows = [row(**values) for values in described]
    totals = count(head, rows)

    assert numbers(totals.overall) == recount(rows)
    for channel, tally in totals.channels.items():
        assert numbers(tally) == recount([row for row in rows if row.channel == channel])
    for owner, tally in totals.owners.items():
        assert numbers(tally) == recount([row for row in rows if row.owner == owner])
    for code, number in totals.overall.skipped.items():
        assert number == len([row for row in rows if row.outcome == "skipped" and row.reason == code])


@settings(max_examples=150, deadline=None)
@given(described=anything)
def test_every_way_of_counting_comes_to_the_same(head, row, described):
    rows = [row(**values) for values in described]
    totals = count(head, rows)
    for ways in (totals.days, totals.channels, totals.owners):
        for name in (
            "messages",
            "steps",
            "lists",
            "pushes",
            "segments",
            "cost",
            "waiting",
            "skips",
            "stopped",
            "failed",
        ):
            assert sum(getattr(tally, name) for tally in ways.values()) == pytest.approx(getattr(totals.overall, name))


@settings(max_examples=40, deadline=None)
@given(described=anything)
def test_any_rows_can_be_shown_every_way_and_no_touch_is_lost(head, row, described):
    rows = [row(**values) for values in described]
    touches = sum(row.outcome != "event" for row in rows)

    lines = render_text(head, rows, full=True, width=100, colour=False).splitlines()
    assert touches == sum(" · instant" in line for line in lines)
    shown = sum(row.outcome != "event" for row in condensed(rows))
    assert shown == render_html(head, rows).count('<article class="item ')


@settings(max_examples=40, deadline=None)
@given(described=anything)
def test_the_table_shows_what_was_counted(head, row, described):
    rows = [row(**values) for values in described]
    totals = count(head, rows)
    columns = columns_of(totals)
    ((_, cells),) = sections(totals, columns)[-1].lines
    shown = dict(zip(columns, cells, strict=True))

    for column, name in {"messages": "messages", "skipped": "skips", "failing": "failed"}.items():
        assert shown.get(column, "-").replace("-", "0") == str(getattr(totals.overall, name))


def test_a_touch_counts_on_the_leads_own_day(head, row):
    late_evening = row("2026-11-25T05:30", zone="America/Denver")

    assert list(count(head, [late_evening]).days) == [date(2026, 11, 24)]


def test_a_wait_counts_on_the_day_it_was_due(head, row):
    waits = row("2026-11-26T15:00", due_at="2026-11-26T03:05", outcome="waits")

    assert list(count(head, [waits]).days) == [date(2026, 11, 25)]


def test_a_wait_from_before_the_preview_counts_on_its_first_day(head, row):
    waits = row("2026-11-26T15:00", due_at="2026-11-20T03:05", outcome="waits")

    assert list(count(head, [waits]).days) == [date(2026, 11, 24)]


def test_a_touch_due_after_the_preview_counts_on_no_day(head, row):
    waits = row("2026-12-20T15:00", outcome="waits")

    assert list(count(head, [waits]).days) == [None]


def test_days_come_in_order_channels_from_messages_on_and_nobody_last(head, row):
    totals = count(
        head,
        [
            row("2026-12-20T15:00", outcome="waits", channel="task", owner="zoe", owner_name="Abe"),
            row("2026-11-27T15:00", channel="call", owner=""),
            row("2026-11-25T15:00", channel="email", owner="abe", owner_name="Zoe"),
            row("2026-11-26T15:00", channel="sms", owner=""),
        ],
    )

    assert list(totals.days) == [date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27), None]
    assert list(totals.channels) == ["sms", "email", "call", "task"]
    assert list(totals.owners) == ["zoe", "abe", ""]


def test_two_accounts_leads_of_one_id_are_two_leads(head, row):
    assert count(head, [row(), row(), row(account="other")]).overall.leads == 2
