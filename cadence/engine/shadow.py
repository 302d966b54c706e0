"""A candidate version beside the live one: what it would have made of a lead's real events, and what did happen.

The facts of the log are told to the candidate when they were really learned: replies, bookings, calls, and not what the
engine decided. Sending counts as done, and whose turn it was is taken from the record: neither is the page's doing.
"""

from __future__ import annotations

from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cadence.engine.diff import changes_between, stranded_in
from cadence.engine.fold import fold
from cadence.engine.futures import SENT, future_of, past_of
from cadence.engine.replay import AsRecorded, is_derived
from cadence.engine.work import ENGINE
from cadence.playbook.words import MESSAGE_CHANNELS
from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cadence.engine.book import Book
    from cadence.engine.diff import Change
    from cadence.engine.events import Event
    from cadence.engine.futures import Future, Names, Planned, Span, TouchKey

__all__ = ["NEAR", "OptOut", "Shadowed", "shadow_lead"]

NEAR = timedelta(minutes=15)  #: what goes so much earlier or later is not told: ticks lie further apart at times
_NEVER = datetime.max.replace(tzinfo=UTC)
_ANSWERS = ("call.logged", "message.sent.by_person")  #: what a colleague did to answer


@value(kw_only=True)
class OptOut:
    """Somebody asked us to stop, and the last message before that: playbook, stage and touch; empty: there was none."""

    at: datetime
    after: tuple[str, str, str]
    would_be_after: tuple[str, str, str]


@value(kw_only=True)
class Shadowed:
    """One lead, as it happened and as it would have."""

    lead: str
    name: str
    changes: tuple[Change, ...]
    live: Mapping[TouchKey, Planned] = field(repr=False)  #: what was decided of touches
    candidate: Mapping[TouchKey, Planned] = field(repr=False)  #: what would have been
    came_at: datetime | None = None  #: when it came in; None: before the time that is looked at
    answered_at: datetime | None = None  #: first message to it, or first call; of one that came in
    would_answer_at: datetime | None = None
    opt_outs: tuple[OptOut, ...] = ()
    stranded: tuple[tuple[str, str], ...] = ()  #: playbook and stage that it stood in, and that the candidate lacks


def shadow_lead(
    lead: str,
    before: Sequence[Event],
    since: Sequence[Event],
    touches: Sequence[tuple[str, int, str, Planned]],
    *,
    live: Book,
    candidate: Book,
    span: Span,
    names: Names,
    ledger: Callable[[Mapping[str, Any], datetime], Mapping[tuple[str, str], str]],
    ticks: Sequence[datetime] | None = None,
) -> Shadowed:
    """Compare what happened to a lead with what the candidate would have done.

    ``before``, ``since``: its log up to the start of the span, and from there on, with the pauses of the shop.
    ``touches``: what was decided of touches since, each with its enrolment, visit and name. ``live``: the versions in
    force at the end. ``ledger``: tells where nothing might go to at an instant. ``ticks``: those that there were; left
    out, one every ``span.tick``.
    """
    facts = [event for event in since if event.actor != ENGINE and not is_derived(event)]
    state = fold(lead, before)
    state.suppressed = ledger(state.record, span.start)
    stranded = tuple((playbook, stage) for _, playbook, stage in stranded_in(candidate, state))
    old = past_of(live, state.copy(), since, touches, span=span, names=names)
    new = future_of(
        candidate,
        state,
        span=span,
        wake_at=span.start if before else None,
        roster=AsRecorded(since),
        names=names,
        facts=facts,
        ticks=ticks,
        log=[*before],
    )
    _make_alike(old, new)
    came = next((event for event in since if event.type == "lead.created"), None)
    told = [event.at for event in facts if event.type in _ANSWERS]
    return Shadowed(
        lead=lead,
        name=str(old.state.record.get("name") or lead),
        changes=tuple(sorted(changes_between(old, new, candidate, span), key=_when)),
        live=old.touches,
        candidate=new.touches,
        came_at=came.at if came else None,
        answered_at=_first(old, told) if came else None,
        would_answer_at=_first(new, told) if came else None,
        opt_outs=tuple(
            OptOut(at=event.at, after=_last_before(old, event.at), would_be_after=_last_before(new, event.at))
            for event in facts
            if event.type == "opt_out"
        ),
        stranded=stranded,
    )


def _make_alike(old: Future, new: Future) -> None:
    """Have the two differ only where a person would say that they do."""
    for future in (old, new):
        for key, planned in future.touches.items():
            subject = planned.text[1] if planned.channel in MESSAGE_CHANNELS else ""
            future.touches[key] = replace(planned, text=("", subject, planned.text[2]))
    for key, planned in new.touches.items():
        was = old.touches.get(key)
        if was is not None and was.outcome == planned.outcome and abs(was.at - planned.at) <= NEAR:
            new.touches[key] = replace(planned, at=was.at)


def _when(change: Change) -> tuple[datetime, str, str]:
    return change.at or change.was or change.due_at or _NEVER, change.stage, change.touch


def _messages(future: Future) -> list[tuple[datetime, tuple[str, str, str]]]:
    return [
        (planned.at, (planned.playbook, key[1], key[3]))
        for key, planned in future.touches.items()
        if planned.outcome == SENT and planned.channel in MESSAGE_CHANNELS
    ]


def _first(future: Future, told: Sequence[datetime]) -> datetime | None:
    return min((*told, *(at for at, _ in _messages(future))), default=None)


def _last_before(future: Future, at: datetime) -> tuple[str, str, str]:
    return max((each for each in _messages(future) if each[0] <= at), default=(at, ("", "", "")))[1]
