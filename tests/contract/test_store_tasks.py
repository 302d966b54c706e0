"""Next steps of people: with a date or without, done, dropped, given to others; on every store."""

import pytest

from cadence.store import leads, tasks
from cadence.store.tasks import DONE, DROPPED, TaskFilter


@pytest.fixture
def shop(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria"), make.lead("bob")])
        tasks.add(session, "summit", [make.task("call"), make.task("write", due_at=None), make.task("visit")])
    return store


def test_a_task_without_a_date_is_kept_and_listed_last(shop, make):
    with shop.write() as session:
        tasks.add(session, "summit", [make.task("ask", due_at=make.at(600))])
        assert tasks.get(session, "summit", "write").due_at is None
        assert [row.task for row in tasks.listing(session, "summit")] == ["call", "visit", "ask", "write"]


def test_what_has_no_date_is_never_due(shop, make):
    with shop.read() as session:
        found = tasks.listing(session, "summit", TaskFilter(open=True, due_by=make.at(10_000)))
    assert [row.task for row in found] == ["call", "visit"]


def test_a_task_that_need_not_be_done_any_more_is_dropped_and_says_so(shop, make):
    with shop.write() as session:
        assert tasks.drop(session, "summit", {"call": make.at(5), "unknown": make.at(5)}) == 1
        assert tasks.finish(session, "summit", {"visit": make.at(6)}) == 1
        closed = {row.task: (row.done_at, row.closed_as) for row in tasks.listing(session, "summit")}
        assert closed == {"call": (make.at(5), DROPPED), "visit": (make.at(6), DONE), "write": (None, "")}
        assert [row.task for row in tasks.listing(session, "summit", TaskFilter(open=True))] == ["write"]


def test_what_is_closed_is_not_closed_again_in_another_way(shop, make):
    with shop.write() as session:
        tasks.finish(session, "summit", {"call": make.at(5)})
        assert tasks.drop(session, "summit", {"call": make.at(9)}) == 0
        assert tasks.get(session, "summit", "call") == make.task("call", done_at=make.at(5), closed_as=DONE)


def test_a_closed_task_can_be_opened_again(shop, make):
    with shop.write() as session:
        tasks.drop(session, "summit", {"call": make.at(5)})
        assert tasks.reopen(session, "summit", ["call", "visit"]) == 1, "the other was open"
        assert tasks.get(session, "summit", "call") == make.task("call")
        assert tasks.finish(session, "summit", {"call": make.at(9)}) == 1


def test_open_tasks_are_given_to_others_and_closed_ones_stay_with_who_did_them(shop, make):
    with shop.write() as session:
        tasks.finish(session, "summit", {"call": make.at(5)})
        assert tasks.give(session, "summit", {"call": "lee", "visit": "lee"}) == 1
        assert [row.task for row in tasks.listing(session, "summit", TaskFilter(owner="lee"))] == ["visit"]


def test_an_open_task_gets_another_date_or_loses_it(shop, make):
    with shop.write() as session:
        tasks.finish(session, "summit", {"visit": make.at(5)})
        dates = {"call": None, "write": make.at(30), "visit": make.at(30)}
        assert tasks.set_due(session, "summit", dates) == 2
        due = {row.task: row.due_at for row in tasks.listing(session, "summit")}
        assert due == {"call": None, "write": make.at(30), "visit": make.now}
