"""E-mail through SendGrid: its own library over real HTTP, held against its own description."""

from __future__ import annotations

import base64
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cadence.channels.channel import Accepted, Lost, NotNow, Refused, Unsure
from cadence.channels.conformance import broken_promises
from cadence.channels.registry import Redirected
from cadence.channels.sendgrid import SendGridChannel
from cadence.errors import CadenceError
from support.mail_make import HANDLE, HEAD, REPLY, SECRET, invite, kit, mail
from support.sendgrid_desk import KEY, NOW, Day, SendGridDesk, sendgrid_desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.channels.channel import Outgoing, Result


@pytest.fixture
def desk() -> Iterator[SendGridDesk]:
    with sendgrid_desk() as opened:
        yield opened


def send(desk: SendGridDesk, message: Outgoing, **settings: object) -> Result:
    head = settings.pop("head", HEAD)
    channel = SendGridChannel(head, KEY, **{"host": desk.url, "timeout": 5.0, **settings})
    (result,) = channel.send([message])
    return result


class TestTheMail:
    def test_a_mail_is_taken_and_has_the_name_that_receipts_will_have(self, desk: SendGridDesk) -> None:
        assert send(desk, mail()) == Accepted("sg-00000000000000000001")
        (taken,) = desk.mails
        assert taken["personalizations"] == [
            {"to": [{"email": "maria@example.com"}], "custom_args": {"cadence_message": HANDLE}}
        ]
        assert taken["from"] == {"email": "hello@example.com", "name": "Summit Roofing"}
        assert taken["reply_to"] == {"email": f"hello+{REPLY}@example.com"}
        assert taken["subject"] == "Your roof"
        assert [part["type"] for part in taken["content"]] == ["text/plain", "text/html"]
        assert taken["headers"] == {
            "Message-ID": f"<{HANDLE}.1@example.com>",
            "List-Unsubscribe": f"<mailto:hello+{REPLY}@example.com?subject=unsubscribe>",
        }

    def test_nothing_that_sendgrid_keeps_for_long_tells_who_it_is(self, desk: SendGridDesk) -> None:
        send(desk, mail(lead="maria-lopez", key="maria-lopez/roofer/-/1/1/day-1"))
        (taken,) = desk.mails
        kept = (taken["categories"], taken["personalizations"][0]["custom_args"], taken["headers"])
        assert taken["categories"] == ["cadence", "summit"]
        assert "maria" not in str(kept)

    def test_nobody_is_watched_unless_the_shop_says_so(self, desk: SendGridDesk) -> None:
        send(desk, mail())
        send(desk, mail(), tracking=True)
        quiet, watched = (each["tracking_settings"] for each in desk.mails)
        assert [quiet[name]["enable"] for name in ("click_tracking", "open_tracking")] == [False, False]
        assert [watched[name]["enable"] for name in ("click_tracking", "open_tracking")] == [True, True]
        assert [each["subscription_tracking"]["enable"] for each in (quiet, watched)] == [False, False]

    def test_an_appointment_goes_along_as_a_calendar_file(self, desk: SendGridDesk) -> None:
        assert isinstance(send(desk, mail(data={"invite": invite()})), Accepted)
        (file,) = desk.mails[0]["attachments"]
        assert (file["type"], file["filename"], file["disposition"]) == (
            "text/calendar",
            "appointment.ics",
            "attachment",
        )
        assert b"METHOD:PUBLISH" in base64.b64decode(file["content"])

    def test_while_mails_are_redirected_only_the_subject_tells_whose_they_are(self, desk: SendGridDesk) -> None:
        way = Redirected(SendGridChannel(HEAD, KEY, host=desk.url), "me@example.com")
        assert isinstance(way.send([mail()])[0], Accepted)
        (taken,) = desk.mails
        assert taken["personalizations"][0]["to"] == [{"email": "me@example.com"}]
        assert taken["subject"] == "[to maria@example.com] Your roof"
        assert "maria@" not in str({**taken, "subject": "", "content": [taken["content"][0]]})

    def test_it_keeps_the_promises_of_every_channel(self, desk: SendGridDesk) -> None:
        desk.no_address = {"dead@example.com"}
        desk.days = [Day(), Day(status=503, body="<html>")]
        people = ("maria@example.com", "ann@example.com", "dead@example.com", "nobody")
        assert broken_promises(SendGridChannel(HEAD, KEY, host=desk.url), [mail(each) for each in people]) == []

    def test_a_mail_that_is_only_checked_did_not_go(self, desk: SendGridDesk) -> None:
        result = send(desk, mail(), sandbox=True)
        assert isinstance(result, NotNow)
        assert (result.code, desk.mails) == ("sandbox", [])

    def test_one_call_leaves_nothing_behind_for_the_next(self, desk: SendGridDesk) -> None:
        channel = SendGridChannel(HEAD, KEY, host=desk.url)
        channel.send([mail()])
        channel.send([mail(thread=("aaaaaaaaaaaaaaaaaaaa",)), mail()])
        assert len(desk.mails) == 3
        assert "References" in desk.mails[1]["headers"]
        assert "References" not in desk.mails[2]["headers"]
        assert desk.headers[0] == desk.headers[2]


