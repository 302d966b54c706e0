"""What becomes of a message whose provider takes it, refuses it, asks for patience, or is never heard of again."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cadence.channels.channel import (
    Absent,
    Accepted,
    Channel,
    Finding,
    Found,
    Lost,
    NotNow,
    Outgoing,
    Refused,
    Result,
    Unsure,
)  # fmt: skip
from cadence.channels.log import LogChannel
from cadence.engine.events import Event
from cadence.errors import Refused as NotAllowed
from cadence.errors import StoreError
from cadence.runner import reconcile
from cadence.runner.clock import pretended_clock
from cadence.runner.record import record_fact
from cadence.runner.resolve import resolve
from cadence.runner.tick import BRAKED, DONE, tick
from cadence.store import events, outbox
from support.desk import TUESDAY, minutes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cadence.runner.report import TickReport
    from support.desk import Desk

KEY = "maria/roofer/-/1/1/instant"


class Scripted(Channel):
    """A provider that answers as it is told to: one answer for each call, the last one for ever."""

    workers = 1
    visible_after = timedelta(0)

    def __init__(self, *answers: Result, finding: Finding | None = None) -> None:
        self.answers = list(answers)
        self.finding = finding or Unsure("no_look_up")
        self.taken: list[Outgoing] = []
        self.before_answering: Callable[[], None] = lambda: None

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        self.taken += messages
        self.before_answering()
        return [self.answers.pop(0) if len(self.answers) > 1 else self.answers[0] for _ in messages]

    def look_up(self, messages: Sequence[Outgoing]) -> Sequence[Finding]:
        return [self.finding] * len(messages)


def run(desk: Desk, sms: Channel, at: datetime, **options: bool) -> TickReport:
    """Tick with texts going through ``sms``; everything else is written to the log."""
    rest = LogChannel(desk.account.log_file, at.tzinfo)  # type: ignore[arg-type]
    channels = {"sms": sms, "email": rest, "audience": rest}
    return tick(desk.account, at, clock=pretended_clock(at), channels=channels, plans=desk.plans, **options)


def state_of(desk: Desk, key: str = KEY) -> tuple[str, int, str]:
    with desk.account.store.read() as session:
        row = outbox.get(session, "summit", key)
    assert row is not None
    return row.state, row.attempts, row.detail


def may_be_asked(desk: Desk) -> None:
    """Let the time pass after which the provider surely knows."""
    with desk.account.store.write() as session:
        outbox.ask_later(session, "summit", {row.touch_key: TUESDAY for row in outbox.open_rows(session, "summit")})


def log_of(desk: Desk, lead: str = "maria") -> list[str]:
    with desk.account.store.read() as session:
        return [
            event.type for event in events.of_leads(session, "summit", [lead])[lead] if event.type.startswith("touch.")
            and event.data["channel"] == "sms" and event.data["touch"] == "instant"
        ]  # fmt: skip


@pytest.fixture
def shop(desk: Desk) -> Desk:
    desk.add("maria", "+18165550142")
    return desk


def test_a_text_that_the_provider_takes_is_sent_under_its_name_for_it(shop: Desk) -> None:
    report = run(shop, Scripted(Accepted("SM1")), minutes(1))

    assert report.sent["sms"] == 1
    with shop.account.store.read() as session:
        row = outbox.get(session, "summit", KEY)
    assert row is not None
    assert (row.state, row.provider_id, row.check_at) == ("sent", "SM1", None)
    assert log_of(shop) == ["touch.claimed", "touch.sent"]


def test_a_text_that_will_never_go_has_failed_and_somebody_is_told(shop: Desk) -> None:
    report = run(shop, Scripted(Refused("21614", "not a mobile number")), minutes(1))

    assert (dict(report.failed), report.needs_a_person) == ({"21614": 1}, True)
    assert state_of(shop) == ("failed", 1, "21614: not a mobile number")
    assert run(shop, Scripted(Accepted()), minutes(2)).sent["sms"] == 0


def test_a_text_that_surely_did_not_go_is_tried_again_later_and_counts_once(shop: Desk) -> None:
    """Twice as long each time; the claim that did not go takes nothing of the person's day."""
    sms = Scripted(NotNow("429"), NotNow("429"), Accepted())
    first = run(shop, sms, minutes(1))
    at_once = run(shop, sms, minutes(1.5))
    second = run(shop, sms, minutes(2.5))
    third = run(shop, sms, minutes(5))

    assert (dict(first.deferred), first.needs_a_person) == ({"429": 1}, False)
    assert (at_once.deferred.total(), second.deferred.total(), third.sent["sms"]) == (0, 1, 1)
    assert [(each.key, each.attempt) for each in sms.taken] == [(KEY, 1), (KEY, 2), (KEY, 3)]
    assert state_of(shop)[:2] == ("sent", 3)
    assert log_of(shop) == ["touch.claimed", "touch.deferred"] * 2 + ["touch.claimed", "touch.sent"]


