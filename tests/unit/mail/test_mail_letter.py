"""What every mail has whichever service carries it: addresses, headers, the way out, the calendar file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from cadence.channels.channel import Refused
from cadence.channels.mail.addresses import ascii_address, handle_in, message_id, named_by, reply_address
from cadence.channels.mail.invitation import invitation
from cadence.channels.mail.letter import Letter, write_letter
from cadence.channels.mail.letterhead import letterhead_of
from cadence.channels.mail.unsubscribe import list_headers, make_token, read_token
from cadence.errors import CadenceError
from support.mail_make import HANDLE, HEAD, NOW, REPLY, SECRET, invite, kit, mail

OTHER = "oooooooooooooooooo67"
PUBLIC = replace(HEAD, public_url="https://hooks.example.com", secret=SECRET)


def written(message: object = None, head: object = HEAD) -> Letter:
    letter = write_letter(message or mail(), head)
    assert isinstance(letter, Letter)
    return letter


def test_a_mail_to_a_colleague_has_no_way_out_no_postal_address_and_no_enrolment_in_its_addresses() -> None:
    head = replace(HEAD, public_url="https://summit.example.com", secret=SECRET)
    letter = written(
        mail("dana@example.com", lead="", key="alert/dana/1", reply_handle="", subject="Maria is yours"), head
    )

    assert letter.reply_to == "hello@example.com"
    assert set(letter.headers) == {"Message-ID"}
    for part in (letter.text, letter.html):
        assert "1 Main St" not in part
        assert "nsubscribe" not in part


class TestAddresses:
    def test_answers_go_to_an_address_that_names_the_enrolment(self) -> None:
        assert reply_address("hello@example.com", REPLY) == f"hello+{REPLY}@example.com"
        assert reply_address("hello+shop@example.com", REPLY) == f"hello+shop+{REPLY}@example.com"
        assert reply_address("hello@example.com", "") == "hello@example.com"

    @pytest.mark.parametrize(
        "address",
        [
            f"hello+{REPLY}@example.com",
            f"hello+shop+{REPLY}@example.com",
            f"HELLO+{REPLY.upper()}@EXAMPLE.COM",
            f'"Summit Roofing" <hello+{REPLY}@example.com>',
            f"pat@example.com, Summit <hello+{REPLY}@example.com>",
        ],
    )
    def test_the_name_is_read_out_of_it_again(self, address: str) -> None:
        assert handle_in(address) == REPLY

    @pytest.mark.parametrize("address", ["hello@example.com", "hello+shop@example.com", f"{REPLY}@example.com", ""])
    def test_other_addresses_name_nobody(self, address: str) -> None:
        assert handle_in(address) == ""

    def test_message_ids_name_their_message(self) -> None:
        ids = f"{message_id(HANDLE, 'example.com')} <other@example.org>\r\n {message_id(f'{OTHER}.12', 'example.com')}"
        assert ids.startswith(f"<{HANDLE}.1@example.com>")
        assert named_by(ids) == (HANDLE, OTHER)
        assert named_by("<1234@mail.gmail.com>") == ()

    @pytest.mark.parametrize(
        "address",
        [
            *("", "maria", "maria@", "@example.com", "a@b@c", "a b@example.com", "<a@example.com>", "a,b@example.com"),
            *("a@exa mple.com", "a@example.com\r\nBcc: x@y", "a@example.com\n", 'a"b@example.com', "a\0@example.com"),
            *("a\u2028b@example.com", f"a@{'x' * 64}ü.com"),
        ],
    )
    def test_what_is_no_address_is_refused(self, address: str) -> None:
        with pytest.raises(ValueError, match="e-mail address"):
            ascii_address(address)
        refused = write_letter(mail(address), HEAD)
        assert isinstance(refused, Refused)
        assert refused.because == "address"


class TestUnsubscribing:
    def test_a_token_names_the_enrolment_and_nobody_else_can_make_it(self) -> None:
        token = make_token(SECRET, "summit", REPLY)
        assert token.startswith(f"{REPLY}.")
        assert len(token) == len(REPLY) + 1 + 32
        assert read_token(SECRET, "summit", token) == REPLY
        assert read_token(SECRET, "another", token) == ""
        assert read_token("another" * 6, "summit", token) == ""
        assert read_token("", "summit", make_token("", "summit", REPLY)) == ""

    @pytest.mark.parametrize("token", ["", ".", REPLY, f"{REPLY}.", f".{'0' * 32}", "ü.ü", "\ud800.x", "x" * 100_000])
    def test_anything_else_names_nobody(self, token: str) -> None:
        assert read_token(SECRET, "summit", token) == ""

    def test_one_sign_changed_names_nobody(self) -> None:
        token = make_token(SECRET, "summit", REPLY)
        assert read_token(SECRET, "summit", token[:-1] + ("0" if token[-1] != "0" else "1")) == ""
        assert read_token(SECRET, "summit", token + "0") == ""
        assert read_token(SECRET, "summit", token.upper()) == ""

    def test_mail_programs_are_told_of_both_ways_out(self) -> None:
        link = PUBLIC.link(REPLY)
        assert written(head=PUBLIC).headers | {"Message-ID": ""} == {
            "Message-ID": "",
            "List-Unsubscribe": f"<{link}>, <mailto:hello+{REPLY}@example.com?subject=unsubscribe>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        assert read_token(SECRET, "summit", link.removeprefix("https://hooks.example.com/u/")) == REPLY

    def test_one_click_needs_a_safe_page(self) -> None:
        by_mail = {"List-Unsubscribe": "<mailto:a@example.com?subject=unsubscribe>"}
        assert list_headers("a@example.com") == by_mail
        assert list_headers("a@example.com", "http://127.0.0.1:8000/u/x") == by_mail


class TestHeaders:
    def test_a_first_mail_answers_nothing(self) -> None:
        assert set(written().headers) == {"Message-ID", "List-Unsubscribe"}

    def test_later_mails_follow_the_earlier_ones(self) -> None:
        headers = written(mail(thread=(OTHER, f"{HANDLE}.2"))).headers
        assert headers["In-Reply-To"] == f"<{HANDLE}.2@example.com>"
        assert headers["References"] == f"<{OTHER}.1@example.com> <{HANDLE}.2@example.com>"

    def test_only_the_latest_of_a_long_thread_are_named(self) -> None:
        names = tuple(f"{'a' * 18}{number}" for number in range(22, 72) if set(str(number)) <= set("234567"))
        assert written(mail(thread=names)).headers["References"].count("@") == 10

    @pytest.mark.parametrize("subject", ["a\nb", "a\r\nBcc: x@example.com", "a\0", "a\u2028b", "a\x85b", "a\ud800"])
    def test_a_subject_that_breaks_out_of_its_line_is_refused(self, subject: str) -> None:
        refused = write_letter(mail(subject=subject), HEAD)
        assert isinstance(refused, Refused)
        assert (refused.code, refused.because) == ("bad_subject", "text")


class TestInvitation:
    def calendar(self, data: dict[str, object]) -> Calendar:
        raw = invitation(data, business="Summit", organizer="hello@example.com", zone="America/Chicago", now=NOW)
        return Calendar.from_ical(raw)

    def test_it_says_when_where_and_what(self) -> None:
        (entry,) = self.calendar(invite()).walk("VEVENT")
        assert entry.decoded("dtstart") == datetime(2026, 12, 1, 17, tzinfo=UTC)
        assert entry.decoded("dtend") == datetime(2026, 12, 1, 18, 30, tzinfo=UTC)
        assert entry["dtstart"].to_ical() == b"20261201T110000"
        assert entry["summary"] == "Summit Roofing: roof repair"
        assert entry["location"] == "418 Oak St, Kansas City, MO 64110"
        assert entry["organizer"] == "mailto:hello@example.com"

    def test_it_asks_for_no_answer_and_names_nobody_it_goes_to(self) -> None:
        """The answer of a calendar would come in as a reply, and stop what follows."""
        calendar = self.calendar(invite())
        assert calendar["method"] == "PUBLISH"
        assert "attendee" not in calendar.walk("VEVENT")[0]

    def test_it_brings_the_rules_of_its_clock(self) -> None:
        (zone,) = self.calendar(invite()).walk("VTIMEZONE")
        assert zone["tzid"] == "America/Chicago"
        assert len(zone.to_ical()) < 1_000

    def test_an_appointment_that_moves_is_the_same_entry_in_a_later_state(self) -> None:
        before = invite()
        after = invite(starts_at=datetime(2026, 12, 2, 17, tzinfo=UTC), recorded_at=NOW + timedelta(hours=1))
        assert after["uid"] == before["uid"]
        assert after["sequence"] > before["sequence"]
        assert after["sequence"] < 2**31
        assert invite(identity=("summit", "ivan/roofer/-/1", "appointment.booked"))["uid"] != before["uid"]
        assert "maria" not in before["uid"]

    @pytest.mark.parametrize("ends", [None, datetime(2026, 12, 1, 16, tzinfo=UTC)])
    def test_an_appointment_without_a_sensible_end_takes_an_hour(self, ends: datetime | None) -> None:
        assert invite(ends_at=ends)["ends_at"] == "2026-12-01T18:00:00Z"

    def test_a_lead_of_whom_little_is_known_has_a_visit_somewhere(self) -> None:
        said = invite(record={"city": "Kansas City", "service": None})
        assert (said["title"], said["location"]) == ("Summit Roofing: visit", "")
        assert "location" not in self.calendar(said).walk("VEVENT")[0]

    def test_the_words_of_a_lead_make_no_second_entry(self) -> None:
        trick = "roof\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:evil; x, y"
        calendar = self.calendar(invite(record={"service": trick, "address": trick}))
        assert len(calendar.walk("VEVENT")) == 1
        assert "END:VEVENT BEGIN:VEVENT" in calendar.walk("VEVENT")[0]["summary"]

    @pytest.mark.parametrize("damaged", [{"starts_at": "soon"}, {"ends_at": "2026-12-01T10:00"}, {"sequence": "x"}])
    def test_damaged_data_refuses_the_mail(self, damaged: dict[str, object]) -> None:
        refused = write_letter(mail(data={"invite": {**invite(), **damaged}}), HEAD)
        assert isinstance(refused, Refused)
        assert refused.code == "bad_invite"
        assert isinstance(write_letter(mail(data={"invite": {"uid": "x"}}), HEAD), Refused)


class TestLetterhead:
    def test_it_is_made_from_the_workspace(self) -> None:
        assert letterhead_of(kit()) == replace(HEAD, secret=SECRET)
        assert letterhead_of(kit(options={"reply_to": "reply@mail.example.com"})).reply_to == "reply@mail.example.com"

    def test_without_a_postal_address_no_mail_goes(self) -> None:
        with pytest.raises(CadenceError, match="no postal address") as refusal:
            letterhead_of(kit(postal_address=" "))
        assert "postal_address" in refusal.value.help

    @pytest.mark.parametrize(("secret", "why"), [("", "is not set"), ("kurzes", "is too short")])
    def test_without_a_secret_answers_would_find_nobody(self, secret: str, why: str) -> None:
        with pytest.raises(CadenceError, match=f"CADENCE_SECRET {why}") as refusal:
            letterhead_of(kit(settings={"CADENCE_SECRET": secret}))
        assert "kurzes" not in refusal.value.help

    def test_a_page_to_unsubscribe_is_linked_to(self) -> None:
        assert letterhead_of(kit(public_url="https://hooks.example.com")) == PUBLIC
