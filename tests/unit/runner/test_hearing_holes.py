"""What comes in from people who mean ill, from clocks that are wrong, and at the wrong moment."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from cadence.channels.channel import Accepted, Lost, NotNow, Refused, Unsure
from cadence.channels.registry import Redirected
from cadence.inbox.message import Call
from cadence.runner import work
from cadence.runner.hearing import hear, messages
from cadence.runner.hearing.hear import keep
from cadence.store import deliveries, halts, inbound, leads, outbox, suppressions
from cadence.store.halts import HaltRow
from support.desk import TUESDAY, minutes
from support.hearing import MAIL_PAGE, MARIA, PHONE, Shop, Told
from support.lab import Provider, texts_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cadence.channels.channel import Outgoing, Result
    from cadence.inbox.polled import Polled
    from support.lab import Lab

MAIL_FIRST = MAIL_PAGE.replace(
    MAIL_PAGE[MAIL_PAGE.index("      - {id: text") : MAIL_PAGE.index("    next:")],
    """\
      - {id: mail, channel: email, send: now, template: roofer/new/instant,
         fallback: {channel: sms, template: roofer/new/second-try}}
""",
)
BYE = "Summit: you will get no more texts."


@pytest.fixture
def shop(lab: Lab) -> Shop:
    """A shop in live mode whose Maria gets a text at once and a mail ten minutes later."""
    lab.write_page(MAIL_PAGE)
    lab.add(["maria"], email=MARIA)
    lab.desk = replace(lab.desk, account=replace(lab.desk.account, mode="live", secret="s" * 32))
    lab.provider.answer = lambda message: Accepted("SM-sent" if message.channel == "sms" else "mail-sent")
    return Shop(lab)


def sent(shop: Shop, channel: str) -> Outgoing:
    return {message.channel: message for message in shop.lab.provider.order}[channel]


class TestWhoIsIt:
    def test_a_stop_of_a_stranger_ends_nothing_but_his_own(self, shop: Shop) -> None:
        shop.mail(1, "STOP", sender="eve@example.net", handle="a" * 20, answers=("<" + "b" * 20 + ".1@example.com>",))
        shop.tick(1)
        shop.tick(10)

        assert shop.touches()["mail"] == ("sent", "sent")
        assert shop.suppressed(MARIA, PHONE, "eve@example.net") == {("all", "eve@example.net"): "opt_out"}

    def test_a_stop_by_whoever_got_her_mail_ends_hers_and_his(self, shop: Shop) -> None:
        """Her mails may be led on to another mailbox, from which she answers."""
        shop.tick(0)
        shop.tick(10)
        shop.mail(11, "STOP", sender="maria@work.example.net", handle=sent(shop, "email").reply_handle)
        shop.tick(11)

        assert shop.state().opted_out("email")
        assert shop.suppressed(MARIA, PHONE, "maria@work.example.net").keys() == {
            ("all", MARIA), ("all", PHONE), ("all", "maria@work.example.net"),
        }  # fmt: skip

    def test_a_mail_in_her_name_does_not_bring_her_back(self, shop: Shop) -> None:
        """Anybody can write any sender into a mail; a text comes from whose number it is."""
        shop.text(1, "STOP")
        shop.mail(2, "START")
        shop.tick(2)
        shop.mail(3, "START", sender="eve@example.net")
        shop.tick(3)

        assert shop.state().opted_out("email")
        assert shop.suppressed(MARIA).keys() == {("all", MARIA)}
        assert [each.data["text"] for each in shop.facts("reply")] == ["START"], "a person looks at it"

    def test_a_report_that_anybody_could_have_written_marks_no_address(self, shop: Shop) -> None:
        shop.receipt(1, "bounced", source="imap", channel="email", provider_id="", address=MARIA)
        shop.tick(1)
        shop.tick(10)

        assert shop.suppressed(MARIA) == {}
        assert shop.touches()["mail"] == ("sent", "sent")

    def test_a_mail_without_a_sender_puts_nobody_on_the_list(self, shop: Shop) -> None:
        shop.mail(1, "STOP", sender="")
        report = shop.tick(1)

        assert report.needs_a_person
        with shop.lab.desk.account.store.read() as session:
            assert list(suppressions.listing(session, "summit")) == []

    @pytest.mark.parametrize("sender", ["12345", "+1", "262966"])
    def test_a_short_code_is_nobody_and_its_stop_does_no_harm(self, shop: Shop, sender: str) -> None:
        shop.text(1, "Your code is 123456", sender=sender)
        shop.text(1, "STOP", sender=sender)
        report = shop.tick(1)

        assert (report.heard.taken, report.needs_a_person) == ({"unknown_sender": 1, "opt_out": 1}, True)
        with shop.lab.desk.account.store.read() as session:
            assert leads.count(session, "summit") == 1

    def test_a_number_that_changed_hands_in_the_record_is_hers_no_more(self, shop: Shop) -> None:
        shop.tick(0)
        shop.lab.tell("maria", "lead.updated", minutes(1), lead={"phone": "+18165550777"})
        shop.text(2, "STOP")
        shop.text(3, "Call me", sender="+18165550777")
        shop.tick(3)

        assert shop.suppressed(PHONE, MARIA, "+18165550777") == {("all", PHONE): "opt_out"}
        assert len(shop.facts("reply")) == 1


class TestTimes:
    def test_a_clock_that_is_ahead_makes_nothing_come_from_the_future(self, shop: Shop) -> None:
        shop.tick(0)
        shop.source.ahead = True
        shop.text(24 * 60, "STOP")
        shop.text(9 * 24 * 60, "Call me", sender="+18165550155")
        shop.tick(1)

        assert [each.at for each in shop.facts("opt_out")] == [minutes(1)]
        with shop.lab.desk.account.store.read() as session:
            (new,) = leads.find(session, "summit", phones=["+18165550155"])
        assert new.created_at == minutes(1)

    def test_a_time_of_another_zone_is_kept_as_utc(self, shop: Shop) -> None:
        at = minutes(1).astimezone(timezone(timedelta(hours=-6)))
        shop.source.items.append(
            Call(source="twilio", key="CA1", at=at, caller=PHONE, to="+18165550100", answered=True)
        )
        shop.tick(1)

        (fact,) = shop.facts("call.logged")
        assert (fact.at, fact.at.tzinfo) == (minutes(1), UTC)

    def test_a_source_that_tells_nonsense_is_named_and_stops_nobody(self, shop: Shop) -> None:
        class Odd(Told):
            def poll(self, cursor: Mapping[str, Any], now: datetime) -> Polled:
                told = super().poll(cursor, now)
                return replace(told, cursor={"at": {1, 2}})

        report = shop.lab.tick(minutes(0), sources=[Odd(name="odd")])

        assert report.heard.problems == ["what odd tells makes no sense (TypeError)"]
        assert shop.touches()["text"] == ("sent", "sent")


class TestTexts:
    @pytest.mark.parametrize(
        "words",
        [
            "a" * 1_000_000,
            "STOP " * 60_000,
            "> " * 200_000,
            "\0\ud800 call me \x07",
            "9" * 50_000,
            "\n" * 100_000 + "hi",
        ],
        ids=["long", "stops", "quotes", "no characters", "digits", "lines"],
    )
    def test_whatever_the_text_is_she_has_answered_and_it_takes_no_time(self, shop: Shop, words: str) -> None:
        began = datetime.now(UTC)
        shop.mail(1, words)
        shop.tick(1)
        shop.tick(10)

        assert shop.touches()["mail"][0] == "stopped"
        assert all(len(each.data["text"]) <= 4000 for each in (*shop.facts("reply"), *shop.facts("opt_out")))
        assert datetime.now(UTC) - began < timedelta(seconds=10)

    def test_what_cannot_be_read_is_an_answer_all_the_same(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RecursionError

        monkeypatch.setattr(messages, "read_reply", broken)
        shop.tick(0)
        shop.text(1, "anything")
        shop.tick(1)
        shop.tick(10)

        assert shop.touches()["mail"] == ("stopped", "stopped")
        assert len(shop.facts("reply")) == 1


class TestConfirmation:
    @pytest.fixture(autouse=True)
    def _shop_sends_its_own(self, shop: Shop) -> None:
        shop.lab.desk.edit_workspace("mode: log", f'opt_out_confirmation: "{BYE}"\nmode: log')

    def confirmed(self, shop: Shop) -> int:
        return sum(message.body == BYE for message in shop.lab.provider.order)

    def test_who_says_stop_twice_hears_it_once(self, shop: Shop) -> None:
        shop.tick(0)
        shop.text(1, "STOP")
        shop.text(1, "stop!!")
        shop.tick(1)
        shop.text(3, "STOP")
        shop.tick(3)

        assert self.confirmed(shop) == 1

    def test_who_came_back_and_leaves_again_hears_it_again(self, shop: Shop) -> None:
        shop.tick(0)
        for at, words in ((1, "STOP"), (10, "START"), (20, "STOP")):
            shop.text(at, words)
            shop.tick(at)

        assert self.confirmed(shop) == 2

    def test_nothing_is_confirmed_by_a_channel_that_is_halted(self, shop: Shop) -> None:
        shop.tick(0)
        with shop.lab.desk.account.store.write() as session:
            halts.halt(session, "summit", HaltRow(channel="sms", code="20003", detail="refused", since=TUESDAY))
        shop.text(1, "STOP")
        shop.tick(1)

        assert self.confirmed(shop) == 0


class TestRehearsal:
    MINE = "+18165550199"

    @pytest.fixture(autouse=True)
    def _everything_goes_to_one_phone(self, shop: Shop) -> None:
        account = replace(shop.lab.desk.account, mode="redirect", redirect={"sms": self.MINE})
        shop.lab.desk = replace(shop.lab.desk, account=account)

    @pytest.mark.parametrize("because", ["address", "opt_out"])
    def test_what_is_wrong_with_the_one_phone_is_said_of_nobody_else(self, shop: Shop, because: Any) -> None:
        shop.lab.provider.answer = lambda _: Refused("21610", because=because)
        way = Redirected(shop.lab.provider, self.MINE)
        shop.tick(0, channels={"sms": way, "email": way, "audience": way})
        shop.tick(1)

        assert shop.touches()["text"] == ("failed", "refused")
        assert shop.suppressed(PHONE, MARIA, self.MINE) == {}
        assert not shop.state().opted_out("sms")

    def test_nor_what_its_receipts_say(self, shop: Shop) -> None:
        shop.tick(0)
        shop.receipt(1, "bounced", address=self.MINE)
        shop.receipt(1, "opted_out", address=self.MINE)
        shop.tick(1)

        assert shop.suppressed(PHONE, MARIA, self.MINE) == {}
        assert not shop.state().opted_out("sms")


class TestReceipts:
    @pytest.mark.parametrize("ways", [("event",), ("list",), ("event", "list"), ("list", "event")], ids="-".join)
    def test_a_bounce_is_the_same_by_an_event_and_by_a_list(self, shop: Shop, ways: tuple[str, ...]) -> None:
        """An event names the mail; a list of suppressed addresses tells whose it was."""
        shop.lab.write_page(MAIL_FIRST)
        shop.tick(0)
        handle = sent(shop, "email").handle
        for way in ways:
            named = {"handle": handle} if way == "event" else {}
            shop.receipt(1, "bounced", source="sendgrid", channel="email", provider_id="", address=MARIA, **named)
        shop.tick(1)
        shop.tick(5)

        assert shop.suppressed(MARIA, PHONE) == {("email", MARIA): "dead"}
        assert len(shop.facts("message.bounced")) == 1
        assert shop.touches() == {"mail": ("sent", "sent"), "mail.sms": ("sent", "sent")}
        assert {row.delivery for row in shop.lab.rows().values() if row.touch == "mail"} == {"bounced"}

    @pytest.mark.parametrize("status", ["delivered", "bounced", "deferred", "complained"])
    def test_whatever_a_receipt_says_the_provider_has_the_message(self, shop: Shop, status: str) -> None:
        shop.lab.provider.answer = lambda message: Lost("timeout") if message.channel == "email" else Accepted("x")
        shop.tick(0)
        shop.tick(10)
        (mail,) = [each for each in shop.lab.provider.calls if each.channel == "email"]
        shop.receipt(11, status, channel="email", provider_id="", handle=mail.handle, address=MARIA)
        shop.tick(11)

        assert shop.touches()["mail"] == ("sent", "sent")

    def test_a_receipt_that_was_there_before_its_tick_was_known_to_be_dead_is_not_forgotten(self, shop: Shop) -> None:
        """The provider took it, the tick died, the receipt came in; nobody can be asked."""
        shop.tick(0)
        shop.lab.provider.answer = lambda _: Lost("error")
        shop.lab.provider.look_up = lambda messages: [Unsure("cannot tell")] * len(messages)  # type: ignore[method-assign]
        shop.tick(10)
        with shop.lab.desk.account.store.write() as session:  # as the receipt is heard while it is still in hand
            (row,) = [each for each in outbox.open_rows(session, "summit") if each.channel == "email"]
            deliveries.note_delivery(session, "summit", row.touch_key, "delivered", minutes(10))
        report = shop.tick(20)

        assert shop.touches()["mail"] == ("sent", "sent")
        assert (report.reconciled.gone, report.reconciled.left) == (1, [])


class TestWhileATickWorks:
    def test_a_receipt_that_overtakes_the_answer_is_about_its_message_and_no_other(self, shop: Shop) -> None:
        """Twilio tells that the number is dead while the tick still waits for the answer to the second text."""
        shop.lab.write_page(
            MAIL_PAGE.replace(
                "id: mail, channel: email, after: 10m, template: roofer/new/instant",
                "id: second, channel: sms, after: 10m, template: roofer/new/second-try",
            )
        )
        shop.tick(0)
        told = shop.receipt(10, "bounced", provider_id="SM-second", address=PHONE)
        shop.source.items.clear()

        def overtaken(_: Outgoing) -> Result:
            with shop.lab.desk.account.store.write() as session:
                keep(session, "summit", [told], minutes(10))
            _until(lambda: bool(_problems(shop)))
            return Accepted("SM-second")

        shop.lab.provider.answer = overtaken
        shop.tick(10)
        shop.tick(11)

        assert _deliveries(shop) == {"text": "", "second": "bounced"}
        assert [each.data["touch"] for each in shop.facts("message.bounced")] == ["second"]

    def test_more_than_a_page_is_heard_before_anything_is_decided(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A burst of webhooks comes in while a tick carries a text out; the last of them is a STOP."""
        monkeypatch.setattr(hear, "PAGE", 4)
        shop.tick(0)
        items = [*(shop.text(10, "Your code is 1", sender="12345") for _ in range(9)), shop.text(10, "STOP")]
        shop.source.items.clear()
        shop.lab.add(["ana"], minutes(9.5))
        monkeypatch.setattr(work, "BATCH", 1)

        def burst(message: Outgoing) -> Result:
            if message.lead == "ana":
                with shop.lab.desk.account.store.write() as session:
                    keep(session, "summit", items, minutes(10))
            return Accepted("x")

        shop.lab.provider.answer = burst
        shop.lab.provider.workers = 0
        shop.lab.tick(minutes(10))

        touches = {(row.lead, row.touch): row.reason for row in shop.lab.rows().values()}
        assert touches["ana", "text"] == "sent"
        assert touches["maria", "mail"] == "opted_out"

    def test_an_answer_takes_back_a_message_that_waits_for_a_free_hand(self, lab: Lab) -> None:
        """One hand, two messages: while the first is carried out, who is second answers by a webhook."""
        lab.write_page(texts_page("id: now, send: now"))
        lab.add(["ana", "maria"])
        shop = Shop(lab)
        busy, heard = threading.Event(), threading.Event()

        def answer(message: Outgoing) -> Result:
            if message.lead == "ana":
                busy.set()
                heard.wait(5)
            return Accepted("x")

        lab.provider = Provider(answer, workers=1)

        def webhook() -> None:
            busy.wait(5)
            item = shop.text(0, "Call me at 3 please", lead=1)
            with lab.desk.account.store.write() as session:
                keep(session, "summit", [item], TUESDAY)
            while True:
                with lab.desk.account.store.read() as session:
                    if not inbound.count_open(session, "summit"):
                        break
            heard.set()

        thread = threading.Thread(target=webhook)
        thread.start()
        shop.source.items.clear()
        lab.tick(TUESDAY)
        thread.join()
        lab.tick(minutes(1))

        assert [message.lead for message in lab.provider.order] == ["ana"]
        assert _touch(lab, "maria") == ("stopped", "stopped")

    def test_a_busy_channel_loses_no_answer(self, shop: Shop) -> None:
        shop.lab.provider.answer = lambda _: NotNow("busy")
        shop.tick(0)
        shop.text(1, "Call me")
        shop.tick(3)

        assert shop.touches()["text"] == ("stopped", "stopped")


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 5
    while not true() and time.monotonic() < until:
        time.sleep(0.02)


def _problems(shop: Shop) -> list[str]:
    """What those that wait wait for."""
    with shop.lab.desk.account.store.read() as session:
        return [kept.row.problem for kept in inbound.listing(session, "summit") if kept.row.problem]


def _deliveries(shop: Shop) -> dict[str, str]:
    return {row.touch: row.delivery for row in shop.lab.rows().values() if row.channel == "sms"}


def _touch(lab: Lab, lead: str) -> tuple[str, str]:
    (row,) = [row for row in lab.rows().values() if row.lead == lead]
    return row.state, row.reason
