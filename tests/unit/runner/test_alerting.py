"""Colleagues are told what cannot wait: by their own channel, in their own hours, each thing once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from cadence.channels.channel import Accepted, Lost, NotNow, Refused
from cadence.inbox.message import Call
from cadence.runner.idle import idle
from cadence.runner.resolve import resolve
from cadence.store import alerts, events, halts, inbound, leads, outbox, senders, suppressions, tasks
from cadence.store.outbox import OutboxFilter
from support.desk import TUESDAY, minutes
from support.hearing import Shop
from support.lab import texts_page

if TYPE_CHECKING:
    from cadence.channels.channel import Outgoing, Result
    from cadence.store.alerts import AlertRow
    from cadence.store.outbox import OutboxRow
    from support.lab import Lab

DANA, JO, PAT = "+18165550101", "+18165550102", "+18165550106"


def at(local: str) -> datetime:
    """An instant on the shop's clock."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("America/Chicago")).astimezone(UTC)


def leaves(lab: Lab, mode: str, **redirect: str) -> None:
    """Have messages leave, as far as the program knows."""
    account = replace(lab.desk.account, mode=mode, secret="s" * 32, redirect=redirect)
    lab.desk = replace(lab.desk, account=account)


@pytest.fixture
def shop(lab: Lab) -> Lab:
    """A shop that tells its people, and whose page has one text for each lead."""
    lab.desk.tell_colleagues()
    lab.write_page(texts_page("id: text, send: now"))
    return lab


def told(lab: Lab) -> list[tuple[str, str]]:
    """What colleagues got: to whom, and the words."""
    return [(each.to, each.body) for each in lab.provider.order if each.to_colleague]


def rows(lab: Lab) -> list[OutboxRow]:
    with lab.desk.account.store.read() as session:
        return outbox.listing(session, "summit", OutboxFilter(colleagues=True))


def known(lab: Lab, lead: str) -> list[AlertRow]:
    with lab.desk.account.store.read() as session:
        return alerts.listing(session, "summit", lead)


def make_alert(lab: Lab, name: str, due: datetime, **fields: Any) -> None:
    given = {
        "member": "dana",
        "about": "assigned",
        "title": f"{name} is yours",
        "made_at": due,
        "due_at": due,
        **fields,
    }
    with lab.desk.account.store.write() as session:
        alerts.add(session, "summit", [alerts.AlertRow(alert=name, **given)])


