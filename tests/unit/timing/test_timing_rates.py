"""Rates of senders, against a list of every message they sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cadence.timing.rates import BURST, FAR, Rate, Sender

NOW = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
rates = st.integers(1, 900).map(lambda per_minute: Rate(per_minute=per_minute))
#: Milliseconds from one request to the next: bursts, a steady flow, pauses.
flows = st.lists(st.integers(0, 40) | st.integers(0, 2000) | st.integers(0, 90_000), min_size=1, max_size=150)


def day_of(now: datetime) -> tuple[str, datetime]:
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return f"{start:%Y-%m-%d}", start + timedelta(days=1)


def send(sender: Sender, flow: list[int]) -> tuple[Sender, list[datetime], int]:
    """Ask at each of these distances; send when it may go. Return when something went, and how often it had to wait."""
    now, went, waited = NOW, [], 0
    for distance in flow:
        now += timedelta(milliseconds=distance)
        today, tomorrow = day_of(now)
        slot = sender.next_slot(now, today, tomorrow)
        assert slot >= now
        if slot == now:
            sender, went = sender.spend(now, today), [*went, now]
        else:
            waited += 1
            assert sender.next_slot(slot, *day_of(slot)) == slot, "it may go when it was told so"
    return sender, went, waited


def most_within(went: list[datetime], window: timedelta) -> int:
    """Count the messages of the fullest window of this length."""
    return max((sum(start <= at < start + window for at in went) for start in went), default=0)


@settings(deadline=None, max_examples=60)
@given(rate=rates, flow=flows)
def test_no_window_of_time_ever_holds_more_than_the_rate_and_one_second_of_it(rate: Rate, flow: list[int]) -> None:
    _, went, _ = send(Sender(rate=rate), flow)
    second = max(1, -(-rate.per_minute // 60))

    assert most_within(went, MINUTE) <= rate.per_minute + second
    assert most_within(went, SECOND) <= 2 * second
    assert most_within(went, timedelta(seconds=10)) <= -(-rate.per_minute // 6) + second


@pytest.mark.parametrize("per_minute", [1, 7, 59, 60, 61, 240, 900])
def test_a_sender_that_always_has_something_sends_all_that_its_rate_allows_and_evenly(per_minute: int) -> None:
    """Three minutes of asking a hundred times a second."""
    _, went, waited = send(Sender(rate=Rate(per_minute=per_minute)), [10] * 18_000)
    gaps = [after - before for before, after in pairwise(went)]

    assert waited
    assert 3 * per_minute * 0.98 - 1 <= len(went) <= 3 * per_minute + max(1, -(-per_minute // 60)) + 1
    assert max(gaps) <= Rate(per_minute=per_minute).spacing + timedelta(milliseconds=20)
    assert most_within(went[:400], SECOND) <= 2 * max(1, -(-per_minute // 60))


@settings(deadline=None, max_examples=40)
@given(per_day=st.integers(1, 20), flow=st.lists(st.integers(0, 30_000_000), min_size=1, max_size=80))
def test_no_day_ever_holds_more_than_its_cap_and_the_rest_waits_for_the_next(per_day: int, flow: list[int]) -> None:
    sender, went, _ = send(Sender(rate=Rate(per_day=per_day)), flow)
    days = [day_of(at)[0] for at in went]

    assert all(days.count(day) <= per_day for day in days)
    if days.count(days[-1]) == per_day:
        assert sender.next_slot(went[-1], *day_of(went[-1])) == day_of(went[-1])[1]


def test_a_sender_without_limits_is_always_free() -> None:
    _, went, waited = send(Sender(rate=Rate()), [0] * 500)

    assert (len(went), waited) == (500, 0)


def test_a_pause_saves_up_no_more_than_a_second_of_messages() -> None:
    """After an hour of silence a rate of 120 lets two or three go at once, not a hundred."""
    sender, _, _ = send(Sender(rate=Rate(per_minute=120)), [0])
    _, went, _ = send(sender, [3_600_000] + [0] * 50)

    assert len(went) == BURST / timedelta(seconds=0.5)


def test_a_sender_that_is_busy_for_longer_than_any_is_was_counted_by_a_clock_since_put_back() -> None:
    sender = Sender(rate=Rate(per_minute=60)).spend(NOW + timedelta(days=30), "2026-12-24")

    assert sender.next_slot(NOW, *day_of(NOW)) == NOW
    assert sender.spend(NOW, "2026-11-24").free_at == NOW + SECOND
    near = Sender(rate=Rate(per_minute=60), free_at=NOW + FAR)
    assert near.next_slot(NOW, *day_of(NOW)) == NOW + FAR
