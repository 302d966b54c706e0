"""A provider at its worst: nothing goes twice, nothing is lost, and it is left alone while it cannot."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cadence.channels.channel import Accepted, Lost, NotNow, Refused
from cadence.runner.deliver import BREAKER
from support.desk import minutes
from support.lab import Provider, texts_page

if TYPE_CHECKING:
    from cadence.channels.channel import Outgoing, Result
    from support.lab import Lab

ONE = "id: hello, send: now"
TWO = ("id: first, send: now", "id: second, after: 2m")


def share(message: Outgoing, salt: str = "") -> float:
    """Draw lots, the same for a message whenever it is drawn: 0 to 1."""
    return int.from_bytes(hashlib.sha256(f"{message.key}{salt}".encode()).digest()[:4]) / 2**32


@pytest.mark.parametrize("part", [1.0, 0.05, 0.5])
def test_messages_that_were_taken_before_a_time_out_are_found_and_never_sent_again(lab: Lab, part: float) -> None:
    """The provider is asked no sooner than what it took is surely visible, and then everything is known in one tick."""
    lab.write_page(texts_page(ONE))
    lab.provider = Provider(
        lambda message: Lost("timeout") if share(message) < part else Accepted(), has=lambda _, __: True
    )
    lab.add(80)
    reports = lab.ticks(minutes(1), 3)
    asked_early = list(lab.provider.asked)
    reports += lab.ticks(minutes(4), 22)

    assert asked_early == []
    assert sum(report.lost["timeout"] for report in reports) == sum(report.reconciled.gone for report in reports) > 0
    assert lab.states() == {"sent": 80}
    assert (lab.provider.twice, len(lab.provider.calls)) == ([], 80)
    assert not any(report.needs_a_person for report in reports)


def test_messages_that_were_dropped_before_a_time_out_go_after_the_provider_was_asked(lab: Lab) -> None:
    """Half of them it took, half it never saw; it knows which."""
    lab.write_page(texts_page(ONE))
    broken = Provider(lambda _: Lost("timeout"), has=lambda message, _: share(message) < 0.5)
    lab.provider = broken
    lab.add(60)
    lab.ticks(minutes(1), 1)
    lost, took = len(broken.calls), len(broken.has)
    broken.answer, broken.took = lambda _: Accepted(), lambda _, __: True
    after = lab.ticks(minutes(2), 6)

    assert 0 < took < lost
    assert sum(report.reconciled.gone for report in after) == took
    assert sum(report.reconciled.again for report in after) == lost - took
    assert lab.states() == {"sent": 60}
    assert (broken.twice, len(broken.has)) == ([], 60)


@pytest.mark.parametrize("after", [None, timedelta(seconds=20), timedelta(minutes=3)], ids=str)
def test_a_storm_of_too_many_requests_is_sat_out(lab: Lab, after: timedelta | None) -> None:
    """Ten minutes in which nearly every call is turned away: few calls a tick, and all goes afterwards, in order."""
    lab.write_page(texts_page(*TWO))
    storm = {"blows": True}

    def answer(message: Outgoing) -> Result:
        turned_away = storm["blows"] and share(message, f"{message.attempt}{message.at}") < 0.97
        return NotNow("429", after=after) if turned_away else Accepted()

    lab.provider = Provider(answer, workers=4)
    lab.add(60)
    calls_a_tick = []
    for minute in range(1, 11):
        before = len(lab.provider.calls)
        report = lab.tick(minutes(minute))
        calls_a_tick.append(len(lab.provider.calls) - before)
        assert not report.failed
    storm["blows"] = False
    calm = lab.ticks(minutes(11), 35)

    looks = 1 if after is None or after > timedelta(minutes=1) else 3  # a tick has 50 seconds
    assert max(calls_a_tick) <= looks * 40, calls_a_tick  # five in a row, what is under way, and luck between
    assert sum(calls_a_tick) <= looks * 200, calls_a_tick
    assert lab.states() == {"sent": 120}
    assert (lab.provider.twice, len(lab.provider.has)) == ([], 120)
    assert not any(report.needs_a_person for report in calm)
    for lead in {message.lead for message in lab.provider.order}:
        mine = [message.key.rpartition("/")[2] for message in lab.provider.order if message.lead == lead]
        assert mine == ["first", "second"], "what was due first goes first"


def test_half_of_a_batch_that_fails_takes_nothing_from_the_other_half(lab: Lab) -> None:
    """One call for a hundred messages: taken, refused, turned away and lost, each by itself."""
    lab.write_page(texts_page(ONE))
    kinds = {0: Accepted(), 1: Accepted(), 2: Refused("21614"), 3: NotNow("429")}
    calm: list[bool] = []

    def answer(message: Outgoing) -> Result:
        kind = kinds[int(share(message) * 4)]
        return Accepted() if calm and isinstance(kind, NotNow) else kind

    lab.provider = Provider(answer, per_call=100, workers=1)
    lab.add(100)
    first = lab.tick(minutes(1))
    calm.append(True)
    second = lab.ticks(minutes(2), 3)

    sent, failed, deferred = first.sent["sms"], first.failed["21614"], first.deferred["429"]
    assert sent + failed + deferred == 100
    assert min(sent, failed, deferred) > 10
    assert sum(report.sent["sms"] for report in second) == deferred
    assert lab.states() == {"sent": sent + deferred, "failed": failed}
    assert lab.provider.twice == []


def test_a_provider_that_is_down_is_left_alone_and_the_other_channel_goes_on(lab: Lab) -> None:
    """Texts wait after a few calls; e-mails go."""
    mail = "      - {id: mail, send: now, channel: email, if: not lead.phone, template: roofer/new/instant}\n    next:"
    lab.write_page(texts_page(f"{ONE}, if: lead.phone").replace("    next:", mail, 1))
    lab.add([f"phone-{number}" for number in range(60)])
    for number in range(20):
        lab.add([f"mail-{number:02}"], phone="", email=f"m{number}@example.com")
    down, up = Provider(lambda _: NotNow("503")), Provider()
    report = lab.tick(minutes(1), channels={"sms": down, "email": up, "audience": up})

    assert report.sent["email"] == len(up.has) == 20
    assert BREAKER <= len(down.calls) <= 30
    assert report.held["rate"] > 0
