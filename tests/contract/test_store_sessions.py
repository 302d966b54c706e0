"""Transactions: everything or nothing, seen whole, refused in plain words; on every store."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cadence.errors import StoreError
from cadence.store import accounts, enrolments, events, leads, outbox, senders, tasks, ticks, versions
from cadence.store.senders import SenderRow
from cadence.store.store import open_store
from cadence.store.ticks import TickRow


def write_everything(session, make):
    leads.add(session, "summit", [make.lead(wake_at=make.now)])
    events.append(session, "summit", {"maria": [make.event()], "": [make.event("paused")]})
    enrolments.save(session, "summit", [make.enrolment()])
    outbox.claim(session, "summit", [make.touch()])
    outbox.settle(session, "summit", [make.ending()])
    outbox.insert_ended(session, "summit", [make.ended(touch="day-3")])
    senders.save(session, "summit", [SenderRow(sender="sms:+1816", free_at=5, day="2026-11-24", day_count=1)])
    tasks.add(session, "summit", [make.task()])
    versions.publish(session, "summit", "roofer", "d1", {}, make.now)
    ticks.record(
        session, "summit", TickRow(started_at=make.now, finished_at=make.now, at=make.now, holder="a", outcome="done")
    )
    accounts.set_source(session, "summit", "sha256:1")


def everything(session):
    return (
        leads.listing(session, "summit"),
        leads.next_wake(session, "summit"),
        events.of_leads(session, "summit", ["maria"])["maria"],
        events.of_account(session, "summit"),
        enrolments.of_leads(session, "summit", ["maria"])["maria"],
        outbox.listing(session, "summit"),
        tasks.listing(session, "summit"),
        versions.current(session, "summit"),
        [row for row in senders.read(session, "summit", ["sms:+1816"]).values() if row.day_count],
        ticks.last(session, "summit"),
        accounts.get(session, "summit").source_signature,
    )


class Interrupted(BaseException):
    """As a Ctrl-C is."""


def test_a_session_that_fails_leaves_nothing(store, make):
    with store.read() as session:
        before = everything(session)
    assert not any(before)
    with pytest.raises(Interrupted), store.write() as session:  # noqa: PT012 - the whole session is the case
        write_everything(session, make)
        assert all(everything(session)), "it was all there"
        raise Interrupted
    with store.read() as session:
        assert everything(session) == before


def test_a_session_that_ends_well_is_there_for_the_next_program(store, url, make):
    with store.write() as session:
        write_everything(session, make)
        written = everything(session)
    with open_store(url) as other, other.read() as session:
        assert everything(session) == written


def test_a_reading_session_cannot_write(store, make):
    with store.read() as session, pytest.raises(RuntimeError, match="only reads"):
        leads.add(session, "summit", [make.lead()])


def test_a_reader_sees_one_picture_while_another_writes(store, make):
    with store.read() as reader:
        assert leads.count(reader, "summit") == 0
        with store.write() as writer:
            leads.add(writer, "summit", [make.lead()])
            assert leads.count(reader, "summit") == 0, "not yet committed"
        assert leads.count(reader, "summit") == 0, "committed after this picture was taken"
    with store.read() as reader:
        assert leads.count(reader, "summit") == 1


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 11, 24, 19, 10),  # noqa: DTZ001 - the naive one is the case
        datetime(2026, 11, 24, 19, 10, tzinfo=timezone(timedelta(hours=-6))),
        datetime(2026, 11, 24, 19, 10, 0, 5, tzinfo=UTC),
    ],
    ids=["naive", "another zone", "a fraction of a second"],
)
def test_an_instant_that_is_not_whole_utc_seconds_is_refused(store, make, instant):
    with pytest.raises(ValueError, match="aware UTC datetime in whole seconds"), store.write() as session:
        leads.add(session, "summit", [make.lead(wake_at=instant)])
    with pytest.raises(ValueError, match="aware UTC datetime in whole seconds"), store.read() as session:
        leads.due(session, "summit", instant, 10)


def test_a_second_writer_waits_its_time_and_is_told_so(store, url, make):
    with open_store(url, wait=0.2) as other, store.write() as session:
        leads.add(session, "summit", [make.lead()])
        with pytest.raises(StoreError, match="is busy") as refusal, other.write():
            raise AssertionError("two writers at once")
        assert "try again" in refusal.value.help
    with open_store(url) as other, other.write() as session:
        leads.add(session, "summit", [make.lead("bob")])


def test_readers_do_not_wait_for_a_writer(store, url, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead()])
        with open_store(url, wait=0) as other, other.read() as reader:
            assert leads.count(reader, "summit") == 0
