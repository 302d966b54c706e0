"""Standing reviews: due when the page says, held once, told to the people they are for."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from cadence.channels.channel import Accepted, NotNow
from cadence.reports.review_mail import write_review
from cadence.runner.idle import idle
from cadence.runner.reviewing import hold_reviews
from cadence.store import alerts, events, outbox, reviews
from cadence.store.outbox import OutboxFilter
from support.lab import texts_page

if TYPE_CHECKING:
    from cadence.channels.channel import Outgoing
    from cadence.runner.report import TickReport
    from support.lab import Lab

SHOP = ZoneInfo("America/Chicago")
REVIEWS = 'reviews: {look: {cron: "30 7 * * mon-fri", of: [new], to: ops_lead}}\n'
PAGE = texts_page("id: text, send: now") + REVIEWS
TUESDAY, WEDNESDAY, FRIDAY = "2026-11-24", "2026-11-25", "2026-11-27"  # Thursday is Thanksgiving


def at(local: str) -> datetime:
    """An instant on the shop's clock."""
    return datetime.fromisoformat(local).replace(tzinfo=SHOP).astimezone(UTC)


@pytest.fixture
def shop(lab: Lab) -> Lab:
    """A shop in whose first stage stand two leads, of whom nothing comes next: on Tuesday at noon."""
    lab.write_page(PAGE.replace("title: Texts\n", "title: Texts\ncalendar: {holidays: [US-major]}\n"))
    lab.add(["maria", "sam"], at(f"{TUESDAY}T12:00"))
    tick(lab, f"{TUESDAY}T12:01")
    return lab


def tick(lab: Lab, local: str) -> TickReport:
    return lab.tick(at(local), write_review=write_review)


def mails(lab: Lab) -> list[Outgoing]:
    """The reviews that colleagues got."""
    return [each for each in lab.provider.order if each.channel == "email"]


def due(lab: Lab) -> dict[str, tuple[str, str]]:
    """When each review is due and was held last, by the shop's clock."""
    with lab.desk.account.store.read() as session:
        rows = reviews.listing(session, "summit")
    return {row.review: (said(row.due_at), said(row.held_at) if row.held_at else "") for row in rows}


def said(instant: datetime) -> str:
    return f"{instant.astimezone(SHOP):%Y-%m-%dT%H:%M}"


