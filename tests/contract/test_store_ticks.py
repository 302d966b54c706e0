"""The lease and the record of ticks, on every store."""

import dataclasses

import pytest

from cadence.errors import StoreError
from cadence.store import ticks
from cadence.store.ticks import Lease, TickRow


def test_one_tick_holds_the_lease_and_the_other_learns_whose_it_is(store, make):
    with store.write() as session:
        assert ticks.lease(session, "summit") is None
        assert ticks.acquire(session, "summit", "a", make.now, 60) is True
        assert ticks.acquire(session, "summit", "b", make.at(0.5), 60) is False
        assert ticks.lease(session, "summit") == Lease(holder="a", since=make.now, until=make.at(1))
        assert ticks.acquire(session, "summit", "a", make.at(0.5), 60) is False, "not even for the same name twice"
        assert ticks.acquire(session, "valley", "b", make.now, 60) is True, "each account has its own"


def test_a_lease_that_ran_out_is_anybodys(store, make):
    with store.write() as session:
        ticks.acquire(session, "summit", "a", make.now, 60)
        assert ticks.acquire(session, "summit", "b", make.at(1), 60) is True
        assert ticks.extend(session, "summit", "a", make.at(1), 60) is False, "the first holder has lost it"
        assert ticks.release(session, "summit", "a") is False
        assert ticks.lease(session, "summit").holder == "b"


def test_a_holder_may_keep_it_longer(store, make):
    with store.write() as session:
        ticks.acquire(session, "summit", "a", make.now, 60)
        assert ticks.extend(session, "summit", "a", make.at(0.75), 60) is True
        assert ticks.lease(session, "summit") == Lease(holder="a", since=make.now, until=make.at(1.75))
        assert ticks.acquire(session, "summit", "b", make.at(1), 60) is False


def test_a_released_lease_is_free(store, make):
    with store.write() as session:
        ticks.acquire(session, "summit", "a", make.now, 60)
        assert ticks.release(session, "summit", "a") is True
        assert ticks.lease(session, "summit") is None
        assert ticks.acquire(session, "summit", "b", make.now, 60) is True


@pytest.mark.parametrize(("minutes_back", "free"), [(0.5, False), (1.5, True), (60, True), (24 * 60, True)])
def test_a_clock_put_back_does_not_lock_ticks_out(store, make, minutes_back, free):
    with store.write() as session:
        ticks.acquire(session, "summit", "dead", make.now, 60)
        assert ticks.acquire(session, "summit", "b", make.at(-minutes_back), 60) is free


def test_the_lease_of_an_unknown_account_is_an_error(store, make):
    with pytest.raises(StoreError, match="no account 'nobody'"), store.write() as session:
        ticks.acquire(session, "nobody", "a", make.now, 60)


def idle(session, make, minute, account="summit"):
    ticks.record_idle(
        session,
        account,
        holder=f"t{minute}",
        started_at=make.at(minute),
        finished_at=make.at(minute),
        at=make.at(minute),
    )


def test_idle_ticks_in_a_row_share_a_row(store, make):
    with store.write() as session:
        for minute in (0, 1, 2):
            idle(session, make, minute)
        idle(session, make, 9, account="valley")
        assert ticks.recent(session, "summit", 10) == [
            TickRow(
                started_at=make.at(0), finished_at=make.at(2), at=make.at(2), holder="t2", outcome="idle", idle_runs=3
            )
        ]


def test_a_tick_that_did_something_ends_the_run(store, make):
    busy = TickRow(
        started_at=make.at(1),
        finished_at=make.at(1),
        at=make.at(1),
        holder="t1",
        outcome="done",
        counts={"sent": 3, "waits": {"quiet_hours": 2}},
    )
    with store.write() as session:
        idle(session, make, 0)
        ticks.record(session, "summit", busy)
        assert ticks.last(session, "summit") == busy
        idle(session, make, 2)
        idle(session, make, 3)
        assert [(row.outcome, row.idle_runs) for row in ticks.recent(session, "summit", 10)] == [
            ("idle", 2),
            ("done", 0),
            ("idle", 1),
        ]
        assert ticks.recent(session, "summit", 2)[1] == dataclasses.replace(busy)
        assert ticks.last(session, "valley") is None