def test_a_text_that_never_gets_through_is_given_up_for_a_person_to_see(shop: Desk) -> None:
    sms = Scripted(NotNow("30001", "queue overflow"))
    reports = [run(shop, sms, minutes(1 + 10 * number)) for number in range(16)]

    assert [each.attempt for each in sms.taken if each.key == KEY] == list(range(1, 9))
    assert state_of(shop) == ("failed", 8, "30001: queue overflow; given up after 8 tries")
    assert sum(report.needs_a_person for report in reports) == 1


def test_a_reply_that_comes_before_another_try_ends_it(shop: Desk) -> None:
    run(shop, Scripted(NotNow("429")), minutes(1))
    with shop.account.store.write() as session:
        fact = Event(type="reply", at=minutes(2), recorded_at=minutes(2), actor="lead", data={"text": "Call me"})
        record_fact(session, "summit", shop.book(session), "maria", fact)
    sms = Scripted(Accepted())
    run(shop, sms, minutes(10))

    assert sms.taken == []
    assert state_of(shop)[0] == "stopped"


def test_a_text_whose_answer_was_lost_is_asked_about_and_never_sent_again_blindly(shop: Desk) -> None:
    first = run(shop, Scripted(Lost("timeout")), minutes(1))
    too_early = run(shop, Scripted(Accepted(), finding=Found("SM7")), minutes(1.5))
    may_be_asked(shop)
    found = run(shop, Scripted(Accepted(), finding=Found("SM7")), minutes(2))

    assert (dict(first.lost), first.needs_a_person) == ({"timeout": 1}, False)
    assert (too_early.reconciled.gone, too_early.sent["sms"]) == (0, 0)
    assert (found.reconciled.gone, found.sent["sms"]) == (1, 0)
    assert state_of(shop)[:2] == ("sent", 1)
    assert log_of(shop) == ["touch.claimed", "touch.unknown", "touch.sent"]


def test_a_text_that_the_provider_surely_does_not_have_goes_again(shop: Desk) -> None:
    run(shop, Scripted(Lost("timeout")), minutes(1))
    may_be_asked(shop)
    sms = Scripted(Accepted(), finding=Absent())
    again = run(shop, sms, minutes(2))

    assert (again.reconciled.again, again.sent["sms"]) == (1, 1)
    assert [each.attempt for each in sms.taken] == [2]


def test_what_nobody_can_find_out_is_left_to_a_person_who_says_what_became_of_it(shop: Desk) -> None:
    """Said once by a tick; it goes again only when a person has looked and says that it did not go."""
    run(shop, Scripted(Lost("timeout")), minutes(1))
    may_be_asked(shop)
    left = run(shop, Scripted(Accepted()), minutes(2))
    later = run(shop, Scripted(Accepted()), minutes(3))

    assert (left.reconciled.left, left.needs_a_person) == ([KEY], True)
    assert (later.reconciled.left, later.needs_a_person, later.sent["sms"]) == ([], False, 0)
    with shop.account.store.write() as session:
        row = resolve(session, "summit", KEY, minutes(4), went=False)
    assert row.state == "waits"
    sms = Scripted(Accepted())
    assert run(shop, sms, minutes(5)).sent["sms"] == 1
    assert [each.attempt for each in sms.taken] == [2]
    with shop.account.store.write() as session, pytest.raises(NotAllowed, match="it is sent"):
        resolve(session, "summit", KEY, minutes(6), went=True)
    with shop.account.store.write() as session, pytest.raises(StoreError, match="no touch"):
        resolve(session, "summit", "maria/roofer/-/1/1/nothing", minutes(6), went=True)


def test_a_question_that_the_provider_could_not_answer_is_asked_again(shop: Desk) -> None:
    run(shop, Scripted(Lost("timeout")), minutes(1))
    may_be_asked(shop)
    report = run(shop, Scripted(Accepted(), finding=Unsure("503", again=True)), minutes(2))

    assert (report.reconciled.left, report.sent["sms"], state_of(shop)[0]) == ([], 0, "unknown")
    with shop.account.store.read() as session:
        (row,) = outbox.open_rows(session, "summit")
        assert row.check_at is not None
        assert row.check_at - session.clock() <= timedelta(minutes=5)


