"""SendGrid and mail servers at their worst, through real ticks: each bad day ends in its stated outcome, once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from cadence.channels.mail.letterhead import Letterhead
from cadence.channels.sendgrid import SendGridChannel
from cadence.channels.smtp import SmtpChannel
from cadence.inbox.mail import read_mail
from cadence.inbox.sendgrid import events
from support.desk import minutes
from support.entry import call
from support.hearing import Told
from support.mail_report import bounce
from support.sendgrid_desk import KEY, NOW, Day, sendgrid_desk
from support.smtp_desk import PASSWORD, USER, certificate, smtp_desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cadence.runner.report import TickReport
    from cadence.store.outbox import OutboxRow
    from support.lab import Lab
    from support.sendgrid_desk import SendGridDesk
    from support.smtp_desk import SmtpDesk

MARIA, HER = "maria@example.com", "+18165550142"
BAD_GATEWAY = "<html><h1>502 Bad Gateway</h1></html>"
SECRET = "0123456789abcdef0123456789abcdef"
HEAD = Letterhead(
    account="summit", business="Summit Roofing", postal_address="1 Main St, Kansas City, MO 64105",
    phone="+18165550100", zone="America/Chicago", sender="hello@example.com", reply_to="hello@example.com",
    public_url="https://hooks.example.com", secret=SECRET,
)  # fmt: skip
PAGE = """\
cadence: 1
playbook: roofer
send_windows: {sms: "00:00-24:00", email: "00:00-24:00"}
limits: {messages_per_day: 20, messages_per_week: 50, min_gap: 1m}
stop_on: [reply]
stages:
  new:
    title: New
    owner: csr
    enter_on: [lead.created]
    touches:
      - {id: mail, channel: email, send: now, template: roofer/new/instant,
         fallback: {channel: sms, template: roofer/new/second-try}}
      - {id: later, channel: email, after: 2h, template: roofer/new/instant}
    next: {lead.won: won, lead.lost: lost}
  won: {end: won}
  lost: {end: lost}
