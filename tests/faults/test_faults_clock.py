"""Clocks that jump: the one a tick judges by, and the one leases run by."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cadence.channels.channel import Accepted, Lost
from cadence.errors import Refused
from cadence.runner.clock import TickClock
from cadence.runner.steps import Step
from support.desk import TUESDAY, minutes
from support.lab import Provider, texts_page

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.channels.channel import Outgoing, Result
    from support.lab import Lab

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SEQUENCE = ("id: first, send: now", "id: second, after: 30m", "id: third, after: 3h", "id: fourth, after: 20d")


def sent_at(lab: Lab) -> dict[str, list[datetime]]:
    """When each lead's texts went, by the log."""
    found: dict[str, list[datetime]] = {}
    for message in lab.provider.order:
        found.setdefault(message.lead, []).append(message.at)
    return found


def test_a_clock_that_goes_back_stops_the_ticks_until_it_is_right_or_said_to_be(lab: Lab) -> None:
    """Five minutes are the difference of two machines; an hour is a fault."""
    lab.write_page(texts_page(*SEQUENCE))
    lab.add(20)
    lab.tick(minutes(60))
    went = len(lab.provider.calls)
    for back in (HOUR, DAY, timedelta(minutes=6)):
        with pytest.raises(Refused, match="would go back"):
            lab.tick(minutes(60) - back)
    assert len(lab.provider.calls) == went
    assert lab.tick(minutes(56)).at == minutes(60), "it judges by the last tick's time"
    lab.tick(minutes(10), clock_is_right=True)
    lab.ticks(minutes(11), 5)

    assert lab.provider.twice == []


@pytest.mark.parametrize("jump", [HOUR, DAY, 30 * DAY], ids=str)
def test_a_clock_that_is_far_ahead_for_a_while_sends_nothing_twice_and_no_two_at_once(
    lab: Lab, jump: timedelta
) -> None:
    """What became late by the wrong clock is skipped, and said; what is to come by the right one comes."""
    lab.write_page(texts_page(*SEQUENCE, expires="10h"))
    lab.add(20)
    lab.ticks(minutes(1), 2)
    wrong = [lab.tick(minutes(3) + jump + timedelta(minutes=turn)) for turn in range(3)]
    with pytest.raises(Refused):
        lab.tick(minutes(6))
    right = [lab.tick(minutes(6), clock_is_right=True), *lab.ticks(minutes(7), 3)]
    right += [lab.tick(minutes(10) + DAY * turn / 2) for turn in range(1, 90)]

    for report in (*wrong, *right):
        assert report.sent["sms"] <= 20, "at most one each in a tick"
        assert not report.set_aside
    assert lab.provider.twice == []
    skipped: Counter[str] = sum((report.ended for report in (*wrong, *right)), Counter())
    went = sum(report.sent["sms"] for report in (*wrong, *right)) + 20
    assert went + skipped["late"] + skipped["superseded"] == 80, "each text went, or was skipped with a reason"
    late = {HOUR: 0, DAY: 40, 30 * DAY: 60}[jump]
    assert skipped["late"] >= late
    assert {row.state for row in lab.rows().values()} <= {"sent", "skipped"}


@pytest.mark.parametrize("jump", [-2 * HOUR, 2 * HOUR, 30 * DAY], ids=str)
def test_a_clock_that_jumps_inside_a_tick_sends_nothing_twice(lab: Lab, jump: timedelta) -> None:
    """The tick's own clock jumps once it has worked for a while, and back again."""
    lab.write_page(texts_page(*SEQUENCE))
    lab.add(120)
    looks = [0]

    def passed() -> float:
        looks[0] += 1
        return jump.total_seconds() if 6 < looks[0] < 12 else float(looks[0]) / 10

    lab.tick(minutes(1), clock=TickClock(minutes(1), passed, lambda _: None))
    for minute in range(2, 8):
        lab.tick(max(minutes(minute), TUESDAY), clock_is_right=True)

    assert lab.provider.twice == []
    assert all(len(times) == len(set(times)) for times in sent_at(lab).values()), "never two at one instant"


class Slow:
    """A provider's first call that takes its time; the others are quick."""

    def __init__(self) -> None:
        self.began, self.may_answer = threading.Event(), threading.Event()

    def __call__(self, _: Outgoing) -> Result:
        if not self.began.is_set():
            self.began.set()
            assert self.may_answer.wait(60)
        return Accepted()


@pytest.mark.parametrize("jump", [-30 * DAY, -HOUR, -timedelta(minutes=3), HOUR, DAY, 30 * DAY], ids=str)
def test_a_lease_survives_a_jump_of_the_clock_under_a_call(lab: Lab, jump: timedelta) -> None:
    """Another tick takes the claim for lost, and yet does not ask about what is going on at this moment."""
    lab.write_page(texts_page(SEQUENCE[0]))
    lab.add(["maria"])
    slow = Slow()
    lab.provider = Provider(slow, workers=1)
    first = threading.Thread(target=lab.tick, args=(minutes(1),))
    first.start()
    assert slow.began.wait(60)
    meanwhile = [lab.tick(minutes(2), shared=minutes(2) + jump), lab.tick(minutes(3), shared=minutes(3) + jump)]
    slow.may_answer.set()
    first.join(60)
    after = [lab.tick(minutes(turn), shared=minutes(turn) + jump) for turn in range(4, 12)]

    assert not first.is_alive()
    assert sum(report.sent["sms"] for report in (*meanwhile, *after)) == 0
    assert lab.states() == {"sent": 1}
    assert (lab.provider.twice, len(lab.provider.calls)) == ([], 1)


@pytest.mark.parametrize("jump", [-30 * DAY, -HOUR, HOUR, 30 * DAY], ids=str)
def test_what_a_dead_tick_left_is_found_whatever_the_clock_does(lab: Lab, jump: timedelta) -> None:
    """Within minutes by the clock as it then is, though the lease was written by another."""
    lab.write_page(texts_page(SEQUENCE[0]))
    lab.add(10)

    def die(step: Step) -> None:
        if step is Step.BEFORE_COMMIT:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab.tick(minutes(1), watch=die)
    while len(lab.provider.calls) < lab.states()["claimed"]:
        time.sleep(0.01)
    for turn in range(2, 16):
        lab.tick(minutes(turn), shared=minutes(turn) + jump)

    assert lab.states() == {"sent": 10}
    assert (lab.provider.twice, len(lab.provider.has)) == ([], 10)


@pytest.mark.parametrize("jump", [-30 * DAY, -HOUR], ids=str)
def test_a_question_put_off_by_a_clock_that_was_ahead_is_asked_before_long(lab: Lab, jump: timedelta) -> None:
    lab.write_page(texts_page(SEQUENCE[0]))
    lab.add(5)
    lab.provider = Provider(lambda _: Lost("timeout"), has=lambda _, __: True)
    lab.tick(minutes(1))
    assert lab.states() == {"unknown": 5}
    found = [lab.tick(minutes(turn), shared=minutes(turn) + jump).reconciled.gone for turn in range(2, 10)]

    assert found[0] == 0
    assert sum(found) == 5
    assert lab.states() == {"sent": 5}
