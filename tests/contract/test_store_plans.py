"""How each database looks things up: what is asked at every tick costs what is found, not what is stored."""

import re

import pytest

from cadence.store import (
    accounts,
    alerts,
    enrolments,
    events,
    leads,
    loads,
    outbox,
    quick,
    reviews,
    schema,
    senders,
    tasks,
    ticks,
    turns,
)
from cadence.store.store import open_store
from support.make import NOW
from support.plans_of_queries import explain, explain_text, fill


@pytest.fixture(scope="module")
def shop(new_url, kind):
    """A shop of some standing. SQLite plans by rule; PostgreSQL by what it knows of the rows, so there are many."""
    url = new_url()
    with open_store(url) as store:
        for account in ("summit", "valley"):
            with store.write() as session:
                accounts.ensure(session, account, NOW)
            if kind == "postgresql":
                fill(url, account)
        yield store


@pytest.fixture
def plan(shop):
    """Tell how the database carries out what a function asks; nothing of it stays."""

    def explained(ask, *, writes=True):
        if not writes:
            with shop.read() as session:
                return explain(session, ask)
        with shop.write() as session, session.savepoint() as undone:
            found = explain(session, ask)
            undone.rollback()
        return found

    return explained


def test_due_leads_are_read_from_the_wake_index_alone_and_in_order(plan, make):
    found = plan(lambda session: leads.due(session, "summit", make.now, 100), writes=False)
    assert found.indexes == found.alone == ["ix_leads_wake"]
    assert not found.sorts


def test_due_leads_are_taken_through_the_wake_index_in_order(plan, make):
    found = plan(lambda session: leads.due(session, "summit", make.now, 100))
    assert found.indexes == ["ix_leads_wake"]
    assert not found.sorts


def test_the_next_wake_up_is_the_first_entry_of_the_wake_index(plan):
    found = plan(lambda session: leads.next_wake(session, "summit"))
    assert found.indexes == found.alone == ["ix_leads_wake"]
    assert not found.sorts


def test_logs_are_read_through_the_index_of_leads(plan, kind):
    found = plan(lambda session: events.of_leads(session, "summit", ["lead-7", "lead-8"]))
    assert found.indexes == ["ix_events_lead"]
    assert kind == "postgresql" or not found.sorts, "a few rows are sorted at no cost; SQLite need not even do that"


@pytest.mark.parametrize("field", ["phone", "email", "external_id"])
def test_a_lead_is_found_by_its_address_through_an_index(plan, field):
    found = plan(lambda session: leads.find(session, "summit", **{f"{field}s": ["x"]}))
    assert found.indexes == [f"uq_leads_{field}"]
    assert not found.whole


def test_what_must_be_looked_at_again_is_found_through_its_index(plan):
    found = plan(lambda session: outbox.open_rows(session, "summit"))
    assert found.indexes == ["ix_outbox_check"]
    assert not found.whole


def test_touches_in_trouble_are_found_through_their_index(plan, make):
    found = plan(lambda session: outbox.trouble(session, "summit", make.now))
    assert found.indexes == ["ix_outbox_trouble"]
    assert not found.whole


def test_alerts_that_are_due_are_found_through_their_index_in_order(plan, make):
    found = plan(lambda session: alerts.due(session, "summit", make.now, 100))
    assert found.indexes == ["ix_alerts_due"]
    assert not found.sorts


def test_the_alerts_of_a_lead_are_found_through_its_index(plan):
    assert plan(lambda session: alerts.listing(session, "summit", "lead-7")).indexes == ["ix_alerts_lead"]


def test_whom_nothing_reached_is_found_through_the_index_of_alerts_that_failed(plan, make):
    found = plan(lambda session: alerts.untold(session, "summit", make.now), writes=False)
    assert "ix_alerts_failed" in found.indexes
    assert not found.whole


def test_the_alerts_of_a_message_are_found_through_its_index(plan):
    found = plan(lambda session: alerts.of_messages(session, "summit", ["alert/dana/1"]))
    assert found.indexes == ["ix_alerts_message"]