#: What is answered, and what that means.
ANSWERS = [
    (Day(status=429, headers={"X-RateLimit-Reset": str(NOW + 42)}), NotNow("http_429", after=timedelta(seconds=42))),
    (Day(status=429, headers={"Retry-After": "7"}), NotNow("http_429", after=timedelta(seconds=7))),
    (Day(status=429), NotNow("http_429", after=timedelta(minutes=1))),
    (Day(status=429, headers={"X-RateLimit-Reset": "soon"}), NotNow("http_429", after=timedelta(minutes=1))),
    (Day(status=429, headers={"X-RateLimit-Reset": "1"}), NotNow("http_429", after=timedelta(seconds=1))),
    (Day(status=429, headers={"Retry-After": "1e9"}), NotNow("http_429", after=timedelta(hours=1))),
    (Day(status=401, errors=(("authorization required", ""),)), NotNow("http_401", halt=True)),
    (Day(status=403, errors=(("The from address does not match a verified Sender", "from"),)),
     NotNow("http_403", halt=True)),
    (Day(status=404, errors=(("not found", ""),)), NotNow("http_404", halt=True)),
    (Day(status=405, errors=(("method not allowed", ""),)), NotNow("http_405", halt=True)),
    (Day(status=418, body="<p>no</p>"), NotNow("http_418", halt=True)),
    (Day(status=400, errors=(("Invalid", "from.email"),)), NotNow("http_400", halt=True)),
    (Day(status=400, errors=(("Does not contain a valid address.", "personalizations.0.to.0.email"),)),
     Refused("http_400", because="address")),
    (Day(status=400, errors=(("The subject is required.", "subject"),)), Refused("http_400", because="text")),
    (Day(status=400, errors=(("Must be at least one character", "content.0.value"),)),
     Refused("http_400", because="text")),
    (Day(status=400, errors=(("Bad", "attachments.0.content"),)), Refused("http_400", because="text")),
    (Day(status=400, errors=(("invalid request", "null"),)), Refused("http_400")),
    (Day(status=400, body="<html>no</html>"), Refused("http_400")),
    (Day(status=413, body="<html>413 Request Entity Too Large</html>"), Refused("http_413", because="text")),
    (Day(status=500, errors=(("internal server error", ""),)), Lost("http_500")),
    (Day(status=503, body="<html>down</html>"), Lost("http_503")),
    (Day(status=502, body="<html>bad gateway</html>"), Lost("http_502")),
    (Day(status=408, body="<html>slow</html>"), Lost("http_408")),
    (Day(status=201, body="<html>made</html>", accepted=True), Lost("http_201")),
    (Day(status=200, body="<html>hello</html>"), Lost("http_200")),
    (Day(status=400, errors=(("no", "to"),), short=True), Lost("no_answer")),
]  # fmt: skip


def told(result: Result) -> tuple[object, ...]:
    """Return what the engine acts on."""
    names = ("code", "after", "halt", "because")
    return (type(result), *(getattr(result, name, None) for name in names))


class TestAnswers:
    @pytest.mark.parametrize(("day", "meaning"), ANSWERS, ids=lambda each: getattr(each, "code", ""))
    def test_every_answer_means_one_thing(self, desk: SendGridDesk, day: Day, meaning: Result) -> None:
        desk.days = [day]
        assert told(send(desk, mail())) == told(meaning)
        assert len(desk.mails) == day.accepted
        assert desk.calls == 1

    def test_a_mail_that_is_taken_without_a_name_is_taken(self, desk: SendGridDesk) -> None:
        desk.days = [Day(headers={"X-Other": "1"})]
        assert send(desk, mail()) == Accepted("")
        assert len(desk.mails) == 1

    def test_an_address_that_is_refused_stands_in_no_explanation(self, desk: SendGridDesk) -> None:
        desk.no_address = {"maria@example.com"}
        result = send(desk, mail())
        assert isinstance(result, Refused)
        assert result.because == "address"
        assert "valid address" in result.detail
        assert "maria@" not in result.detail

    def test_a_wrong_key_halts_the_channel_and_says_what_to_do(self, desk: SendGridDesk) -> None:
        (result,) = SendGridChannel(HEAD, "SG.wrong", host=desk.url).send([mail()])
        assert isinstance(result, NotNow)
        assert result.halt
        assert "SENDGRID_API_KEY" in result.detail
        assert "SG.wrong" not in result.detail


