"""Two accounts in one store: whatever happens to one, the other is as if it were alone."""

# ruff: noqa: ARG005 - every step has the same form
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from cadence.errors import CadenceError
from cadence.store import (
    accounts,
    alerts,
    cursors,
    deliveries,
    enrolments,
    events,
    halts,
    handles,
    inbound,
    leads,
    loads,
    outbox,
    reviews,
    senders,
    suppressions,
    tasks,
    ticks,
    turns,
    versions,
)  # fmt: skip
from cadence.store.cursors import CursorRow
from cadence.store.halts import HaltRow
from cadence.store.leads import LeadFilter
from cadence.store.outbox import OutboxFilter
from cadence.store.senders import SenderRow
from cadence.store.tables import METADATA
from cadence.store.tasks import TaskFilter
from cadence.store.ticks import TickRow

NAMES = ("ana", "bob", "eva")
BOOKS = ("roofer", "hvac", "plumber")


def _lead(make, a, b):
    return make.lead(NAMES[a], phone=("", "+18165550100", "+18165550101")[b], wake_at=make.at(b), owner=NAMES[b])


#: Every way to change a store: (session, account, examples, two small numbers) -> what it answered.
CHANGES = {
    "add": lambda s, who, m, a, b: leads.add(s, who, [_lead(m, a, b)]),
    "update": lambda s, who, m, a, b: leads.update(s, who, [_lead(m, a, b)]),
    "set_wake": lambda s, who, m, a, b: leads.set_wake(s, who, {NAMES[a]: m.at(b) if b else None}),
    "wake_all": lambda s, who, m, a, b: leads.wake_all(s, who, m.at(a), playbook=("", "roofer", "hvac")[b]),
    "set_owner": lambda s, who, m, a, b: leads.set_owner(s, who, {NAMES[a]: NAMES[b]}),
    "append": lambda s, who, m, a, b: events.append(s, who, {NAMES[a]: [m.event(key=("", "k1", "k2")[b])]}),
    "pause": lambda s, who, m, a, b: events.append(s, who, {"": [m.event("paused", data={"n": a})]}),
    "enrol": lambda s, who, m, a, b: enrolments.save(
        s,
        who,
        [m.enrolment(NAMES[a], stage=NAMES[b], digest=NAMES[b], owner=NAMES[b], ended_at=m.at(1) if b == 2 else None)],
    ),
    "claim": lambda s, who, m, a, b: outbox.claim(s, who, [m.touch(NAMES[a], f"day-{b}", handle=f"h{a}")]),
    "settle": lambda s, who, m, a, b: outbox.settle(
        s, who, [m.ending(m.touch(NAMES[a], f"day-{b}").touch_key, provider_id="SM1")]
    ),
    "lose": lambda s, who, m, a, b: outbox.settle(
        s, who, [m.ending(m.touch(NAMES[a], f"day-{b}").touch_key, state="unknown", check_at=m.at(a))]
    ),
    "defer": lambda s, who, m, a, b: outbox.settle(
        s, who, [m.ending(m.touch(NAMES[a], f"day-{b}").touch_key, state="waits", ended_at=None)]
    ),
    "ask_later": lambda s, who, m, a, b: outbox.ask_later(s, who, {m.touch(NAMES[a], f"day-{b}").touch_key: m.at(b)}),
    "skip": lambda s, who, m, a, b: outbox.insert_ended(s, who, [m.ended(NAMES[a], f"day-{b}")]),
    "wake_by": lambda s, who, m, a, b: leads.wake_by(s, who, {NAMES[a]: m.at(b)}),
    "send": lambda s, who, m, a, b: senders.save(s, who, [SenderRow(sender=NAMES[a], free_at=b, day_count=b)]),
    "task": lambda s, who, m, a, b: tasks.add(s, who, [m.task(NAMES[a], owner=NAMES[b])]),
    "done": lambda s, who, m, a, b: tasks.finish(s, who, {NAMES[a]: m.at(b)}),
    "drop": lambda s, who, m, a, b: tasks.drop(s, who, {NAMES[a]: m.at(b)}),
    "reopen": lambda s, who, m, a, b: tasks.reopen(s, who, [NAMES[a]]),
    "give": lambda s, who, m, a, b: tasks.give(s, who, {NAMES[a]: NAMES[b]}),
    "set_due": lambda s, who, m, a, b: tasks.set_due(s, who, {NAMES[a]: m.at(b) if b else None}),
    "turn": lambda s, who, m, a, b: turns.advance(s, who, NAMES[a], NAMES[b]),
    "alert": lambda s, who, m, a, b: alerts.add(s, who, [m.alert(NAMES[a], lead=NAMES[b], due_at=m.at(b))]),
    "tell": lambda s, who, m, a, b: alerts.mark(s, who, {NAMES[a]: (("waits", "sent", "failed")[b], NAMES[b])}),
    "carry": lambda s, who, m, a, b: alerts.settle(
        s, who, {NAMES[a]: (("waits", "sent")[b % 2], m.at(b) if a else None)}
    ),
    "put_off": lambda s, who, m, a, b: alerts.put_off(s, who, {NAMES[a]: m.at(b)}),
    "plan": lambda s, who, m, a, b: reviews.set_due(s, who, {(BOOKS[a], "daily"): m.at(b)}),
    "review": lambda s, who, m, a, b: reviews.held(s, who, BOOKS[a], "daily", m.now, m.at(b)),
    "keep_only": lambda s, who, m, a, b: reviews.keep_only(s, who, [(BOOKS[a], "daily"), (BOOKS[b], "daily")]),
    "publish": lambda s, who, m, a, b: versions.publish(s, who, BOOKS[a], NAMES[b], {"n": b}, m.at(b)),
    "retire": lambda s, who, m, a, b: versions.retire(s, who, BOOKS[a], m.at(b)),
    "tick": lambda s, who, m, a, b: ticks.record(
        s, who, TickRow(started_at=m.now, finished_at=m.now, at=m.at(b), holder=NAMES[a], outcome="done")
    ),
    "idle": lambda s, who, m, a, b: ticks.record_idle(
        s, who, holder=NAMES[a], started_at=m.at(b), finished_at=m.at(b), at=m.at(b)
    ),
    "keep": lambda s, who, m, a, b: inbound.keep(s, who, [m.came_in(f"SM{a}", lead=NAMES[b], problem=NAMES[b])]),
    "heard": lambda s, who, m, a, b: [
        inbound.note(s, who, kept.id, handled_at=m.at(b), problem=NAMES[a])
        for kept in inbound.open_rows(s, who, limit=a + 1)
    ],
    "suppress": lambda s, who, m, a, b: suppressions.add(
        s, who, [m.suppression(f"+1816555010{a}", standing=("suppressed", "returned")[b % 2], key=("", "k1", "k2")[b])]
    ),
    "name": lambda s, who, m, a, b: handles.keep(s, who, {f"h{a}": (NAMES[b], f"{NAMES[b]}/roofer/-/1")}),
    "poll": lambda s, who, m, a, b: cursors.save(s, who, CursorRow(source=NAMES[a], data={"n": b}, at=m.now)),
    "halt": lambda s, who, m, a, b: halts.halt(s, who, HaltRow(channel=NAMES[a], code="", detail="", since=m.at(b))),
    "lift": lambda s, who, m, a, b: halts.lift(s, who, NAMES[a]),
    "delivery": lambda s, who, m, a, b: deliveries.note_delivery(
        s, who, m.touch(NAMES[a], f"day-{b}").touch_key, "delivered", m.at(b)
    ),
    "source": lambda s, who, m, a, b: accounts.set_source(s, who, f"{a}{b}"),
    "mode": lambda s, who, m, a, b: accounts.set_ways(s, who, mode=NAMES[a], polls=bool(b)),
}

