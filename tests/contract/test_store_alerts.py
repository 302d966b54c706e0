"""What colleagues are to be told, and when reviews are held; on every store."""

import dataclasses

import pytest

from cadence.store import alerts, deliveries, leads, outbox, reviews
from cadence.store.alerts import DROPPED, FAILED, SENT, TAKEN, WAITS, Untold
from cadence.store.reviews import ReviewRow
from cadence.store.store import open_store


def ids(rows):
    return [row.alert for row in rows]


@pytest.fixture
def shop(store, make):
    with store.write() as session:
        rows = [
            make.alert("late", due_at=make.at(60)),
            make.alert("b", due_at=make.at(-5), lead="bob"),
            make.alert("a", due_at=make.at(-5)),
            make.alert("old", due_at=make.at(-60)),
        ]
        assert alerts.add(session, "summit", rows) == 4
    return store


def test_the_same_cause_makes_one_alert(store, make):
    first = make.alert(enrolment="maria/roofer/-/1", body="Call 816 555 0142", due_at=make.at(3))
    with store.write() as session:
        assert alerts.add(session, "summit", [first]) == 1
        assert alerts.add(session, "summit", [make.alert(title="Something else"), make.alert("b")]) == 1
        assert alerts.listing(session, "summit", "maria") == [make.alert("b"), first]


def test_what_waits_is_due_by_its_instant_longest_due_first(shop, make):
    with shop.read() as session:
        assert ids(alerts.due(session, "summit", make.now, 10)) == ["old", "a", "b"]
        assert ids(alerts.due(session, "summit", make.now, 2)) == ["old", "a"]
        assert ids(alerts.due(session, "summit", make.at(60), 10)) == ["old", "a", "b", "late"]
        assert alerts.due(session, "valley", make.at(60), 10) == []


def test_what_was_told_or_need_not_be_told_is_due_no_more_and_says_what_became_of_it(shop, make):
    with shop.write() as session:
        marks = {
            "old": (SENT, "summit/told/1"),
            "a": (FAILED, "summit/told/2"),
            "b": (DROPPED, ""),
            "unknown": (SENT, ""),
        }
        assert alerts.mark(session, "summit", marks) == 3
        assert alerts.due(session, "summit", make.now, 10) == []
        told = make.alert("old", due_at=make.at(-60), state=SENT, message="summit/told/1")
        assert alerts.listing(session, "summit", "maria")[0] == told
        assert alerts.listing(session, "summit", "bob") == [
            make.alert("b", due_at=make.at(-5), lead="bob", state=DROPPED)
        ]


def test_two_sessions_never_tell_the_same(shop, url, make, kind):
    if kind == "sqlite":
        return  # a writer of a file is alone
    with open_store(url, wait=0.2) as other, shop.write() as session:
        assert ids(alerts.due(session, "summit", make.now, 1)) == ["old"]
        with other.write() as second:
            assert ids(alerts.due(second, "summit", make.now, 10)) == ["a", "b"]
        with other.read() as second:
            assert ids(alerts.due(second, "summit", make.now, 10)) == ["old", "a", "b"], "who reads sees all"


# -- reviews

DAILY, WEEKLY = ("roofer", "daily"), ("roofer", "weekly")


@pytest.fixture
def planned(store, make):
    with store.write() as session:
        reviews.set_due(session, "summit", {WEEKLY: make.at(-9), DAILY: make.at(5), ("hvac", "daily"): make.now})
    return store


def test_reviews_are_due_by_their_instant(planned, make):
    with planned.read() as session:
        assert [(row.playbook, row.review) for row in reviews.due(session, "summit", make.now)] == [
            WEEKLY,
            ("hvac", "daily"),
        ]
        assert reviews.due(session, "valley", make.at(60)) == []
        assert reviews.listing(session, "summit") == [
            ReviewRow(playbook="hvac", review="daily", due_at=make.now),
            ReviewRow(playbook="roofer", review="daily", due_at=make.at(5)),
            ReviewRow(playbook="roofer", review="weekly", due_at=make.at(-9)),
        ]


def test_a_review_that_was_held_is_due_next_time(planned, make):
    with planned.write() as session:
        assert reviews.held(session, "summit", *WEEKLY, make.now, make.at(9)) is True
        assert reviews.held(session, "summit", "roofer", "yearly", make.now, make.at(9)) is False
        held = ReviewRow(playbook="roofer", review="weekly", due_at=make.at(9), held_at=make.now)
        assert reviews.listing(session, "summit")[-1] == held
        reviews.set_due(session, "summit", {WEEKLY: make.at(30)})
        assert reviews.listing(session, "summit")[-1] == dataclasses.replace(held, due_at=make.at(30)), (
            "held all the same"
        )


