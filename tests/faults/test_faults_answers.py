"""Answers that Twilio's list tells, at the moment when a mail is due, and when the tick that heard them dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cadence.channels.channel import Accepted
from cadence.inbox.twilio_poll import TwilioInbox
from cadence.store import inbound
from support.desk import minutes
from support.hearing import MAIL_PAGE, MARIA, PHONE, Shop
from support.kill.listener import PLACES
from support.twilio_desk import OURS, twilio_desk
from support.twilio_make import line, sms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.runner.report import TickReport
    from support.lab import Lab
    from support.twilio_desk import TwilioDesk

REPLY = "Can you call me after five?"
TESTS = Path(__file__).parents[1]


@pytest.fixture
def shop(lab: Lab) -> Shop:
    """A shop whose Maria gets a text at once and a mail ten minutes later."""
    lab.write_page(MAIL_PAGE)
    lab.add(["maria"], email=MARIA)
    lab.provider.answer = lambda _: Accepted("mail")
    return Shop(lab)


@pytest.fixture
def twilio(shop: Shop) -> Iterator[TwilioDesk]:
    with twilio_desk(lambda: shop.lab.clock.at) as opened:
        yield opened


def tick(shop: Shop, twilio: TwilioDesk, minute: float) -> TickReport:
    ways = {"sms": sms(twilio), "email": shop.lab.provider, "audience": shop.lab.provider}
    return shop.lab.tick(minutes(minute), channels=ways, sources=[TwilioInbox(line(twilio), sender=OURS)])


@pytest.mark.parametrize(
    ("minute", "goes", "words"),
    [(9, False, REPLY), (10, False, REPLY), (11, True, REPLY), (10, False, "STOP")],
    ids=["before", "at", "after", "a stop"],
)
def test_an_answer_by_text_stops_the_mail_unless_it_was_claimed_before(
    shop: Shop, twilio: TwilioDesk, minute: int, goes: bool, words: str
) -> None:
    for at in (0, 9, 10, 11):
        shop.lab.clock.set(minutes(at))
        if at == minute:
            twilio.texts(PHONE, words)
        tick(shop, twilio, at)

    assert [message.channel for message in shop.lab.provider.order] == ["email"] * goes
    assert len(shop.facts("reply")) + len(shop.facts("opt_out")) == 1
    assert twilio.times(PHONE) == 1


def test_a_stop_by_text_leaves_the_mails_where_the_shop_says_so(shop: Shop, twilio: TwilioDesk) -> None:
    shop.lab.desk.edit_workspace("mode: log", "opt_out: channel\nmode: log")
    tick(shop, twilio, 0)
    twilio.texts(PHONE, "STOP")
    tick(shop, twilio, 1)
    tick(shop, twilio, 10)

    assert shop.touches()["mail"] == ("sent", "sent")
    assert shop.suppressed(PHONE, MARIA) == {("sms", PHONE): "opt_out"}


@pytest.mark.parametrize("place", PLACES)
def test_a_tick_killed_while_it_hears_loses_nothing_and_hears_nothing_twice(
    shop: Shop, twilio: TwilioDesk, place: str
) -> None:
    shop.lab.add(["ana"], email="ana@example.com")
    tick(shop, twilio, 0)
    twilio.texts(PHONE, "Call me please")
    twilio.texts("+18165550001", "STOP")
    shop.lab.clock.set(minutes(10))
    desk = shop.lab.desk
    done = subprocess.run(
        [sys.executable, "-m", "support.kill.listener", desk.root, twilio.url, minutes(10).isoformat(), place],
        cwd=TESTS, env={**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"}, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    with desk.account.store.read() as session:
        kept, still_open = len(inbound.listing(session, "summit")), inbound.count_open(session, "summit")
    tick(shop, twilio, 11)
    tick(shop, twilio, 12)

    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (kept, still_open) == (2, 0 if place.startswith("handled") else 2)
    assert (len(shop.facts("reply")), len(shop.facts("opt_out", "ana"))) == (1, 1)
    assert shop.lab.provider.order == []
    assert (twilio.times(PHONE), twilio.times("+18165550001")) == (1, 1)
