"""The record of ticks, on every store."""

import dataclasses

from cadence.store import ticks
from cadence.store.ticks import TickRow


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
