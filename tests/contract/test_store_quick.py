"""The idle tick's one question: the same answer as the store's, at a fraction of the cost."""

# ruff: noqa: ARG005 - every step has the same form
import json
import subprocess
import sys

import pytest

from cadence.errors import StoreError
from cadence.store import accounts, alerts, events, inbound, leads, outbox, reviews, ticks
from cadence.store.quick import IdleAnswer, idle_answer, is_made, note_idle
from cadence.store.store import open_store
from cadence.store.ticks import TickRow
from support.make import NOW


def answer_of_the_store(store, account, at):
    with store.read() as session:
        row = accounts.get(session, account)
        last = ticks.last(session, account)
        pauses = [entry.type for entry in events.of_account(session, account) if entry.data["scope"] == "all"]
        return IdleAnswer(
            wake_at=leads.next_wake(session, account),
            open_claims=any(
                each.state == "claimed" or each.check_at <= at for each in outbox.open_rows(session, account)
            ),
            source_signature=row.source_signature,
            mode=row.mode,
            unheard=bool(row.polls) or inbound.count_open(session, account) > 0,
            paused=pauses[-1:] == ["paused"],
            last_at=last.at if last else None,
            alerts_due=bool(alerts.due(session, account, at, 1)),
            reviews_due=bool(reviews.due(session, account, at)),
        )


def pause(session, make, kind, scope="all", **data):
    events.append(session, "summit", {"": [make.event(kind, data={"scope": scope, **data})]})


STEPS = [
    ("a new account", lambda s, m: None),
    ("leads asleep", lambda s, m: leads.add(s, "summit", [m.lead("maria"), m.lead("bob")])),
    ("one wakes", lambda s, m: leads.set_wake(s, "summit", {"maria": m.at(5)})),
    ("another wakes earlier", lambda s, m: leads.set_wake(s, "summit", {"bob": m.at(-5)})),
    ("a touch is claimed", lambda s, m: outbox.claim(s, "summit", [m.touch()])),
    ("it ends", lambda s, m: outbox.settle(s, "summit", [m.ending()])),
    ("the answer of another is lost", lambda s, m: outbox.claim(s, "summit", [m.touch(touch="day-3")])),
    (
        "its provider is asked later",
        lambda s, m: outbox.settle(
            s, "summit", [m.ending("maria/roofer/-/1/1/day-3", state="unknown", check_at=m.at(5))]
        ),
    ),
    ("it may be asked now", lambda s, m: outbox.ask_later(s, "summit", {"maria/roofer/-/1/1/day-3": m.now})),
    (
        "it is left to a person",
        lambda s, m: outbox.ask_later(s, "summit", {"maria/roofer/-/1/1/day-3": outbox.NEVER}),
    ),
    ("the files change", lambda s, m: accounts.set_source(s, "summit", "sha256:9")),
    ("the mode changes", lambda s, m: accounts.set_ways(s, "summit", mode="live", polls=False)),
    ("the providers are to be asked", lambda s, m: accounts.set_ways(s, "summit", mode="live", polls=True)),
    ("they tell by themselves", lambda s, m: accounts.set_ways(s, "summit", mode="live", polls=False)),
    ("something came in", lambda s, m: inbound.keep(s, "summit", [m.came_in()])),
    ("it is handled", lambda s, m: inbound.note(s, "summit", 1, handled_at=m.now)),
    ("one playbook is paused", lambda s, m: pause(s, m, "paused", "playbook", playbook="roofer")),
    ("everything is paused", lambda s, m: pause(s, m, "paused")),
    ("the playbook goes on", lambda s, m: pause(s, m, "resumed", "playbook", playbook="roofer")),
    ("everything goes on", lambda s, m: pause(s, m, "resumed")),
    ("a colleague is to be told later", lambda s, m: alerts.add(s, "summit", [m.alert(due_at=m.at(5))])),
    ("another at once", lambda s, m: alerts.add(s, "summit", [m.alert("reply/maria")])),
    ("one is told", lambda s, m: alerts.mark(s, "summit", {"reply/maria": (alerts.SENT, "key")})),
    ("a review is due later", lambda s, m: reviews.set_due(s, "summit", {("roofer", "daily"): m.at(5)})),
    ("another now", lambda s, m: reviews.set_due(s, "summit", {("roofer", "weekly"): m.now})),
    ("it is held", lambda s, m: reviews.held(s, "summit", "roofer", "weekly", m.now, m.at(9))),
    ("all sleep again", lambda s, m: leads.set_wake(s, "summit", {"maria": None, "bob": None})),
]


def test_the_quick_answer_is_the_stores_answer_at_every_step(store, url, make):
    seen = []
    for what, step in STEPS:
        with store.write() as session:
            step(session, make)
        quick = idle_answer(url, "summit", NOW)
        assert quick == answer_of_the_store(store, "summit", NOW), what
        seen.append(quick)
    told = ((each.paused, each.open_claims, each.unheard, each.alerts_due, each.reviews_due) for each in seen)
    for answers in zip(*told, strict=True):
        assert set(answers) == {True, False}
    assert {quick.wake_at for quick in seen} == {None, make.at(5), make.at(-5)}
    assert idle_answer(url, "valley", NOW) == answer_of_the_store(store, "valley", NOW), "the other account is as new"


def test_an_account_that_is_not_there_is_left_to_the_store(url):
    assert idle_answer(url, "nobody", NOW) is None


