"""Reading a mailbox, at a real IMAP server: everything once, nothing changed, nobody held up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cadence.errors import CadenceError
from cadence.inbox import imap_poll
from cadence.inbox.imap import Mailbox, poll
from cadence.inbox.imap_poll import TRIES
from cadence.inbox.message import Inbound
from cadence.playbook.model import Imap
from support.imap_line import between, certificate_for
from support.imap_server import PASSWORD, USER, running_imap_server
from support.ways_make import kit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from cadence.inbox.polled import Polled
    from support.imap_server import MailServer

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with running_imap_server(tmp_path_factory.mktemp("mails")) as server:
        yield server


@pytest.fixture
def server(shared: MailServer) -> Iterator[MailServer]:
    """The server, its mailbox empty."""
    with shared.client() as program:
        program.store("1:*", "+FLAGS", r"(\Deleted)")
        program.expunge()
    yield shared
    shared.start_if_stopped()


def mail(number: int, text: str = "Yes", *, head: str = "") -> bytes:
    return f"From: ana@example.net\r\nMessage-ID: <{number}@example.net>\r\n{head}\r\n{text}\r\n".encode()


def read(server: MailServer, cursor: Mapping[str, Any], now: datetime = NOW, **given: Any) -> Polled:
    return poll(server.settings(), PASSWORD, cursor, now, **given)


def begun(server: MailServer) -> Mapping[str, Any]:
    return read(server, {}).cursor


def keys(polled: Polled) -> list[str]:
    assert polled.problem == ""
    return [item.key for item in polled.items]


def ids(*numbers: int) -> list[str]:
    return [f"{number}@example.net" for number in numbers]


def test_the_first_poll_reads_no_history(server: MailServer) -> None:
    server.put(mail(1))
    first = read(server, {})
    server.put(mail(2))

    assert (keys(first), keys(read(server, first.cursor))) == ([], ids(2))


def test_what_was_read_is_not_read_again_even_where_the_server_repeats_the_last_one(server: MailServer) -> None:
    cursor = begun(server)
    server.put(mail(1), mail(2))
    once = read(server, cursor)

    assert keys(once) == ids(1, 2)
    assert keys(read(server, once.cursor)) == []


def test_nothing_is_marked_as_seen(server: MailServer) -> None:
    cursor = begun(server)
    server.put(mail(1))
    read(server, cursor)

    assert server.flags() == ["b'1 (FLAGS ())'"]


def test_a_poll_that_was_not_kept_is_repeated_with_the_same_keys(server: MailServer) -> None:
    cursor = begun(server)
    server.put(mail(1), b"From: ana@example.net\r\n\r\nNo id\r\n")

    assert keys(read(server, cursor)) == keys(read(server, cursor))
    assert len(keys(read(server, cursor))) == 2


def test_one_poll_reads_so_many_and_the_next_goes_on_oldest_first(server: MailServer) -> None:
    cursor = begun(server)
    server.put(*map(mail, range(7)))
    first = read(server, cursor, most=3)
    second = read(server, first.cursor, most=3)
    third = read(server, second.cursor, most=3)

    assert [keys(each) for each in (first, second, third)] == [ids(0, 1, 2), ids(3, 4, 5), ids(6)]


def test_more_mails_than_are_asked_for_at_once_are_all_read(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_poll, "AT_ONCE", 3)
    monkeypatch.setattr(imap_poll, "OVERLAP", 4)
    cursor = begun(server)
    server.put(*map(mail, range(8)))

    polled = read(server, cursor)

    assert keys(polled) == ids(*range(8))
    assert keys(read(server, polled.cursor)) == []
    assert len(polled.cursor["read"]) == 4


def test_a_mail_deleted_meanwhile_holds_up_nobody(server: MailServer) -> None:
    cursor = begun(server)
    server.put(mail(1), mail(2), mail(3))
    with server.client() as program:
        program.store("2", "+FLAGS", r"(\Deleted)")
        program.expunge()

    assert keys(read(server, cursor)) == ids(1, 3)


def test_new_numbers_for_all_mails_make_nothing_new_and_lose_nothing(server: MailServer) -> None:
    cursor = begun(server)
    server.put(mail(1), mail(2))
    before = read(server, cursor)
    server.put(mail(3))
    server.stop()
    server.number_anew()
    server.start()

    after = read(server, before.cursor)

    assert before.cursor["validity"] != after.cursor["validity"]
    assert sorted(keys(after)) == ids(1, 2, 3)  # the same keys as before: counted once
    assert keys(read(server, after.cursor)) == []


def test_new_numbers_bring_no_history_back(server: MailServer) -> None:
    old = NOW - timedelta(days=30)
    server.put(mail(1), mail(2), came=old)
    cursor = begun(server)
    server.stop()
    server.number_anew()
    server.start()
    polled = read(server, cursor)
    server.put(mail(3))

    assert keys(polled) == []
    assert keys(read(server, polled.cursor)) == ids(3)


def test_a_server_that_restarts_loses_nothing(server: MailServer) -> None:
    cursor = begun(server)
    server.put(mail(1))
    first = read(server, cursor)
    server.stop()
    down = read(server, first.cursor)
    server.start()
    server.put(mail(2))

    assert "nothing answers at" in down.problem
    assert (down.items, down.cursor) == ([], first.cursor)
    assert keys(read(server, down.cursor)) == ids(2)


def test_a_date_of_the_mailbox_stands_in_for_a_missing_one(server: MailServer) -> None:
    cursor = begun(server)
    came = NOW - timedelta(hours=5)
    server.put(mail(1), came=came)

    (item,) = read(server, cursor).items

    assert item.at == came


def test_a_huge_mail_is_read_as_far_as_its_text(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_poll, "LARGEST", 2000)
    cursor = begun(server)
    parts = "--x\r\n\r\nSTOP\r\n--x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    picture = "iVBORw0KGgoAAAANSUhEUgAA\r\n" * 5000
    server.put(mail(1, parts + picture, head="Content-Type: multipart/mixed; boundary=x\r\n"), mail(2))

    first, second = read(server, cursor).items

    assert isinstance(first, Inbound)
    assert first.text == "STOP"
    assert second.key == "2@example.net"


def test_a_mail_that_is_no_mail_is_handed_over_and_holds_up_nobody(server: MailServer) -> None:
    cursor = begun(server)
    deep = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
    server.put(b"From: ana@example.net\r\n" + deep * 1500, b"\xff\xfe\x01", mail(3))

    items = read(server, cursor).items

    assert [item.key.partition(":")[0] for item in items] == ["sha256", "sha256", "3@example.net"]


def test_a_copy_of_what_we_sent_is_passed_over(server: MailServer) -> None:
    cursor = begun(server)
    server.put(b"From: Shop <hello@summit.example.com>\r\nTo: ana@example.net\r\n\r\nHi\r\n", mail(2))

    assert keys(read(server, cursor, ours={"hello@summit.example.com"})) == ids(2)


def test_another_folder_can_be_read_its_name_in_any_letters(server: MailServer) -> None:
    with server.client() as program:
        program.create('"Antwort-&AOQ-"')
    settings = server.settings(folder="Antwort-ä")
    cursor = poll(settings, PASSWORD, {}, NOW).cursor
    server.put(mail(1), folder='"Antwort-&AOQ-"')

    assert keys(poll(settings, PASSWORD, cursor, NOW)) == ids(1)


def test_another_mailbox_begins_anew(server: MailServer) -> None:
    cursor = begun(server)
    server.put(mail(1))
    other = replace(server.settings(), host="localhost")

    assert keys(poll(other, PASSWORD, cursor, NOW)) == []


@pytest.mark.parametrize("damage", [{"read": None}, {"uid": "x"}, {"at": 5}, {"stuck": [1, "x"]}, {"mailbox": 7}])
def test_a_damaged_cursor_begins_anew(server: MailServer, damage: Mapping[str, Any]) -> None:
    cursor = {**begun(server), **damage}
    server.put(mail(1))
    polled = read(server, cursor)
    server.put(mail(2))

    assert keys(polled) == []
    assert keys(read(server, polled.cursor)) == ids(2)


def test_a_refused_login_is_told_without_the_password(server: MailServer) -> None:
    polled = poll(server.settings(), "wrong-password", {}, NOW)

    assert "refuses the login: check inbound.imap.user and IMAP_PASSWORD" in polled.problem
    assert "wrong-password" not in polled.problem
    assert USER not in polled.problem


@pytest.mark.parametrize("password", ["pässwörd", "line\r\nbreak", ""])
def test_a_password_of_any_form_does_no_harm(server: MailServer, password: str) -> None:
    assert "IMAP_PASSWORD" in poll(server.settings(), password, {}, NOW).problem


def test_a_folder_that_is_not_there_is_told(server: MailServer) -> None:
    assert "there is no folder 'Replies'" in poll(server.settings(folder="Replies"), PASSWORD, {}, NOW).problem


def test_a_server_that_does_not_speak_tls_gets_no_password(server: MailServer) -> None:
    assert "does not speak TLS" in poll(server.settings(tls=True), PASSWORD, {}, NOW, timeout=2).problem


def test_a_password_goes_over_no_unencrypted_line_to_another_machine() -> None:
    settings = imap_settings(host="mail.example.com", tls=False)

    assert "would come unencrypted" in poll(settings, PASSWORD, {}, NOW).problem


def imap_settings(**given: Any) -> Imap:
    return Imap(**{"host": "127.0.0.1", "user": USER, "tls": False, **given})


def test_a_certificate_nobody_vouches_for_is_refused_and_one_that_is_trusted_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for("127.0.0.1", tmp_path / "server.pem")
    with running_imap_server(tmp_path / "mails", certificate) as server:
        stranger = read(server, {})
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        cursor = begun(server)
        server.put(mail(1))
        trusted = read(server, cursor)

    assert "the certificate of 127.0.0.1" in stranger.problem
    assert keys(trusted) == ids(1)


def test_a_line_that_breaks_in_the_middle_keeps_what_came_before(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_poll, "AT_ONCE", 1)
    cursor = begun(server)
    server.put(mail(1), mail(2, "BREAK"), mail(3))
    with between(server, cut_at=b"BREAK") as port:
        broken = poll(server.settings(port=port), PASSWORD, cursor, NOW)

    assert [item.key for item in broken.items] == ids(1)
    assert "broke off; the rest is read next time" in broken.problem
    assert keys(read(server, broken.cursor)) == ids(2, 3)


def test_a_mail_that_breaks_the_line_every_time_is_told_and_passed_over(server: MailServer) -> None:
    cursor = begun(server)
    server.put(mail(1), mail(2, "BREAK"), mail(3))
    polls = []
    with between(server, cut_at=b"BREAK") as port:
        for _ in range(TRIES + 3):
            polls.append(poll(server.settings(port=port), PASSWORD, cursor, NOW))
            cursor = polls[-1].cursor

    first, told, last = [item for each in polls for item in each.items]
    assert (first.key, last.key) == (*ids(1), *ids(3))
    assert isinstance(told, Inbound)
    assert told.key.startswith("imap:")
    assert "cannot give out" in told.subject
    assert (polls[-1].items, polls[-1].problem) == ([], "")


def test_a_mail_that_the_server_cannot_give_out_is_told_and_holds_up_nobody(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor = begun(server)
    server.put(mail(1), mail(2), mail(3))
    second = cursor["uid"] + 2
    asked = [b"UID FETCH %d,%d,%d " % (second - 1, second, second + 1), b"UID FETCH %d (" % second]
    with between(server, refuse=asked[1]) as port:
        monkeypatch.setattr(imap_poll, "AT_ONCE", 1)
        polled = poll(server.settings(port=port), PASSWORD, cursor, NOW)

    assert [item.key.partition(":")[0] for item in polled.items] == [*ids(1), "imap", *ids(3)]


def test_a_question_refused_for_many_mails_is_asked_for_each(server: MailServer) -> None:
    cursor = begun(server)
    server.put(mail(1), mail(2))
    together = b"UID FETCH %d,%d " % (cursor["uid"] + 1, cursor["uid"] + 2)
    with between(server, refuse=together) as port:
        polled = poll(server.settings(port=port), PASSWORD, cursor, NOW)

    assert keys(polled) == ids(1, 2)


def test_a_server_that_hangs_is_left_in_time(server: MailServer) -> None:
    with between(server, hang=True) as port:
        polled = poll(server.settings(port=port), PASSWORD, {}, NOW, timeout=0.2)

    assert "did not answer within 0.2 seconds" in polled.problem


def test_a_poll_out_of_time_leaves_the_rest_to_the_next(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = begun(server)
    server.put(mail(1))
    monkeypatch.setattr(imap_poll, "PATIENCE", -1.0)
    late = read(server, cursor)
    monkeypatch.undo()

    assert keys(late) == []
    assert keys(read(server, late.cursor)) == ids(1)


@pytest.mark.parametrize(
    ("answer", "mails"),
    [
        ([(b"1 (UID 7 BODY[]<0> {2}", b"ab"), b")"], {7: b"ab"}),
        ([(b"1 (BODY[]<0> {2}", b"ab"), b" UID 7 FLAGS ())"], {7: b"ab"}),
        ([(b"1 (FLAGS () UID 7 BODY[]<0> {2}", b"ab"), b")", b"9 (FLAGS (\\Seen))"], {7: b"ab"}),
        ([b'1 (UID 7 BODY[]<0> "a\\"b")'], {7: b'a"b'}),
        ([b"1 (UID 7 BODY[]<0> NIL)"], {7: b""}),
        ([b"9 (FLAGS (\\Seen) UID 9)", (b"1 (UID 7 BODY[]<0> {2}", b"ab"), b")"], {7: b"ab"}),
        ([None], {}),
        ([b")"], {}),
    ],
)
def test_an_answer_is_understood_in_every_form_that_servers_give_it(answer: list[Any], mails: dict[int, bytes]) -> None:
    assert {uid: raw for uid, (raw, _) in imap_poll._mails(answer).items()} == mails


def test_a_workspace_that_names_a_mailbox_has_it_asked_under_its_own_name(server: MailServer) -> None:
    asked = mailbox(server.settings(), {"IMAP_PASSWORD": PASSWORD})

    assert asked.name == "imap"
    assert asked.ours == {USER, "hello@example.com", "answers@example.com"}
    assert keys(asked.poll({}, NOW)) == []


def mailbox(settings: Imap | None, machine: Mapping[str, str]) -> Mailbox:
    told = kit("email", {"via": "smtp", "from": "Hello@example.com", "reply_to": "answers@example.com"}, machine)
    shop = told.workspace
    return Mailbox.from_kit(replace(told, workspace=replace(shop, inbound=replace(shop.inbound, imap=settings))))


def test_a_mailbox_without_its_password_says_what_to_do() -> None:
    with pytest.raises(CadenceError, match="IMAP_PASSWORD is not set"):
        mailbox(imap_settings(), {})


def test_a_workspace_without_a_mailbox_says_what_to_do() -> None:
    with pytest.raises(CadenceError, match="no mailbox is named"):
        mailbox(None, {"IMAP_PASSWORD": PASSWORD})
