"""Why a touch went when it did, and not the moment it was due: window, limits, pause, or the next look."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.engine.cases import ANSWER_WITHIN
from cadence.engine.decision import Reason
from cadence.engine.holds import current_hold
from cadence.engine.limits import limit_wait
from cadence.playbook.words import MESSAGE_CHANNELS
from cadence.runner.closed import local_text
from cadence.timing.durations import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cadence.playbook.model import Touch
    from cadence.reports.explain_case import Case

__all__ = ["why_then"]


def why_then(case: Case, due: datetime, went: datetime) -> list[str]:
    """Say what lay between the instant a touch was due and the one it went, or goes; empty when nothing did."""
    touch = case.touch
    if touch is None or went <= due:
        return []
    found = list(_waits(case, touch, due, went))
    free = max([until for until, _ in found], default=due)
    said = [f"{why} until {local_text(case.story.book, until)}" for until, why in found]
    if went > free:
        late = format_duration(went - free) if went - free >= timedelta(minutes=1) else "less than a minute"
        said.append(f"looked at {late} after that, by the first tick that came to it")
    return said


def _waits(case: Case, touch: Touch, due: datetime, went: datetime) -> Iterator[tuple[datetime, str]]:
    """Yield what held it, in the order it is asked, each with its end; one wait may begin where another ends."""
    hold = current_hold(case.known, case.enrolment.playbook, due)
    at = due
    if hold and hold.end and hold.end <= went:
        at = hold.end
        yield at, f"held back ({hold.kind.replace('_', ' ')})"
    for mark in case.marks:
        until = mark.event.data.get("until")
        if until and mark.event.at < went:
            yield mark.event.at, "tried before, and it surely did not go"
    if touch.channel not in MESSAGE_CHANNELS or _answers_at_once(case, touch, went):
        return
    opening = case.clock.next_open(touch.channel, at)
    if opening and at < opening <= went:
        at = opening
        yield at, "its send window was closed"
    limits = None if touch.expects == "ack" else case.plan.playbook.limits
    wait = limit_wait(case.known, limits, case.clock, touch.channel, at)
    if wait and at < wait[0] <= went:
        yield wait[0], _LIMITS.get(wait[1], wait[1].text)


def _answers_at_once(case: Case, touch: Touch, went: datetime) -> bool:
    inquiry = case.known.inquiry
    return bool(touch.answers and inquiry and went <= inquiry.at + ANSWER_WITHIN)


_LIMITS = {
    Reason.MIN_GAP: "the last message was too recent",
    Reason.DAY_LIMIT: "there were enough messages that day",
    Reason.LAW_LIMIT: "the law allowed no more texts",
}