class TestOneAlert:
    def test_a_new_lead_is_told_to_its_owner_with_the_number_to_call(self, shop: Lab) -> None:
        shop.add(["maria"])
        report = shop.tick(minutes(1))

        assert told(shop) == [(DANA, "Maria Lopez is yours: New\n(816) 555-0000")]
        assert (dict(report.told), dict(report.sent)) == ({"dana": 1}, {"sms": 1})
        assert not report.needs_a_person

    def test_it_goes_once_however_many_ticks_follow(self, shop: Lab) -> None:
        shop.add(["maria"])
        shop.ticks(minutes(1), 5)

        assert len(told(shop)) == 1
        assert [each.state for each in known(shop, "maria")] == [alerts.SENT]

    def test_nothing_of_it_stands_in_the_leads_log_and_its_limits_do_not_count_it(self, shop: Lab) -> None:
        shop.add(["maria"])
        shop.tick(minutes(1))
        with shop.desk.account.store.read() as session:
            log = events.of_leads(session, "summit", ["maria"])["maria"]
            messages = outbox.listing(session, "summit", OutboxFilter(lead="maria"))

        assert [event.data["touch"] for event in log if event.type.startswith("touch.")] == ["text", "text"]
        assert [row.touch for row in messages] == ["text"]

    def test_an_answer_is_told_in_the_words_of_the_lead(self, shop: Lab) -> None:
        shop.add(["maria"])
        shop.tick(minutes(1))
        shop.tell("maria", "reply", minutes(2), text="Can you call me\nafter five?")
        shop.tick(minutes(2))

        assert told(shop)[1][1] == 'Answer Maria Lopez\n"Can you call me after five?"\n(816) 555-0000'

    def test_the_number_of_one_who_asked_us_to_stop_is_left_out(self, shop: Lab) -> None:
        shop.add(["maria"])
        shop.tick(minutes(1))
        shop.tell("maria", "opt_out", minutes(2), text="STOP")
        shop.tick(minutes(2))

        assert "555-0000" not in told(shop)[-1][1]

    def test_a_lead_with_no_end_of_a_name_makes_a_text_of_two_parts_at_most(self, shop: Lab) -> None:
        shop.add(["maria"], name="Зоя 🏠 " * 60)
        shop.tick(minutes(1))

        (row,) = rows(shop)
        assert row.segments <= 2

    def test_by_mail_it_has_a_subject_and_nothing_a_lead_would_need(self, shop: Lab) -> None:
        shop.desk.tell_colleagues(dana="by: email")
        leaves(shop, "live")
        shop.add(["maria"])
        shop.tick(minutes(1))

        (mail,) = [each for each in shop.provider.order if each.to_colleague]
        assert (mail.channel, mail.to, mail.subject) == ("email", "dana@example.com", "Maria Lopez is yours: New")
        assert (mail.reply_handle, mail.thread, len(mail.handle)) == ("", (), 20)

    def test_news_of_the_lead_takes_no_word_to_a_colleague_back(self, shop: Lab) -> None:
        """A lead answers between claim and call: the lead's own text waits, the owner is told all the same."""
        shop.add(["maria"])
        news: list[str] = []

        def answered_meanwhile(message: Outgoing) -> Result:
            if not news:
                news.append(message.key)
                shop.tell("maria", "reply", minutes(1), text="hello?")
            return Accepted()

        shop.provider.answer = answered_meanwhile
        shop.provider.workers = 1
        shop.tick(minutes(1))

        assert ("Maria Lopez is yours: New\n(816) 555-0000") in [words for _, words in told(shop)]

    def test_an_idle_tick_leaves_it_to_a_real_one(self, shop: Lab) -> None:
        shop.desk.publish(TUESDAY)
        shop.tick(minutes(1))
        assert idle(shop.desk.root, minutes(2))
        make_alert(shop, "x", minutes(3))

        assert idle(shop.desk.root, minutes(2))
        assert not idle(shop.desk.root, minutes(3))
        shop.tick(minutes(3))
        assert idle(shop.desk.root, minutes(4))


class TestHours:
    def test_what_comes_at_night_waits_for_the_morning(self, shop: Lab) -> None:
        shop.add(["maria"], at("2026-11-24T21:30"))
        shop.tick(at("2026-11-24T21:31"))
        assert told(shop) == []
        shop.tick(at("2026-11-25T06:59"))
        assert told(shop) == []
        shop.tick(at("2026-11-25T07:00"))

        assert len(told(shop)) == 1

    def test_hours_over_midnight_are_kept(self, shop: Lab) -> None:
        shop.desk.tell_colleagues(dana='hours: "22:00-06:00"')
        shop.add(["maria"], at("2026-11-24T13:10"))
        shop.tick(at("2026-11-24T21:59"))
        assert told(shop) == []
        shop.tick(at("2026-11-24T22:00"))
        assert len(told(shop)) == 1
        shop.tell("maria", "reply", at("2026-11-25T05:30"), text="hello?")
        shop.tick(at("2026-11-25T05:30"))

        assert len(told(shop)) == 2

    def test_after_an_outage_it_waits_for_the_hours_again(self, shop: Lab) -> None:
        """It was due at 19:50, and ticks go on at 23:00: nobody is woken."""
        shop.add(["maria"], at("2026-11-24T19:50"))
        shop.tick(at("2026-11-24T23:00"))
        assert told(shop) == []
        shop.tick(at("2026-11-25T07:00"))

        assert len(told(shop)) == 1

    def test_where_texts_leave_it_may_not_arrive_after_the_hours(self, shop: Lab) -> None:
        leaves(shop, "live")
        shop.add(["maria"])
        shop.tick(minutes(1))

        assert rows(shop)[0].good_until == at("2026-11-24T20:00")

    def test_what_is_a_day_past_due_is_dropped_and_counted(self, shop: Lab) -> None:
        shop.desk.publish(TUESDAY)
        make_alert(shop, "old", minutes(0))
        make_alert(shop, "just", minutes(1))
        report = shop.tick(minutes(1) + timedelta(hours=24))

        assert [words for _, words in told(shop)] == ["just is yours"]
        assert report.alerts_dropped == {"late": 1}