"""
SOON = int(minutes(1).timestamp())
AFTER = (2, 3, 5, 6, 40)  #: minutes at which ticks follow; the second mail is due much later


@pytest.fixture
def shop(lab: Lab) -> Lab:
    """A shop that writes to Maria at once."""
    lab.write_page(PAGE)
    lab.add(["maria"], phone=HER, email=MARIA)
    lab.desk = replace(lab.desk, account=replace(lab.desk.account, mode="live", secret=SECRET))
    return lab


def rows(lab: Lab) -> dict[str, OutboxRow]:
    return {row.touch: row for row in lab.rows().values()}


def state(lab: Lab, touch: str = "mail") -> str:
    return rows(lab)[touch].state


class TestSendGrid:
    @pytest.fixture
    def sendgrid(self, shop: Lab) -> Iterator[SendGridDesk]:
        with sendgrid_desk() as opened:
            yield opened

    def tick(self, lab: Lab, sendgrid: SendGridDesk, minute: float, *told: Any, key: str = KEY) -> TickReport:
        way = SendGridChannel(HEAD, key, host=sendgrid.url, timeout=0.5)
        ways = {"email": way, "sms": lab.provider, "audience": lab.provider}
        return lab.tick(minutes(minute), channels=ways, sources=[Told(name="sendgrid", items=list(told))])

    @pytest.mark.parametrize(
        "day",
        [
            Day(accepted=True, cut=True),
            Day(accepted=True, hang=True),
            Day(accepted=True, status=502, body=BAD_GATEWAY),
            Day(accepted=True, status=500, errors=(("internal error", ""),)),
            Day(accepted=True, status=200, body="{"),
        ],
        ids=["lost answer", "hung", "html", "500", "200 with half a body"],
    )
    def test_a_mail_that_may_have_gone_is_left_to_a_person_until_an_event_tells(
        self, shop: Lab, sendgrid: SendGridDesk, day: Day
    ) -> None:
        """SendGrid cannot be asked: it has no key by which a second call would be the same one."""
        sendgrid.days.append(day)
        self.tick(shop, sendgrid, 1)
        left = [key for minute in AFTER for key in self.tick(shop, sendgrid, minute).reconciled.left]
        before = rows(shop)["mail"]
        told = {"event": "delivered", "sg_event_id": "e1", "timestamp": SOON, "cadence_message": before.handle,
                "sg_message_id": "sg-1.filter", "email": MARIA}  # fmt: skip
        self.tick(shop, sendgrid, 41, *events([told], minutes(41)))

        assert (before.state, left) == ("unknown", [before.touch_key])
        assert (state(shop), rows(shop)["mail"].provider_id) == ("sent", "sg-1")
        assert (len(sendgrid.mails), sendgrid.calls) == (1, 1)

    @pytest.mark.parametrize(
        "day",
        [
            Day(status=429, errors=(("too many requests", ""),), headers={"Retry-After": "20"}),
            Day(status=429, errors=(("too many requests", ""),), headers={"X-RateLimit-Reset": str(NOW + 60)}),
            Day(status=429, errors=(("too many requests", ""),)),
            Day(status=429, body=BAD_GATEWAY),
        ],
        ids=["429 with a header", "429 with SendGrid's own", "429", "429 of something in front"],
    )
    def test_a_busy_sendgrid_gets_the_mail_a_little_later(self, shop: Lab, sendgrid: SendGridDesk, day: Day) -> None:
        sendgrid.days.append(day)
        self.tick(shop, sendgrid, 1)
        busy = state(shop)
        for minute in AFTER:
            self.tick(shop, sendgrid, minute)

        assert (busy, state(shop), len(sendgrid.mails)) == ("waits", "sent", 1)

    @pytest.mark.parametrize(
        ("day", "end"),
        [(Day(accepted=True, status=202, body="{"), "sent"), (Day(short=True), "unknown")],
        ids=["half a body", "cut short"],
    )
    def test_a_mail_that_was_taken_is_not_written_again_whatever_else_the_answer_says(
        self, shop: Lab, sendgrid: SendGridDesk, day: Day, end: str
    ) -> None:
        sendgrid.days.append(day)
        for minute in (1, *AFTER):
            self.tick(shop, sendgrid, minute)

        assert (state(shop), len(sendgrid.mails), sendgrid.calls) == (end, 1, 1)

    def test_an_expired_key_halts_the_channel_until_a_person_lets_it_go_on(
        self, shop: Lab, sendgrid: SendGridDesk
    ) -> None:
        report = self.tick(shop, sendgrid, 1, key="SG.expired")
        for minute in AFTER[:-1]:
            self.tick(shop, sendgrid, minute, key="SG.expired")
        calls = sendgrid.calls
        resumed = call(shop.desk.root, "channels", "resume", "email", "--now", "2026-11-24T13:17")
        for minute in (8, 9, 40):
            self.tick(shop, sendgrid, minute)

        assert "SendGrid does not accept the key" in report.halted["email"]
        assert report.needs_a_person
        assert (calls, resumed.out) == (1, "email goes on with the next tick\n")
        assert (state(shop), len(sendgrid.mails)) == ("sent", 1)

    def test_who_opted_out_at_sendgrid_is_dropped_there_and_gets_no_more_from_us(
        self, shop: Lab, sendgrid: SendGridDesk
    ) -> None:
        self.tick(shop, sendgrid, 1)
        dropped = {"event": "dropped", "reason": "Unsubscribed Address", "sg_event_id": "e1", "timestamp": SOON,
                   "cadence_message": rows(shop)["mail"].handle, "email": MARIA}  # fmt: skip
        for minute in (2, 3, 200):
            self.tick(shop, sendgrid, minute, *events([dropped], minutes(2)))

        assert (rows(shop)["later"].reason, len(sendgrid.mails)) == ("opted_out", 1)
        assert shop.provider.order == []

    def test_an_address_that_is_none_moves_the_touch_to_the_phone(self, shop: Lab, sendgrid: SendGridDesk) -> None:
        sendgrid.no_address.add(MARIA)
        for minute in (1, *AFTER, 200):
            self.tick(shop, sendgrid, minute)

        found = rows(shop)
        assert (found["mail"].state, found["mail"].reason) == ("failed", "dead_address")
        assert (found["mail.sms"].state, found["later"].reason) == ("sent", "dead_address")
        assert sendgrid.calls == 1
        assert [message.to for message in shop.provider.order] == [HER]


class TestMailServer:
    @pytest.fixture
    def smtp(self, shop: Lab) -> Iterator[SmtpDesk]:
        with smtp_desk() as opened:
            yield opened

    def tick(self, lab: Lab, smtp: SmtpDesk, minute: float, *told: Any, **login: Any) -> TickReport:
        given: dict[str, Any] = {"tls": "none", "timeout": 0.5, **login}
        way = SmtpChannel(HEAD, "localhost", smtp.port, **given)
        ways = {"email": way, "sms": lab.provider, "audience": lab.provider}
        return lab.tick(minutes(minute), channels=ways, sources=[Told(name="imap", items=list(told))])

    @pytest.mark.parametrize("day", ["lost", "hang"])
    def test_a_mail_that_may_have_gone_is_left_to_a_person(self, shop: Lab, smtp: SmtpDesk, day: str) -> None:
        smtp.at_data.append(day)
        left = [key for minute in (1, *AFTER) for key in self.tick(shop, smtp, minute).reconciled.left]

        assert (state(shop), left) == ("unknown", [rows(shop)["mail"].touch_key])
        assert len(smtp.taken) == 1

    def test_a_mail_that_did_not_arrive_and_of_which_nobody_knows_is_not_written_again(
        self, shop: Lab, smtp: SmtpDesk
    ) -> None:
        smtp.at_data.append("drop")
        for minute in (1, *AFTER):
            self.tick(shop, smtp, minute)
        key = rows(shop)["mail"].touch_key
        lost = state(shop)
        call(shop.desk.root, "outbox", "resolve", key, "--not-sent", "--now", "2026-11-24T13:55")
        self.tick(shop, smtp, 46)
        self.tick(shop, smtp, 50)

        assert (lost, state(shop), len(smtp.taken)) == ("unknown", "sent", 1)

    @pytest.mark.parametrize(
        ("place", "day"),
        [
            ("at_mail", "drop"),
            ("at_mail", "421 4.3.2 shutting down"),
            ("at_mail", "451 4.7.1 too many mails"),
            ("at_data", "452 4.3.1 full"),
            ("at_data", "451 greylisted"),
        ],
    )
    def test_a_busy_server_gets_the_mail_a_little_later(self, shop: Lab, smtp: SmtpDesk, place: str, day: str) -> None:
        getattr(smtp, place).append(day)
        self.tick(shop, smtp, 1)
        busy = state(shop)
        for minute in AFTER:
            self.tick(shop, smtp, minute)

        assert (busy, state(shop), len(smtp.taken)) == ("waits", "sent", 1)

    def test_a_mailbox_that_is_not_there_moves_the_touch_to_the_phone(self, shop: Lab, smtp: SmtpDesk) -> None:
        smtp.at_rcpt[MARIA] = "550 5.1.1 no such user"
        for minute in (1, *AFTER, 200):
            self.tick(shop, smtp, minute)

        found = rows(shop)
        assert (found["mail"].reason, found["mail.sms"].state, found["later"].reason) == (
            "dead_address", "sent", "dead_address",
        )  # fmt: skip
        assert len(smtp.taken) == 0

    def test_a_mail_that_comes_back_marks_the_mailbox_and_moves_its_touch_to_the_phone(
        self, shop: Lab, smtp: SmtpDesk
    ) -> None:
        self.tick(shop, smtp, 1)
        (mail,) = smtp.mails
        report = read_mail(bounce(MARIA, str(mail["Message-ID"])), received=minutes(2))
        for minute in (2, 4, 40, 200):
            self.tick(shop, smtp, minute, report)

        found = rows(shop)
        assert (found["mail"].delivery, found["mail.sms"].state) == ("bounced", "sent")
        assert (found["later"].state, found["later"].reason) == ("skipped", "dead_address")
        assert len(smtp.taken) == 1

    def test_a_second_mail_goes_into_the_thread_of_the_first(self, shop: Lab, smtp: SmtpDesk) -> None:
        for minute in (1, 130):
            self.tick(shop, smtp, minute)
        first, second = smtp.mails

        assert first["References"] is None
        assert (second["In-Reply-To"], second["References"]) == (first["Message-ID"], first["Message-ID"])
        assert second["Reply-To"] == first["Reply-To"]

    def test_a_password_that_is_refused_halts_the_channel_until_a_person_lets_it_go_on(
        self, shop: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
        login = {"tls": "starttls", "user": USER, "timeout": 5.0}
        with smtp_desk(files, tls="starttls", login=True) as smtp:
            report = self.tick(shop, smtp, 1, **login, password="old-password")
            first = smtp.connections
            self.tick(shop, smtp, 5, **login, password="old-password")
            tried = smtp.connections - first
            call(shop.desk.root, "channels", "resume", "email", "--now", "2026-11-24T13:17")
            for minute in (8, 40):
                self.tick(shop, smtp, minute, **login, password=PASSWORD)
            taken = len(smtp.taken)

        assert "does not accept user and password" in report.halted["email"]
        assert (tried, state(shop), taken) == (0, "sent", 1)
