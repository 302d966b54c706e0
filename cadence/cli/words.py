"""The engine's entries as sentences on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.decision import Outcome
from cadence.engine.events import Decided, parse_instant
from cadence.runner.closed import local_text, member_name, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cadence.engine.book import Book
    from cadence.engine.decision import Decision
    from cadence.engine.events import Event
    from cadence.engine.state import TaskState

__all__ = ["all_consequences", "consequences"]


def consequences(decision: Decision, book: Book) -> Iterator[str]:
    """Yield what a fact led to, a sentence each; one sentence when it led to nothing."""
    yield from all_consequences([decision], book)


def all_consequences(decisions: Iterable[Decision], book: Book) -> Iterator[str]:
    """Yield what facts that belong together led to."""
    said: list[str] = []
    for decision in decisions:
        said += [line for event in decision.events if (line := _sentence(event, decision, book))]
        stopped = sum(1 for verdict in decision.verdicts if verdict.outcome is Outcome.STOPPED)
        if stopped:
            said.append(f"{stopped} touch{'es' * (stopped != 1)} stopped")
    yield from said or ["recorded; nothing changes by it"]


def _sentence(event: Event, decision: Decision, book: Book) -> str:
    data = event.data
    enrolment = decision.state.enrolments.get(event.enrolment)
    if event.type in (Decided.STAGE_ENTERED, Decided.VISIT_RESTORED) and enrolment:
        name = data["stage"] if event.type == Decided.STAGE_ENTERED else enrolment.visit.stage
        stage = book.stage(enrolment.playbook, enrolment.digest, name)
        owner = member_name(book, data.get("owner", enrolment.owner))
        when = "now" if event.type == Decided.STAGE_ENTERED else "again"
        return f"{enrolment.playbook}: {when} in {(stage.title if stage else name)!r}" + (
            f", owned by {owner}" if owner else ""
        )
    if event.type == Decided.MOVE_WAITING:
        return f"cannot move to {data['to']!r} yet: {'; '.join(data['missing'])}"
    if event.type == Decided.TASK_MADE and enrolment:
        owner = member_name(book, data["owner"]) or "nobody"
        due = f"due {_local(book, data['due_at'])}" if data["due_at"] else "no date yet: it is on the gap list"
        return f"next step: {data['title']} - {owner}, {due}"
    if event.type == Decided.TASK_MOVED and enrolment:
        return f"put off: {_title(enrolment.tasks, data['task'])} - due {_local(book, data['due_at'])}"
    if event.type == Decided.TASK_CLOSED and enrolment and data["outcome"] == "done":
        return f"done: {_title(enrolment.tasks, data['task'])}"
    if event.type == Decided.OWNER_CHANGED:
        return f"now owned by {member_name(book, data['owner']) or 'nobody'}"
    if event.type == Decided.HELD:
        return f"nothing goes until {_local(book, data['until'])} ({data['kind'].replace('_', ' ')})"
    if event.type == Decided.LOCK_LOST:
        return f"the agreed next step fell through: {title_of(data['by'])}"
    return _PLAIN.get(event.type, "").format_map(data)


_PLAIN = {
    Decided.STOPPED: "the sequence stops: {by}",
    Decided.ENROLMENT_ENDED: "ended as {end}",
    Decided.PAUSED: "paused: nothing goes until it is resumed",
    Decided.RESUMED: "resumed",
}


def _title(tasks: Mapping[str, TaskState], key: str) -> str:
    task = tasks.get(key)
    return task.title if task else key


def _local(book: Book, text: str) -> str:
    """Write an instant of the log on the shop's clock."""
    return local_text(book, parse_instant(text))