class TestSeveral:
    def test_two_hundred_leads_for_one_person_are_one_message(self, shop: Lab) -> None:
        shop.desk.edit_workspace(
            "jo, name: Jo Carter, roles: [csr, dispatcher]", "jo, name: Jo Carter, roles: [dispatcher]"
        )
        shop.desk.edit_workspace("max_per_tick: 500", "max_per_tick: 100")
        shop.add(200)
        report = shop.tick(minutes(1), release=True)

        ((to, words),) = told(shop)
        assert to == DANA
        assert words.startswith("200 leads need you:\n- Lead-0000 Lopez is yours: New\n- ")
        assert words.endswith(" more")
        assert rows(shop)[0].segments == 2
        assert dict(report.told) == {"dana": 1}

    def test_when_a_member_leaves_whoever_gets_the_leads_gets_one_message(self, shop: Lab) -> None:
        """Dana is taken off the page; her leads, and what she was to be told, are Jo's."""
        shop.desk.edit_workspace("roles: [csr, dispatcher]", "roles: [dispatcher]")
        shop.add(30)
        shop.tick(minutes(1))
        for lead in ("lead-0003", "lead-0004"):
            shop.tell(lead, "reply", minutes(2), text="hello?")
        text = (shop.desk.root / "cadence.yaml").read_text(encoding="utf-8")
        line = next(each for each in text.splitlines() if "id: dana" in each)
        shop.desk.edit_workspace(f"{line}\n", "")
        shop.desk.edit_workspace("roles: [dispatcher]", "roles: [csr, dispatcher]")
        report = shop.tick(minutes(3))

        (first, second) = told(shop)
        assert first[0] == DANA
        assert second[0] == JO
        assert second[1].startswith("30 leads need you:\n")
        assert report.alerts_dropped == {"no_way": 2}

    def test_what_presses_most_stands_first(self, shop: Lab) -> None:
        shop.desk.publish(TUESDAY)
        make_alert(shop, "a", minutes(0), title="Ann is yours")
        make_alert(shop, "b", minutes(1), title="Answer Ben", about="reply")
        make_alert(shop, "c", minutes(1), title="Cleo: first contact was missed", about="sla")
        shop.tick(minutes(1))

        assert told(shop) == [
            (DANA, "3 leads need you:\n- Cleo: first contact was missed\n- Answer Ben\n- Ann is yours")
        ]

    def test_what_is_told_twice_for_two_reasons_is_said_once(self, shop: Lab) -> None:
        """The ops lead is told of a miss, and gets the lead because of it."""
        shop.desk.publish(TUESDAY)
        for name, about in (("a", "sla"), ("b", "sla"), ("c", "reply")):
            make_alert(shop, name, minutes(0), about=about, title="Ann: first contact was missed")
        shop.tick(minutes(0))

        assert told(shop) == [(DANA, "Ann: first contact was missed")]

    def test_a_list_by_mail_names_each_and_what_leads_call_themselves_is_words(self, shop: Lab) -> None:
        shop.desk.tell_colleagues(dana="by: email")
        shop.desk.publish(TUESDAY)
        for number in range(60):
            make_alert(shop, f"a{number:02}", minutes(0), title=f"[win](http://evil.example) {number} is yours")
        shop.tick(minutes(0))

        (row,) = rows(shop)
        assert row.subject == "60 leads need you"
        assert row.body.count("\n- \\[win\\](http://evil.example)") == 50
        assert row.body.endswith("\n\nand 10 more")


