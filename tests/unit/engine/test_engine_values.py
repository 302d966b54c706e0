"""What the engine makes many of: values, copies of a state, contexts that fill themselves."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from cadence.engine.decide import decide
from cadence.engine.decision import Outcome
from cadence.engine.fold import fold
from cadence.playbook.context import LazyContext
from support.plans import LEAD, book_of, instant, lead_fact, one_stage, plan_of, play
from support.worlds import World, worlds


def _containers(part: Any, path: str = "") -> dict[str, Any]:
    """Return every dictionary, list and set of a state that can change, by path."""
    found: dict[str, Any] = {}
    if isinstance(part, dict | list | set):
        found[path] = part
    children = part.items() if isinstance(part, dict) else ()
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        children = [(each.name, getattr(part, each.name)) for each in dataclasses.fields(part)]
    for name, child in children:
        if type(child).__name__.endswith("State") or isinstance(child, dict | list | set):
            found |= _containers(child, f"{path}.{name}")
    return found


@settings(max_examples=25)
@given(world=worlds())
def test_a_copy_of_a_state_is_equal_and_shares_nothing_that_changes(world: World) -> None:
    state = fold(LEAD, world.play(timedelta(minutes=30)).events)
    copied = state.copy()
    assert copied == state
    ours, theirs = _containers(state), _containers(copied)
    assert ours.keys() == theirs.keys()
    shared = {path for path, part in ours.items() if part is theirs[path]}
    replaced = {".record", ".suppressed"}  # never changed in place
    assert shared <= replaced | {path for path in shared if path.startswith(".record.") or ".former." in path}


def test_a_decision_leaves_the_state_it_was_given_alone() -> None:
    """Though both see one record: that is replaced when it changes."""
    plan = plan_of(one_stage("- {id: hello, channel: sms, send: now, template: hello}"))
    arrival = lead_fact("2026-11-24 10:00")
    state = play(book_of(plan), [arrival], "2026-11-24 09:00", "2026-11-24 10:00").state
    before = play(book_of(plan), [arrival], "2026-11-24 09:00", "2026-11-24 10:00").state
    decide(book_of(plan), state, instant("2026-11-24 10:00"))
    assert state == before


def test_a_touch_that_waits_has_a_verdict_when_asked() -> None:
    touches = """
        - {id: hello, channel: sms, send: now, template: hello}
        - {id: later, channel: sms, after: 2h, template: later}
    """
    played = play(
        book_of(plan_of(one_stage(touches))), [lead_fact("2026-11-24 10:00")], "2026-11-24 09:00", "2026-11-24 11:00"
    )
    verdict = played.waits["later"]
    assert (verdict.outcome, verdict.reason.code) == (Outcome.WAITS, "not_due")
    assert verdict.key == f"{LEAD}/roofer/-/1/1/later"
    assert verdict.until == verdict.due_at == instant("2026-11-24 12:00")
    assert verdict.derivation[0].startswith("2h after")


def test_a_name_of_a_context_is_worked_out_once_and_only_when_asked() -> None:
    asked: list[str] = []
    context = LazyContext(
        {
            "lead": lambda _: asked.append("lead") or "Maria",
            "score": lambda itself: asked.append("score") or itself["score"],
        }
    )
    assert asked == []
    assert (context["lead"], context["lead"]) == ("Maria", "Maria")
    assert asked == ["lead"]
    with pytest.raises(KeyError):
        context["nothing"]
    with pytest.raises(KeyError):  # a name that needs itself is not there
        context["score"]