def test_nothing_is_called_that_something_was_learned_about_since_it_was_claimed(shop: Desk) -> None:
    """Bob replies while his text waits for the one worker: it is judged anew, and stopped."""
    shop.add("bob", "+18165550143")
    sms = Scripted(Accepted())

    def bob_replies() -> None:
        sms.before_answering = lambda: None
        waiting = "bob" if sms.taken[0].lead == "maria" else "maria"
        with shop.account.store.write() as session:
            fact = Event(type="reply", at=minutes(1), recorded_at=minutes(1), actor="lead", data={"text": "Call me"})
            record_fact(session, "summit", shop.book(session), waiting, fact)

    sms.before_answering = bob_replies
    report = run(shop, sms, minutes(1))

    assert len(sms.taken) == 1
    assert dict(report.deferred) == {"news": 1}
    other = "bob" if sms.taken[0].lead == "maria" else "maria"
    assert state_of(shop, f"{other}/roofer/-/1/1/instant")[0] == "stopped"


def test_a_channel_that_asks_for_patience_is_left_alone_and_the_others_go_on(shop: Desk) -> None:
    for number in range(5):
        shop.add(f"lead-{number}", f"+1816555015{number}")
    sms = Scripted(NotNow("429", after=timedelta(minutes=3)), Accepted())
    busy = run(shop, sms, minutes(1))
    resting = run(shop, sms, minutes(2))
    after = run(shop, sms, minutes(6))

    assert busy.sent["call"] == 6
    assert busy.deferred.total() + busy.sent["sms"] + busy.held["rate"] >= 6
    assert resting.sent["sms"] == 0
    assert busy.sent["sms"] + after.sent["sms"] == 6


def test_above_the_brake_nothing_goes_until_a_person_lets_it(shop: Desk) -> None:
    """Nothing is written either: calls, warnings and texts wait for the word."""
    shop.edit_workspace("max_per_tick: 500", "max_per_tick: 2")
    shop.add("bob", "+18165550143")
    below = run(shop, Scripted(Accepted()), minutes(1))
    for number in range(3):
        shop.add(f"lead-{number}", f"+1816555015{number}", minutes(2))
    sms = Scripted(Accepted())
    braked = run(shop, sms, minutes(3))
    still = run(shop, sms, minutes(4))
    nothing = len(sms.taken)
    released = run(shop, sms, minutes(5), release=True)

    assert (below.outcome, below.sent["sms"]) == (DONE, 2)
    assert (braked.outcome, braked.braked_at, braked.needs_a_person, braked.leads) == (BRAKED, 2, True, 0)
    assert (still.outcome, nothing) == (BRAKED, 0)
    assert (released.outcome, released.sent["sms"]) == (DONE, 3)


def test_a_tick_whose_time_is_up_hands_the_rest_on(shop: Desk) -> None:
    """Six texts at one a minute: a tick of 50 seconds sends one, and the next goes on where it stopped."""
    shop.edit_workspace('from: "+18165550100"', 'from: "+18165550100", per_minute: 1')
    for number in range(5):
        shop.add(f"lead-{number}", f"+1816555015{number}")
    sms = Scripted(Accepted())
    sent = [run(shop, sms, minutes(number)).sent["sms"] for number in range(1, 9)]

    assert sent == [1, 1, 1, 1, 1, 1, 0, 0]


def test_a_text_that_waits_for_another_try_ends_when_an_edit_takes_it_off_the_page(shop: Desk) -> None:
    run(shop, Scripted(NotNow("429")), minutes(1))
    page = shop.page.read_text(encoding="utf-8")
    shop.edit(page[page.index("      - {id: instant,") : page.index("      - {id: missed-call")], "")
    report = run(shop, Scripted(Accepted()), minutes(5))

    assert report.published.new != ()
    assert state_of(shop)[0] == "stopped"
    assert report.ended["dropped"] == 1


def test_a_provider_that_never_answers_a_question_holds_nobody_up(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "LONGEST_QUESTION", 0.2)
    run(shop, Scripted(Lost("timeout")), minutes(1))
    may_be_asked(shop)
    sms = Scripted(Accepted())
    sms.look_up = lambda _: [threading.Event().wait(60)]  # type: ignore[assignment, method-assign, return-value]
    shop.add("bob", "+18165550143", minutes(2))
    report = run(shop, sms, minutes(2))

    assert [each.lead for each in sms.taken] == ["bob"]
    assert (report.reconciled.left, state_of(shop)[0]) == ([], "unknown")
