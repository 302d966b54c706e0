"""Answers that are lost, or come when nobody waits for them any more; a provider that asks for patience."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cadence.channels.channel import Absent, Accepted, Channel, Found, Lost, NotNow, Refused, Unsure
from cadence.engine.events import Decided
from cadence.runner.clock import pretended_clock
from cadence.runner.deliver import NEWS, RESTING, TOO_SLOW
from cadence.runner.results import ABSENT, MOST_TRIES, PERSON, record_results
from cadence.runner.tick import tick
from cadence.store import events, outbox
from support.desk import minutes
from support.make import Make

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cadence.channels.channel import Finding, Outgoing, Result
    from cadence.runner.report import TickReport
    from support.desk import Desk

TEXT = "maria/roofer/-/1/1/instant"


@dataclass
class _Line(Channel):
    """A way out that does what a test wants, and remembers what went."""

    answer: Callable[[Outgoing], Result]
    workers: int = 1
    begins_within: timedelta = timedelta(seconds=30)
    visible_after: timedelta = timedelta(minutes=2)
    gone: list[Outgoing] = field(default_factory=list)

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        self.gone += messages
        return [self.answer(message) for message in messages]

    def look_up(self, messages: Sequence[Outgoing]) -> Sequence[Finding]:
        known = {each.key for each in self.gone}
        return [Found() if message.key in known else Absent() for message in messages]


def _tick(desk: Desk, minute: int, line: Channel, **given: Any) -> TickReport:
    now = minutes(minute)
    return tick(
        desk.account, now, clock=pretended_clock(now), channels={"sms": line, "email": line}, plans=desk.plans, **given
    )


def _row(desk: Desk) -> outbox.OutboxRow:
    with desk.account.store.read() as session:
        row = outbox.get(session, "summit", TEXT)
    assert row is not None
    return row


@pytest.mark.parametrize(("begins", "visible", "seconds"), [(30, 120, 151), (2, 1.5, 5)])
def test_a_provider_is_asked_once_the_last_moment_of_a_call_has_become_visible(
    desk: Desk, begins: float, visible: float, seconds: int
) -> None:
    """The claim may be up to a second later than its whole second says, and the call begins after the claim."""
    desk.add("maria", "+18165550142")
    line = _Line(
        lambda _: Lost("timeout"), begins_within=timedelta(seconds=begins), visible_after=timedelta(seconds=visible)
    )
    _tick(desk, 1, line)
    row = _row(desk)

    assert (row.state, len(line.gone)) == ("unknown", 1)
    assert row.called_at is not None
    assert row.check_at == row.called_at + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (NEWS, "waits"),
        (RESTING, "waits"),
        (TOO_SLOW, "waits"),
        (PERSON, "waits"),
        (ABSENT, "failed"),
        ("busy", "failed"),
    ],
)
def test_attempts_without_a_call_never_use_up_a_message(desk: Desk, code: str, state: str) -> None:
    """A line so slow that a message does not get its turn is no reason to give the message up."""
    desk.add("maria", "+18165550142")
    row = replace(Make().touch(), tries=MOST_TRIES - 1)
    with desk.account.store.write() as session:
        outbox.claim(session, "summit", [row])
        ((_, ending),) = record_results(session, "summit", [(row, NotNow(code))], minutes(1))

    assert ending.state == state


def test_a_call_that_waited_too_long_for_its_turn_is_not_made(desk: Desk) -> None:
    for number, lead in enumerate(("ana", "ben", "cleo")):
        desk.add(lead, f"+1816555014{number}")

    def slow(_: Outgoing) -> Result:
        time.sleep(0.3)
        return Accepted()

    line = _Line(slow, begins_within=timedelta(seconds=0.2))
    report = _tick(desk, 1, line)

    assert report.deferred["too_slow"] > 0
    assert len({each.key for each in line.gone}) == len(line.gone)


@pytest.mark.parametrize("after", [timedelta(seconds=0.5), timedelta(seconds=90, microseconds=1)])
def test_a_provider_may_ask_for_any_patience(desk: Desk, after: timedelta) -> None:
    """Instants in the store are whole seconds; what a provider says need not be."""
    desk.add("maria", "+18165550142")
    desk.add("noor", "+18165550143")
    answers: list[Result] = [NotNow("busy", after=after)]
    line = _Line(lambda _: answers.pop() if answers else Accepted())
    first = _tick(desk, 1, line)
    _tick(desk, 6, line)

    assert first.deferred == {"busy": 1, "resting": 1}
    assert len({each.key for each in line.gone}) == 2
    assert (_row(desk).state, len(line.gone)) == ("sent", 3)


def test_a_question_that_failed_says_nothing_about_a_later_attempt(desk: Desk) -> None:
    """While one tick waits for the provider's list, another gets it, sends anew, and loses the answer again."""
    desk.add("maria", "+18165550142")
    at_once = {"begins_within": timedelta(0), "visible_after": timedelta(0), "workers": 0}
    line = _Line(lambda _: Lost("timeout"), **at_once)
    _tick(desk, 1, line)
    line.gone.clear()
    patient = _Line(lambda _: Lost("timeout"), visible_after=timedelta(hours=1))

    class Failing(_Line):
        def look_up(self, messages: Sequence[Outgoing]) -> Sequence[Finding]:
            _tick(desk, 1, patient)
            return [Unsure("broken", again=True)] * len(messages)

    _tick(desk, 1, Failing(lambda _: Lost("timeout"), **at_once))
    row = _row(desk)

    assert (row.state, row.attempts, len(patient.gone)) == ("unknown", 2, 1)
    assert row.called_at is not None
    assert row.check_at is not None
    assert row.check_at > row.called_at + patient.visible_after


@pytest.mark.parametrize("late", [Accepted("m-1"), Lost("timeout"), NotNow("busy"), Refused("400")])
def test_an_answer_that_comes_after_the_lease_has_run_out_repeats_nothing(desk: Desk, late: Result) -> None:
    """Another tick has found the text at the provider meanwhile: that is what counts."""
    desk.add("maria", "+18165550142")
    lease = timedelta(seconds=1)

    def answer(_: Outgoing) -> Result:
        other = _Line(lambda _: Accepted(), begins_within=timedelta(0), visible_after=timedelta(0), gone=line.gone)
        deadline = time.monotonic() + 30
        while _row(desk).state != "sent" and time.monotonic() < deadline:
            _tick(desk, 1, other, lease=lease)
        return late

    line = _Line(answer, begins_within=timedelta(seconds=30))
    _tick(desk, 1, line, lease=lease)
    with desk.account.store.read() as session:
        log = events.of_leads(session, "summit", ["maria"])["maria"]
    kinds = [each.type for each in log if each.data.get("touch") == "instant"]

    assert len(line.gone) == 1
    assert kinds == [Decided.TOUCH_CLAIMED, Decided.TOUCH_UNKNOWN, Decided.TOUCH_SENT]
    assert (_row(desk).state, _row(desk).attempts, _row(desk).check_at) == ("sent", 1, None)
