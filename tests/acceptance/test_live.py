"""The installed program in live mode, at the real time, with providers of the tests' own: both ways, end to end."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from support.hook_calls import Call
from support.hook_server import post, serving
from support.imap_server import PASSWORD, running_imap_server
from support.live_shop import PUBLIC, LiveShop, imap_lines, live_page, smtp_lines
from support.mail_report import bounce
from support.sendgrid_desk import sendgrid_desk
from support.smtp_desk import smtp_desk
from support.twilio_desk import OURS, TOKEN, twilio_desk
from support.twilio_signed import signed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Answer

    from support.hook_server import Server
    from support.imap_server import MailServer
    from support.sendgrid_desk import SendGridDesk
    from support.smtp_desk import SmtpDesk
    from support.twilio_desk import TwilioDesk

TEXT = "id: text, channel: sms, send: now, answers: inquiry, template: roofer/new/second-try"
TEXT_OR_MAIL = f"{TEXT}, fallback: {{channel: email, template: roofer/new/instant}}"
MAIL = "id: mail, channel: email, after: 2m, template: roofer/new/instant"
MAIL_OR_TEXT = (
    "id: mail, channel: email, send: now, template: roofer/new/instant, "
    "fallback: {channel: sms, template: roofer/new/second-try}"
)
MARIA, ANN, JOE, SUE = (f"+1816555014{number}" for number in (2, 3, 4, 5))


@pytest.fixture
def shop(tmp_path: Path, program: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> LiveShop:
    """A workspace yet to be written."""
    monkeypatch.delenv("CADENCE_STORE", raising=False)
    folder = tmp_path / "shop"
    folder.mkdir()
    return LiveShop(folder, program)


@pytest.fixture
def twilio(shop: LiveShop) -> Iterator[TwilioDesk]:
    with twilio_desk() as opened:
        shop.knows(twilio=opened)
        yield opened


@pytest.fixture
def sendgrid(shop: LiveShop) -> Iterator[SendGridDesk]:
    with sendgrid_desk() as opened:
        shop.knows(sendgrid=opened)
        yield opened


@pytest.fixture
def smtp() -> Iterator[SmtpDesk]:
    with smtp_desk() as opened:
        yield opened


@pytest.fixture
def mailbox(shop: LiveShop, tmp_path: Path) -> Iterator[MailServer]:
    with running_imap_server(tmp_path / "mails") as server:
        shop.env["IMAP_PASSWORD"] = PASSWORD
        yield server


def twilio_calls(server: Server, path: str, params: dict[str, str], token: str = TOKEN) -> int:
    """Post what Twilio posts, signed for the public address."""
    body, headers = signed(f"{PUBLIC}{path}", params, token)
    return post(server.port, Call(path, body, headers))[0]


def test_texts_and_mails_go_and_whoever_answers_by_text_gets_no_mail(
    shop: LiveShop, twilio: TwilioDesk, sendgrid: SendGridDesk
) -> None:
    shop.set_up(live_page(TEXT, MAIL))
    shop.change('{state: MO, hours: "00:00-24:00"', f'{{state: MO, hours: "{closed_now()}"')
    shop.add("maria", ago=4, phone=MARIA, email="maria@example.com")
    shop.add("ann", ago=4, phone=ANN, email="ann@example.com")
    shop.add("joe", ago=4, email="joe@example.com")
    first = shop.tick()
    (text,) = [each for each in twilio.sent if each["to"] == MARIA]
    twilio.texts(MARIA, "Can you come on Friday?")
    twilio.texts(ANN, "STOP")
    second = shop.tick()
    third = shop.tick()

    assert first["sent"] == {"sms": 2, "email": 1}
    assert text["_form"]["From"] == OURS
    assert text["_form"]["StatusCallback"] == f"{PUBLIC}/twilio/status"
    assert 60 <= int(text["_form"]["ValidityPeriod"]) <= 11 * 60, "an inquiry is answered within 15 minutes"
    assert (second["heard"], third["heard"]) == ({"reply": 1, "opt_out": 1}, {})
    assert shop.touches("maria") == {"text": ("sent", "sent"), "mail": ("stopped", "stopped")}
    assert shop.touches("ann") == {"text": ("sent", "sent"), "mail": ("stopped", "opted_out")}
    assert shop.suppressed() == {ANN, "ann@example.com"}

    (mail,) = sendgrid.mails
    receiver = mail["personalizations"][0]
    assert receiver["to"] == [{"email": "joe@example.com"}]
    assert re.fullmatch("[a-z2-7]{20}", receiver["custom_args"]["cadence_message"])
    assert re.fullmatch(r"hello\+[a-z2-7]{20}@example\.com", mail["reply_to"]["email"])
    assert [part["type"] for part in mail["content"]] == ["text/plain", "text/html"]
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"<{PUBLIC}/u/" in mail["headers"]["List-Unsubscribe"]


def test_hooks_and_polls_tell_the_same_once_and_the_way_out_of_a_mail_leads_out(
    shop: LiveShop, twilio: TwilioDesk, sendgrid: SendGridDesk
) -> None:
    shop.set_up(live_page(TEXT_OR_MAIL))
    shop.add("maria", phone=MARIA)
    shop.add("ann", phone=ANN, email="ann@example.com")
    shop.add("joe", email="joe@example.com")
    shop.add("sue", phone=SUE, email="sue@example.com")
    twilio.dead[SUE] = 21614
    shop.tick(expect=1)
    mails = {each["personalizations"][0]["to"][0]["email"]: each for each in sendgrid.mails}
    (link,) = re.findall(r"<(https://\S+)>", mails["joe@example.com"]["headers"]["List-Unsubscribe"])
    dead = next(each["sid"] for each in twilio.sent if each["to"] == ANN)
    with serving(shop.folder, env=shop.env) as server:
        twilio.callbacks = f"http://127.0.0.1:{server.port}/twilio/status"
        answer = twilio.texts(MARIA, "Yes please")
        told = [twilio_calls(server, "/twilio/sms", twilio.webhook(answer)) for _ in range(2)]
        forged = twilio_calls(server, "/twilio/sms", twilio.webhook({**answer, "body": "STOP"}), token="0" * 32)
        receipt = twilio.becomes(dead, "undelivered", 30006)
        left = post(server.port, Call(urlsplit(link).path, b"List-Unsubscribe=One-Click"))[0]
    heard = shop.tick()
    again = shop.tick()
    (kept,) = json.loads(shop.look("inbox", "list", "--json"))

    assert (told, forged, receipt and receipt[0], left) == ([200, 200], 403, 204, 200)
    assert heard["heard"] == {"reply": 1, "bounced": 1, "opted_out": 1}
    assert again["heard"] == {}
    assert (kept["kind"], kept["source"]) == ("message", "twilio"), "two webhooks and two polls told it"
    assert shop.events("maria", "reply") == ["reply"]
    assert shop.events("ann", "message.bounced") == ["message.bounced"]
    assert shop.events("joe", "opt_out") == ["opt_out"]
    assert shop.suppressed() == {ANN, SUE, "joe@example.com"}
    assert shop.touches("sue") == {"text": ("failed", "dead_address"), "text.email": ("sent", "sent")}
    assert mails.keys() == {"joe@example.com", "sue@example.com"}


def test_mails_by_a_mail_server_and_what_comes_back_to_the_mailbox(
    shop: LiveShop, twilio: TwilioDesk, smtp: SmtpDesk, mailbox: MailServer
) -> None:
    shop.set_up(live_page(MAIL_OR_TEXT), email=smtp_lines(smtp), inbound=imap_lines(mailbox))
    smtp.at_rcpt["sue@example.com"] = "550 5.1.1 no such user"
    for lead, phone in (("maria", MARIA), ("ann", ANN), ("joe", JOE), ("sue", SUE)):
        shop.add(lead, phone=phone, email=f"{lead}@example.com")
    shop.tick(expect=1)
    mails = {mail["To"]: mail for mail in smtp.mails}
    maria, ann, joe = (mails[f"{lead}@example.com"] for lead in ("maria", "ann", "joe"))
    mailbox.put(
        letter(maria["Reply-To"], "From: her-husband@example.net", "Friday is fine for us."),
        letter(
            joe["Reply-To"], "From: joe@example.com\nAuto-Submitted: auto-replied\nSubject: Out of office",
            "I am out of the office.",
        ),
        bounce("ann@example.com", ann["Message-ID"]),
    )  # fmt: skip
    heard = shop.tick()
    after = shop.tick()
    waits = shop.look("leads", "show", "ann")

    assert None not in (maria.get_body(("plain",)), maria.get_body(("html",)))
    assert f"<{PUBLIC}/u/" in maria["List-Unsubscribe"]
    assert re.fullmatch(r"hello\+[a-z2-7]{20}@example\.com", maria["Reply-To"])
    assert re.fullmatch(r"<[a-z2-7]{20}\.1@example\.com>", maria["Message-ID"])
    assert heard["heard"] == {"reply": 1, "automatic": 1, "bounced": 1}
    assert after["heard"] == {}
    assert shop.events("maria", "reply") == ["reply"]
    assert "automatic" in shop.events("joe")
    assert not [kind for kind in shop.events("joe") if kind in ("stopped", "reply", "opt_out")]
    assert "nothing can reach its address" in waits
    assert "looked at next" in waits, "a text follows, once the gap between two messages is over"
    assert shop.touches("sue") == {"mail": ("failed", "dead_address"), "mail.sms": ("sent", "sent")}
    assert [each["to"] for each in twilio.sent] == [SUE]
    assert shop.suppressed() == {"ann@example.com", "sue@example.com"}


def test_in_redirect_mode_one_phone_gets_everything_and_answers_for_whoever_was_written_to_last(
    shop: LiveShop, twilio: TwilioDesk, sendgrid: SendGridDesk
) -> None:
    mine = "+18165550199"
    shop.set_up(live_page(TEXT, MAIL), mode="redirect", more=f'redirect: {{sms: "{mine}", email: me@example.com}}\n')
    shop.add("maria", ago=9, phone=MARIA, email="maria@example.com")
    shop.add("joe", ago=9, email="joe@example.com")
    shop.tick()
    twilio.texts(mine, "Friday is fine")
    shop.tick()

    assert {each["to"] for each in twilio.sent} == {mine}
    assert [each["personalizations"][0]["to"][0]["email"] for each in sendgrid.mails] == ["me@example.com"]
    assert shop.events("maria", "reply") == ["reply"]
    assert shop.touches("maria")["mail"] == ("stopped", "stopped")


def test_what_went_to_the_log_does_not_go_again_in_live_mode_and_that_is_said(
    shop: LiveShop, twilio: TwilioDesk, sendgrid: SendGridDesk
) -> None:
    shop.set_up(live_page(TEXT), mode="log")
    shop.add("maria", phone=MARIA)
    logged = json.loads(shop.look("tick", "--json"))
    shop.change("mode: log", "mode: live")
    said = shop.run("tick").err
    shop.add("joe", phone=JOE)
    shop.tick()

    assert logged["sent"] == {"sms": 1}
    assert "the mode was log and is live now: what went before counts as sent" in said
    assert [each["to"] for each in twilio.sent] == [JOE]


def closed_now() -> str:
    """Return hours of a minute that is not now, in Kansas City."""
    return "12:00-12:01" if datetime.now(ZoneInfo("America/Chicago")).hour < 6 else "02:00-02:01"


def letter(to: str, head: str, text: str) -> bytes:
    """Write a mail as it comes in."""
    number = abs(hash((to, text)))
    date = format_datetime(datetime.now(UTC))
    return f"{head}\nTo: {to}\nMessage-ID: <{number}@example.net>\nDate: {date}\n\n{text}\n".encode()