def test_reviews_that_no_page_names_any_more_are_forgotten(planned, make):
    with planned.write() as session:
        reviews.set_due(session, "valley", {DAILY: make.now})
        assert reviews.keep_only(session, "summit", [WEEKLY, ("plumber", "daily")]) == 2
        assert [(row.playbook, row.review) for row in reviews.listing(session, "summit")] == [WEEKLY]
        assert reviews.keep_only(session, "summit", [WEEKLY]) == 0
        assert len(reviews.listing(session, "valley")) == 1


def test_two_sessions_never_hold_the_same_review(planned, url, make, kind):
    if kind == "sqlite":
        return  # a writer of a file is alone
    with open_store(url, wait=0.2) as other, planned.write() as session:
        assert len(reviews.due(session, "summit", make.now)) == 2
        with other.write() as second:
            assert reviews.due(second, "summit", make.now) == []


@pytest.fixture
def carried(shop, make):
    """Two of them go by one message, one by another."""
    with shop.write() as session:
        outbox.claim(session, "summit", [make.word("alert/dana/old"), make.word("alert/jo/b", owner="jo")])
        marks = {"old": "alert/dana/old", "a": "alert/dana/old", "b": "alert/jo/b"}
        alerts.mark(session, "summit", {alert: (TAKEN, message) for alert, message in marks.items()})
    return shop


def test_what_a_message_carries_waits_for_nobody_else_and_ends_as_the_message_does(carried, make):
    with carried.write() as session:
        assert alerts.due(session, "summit", make.now, 10) == []
        assert alerts.settle(session, "summit", {"alert/dana/old": (SENT, None), "": (SENT, None)}) == 2
        found = alerts.of_messages(session, "summit", ["alert/dana/old", "alert/jo/b"])
        assert [(row.alert, row.state) for row in found] == [("old", SENT), ("a", SENT), ("b", TAKEN)]
        assert alerts.of_messages(session, "valley", ["alert/dana/old"]) == []


def test_what_surely_did_not_go_waits_again_with_its_message(carried, make):
    with carried.write() as session:
        alerts.lock(session, "summit", ["alert/dana/old", "alert/jo/b"])
        alerts.settle(session, "summit", {"alert/dana/old": (WAITS, make.at(2)), "alert/jo/b": (FAILED, None)})
        assert alerts.next_due(session, "summit") == make.at(2)
        assert not alerts.is_any_due(session, "summit", make.at(1))
        again = alerts.due(session, "summit", make.at(2), 10)
        assert [(row.alert, row.message) for row in again] == [("a", "alert/dana/old"), ("old", "alert/dana/old")]


def test_only_what_waits_is_put_off(carried, make):
    with carried.write() as session:
        assert alerts.put_off(session, "summit", {"late": make.at(90), "old": make.at(90)}) == 1
        assert alerts.next_due(session, "summit") == make.at(90)
        assert alerts.next_due(session, "valley") is None


def test_an_alert_that_cannot_be_read_is_named_beside_the_others(shop, make):
    with shop.write() as session:
        session.connection.exec_driver_sql("UPDATE alerts SET made_at = 'x' WHERE alert = 'old'")
    with shop.write() as session:
        sound, damaged = alerts.due_one_by_one(session, "summit", make.now, 10)
    assert (ids(sound), damaged) == (["a", "b"], ["old"])


def test_whom_nothing_reached_is_told_with_why(carried, make):
    gone = make.ending("alert/dana/old", state="failed", reason="dead_address", detail="21211: no such number")
    with carried.write() as session:
        outbox.settle(session, "summit", [gone, make.ending("alert/jo/b")])
        deliveries.note_delivery(session, "summit", "alert/jo/b", "undelivered", make.now)
        alerts.settle(session, "summit", {"alert/dana/old": (FAILED, None), "alert/jo/b": (FAILED, None)})
        assert alerts.untold(session, "summit", make.at(-60)) == [
            Untold(member="dana", channel="sms", why="21211: no such number", alerts=2),
            Untold(member="dana", channel="sms", why="undelivered", alerts=1),
        ]
        assert [each.alerts for each in alerts.untold(session, "summit", make.at(-10))] == [1, 1]
        assert alerts.untold(session, "valley", make.at(-60)) == []


def test_messages_to_colleagues_are_told_from_those_to_leads(carried, make):
    with carried.write() as session:
        leads.add(session, "summit", [make.lead()])
        outbox.claim(session, "summit", [make.touch()])
        listed = {
            wanted: [row.touch for row in outbox.listing(session, "summit", outbox.OutboxFilter(colleagues=wanted))]
            for wanted in (None, True, False)
        }
        latest = deliveries.latest_to_anybody(session, "summit", "sms")
    assert listed == {None: ["alert", "alert", "day-1"], True: ["alert", "alert"], False: ["day-1"]}
    assert latest.lead == "maria"