class TestTheLine:
    def test_a_mail_whose_answer_is_lost_may_have_gone(self, desk: SendGridDesk) -> None:
        desk.days = [Day(accepted=True, cut=True)]
        result = send(desk, mail())
        assert isinstance(result, Lost)
        assert (result.code, len(desk.mails), desk.calls) == ("no_answer", 1, 1)

    def test_a_call_that_hangs_ends_in_time_and_may_have_gone(self, desk: SendGridDesk) -> None:
        desk.days = [Day(accepted=True, hang=True)]
        result = send(desk, mail(), timeout=0.3)
        assert isinstance(result, Lost)
        assert (result.code, len(desk.mails), desk.calls) == ("timeout", 1, 1)

    def test_a_mail_that_was_not_handed_over_whole_surely_did_not_go(self, desk: SendGridDesk) -> None:
        """The line breaks while the call is written: what is not all there cannot be taken."""
        desk.days = [Day(half=True)]
        result = send(desk, mail(body="long " * 1_000_000))
        assert isinstance(result, NotNow)
        assert (result.code, desk.mails, desk.calls) == ("no_connection", [], 1)

    def test_where_nobody_listens_nothing_went(self, desk: SendGridDesk) -> None:
        result = send(desk, mail(), host="http://127.0.0.1:1")
        assert isinstance(result, NotNow)
        assert (result.code, result.halt) == ("no_connection", False)
        assert "does not accept the connection" in result.detail

    def test_where_the_name_is_not_found_nothing_went(self, desk: SendGridDesk) -> None:
        result = send(desk, mail(), host="http://nobody.invalid")
        assert isinstance(result, NotNow)
        assert (result.code, result.halt) == ("no_connection", False)

    def test_where_no_safe_line_can_be_made_nothing_went(self, desk: SendGridDesk) -> None:
        result = send(desk, mail(), host=desk.url.replace("http:", "https:"), timeout=2.0)
        assert isinstance(result, NotNow)
        assert result.code == "no_connection"
        assert desk.mails == []

    def test_nobody_can_tell_later_what_became_of_a_mail(self, desk: SendGridDesk) -> None:
        assert SendGridChannel(HEAD, KEY).look_up([mail()]) == [Unsure("no_look_up")]


class TestSecrets:
    def test_neither_key_nor_mail_reaches_a_log_however_much_is_logged(
        self, desk: SendGridDesk, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            send(desk, mail(body="the secret garden"))
            desk.days = [Day(status=401, errors=(("no", ""),))]
            send(desk, mail())
        assert KEY not in caplog.text
        assert "garden" not in caplog.text
        assert "maria@" not in caplog.text


SETTINGS = {"SENDGRID_API_KEY": KEY, "CADENCE_SECRET": SECRET}


class TestMaking:
    def test_it_is_made_from_the_workspace_and_the_settings_of_the_machine(self) -> None:
        made = SendGridChannel.from_kit(kit(settings=SETTINGS, options={"tracking": True}))
        assert (made.host, made.tracking, made.sandbox) == ("https://api.sendgrid.com", True, False)
        assert made.head == replace(HEAD, secret=SECRET)

    def test_an_account_of_the_european_region_has_another_address(self) -> None:
        made = SendGridChannel.from_kit(kit(settings=SETTINGS, options={"region": "eu"}))
        assert made.host == "https://api.eu.sendgrid.com"

    def test_a_region_that_is_none_is_refused(self) -> None:
        with pytest.raises(CadenceError, match="no region 'mars'"):
            SendGridChannel.from_kit(kit(settings=SETTINGS, options={"region": "mars"}))

    def test_without_a_key_it_says_which_is_missing(self) -> None:
        with pytest.raises(CadenceError, match="SENDGRID_API_KEY is not set"):
            SendGridChannel.from_kit(kit())

    def test_a_stand_in_may_be_on_this_machine_only(self) -> None:
        here = {**SETTINGS, "CADENCE_SENDGRID_URL": "http://127.0.0.1:4011/"}
        assert SendGridChannel.from_kit(kit(settings=here)).host == "http://127.0.0.1:4011"
        with pytest.raises(CadenceError, match="names another machine"):
            SendGridChannel.from_kit(kit(settings={**here, "CADENCE_SENDGRID_URL": "http://api.sendgrid.com.example"}))

    def test_its_secrets_are_listed(self) -> None:
        assert [(each.name, each.needed) for each in SendGridChannel.secrets] == [
            ("SENDGRID_API_KEY", True),
            ("CADENCE_SECRET", True),
        ]
