"""How mails leave and how answers to them are heard: real HTTP, SMTP and IMAP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cadence.doctor.mails import check
from support.doctor_make import SECRETS, case, found, said
from support.imap_server import PASSWORD as BOX_PASSWORD
from support.imap_server import USER as BOX
from support.imap_server import running_imap_server
from support.sendgrid_desk import Day, sendgrid_desk
from support.smtp_desk import PASSWORD, USER, certificate, smtp_desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cadence.doctor.case import Case
    from support.imap_server import MailServer
    from support.sendgrid_desk import SendGridDesk

BY_SENDGRID = {"email": {"via": "sendgrid", "from": "hello@example.com"}}
URL = "https://hooks.example.com"


@pytest.fixture
def desk() -> Iterator[SendGridDesk]:
    """A SendGrid that knows the shop."""
    with sendgrid_desk() as opened:
        opened.domains = {"example.com": True}
        opened.clock = lambda: datetime.now(UTC).timestamp()
        yield opened


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    """A mailbox."""
    with running_imap_server(tmp_path_factory.mktemp("box") / "mails") as server:
        yield server


def shop(desk: SendGridDesk, settings: dict[str, str] = SECRETS, **page: Any) -> Case:
    """A shop whose mails SendGrid carries; webhooks tell it of answers."""
    page = {"channels": BY_SENDGRID, "public_url": URL, **page}
    return case({**settings, "CADENCE_SENDGRID_URL": desk.url}, **page)


# SendGrid


def test_a_shop_that_sendgrid_knows_is_fine(desk: SendGridDesk) -> None:
    assert found(check, shop(desk)) == [("scope", "fine"), ("sender", "fine")]
    assert desk.mails == []


def test_nobody_is_asked_offline(desk: SendGridDesk) -> None:
    assert found(check, shop(desk, online=False)) == [("asked", "unasked")]


def test_a_wrong_key_is_told(desk: SendGridDesk) -> None:
    [finding] = check(shop(desk, SECRETS | {"SENDGRID_API_KEY": "SG.wrong.wrong"}))

    assert (finding.code, finding.verdict) == ("credentials", "wrong")
    assert "SG." not in finding.says + finding.do


def test_a_key_that_may_not_send_is_wrong(desk: SendGridDesk) -> None:
    desk.scopes = ["alerts.read"]

    assert ("scope", "wrong") in found(check, shop(desk))


def test_a_key_that_may_not_read_suppressions_is_told_of_while_ticks_ask(desk: SendGridDesk) -> None:
    desk.scopes = ["mail.send"]

    assert ("scope", "look") in found(check, shop(desk))
    assert ("scope", "fine") in found(check, shop(desk, inbound={"poll": False}))


@pytest.mark.parametrize(
    ("domains", "senders", "verdict", "says"),
    [
        ({"example.com": False}, {}, "wrong", "its authentication is not finished"),
        ({}, {}, "wrong", "its domain is not authenticated"),
        ({}, {"hello@example.com": False}, "wrong", "does not know the sender"),
        ({}, {"Hello@Example.com": True}, "look", "is verified, but its domain is not authenticated"),
        ({"mail.example.com": True}, {}, "wrong", "its domain is not authenticated"),
    ],
)
def test_the_sender_must_be_known(
    desk: SendGridDesk, domains: dict[str, bool], senders: dict[str, bool], verdict: str, says: str
) -> None:
    desk.domains, desk.senders = domains, senders

    findings = list(check(shop(desk)))

    assert ("sender", verdict) in [(each.code, each.verdict) for each in findings]
    assert says in said(findings, "sender")


def test_a_key_that_may_not_see_senders_leaves_them_to_a_person(desk: SendGridDesk) -> None:
    desk.closed = {"/v3/whitelabel/domains"}

    assert found(check, shop(desk)) == [("scope", "fine"), ("sender", "look")]


@pytest.mark.parametrize("day", [Day(status=503, body="<html>busy"), Day(status=429), Day(cut=True)])
def test_a_bad_day_of_sendgrid_is_one_line(desk: SendGridDesk, day: Day) -> None:
    desk.days = [day]

    assert [each.verdict for each in check(shop(desk))] == ["wrong"]


def test_a_sendgrid_that_cannot_be_reached_is_one_line() -> None:
    nobody = case({**SECRETS, "CADENCE_SENDGRID_URL": "http://127.0.0.1:9"}, channels=BY_SENDGRID, public_url=URL)

    [finding] = check(nobody)

    assert finding.says == "SendGrid does not answer (ConnectionRefusedError)"


def test_the_clock_of_its_answers_is_noted_of_refusals_too(desk: SendGridDesk) -> None:
    desk.clock = lambda: datetime.now(UTC).timestamp() - 3600
    looked = shop(desk, SECRETS | {"SENDGRID_API_KEY": "SG.wrong.wrong"})

    list(check(looked))

    assert abs(looked.clocks["SendGrid"] + timedelta(hours=1)) < timedelta(seconds=3)


# A mail server


def by_smtp(port: int, password: str = PASSWORD, **more: Any) -> Case:
    """A shop that sends from its own mailbox."""
    server = {"via": "smtp", "from": USER, "host": "127.0.0.1", "port": port, "user": USER, **more}
    return case(SECRETS | {"SMTP_PASSWORD": password}, channels={"email": server}, public_url=URL)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A certificate that this machine trusts, and its key."""
    made = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made[0]))
    return made


