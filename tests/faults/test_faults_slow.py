"""Senders with a rate, channels that are slow, and calls that never end: a tick keeps its time, and others go on."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cadence.channels.channel import Accepted
from cadence.runner.clock import real_clock
from cadence.runner.traffic import traffic_of
from support.desk import TUESDAY, minutes
from support.lab import Provider, texts_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.channels.channel import Outgoing, Result
    from cadence.runner.clock import TickClock
    from support.lab import Lab

ONE = "id: hello, send: now"
SECOND = timedelta(seconds=1)


def limit(lab: Lab, words: str) -> None:
    """Give the sender of texts a limit."""
    page = lab.desk.root / "cadence.yaml"
    text = page.read_text(encoding="utf-8")
    assert "cost_per_segment: 0.0113}" in text
    page.write_text(text.replace("cost_per_segment: 0.0113}", f"cost_per_segment: 0.0113, {words}}}"), encoding="utf-8")


def hurried(minute: int, seconds: float, patience: float) -> TickClock:
    """Return a real clock with little time."""
    clock = real_clock(minutes(minute), budget=timedelta(seconds=seconds))
    clock.patience = patience
    return clock


# -- rates


@pytest.mark.parametrize("per_minute", [12, 60, 150])
def test_any_number_of_ticks_together_keep_to_a_senders_rate(lab: Lab, per_minute: int) -> None:
    """Three ticks ask the store in turn, each as often as it can."""
    limit(lab, f"per_minute: {per_minute}")
    lab.write_page(texts_page(ONE))
    lab.desk.publish()
    with lab.desk.account.store.read() as session:
        workspace = next(iter(lab.desk.book(session).current.values())).workspace
    ticks, went = [traffic_of(workspace) for _ in range(3)], []
    for turn in range(360):
        now, traffic = TUESDAY + turn * SECOND / 3, ticks[turn % 3]
        with lab.desk.account.store.write() as session:
            traffic.load(session, "summit")
            while "sms" not in traffic.at(now):
                traffic.spend("sms", now)
                went.append(now)
            traffic.save(session, "summit")
    second = max(1, per_minute // 60)

    assert 2 * per_minute - second <= len(went) <= 2 * per_minute + 2 * second
    for start in set(went):
        assert sum(start <= at < start + SECOND for at in went) <= 2 * second
        assert sum(start <= at < start + 60 * SECOND for at in went) <= per_minute + second


def test_texts_go_evenly_over_the_minute_and_the_rest_is_for_the_next_ticks(lab: Lab) -> None:
    limit(lab, "per_minute: 60")
    lab.write_page(texts_page(ONE))
    lab.add(100)
    reports = lab.ticks(minutes(1), 3)
    went = Counter(message.at for message in lab.provider.order)

    assert [report.sent["sms"] for report in reports[:1]] == [51], "50 seconds, and the first at once"
    assert reports[0].handed_on == 49
    assert max(went.values()) == 1
    assert (lab.states(), lab.provider.twice) == ({"sent": 100}, [])


def test_a_days_cap_lets_the_rest_wait_for_the_next_day_of_the_business(lab: Lab) -> None:
    """In Kansas City the day ends at 6 AM of the next day by UTC."""
    limit(lab, "per_day: 30")
    lab.write_page(texts_page(ONE))
    lab.add(50)
    lab.ticks(minutes(1), 3)
    lab.ticks(TUESDAY.replace(hour=23, minute=59), 3)
    before = len(lab.provider.has)
    lab.tick(TUESDAY.replace(hour=6, minute=0) + timedelta(days=1))

    assert before == 30
    assert (lab.states(), lab.provider.twice) == ({"sent": 50}, [])


# -- slow channels


def test_a_slow_channel_holds_up_no_other(lab: Lab) -> None:
    """Half a second a text, eight at once; e-mails are all out long before."""
    mail = "      - {id: mail, send: now, channel: email, if: not lead.phone, template: roofer/new/instant}\n    next:"
    lab.write_page(texts_page(f"{ONE}, if: lead.phone").replace("    next:", mail, 1))
    lab.add([f"phone-{number:02}" for number in range(24)])
    for number in range(24):
        lab.add([f"mail-{number:02}"], phone="", email=f"m{number}@example.com")
    times: dict[str, list[float]] = {"sms": [], "email": []}

    def slow(message: Outgoing) -> Result:
        time.sleep(0.5)
        times["sms"].append(time.monotonic())
        return Accepted()

    def quick(message: Outgoing) -> Result:
        times["email"].append(time.monotonic())
        return Accepted()

    texts, mails = Provider(slow, workers=8), Provider(quick, workers=8)
    began = time.monotonic()
    report = lab.tick(
        minutes(1), clock=real_clock(minutes(1)), channels={"sms": texts, "email": mails, "audience": mails}
    )

    assert (report.sent["sms"], report.sent["email"]) == (24, 24)
    assert max(times["email"]) < min(sorted(times["sms"])[16:]), "all e-mails before the last eight texts"
    assert time.monotonic() - began < 20


def test_a_tick_at_a_slow_channel_ends_in_time_and_hands_the_rest_on(lab: Lab) -> None:
    """A second and a half for texts that would take six: the next ticks go on, and nothing goes twice."""

    def slow(_: Outgoing) -> Result:
        time.sleep(0.2)
        return Accepted()

    lab.write_page(texts_page(ONE))
    lab.provider = Provider(slow, workers=2)
    lab.add(60)
    began = time.monotonic()
    first = lab.tick(minutes(1), clock=hurried(1, 1.5, 10.0))
    took = time.monotonic() - began
    lab.provider.answer = lambda _: Accepted()
    lab.ticks(minutes(2), 3)

    assert 0 < first.sent["sms"] < 60
    assert first.handed_on == 60 - first.sent["sms"]
    assert first.in_hand == 0
    assert took < 15
    assert (lab.states(), lab.provider.twice) == ({"sent": 60}, [])


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """Comes only when the test is over."""
    event = threading.Event()
    yield event
    event.set()


def test_a_call_that_never_ends_holds_up_neither_the_tick_nor_the_others(lab: Lab, never: threading.Event) -> None:
    """The tick ends without its answer; later the provider is asked, and the text goes once."""

    def answer(message: Outgoing) -> Result:
        if message.lead == "lead-0003" and message.attempt == 1:
            never.wait()
        return Accepted()

    lab.write_page(texts_page(ONE))
    lab.provider = Provider(answer, workers=2)
    lab.add(10)
    began = time.monotonic()
    first = lab.tick(minutes(1), clock=hurried(1, 2.0, 0.5))
    took = time.monotonic() - began
    early = lab.tick(minutes(2))
    later = lab.ticks(minutes(3), 8)

    assert took < 15
    assert (first.sent["sms"], first.in_hand) == (9, 1)
    assert (early.reconciled.interrupted, early.sent["sms"]) == (0, 0), "its lease holds"
    assert sum(report.reconciled.interrupted for report in later) == 1
    assert sum(report.sent["sms"] for report in later) == 1
    assert (lab.states(), lab.provider.twice) == ({"sent": 10}, [])
