"""Senders with a rate, channels that are slow, and calls that never end: a tick keeps its time, and others go on."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cadence.channels.channel import Accepted, Refused
from cadence.runner.clock import TickClock, real_clock
from cadence.runner.traffic import traffic_of
from support.desk import TUESDAY, minutes
from support.lab import Provider, texts_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cadence.channels.channel import Outgoing, Result
    from support.lab import Lab

ONE = "id: hello, send: now"
SECOND = timedelta(seconds=1)


def limit(lab: Lab, words: str) -> None:
    """Give the sender of texts a limit."""
    page = lab.desk.root / "cadence.yaml"
    text = page.read_text(encoding="utf-8")
    assert "cost_per_segment: 0.0113}" in text
    page.write_text(text.replace("cost_per_segment: 0.0113}", f"cost_per_segment: 0.0113, {words}}}"), encoding="utf-8")


def until(enough: Callable[[], bool], *, patience: float) -> TickClock:
    """Return a clock whose time is up as soon as there is enough."""
    began = time.monotonic()
    passed = lambda: 3600.0 if enough() else min(time.monotonic() - began, 49.0)  # noqa: E731
    return TickClock(minutes(1), passed, time.sleep, patience=patience)


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

    assert (reports[0].sent["sms"], reports[0].handed_on) == (50, 50), "a tick has 50 seconds"
    assert max(went.values()) == 1
    assert (lab.states(), lab.provider.twice) == ({"sent": 100}, [])


def test_a_days_cap_lets_the_rest_wait_for_the_next_day_of_the_business(lab: Lab) -> None:
    """In Kansas City: the rest goes when its windows open there."""
    limit(lab, "per_day: 30")
    lab.write_page(texts_page(ONE))
    lab.add(50)
    lab.ticks(minutes(1), 3)
    lab.ticks(TUESDAY.replace(hour=23, minute=59), 3)
    before = len(lab.provider.has)
    lab.tick(TUESDAY.replace(hour=6, minute=0) + timedelta(days=1))
    lab.tick(TUESDAY.replace(hour=14, minute=0) + timedelta(days=1))

    assert before == 30
    assert (lab.states(), lab.provider.twice) == ({"sent": 50}, [])


# -- slow channels


def test_a_slow_channel_holds_up_no_other(lab: Lab) -> None:
    """Not one text is through before the last e-mail is."""
    mail = "      - {id: mail, send: now, channel: email, if: not lead.phone, template: roofer/new/instant}\n    next:"
    lab.write_page(texts_page(f"{ONE}, if: lead.phone").replace("    next:", mail, 1))
    lab.add([f"phone-{number:02}" for number in range(24)])
    for number in range(24):
        lab.add([f"mail-{number:02}"], phone="", email=f"m{number}@example.com")
    all_mailed = threading.Event()

    def slow(_: Outgoing) -> Result:
        return Accepted() if all_mailed.wait(30) else Refused("held up")

    def quick(_: Outgoing) -> Result:
        mailed.append(1)
        if len(mailed) == 24:
            all_mailed.set()
        return Accepted()

    mailed: list[int] = []
    texts, mails = Provider(slow, workers=8), Provider(quick, workers=8)
    clock = real_clock(minutes(1))
    report = lab.tick(minutes(1), clock=clock, channels={"sms": texts, "email": mails, "audience": mails})

    assert (report.sent["sms"], report.sent["email"], report.failed) == (24, 24, {})


def test_a_tick_at_a_slow_channel_ends_in_time_and_hands_the_rest_on(lab: Lab) -> None:
    """Its time is up after ten of sixty texts: the next ticks go on, and nothing goes twice."""

    def slow(_: Outgoing) -> Result:
        time.sleep(0.2)
        return Accepted()

    lab.write_page(texts_page(ONE))
    lab.provider = Provider(slow, workers=2)
    lab.add(60)
    first = lab.tick(minutes(1), clock=until(lambda: len(lab.provider.has) >= 10, patience=30.0))
    lab.provider.answer = lambda _: Accepted()
    lab.ticks(minutes(2), 3)

    assert 10 <= first.sent["sms"] < 60
    assert first.handed_on == 60 - first.sent["sms"]
    assert first.in_hand == 0
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
    first = lab.tick(minutes(1), clock=until(lambda: lab.states()["sent"] == 9, patience=0.3))
    took = time.monotonic() - began
    early = lab.tick(minutes(2))
    later = lab.ticks(minutes(3), 8)

    assert took < 25, "it does not wait for the answer"
    assert (first.sent["sms"], first.in_hand) == (9, 1)
    assert (early.reconciled.interrupted, early.sent["sms"]) == (0, 0), "its lease holds"
    assert sum(report.reconciled.interrupted for report in later) == 1
    assert sum(report.sent["sms"] for report in later) == 1
    assert (lab.states(), lab.provider.twice) == ({"sent": 10}, [])
