"""SendGrid and a mail server at their worst, through real ticks: stated outcomes, and nobody gets a second mail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cadence.channels.mail.addresses import handle_in, named_by
from cadence.channels.sendgrid import SendGridChannel
from cadence.channels.smtp import SmtpChannel
from support.desk import minutes
from support.lab import texts_page
from support.mail_make import HEAD, SECRET
from support.sendgrid_desk import KEY, Day, sendgrid_desk
from support.smtp_desk import smtp_desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.channels.channel import Channel
    from support.lab import Lab
    from support.sendgrid_desk import SendGridDesk
    from support.smtp_desk import SmtpDesk

HER = "maria@example.com"
BAD_GATEWAY = "<html><h1>502 Bad Gateway</h1></html>"
LATER = (2, 3, 4, 5, 40)


@pytest.fixture
def shop(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A shop that really sends; one lead is due by e-mail."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    touches = texts_page("id: hello, send: now", "id: again, after: 2h")
    lab.write_page(touches.replace("channel: sms", "channel: email").replace("second-try", "instant"))
    lab.add(["maria"], email=HER)
    object.__setattr__(lab.desk, "account", replace(lab.desk.account, mode="live", secret=SECRET))
    return lab


@pytest.fixture
def sendgrid() -> Iterator[SendGridDesk]:
    with sendgrid_desk() as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[SmtpDesk]:
    with smtp_desk() as opened:
        yield opened


def ticks(lab: Lab, way: Channel, *at: float) -> None:
    for minute in at:
        lab.tick(minutes(minute), channels={"sms": lab.provider, "email": way, "audience": lab.provider})


def states(lab: Lab) -> list[str]:
    return [row.state for row in lab.rows().values()]


def through(desk: SendGridDesk) -> SendGridChannel:
    return SendGridChannel(HEAD, KEY, host=desk.url, timeout=0.5)


def over(desk: SmtpDesk) -> SmtpChannel:
    return SmtpChannel(HEAD, "127.0.0.1", desk.port, tls="none", timeout=0.5)


@pytest.mark.parametrize(
    "day",
    [
        Day(accepted=True, cut=True),
        Day(accepted=True, hang=True),
        Day(accepted=True, status=502, body=BAD_GATEWAY),
        Day(accepted=True, status=201, body="{"),
        Day(cut=True),
        Day(status=500, errors=(("internal server error", ""),)),
    ],
    ids=["lost answer", "hung", "html", "half an answer", "lost, did not go", "500"],
)
def test_a_mail_in_doubt_is_left_to_a_person_and_never_goes_again(shop: Lab, sendgrid: SendGridDesk, day: Day) -> None:
    sendgrid.days = [day]
    ticks(shop, through(sendgrid), 1, *LATER)

    assert states(shop) == ["unknown"]
    assert (sendgrid.calls, len(sendgrid.mails)) == (1, day.accepted)


@pytest.mark.parametrize(
    "day",
    [Day(status=429, headers={"Retry-After": "20"}), Day(status=429, body=BAD_GATEWAY)],
    ids=["429 with a header", "429 of something in front"],
)
def test_a_busy_sendgrid_gets_the_mail_a_little_later(shop: Lab, sendgrid: SendGridDesk, day: Day) -> None:
    sendgrid.days = [day]
    ticks(shop, through(sendgrid), 1)
    busy = states(shop)
    ticks(shop, through(sendgrid), *LATER)

    assert (busy, states(shop), len(sendgrid.mails)) == (["waits"], ["sent"], 1)


def test_an_address_that_sendgrid_takes_for_none_has_failed(shop: Lab, sendgrid: SendGridDesk) -> None:
    sendgrid.no_address = {HER}
    ticks(shop, through(sendgrid), 1, *LATER)
    (row,) = shop.rows().values()

    assert (row.state, row.detail.partition(":")[0], sendgrid.calls) == ("failed", "http_400", 1)
    assert HER not in row.detail


def test_answers_and_later_mails_find_their_way_by_names_that_tell_nobody_anything(
    shop: Lab, sendgrid: SendGridDesk
) -> None:
    ticks(shop, through(sendgrid), 1, 130)
    first, second = sendgrid.mails
    (handle,) = named_by(first["headers"]["Message-ID"])

    assert states(shop) == ["sent", "sent"]
    assert first["personalizations"][0]["custom_args"] == {"cadence_message": handle}
    assert second["headers"]["In-Reply-To"] == first["headers"]["Message-ID"]
    assert handle_in(first["reply_to"]["email"]) == handle_in(second["reply_to"]["email"]) != ""
    assert "maria" not in str(first["headers"])


@pytest.mark.parametrize(("day", "went"), [("lost", 1), ("drop", 0)])
def test_a_mail_whose_text_was_handed_over_and_not_answered_is_left_to_a_person(
    shop: Lab, server: SmtpDesk, day: str, went: int
) -> None:
    server.at_data = [day]
    ticks(shop, over(server), 1, *LATER)

    assert (states(shop), len(server.taken), server.connections) == (["unknown"], went, 1)


@pytest.mark.parametrize("answer", ["451 4.7.1 greylisted", "421 4.3.2 closing"])
def test_a_server_that_wants_it_later_gets_it_later(shop: Lab, server: SmtpDesk, answer: str) -> None:
    server.at_mail = [answer]
    ticks(shop, over(server), 1)
    busy = states(shop)
    ticks(shop, over(server), *LATER)

    assert (busy, states(shop), len(server.taken)) == (["waits"], ["sent"], 1)


def test_a_mailbox_that_is_not_there_has_failed_and_is_not_tried_again(shop: Lab, server: SmtpDesk) -> None:
    server.at_rcpt = {HER: f"550 5.1.1 <{HER}> unknown"}
    ticks(shop, over(server), 1, *LATER)
    (row,) = [row for row in shop.rows().values() if row.touch == "hello"]

    assert (row.state, row.detail.partition(":")[0], server.connections) == ("failed", "550 5.1.1", 1)
    assert HER not in row.detail
