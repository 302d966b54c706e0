"""Several programs at one store: nothing twice, nothing lost."""

import multiprocessing
import os
import queue
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from cadence.errors import LeadError
from cadence.store import dialect, events, leads, outbox, tables
from cadence.store.outbox import AlreadyClaimed
from cadence.store.store import open_store

SPAWN = multiprocessing.get_context("spawn")


def run(target, arguments):
    """Run ``target`` in one process for each of ``arguments``; what each put into its queue."""
    answers = SPAWN.Queue()
    workers = [SPAWN.Process(target=target, args=(*given, answers)) for given in arguments]
    for worker in workers:
        worker.start()
    got = []
    while len(got) < len(workers):
        try:
            got.append(answers.get(timeout=1))
        except queue.Empty:
            assert all(worker.exitcode in (None, 0) for worker in workers), "one of them failed"
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    return got


def take_due(session, now):
    """Take leads that are due and that nobody else has in hand."""
    query = select(tables.leads.c.lead).where(tables.leads.c.account == "summit", tables.leads.c.wake_at <= now)
    query = query.order_by(tables.leads.c.wake_at, tables.leads.c.lead).limit(20)
    return list(session.ask(dialect.for_update(session.dialect, query, skip_locked=True)).scalars())


def work_through(url, make, start, answers):
    """Take due leads until there are none, as a tick does; tell which touches this one carried out."""
    carried_out = []
    with open_store(url) as store:
        start.wait(60)
        while True:
            with store.write() as session:
                due = take_due(session, make.now)
                claims = [make.touch(lead) for lead in due]
                events.append(session, "summit", {lead: [make.event("touch.claimed")] for lead in due})
                outbox.claim(session, "summit", claims)
                leads.set_wake(session, "summit", dict.fromkeys(due, make.now + timedelta(days=2)))
            if not due:
                break
            carried_out += [claim.touch_key for claim in claims]
            with store.write() as session:
                outbox.settle(session, "summit", [make.ending(claim.touch_key) for claim in claims])
    answers.put(carried_out)


def test_two_ticks_at_once_carry_out_each_touch_once(url, make):
    names = [f"lead-{number:03}" for number in range(400)]
    with open_store(url) as store, store.write() as session:
        leads.add(session, "summit", [make.lead(name, wake_at=make.now) for name in names])
    start = SPAWN.Barrier(2)
    first, second = run(work_through, [(url, make, start)] * 2)
    assert sorted(first + second) == [make.touch(name).touch_key for name in names], "none twice, none lost"
    with open_store(url) as store, store.read() as session:
        assert outbox.counts(session, "summit") == {("sms", "sent", "sent"): 400}
        assert {len(log) for log in events.of_leads(session, "summit", names).values()} == {1}


def claim_all(url, make, names, start, answers):
    """Try to claim the same touches as everybody else, one by one."""
    mine = []
    with open_store(url) as store:
        start.wait(60)
        for name in names:
            try:
                with store.write() as session:
                    outbox.claim(session, "summit", [make.touch(name)])
            except AlreadyClaimed:
                continue
            mine.append(name)
    answers.put(mine)


def test_a_touch_that_two_ticks_want_goes_to_one(url, make):
    names = [f"lead-{number:03}" for number in range(100)]
    with open_store(url) as store, store.write() as session:
        leads.add(session, "summit", [make.lead(name) for name in names])
    start = SPAWN.Barrier(2)
    first, second = run(claim_all, [(url, make, names, start), (url, make, names, start)])
    assert sorted(first + second) == names


def die_writing(url, make, answers):
    """End without a goodbye in the middle of a session."""
    store = open_store(url)
    answers.put("ready")
    answers.close()
    answers.join_thread()
    with store.write() as session:
        outbox.claim(session, "summit", [make.touch()])
        os._exit(0)


def test_a_program_that_dies_in_a_session_leaves_nothing_and_no_lock(url, make):
    with open_store(url) as store, store.write() as session:
        leads.add(session, "summit", [make.lead()])
    run(die_writing, [(url, make)])
    with open_store(url, wait=0) as store, store.write() as session:
        assert outbox.open_rows(session, "summit") == []


def test_a_writer_that_is_done_in_time_is_waited_for(store, url, make):
    entered = threading.Event()

    def write_slowly():
        with open_store(url) as other, other.write() as session:
            leads.add(session, "summit", [make.lead("first")])
            entered.set()
            time.sleep(0.3)

    slow = threading.Thread(target=write_slowly)
    slow.start()
    assert entered.wait(10)
    with store.write() as session:
        with pytest.raises(LeadError, match="already"):
            leads.add(session, "summit", [make.lead("first")])
        leads.add(session, "summit", [make.lead("second")])
    slow.join(10)


def tick_on(url, make, stop, batches):
    """Write batch after batch with the pause between them that a big tick makes."""
    with open_store(url, wait=30) as store:
        while not stop.is_set():
            with store.write() as session:
                leads.set_wake(session, "summit", {"bob": make.now})
                time.sleep(0.02)
            batches.append(1)
            time.sleep(0.005)


def test_a_reply_gets_in_between_two_batches_of_a_big_tick(store, url, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria"), make.lead("bob")])
    stop, batches, waited = threading.Event(), [], []
    big = threading.Thread(target=tick_on, args=(url, make, stop, batches))
    big.start()
    try:
        for number in range(20):
            before = len(batches)
            with store.write() as session:
                events.append(session, "summit", {"maria": [make.event("reply", key=f"SM{number}")]})
            waited.append(len(batches) - before)
            time.sleep(0.01)
    finally:
        stop.set()
        big.join(30)
    assert sorted(waited)[-2] <= 4, "batches that went before a reply"


def make_the_store(url, start, answers):
    start.wait(60)
    with open_store(url, create=True) as store, store.read() as session:
        answers.put(leads.count(session, "summit"))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_programs_that_make_the_store_at_once_make_one(tmp_path, postgres_url, kind):
    programs = 3
    start = SPAWN.Barrier(programs)
    url = postgres_url() if kind == "postgresql" else f"sqlite:///{tmp_path}/cadence.db"
    assert run(make_the_store, [(url, start)] * programs) == [0] * programs
