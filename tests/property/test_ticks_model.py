"""Ticks at work against a dictionary: each touch goes by the table, once, and the log says what the outbox says.

Two workers claim by the real engine, call a provider, answer late or never, ask it later, while facts come in and the
store's clock is moved forth and back. On an SQLite file and on a PostgreSQL server.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cadence.channels.channel import Absent, Accepted, Channel, Found, Lost, NotNow, Refused, Unsure
from cadence.engine.decide import decide
from cadence.engine.decision import Outcome
from cadence.engine.fold import fold
from cadence.leads.arrival import Arrival
from cadence.runner.ledger import read_states, save
from cadence.runner.reconcile import LEASE, ask_at, reconcile
from cadence.runner.record import add_leads, record_fact
from cadence.runner.results import record_results
from cadence.runner.rows import Lease
from cadence.store import accounts, events, leads, outbox
from cadence.store.outbox import NEVER
from support.make import NOW
from support.outbox_model import LEADS, MAY_FOLLOW, Touch, numbers, play
from support.plans import book_of, fact, one_stage, plan_of

if TYPE_CHECKING:
    from cadence.channels.channel import Result
    from cadence.store.outbox import OutboxRow
    from cadence.store.store import Store
    from support.clocks import SharedClock

PLAN = plan_of(
    one_stage(
        """
        - {id: hello, channel: sms, send: now, answers: inquiry, template: hello}
        - {id: more, channel: email, after: 10m, template: more}
        - {id: third, channel: sms, after: 30m, template: third}
        - {id: fourth, channel: sms, after: 3h, expires_after: 1h, template: fourth}
        """,
        top="""
        limits: {messages_per_day: 20, messages_per_week: 40, min_gap: 5m}
        expires_after: 6h
        stop_on: [reply]
        """,
        stage="next: {lead.qualified: later, lead.won: won}",
    ).replace(
        "  won: {end: won}",
        """\
  later:
    owner: sales
    touches:
      - {id: hello, channel: sms, send: now, template: hello}
      - {id: again, channel: email, after: 20m, template: more}
    next: {lead.won: won, lead.created: new}
  won: {end: won}""",
    )
)
BOOK = book_of(PLAN, published={PLAN.digest: NOW - timedelta(days=1)})
COUNTED = ("claimed", "unknown", "sent")
ENTRIES = {
    "touch.claimed": "claimed",
    "touch.sent": "sent",
    "touch.deferred": "waits",
    "touch.skipped": "skipped",
    "touch.stopped": "stopped",
    "touch.failed": "failed",
    "touch.unknown": "unknown",
}


class Provider(Channel):
    """What went, and how well it answers questions."""

    visible_after = timedelta(minutes=2)

    def __init__(self) -> None:
        self.has: Counter[str] = Counter()
        self.mood = "knows"

    def send(self, messages: Any) -> Any:
        raise AssertionError("the machine calls by itself")

    def look_up(self, messages: Any) -> Any:
        if self.mood == "breaks":
            raise OSError("no line")
        if self.mood == "shrugs":
            return [Unsure("busy", again=True)] * len(messages)
        if self.mood == "cannot":
            return [Unsure("two_alike")] * len(messages)
        return [Found("P1") if self.has[each.key] else Absent() for each in messages]


RESULTS: dict[str, tuple[bool, Result]] = {
    "accepts": (True, Accepted("P1")),
    "accepts, and the answer is lost": (True, Lost("timeout")),
    "refuses": (False, Refused("21610")),
    "not now": (False, NotNow("429", after=timedelta(minutes=3))),
    "drops it, and the answer is lost": (False, Lost("reset")),
}


@dataclass
class Held:
    """A claim in a worker's hands."""

    row: OutboxRow
    result: Result | None = None  #: the provider's, once it was called