class TestOfNoUse:
    def test_a_lead_that_is_over_or_somebody_elses_is_not_told(self, shop: Lab) -> None:
        shop.add(["maria", "noor"], at("2026-11-24T21:30"))
        shop.tell("maria", "lead.lost", at("2026-11-24T21:40"), reason="price")
        shop.tell("noor", "owner.assigned", at("2026-11-24T21:40"), owner="lee", reason="", by="pat")
        report = shop.tick(at("2026-11-25T07:00"))

        assert [words.split(" is")[0] for to, words in told(shop) if to in (DANA, JO)] == []
        assert report.alerts_dropped == {"lead_ended": 1, "not_theirs": 1}

    def test_an_answer_that_was_seen_to_is_not_told_any_more(self, shop: Lab) -> None:
        shop.add(["maria"])
        shop.tick(minutes(1))
        late = at("2026-11-24T21:30")
        shop.tell("maria", "reply", late, text="hello?")
        with shop.desk.account.store.read() as session:
            (task,) = [
                each
                for each in tasks.of_leads(session, "summit", ["maria"])["maria"]
                if each.title.startswith("Answer")
            ]
        shop.tell("maria", "task.done", late, task=task.task, by="dana")
        report = shop.tick(at("2026-11-25T07:00"))

        assert len(told(shop)) == 1
        assert report.alerts_dropped == {"done_already": 1}

    def test_who_wants_to_be_told_nothing_is_told_nothing(self, shop: Lab) -> None:
        shop.add(["maria"], at("2026-11-24T21:30"))
        shop.desk.tell_colleagues(dana="by: none", jo="by: none")
        report = shop.tick(at("2026-11-25T07:00"))

        assert told(shop) == []
        assert report.alerts_dropped == {"no_way": 1}
        assert not report.needs_a_person


class TestNeverTwice:
    def test_what_surely_did_not_go_goes_later_with_what_has_come_meanwhile(self, shop: Lab) -> None:
        shop.desk.publish(TUESDAY)
        make_alert(shop, "a", minutes(0), title="Ann is yours")
        shop.provider.answer = lambda _: NotNow("busy")
        first = shop.tick(minutes(0))
        make_alert(shop, "b", minutes(1), title="Ben is yours")
        shop.provider.answer = lambda _: Accepted()
        shop.tick(minutes(5))

        assert first.deferred == {"busy": 1}
        assert told(shop) == [(DANA, "2 leads need you:\n- Ann is yours\n- Ben is yours")]
        (row,) = rows(shop)
        assert (row.touch_key, row.attempts, row.state) == ("alert/dana/a", 2, "sent")

    def test_two_messages_that_did_not_go_become_one(self, shop: Lab) -> None:
        shop.desk.publish(TUESDAY)
        shop.provider.answer = lambda _: NotNow("busy", after=timedelta(minutes=30))
        make_alert(shop, "a", minutes(0), title="Ann is yours")
        shop.tick(minutes(0))
        make_alert(shop, "b", minutes(1), title="Ben is yours")
        shop.tick(minutes(2))
        shop.provider.answer = lambda _: Accepted()
        shop.ticks(minutes(40), 3)

        assert told(shop) == [(DANA, "2 leads need you:\n- Ann is yours\n- Ben is yours")]
        assert {row.touch_key: row.state for row in rows(shop)} == {"alert/dana/a": "sent", "alert/dana/b": "stopped"}

    def test_what_is_tried_again_for_a_day_is_given_up(self, shop: Lab) -> None:
        shop.desk.publish(TUESDAY)
        make_alert(shop, "a", minutes(0))
        shop.provider.answer = lambda _: NotNow("busy")
        shop.tick(minutes(0))
        shop.tick(minutes(1) + timedelta(hours=24))

        (row,) = rows(shop)
        assert (row.state, row.reason, row.check_at) == ("stopped", "late", None)
        assert len(shop.provider.calls) == 1

    @pytest.mark.parametrize("went", [True, False])
    def test_one_whose_answer_was_lost_is_asked_about(self, shop: Lab, went: bool) -> None:
        shop.desk.publish(TUESDAY)
        make_alert(shop, "a", minutes(0))
        shop.provider.answer = lambda _: Lost("timeout")
        shop.provider.took = lambda _, result: went or isinstance(result, Accepted)
        shop.tick(minutes(0))
        assert shop.provider.has.total() == went
        shop.provider.answer = lambda _: Accepted()
        shop.ticks(minutes(1), 6)

        assert shop.provider.has == {"alert/dana/a": 1}
        (row,) = rows(shop)
        assert (row.state, row.attempts) == ("sent", 1 if went else 2)

    def test_one_in_doubt_is_settled_by_a_person(self, shop: Lab) -> None:
        shop.desk.publish(TUESDAY)
        make_alert(shop, "a", minutes(0))
        shop.provider.answer = lambda _: Lost("timeout")
        shop.tick(minutes(0))
        with shop.desk.account.store.write() as session:
            resolve(session, "summit", "alert/dana/a", minutes(1), went=False)
        shop.provider.answer = lambda _: Accepted()
        shop.tick(minutes(1))

        assert told(shop) == [(DANA, "a is yours")]

    def test_a_damaged_row_is_said_and_stops_none_of_the_others(self, shop: Lab) -> None:
        shop.desk.publish(TUESDAY)
        make_alert(shop, "a", minutes(0))
        make_alert(shop, "b", minutes(0))
        with shop.desk.account.store.write() as session:
            session.connection.exec_driver_sql("UPDATE alerts SET made_at = 'x' WHERE alert = 'a'")
        report = shop.tick(minutes(0))
        again = shop.tick(minutes(1))

        assert told(shop) == [(DANA, "b is yours")]
        assert (report.reconciled.damaged, again.reconciled.damaged) == (["alert/a"], [])


