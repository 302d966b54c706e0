"""What colleagues are to be told, and when reviews are held; on every store."""

import dataclasses

import pytest

from cadence.store import alerts, reviews
from cadence.store.alerts import DROPPED, FAILED, SENT
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
