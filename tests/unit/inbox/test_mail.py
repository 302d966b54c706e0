"""A mail becomes a person's message, whatever program wrote it; whatever bytes come, they do no harm."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadence.inbox.automatic import machine_of
from cadence.inbox.mail import read_mail
from cadence.inbox.message import Inbound, Receipt, from_data, to_data

MAILS = Path(__file__).parents[2] / "corpus" / "mails"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
OURS = frozenset({"hello@summit.example.com"})
ENROLMENT = "mfzwizltoq2gk3tunbzx"
MESSAGE = "k5xw2zjanbuxg5dpoj4q"
REPLY_ADDRESS = f"hello+{ENROLMENT}@summit.example.com"


def read(name: str) -> Inbound | Receipt | None:
    return read_mail((MAILS / f"{name}.eml").read_bytes(), received=NOW, ours=OURS)


def message(name: str) -> Inbound:
    found = read(name)
    assert isinstance(found, Inbound)
    return found


def of(text: str, **headers: str) -> Inbound:
    head = {"From": "ana@example.net", "To": REPLY_ADDRESS, **headers}
    raw = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in head.items()) + f"\n{text}"
    found = read_mail(raw.encode("utf-8", "surrogateescape"), received=NOW, ours=OURS)
    assert isinstance(found, Inbound)
    return found


def test_an_answer_tells_who_wrote_what_to_which_of_our_addresses() -> None:
    found = message("gmail_reply")

    assert (found.source, found.channel, found.sender) == ("imap", "email", "ana.lopez@example.net")
    assert (found.to, found.handle) == (REPLY_ADDRESS, ENROLMENT)
    assert found.subject == "Re: Your roof, and two times this week"
    assert found.text.startswith("Tuesday at 10 works for us.\n\nAna\n\nOn Mon,")
    assert found.at == datetime(2026, 11, 24, 17, 12, 30, tzinfo=UTC)
    assert found.key == "CAJ+reply1@mail.example.net"


def test_an_answer_names_what_it_answers_the_nearest_first() -> None:
    nearest, *others = message("gmail_reply").answers

    assert nearest == f"{MESSAGE}.1@summit.example.com"
    assert others == [f"{'a' * 20}.1@summit.example.com"]


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("outlook_reply", "Can you do it for £8,000 – that’s what we have.\n\nRuth\n____"),
        ("iphone_with_photo", "Here is the leak.\n\nWhen can you come?\n\nSent from my iPhone"),
        ("spanish_reply", "Sí, mañana a las 10 está bien. ¡Gracias!\n"),
        ("forwarded", "My wife decides these things, ask her.\n"),
        ("out_of_office_es", "Estoy fuera de la oficina hasta el lunes. Un saludo, José"),
        ("html_only", "Please stop writing to me.\n\nI'm done & gone\n\n> Hi Elena, still thinking?"),
        ("latin1_undeclared", "Merci, à bientôt"),
        ("no_date_no_id", "yes please"),
        ("broken_parts", "call me tomorrow"),
        ("photo_only", ""),
        ("mailing_list", "We meet on Thursday.\n"),
    ],
)
def test_the_text_is_read_in_whatever_letters_and_parts_it_came(name: str, begins: str) -> None:
    assert message(name).text.startswith(begins)


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("spanish_reply", "RE: Su techo, mañana"),
        ("out_of_office_es", "Respuesta automática: Su presupuesto"),
        ("latin1_undeclared", "Réponse"),
        ("broken_parts", "=?utf-8?B?broken"),
    ],
)
def test_the_subject_is_read_in_whatever_letters_it_came(name: str, subject: str) -> None:
    assert message(name).subject == subject


@pytest.mark.parametrize("name", ["forwarded", "no_date_no_id", "broken_parts", "outlook_reply"])
def test_the_reply_address_is_found_wherever_it_stands_and_however_it_is_written(name: str) -> None:
    found = message(name)

    assert found.handle == ENROLMENT
    assert found.to.endswith(f"+{ENROLMENT}@summit.example.com")


def test_a_mail_without_a_reply_address_went_to_the_address_of_ours_that_it_names() -> None:
    found = of("Hi", To="me@example.net, HELLO@summit.example.com")

    assert (found.to, found.handle) == ("hello@summit.example.com", "")


@pytest.mark.parametrize("name", ["our_own_copy", "colleague_wrote"])
def test_what_we_wrote_ourselves_is_no_answer(name: str) -> None:
    assert read(name) is None


def test_who_answers_a_mail_of_ours_from_our_own_address_is_heard() -> None:
    assert of("STOP", From="hello@summit.example.com").text == "STOP"


@pytest.mark.parametrize("raw", [b"", b"\r\n \r\n"])
def test_nothing_tells_nothing(raw: bytes) -> None:
    assert read_mail(raw, received=NOW) is None


@pytest.mark.parametrize(
    ("name", "report"),
    [
        ("out_of_office_en", False),
        ("out_of_office_es", False),
        ("mailing_list", False),
        ("bounce_without_a_form", True),
        ("report_that_says_nothing", True),
    ],
)
def test_what_a_machine_wrote_can_be_told_by_the_headers_that_are_kept(name: str, *, report: bool) -> None:
    machine = machine_of(message(name).headers)

    assert machine is not None
    assert machine.report is report


@pytest.mark.parametrize("name", ["gmail_reply", "spanish_reply", "html_only", "forwarded"])
def test_what_a_person_wrote_has_no_mark_of_a_machine(name: str) -> None:
    assert machine_of(message(name).headers) is None


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "Tue, 24 Nov 2099 10:00:00 +0000", "Thu, 01 Jan 1970 00:00:00 +0000", "Tue, 99 Nov 2026 99:00"],
)
def test_a_date_that_cannot_be_gives_way_to_when_the_mailbox_got_it(date: str) -> None:
    assert of("Hi", Date=date).at == NOW


def test_a_mail_without_an_id_has_a_key_made_of_its_bytes() -> None:
    assert message("no_date_no_id").key == message("no_date_no_id").key
    assert of("Hi").key != of("Ho").key
    assert of("Hi").key.startswith("sha256:")


def test_an_id_too_long_to_keep_is_none() -> None:
    assert of("Hi", Message_ID=f"<{'a' * 400}@example.net>").key.startswith("sha256:")


def test_of_a_long_thread_the_nearest_mails_are_kept() -> None:
    thread = " ".join(f"<{number:05}@example.net>" for number in range(2000))

    answers = of("Hi", References=thread).answers

    assert answers[0] == "01999@example.net"
    assert len(answers) == 50


@pytest.mark.parametrize(
    ("charset", "raw", "text"),
    [
        ("utf-8", "Sí".encode(), "Sí"),
        ("iso-8859-1", "S\xed \x96 ok".encode("latin-1"), "Sí – ok"),
        ("windows-1252", "that’s".encode("cp1252"), "that’s"),
        ("koi8-r", "да".encode("koi8-r"), "да"),
        ("shift_jis", "はい".encode("shift_jis"), "はい"),
        ("us-ascii", "Sí".encode(), "Sí"),
        ("x-unknown", "Sí".encode(), "Sí"),
        ("utf-8", "Sí".encode("latin-1"), "Sí"),
        ("idna", b"plain", "plain"),
        ("unicode_escape", rb"C:\new", r"C:\new"),
        ("rot13", b"STOP", "STOP"),
        ("utf-16", "STOP".encode("utf-16"), "STOP"),
    ],
)
def test_letters_are_read_as_they_say_or_else_as_they_look(charset: str, raw: bytes, text: str) -> None:
    head = f"From: ana@example.net\nContent-Type: text/plain; charset={charset}\n".encode()
    body = base64.encodebytes(raw)

    found = read_mail(head + b"Content-Transfer-Encoding: base64\n\n" + body, received=NOW)

    assert isinstance(found, Inbound)
    assert found.text == text


def test_no_text_has_what_a_database_will_not_take() -> None:
    found = of("a\0b\udcff", Subject="x\0y")

    assert "\0" not in found.text + found.subject
    assert (found.text + found.subject).encode()


@given(st.binary(max_size=600))
def test_whatever_bytes_come_they_make_an_item_that_can_be_kept(raw: bytes) -> None:
    holds(read_mail(raw, received=NOW, ours=OURS))


_NAMES = st.sampled_from(
    ["From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Content-Type", "Delivered-To",
     "Content-Transfer-Encoding", "Content-Disposition", "Auto-Submitted"]
)  # fmt: skip
_VALUES = st.one_of(
    st.sampled_from(
        [
            "multipart/report; report-type=delivery-status; boundary=x", "multipart/mixed; boundary=x", "text/html",
            "multipart/alternative; boundary=x", "message/rfc822", "message/delivery-status", "base64", "x-uuencode",
            "quoted-printable", "text/plain; charset=utf-7", "=?utf-8?b?////?=", "=?x?q?=ff?=", REPLY_ADDRESS, "((((",
            '"', "<>", "attachment; filename*=utf-8''%ff", "Tue, 24 Nov 2026 10:00:00 -9999",
            "message/disposition-notification", "message/feedback-report", "message/global-delivery-status",
        ]
    ),
    st.text(max_size=40),
)  # fmt: skip
_BODIES = st.lists(
    st.one_of(
        st.sampled_from(["--x", "--x--", "", "Content-Type: message/delivery-status", "Status: 5.1.1", "Action: failed",
                         "Final-Recipient: rfc822;a@example.net", "<p>", "<!--", "=", "Disposition: displayed",
                         "Content-Type: text/rfc822-headers", "Feedback-Type: abuse", "begin 644 a"]),
        st.text(max_size=30),
    ),
    max_size=12,
)  # fmt: skip


@given(st.lists(st.tuples(_NAMES, _VALUES), max_size=8), _BODIES)
def test_whatever_looks_like_a_mail_makes_an_item_that_can_be_kept(
    head: list[tuple[str, str]], body: list[str]
) -> None:
    lines = [f"{name}: {value}" for name, value in head]
    holds(read_mail("\n".join([*lines, "", *body]).encode("utf-8", "surrogatepass"), received=NOW, ours=OURS))


def holds(item: Inbound | Receipt | None) -> None:
    if item is None:
        return
    kind, data = to_data(item)
    assert from_data(kind, data) == item
    assert "\0" not in repr(data)
    repr(data).encode()
    assert item.key
    assert len(item.key) <= 250
    assert NOW - timedelta(days=7) <= item.at <= NOW


@pytest.mark.parametrize("piece", ["a@b.c, ", "x=;", "(", "=?utf-8?q?a?= ", "<a@b> ", '"\\', ";", "\t\n "])
@pytest.mark.parametrize("name", ["To", "Subject", "Content-Type", "References"])
def test_no_header_keeps_its_reader_busy(name: str, piece: str) -> None:
    raw = f"From: ana@example.net\n{name}: {piece * (200_000 // len(piece))}\n\nSTOP".encode()
    begun = time.process_time()

    found = read_mail(raw, received=NOW)

    assert isinstance(found, Inbound)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "head", [b"Content-Type: message/rfc822\n\n", b"Content-Type: multipart/mixed; boundary=x\n\n--x\n"]
)
def test_a_mail_in_a_mail_a_thousand_deep_is_handed_over_all_the_same(head: bytes) -> None:
    found = read_mail(b"From: Ana <ana@example.net>\nTo: " + REPLY_ADDRESS.encode() + b"\n" + head * 3000, received=NOW)

    assert isinstance(found, Inbound)
    assert (found.sender, found.handle) == ("ana@example.net", ENROLMENT)
