"""The engine's entries as sentences on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cadence.engine.decision import Outcome
from cadence.engine.events import Decided, parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.engine.book import Book
    from cadence.engine.decision import Decision
    from cadence.engine.events import Event

__all__ = ["consequences"]


def consequences(decision: Decision, book: Book) -> Iterator[str]:
    """Yield what a fact led to, a sentence each; one sentence when it led to nothing."""
    said = [line for event in decision.events if (line := _sentence(event, decision, book))]
    stopped = sum(1 for verdict in decision.verdicts if verdict.outcome is Outcome.STOPPED)
    if stopped:
        said.append(f"{stopped} touch{'es' * (stopped != 1)} stopped")
    yield from said or ["recorded; nothing changes by it"]


def _sentence(event: Event, decision: Decision, book: Book) -> str:
    data = event.data
    enrolment = decision.state.enrolments.get(event.enrolment)
    if event.type == Decided.STAGE_ENTERED and enrolment:
        stage = book.stage(enrolment.playbook, enrolment.digest, data["stage"])
        owner = _name(book, enrolment.playbook, data["owner"])
        title = stage.title if stage else data["stage"]
        return f"{enrolment.playbook}: now in {title!r}" + (f", owned by {owner}" if owner else "")
    if event.type == Decided.MOVE_WAITING:
        return f"cannot move to {data['to']!r} yet: {'; '.join(data['missing'])}"
    if event.type == Decided.STOPPED:
        return f"the sequence stops: {data['by']}"
    if event.type == Decided.TASK_MADE and enrolment:
        owner = _name(book, enrolment.playbook, data["owner"])
        return f"next step: {data['title']} - {owner or 'nobody'}, due {_local(book, data['due_at'])}"
    if event.type == Decided.HELD:
        return f"nothing goes until {_local(book, data['until'])} ({data['kind'].replace('_', ' ')})"
    if event.type == Decided.ENROLMENT_ENDED:
        return f"ended as {data['end']}"
    if event.type == Decided.PAUSED:
        return "paused: nothing goes until it is resumed"
    if event.type == Decided.RESUMED:
        return "resumed"
    return ""


def _local(book: Book, text: str) -> str:
    """Write an instant of the log on the shop's clock."""
    plan = next(iter(book.current.values()), None)
    zone = ZoneInfo(plan.workspace.business.timezone if plan else "UTC")
    return f"{parse_instant(text).astimezone(zone):%a %d %b %Y %H:%M}"


def _name(book: Book, playbook: str, member: str) -> str:
    plan = book.current.get(playbook)
    known = plan.members.get(member) if plan else None
    return known.name if known else member