class TestSchedule:
    def test_a_review_is_due_when_its_page_is_published(self, shop: Lab) -> None:
        assert due(shop) == {"look": (f"{WEDNESDAY}T07:30", "")}

    def test_an_edit_moves_it_and_one_that_is_gone_is_forgotten(self, shop: Lab) -> None:
        shop.desk.edit("30 7 * * mon-fri", "0 14 * * mon-fri")
        tick(shop, f"{TUESDAY}T12:05")
        assert due(shop) == {"look": (f"{TUESDAY}T14:00", "")}

        shop.desk.edit("reviews: {look: {", "reviews: {other: {")
        tick(shop, f"{TUESDAY}T12:06")
        assert due(shop) == {"other": (f"{TUESDAY}T14:00", "")}

        shop.desk.edit(shop.desk.page.read_text(encoding="utf-8").splitlines()[-1] + "\n", "")
        tick(shop, f"{TUESDAY}T12:07")
        assert due(shop) == {}

    def test_an_edit_at_the_very_time_of_a_review_does_not_lose_it(self, shop: Lab) -> None:
        shop.desk.edit("title: Texts", "title: Other texts")
        report = tick(shop, f"{WEDNESDAY}T07:31")

        assert [each.review for each in report.reviews] == ["look"]
        assert due(shop) == {"look": (f"{FRIDAY}T07:30", f"{WEDNESDAY}T07:31")}

    def test_a_page_that_was_published_before_reviews_were_held_gets_its_time(self, shop: Lab) -> None:
        with shop.desk.account.store.write() as session:
            reviews.keep_only(session, "summit", [])
        tick(shop, f"{TUESDAY}T12:05")

        assert due(shop) == {"look": (f"{WEDNESDAY}T07:30", "")}

    def test_a_tick_is_not_idle_when_a_review_is_due(self, shop: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CADENCE_STORE", f"sqlite:///{shop.desk.root / 'cadence.db'}")
        tick(shop, f"{TUESDAY}T12:02")

        assert idle(shop.desk.root, at(f"{WEDNESDAY}T07:29"))
        assert not idle(shop.desk.root, at(f"{WEDNESDAY}T07:30"))


class TestHolding:
    def test_it_is_told_once_to_whom_it_is_for_and_touches_no_lead(self, shop: Lab) -> None:
        with shop.desk.account.store.read() as session:
            before = {lead: len(log) for lead, log in events.of_leads(session, "summit", ["maria", "sam"]).items()}
        held = [tick(shop, f"{WEDNESDAY}T07:{minute}").reviews for minute in (29, 30, 31)]

        assert [[each.told for each in its] for its in held] == [[], [("pat",)], []]
        (mail,) = mails(shop)
        assert (mail.to, mail.lead, mail.to_colleague) == ("pat@example.com", "", True)
        assert mail.subject == "Review look, Texts: 2 leads to look at, Wed 25 Nov 07:30"
        assert "Maria Lopez" in mail.body
        assert "Sam Lopez" in mail.body
        with shop.desk.account.store.read() as session:
            assert before == {
                lead: len(log) for lead, log in events.of_leads(session, "summit", ["maria", "sam"]).items()
            }
            rows = outbox.listing(session, "summit", OutboxFilter(colleagues=True))
        assert [(row.state, row.visit, row.lead) for row in rows] == [("sent", 0, "")]
        assert due(shop) == {"look": (f"{FRIDAY}T07:30", f"{WEDNESDAY}T07:30")}

    def test_it_is_held_once_after_an_outage(self, shop: Lab) -> None:
        tick(shop, "2026-12-03T09:12")

        assert [mail.subject[-15:] for mail in mails(shop)] == ["Thu 3 Dec 09:12"]
        assert due(shop) == {"look": ("2026-12-04T07:30", "2026-12-03T09:12")}

    def test_it_is_never_held_on_a_holiday(self, shop: Lab) -> None:
        tick(shop, "2026-11-26T10:00")
        assert (mails(shop), due(shop)) == ([], {"look": (f"{FRIDAY}T07:30", "")})

        tick(shop, f"{FRIDAY}T07:30")
        assert len(mails(shop)) == 1

    def test_one_without_leads_to_look_at_is_held_and_not_sent(self, shop: Lab) -> None:
        for lead in ("maria", "sam"):
            shop.tell(lead, "lead.won", at(f"{TUESDAY}T13:00"))
        report = tick(shop, f"{WEDNESDAY}T07:30")

        assert [(each.leads, each.told, each.problem) for each in report.reviews] == [(0, (), "")]
        assert (mails(shop), due(shop)) == ([], {"look": (f"{FRIDAY}T07:30", f"{WEDNESDAY}T07:30")})
        assert not report.needs_a_person

    def test_everybody_present_with_the_role_gets_it_else_the_fallback(self, shop: Lab) -> None:
        shop.desk.edit_workspace("roles: [csr, dispatcher]", "roles: [csr, dispatcher, ops_lead]")
        tick(shop, f"{WEDNESDAY}T07:30")
        assert sorted(mail.to for mail in mails(shop)) == ["jo@example.com", "pat@example.com"]

        shop.desk.edit_workspace("roles: [csr, dispatcher, ops_lead]", "roles: [csr, dispatcher]")
        shop.desk.edit_workspace("roles: [ops_lead, fallback]", "absent: true, roles: [ops_lead]")
        shop.desk.edit_workspace("name: Lee Ortiz, roles: [sales]", "name: Lee Ortiz, roles: [sales, fallback]")
        tick(shop, f"{FRIDAY}T07:30")
        assert [mail.to for mail in mails(shop)][2:] == ["lee@example.com"]

    def test_one_that_can_be_sent_to_nobody_is_said(self, shop: Lab) -> None:
        shop.desk.edit_workspace(", email: pat@example.com", "")
        report = tick(shop, f"{WEDNESDAY}T07:30")

        assert [each.problem for each in report.reviews] == ["nobody it is for has an e-mail address"]
        assert report.needs_a_person
        assert due(shop)["look"][1] == f"{WEDNESDAY}T07:30"

    def test_one_that_surely_did_not_go_is_tried_again_and_goes_once(self, shop: Lab) -> None:
        answers = iter([NotNow("busy")])
        shop.provider.answer = lambda _: next(answers, Accepted())
        for minute in range(30, 36):
            tick(shop, f"{WEDNESDAY}T07:{minute}")

        assert len(mails(shop)) == 1
        assert not shop.provider.twice

    def test_it_does_not_wait_for_the_hours_of_whoever_gets_it(self, shop: Lab) -> None:
        shop.desk.tell_colleagues(pat='by: sms, hours: "10:00-11:00"')
        tick(shop, f"{WEDNESDAY}T07:30")

        assert [mail.to for mail in mails(shop)] == ["pat@example.com"]

    def test_nothing_is_held_while_the_shop_is_paused_and_once_after(self, shop: Lab) -> None:
        from cadence.runner.record import pause, resume

        with shop.desk.account.store.write() as session:
            pause(session, "summit", shop.desk.book(session), at(f"{TUESDAY}T13:00"))
        tick(shop, f"{WEDNESDAY}T07:30")
        assert mails(shop) == []

        with shop.desk.account.store.write() as session:
            resume(session, "summit", shop.desk.book(session), at(f"{WEDNESDAY}T09:00"))
        tick(shop, f"{WEDNESDAY}T09:00")
        assert len(mails(shop)) == 1

    def test_many_ticks_at_once_hold_it_once(self, shop: Lab) -> None:
        now, store = at(f"{WEDNESDAY}T07:30"), shop.desk.account.store
        with store.read() as session:
            book = shop.desk.book(session)
        plan = book.current["roofer"]
        held: list[int] = []
        together = threading.Barrier(4)

        def hold() -> None:
            together.wait()
            held.append(len(hold_reviews(store, book, plan, now, write_review)))

        threads = [threading.Thread(target=hold) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(held) == [0, 0, 0, 1]
        with store.read() as session:
            assert [each.about for each in alerts.due(session, "summit", now, 10)] == ["review"]

    def test_without_somebody_to_write_it_down_it_is_held_and_goes_to_nobody(self, shop: Lab) -> None:
        report = shop.tick(at(f"{WEDNESDAY}T07:30"))

        assert [(each.leads, each.told) for each in report.reviews] == [(2, ())]
        assert mails(shop) == []

    def test_what_is_wrong_with_it_keeps_no_message_back(self, shop: Lab) -> None:
        shop.add(["ana"], at(f"{WEDNESDAY}T09:59"))
        report = shop.tick(at(f"{WEDNESDAY}T10:00"), write_review=lambda *_: 1 / 0)

        assert (report.review_problem, report.sent["sms"]) == ("ZeroDivisionError", 1)
        assert report.needs_a_person
        assert due(shop) == {"look": (f"{WEDNESDAY}T07:30", "")}, "the next tick tries again"
