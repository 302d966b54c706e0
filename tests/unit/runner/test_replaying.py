"""A log decided anew where the world had its say: providers, senders that were busy, pauses, addresses barred."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cadence.channels.channel import Lost, NotNow, Refused
from cadence.engine.events import Event, instant_text
from cadence.engine.replay import TURN, WAY, Answer
from cadence.runner.record import pause, record_fact, resume
from cadence.runner.replaying import Books, Ledger, replay_account, replay_of
from cadence.store import events, suppressions
from cadence.store.suppressions import SuppressionRow
from support.desk import TUESDAY, minutes
from support.lab import Provider, texts_page

if TYPE_CHECKING:
    from cadence.channels.channel import Outgoing, Result
    from cadence.engine.replay import Redecided
    from support.lab import Lab

HOURS = timedelta(hours=1)


def decided(lab: Lab) -> list[Redecided]:
    with lab.desk.account.store.read() as session:
        return list(replay_account(session, "summit"))


def answers(lab: Lab) -> Counter[Answer]:
    return Counter(each.answer for each in decided(lab))


def test_what_providers_made_of_messages_is_taken_as_it_was_and_all_that_follows_comes_out_the_same(lab: Lab) -> None:
    """Refused, not now and tried again, answer lost and asked about: facts of the world, each."""
    said = iter([Refused("21610", "no"), NotNow("503", "busy"), Lost("timeout", "no answer")])

    def answer(_: Outgoing) -> Result:
        return next(said, NotNow("503", "still busy"))

    lab.provider = Provider(answer, has=lambda *_: False)
    lab.write_page(texts_page("id: one, after: 10m", "id: two, after: 25m"))
    lab.add(3)
    lab.ticks(minutes(10), 25)

    assert {"failed", "waits"} <= set(lab.states())
    assert answers(lab).keys() == {Answer.AGREES}


def test_a_sender_that_was_busy_is_in_no_log_so_what_waited_for_it_is_never_claimed(lab: Lab) -> None:
    """Three leads and one text a minute: where one waited, the look agrees only with that taken as told."""
    lab.desk.edit_workspace('from: "+18165550100"', 'from: "+18165550100", per_minute: 1')
    lab.write_page(
        texts_page("id: one, after: 10m").replace(
            "    touches:", "    lock: {by: [call.logged], within: 10m}\n    touches:"
        )
    )
    lab.add(3)
    lab.ticks(minutes(10), 12)
    told = decided(lab)

    assert {each.answer for each in told} == {Answer.AGREES, Answer.OPEN}
    assert {each.outside for each in told if each.answer is Answer.OPEN} == {(WAY,)}
    assert all(not each.decision.claims for each in told if each.answer is Answer.OPEN)


def test_pauses_of_the_shop_and_addresses_barred_hold_at_their_own_time(lab: Lab) -> None:
    lab.write_page(texts_page("id: one, after: 10m", "id: two, after: 5h"))
    lab.add(["maria", "drew"])
    with lab.desk.account.store.write() as session:
        book = lab.desk.book(session)
        pause(session, "summit", book, minutes(5))
    lab.ticks(minutes(9), 3)
    with lab.desk.account.store.write() as session:
        resume(session, "summit", book, minutes(31))
    lab.ticks(minutes(32), 3)
    barred = SuppressionRow(
        address="+18165550000",
        reason="person",
        source="dana",
        at=TUESDAY + HOURS,
        recorded_at=TUESDAY + HOURS,
    )
    with lab.desk.account.store.write() as session:
        suppressions.add(session, "summit", [barred])
    lab.ticks(TUESDAY + timedelta(hours=5), 3)

    ended = {row.touch_key: (row.state, row.reason) for row in lab.rows().values()}
    assert ended["maria/roofer/-/1/1/two"] == ("stopped", "suppressed")
    assert ended["maria/roofer/-/1/1/one"] == ("sent", "sent")
    assert answers(lab).keys() == {Answer.AGREES}
    with lab.desk.account.store.read() as session:
        ledger = Ledger(session, "summit")
        assert ledger({"phone": "+18165550000"}, TUESDAY) == {}
        assert ledger({"phone": "+18165550000"}, TUESDAY + HOURS) == {("all", "+18165550000"): "person"}


def test_whose_turn_it_was_comes_out_of_the_log_of_all_and_is_open_in_that_of_one(lab: Lab) -> None:
    lab.add(5)
    lab.ticks(TUESDAY, 2)
    with lab.desk.account.store.read() as session:
        one = list(
            replay_of(session, "summit", Books(session, "summit")).run(
                events.in_order(session, "summit", ["lead-0003"])
            )
        )

    assert answers(lab).keys() == {Answer.AGREES}
    assert [(each.answer, each.outside) for each in one if each.fact] == [(Answer.OPEN, (TURN,))]


def test_a_fact_learned_in_the_second_of_a_publication_and_a_tick_that_began_before_go_by_their_own_version(
    lab: Lab,
) -> None:
    """Until two minutes after it, what does not come out by the new version may have been decided by the one before."""
    lab.write_page(texts_page("id: one, after: 10m"))
    lab.add(["maria"])
    lab.write_page(texts_page("id: one, after: 20m"))
    with lab.desk.account.store.write() as session:
        book = lab.desk.book(session)
    lab.desk.publish(minutes(5))
    fact = Event("lead.updated", minutes(6), minutes(6), actor="colleague", data={"lead": {"name": "M"}})
    with lab.desk.account.store.write() as session:
        record_fact(session, "summit", book, "maria", fact)
    lab.ticks(minutes(18), 4)

    assert answers(lab).keys() == {Answer.AGREES}
    with lab.desk.account.store.read() as session:
        books = Books(session, "summit")
        plans = [book.current["roofer"].digest for book in books.around(minutes(6))]
        assert len(set(plans)) == 2
        assert len(books.around(minutes(8))) == 1
        assert books.published_at(plans[0], TUESDAY + HOURS) == minutes(5)


@pytest.mark.parametrize("kind", ["touch.skipped", "stage.entered"])
def test_an_entry_that_somebody_changed_is_found(lab: Lab, kind: str) -> None:
    lab.add(["maria"])
    lab.ticks(TUESDAY, 1)
    with lab.desk.account.store.read() as session:
        log = list(events.in_order(session, "summit", ["maria"]))
        books = Books(session, "summit")
        changed = {"due_at": instant_text(TUESDAY - HOURS)} if kind == "touch.skipped" else {"stage": "nurture"}
        wrong = next(n for n, (_, event) in enumerate(log) if event.type == kind)
        lead, was = log[wrong]
        log[wrong] = (
            lead,
            Event(was.type, was.at, was.recorded_at, was.enrolment, was.job, was.actor, {**was.data, **changed}),
        )
        told = list(replay_of(session, "summit", books).run(log[: wrong + 1]))

    differing = [each for each in told if each.answer is Answer.DIFFERS]
    assert len(differing) == 1
    recorded, now = differing[0].difference
    assert recorded is not None
    assert recorded.type == kind
    assert now is not None
    assert now.data != recorded.data
