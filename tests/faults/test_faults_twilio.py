"""Twilio at its worst, through real ticks: each bad day ends in its stated outcome, and nobody gets a second text."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from support.desk import minutes
from support.lab import texts_page
from support.twilio_desk import Day, twilio_desk
from support.twilio_make import sms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.runner.report import TickReport
    from support.lab import Lab
    from support.twilio_desk import TwilioDesk

HER = "+18165550142"
BAD_GATEWAY = "<html><h1>502 Bad Gateway</h1></html>"


@pytest.fixture
def twilio(lab: Lab) -> Iterator[TwilioDesk]:
    """A Twilio that goes by the shop's clock; one lead is due."""
    lab.write_page(texts_page("id: hello, send: now"))
    lab.add(["maria"], phone=HER)
    with twilio_desk(lambda: lab.clock.at) as opened:
        yield opened


def tick(lab: Lab, twilio: TwilioDesk, minute: float) -> TickReport:
    channel = sms(twilio, timeout=0.5)
    return lab.tick(minutes(minute), channels={"sms": channel, "email": lab.provider, "audience": lab.provider})


def state(lab: Lab) -> str:
    (row,) = lab.rows().values()
    return row.state


@pytest.mark.parametrize(
    "day",
    [
        Day(accepted=True, cut=True),
        Day(accepted=True, hang=True),
        Day(accepted=True, status=502, body=BAD_GATEWAY),
        Day(accepted=True, status=500, code=20500),
        Day(accepted=True, status=201, body='{"sid": "SM0'),
        Day(accepted=True, status=201, body="{}"),
    ],
    ids=["lost answer", "hung", "html", "500", "half an answer", "no sid"],
)
def test_a_text_that_went_though_nobody_said_so_is_found_and_goes_no_second_time(
    lab: Lab, twilio: TwilioDesk, day: Day
) -> None:
    twilio.days.append(day)
    tick(lab, twilio, 1)
    lost = state(lab)
    for minute in (2, 3, 4, 5, 40):
        tick(lab, twilio, minute)
    (row,) = lab.rows().values()

    assert (lost, row.state, row.provider_id) == ("unknown", "sent", twilio.sent[0]["sid"])
    assert twilio.times(HER) == 1


@pytest.mark.parametrize(
    "day",
    [Day(cut=True), Day(hang=True), Day(status=502, body=BAD_GATEWAY), Day(status=503, code=20503)],
    ids=["cut", "hung", "html", "503"],
)
def test_a_text_that_did_not_go_goes_once_twilio_surely_does_not_have_it(
    lab: Lab, twilio: TwilioDesk, day: Day
) -> None:
    twilio.days.append(day)
    tick(lab, twilio, 1)
    lost = state(lab)
    tick(lab, twilio, 2)
    early = twilio.times(HER)
    for minute in (4, 5, 6, 40):
        tick(lab, twilio, minute)

    assert (lost, early, state(lab), twilio.times(HER)) == ("unknown", 0, "sent", 1)


@pytest.mark.parametrize(
    "day",
    [
        Day(status=429, code=20429, headers={"Retry-After": "20"}),
        Day(status=429, code=20429),
        Day(status=429, body=BAD_GATEWAY),
        Day(status=400, code=21611),
        Day(status=400, code=30450),
    ],
    ids=["429 with a header", "429", "429 of something in front", "queue full", "pumping"],
)
def test_a_busy_twilio_gets_the_text_a_little_later(lab: Lab, twilio: TwilioDesk, day: Day) -> None:
    twilio.days.append(day)
    tick(lab, twilio, 1)
    busy = state(lab)
    for minute in (2, 3, 4, 40):
        tick(lab, twilio, minute)

    assert (busy, state(lab), twilio.times(HER)) == ("waits", "sent", 1)


@pytest.mark.parametrize("code", [21610, 21211, 21614, 21617])
def test_a_text_that_twilio_refuses_for_good_has_failed_and_is_not_tried_again(
    lab: Lab, twilio: TwilioDesk, code: int
) -> None:
    twilio.dead[HER] = code
    for minute in (1, 2, 5, 40):
        tick(lab, twilio, minute)
    (row,) = lab.rows().values()

    assert (row.state, row.detail.partition(":")[0], twilio.times(HER)) == ("failed", str(code), 0)
    assert len([each for each in twilio.requests if each[0] == "POST"]) == 1
    assert HER not in row.detail


@pytest.mark.parametrize(("status", "code"), [(401, 20003), (403, 20005), (400, 30034), (400, 21606)])
def test_what_a_person_must_put_right_keeps_the_text_waiting(
    lab: Lab, twilio: TwilioDesk, status: int, code: int
) -> None:
    twilio.days.append(Day(status=status, code=code))
    tick(lab, twilio, 1)

    assert (state(lab), twilio.times(HER)) == ("waits", 0)


def test_a_limit_of_the_day_leaves_the_channel_alone_until_it_is_over(lab: Lab, twilio: TwilioDesk) -> None:
    twilio.days.append(Day(status=429, code=63038))
    for minute in (1, 2, 30, 150):
        tick(lab, twilio, minute)
    asked = len(twilio.requests)
    tick(lab, twilio, 185)

    assert (asked, state(lab), twilio.times(HER)) == (1, "sent", 1)


def test_twilio_may_be_unable_to_answer_the_question_too(lab: Lab, twilio: TwilioDesk) -> None:
    twilio.days += [Day(accepted=True, cut=True), Day(method="GET", status=503, body=BAD_GATEWAY)]
    tick(lab, twilio, 1)
    tick(lab, twilio, 4)
    asked = state(lab)
    tick(lab, twilio, 10)

    assert (asked, state(lab), twilio.times(HER)) == ("unknown", "sent", 1)


def test_a_text_that_shows_late_in_the_list_is_found_all_the_same(lab: Lab, twilio: TwilioDesk) -> None:
    twilio.lag = timedelta(seconds=90)
    twilio.days.append(Day(accepted=True, cut=True))
    for minute in (1, 2, 3, 4, 40):
        tick(lab, twilio, minute)

    assert (state(lab), twilio.times(HER)) == ("sent", 1)


def test_in_a_storm_of_all_of_it_everybody_gets_one_text(lab: Lab, twilio: TwilioDesk) -> None:
    storm = [
        Day(accepted=True, cut=True), Day(cut=True), Day(accepted=True, status=500, body=BAD_GATEWAY),
        Day(status=429, code=20429), Day(accepted=True, status=201, body="{"), Day(status=503, body=BAD_GATEWAY),
    ]  # fmt: skip
    lab.add(30)
    twilio.days += storm * 3
    for minute in (1, 2, 3, 5, 7, 9, 12, 15, 20, 30, 45, 70):
        tick(lab, twilio, minute)

    assert lab.states() == {"sent": 31}
    assert {each["to"]: twilio.times(each["to"]) for each in twilio.sent} == dict.fromkeys(
        (row.address for row in lab.rows().values()), 1
    )
