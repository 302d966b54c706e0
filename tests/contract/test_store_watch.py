"""What a look at the whole is told, on every store."""

from cadence.store import leads, outbox, ticks, watch
from cadence.store.ticks import TickRow
from cadence.store.watch import Doubts, InHand, Trouble


def fill(session, make):
    """Three leads, and a touch in each state that somebody may ask about."""
    leads.add(session, "summit", [make.lead("maria", wake_at=make.at(7)), make.lead("bob", wake_at=make.at(9))])
    claimed = [
        make.touch("maria", "a", holder="t1", check_at=make.at(2)),
        make.touch("maria", "b", holder="t1", check_at=make.at(3)),
        make.touch("bob", "c", holder="t2", check_at=make.at(5)),
        *(make.touch("bob", name) for name in ("d", "e", "f", "g", "h")),
    ]
    outbox.claim(session, "summit", claimed)
    key = {row.touch: row.touch_key for row in claimed}
    outbox.settle(
        session,
        "summit",
        [
            make.ending(key["d"], state="unknown", reason="lost_answer", check_at=make.at(4)),
            make.ending(key["e"], state="unknown", reason="lost_answer", check_at=outbox.NEVER),
            make.ending(key["f"], state="waits", reason="retry", detail="429: slow down", ended_at=None),
            make.ending(key["g"], state="failed", reason="refused", detail="21610: opted out"),
            make.ending(key["h"], state="sent"),
        ],
    )
    outbox.insert_ended(
        session,
        "summit",
        [
            make.ended("maria", "i", state="failed", reason="template", detail="lead.zip is missing"),
            make.ended("maria", "j", decided_at=make.at(-90), state="failed", reason="refused", detail="30006"),
            make.ended("maria", "k", state="skipped", reason="late"),
        ],
    )


def test_claims_are_counted_by_the_tick_that_has_them_until_their_lease_runs_out(store, make):
    with store.write() as session:
        fill(session, make)
        assert watch.in_hand(session, "summit", make.at(1)) == [
            InHand(holder="t1", touches=2, until=make.at(3)),
            InHand(holder="t2", touches=1, until=make.at(5)),
        ]
        assert watch.in_hand(session, "summit", make.at(4)) == [InHand(holder="t2", touches=1, until=make.at(5))]
        assert watch.in_hand(session, "valley", make.at(1)) == []


def test_doubts_are_told_apart_by_who_can_end_them(store, make):
    with store.write() as session:
        fill(session, make)
        assert watch.doubts(session, "summit", make.at(2)) == Doubts(
            interrupted=1, to_be_asked=1, next_question=make.at(4), left=1
        )
        assert watch.doubts(session, "valley", make.at(2)) == Doubts(
            interrupted=0, to_be_asked=0, next_question=None, left=0
        )


def test_troubles_are_counted_by_their_codes(store, make):
    with store.write() as session:
        fill(session, make)
        assert watch.troubles(session, "summit", make.at(-60)) == [
            Trouble(state="failed", code="21610", touches=1, next_try=make.at(9)),
            Trouble(state="failed", code="template", touches=1, next_try=make.at(7)),
            Trouble(state="waits", code="429", touches=1, next_try=make.at(9)),
        ]
        assert len(watch.troubles(session, "summit", make.at(-90))) == 4
        assert watch.troubles(session, "valley", make.at(-90)) == []


def test_ticks_are_told_by_when_they_ended(store, make):
    rows = [
        TickRow(started_at=make.at(n), finished_at=make.at(n), at=make.at(n), holder="t", outcome="done", counts={})
        for n in range(3)
    ]
    with store.write() as session:
        for row in rows:
            ticks.record(session, "summit", row)
        assert watch.ticks_since(session, "summit", make.at(1)) == [rows[2], rows[1]]
