"""Acts and undos in any order: the state kept step by step is the one that the log amounts to, and the lists agree."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadence.engine.events import Event
from cadence.errors import CadenceError
from cadence.playbook.words import EVENTS
from cadence.runner.acts import acts_in, new_key, record_act, undo
from cadence.runner.ledger import load
from cadence.store import enrolments, events, tasks
from support.desk import TUESDAY, open_desk

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from cadence.engine.state import LeadState
    from cadence.store.session import Session
    from support.desk import Desk

ACTS: Mapping[str, Mapping[str, str]] = {
    "note.added": {"text": "hi"},
    "owner.assigned": {"owner": "rosa"},
    "next.set": {"action": "send photos", "due": "2026-11-27"},
    "snooze": {"until": "2026-12-10"},
    "call.logged": {"result": "spoke"},
    "lead.qualified": {},
    "appointment.booked": {"starts_at": "2026-11-30T09:00"},
    "estimate.sent": {},
    "no_decision": {"follow_up_due": "2026-12-04"},
    "handoff.noted": {"wants": "a roof"},
    "lead.lost": {"reason": "price"},
    "lead.won": {},
}
STEPS = st.lists(
    st.one_of(st.sampled_from(sorted(ACTS)), st.sampled_from(["undo", "done", "later"]), st.integers(0, 9)),
    min_size=4,
    max_size=14,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(stories=st.lists(STEPS, min_size=2, max_size=2))
def test_acts_and_undos_fold_the_same_step_by_step_and_from_scratch(
    tmp_path_factory: pytest.TempPathFactory, stories: list[list[str | int]]
) -> None:
    """A number takes back the act of that place, whatever came after; what is refused leaves no trace."""
    with open_desk(tmp_path_factory.mktemp("acts") / "shop") as desk:
        for number, story in enumerate(stories):
            lead = f"lead-{number}"
            desk.add(lead, f"+1816555014{number}")
            for minute, step in enumerate(story, 1):
                _take(desk, lead, step, minute)


def _take(desk: Desk, lead: str, step: str | int, minute: int) -> None:
    """Take one step, and hold the store to what the log says."""
    name = desk.account.name
    with desk.account.store.read() as session:
        before = load(session, name, [lead])[lead]
        entries = len(events.of_leads(session, name, [lead])[lead])
    state = None
    try:
        with desk.account.store.write() as session:
            state = _step(desk, session, lead, before, step, minute)
    except CadenceError:
        pass
    with desk.account.store.read() as session:
        after = load(session, name, [lead])[lead]
        if state is None:
            assert after == before, "what is refused leaves no trace"
            assert len(events.of_leads(session, name, [lead])[lead]) == entries
            return
        assert after == state
        rows = tasks.listing(session, name, tasks.TaskFilter(lead=lead, open=True), limit=1000)
        due = {row.task: (row.owner, row.due_at) for row in rows}
        assert due == {
            key: (task.owner, task.due_at)
            for each in after.active_enrolments()
            for key, task in each.open_tasks().items()
        }
        stands = {
            row.enrolment: (row.stage, row.visit, row.owner, row.end)
            for row in enrolments.of_leads(session, name, [lead])[lead]
        }
        assert stands == {
            each.id: (each.visit.stage, each.visit.number, each.owner, each.end) for each in after.enrolments.values()
        }


def _step(desk: Desk, session: Session, lead: str, state: LeadState, step: str | int, minute: int) -> LeadState | None:
    book, name, now = desk.book(session), desk.account.name, TUESDAY + timedelta(minutes=minute)
    if step == "undo" or isinstance(step, int):
        known = acts_in(events.of_leads(session, name, [lead])[lead])
        key = known[step % len(known)].key if isinstance(step, int) and known else ""
        _, decisions = undo(session, name, book, lead, key, by="pat", at=now, now=now, mark=f"undo-{minute}")
        return decisions[-1].state
    kind, data = str(step), dict(ACTS.get(str(step), {}))
    if step in ("done", "later"):
        first = next((key for each in state.active_enrolments() for key in each.open_tasks()), "none")
        kind = "task.done" if step == "done" else "task.postponed"
        data = {"task": first, **({"until": "2026-12-01T10:00"} if step == "later" else {})}
    fact = Event(type=kind, at=now, recorded_at=now, actor=EVENTS[kind].actor.value, data=data)
    return record_act(session, name, book, lead, [fact], new_key())[-1].state