def test_a_mail_server_that_lets_us_in_is_fine_and_gets_no_mail(files: tuple[Path, Path]) -> None:
    with smtp_desk(files, tls="starttls", login=True) as desk:
        assert found(check, by_smtp(desk.port)) == [("reached", "fine")]
        assert desk.taken == []


def test_a_wrong_password_is_told_without_it(files: tuple[Path, Path]) -> None:
    with smtp_desk(files, tls="starttls", login=True) as desk:
        [finding] = check(by_smtp(desk.port, "not-the-password"))

    assert finding.verdict == "wrong"
    assert "does not accept user and password" in finding.says
    assert "not-the-password" not in finding.says + finding.do


def test_a_mail_server_that_is_down_is_one_line() -> None:
    assert found(check, by_smtp(9)) == [("no_connection", "wrong")]


def test_a_mail_server_without_encryption_is_told_where_it_is_asked_for() -> None:
    with smtp_desk() as desk:
        assert found(check, by_smtp(desk.port)) == [("not_offered", "wrong")]


# Answers


def heard(server: MailServer, password: str = BOX_PASSWORD, **more: Any) -> Case:
    """A shop that reads a mailbox."""
    imap = {"host": "127.0.0.1", "port": server.port, "user": BOX, "tls": False, **more}
    return case({"IMAP_PASSWORD": password}, channels={}, inbound={"imap": imap})


def test_a_mailbox_that_can_be_read_is_fine_and_stays_as_it_is(box: MailServer) -> None:
    box.put(b"Subject: hello\r\n\r\nhello\r\n")

    assert found(check, heard(box)) == [("mailbox", "fine")]
    assert not any("Seen" in line for line in box.flags())


def test_a_wrong_password_of_the_mailbox_is_told_without_it(box: MailServer) -> None:
    [finding] = check(heard(box, "not-the-password"))

    assert finding.verdict == "wrong"
    assert "refuses the login" in finding.says
    assert "IMAP_PASSWORD" in finding.do
    assert "not-the-password" not in finding.says + finding.do


def test_a_folder_that_is_not_there_is_told(box: MailServer) -> None:
    assert "there is no folder 'Replies'" in said(check(heard(box, folder="Replies")), "mailbox")


def test_a_mailbox_that_is_down_is_one_line() -> None:
    down = case(
        {"IMAP_PASSWORD": "x" * 8}, channels={}, inbound={"imap": {"host": "127.0.0.1", "port": 9, "user": BOX}}
    )

    assert found(check, down) == [("mailbox", "wrong")]


def test_answers_that_nothing_hears_are_told_of(desk: SendGridDesk) -> None:
    assert ("deaf", "look") in found(check, shop(desk, public_url=""))


def test_answers_that_go_to_another_mailbox_are_told_of(desk: SendGridDesk) -> None:
    imap = {"imap": {"host": "imap.example.com", "user": "office@example.com"}}

    assert ("mailbox_of_another", "look") in found(check, shop(desk, online=False, inbound=imap))
    same = {"email": {**BY_SENDGRID["email"], "reply_to": "Office@example.com"}}
    assert ("mailbox_of_another", "look") not in found(check, shop(desk, online=False, inbound=imap, channels=same))


def test_a_missing_postal_address_is_told_of_before_mails_leave() -> None:
    without = case(online=False, channels=BY_SENDGRID, business={"postal_address": ""})

    assert ("postal_address", "look") in found(check, without)