class AsTicksWork(RuleBasedStateMachine):
    """Two workers, a provider, people, and a clock that is put forth and back."""

    store: Store
    clock: SharedClock

    @initialize()
    def open(self) -> None:
        self.account = f"ticks-{next(numbers)}"
        self.now = NOW
        self.clock.set(NOW)
        self.model: dict[str, Touch] = {}
        self.rows: dict[str, OutboxRow] = {}
        self.hands: dict[str, list[Held]] = {"t1": [], "t2": []}
        self.provider = Provider()
        self.channels = {"sms": self.provider, "email": self.provider}
        with self.store.write() as session:
            accounts.ensure(session, self.account, NOW)
            add_leads(session, self.account, BOOK, [self._arrival(lead) for lead in LEADS], NOW)

    def _arrival(self, lead: str) -> Arrival:
        record = {
            "name": lead.title(), "phone": f"+1816555014{LEADS.index(lead)}", "email": f"{lead}@example.com",
            "zones": ["America/Chicago"], "zone_source": "zip", "states": ["MO"],
        }  # fmt: skip
        return Arrival(id=lead, record=record, at=NOW)

    # -- the model

    def goes(self, key: str, state: str, **known: Any) -> None:
        """Take a touch to another state in the model; it must be a way the table has."""
        touch = self.model.setdefault(key, Touch())
        assert state in MAY_FOLLOW[touch.state], f"{key}: {touch.state} -> {state}"
        self.model[key] = replace(touch, state=state, **{"check_at": None, **known})

    def result_comes(self, row: OutboxRow, result: Result) -> bool:
        """Take in what became of an attempt; False when it comes too late to matter."""
        touch = self.model[row.touch_key]
        state = {Accepted: "sent", Refused: "failed", Lost: "unknown", NotNow: "waits"}[type(result)]
        if isinstance(result, NotNow) and row.attempts >= 8:
            state = "failed"
        if touch.attempts != row.attempts or state not in MAY_FOLLOW[touch.state]:
            return False
        self.goes(row.touch_key, state, check_at=self.asked_at(row) if state == "unknown" else None)
        if state == "waits" and self._left(row):
            self.goes(row.touch_key, "stopped")
        return True

    def asked_at(self, row: OutboxRow) -> datetime:
        """When the provider may be asked about what has lost its answer now."""
        called = min(row.called_at or self.clock.at, self.clock.at)
        return max(called + timedelta(seconds=30 + 120 + 1), self.clock.at + timedelta(seconds=120 + 1))

    def _left(self, row: OutboxRow) -> bool:
        """Whether the lead has left the visit meanwhile."""
        enrolment = self.state(row.lead).enrolments[row.enrolment]
        return bool(enrolment.end) or enrolment.visit.number != row.visit

    def state(self, lead: str) -> Any:
        with self.store.read() as session:
            return read_states(session, self.account, [lead])[0][lead]

    # -- what happens

    @rule(worker=st.sampled_from(["t1", "t2"]))
    def a_worker_claims_what_is_due(self, worker: str) -> None:
        with self.store.write() as session:
            due = leads.due(session, self.account, self.now, 10)
            found, faults = read_states(session, self.account, due)
            assert not faults
            decisions = [decide(BOOK, found[lead], self.now) for lead in due]
            clock = session.clock()
            claims = save(
                session, self.account, BOOK, decisions, self.now, Lease(holder=worker, since=clock, until=clock + LEASE)
            )
        assert clock == self.clock.at
        for verdict in (verdict for each in decisions for verdict in each.verdicts):
            if verdict.outcome is Outcome.SENT:
                attempts = self.model.get(verdict.key, Touch()).attempts + 1
                self.goes(verdict.key, "claimed", attempts=attempts, holder=worker, check_at=clock + LEASE)
            elif verdict.outcome is not Outcome.WAITS:
                self.goes(verdict.key, verdict.outcome.value)
        self.hands[worker] += [Held(row) for row in claims]
        self.rows.update((row.touch_key, row) for row in claims)
        for each in decisions:
            assert len(each.claims) <= 1, "one message a person, and no more"

    @precondition(lambda self: any(not held.result for hands in self.hands.values() for held in hands))
    @rule(choice=st.randoms(use_true_random=False), how=st.sampled_from(list(RESULTS)))
    def a_worker_calls(self, choice: Any, how: str) -> None:
        """Only what is still good is called, as the tick does."""
        held = choice.choice([held for hands in self.hands.values() for held in hands if not held.result])
        key = held.row.touch_key
        with self.store.read() as session:
            standing = outbox.standing(session, self.account, [key])
            news = events.with_news(session, self.account, [held.row.lead])
        if standing[key] != ("claimed", held.row.attempts) or news:
            held.result = NotNow("news")
            return
        went, held.result = RESULTS[how]
        self.provider.has[key] += went

    @precondition(lambda self: any(held.result for hands in self.hands.values() for held in hands))
    @rule(choice=st.randoms(use_true_random=False))
    def a_worker_records(self, choice: Any) -> None:
        """Perhaps long after its lease ran out."""
        worker, held = choice.choice([(w, held) for w, hands in self.hands.items() for held in hands if held.result])
        self.hands[worker].remove(held)
        assert held.result is not None
        expected = self.result_comes(held.row, held.result)
        with self.store.write() as session:
            asks = {held.row.touch_key: ask_at(self.provider, held.row, session.clock())}
            kept = record_results(session, self.account, [(held.row, held.result)], self.now, ask_at=asks)
        assert [row.touch_key for row, _ in kept] == [held.row.touch_key] * expected

    @rule(worker=st.sampled_from(["t1", "t2"]))
    def a_worker_dies(self, worker: str) -> None:
        self.hands[worker].clear()

    @rule(mood=st.sampled_from(["knows", "knows", "shrugs", "breaks", "cannot"]))
    def somebody_asks_the_provider(self, mood: str) -> None:
        self.provider.mood = mood
        clock, asked = self.clock.at, []
        for key, touch in self.model.items():
            latest = (
                max(self.asked_at(self.rows[key]), clock + timedelta(minutes=5)) if touch.state == "unknown" else NEVER
            )
            if touch.check_at and latest < touch.check_at < NEVER:
                touch.check_at = latest
        for key, touch in sorted(self.model.items()):
            lost = touch.check_at and (touch.check_at <= clock or touch.check_at > clock + 2 * LEASE)
            if touch.state == "claimed" and lost:
                self.result_comes(self.rows[key], Lost("interrupted"))
        for key, touch in sorted(self.model.items()):
            if touch.state == "unknown" and touch.check_at and touch.check_at <= clock:
                asked.append(key)
        reconcile(self.store, self.account, self.channels, self.now)
        for key in asked:
            row = self.rows[key]
            if mood == "knows":
                self.result_comes(row, Accepted() if self.provider.has[key] else NotNow("absent"))
            elif mood != "cannot" and row.called_at and clock < row.called_at + timedelta(hours=24):
                self.model[key].check_at = clock + timedelta(minutes=5)
            else:
                self.model[key].check_at = NEVER

    @rule(lead=st.sampled_from(LEADS), kind=st.sampled_from(["reply", "lead.qualified", "note.added", "lead.won"]))
    def something_is_learned(self, lead: str, kind: str) -> None:
        with self.store.write() as session:
            decision = record_fact(session, self.account, BOOK, lead, fact(kind, self.now))
        for verdict in decision.verdicts:
            if verdict.outcome not in (Outcome.WAITS, Outcome.SENT):
                self.goes(verdict.key, verdict.outcome.value)

    @rule(minutes=st.sampled_from([1, 5, 20, 60, 300]))
    def time_goes_on(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.clock.move(timedelta(minutes=minutes))

    @rule(minutes=st.sampled_from([-600, -60, -3, 3, 60, 600]))
    def the_stores_clock_jumps(self, minutes: int) -> None:
        self.clock.move(timedelta(minutes=minutes))

    # -- what holds

    @invariant()
    def the_outbox_is_what_the_model_says(self) -> None:
        with self.store.read() as session:
            rows = {row.touch_key: row for row in outbox.listing(session, self.account)}
        found = {key: (row.state, row.attempts, row.check_at) for key, row in rows.items()}
        assert found == {key: (touch.state, touch.attempts, touch.check_at) for key, touch in self.model.items()}

    @invariant()
    def the_log_says_the_same_as_the_outbox(self) -> None:
        with self.store.read() as session:
            logs = events.of_leads(session, self.account, LEADS)
        told: dict[str, str] = {}
        for lead, log in logs.items():
            for entry in log:
                if entry.type in ENTRIES:
                    told[f"{entry.enrolment}/{entry.data['visit']}/{entry.data['touch']}"] = ENTRIES[entry.type]
            self._folded_is_so(lead, log)
        assert told == {key: touch.state for key, touch in self.model.items()}

    def _folded_is_so(self, lead: str, log: list[Any]) -> None:
        state = fold(lead, log)
        for enrolment in state.enrolments.values():
            visit = enrolment.visit
            mine = f"{enrolment.id}/{visit.number}/"
            now = {key.removeprefix(mine): touch for key, touch in self.model.items() if key.startswith(mine)}
            assert {name: touch.outcome for name, touch in visit.touches.items()} == {
                name: touch.state for name, touch in now.items() if touch.state != "waits"
            }
            assert {name: each.attempt for name, each in visit.deferred.items()} == {
                name: touch.attempts for name, touch in now.items() if touch.state == "waits"
            }
        counted = [
            key for key, touch in self.model.items()
            if touch.state in COUNTED and key.startswith(f"{lead}/") and not key.endswith("/1/hello")
        ]  # fmt: skip
        assert len(state.messages) == len(counted), "claimed and not proven absent, answers to inquiries aside"

    @invariant()
    def nothing_went_twice(self) -> None:
        assert all(number <= 1 for number in self.provider.has.values())

    def teardown(self) -> None:
        """Let it come to rest: everything has one end, and what went is known as sent."""
        if not hasattr(self, "account"):
            return
        for hands in self.hands.values():
            hands.clear()
        for _ in range(12):
            self.now += timedelta(hours=1)
            checks = [each.check_at for each in self.model.values() if each.check_at and each.check_at != NEVER]
            self.clock.set(max([self.clock.at, *checks]) + timedelta(hours=1))
            self.somebody_asks_the_provider("knows")
            self.a_worker_claims_what_is_due("t1")
            for held in self.hands["t1"]:
                self.provider.has[held.row.touch_key] += 1
                self.result_comes(held.row, Accepted("P1"))
                with self.store.write() as session:
                    record_results(session, self.account, [(held.row, Accepted("P1"))], self.now)
            self.hands["t1"].clear()
        self.the_outbox_is_what_the_model_says()
        self.the_log_says_the_same_as_the_outbox()
        self.nothing_went_twice()
        left = {key for key, touch in self.model.items() if touch.check_at == NEVER}
        for key, touch in self.model.items():
            assert touch.state in ("sent", "skipped", "stopped", "failed") or key in left, (key, touch)
            assert (touch.state == "sent") == bool(self.provider.has[key]) or key in left


def test_two_workers_a_provider_and_a_clock_that_jumps_never_leave_the_table(shared: tuple[Store, Any]) -> None:
    play(AsTicksWork, shared, examples=20, steps=25)
