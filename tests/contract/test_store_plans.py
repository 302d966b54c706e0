"""How SQLite looks things up: what is asked at every tick costs what is found, not what is stored."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import event

from cadence.store import enrolments, events, leads, outbox, quick, senders, ticks


@pytest.fixture
def plan(store):
    """Tell how SQLite carries out what a function asks."""

    def explained(ask):
        asked = []

        def note(connection, cursor, statement, parameters, context, many):
            asked.append((statement, parameters[0] if many else parameters))

        with store.write() as session:
            event.listen(session.connection, "before_cursor_execute", note)
            ask(session)
            event.remove(session.connection, "before_cursor_execute", note)
            return [
                row[3]
                for statement, parameters in asked
                if not statement.startswith(("SAVEPOINT", "RELEASE"))
                for row in session.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            ]

    return explained


def test_due_leads_are_read_from_the_wake_index_alone(plan, make):
    (step,) = plan(lambda session: leads.due(session, "summit", make.now, 100))
    assert step.startswith("SEARCH leads USING COVERING INDEX ix_leads_wake (account=? AND wake_at")


def test_the_next_wake_up_is_the_first_entry_of_the_wake_index(plan):
    (step,) = plan(lambda session: leads.next_wake(session, "summit"))
    assert step.startswith("SEARCH leads USING COVERING INDEX ix_leads_wake (account=?")


def test_logs_are_read_in_order_without_sorting(plan):
    (step,) = plan(lambda session: events.of_leads(session, "summit", ["maria", "bob"]))
    assert step == "SEARCH events USING INDEX ix_events_lead (account=? AND lead=?)"


@pytest.mark.parametrize("field", ["phone", "email", "external_id"])
def test_a_lead_is_found_by_its_address_through_an_index(plan, field):
    (step,) = plan(lambda session: leads.find(session, "summit", **{f"{field}s": ["x"]}))
    assert step == f"SEARCH leads USING INDEX uq_leads_{field} (account=? AND {field}=?)"


def test_what_must_be_looked_at_again_is_found_through_its_index(plan):
    steps = plan(lambda session: outbox.open_rows(session, "summit"))
    assert steps[0].startswith("SEARCH outbox USING INDEX ix_outbox_check (account=?")


def test_touches_in_trouble_are_found_through_their_index(plan, make):
    (step,) = plan(lambda session: outbox.trouble(session, "summit", make.now))
    assert step == "SEARCH outbox USING INDEX ix_outbox_trouble (account=? AND decided_at>?)"


def test_open_enrolments_are_counted_in_their_index(plan):
    (step,) = plan(lambda session: enrolments.active_counts(session, "summit"))
    assert "INDEX ix_enrolments_open (account=?)" in step


def test_nothing_that_a_tick_asks_or_changes_reads_a_whole_table(plan, make):
    def tick(session):
        leads.add(session, "summit", [make.lead()])
        leads.by_ids(session, "summit", ["maria"])
        events.append(session, "summit", {"maria": [make.event(key="k")]})
        enrolments.save(session, "summit", [make.enrolment()])
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
        ticks.record_idle(session, "summit", holder="t", started_at=make.now, finished_at=make.now, at=make.now)

    steps = plan(tick)
    assert len(steps) >= 8
    some_due = "SCAN anon_1"  # the due leads that were read through their index, counted
    assert [step for step in steps if step.startswith("SCAN") and step != some_due] == []


def test_the_idle_question_reads_no_whole_table(store):
    with closing(sqlite3.connect(store.path)) as raw:
        question = f"EXPLAIN QUERY PLAN {quick._QUESTION}"
        steps = [row[3] for row in raw.execute(question, {"account": "summit", "schema": "0001", "clock": "2026"})]
    assert any(step.startswith("SEARCH leads USING COVERING INDEX ix_leads_wake (account=?") for step in steps)
    assert any(step.startswith("SEARCH outbox USING COVERING INDEX ix_outbox_check (account=?") for step in steps)
    assert "SEARCH events USING INDEX ix_events_lead (account=? AND lead=?)" in steps
    assert [step for step in steps if step.startswith("SCAN") and step != "SCAN cadence_version"] == []
