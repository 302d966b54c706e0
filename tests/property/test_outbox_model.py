"""The outbox against a dictionary: whatever is asked of it in whatever order, each touch goes by the table, once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cadence.store import accounts, leads, outbox, states
from cadence.store.outbox import AlreadyClaimed
from support.make import NOW, Make
from support.outbox_model import LEADS, MAY_FOLLOW, Touch, numbers, play

if TYPE_CHECKING:
    from cadence.store.outbox import OutboxRow
    from cadence.store.store import Store

ENDS_OF_AN_ATTEMPT = ("waits", "unknown", "waits", "unknown", "failed", "sent")
ENDS_WITHOUT_A_CALL = ("skipped", "stopped", "failed")
TOUCHES = [(lead, touch) for lead in LEADS for touch in ("day-1", "day-3")]
MOSTLY_RIGHT = [0] * 8 + [-1, 1]


@pytest.mark.parametrize(("before", "after"), list(product(MAY_FOLLOW, repeat=2)))
def test_one_state_follows_another_just_where_the_table_says_so(before: str, after: str) -> None:
    assert states.may_become(before, after) == (after in MAY_FOLLOW[before])
    assert (before in states.before(after)) == (after in MAY_FOLLOW[before])


def test_what_has_ended_stays_so_and_everything_else_can_still_end() -> None:
    assert set(MAY_FOLLOW) == set(states.LEGAL)
    assert {name for name, following in MAY_FOLLOW.items() if not following} == states.ENDS
    for state in MAY_FOLLOW:
        reached = {state}
        while more := {after for each in reached for after in MAY_FOLLOW[each]} - reached:
            reached |= more
        assert reached & states.ENDS


def some_time(choose: Random) -> datetime:
    return NOW + timedelta(minutes=choose.randint(-60, 60))


class StoreAlone(RuleBasedStateMachine):
    """Right and wrong requests to the outbox, one session each; a dictionary says what must come of them."""

    store: Store
    make = Make()

    @initialize()
    def open(self) -> None:
        self.account = f"shop-{next(numbers)}"
        self.model: dict[str, Touch] = {}
        self.visit = self.asked = 1
        with self.store.write() as session:
            accounts.ensure(session, self.account, NOW)
            leads.add(session, self.account, [self.make.lead(lead) for lead in LEADS])

    def row(self, key: str, **fields: Any) -> OutboxRow:
        lead, touch = key.split("/")[0], key.split("/")[-1]
        made = self.make.ended if "state" in fields else self.make.touch
        return made(lead, touch, touch_key=key, **fields)

    def known(self, key: str) -> Touch:
        return self.model.get(key, Touch())

    def some(self, choose: Random, size: int, *wanted: str) -> list[str]:
        """Draw touches: twice of three times only such as stand in ``wanted`` states."""
        keys = [f"{lead}/roofer/-/1/{self.visit}/{touch}" for lead, touch in TOUCHES]
        keys += [key for key, touch in self.model.items() if touch.state in wanted and key not in keys]
        fitting = [key for key in keys if self.known(key).state in wanted]
        pool = fitting if fitting and choose.random() < 0.7 else keys
        return choose.sample(pool, min(len(pool), choose.randint(1, size)))

    @rule(seed=st.integers(0, 2**32 - 1))
    def ask(self, seed: int) -> None:
        """One request; a seed draws its details, all of them equally often."""
        choose = Random(seed * 1000 + self.asked)
        self.asked += 1
        choose.choice([self.claim] * 4 + [self.settle] * 5 + [self.end, self.ask_later, self.another_visit_begins])(
            choose
        )

    def another_visit_begins(self, _: Random) -> None:
        """The same touches once more, as others."""
        self.visit += 1

    def claim(self, choose: Random) -> None:
        """Mostly under the next attempt, now and then under a wrong one; a touch may stand in it twice."""
        keys = self.some(choose, 3, "", "waits")
        holder, until = choose.choice(["t1", "t2"]), some_time(choose)
        twice = choose.random() < 0.2
        keys += keys[:1] * twice
        off = {key: choose.choice(MOSTLY_RIGHT) for key in keys}
        rows = [
            self.row(key, attempts=self.known(key).attempts + 1 + off[key], holder=holder, check_at=until)
            for key in keys
        ]
        with self.store.write() as session:
            if any(row.attempts < 1 for row in rows):
                with pytest.raises(ValueError, match="not being claimed"):
                    outbox.claim(session, self.account, rows)
            elif not twice and all(not off[key] and "claimed" in MAY_FOLLOW[self.known(key).state] for key in keys):
                outbox.claim(session, self.account, rows)
                self.model.update((row.touch_key, Touch("claimed", row.attempts, holder, until)) for row in rows)
            else:
                with pytest.raises(AlreadyClaimed) as refusal:
                    outbox.claim(session, self.account, rows)
                assert set(refusal.value.touch_keys) <= set(keys)
                assert refusal.value.touch_keys

    def settle(self, choose: Random) -> None:
        """The result of the last attempt, or of one that was not made, or is long over."""
        keys = self.some(choose, 3, choose.choice(["claimed", "unknown", "waits"]))
        state, when = choose.choice(ENDS_OF_AN_ATTEMPT), some_time(choose)
        off = {key: choose.choice(MOSTLY_RIGHT) for key in keys}
        check = when if state == "unknown" else None
        endings = [
            self.make.ending(key, state=state, attempts=self.known(key).attempts + off[key], check_at=check)
            for key in keys
        ]
        with self.store.write() as session:
            recorded = outbox.settle(session, self.account, endings)
        expected = [
            key for key in keys
            if not off[key] and self.known(key).attempts and state in MAY_FOLLOW[self.known(key).state]
        ]  # fmt: skip
        assert recorded == expected
        self.model.update((key, replace(self.known(key), state=state, check_at=check)) for key in expected)

    def end(self, choose: Random) -> None:
        """A touch ends without a call, unless it is in hand or has ended."""
        keys, state = self.some(choose, 2, "waits"), choose.choice(ENDS_WITHOUT_A_CALL)
        with self.store.write() as session:
            ended = outbox.insert_ended(session, self.account, [self.row(key, state=state) for key in keys])
        able = [key for key in keys if self.known(key).state in ("", "waits")]
        assert ended == len(able)
        self.model.update((key, replace(self.known(key), state=state, check_at=None)) for key in able)

    def ask_later(self, choose: Random) -> None:
        keys, when = self.some(choose, 2, "unknown"), some_time(choose)
        with self.store.write() as session:
            outbox.ask_later(session, self.account, dict.fromkeys(keys, when))
        for key in keys:
            if self.known(key).state == "unknown":
                self.model[key].check_at = when

    @invariant()
    def the_outbox_is_what_the_model_says(self) -> None:
        with self.store.read() as session:
            rows = {row.touch_key: row for row in outbox.listing(session, self.account)}
            to_be_looked_at = [row.touch_key for row in outbox.open_rows(session, self.account)]
            counted = outbox.counts(session, self.account)
        found = {key: Touch(row.state, row.attempts, row.holder, row.check_at) for key, row in rows.items()}
        assert found == self.model
        checks = {key: touch.check_at for key, touch in self.model.items() if touch.check_at}
        assert to_be_looked_at == sorted(checks, key=lambda key: (checks[key], key))
        by_state = Counter({state: 0 for _, state, _ in counted})
        for (_, state, _), number in counted.items():
            by_state[state] += number
        assert by_state == Counter(touch.state for touch in self.model.values())


def test_the_outbox_answers_every_request_as_a_dictionary_would(shared: tuple[Store, Any]) -> None:
    play(StoreAlone, shared, examples=15, steps=50)
