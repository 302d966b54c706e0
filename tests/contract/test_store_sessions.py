"""Transactions: everything or nothing, seen whole, refused in plain words; on every store."""

import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from cadence.errors import LeadError, StoreError
from cadence.store import (
    accounts,
    alerts,
    dialect,
    enrolments,
    events,
    leads,
    loads,
    outbox,
    reviews,
    schema,
    senders,
    tables,
    tasks,
    ticks,
    turns,
    versions,
)
from cadence.store.senders import SenderRow
from cadence.store.store import open_store
from cadence.store.ticks import TickRow


def write_everything(session, make):
    leads.add(session, "summit", [make.lead(wake_at=make.now)])
    events.append(session, "summit", {"maria": [make.event()], "": [make.event("paused")]})
    enrolments.save(session, "summit", [make.enrolment(owner="dana")])
    outbox.claim(session, "summit", [make.touch()])
    outbox.settle(session, "summit", [make.ending()])
    outbox.insert_ended(session, "summit", [make.ended(touch="day-3")])
    senders.save(session, "summit", [SenderRow(sender="sms:+1816", free_at=5, day="2026-11-24", day_count=1)])
    tasks.add(session, "summit", [make.task()])
    alerts.add(session, "summit", [make.alert()])
    reviews.set_due(session, "summit", {("roofer", "daily"): make.now})
    turns.advance(session, "summit", "sales", "dana")
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
        alerts.listing(session, "summit", "maria"),
        reviews.listing(session, "summit"),
        loads.read(session, "summit"),
        turns.read(session, "summit"),
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


def test_a_second_writer_of_the_same_row_waits_its_time_and_is_told_so(store, url, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead()])
    with open_store(url, wait=0.2) as other, store.write() as session:
        leads.set_wake(session, "summit", {"maria": make.at(5)})
        with pytest.raises(StoreError, match="is busy") as refusal, other.write() as second:
            leads.set_wake(second, "summit", {"maria": make.at(9)})
        assert "try again" in refusal.value.help
    with open_store(url) as other, other.write() as session:
        leads.set_wake(session, "summit", {"maria": make.at(9)})


def test_a_second_writer_of_the_same_new_lead_is_told_that_it_is_there(store, url, make):
    entered, answers = threading.Event(), []

    def add_it_too():
        with open_store(url) as other:
            entered.wait(10)
            try:
                with other.write() as session:
                    leads.add(session, "summit", [make.lead("maria", phone="+18165550142")])
            except LeadError as refusal:
                answers.append(refusal.message)

    second = threading.Thread(target=add_it_too)
    second.start()
    with store.write() as session:
        leads.add(session, "summit", [make.lead("bob", phone="+18165550142")])
        entered.set()
        time.sleep(0.1)
    second.join(10)
    assert answers == ["lead 'maria' has the same phone number as lead 'bob'"]


def test_readers_do_not_wait_for_a_writer(store, url, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead()])
        with open_store(url, wait=0) as other, other.read() as reader:
            assert leads.count(reader, "summit") == 0


@pytest.mark.parametrize("revision", ["9999", "0000"])
def test_a_program_whose_database_was_changed_meanwhile_writes_nothing_more(store, url, make, revision):
    other = open_store(url)
    with store.write() as session:
        session.connection.exec_driver_sql(f"UPDATE {schema.VERSION_TABLE} SET version_num = '{revision}'")
    with other, pytest.raises(StoreError, match="made by a newer cadence") as refusal, other.write() as session:
        leads.add(session, "summit", [make.lead()])
    with pytest.raises(StoreError) as at_opening:
        open_store(url)
    assert refusal.value.message == at_opening.value.message
    with store.read() as session:
        assert leads.count(session, "summit") == 0


def test_the_clock_of_the_store_tells_whole_seconds(store):
    with store.write() as session:
        before, now = datetime.now(UTC), session.clock()
    assert now.tzinfo is UTC
    assert now.microsecond == 0
    assert timedelta(seconds=-1) <= now - before <= timedelta(seconds=1), "the same machine, here"


def test_the_clock_goes_on_in_the_middle_of_a_session(store):
    with store.write() as session:
        first, ends = session.clock(), time.monotonic() + 5
        while session.clock() == first:
            assert time.monotonic() < ends
            time.sleep(0.02)
        assert session.clock() > first


EVERY_LEAD = select(tables.leads.c.lead).where(tables.leads.c.account == "summit").order_by(tables.leads.c.lead)


def lock(session, query, **options):
    return session.ask(dialect.for_update(session.dialect, query, **options)).scalars().all()


@pytest.fixture
def two_leads(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("ana"), make.lead("bob")])
    return store


def test_ones_own_locks_are_no_locks(two_leads):
    with two_leads.write() as session:
        assert lock(session, EVERY_LEAD.limit(1)) == ["ana"]
        assert lock(session, EVERY_LEAD, skip_locked=True) == ["ana", "bob"]


def test_a_row_that_another_has_locked_is_not_read_beside_it(two_leads, url, kind):
    with open_store(url, wait=0.2) as other, two_leads.write() as session:
        lock(session, EVERY_LEAD.limit(1))
        with pytest.raises(StoreError, match="is busy"), other.write() as second:
            lock(second, EVERY_LEAD)
        if kind == "postgresql":  # a writer of an SQLite file is alone
            with other.write() as second:
                assert lock(second, EVERY_LEAD, skip_locked=True) == ["bob"]


def test_a_locked_row_may_be_referred_to(two_leads, url, make, kind):
    if kind == "sqlite":
        assert dialect.for_update(kind, EVERY_LEAD) is EVERY_LEAD
        return
    with open_store(url, wait=0.2) as other, two_leads.write() as session:
        lock(session, EVERY_LEAD)
        with other.write() as second:
            outbox.claim(second, "summit", [make.touch("ana")])
