"""What a colleague is told who comes second: who closed a next step, who ended a job, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cadence.engine.events import Decided
from cadence.engine.fold import UNDONE, standing_entries
from cadence.playbook.words import EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.events import Event

__all__ = ["Ending", "how_closed", "how_ended", "local_text", "member_name", "still_told", "title_of"]


def member_name(book: Book, member: str) -> str:
    """Return a colleague's name; the id itself where the team knows none such."""
    found = (plan.members[member] for plan in book.current.values() if member in plan.members)
    known = next(found, None)
    return known.name if known else member


def local_text(book: Book, instant: datetime) -> str:
    """Write an instant on the shop's clock."""
    plan = next(iter(book.current.values()), None)
    zone = ZoneInfo(plan.workspace.business.timezone if plan else "UTC")
    return f"{instant.astimezone(zone):%a %d %b %Y %H:%M}"


def title_of(kind: str) -> str:
    """Say what happened, as a person would; the shop's own events are said by their name."""
    return EVENTS[kind].title if kind in EVENTS else kind.replace("_", " ")


def still_told(log: Sequence[Event]) -> list[Event]:
    """List the entries of a log that count, without what was taken back."""
    undone = {event.data["undoes"] for event in log if event.type == UNDONE}
    return list(standing_entries(log, undone)) if undone else list(log)


def how_closed(log: Sequence[Event], book: Book, task: str) -> str:
    """Say by whom and when a next step was closed: "done already by Dana Reyes at Tue 24 Nov 2026 10:31"."""
    entries = still_told(log)
    for index in range(len(entries) - 1, -1, -1):
        event = entries[index]
        if event.data.get("task") != task:
            continue
        if event.type == "task.done":
            return f"done already by {_who(book, event)} at {local_text(book, event.at)}"
        if event.type == Decided.TASK_CLOSED:
            cause = _cause(entries[:index], event)
            by = f" by {_who(book, cause)}" if cause and cause.data.get("by") else ""
            what = "done already" if event.data["outcome"] == "done" else "not needed any more"
            return f"{what}{by} since {local_text(book, event.at)} ({title_of(event.data['by'])})"
    return "closed already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a job ended."""

    text: str  #: it ended as won at Tue 24 Nov 2026 10:31 by Dana Reyes
    act: str = ""  #: key of the act that ended it; empty: no colleague's act did


def how_ended(log: Sequence[Event], book: Book, enrolment: str) -> Ending:
    """Say how, when and by whom a job was ended."""
    entries = still_told(log)
    for index in range(len(entries) - 1, -1, -1):
        event = entries[index]
        if event.type == Decided.ENROLMENT_ENDED and event.enrolment == enrolment:
            cause = _cause(entries[:index], event)
            by = _who(book, cause) if cause and cause.data.get("by") else ""
            text = f"it ended as {event.data['end']} at {local_text(book, event.at)}"
            said = f" by {by}" if by else f" ({title_of(event.data['by'])})"
            return Ending(text=text + said, act=cause.key if cause and cause.key.startswith("act-") else "")
    return Ending(text="it has ended")


def _cause(before: Sequence[Event], event: Event) -> Event | None:
    """Return the fact that an entry of the engine followed from; None when it followed from no fact."""
    kind = event.data.get("by")
    fact = next((each for each in reversed(before) if each.type in EVENTS or each.type == kind), None)
    return fact if fact is not None and fact.type == kind else None


def _who(book: Book, event: Event) -> str:
    return member_name(book, str(event.data.get("by") or "")) or "a colleague"