class TestChannels:
    def test_the_brake_does_not_count_them(self, shop: Lab) -> None:
        shop.desk.edit_workspace("max_per_tick: 500", "max_per_tick: 1")
        shop.add(["maria"])
        for number in range(4):
            make_alert(shop, f"p{number}", minutes(0), member=("dana", "jo", "lee", "pat")[number])
        report = shop.tick(minutes(1))

        assert report.outcome == "done"
        assert report.told.total() == 4

    def test_a_halted_channel_holds_them(self, shop: Lab) -> None:
        shop.desk.publish(TUESDAY)
        make_alert(shop, "a", minutes(0))
        with shop.desk.account.store.write() as session:
            halts.halt(session, "summit", halts.HaltRow(channel="sms", code="20003", detail="x", since=minutes(0)))
        shop.tick(minutes(0))
        assert shop.provider.calls == []
        with shop.desk.account.store.write() as session:
            halts.lift(session, "summit", "sms")
        shop.tick(minutes(5))

        assert len(told(shop)) == 1

    def test_they_count_in_what_the_sender_may_send(self, shop: Lab) -> None:
        shop.desk.edit_workspace('from: "+18165550100"', 'from: "+18165550100", per_day: 2')
        shop.desk.publish(TUESDAY)
        for member in ("dana", "jo", "lee"):
            make_alert(shop, member, minutes(0), member=member)
        shop.tick(minutes(0))
        with shop.desk.account.store.read() as session:
            (standing,) = senders.read(session, "summit", ["sms:+18165550100"]).values()

        assert len(told(shop)) == standing.day_count == 2

    def test_a_colleague_who_cannot_be_reached_needs_a_person_and_no_lead_is_marked(self, shop: Lab) -> None:
        """The lead has no address that is dead, though the owner's number is."""
        shop.add(["maria"])
        shop.provider.answer = lambda m: Refused("21211", "no such number", "address") if m.to == DANA else Accepted()
        report = shop.tick(minutes(1))
        shop.tick(minutes(2))
        with shop.desk.account.store.read() as session:
            (untold,) = alerts.untold(session, "summit", minutes(0))
            listed = suppressions.standing(session, "summit", [DANA])
            log = events.of_leads(session, "summit", ["maria"])["maria"]

        assert dict(report.not_told) == {"dana": 1}
        assert report.needs_a_person
        assert (untold.member, untold.channel, untold.why) == ("dana", "sms", "21211: no such number")
        assert listed == {}
        assert "message.bounced" not in {event.type for event in log}

    def test_nothing_goes_to_a_colleague_whose_number_asked_for_no_more(self, lab: Lab) -> None:
        lab.desk.tell_colleagues()
        shop = Shop(lab)
        lab.desk.publish(TUESDAY)
        shop.text(0, "STOP", sender=DANA)
        make_alert(lab, "a", minutes(1))
        shop.tick(0)
        report = shop.tick(1)

        assert lab.provider.calls == []
        assert dict(report.not_told) == {"dana": 1}
        (row,) = rows(lab)
        assert (row.state, row.reason) == ("failed", "suppressed")

    @pytest.mark.parametrize(("status", "reached"), [("undelivered", False), ("delivered", True), ("opened", True)])
    def test_what_the_provider_tells_later_counts(self, lab: Lab, status: str, reached: bool) -> None:
        lab.desk.tell_colleagues()
        lab.provider.answer = lambda _: Accepted("SM-sent")
        shop = Shop(lab)
        lab.desk.publish(TUESDAY)
        make_alert(lab, "a", minutes(0))
        shop.tick(0)
        shop.receipt(1, status, code="30003")
        report = shop.tick(1)
        with lab.desk.account.store.read() as session:
            untold = [each.why for each in alerts.untold(session, "summit", minutes(0))]

        assert untold == ([] if reached else ["undelivered"])
        assert report.heard.taken == {status: 1}


