"""What mail servers and mail programs report of a mail of ours."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cadence.inbox.mail import read_mail
from cadence.inbox.message import Inbound, Receipt

MAILS = Path(__file__).parents[2] / "corpus" / "mails"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MESSAGE = "k5xw2zjanbuxg5dpoj4q"


def receipt(name: str) -> Receipt:
    found = read_mail((MAILS / f"{name}.eml").read_bytes(), received=NOW)
    assert isinstance(found, Receipt)
    return found


@pytest.mark.parametrize(
    ("name", "status", "code", "address"),
    [
        ("dsn_postfix", "bounced", "5.1.1", "nobody@example.net"),
        ("dsn_postfix_delayed", "deferred", "4.4.1", "slow@example.net"),
        ("dsn_exchange", "blocked", "5.2.2", "full@example.org"),
        ("dsn_gmail", "bounced", "5.0.0", "gone@nowhere.example.net"),
        ("dsn_international", "blocked", "5.7.1", "grün@example.org"),
        ("read_receipt", "opened", "", "ruth@example.org"),
        ("complaint", "complained", "", "ana.lopez@example.net"),
    ],
)
def test_a_report_tells_what_became_of_which_mail(name: str, status: str, code: str, address: str) -> None:
    found = receipt(name)

    assert (found.status, found.code, found.address) == (status, code, address)
    assert found.handle == MESSAGE
    assert (found.source, found.channel) == ("imap", "email")


def test_what_the_mail_server_said_is_told_without_the_address() -> None:
    detail = receipt("dsn_postfix").detail

    assert detail.endswith("Recipient address rejected: User unknown in virtual mailbox table")
    assert "nobody" not in detail


def report(action: str, status: str, said: str, *, handle: str = f"<{MESSAGE}.1@summit.example.com>") -> bytes:
    return f"""From: MAILER-DAEMON@mx.example.net
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; ana@example.net
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--x
Content-Type: message/rfc822

From: hello@summit.example.com
Message-ID: {handle}
Content-Type: multipart/alternative; boundary=y

--y
Content-Type: text/plain

Hi
--y--
--x--
""".encode()


@pytest.mark.parametrize(
    ("action", "status", "said", "means"),
    [
        ("failed", "5.1.1", "550 no", "bounced"),
        ("failed", "5.1.2", "550 no such domain", "bounced"),
        ("failed", "5.1.10", "556 null MX", "bounced"),
        ("failed", "5.2.1", "550 mailbox disabled", "bounced"),
        ("failed", "5.4.310", "DNS domain does not exist", "bounced"),
        ("failed", "5.4.1", "550 5.4.1 Recipient address rejected: Access denied", "bounced"),
        ("failed", "5.4.1", "550 5.4.1 relay access denied", "blocked"),
        ("failed", "5.0.0", "550 5.1.1 user unknown", "bounced"),
        ("failed", "5.0.0", "550 your mail looks like spam", "blocked"),
        ("failed", "", "550 No such user here", "bounced"),
        ("failed", "5.1.8", "550 sender's domain unknown", "blocked"),
        ("failed", "5.1.7", "550 sender syntax", "blocked"),
        ("failed", "5.2.2", "552 mailbox full", "blocked"),
        ("failed", "5.7.1", "550 5.7.1 blocked by policy: user unknown to us", "blocked"),
        ("failed", "5.7.26", "550 not authenticated", "blocked"),
        ("failed", "4.4.7", "delivery time expired", "undelivered"),
        ("Failed", "4.0.0", "smtp; 550 5.1.1 does not exist", "bounced"),
        ("delayed", "4.2.1", "busy", "deferred"),
        ("delivered", "2.0.0", "ok", "delivered"),
        ("relayed", "2.0.0", "ok", "sent"),
    ],
)
def test_only_what_is_about_the_address_says_that_nothing_will_reach_it(
    action: str, status: str, said: str, means: str
) -> None:
    found = read_mail(report(action, status, said), received=NOW)

    assert isinstance(found, Receipt)
    assert found.status == means


def test_a_report_on_somebody_elses_mail_names_none_of_ours() -> None:
    found = read_mail(report("failed", "5.1.1", "no", handle="<abc@summit.example.com>"), received=NOW)

    assert isinstance(found, Receipt)
    assert (found.handle, found.address) == ("", "ana@example.net")


def test_of_several_recipients_the_one_that_was_not_reached_counts() -> None:
    both = report("delivered", "2.0.0", "ok").replace(
        b"\n--x\nContent-Type: message/rfc822",
        b"\nFinal-Recipient: rfc822; bo@example.net\nAction: failed\nStatus: 5.1.1\n"
        b"\n--x\nContent-Type: message/rfc822",
    )

    found = read_mail(both, received=NOW)

    assert isinstance(found, Receipt)
    assert (found.status, found.address) == ("bounced", "bo@example.net")


def test_a_mail_deleted_unread_tells_nothing() -> None:
    raw = (MAILS / "read_receipt.eml").read_bytes().replace(b"; displayed", b"; deleted")

    assert read_mail(raw, received=NOW) is None


def test_a_report_attached_to_a_persons_mail_is_not_taken_for_one() -> None:
    raw = (
        (MAILS / "dsn_postfix.eml")
        .read_bytes()
        .replace(b"multipart/report; report-type=delivery-status", b"multipart/mixed")
    )

    assert isinstance(read_mail(raw, received=NOW), Inbound)