def test_what_is_no_database_is_left_to_the_store(tmp_path):
    assert idle_answer(f"sqlite:///{tmp_path}/missing.db", "summit", NOW) is None
    assert list(tmp_path.iterdir()) == [], "never made by accident"
    (tmp_path / "leads.csv").write_text("name,phone\n" * 100)
    assert idle_answer(f"sqlite:///{tmp_path}/leads.csv", "summit", NOW) is None
    (tmp_path / "empty.db").touch()
    assert idle_answer(f"sqlite:///{tmp_path}/empty.db", "summit", NOW) is None
    assert idle_answer("mysql://dana:secret@host/cadence", "summit", NOW) is None


def test_a_server_that_cannot_serve_is_left_to_the_store(postgres_server, postgres_url):
    assert idle_answer("postgresql://127.0.0.1:1/shop", "summit", NOW) is None
    assert idle_answer(postgres_server.url("no-such-database"), "summit", NOW) is None
    assert idle_answer(postgres_url(), "summit", NOW) is None, "there are no tables"


def test_a_servers_database_is_made_when_it_has_tables(postgres_server, postgres_url):
    url = postgres_url()
    assert not is_made(url)
    open_store(url, create=True).close()
    assert is_made(url)
    with pytest.raises(StoreError, match="is not there"):
        is_made(postgres_server.url("no-such-database"))


def test_a_database_of_another_version_is_left_to_the_store(store, url):
    assert idle_answer(url, "summit", NOW) is not None
    with store.write() as session:
        session.connection.exec_driver_sql("UPDATE cadence_version SET version_num = '9999'")
    assert idle_answer(url, "summit", NOW) is None


def test_an_answer_does_not_wait_for_a_writer(store, url, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead(wake_at=make.now)])
        assert idle_answer(url, "summit", NOW).wake_at is None
    assert idle_answer(url, "summit", NOW).wake_at == make.now


def test_a_pause_for_one_playbook_whose_words_say_all_is_no_pause_of_the_shop(store, url, make):
    with store.write() as session:
        pause(session, make, "paused", "playbook", note='"scope":"all"')
    assert idle_answer(url, "summit", NOW).paused is False


def test_idle_ticks_are_noted_as_the_store_notes_them(store, url, new_store, make):
    other = new_store()
    busy = TickRow(
        started_at=make.now, finished_at=make.now, at=make.now, holder="t", outcome="done", counts={"sent": 1}
    )
    with other, other.write() as session:
        accounts.ensure(session, "summit", make.now)
        for minute, tick in enumerate([None, None, busy, None, None, None]):
            noted = {
                "holder": f"t{minute}",
                "started_at": make.at(minute),
                "finished_at": make.at(minute),
                "at": make.at(minute),
            }
            if tick is None:
                note_idle(url, "summit", **noted)
                ticks.record_idle(session, "summit", **noted)
            else:
                with store.write() as session_of_store:
                    ticks.record(session_of_store, "summit", tick)
                ticks.record(session, "summit", tick)
        with store.read() as session_of_store:
            rows = ticks.recent(session_of_store, "summit", 10)
        assert rows == ticks.recent(session, "summit", 10)
        assert [(row.outcome, row.idle_runs) for row in rows] == [("idle", 3), ("done", 0), ("idle", 2)]


def test_each_account_has_its_own_run_of_idle_ticks(store, url, make):
    for minute, account in enumerate(["summit", "valley", "summit"]):
        at = make.at(minute)
        note_idle(url, account, holder="t", started_at=at, finished_at=at, at=at)
    with store.read() as session:
        runs = {
            account: [row.idle_runs for row in ticks.recent(session, account, 10)] for account in ("summit", "valley")
        }
    assert runs == {"summit": [2], "valley": [1]}


def test_an_idle_tick_that_cannot_be_noted_says_why(store, url, make, tmp_path):
    noted = {"holder": "t", "started_at": make.now, "finished_at": make.now, "at": make.now}
    with pytest.raises(StoreError, match="cannot be opened"):
        note_idle(f"sqlite:///{tmp_path}/missing.db", "summit", **noted)
    with pytest.raises(StoreError, match="refused a row"):
        note_idle(url, "nobody", **noted)
    with store.read() as session:
        assert ticks.last(session, "nobody") is None


ALONE = """
import json, sys
from datetime import datetime, UTC
from cadence.store.quick import idle_answer, note_idle
url, now = sys.argv[1], datetime(2026, 11, 24, 19, 10, tzinfo=UTC)
answer = idle_answer(url, "summit", now)
note_idle(url, "summit", holder="t", started_at=now, finished_at=now, at=now)
print(json.dumps([answer is not None, sorted({name.partition(".")[0] for name in sys.modules})]))
"""
HEAVY = {"sqlalchemy", "alembic", "mako", "jinja2", "yaml"}
#: The PostgreSQL driver loads these by itself.
HEAVY_FOR_A_FILE = HEAVY | {"dataclasses", "asyncio", "psycopg"}


def test_the_idle_tick_loads_nothing_heavy(url, kind):
    answer = subprocess.run([sys.executable, "-c", ALONE, url], capture_output=True, text=True, check=True)
    answered, modules = json.loads(answer.stdout)
    assert answered is True
    assert set(modules) & (HEAVY_FOR_A_FILE if kind == "sqlite" else HEAVY | {"sqlite3"}) == set()
    with open_store(url) as store, store.read() as session:
        assert ticks.last(session, "summit").idle_runs == 1