class TestAnswersOfColleagues:
    @pytest.fixture
    def shop(self, lab: Lab) -> Shop:
        lab.desk.tell_colleagues()
        lab.desk.publish(TUESDAY)
        return Shop(lab)

    def _leads(self, shop: Shop) -> int:
        with shop.lab.desk.account.store.read() as session:
            return len(leads.listing(session, "summit", limit=10))

    def test_a_text_of_one_of_the_team_makes_no_lead_and_waits_for_a_person(self, shop: Shop) -> None:
        shop.text(1, "On my way to Maria", sender=DANA)
        report = shop.tick(1)
        with shop.lab.desk.account.store.read() as session:
            (kept,) = inbound.troubled(session, "summit", TUESDAY)

        assert self._leads(shop) == 0
        assert report.needs_a_person
        assert kept.row.taken_as == "colleague"
        assert kept.row.problem.startswith("Dana Reyes of the team has written")

    def test_a_missed_call_of_one_of_the_team_makes_no_lead(self, shop: Shop) -> None:
        shop.source.items.append(
            Call(source="twilio", key="CA1", at=minutes(1), caller=DANA, to="+18165550100", answered=False)
        )
        shop.tick(1)

        assert self._leads(shop) == 0

    def test_a_mail_that_answers_an_alert_is_no_leads_whoever_sends_it(self, shop: Shop) -> None:
        shop.lab.desk.tell_colleagues(dana="by: email")
        leaves(shop.lab, "live")
        shop.lab.add(["maria"])
        shop.tick(1)
        (alert,) = [each for each in shop.lab.provider.order if each.to_colleague]
        shop.mail(2, "Got it", sender="dana@home.example", answers=(f"<{alert.handle}.1@example.com>",))
        shop.tick(2)
        with shop.lab.desk.account.store.read() as session:
            (kept,) = inbound.troubled(session, "summit", TUESDAY)
            log = events.of_leads(session, "summit", ["maria"])["maria"]

        assert kept.row.taken_as == "colleague"
        assert "reply" not in {event.type for event in log}

    def test_one_of_the_team_who_is_on_record_as_a_lead_is_taken_for_the_lead(self, shop: Shop) -> None:
        """Who tries the shop out on their own phone gets what a lead gets."""
        shop.lab.add(["pat"], phone=PAT)
        shop.text(1, "hello?", sender=PAT)
        shop.tick(1)

        assert [event.data["text"] for event in _replies(shop, "pat")] == ["hello?"]

    def test_in_redirect_mode_an_answer_is_the_last_leads_though_a_colleague_was_told_since(self, shop: Shop) -> None:
        mine = "+18165559999"
        leaves(shop.lab, "redirect", sms=mine)
        shop.lab.add(["maria"])
        shop.tick(1)
        make_alert(shop.lab, "z", minutes(2), member="pat")
        shop.tick(2)
        shop.text(3, "hello?", sender=mine)
        shop.tick(3)

        assert len(_replies(shop, "maria")) == 1


def _replies(shop: Shop, lead: str) -> list[Any]:
    with shop.lab.desk.account.store.read() as session:
        return [event for event in events.of_leads(session, "summit", [lead])[lead] if event.type == "reply"]
