"""What comes in while ticks run: replies, opt-outs, receipts and calls, told by a source that every tick asks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadence.channels.channel import Accepted, Lost, NotNow, Refused
from cadence.inbox.message import Call
from cadence.runner.hearing.receipts import RANKS
from cadence.store import cursors, halts, inbound, leads, suppressions, tasks
from support.desk import TUESDAY, minutes
from support.hearing import MAIL_PAGE, MARIA, PHONE, Shop, Told
from support.lab import texts_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cadence.channels.channel import Outgoing, Result
    from cadence.inbox.polled import Polled
    from support.lab import Lab


@pytest.fixture
def shop(lab: Lab) -> Shop:
    """A shop whose Maria gets a text at once and a mail ten minutes later."""
    lab.write_page(MAIL_PAGE)
    lab.add(["maria"], email=MARIA)
    lab.provider.answer = lambda message: Accepted("SM-sent" if message.channel == "sms" else "mail-sent")
    return Shop(lab)


class TestReplies:
    def test_a_reply_a_minute_before_the_mail_is_due_stops_it(self, shop: Shop) -> None:
        shop.tick(0)
        shop.text(9, "Can you call me after five?")
        shop.tick(9)
        shop.tick(10)

        assert shop.touches() == {"text": ("sent", "sent"), "mail": ("stopped", "stopped")}
        assert [task.title for task in _open_tasks(shop.lab)] == ["Answer Maria Lopez"]

    def test_a_reply_at_the_moment_the_mail_is_due_stops_it(self, shop: Shop) -> None:
        shop.tick(0)
        shop.text(10, "Can you call me after five?")
        shop.tick(10)

        assert shop.touches()["mail"] == ("stopped", "stopped")

    def test_a_reply_after_the_mail_was_claimed_comes_too_late_for_it(self, shop: Shop) -> None:
        shop.tick(0)
        shop.tick(10)
        shop.text(11, "Can you call me after five?")
        shop.tick(11)

        assert shop.touches()["mail"] == ("sent", "sent")
        assert [each.data["text"] for each in shop.facts("reply")] == ["Can you call me after five?"]

    def test_what_comes_in_while_a_tick_works_is_heard_before_the_next_batch(self, shop: Shop) -> None:
        """The webhook of a reply to the first text comes while the tick still carries that text out."""
        shop.tick(0)

        def answered_meanwhile(message: Outgoing) -> Result:
            shop.lab.tell("maria", "reply", minutes(10), text="stop by")
            return Accepted("x")

        shop.lab.provider.answer = answered_meanwhile
        shop.tick(10)
        shop.tick(11)

        assert len(shop.facts("reply")) == 1

    def test_what_is_told_again_and_again_is_recorded_once(self, shop: Shop) -> None:
        shop.tick(0)
        shop.text(1, "Sounds good, thanks")
        for at in range(1, 5):
            shop.tick(at)

        assert len(shop.facts("reply")) == 1
        assert len(_open_tasks(shop.lab)) == 1

    def test_a_mail_is_known_by_its_handle_whoever_sends_it(self, shop: Shop) -> None:
        account = replace(shop.lab.desk.account, mode="live", secret="s" * 32)
        shop.lab.desk = replace(shop.lab.desk, account=account)
        shop.tick(0)
        shop.tick(10)
        sent = {message.channel: message for message in shop.lab.provider.order}["email"]
        assert len(sent.handle) == len(sent.reply_handle) == 20
        shop.mail(11, "My husband says Tuesday is fine", sender="joe@example.net", handle=sent.reply_handle)
        shop.mail(12, "And from his phone", sender="j@example.org", answers=(f"<{sent.handle}.1@example.com>",))
        shop.tick(12)

        assert [each.data["text"] for each in shop.facts("reply")] == [
            "My husband says Tuesday is fine",
            "And from his phone",
        ]

    def test_a_mail_from_nobody_known_waits_for_a_person_and_changes_nothing(self, shop: Shop) -> None:
        shop.mail(1, "Do you also do gutters?", sender="eve@example.net")
        report = shop.tick(1)

        assert report.needs_a_person
        assert shop.touches()["text"] == ("sent", "sent")
        with shop.lab.desk.account.store.read() as session:
            (kept,) = inbound.troubled(session, "summit", TUESDAY)
        assert kept.row.taken_as == "unknown_sender"

    def test_an_out_of_office_holds_the_mail_and_stops_nothing(self, shop: Shop) -> None:
        shop.tick(0)
        shop.mail(
            1,
            "I am out of the office until December 1.",
            subject="Out of office",
            headers={"auto-submitted": "auto-replied"},
        )
        shop.tick(1)
        shop.tick(10)

        assert "mail" not in shop.touches(), "it waits"
        assert [hold.kind for hold in shop.state().holds] == ["out_of_office"]
        assert _open_tasks(shop.lab) == []


class TestOptOuts:
    def test_a_stop_by_text_ends_the_mails_too_and_the_ledger_has_both_addresses(self, shop: Shop) -> None:
        shop.tick(0)
        shop.text(1, "STOP")
        shop.tick(1)
        shop.tick(10)

        assert shop.touches()["mail"] == ("stopped", "opted_out")
        assert shop.suppressed(PHONE, MARIA) == {("all", PHONE): "opt_out", ("all", MARIA): "opt_out"}

    def test_where_the_shop_says_so_a_stop_ends_its_own_channel_only(self, shop: Shop) -> None:
        shop.lab.desk.edit_workspace("mode: log", "opt_out: channel\nmode: log")
        shop.tick(0)
        shop.text(1, "please stop texting me")
        shop.tick(1)
        shop.tick(10)

        assert shop.touches()["mail"] == ("sent", "sent")
        assert shop.suppressed(PHONE, MARIA) == {("sms", PHONE): "opt_out"}

    def test_who_has_the_number_next_is_not_written_to_either(self, shop: Shop) -> None:
        shop.text(-1, "STOP", sender="+18165550001")
        shop.tick(0)
        shop.lab.add(["bob"], at=minutes(1))
        shop.tick(1)

        assert _ended(shop, "bob", "text") == ("stopped", "opted_out")

    def test_start_brings_the_number_back(self, shop: Shop) -> None:
        shop.tick(0)
        shop.text(1, "STOP", told="STOP")
        shop.text(2, "START", told="START")
        shop.tick(2)

        assert not shop.state().opted_out("sms")
        assert shop.suppressed(PHONE) == {}
        assert shop.suppressed(MARIA) == {("all", MARIA): "opt_out"}, "nothing was said of the mailbox"

    def test_a_colleague_who_records_an_opt_out_puts_the_addresses_into_the_ledger(self, shop: Shop) -> None:
        shop.lab.tell("maria", "opt_out", minutes(1), channel="sms")

        assert set(shop.suppressed(PHONE, MARIA)) == {("all", PHONE), ("all", MARIA)}

    def test_a_provider_that_knows_of_an_opt_out_is_believed(self, shop: Shop) -> None:
        shop.lab.provider.answer = lambda _: Refused("21610", "the person has opted out", because="opt_out")
        shop.tick(0)
        shop.tick(1)
        shop.tick(10)

        assert shop.touches() == {"text": ("failed", "refused"), "mail": ("stopped", "opted_out")}
        assert [each.data["source"] for each in shop.facts("opt_out")] == ["sending 21610"]


class TestConfirmation:
    WORDS = "Summit: you will get no more texts."

    @pytest.fixture(autouse=True)
    def _shop_sends_its_own(self, shop: Shop) -> None:
        shop.lab.desk.edit_workspace("mode: log", f'opt_out_confirmation: "{self.WORDS}"\nmode: log')

    def confirmed(self, shop: Shop) -> list[str]:
        return [message.to for message in shop.lab.provider.order if message.body == self.WORDS]

    def test_a_stop_is_confirmed_once_and_nothing_follows(self, shop: Shop) -> None:
        shop.tick(0)
        shop.text(1, "STOP")
        for at in (1, 2, 3, 20):
            shop.tick(at)

        assert self.confirmed(shop) == [PHONE]
        assert shop.touches()["mail"] == ("stopped", "opted_out")

    def test_a_stop_that_the_provider_has_answered_is_not_answered_again(self, shop: Shop) -> None:
        shop.tick(0)
        shop.text(1, "STOP", told="STOP")
        shop.tick(1)

        assert self.confirmed(shop) == []

    def test_a_stop_learned_late_is_not_confirmed(self, shop: Shop) -> None:
        """After five minutes a confirmation would be one message too many."""
        shop.tick(0)
        shop.text(1, "STOP")
        shop.tick(7)

        assert self.confirmed(shop) == []

    def test_a_confirmation_that_surely_did_not_go_is_not_tried_again(self, shop: Shop) -> None:
        shop.tick(0)
        shop.text(1, "STOP")
        shop.lab.provider.answer = lambda _: NotNow("busy")
        shop.tick(1)
        shop.lab.provider.answer = lambda _: Accepted()
        shop.tick(2)

        assert self.confirmed(shop) == []
        assert shop.lab.states()["waits"] == 0


class TestReceipts:
    def test_a_delivered_text_says_so_and_a_late_word_never_leads_back(self, shop: Shop) -> None:
        shop.tick(0)
        shop.receipt(1, "delivered")
        shop.receipt(1, "sent")
        shop.tick(1)

        (row,) = [row for row in shop.lab.rows().values() if row.touch == "text"]
        assert row.delivery == "delivered"

    @settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(order=st.permutations(["sent", "deferred", "delivered", "opened", "bounced"]), times=st.integers(1, 3))
    def test_in_whatever_order_and_how_often_they_come_the_end_is_the_same(
        self, shop: Shop, order: Sequence[str], times: int
    ) -> None:
        shop.tick(0)
        before = len(shop.facts("message.bounced"))
        for status in order:
            for _ in range(times):
                shop.receipt(1, status)
        shop.tick(1)

        (text,) = [each for each in shop.lab.rows().values() if each.touch == "text"]
        assert text.delivery == max(order, key=RANKS.__getitem__) == "bounced"
        assert len(shop.facts("message.bounced")) == max(before, 1)

    def test_a_message_that_was_opened_and_followed_is_a_fact_each_time_it_is_told_and_no_reply(
        self, shop: Shop
    ) -> None:
        shop.tick(0)
        shop.receipt(1, "opened")
        shop.receipt(2, "clicked")
        shop.tick(3)

        assert [fact.data["touch"] for fact in shop.facts("message.opened")] == ["text"]
        assert [fact.data["touch"] for fact in shop.facts("message.clicked")] == ["text"]
        assert shop.facts("reply") == []

    def test_a_receipt_that_overtakes_the_answer_waits_for_it(self, shop: Shop) -> None:
        shop.receipt(0, "delivered")
        assert shop.tick(0).heard.open == 1
        shop.tick(1)

        (row,) = [row for row in shop.lab.rows().values() if row.touch == "text"]
        assert row.delivery == "delivered"

    def test_a_receipt_of_no_message_of_ours_is_laid_aside_after_a_day(self, shop: Shop) -> None:
        shop.receipt(0, "delivered", provider_id="SM-of-somebody-else")
        shop.tick(0)
        shop.tick(26 * 60)

        with shop.lab.desk.account.store.read() as session:
            assert inbound.count_open(session, "summit") == 0

    def test_a_bounce_marks_the_number_and_moves_the_touch_to_the_mailbox(self, shop: Shop) -> None:
        shop.tick(0)
        shop.receipt(2, "bounced", code="30006")
        shop.tick(2)
        shop.tick(10)

        assert shop.suppressed(PHONE) == {("sms", PHONE): "dead"}
        assert shop.touches()["text.email"] == ("sent", "sent")
        assert shop.state().enrolments["maria/roofer/-/1"].visit.stop is None, "a bounce is no reply"

    def test_a_number_that_the_provider_refuses_for_good_moves_the_touch_at_once(self, shop: Shop) -> None:
        shop.lab.provider.answer = lambda message: (
            Refused("21614", "not a mobile number", because="address") if message.channel == "sms" else Accepted("m")
        )
        shop.tick(0)
        shop.tick(1)

        assert shop.touches()["text"] == ("failed", "dead_address")
        assert shop.touches()["text.email"] == ("sent", "sent")

    def test_a_complaint_is_an_opt_out(self, shop: Shop) -> None:
        shop.tick(0)
        shop.receipt(1, "complained", channel="email", provider_id="", address=MARIA)
        shop.tick(1)
        shop.tick(10)

        assert shop.touches()["mail"] == ("stopped", "opted_out")
        assert shop.suppressed(MARIA) == {("all", MARIA): "complaint"}

    def test_messages_taken_for_spam_halt_the_channel_until_a_person_lets_it_go_on(self, shop: Shop) -> None:
        shop.lab.write_page(texts_page("id: now, send: now", "id: later, after: 5m"))
        shop.tick(0)
        shop.receipt(1, "filtered", code="30007")
        report = shop.tick(1)
        shop.tick(5)

        assert report.halted == {"sms": "30007: the provider takes our messages for spam, or the sender may not send"}
        assert report.needs_a_person
        assert "later" not in shop.touches()
        with shop.lab.desk.account.store.write() as session:
            halts.lift(session, "summit", "sms")
            leads.wake_all(session, "summit", minutes(6))
        shop.tick(6)
        assert shop.touches()["later"] == ("sent", "sent")

    def test_a_receipt_settles_a_message_whose_answer_was_lost(self, shop: Shop) -> None:
        shop.lab.provider.answer = lambda _: Lost("timeout")
        shop.tick(0)
        (row,) = shop.lab.rows().values()
        with shop.lab.desk.account.store.write() as session:
            from sqlalchemy import update

            from cadence.store.tables import outbox as table

            session.change(update(table).values(handle="h" * 20))
        shop.receipt(1, "delivered", provider_id="SM9", handle="h" * 20)
        shop.tick(1)

        assert shop.lab.rows()[row.touch_key].state == "sent"
        assert shop.lab.provider.has == {}, "it was not sent again"


class TestHalts:
    def test_an_account_that_is_refused_halts_its_channel_and_loses_nothing(self, shop: Shop) -> None:
        shop.lab.provider.answer = lambda message: (
            NotNow("20003", "the credentials are refused", halt=True) if message.channel == "sms" else Accepted("m")
        )
        report = shop.tick(0)

        assert report.halted == {"sms": "20003: the credentials are refused"}
        assert shop.touches() == {"text": ("waits", "retry")}
        shop.tick(10)
        assert shop.touches()["mail"] == ("sent", "sent"), "the other channel goes on"
        assert [call.channel for call in shop.lab.provider.calls].count("sms") == 1


class TestCalls:
    def test_a_missed_call_of_a_new_number_makes_a_lead_that_gets_its_text(self, shop: Shop) -> None:
        shop.lab.desk.edit_workspace("mode: log", "inbound: {new_lead: {trade: roofing}}\nmode: log")
        caller = "+18165550155"
        shop.source.items.append(
            Call(source="twilio", key="CA1", at=minutes(3), caller=caller, to="+18165550100", answered=False)
        )
        shop.tick(3)
        shop.tick(4)

        with shop.lab.desk.account.store.read() as session:
            (row,) = leads.find(session, "summit", phones=[caller])
        assert (row.attributes["source"], row.attributes["trade"]) == ("phone call", "roofing")
        assert [message.to for message in shop.lab.provider.order].count(caller) == 1
        assert len(shop.facts("call.missed", row.lead)) == 1

    def test_an_answered_call_of_a_lead_is_a_contact(self, shop: Shop) -> None:
        shop.source.items.append(
            Call(source="twilio", key="CA1", at=minutes(3), caller=PHONE, to="+18165550100", answered=True)
        )
        shop.tick(3)

        assert len(shop.facts("call.logged")) == 1

    def test_a_first_text_of_a_new_number_makes_a_lead_with_what_was_written(self, shop: Shop) -> None:
        shop.text(2, "Hi, do you fix leaks?", sender="+18165550177")
        shop.tick(2)

        with shop.lab.desk.account.store.read() as session:
            (row,) = leads.find(session, "summit", phones=["+18165550177"])
        assert row.attributes["notes"] == "Hi, do you fix leaks?"


class TestSources:
    def test_a_source_that_cannot_be_asked_is_told_of_and_stops_nothing(self, shop: Shop) -> None:
        shop.source.fails = "the mailbox refuses the password"
        first, second = shop.tick(0), shop.tick(1)

        assert first.heard.problems == second.heard.problems == ["the mailbox refuses the password"]
        assert first.needs_a_person
        assert shop.touches()["text"] == ("sent", "sent")
        with shop.lab.desk.account.store.read() as session:
            row = cursors.read(session, "summit")["twilio"]
        assert (row.failing_since, row.problem) == (minutes(0), "the mailbox refuses the password")

    def test_a_source_that_hangs_costs_a_tick_its_patience_and_no_more(self, shop: Shop, monkeypatch: Any) -> None:
        import threading

        from cadence.runner.hearing import listen

        monkeypatch.setattr(listen, "LONGEST", 0.2)
        release = threading.Event()

        class Hangs(Told):
            def poll(self, cursor: Mapping[str, Any], now: datetime) -> Polled:
                release.wait(5)
                return super().poll(cursor, now)

        report = shop.lab.tick(minutes(0), sources=[Hangs()])
        release.set()

        assert report.heard.problems == ["twilio did not answer within 0 seconds"]
        assert shop.touches()["text"] == ("sent", "sent")

    def test_one_thing_that_cannot_be_handled_stops_none_behind_it(self, shop: Shop) -> None:
        shop.tick(0)
        with shop.lab.desk.account.store.write() as session:
            inbound.keep(
                session,
                "summit",
                [
                    inbound.InboundRow(
                        source="twilio", key="odd", kind="nonsense", at=TUESDAY, received_at=TUESDAY, data={}
                    )
                ],
            )
        shop.text(1, "STOP")
        report = shop.tick(1)

        assert shop.state().opted_out("sms")
        assert report.heard.open == 1
        with shop.lab.desk.account.store.read() as session:
            assert [kept.row.key for kept in inbound.open_rows(session, "summit")] == ["odd"]


def test_changing_how_messages_leave_is_said(shop: Shop) -> None:
    shop.tick(0)
    shop.lab.desk = replace(shop.lab.desk, account=replace(shop.lab.desk.account, mode="live", secret="s" * 32))

    assert shop.tick(1).mode_before == "log"
    assert shop.tick(2).mode_before == ""
    assert shop.lab.provider.twice == []


def test_in_redirect_mode_the_one_who_gets_everything_answers_for_whoever_was_written_to_last(shop: Shop) -> None:
    redirect = {"sms": "+18165550199"}
    account = replace(shop.lab.desk.account, mode="redirect", redirect=redirect, secret="s" * 32)
    shop.lab.desk = replace(shop.lab.desk, account=account)
    shop.tick(0)
    shop.text(1, "Yes please call", sender="+18165550199")
    shop.tick(1)

    assert len(shop.facts("reply")) == 1


def _open_tasks(lab: Lab) -> list[Any]:
    with lab.desk.account.store.read() as session:
        found = tasks.listing(session, "summit", tasks.TaskFilter(open=True))
    return [task for task in found if task.title.startswith("Answer")]


def _ended(shop: Shop, lead: str, touch: str) -> tuple[str, str]:
    (row,) = [row for row in shop.lab.rows().values() if row.lead == lead and row.touch == touch]
    return row.state, row.reason


def test_who_asks_us_to_stop_comes_off_the_advertising_lists(shop: Shop) -> None:
    removed: list[str] = []
    shop.lab.provider.remove = lambda record, _: removed.append(record["id"])
    shop.tick(0)
    assert removed == []

    shop.text(1, "STOP")
    shop.tick(1)
    shop.tick(2)
    assert set(removed) == {"maria", ""}, "by her record, and by each address"
    assert removed.count("maria") == 1


def test_a_preview_knows_the_ledger_too(shop: Shop) -> None:
    from cadence.reports.sources import runs_of
    from cadence.runner.account import load_book
    from cadence.runner.inflight import in_flight

    with shop.lab.desk.account.store.write() as session:
        entry = suppressions.SuppressionRow(
            address=PHONE, reason="person", source="dana", at=TUESDAY, recorded_at=TUESDAY
        )
        suppressions.add(session, "summit", [entry])
        (page,) = in_flight(session, "summit")
        (run,) = runs_of(page, load_book(session, "summit"), TUESDAY)

    assert run.state.barred("sms", PHONE) == "person"
