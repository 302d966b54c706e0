"""``cadence doctor``, the installed program, before a Twilio, a SendGrid, a mail server and a mailbox of the tests."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from support.hook_calls import SECRET
from support.imap_server import PASSWORD as BOX_PASSWORD
from support.imap_server import USER as BOX
from support.imap_server import running_imap_server
from support.sendgrid_desk import KEY, sendgrid_desk
from support.smtp_desk import PASSWORD, USER, certificate, smtp_desk
from support.twilio_desk import ACCOUNT, TOKEN, number, twilio_desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Answer, NearShop, Shop

    from support.sendgrid_desk import SendGridDesk
    from support.twilio_desk import TwilioDesk

SECRETS = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "SENDGRID_API_KEY": KEY, "CADENCE_SECRET": SECRET}
REDIRECT = 'mode: redirect\nredirect: {sms: "+18165550199", email: me@example.com}'


class Rehearsal:
    """A shop in redirect mode with everything that it needs, and its providers."""

    def __init__(
        self, folder: Path, program: Callable[..., Answer], twilio: TwilioDesk, sendgrid: SendGridDesk
    ) -> None:
        self.folder = folder
        self.program = program
        self.twilio = twilio
        self.sendgrid = sendgrid
        self.env = {**SECRETS, "CADENCE_TWILIO_URL": twilio.url, "CADENCE_SENDGRID_URL": sendgrid.url}

    def doctor(self, *words: str, expect: int = 0, **env: str) -> Answer:
        """Ask the doctor; no answer of it ever holds a secret."""
        answer = self.program("-C", str(self.folder), "doctor", *words, env=self.env | env)
        assert answer.code == expect, answer.out + answer.err
        assert answer.err == ""
        assert not any(secret in answer.out + answer.err for secret in (TOKEN, KEY, SECRET, PASSWORD, BOX_PASSWORD))
        return answer

    def findings(self, **more: Any) -> dict[str, str]:
        """The verdicts by code; where there are several of one, the worst."""
        order = ("unasked", "fine", "look", "wrong")
        worst: dict[str, str] = {}
        for group in self.doctor("--json", **more).data["groups"]:
            for each in group["findings"]:
                worst[each["code"]] = max(worst.get(each["code"], "unasked"), each["verdict"], key=order.index)
        return worst


def flat(answer: Answer) -> str:
    """What was printed, on one line."""
    return " ".join(answer.out.split())


def edit(folder: Path, old: str, new: str) -> None:
    page = folder / "cadence.yaml"
    text = page.read_text(encoding="utf-8")
    assert text.count(old) == 1
    page.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def rehearsal(near_shop: NearShop, program: Callable[..., Answer]) -> Iterator[Rehearsal]:
    """Everything in order, and a tick a moment ago."""
    folder = near_shop.folder
    line = next(
        line for line in (folder / "cadence.yaml").read_text(encoding="utf-8").splitlines() if line.startswith("mode:")
    )
    with twilio_desk() as twilio, sendgrid_desk() as sendgrid:
        sendgrid.domains = {"example.com": True}
        sendgrid.clock = lambda: datetime.now(UTC).timestamp()
        near_shop.run("leads", "add", "name=Maria Lopez", "phone=+18165550142", "zip=64110")
        near_shop.run("tick")
        edit(folder, line, REDIRECT)
        yield Rehearsal(folder, program, twilio, sendgrid)


def test_a_new_shop_is_told_what_it_lacks_before_anything_leaves_and_nobody_is_asked(
    make_shop: Callable[..., Shop],
) -> None:
    shop = make_shop()

    answer = shop.run("doctor", env={"CADENCE_TWILIO_URL": "http://127.0.0.1:9"})

    assert answer.out.startswith("Summit Home Services: 5 things to look at before anything leaves.\n")
    assert "TWILIO_ACCOUNT_SID is not set" in answer.out
    assert "CADENCE_SECRET" not in answer.out, "init made one"
    assert "Twilio was not asked" in answer.out
    assert len(answer.out.splitlines()) < 35
    assert answer.err == ""


def test_a_shop_that_is_ready_is_fine(rehearsal: Rehearsal) -> None:
    """Asked because the mode is redirect; nothing was sent or changed by asking."""
    answer = rehearsal.doctor()

    assert "ok texts Twilio accepts the credentials, and the account is active; +18165550100 is ours" in flat(answer)
    assert "the domain example.com is authenticated" in flat(answer)
    assert "Twilio's clock agrees with ours" in flat(answer)
    assert "WRONG" not in answer.out
    assert rehearsal.sendgrid.mails == []
    assert {method for method, _, _ in rehearsal.twilio.requests} == {"GET"}


def test_what_is_wrong_at_the_providers_is_found_in_one_look(rehearsal: Rehearsal) -> None:
    """A number that is not ours, a key that may not send, a clock that is off."""
    rehearsal.twilio.numbers = [number("+18165550177")]
    rehearsal.twilio.ahead = timedelta(minutes=11)
    rehearsal.sendgrid.scopes = ["alerts.read"]

    found = rehearsal.findings(expect=1)

    assert {code for code, verdict in found.items() if verdict == "wrong"} == {"number", "clock", "scope"}


def test_a_wrong_token_and_a_sendgrid_that_is_down_are_a_line_each(rehearsal: Rehearsal) -> None:
    answer = rehearsal.doctor(expect=1, TWILIO_AUTH_TOKEN="0" * 32, CADENCE_SENDGRID_URL="http://127.0.0.1:9")

    assert "! Twilio does not accept TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN" in answer.out
    assert "! SendGrid does not answer (ConnectionRefusedError)" in answer.out
    assert "0" * 32 not in answer.out


def test_offline_nobody_is_asked_even_when_messages_leave(rehearsal: Rehearsal) -> None:
    assert "Twilio was not asked" in rehearsal.doctor("--offline").out
    assert rehearsal.twilio.requests == []


def test_a_mailbox_of_one_s_own_is_tried_out_and_gets_no_mail(rehearsal: Rehearsal, tmp_path: Path) -> None:
    """By SMTP with STARTTLS, by IMAP; then the right password is another."""
    files = certificate(tmp_path)
    with ExitStack() as stack:
        smtp = stack.enter_context(smtp_desk(files, tls="starttls", login=True))
        imap = stack.enter_context(running_imap_server(tmp_path / "mails"))
        edit(
            rehearsal.folder,
            "{via: sendgrid, from: hello@example.com, cost_per_message: 0.001}",
            f"{{via: smtp, from: {BOX}, host: localhost, port: {smtp.port}, user: {USER}}}",
        )
        edit(
            rehearsal.folder,
            REDIRECT,
            f"{REDIRECT}\ninbound: {{imap: {{host: localhost, port: {imap.port}, user: {BOX}, tls: false}}}}",
        )
        passwords = {"SMTP_PASSWORD": PASSWORD, "IMAP_PASSWORD": BOX_PASSWORD, "SSL_CERT_FILE": str(files[0])}

        good = rehearsal.doctor(**passwords)
        bad = rehearsal.doctor(expect=1, **passwords | {"SMTP_PASSWORD": "wrong-one", "IMAP_PASSWORD": "wrong-two"})

        assert "the mail server localhost lets us in, over an encrypted line" in flat(good)
        assert "the folder INBOX of the mailbox can be read" in flat(good)
        assert smtp.taken == []
    assert "! the mail server does not accept user and password" in flat(bad)
    assert "the mail server localhost refuses the login" in flat(bad)
    assert "wrong-one" not in bad.out
    assert "wrong-two" not in bad.out


def test_what_stands_in_the_env_file_counts_and_who_may_read_it(rehearsal: Rehearsal) -> None:
    file = rehearsal.folder / ".env"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)

    assert "others on this machine can read .env" in rehearsal.doctor(expect=1).out


def test_pages_that_cannot_be_read_are_told_with_their_lines(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    edit(shop.folder, "account: summit ", "acount: summit ")

    answer = shop.run("doctor", expect=1)

    assert "cadence.yaml:5" in answer.err
    assert shop.run("doctor", "--onlin", expect=2).code == 2