def test_open_tasks_that_are_due_are_found_through_their_index(plan, make):
    wanted = tasks.TaskFilter(open=True, due_by=make.now)
    found = plan(lambda session: tasks.listing(session, "summit", wanted))
    assert found.indexes == ["ix_tasks_open"]
    assert not found.whole


def test_open_enrolments_are_counted_in_their_index(plan):
    assert plan(lambda session: enrolments.active_counts(session, "summit")).indexes == ["ix_enrolments_open"]


def test_which_versions_are_followed_costs_the_versions_not_the_enrolments(plan):
    found = plan(lambda session: enrolments.carried(session, "summit"))
    assert "ix_enrolments_open" in found.indexes
    assert set(found.whole) <= {"versions"}, "of these there are few rows"


def test_nothing_that_a_tick_asks_or_changes_reads_a_whole_table(plan, make):
    def tick(session):
        leads.add(session, "summit", [make.lead()])
        leads.by_ids(session, "summit", ["maria"])
        events.append(session, "summit", {"maria": [make.event(key="k")]})
        enrolments.save(session, "summit", [make.enrolment(owner="dana")])
        enrolments.of_leads(session, "summit", ["maria"])
        outbox.claim(session, "summit", [make.touch()])
        outbox.settle(session, "summit", [make.ending()])
        outbox.ask_later(session, "summit", {"maria/roofer/-/1/1/day-1": make.now})
        outbox.standing(session, "summit", ["maria/roofer/-/1/1/day-1"])
        outbox.insert_ended(session, "summit", [make.ended(touch="day-3")])
        senders.read(session, "summit", ["sms:+1816"])
        leads.due(session, "summit", make.now, 10)
        leads.count_due(session, "summit", make.now, 10)
        events.with_news(session, "summit", ["maria"])
        leads.wake_by(session, "summit", {"maria": make.now})
        leads.set_wake(session, "summit", {"maria": make.now})
        leads.set_owner(session, "summit", {"maria": "dana"})
        tasks.add(session, "summit", [make.task()])
        tasks.give(session, "summit", {"call-maria": "lee"})
        tasks.set_due(session, "summit", {"call-maria": None})
        tasks.drop(session, "summit", {"call-maria": make.now})
        tasks.reopen(session, "summit", ["call-maria"])
        alerts.add(session, "summit", [make.alert()])
        alerts.due(session, "summit", make.now, 10)
        alerts.is_any_due(session, "summit", make.now)
        alerts.next_due(session, "summit")
        alerts.mark(session, "summit", {"assigned/maria": (alerts.TAKEN, "key")})
        alerts.lock(session, "summit", ["key"])
        alerts.settle(session, "summit", {"key": (alerts.WAITS, make.now), "other": (alerts.SENT, None)})
        alerts.put_off(session, "summit", {"assigned/maria": make.now})
        tasks.of_leads(session, "summit", ["maria"])
        loads.read(session, "summit")
        turns.read(session, "summit")
        turns.advance(session, "summit", "sales", "dana")
        reviews.due(session, "summit", make.now)
        session.settle()  # the loads and turns
        ticks.record_idle(session, "summit", holder="t", started_at=make.now, finished_at=make.now, at=make.now)

    found = plan(tick)
    assert found.statements >= 34
    assert len(found.indexes) >= 20
    few = {
        "accounts",
        "senders",
        "loads",
        "turns",
        "reviews",
        "anon_1",
    }  # anon_1: the due leads that were read through their index, counted
    assert set(found.whole) <= few


def test_the_idle_question_reads_no_whole_table(shop, kind):
    values = {"account": "summit", "schema": schema.HEAD, "clock": "2026-11-24T19:10:00Z"}
    question = quick._QUESTION
    if kind == "postgresql":
        question = re.sub(r":(\w+)", r"%(\1)s", question.replace("%", "%%"))
    with shop.read() as session:
        found = explain_text(session, question, values)
    assert "ix_leads_wake" in found.alone
    assert {"ix_outbox_check", "ix_events_lead", "ix_alerts_due"} <= set(found.indexes)
    assert {"ix_ticks_account", "pk_ticks"} & set(found.indexes), "the newest rows are mostly this account's"
    assert set(found.whole) <= {"cadence_version", "accounts", "reviews"}, "of these there are few rows"