steps = st.lists(
    st.tuples(
        st.sampled_from(["summit", "valley"]),
        st.sampled_from(sorted(CHANGES)),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    max_size=40,
)


#: What is there before a story begins: the same names in both accounts, with other values.
BEFORE = [
    (account, change, a, b)
    for change in (
        "add",
        "append",
        "pause",
        "enrol",
        "claim",
        "task",
        "turn",
        "alert",
        "plan",
        "publish",
        "send",
        "tick",
        "keep",
        "suppress",
        "name",
        "poll",
        "halt",
        "set_wake",
        "source",
    )
    for account, a, b in (("summit", 0, 0), ("summit", 1, 1), ("valley", 0, 1), ("valley", 1, 0))
]


def play(store, make, story):
    """Let ``story`` happen in ``store``; what each step answered, by account."""
    answers = {"summit": [], "valley": []}
    with store.write() as session:
        for account in {account for account, *_ in story}:
            accounts.ensure(session, account, make.now)
        for account, change, a, b in story:
            try:
                with session.savepoint():
                    answers[account].append(CHANGES[change](session, account, make, a, b))
            except CadenceError as refusal:
                answers[account].append(refusal.message)
            except IntegrityError:  # of a lead that is not there
                answers[account].append("refused")
    return answers


def view(store, account, make):
    """Everything that can be read of ``account``."""
    later = make.now + timedelta(days=1)
    with store.read() as session:
        return [
            accounts.get(session, account),
            leads.listing(session, account),
            leads.listing(session, account, LeadFilter(text="a", owner="ana")),
            leads.listing(session, account, LeadFilter(stage="bob", playbook="roofer")),
            leads.count(session, account),
            leads.by_ids(session, account, NAMES),
            leads.find(session, account, phones=["+18165550100", "+18165550101"]),
            leads.due(session, account, later, 10),
            leads.next_wake(session, account),
            leads.due_page(session, account, later, 10, ""),
            leads.count_due(session, account, later, 10),
            events.of_leads(session, account, NAMES),
            events.of_account(session, account),
            enrolments.of_leads(session, account, NAMES),
            enrolments.active_counts(session, account),
            enrolments.carried(session, account),
            outbox.listing(session, account),
            outbox.listing(session, account, OutboxFilter(lead="ana", state="claimed")),
            outbox.open_rows(session, account),
            outbox.standing(session, account, [make.touch("ana", "day-0").touch_key]),
            outbox.counts(session, account),
            outbox.get(session, account, make.touch("ana", "day-0").touch_key),
            tasks.listing(session, account),
            tasks.listing(session, account, TaskFilter(owner="bob", open=True, due_by=later)),
            tasks.get(session, account, "ana"),
            loads.read(session, account),
            loads.recount(session, account),
            turns.read(session, account),
            alerts.due(session, account, later, 10),
            alerts.next_due(session, account),
            alerts.of_messages(session, account, NAMES),
            tasks.of_leads(session, account, NAMES),
            [alerts.listing(session, account, lead) for lead in NAMES],
            reviews.due(session, account, later),
            reviews.listing(session, account),
            versions.current(session, account),
            versions.history(session, account),
            [
                versions.content(session, account, row.playbook, row.digest)
                for row in versions.history(session, account)
            ],
            senders.read(session, account, NAMES),
            deliveries.find(session, account, provider_id="SM1"),
            deliveries.find(session, account, handle="h1"),
            deliveries.latest_to_anybody(session, account, "sms"),
            deliveries.threads(session, account, NAMES, "sms"),
            [kept.row for kept in inbound.open_rows(session, account)],
            [kept.row for kept in inbound.listing(session, account)],
            [kept.row for kept in inbound.troubled(session, account, make.now)],
            inbound.count_open(session, account),
            suppressions.standing(session, account, [f"+1816555010{n}" for n in range(3)]),
            suppressions.history(session, account, "+18165550100"),
            list(suppressions.listing(session, account, page=1)),
            suppressions.count(session, account),
            [handles.find(session, account, f"h{n}") for n in range(3)],
            cursors.read(session, account),
            halts.read(session, account),
            ticks.last(session, account),
            ticks.recent(session, account, 10),
        ]


@pytest.fixture(scope="module")
def empty(new_store):
    """Gives one of two stores, with nothing in it: making hundreds of new ones would take the time."""
    with new_store() as first, new_store() as second:

        def emptied(number):
            with (first, second)[number].write() as session:
                for table in reversed(METADATA.sorted_tables):
                    session.change(delete(table))
            return (first, second)[number]

        yield emptied


@settings(max_examples=20, deadline=None)
@given(story=steps)
def test_an_account_lives_beside_another_as_if_alone(empty, make, story):
    story = [*BEFORE, *story]
    together = empty(0)
    answers = play(together, make, story)
    for account in ("summit", "valley"):
        own = [step for step in story if step[0] == account]
        alone = empty(1)
        assert play(alone, make, own)[account] == answers[account]
        assert view(together, account, make) == view(alone, account, make)


def test_before_a_story_there_is_something_of_everything(empty, make):
    """A view that stays empty would prove nothing."""
    store = empty(0)
    play(store, make, BEFORE)
    only_of_what_was_sent = [[], None, {}]  # alerts of a message, a message found by its provider's name, a thread
    assert [part for part in view(store, "summit", make) if not part] == only_of_what_was_sent
