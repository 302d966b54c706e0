"""E-mail through a mail server: a real one on this machine, with refusals and lines that break."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cadence.channels.channel import Accepted, Lost, NotNow, Refused
from cadence.channels.conformance import broken_promises
from cadence.channels.smtp import SmtpChannel
from cadence.errors import CadenceError
from support.mail_make import HANDLE, HEAD, REPLY, SECRET, invite, kit, mail
from support.smtp_desk import PASSWORD, USER, SmtpDesk, certificate, smtp_desk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cadence.channels.channel import Result


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def desk() -> Iterator[SmtpDesk]:
    with smtp_desk() as opened:
        yield opened


def to(desk: SmtpDesk, **settings: object) -> SmtpChannel:
    head = settings.pop("head", HEAD)
    return SmtpChannel(head, "127.0.0.1", desk.port, **{"tls": "none", "timeout": 5.0, **settings})


def send(desk: SmtpDesk, **settings: object) -> Result:
    (result,) = to(desk, **settings).send([mail()])
    return result


class TestTheMail:
    def test_a_mail_arrives_with_both_parts_and_every_header(self, desk: SmtpDesk) -> None:
        message = mail(thread=("aaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbb.2"), attempt=3, subject="Ihr Dach: schön")
        assert to(desk).send([message]) == [Accepted(f"{HANDLE}.3@example.com")]
        (got,) = desk.mails
        assert desk.taken[0][:2] == ("hello@example.com", ["maria@example.com"])
        assert got["From"] == "Summit Roofing <hello@example.com>"
        assert got["To"] == "maria@example.com"
        assert got["Reply-To"] == f"hello+{REPLY}@example.com"
        assert got["Subject"] == "Ihr Dach: schön"
        assert got["Message-ID"] == f"<{HANDLE}.3@example.com>"
        assert got["In-Reply-To"] == "<bbbbbbbbbbbbbbbbbbbb.2@example.com>"
        assert got["References"] == "<aaaaaaaaaaaaaaaaaaaa.1@example.com> <bbbbbbbbbbbbbbbbbbbb.2@example.com>"
        assert got["Date"] == "Tue, 24 Nov 2026 19:10:00 +0000"
        assert got.get_content_type() == "multipart/alternative"
        assert got.get_body(("plain",)).get_content().startswith("Hi Maria,\n\nhere is the list.")
        assert "<strong>list</strong>" in got.get_body(("html",)).get_content()

    def test_a_long_unsubscribe_link_stays_in_one_piece_on_the_line(self, desk: SmtpDesk) -> None:
        head = replace(HEAD, public_url="https://hooks.a-rather-long-name.example.com/for/our/shop", secret="s" * 32)
        to(desk, head=head).send([mail()])
        lines = desk.taken[0][2].split(b"\r\n")
        (line,) = [line for line in lines if line.startswith(b"List-Unsubscribe:")]
        assert line.startswith(b"List-Unsubscribe: <https://hooks.a-rather-long-name.example.com/for/our/shop/u/rrr")
        assert line.endswith(b">, <mailto:hello+" + REPLY.encode() + b"@example.com?subject=unsubscribe>")
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines

    def test_lines_that_begin_with_a_dot_and_other_letters_arrive_as_they_were(self, desk: SmtpDesk) -> None:
        to(desk).send([mail(body=".\n\n..dots\n\n.hidden ünïcode 🏠\n\n" + "long " * 400)])
        text = desk.mails[0].get_body(("plain",)).get_content()
        assert text.startswith(".\n\n..dots\n\n.hidden ünïcode 🏠\n\n" + ("long " * 400).strip())
        assert max(map(len, desk.taken[0][2].split(b"\r\n"))) < 998
        assert desk.taken[0][2].isascii()

    def test_an_appointment_goes_along_as_a_calendar_file(self, desk: SmtpDesk) -> None:
        to(desk).send([mail(data={"invite": invite()})])
        (file,) = desk.mails[0].iter_attachments()
        assert (file.get_content_type(), file.get_filename()) == ("text/calendar", "appointment.ics")
        assert file["Content-Type"].params["method"] == "PUBLISH"
        assert "DTSTART;TZID=America/Chicago:20261201T110000" in file.get_content()

    def test_a_line_break_in_a_header_is_no_second_header(self, desk: SmtpDesk) -> None:
        bad = [mail(subject="Hi\r\nBcc: all@example.com"), mail("maria@example.com\r\nRCPT TO:<all@example.com>")]
        first, second = to(desk).send(bad)
        assert isinstance(first, Refused)
        assert isinstance(second, Refused)
        assert (first.because, second.because) == ("text", "address")
        assert (desk.taken, desk.connections) == ([], 0)


class TestOneCall:
    def test_it_keeps_the_promises_of_every_channel(self, desk: SmtpDesk) -> None:
        desk.at_rcpt = {"dead@example.com": "550 5.1.1 <dead@example.com> unknown"}
        people = ("maria@example.com", "dead@example.com", "nobody", "ann@example.com")
        assert broken_promises(to(desk), [mail(each) for each in people]) == []

    def test_the_mails_of_a_call_share_a_connection(self, desk: SmtpDesk) -> None:
        results = to(desk).send([mail(f"lead{number}@example.com") for number in range(5)])
        assert [type(each) for each in results] == [Accepted] * 5
        assert (len(desk.taken), desk.connections) == (5, 1)

    def test_one_that_is_refused_does_not_hold_up_the_others(self, desk: SmtpDesk) -> None:
        desk.at_rcpt = {"dead@example.com": "550 5.1.1 no such user"}
        desk.at_data = ["", "554 5.7.1 spam"]
        people = ("a@example.com", "dead@example.com", "b@example.com", "no address", "c@example.com")
        results = to(desk).send([mail(address) for address in people])
        assert [type(each) for each in results] == [Accepted, Refused, Refused, Refused, Accepted]
        assert [each[1] for each in desk.taken] == [["a@example.com"], ["c@example.com"]]

    def test_once_the_line_is_lost_those_whose_turn_had_not_come_surely_did_not_go(self, desk: SmtpDesk) -> None:
        desk.at_data = ["", "lost"]
        results = to(desk).send([mail(f"lead{number}@example.com") for number in range(4)])
        assert [type(each) for each in results] == [Accepted, Lost, NotNow, NotNow]
        assert (len(desk.taken), desk.connections) == (2, 1)


#: When it is said, what, and what that means.
ANSWERS = [
    ("mail", "450 4.7.1 later", NotNow("450 4.7.1")),
    ("mail", "550 5.7.1 not your address", NotNow("550 5.7.1", halt=True)),
    ("mail", "552 5.3.4 too large", Refused("552 5.3.4", because="text")),
    ("mail", "drop", NotNow("no_connection")),
    ("rcpt", "451 4.7.1 greylisted, come back", NotNow("451 4.7.1")),
    ("rcpt", "452 4.2.2 full", NotNow("452 4.2.2")),
    ("rcpt", "421 4.3.2 closing", NotNow("421 4.3.2")),
    ("rcpt", "550 5.1.1 no such user here", Refused("550 5.1.1", because="address")),
    ("rcpt", "550 User unknown", Refused("550", because="address")),
    ("rcpt", "550 5.7.26 unauthenticated mail", NotNow("550 5.7.26", halt=True)),
    ("rcpt", "554 5.7.1 Relay access denied", NotNow("554 5.7.1", halt=True)),
    ("rcpt", "530 5.7.0 Authentication required", NotNow("530 5.7.0", halt=True)),
    ("rcpt", "552 5.2.2 mailbox full", Refused("552 5.2.2")),
    ("rcpt", "550 5.7.1 blocked by policy", Refused("550 5.7.1")),
    ("rcpt", "550 mailbox unavailable", Refused("550")),
    ("data", "451 4.3.0 later", NotNow("451 4.3.0")),
    ("data", "421 4.3.2 closing", NotNow("421 4.3.2")),
    ("data", "552 5.3.4 too large", Refused("552 5.3.4", because="text")),
    ("data", "550 5.1.1 no such user after all", Refused("550 5.1.1", because="address")),
    ("data", "554 5.7.1 this is spam", Refused("554 5.7.1")),
    ("data", "550 5.7.26 This mail is unauthenticated", NotNow("550 5.7.26", halt=True)),
    ("data", "lost", Lost("no_answer")),
    ("data", "drop", Lost("no_answer")),
]


class TestAnswers:
    @pytest.mark.parametrize(("when", "answer", "meaning"), ANSWERS, ids=lambda each: str(each)[:24])
    def test_every_answer_means_one_thing(self, desk: SmtpDesk, when: str, answer: str, meaning: Result) -> None:
        if when == "rcpt":
            desk.at_rcpt = {"maria@example.com": answer}
        else:
            setattr(desk, f"at_{when}", [answer])
        result = send(desk)
        names = ("code", "halt", "because")
        assert type(result) is type(meaning)
        assert [getattr(result, name, None) for name in names] == [getattr(meaning, name, None) for name in names]

    def test_an_address_that_is_refused_stands_in_no_explanation(self, desk: SmtpDesk) -> None:
        desk.at_rcpt = {"maria@example.com": "550 5.1.1 <maria@example.com>: unknown, call +1 816 555 0142"}
        result = send(desk)
        assert isinstance(result, Refused)
        assert "unknown" in result.detail
        assert "maria@" not in result.detail
        assert "555" not in result.detail


class TestTheLine:
    def test_it_is_made_safe_before_anything_is_said(
        self, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
        with smtp_desk(files, tls="starttls", login=True) as desk:
            result = send(desk, tls="starttls", user=USER, password=PASSWORD)
        assert isinstance(result, Accepted)
        assert len(desk.taken) == 1

    def test_it_may_be_safe_from_the_start(self, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
        with smtp_desk(files, tls="tls") as desk:
            assert isinstance(send(desk, tls="tls"), Accepted)

    @pytest.mark.parametrize("tls", ["starttls", "tls"])
    def test_a_certificate_that_nobody_vouches_for_ends_it(self, files: tuple[Path, Path], tls: str) -> None:
        with smtp_desk(files, tls=tls) as desk:
            result = send(desk, tls=tls, user=USER, password=PASSWORD)
        assert isinstance(result, NotNow)
        assert (result.code, result.halt, desk.taken) == ("certificate", True, [])

    def test_nothing_goes_in_the_clear_where_no_safe_line_is_offered(self, desk: SmtpDesk) -> None:
        result = send(desk, tls="starttls")
        assert isinstance(result, NotNow)
        assert (result.code, result.halt, desk.taken) == ("not_offered", True, [])

    def test_a_wrong_password_halts_the_channel_and_is_not_told(
        self, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
        with smtp_desk(files, tls="starttls", login=True) as desk:
            result = send(desk, tls="starttls", user=USER, password="falsch-falsch")
        assert isinstance(result, NotNow)
        assert (result.code, result.halt, desk.taken) == ("login", True, [])
        assert "falsch" not in result.detail

    def test_where_nobody_listens_nothing_went(self) -> None:
        (result,) = SmtpChannel(HEAD, "127.0.0.1", 1, tls="none").send([mail()])
        assert isinstance(result, NotNow)
        assert (result.code, result.halt) == ("no_connection", False)

    def test_where_the_name_is_not_found_nothing_went(self) -> None:
        (result,) = SmtpChannel(HEAD, "nobody.invalid").send([mail()])
        assert isinstance(result, NotNow)
        assert (result.code, result.halt) == ("no_connection", False)

    @pytest.mark.parametrize("greeting", [b"", b"554 go away\r\n", b"hello?\r\n", b"x" * 10_000 + b"\r\n"])
    def test_a_server_that_does_not_greet_got_nothing(self, greeting: bytes) -> None:
        with talker(greeting) as port:
            (result,) = SmtpChannel(HEAD, "127.0.0.1", port, tls="none", timeout=0.3).send([mail()])
        assert isinstance(result, NotNow)
        assert not result.halt

    def test_an_answer_that_is_none_after_the_text_says_nothing(self) -> None:
        talk = (b"220 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"thanks!\r\n")
        with talker(*talk) as port:
            (result,) = SmtpChannel(HEAD, "127.0.0.1", port, tls="none", timeout=2.0).send([mail()])
        assert isinstance(result, Lost)

    def test_a_server_that_falls_silent_after_the_text_may_have_taken_it(self) -> None:
        talk = (b"220 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"")
        with talker(*talk) as port:
            (result,) = SmtpChannel(HEAD, "127.0.0.1", port, tls="none", timeout=0.3).send([mail()])
        assert isinstance(result, Lost)

    def test_an_old_server_that_knows_no_extensions_will_do(self) -> None:
        talk = (
            b"220 hi\r\n",
            b"502 what?\r\n",
            b"250 ok\r\n",
            b"250 ok\r\n",
            b"250 ok\r\n",
            b"354 go\r\n",
            b"250 ok\r\n",
            b"221 bye\r\n",
        )
        with talker(*talk) as port:
            result = SmtpChannel(HEAD, "127.0.0.1", port, tls="none", timeout=2.0).send([mail()])
        assert isinstance(result[0], Accepted)


class TestOtherLetters:
    def test_a_domain_of_other_letters_is_written_in_plain_ones(self, desk: SmtpDesk) -> None:
        assert isinstance(to(desk).send([mail("maria@bücher.example")])[0], Accepted)
        assert desk.taken[0][1] == ["maria@xn--bcher-kva.example"]

    def test_a_name_of_other_letters_goes_where_the_server_knows_them(self, desk: SmtpDesk) -> None:
        assert isinstance(to(desk).send([mail("maría@example.com")])[0], Accepted)
        assert desk.taken[0][1] == ["maría@example.com"]

    def test_elsewhere_it_is_refused_and_the_address_is_not_given_up(self) -> None:
        with smtp_desk(enable_SMTPUTF8=False) as desk:
            (result,) = to(desk).send([mail("maría@example.com")])
        assert isinstance(result, Refused)
        assert (result.code, result.because) == ("no_utf8", "other")


class TestMaking:
    def make(self, password: str = "", **options: object) -> SmtpChannel:
        return SmtpChannel.from_kit(
            kit(via="smtp", options=options, settings={"SMTP_PASSWORD": password, "CADENCE_SECRET": SECRET})
        )

    def test_it_is_made_from_the_workspace_and_the_settings_of_the_machine(self) -> None:
        made = self.make(PASSWORD, host="smtp.example.com", user=USER)
        assert (made.host, made.port, made.tls, made.user) == ("smtp.example.com", 587, "starttls", USER)
        assert self.make(host="smtp.example.com", tls="tls").port == 465
        assert self.make(host="smtp.example.com", tls="tls", port=4650).port == 4650
        assert self.make(host="127.0.0.1", tls="none").port == 25

    @pytest.mark.parametrize(
        ("options", "why"),
        [
            ({}, "which mail server"),
            ({"host": "smtp.example.com", "tls": "none"}, "for everybody to read"),
            ({"host": "smtp.example.com", "user": USER}, "SMTP_PASSWORD is not set"),
        ],
    )
    def test_what_is_missing_is_said(self, options: dict[str, object], why: str) -> None:
        with pytest.raises(CadenceError, match=why) as refusal:
            self.make(**options)
        assert refusal.value.help


@contextmanager
def talker(*answers: bytes) -> Iterator[int]:
    """Open a server that says one thing after each line it hears, whatever that is; the mail counts as one line."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk(said: Sequence[bytes]) -> None:
        line, _ = listener.accept()
        with line, line.makefile("rb") as heard:
            line.sendall(said[0])
            within = False
            for answer in said[1:]:
                while (got := heard.readline()) and within and got != b".\r\n":
                    pass
                within = answer.startswith(b"354")
                line.sendall(answer)
            heard.read()

    thread = threading.Thread(target=talk, args=(answers,), daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(2)
