"""A text whose answer was lost is found in Twilio's list, or surely not there, or that is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cadence.channels import twilio
from cadence.channels.channel import Absent, Accepted, Found, Unsure
from cadence.channels.twilio_lookup import same_text
from support.twilio_desk import OURS, Day
from support.twilio_make import BODY, HER, NOW, outgoing, sms

if TYPE_CHECKING:
    from support.twilio_desk import TwilioDesk

TRIAL = "Sent from your Twilio trial account - "


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        (BODY, BODY, True),
        (BODY + " \n", BODY, True),
        ("It’s “fine” – really…", 'It\'s "fine" - really...', True),
        ("caf\u00e9 at\u00a010", "cafe\u0301 at 10", True),
        (BODY, TRIAL + BODY, True),
        ("Ok", TRIAL + "Ok", True),
        ("See https://summit.example.com/book?x=1 please", "See https://tw.example.com/a1 please", True),
        ("👍", "👍", True),
        ("👍", "👎", False),
        (BODY, "", False),
        (BODY, BODY.replace("Maria", "Marta"), False),
        ("Ok", "Okay then", False),
    ],
)
def test_a_text_is_known_again_after_what_twilio_may_do_to_it(ours: str, theirs: str, same: bool) -> None:
    assert same_text(ours, theirs) is same


def test_what_went_is_found_and_what_did_not_is_absent(desk: TwilioDesk) -> None:
    desk.days += [Day(cut=True, accepted=True), Day(cut=True)]
    went, lost = outgoing(), outgoing(to="+18165550143")
    channel = sms(desk)
    channel.send([went, lost])

    assert channel.look_up([lost, went]) == [Absent(), Found(desk.sent[0]["sid"])]


def test_what_still_waits_at_twilio_is_found(desk: TwilioDesk) -> None:
    """It has no date of sending yet, and a list by that date would leave it out."""
    desk.days.append(Day(cut=True, accepted=True))
    channel = sms(desk)
    channel.send([outgoing()])

    assert desk.sent[0]["date_sent"] is None
    assert isinstance(channel.look_up([outgoing()])[0], Found)


@pytest.mark.parametrize("minutes", [-60, -6, 7, 60])
def test_the_same_text_of_another_time_is_another_text(desk: TwilioDesk, minutes: int) -> None:
    desk.messages.append(desk._message(to=HER, sender=OURS, body=BODY, direction="outbound-api", status="sent",
                                       at=NOW + timedelta(minutes=minutes)))  # fmt: skip
    desk.now = lambda: NOW + timedelta(hours=2)

    assert sms(desk).look_up([outgoing()]) == [Absent()]


def test_a_clock_that_is_minutes_ahead_does_not_make_it_go_twice(desk: TwilioDesk) -> None:
    desk.days.append(Day(cut=True, accepted=True))
    channel = sms(desk)
    ahead = outgoing(called_at=NOW + timedelta(minutes=4))
    channel.send([ahead])

    assert channel.look_up([ahead]) == [Found(desk.sent[0]["sid"])]


def test_two_of_the_same_text_to_one_number_are_told_apart_by_time(desk: TwilioDesk) -> None:
    channel = sms(desk)
    first, second = outgoing(), outgoing(called_at=NOW + timedelta(minutes=2), key="other")
    (one,) = channel.send([first])
    desk.now = lambda: NOW + timedelta(minutes=2)
    (two,) = channel.send([second])
    assert isinstance(one, Accepted)
    assert isinstance(two, Accepted)

    assert channel.look_up([second, first]) == [Found(two.provider_id), Found(one.provider_id)]
    assert channel.look_up([second]) == [Found(two.provider_id)]


def test_one_text_is_never_found_for_two(desk: TwilioDesk) -> None:
    channel = sms(desk)
    channel.send([outgoing()])

    assert channel.look_up([outgoing(), outgoing(key="other")]) == [Found(desk.sent[0]["sid"]), Absent()]


def test_the_persons_own_message_with_the_same_words_is_not_ours(desk: TwilioDesk) -> None:
    desk.messages.append({**desk.texts(OURS, BODY), "to": HER, "sid": "SM" + "9" * 32})
    desk.messages.pop(0)

    assert sms(desk).look_up([outgoing()]) == [Absent()]


def test_a_text_that_twilio_does_not_keep_is_left_to_a_person(desk: TwilioDesk) -> None:
    desk.keeps = lambda _: ""
    channel = sms(desk)
    channel.send([outgoing()])

    assert channel.look_up([outgoing()]) == [Unsure("text_not_kept")]


def test_a_long_list_is_read_page_by_page(desk: TwilioDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio, "PAGE", 3)
    channel = sms(desk)
    for number in range(7):
        desk.now = lambda number=number: NOW + timedelta(seconds=number)
        channel.send([outgoing(body=f"{BODY} {number}")])

    assert channel.look_up([outgoing(body=f"{BODY} 0")]) == [Found(desk.sent[0]["sid"])]
    assert channel.look_up([outgoing(body="Something else altogether")]) == [Absent()]


def test_a_list_too_long_to_read_tells_nothing(desk: TwilioDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio, "PAGE", 1)
    channel = sms(desk)
    for number in range(twilio.PAGES + 1):
        channel.send([outgoing(body=f"{BODY} {number}")])

    assert channel.look_up([outgoing(body="x")]) == [Unsure("no_list", again=True)]


def test_a_list_is_read_no_further_back_than_is_of_use(desk: TwilioDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio, "PAGE", 2)
    for days in range(9, 0, -1):
        old = desk._message(to=HER, sender=OURS, body=BODY, direction="outbound-api", status="sent",
                            at=NOW - timedelta(days=days))  # fmt: skip
        desk.messages.append({**old, "date_sent": old["date_created"]})

    assert sms(desk).look_up([outgoing()]) == [Absent()]
    assert len(desk.requests) == 1


def test_a_number_is_asked_about_once(desk: TwilioDesk) -> None:
    messages = [outgoing(body=f"{BODY} {number}") for number in range(5)]
    messages += [replace(messages[0], to="+18165550143")]

    assert sms(desk).look_up(messages) == [Absent()] * 6
    assert len(desk.requests) == 2
