"""The fold: a lead's state is what the entries of its log amount to, in the order they were recorded.

It knows no playbook: what an entry means for the plan was decided when it was recorded, so a later edit of a
playbook never rewrites the past.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cadence.engine.duties import (
    close_task,
    finish_task,
    give,
    hand_back,
    hand_over,
    make_step,
    make_task,
    move_task,
    promises_of,
    take_over,
)
from cadence.engine.events import Decided, Event
from cadence.engine.flights import defer, land, take_back, take_off
from cadence.engine.hold_entries import HOLDS
from cadence.engine.renames import adopted, by_its_present_name
from cadence.engine.state import EnrolmentState, LeadState
from cadence.engine.visit import MoveWaiting, SlaState, Stop, TouchState, VisitState
from cadence.engine.wishes import WISHES
from cadence.playbook.words import EVENTS, MESSAGE_CHANNELS, PERSON_CHANNELS, PHONE_CHANNELS, Actor

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping


__all__ = ["CLAIMED", "PERSON_WIDE", "UNDONE", "apply", "concerns", "fold", "standing_entries"]

_NEVER = datetime.max.replace(tzinfo=UTC)
PERSON_WIDE = ("reply", "opt_out")  #: facts about the person, whatever job they are told of
UNREACHABLE = ("no_address", "dead_address")  #: reasons for which a touch goes another way, where its page has one
CLAIMED = "claimed"  #: a touch on its way; every other value is an outcome


UNDONE = "act.undone"
#: What a fact does to people's next steps and to where a lead stands: taken back with it.
_GOES_WITH_IT = (
    Decided.TASK_CLOSED, Decided.TASK_MOVED, Decided.MOVE_WAITING, Decided.HELD, Decided.HOLD_ENDED,
    Decided.ENROLMENT_ENDED,
)  # fmt: skip
_ENGINE = Actor.ENGINE.value


def fold(lead: str, events: Iterable[Event], *, without: Iterable[str] = ()) -> LeadState:
    """Return the state that a log amounts to; ``events`` in the order they were recorded.

    A fact that was taken back, or whose key is in ``without``, counts as never told; what was decided on it stands,
    unless it was decided otherwise.
    """
    log = list(events)
    undone = {*without, *(event.data["undoes"] for event in log if event.type == UNDONE)}
    state = LeadState(lead=lead)
    for event in standing_entries(log, undone) if undone else log:
        apply(state, event)
    return state


def standing_entries(log: Iterable[Event], undone: Collection[str]) -> Iterator[Event]:
    """Yield the entries that still count when the facts with these keys are taken back.

    With such a fact goes what it did, at the instant it was recorded, to next steps, holds, moves that wait and to
    the end of a job; what was sent, stopped or entered because of it stays in the log as it was.
    """
    gone: Event | None = None
    for event in log:
        if event.actor != _ENGINE:
            gone = event if event.key and event.key in undone else None
            if gone:
                continue
        elif gone and event.type in _GOES_WITH_IT and event.recorded_at == gone.recorded_at:
            continue
        yield event


def apply(state: LeadState, event: Event) -> None:
    """Fold one entry into a state, in place."""
    if state.renamed and "touch" in event.data:
        event = by_its_present_name(state, event)
    _HANDLERS.get(event.type, _fact)(state, event)


def _fact(state: LeadState, event: Event) -> None:
    _remember(state.latest, event)
    kind = EVENTS.get(event.type)
    if event.type in ("lead.created", "lead.updated"):
        state.record, state.views = {**state.record, **event.data.get("lead", {})}, {}
    elif event.type == "message.sent.by_person":
        state.messages.append(event.at)
        if event.data.get("channel", "sms") in PHONE_CHANNELS:
            state.texts.append(event.at)
    elif event.type in WISHES:
        WISHES[event.type](state, event)
    if (
        kind
        and kind.inquiry
        and event.data.get("inquiry", True)
        and (not state.inquiry or event.at >= state.inquiry.at)
    ):
        state.inquiry = event
    for enrolment in state.active_enrolments():
        if concerns(enrolment, event):
            _note(enrolment, event)
            if event.type in _ACTS:
                _ACTS[event.type](enrolment, event)


#: What a colleague's word changes in an enrolment at once.
_ACTS: Mapping[str, Callable[[EnrolmentState, Event], None]] = {
    "owner.assigned": give,
    "task.done": finish_task,
    UNDONE: hand_back,
}


def concerns(enrolment: EnrolmentState, event: Event) -> bool:
    """Tell whether a fact is about this enrolment: it names the job, or names none, or is the person's word."""
    if event.type in PERSON_WIDE:
        return True
    if event.enrolment:
        return event.enrolment == enrolment.id
    return not event.job or event.job == enrolment.job


def _note(enrolment: EnrolmentState, event: Event) -> None:
    kind = EVENTS.get(event.type)
    _remember(enrolment.latest, event)
    visit = enrolment.visit
    if event.at >= visit.started_at and event.at < visit.first.get(event.type, _NEVER):
        visit.first[event.type] = event.at
    actor = kind.actor if kind else Actor(event.actor)
    if actor in (Actor.LEAD, Actor.COLLEAGUE) and (not enrolment.last_activity or event.at > enrolment.last_activity):
        enrolment.last_activity = event.at
    if kind and kind.contact:
        enrolment.contacts += 1
    if event.type == "message.opened":
        enrolment.opened |= {f"{visit.number}/{event.data.get('touch')}"}
    elif event.type == "message.clicked":
        enrolment.clicks += 1
    elif event.type == "message.bounced" and (touch := visit.touches.get(str(event.data.get("touch", "")))):
        visit.touches[str(event.data["touch"])] = replace(touch, fell_through=event.at)


def _remember(latest: dict[str, Event], event: Event) -> None:
    known = latest.get(event.type)
    if known is None or event.at >= known.at:
        latest[event.type] = event


def _enrolled(state: LeadState, event: Event) -> None:
    data = event.data
    before_any = VisitState(0, "", event.at, data["by"])
    enrolment = EnrolmentState(event.enrolment, data["playbook"], event.job, data["digest"], event.at, before_any)
    cause = state.latest.get(data["by"])
    if cause:
        _note(enrolment, cause)
    state.enrolments[event.enrolment] = enrolment


def _stage_entered(state: LeadState, event: Event) -> None:
    enrolment, data = state.enrolments[event.enrolment], event.data
    if enrolment.visit.stage:
        enrolment.former = (*enrolment.former, (enrolment.visit, enrolment.owner))
    enrolment.entered = max(enrolment.entered, data["visit"])
    enrolment.visit = VisitState(
        data["visit"],
        data["stage"],
        event.at,
        data["by"],
        promises=promises_of(data),
        variant=data.get("variant", ""),
    )
    take_over(enrolment, event)
    enrolment.waiting_move = None
    cause = enrolment.latest.get(event.data["by"])
    if cause and cause.at >= event.at:
        enrolment.visit.first[cause.type] = cause.at


def _enrolment_ended(state: LeadState, event: Event) -> None:
    enrolment = state.enrolments[event.enrolment]
    enrolment.end = event.data["end"]
    enrolment.ended_at = event.at


def _restored(state: LeadState, event: Event) -> None:
    """Have an enrolment stand where it stood before it moved on; what is left of that visit stays stopped."""
    enrolment = state.enrolments[event.enrolment]
    enrolment.end, enrolment.ended_at = "", None
    if enrolment.former:
        visit, owner = enrolment.former[-1]
        hand_over(enrolment, owner)
        enrolment.visit, enrolment.former = visit.copy(), enrolment.former[:-1]
    enrolment.waiting_move = None
    enrolment.visit.stop = Stop(by=event.data["by"], at=event.at, keep=())


def _move_waiting(state: LeadState, event: Event) -> None:
    data = event.data
    state.enrolments[event.enrolment].waiting_move = MoveWaiting(
        to=data["to"], by=data["by"], at=event.at, missing=tuple(data["missing"])
    )


def _stopped(state: LeadState, event: Event) -> None:
    visit = state.enrolments[event.enrolment].visit
    visit.stop = Stop(by=event.data["by"], at=event.at, keep=tuple(event.data["keep"]))


def _touch(outcome: str) -> Callable[[LeadState, Event], None]:
    def handler(state: LeadState, event: Event) -> None:
        data = event.data
        enrolment = state.enrolments[event.enrolment]
        if outcome == CLAIMED:
            take_off(state, event)
            if data["channel"] in PERSON_CHANNELS:
                make_step(enrolment, event)
        elif outcome == "sent":
            land(state, event)
            if data["channel"] in MESSAGE_CHANNELS:
                _note(enrolment, _as_message(event))
        elif outcome == "failed":
            take_back(state, event)
        visit = enrolment.visit
        if data["visit"] == visit.number:
            fell = event.at if data.get("reason") in UNREACHABLE else None
            visit.touches[data["touch"]] = TouchState(outcome, event.at, data["channel"], fell)
            visit.deferred.pop(data["touch"], None)

    return handler


def _as_message(sent: Event) -> Event:
    """Return the fact that a message went, of the entry that its touch was carried out."""
    return Event("message.sent", sent.at, sent.recorded_at, sent.enrolment, sent.job, sent.actor, sent.data, sent.key)


def _lock_lost(state: LeadState, event: Event) -> None:
    visit = state.enrolments[event.enrolment].visit
    if event.data["visit"] == visit.number:
        visit.lost = (*visit.lost, event.data["lock"])


def _scored(state: LeadState, event: Event) -> None:
    state.enrolments[event.enrolment].score = event.data["score"]


def _duty(change: Callable[[EnrolmentState, Event], None]) -> Callable[[LeadState, Event], None]:
    return lambda state, event: change(state.enrolments[event.enrolment], event)


def _sla(change: Callable[[SlaState], None]) -> Callable[[LeadState, Event], None]:
    def handler(state: LeadState, event: Event) -> None:
        visit = state.enrolments[event.enrolment].visit
        if event.data["visit"] == visit.number:
            change(visit.sla.setdefault(event.data["sla"], SlaState()))

    return handler


def _warned(sla: SlaState) -> None:
    sla.warned = True


def _missed(sla: SlaState) -> None:
    sla.missed = True


def _escalated(sla: SlaState) -> None:
    sla.steps += 1


_HANDLERS: Mapping[str, Callable[[LeadState, Event], None]] = {
    Decided.ENROLLED: _enrolled,
    Decided.STAGE_ENTERED: _stage_entered,
    Decided.ENROLMENT_ENDED: _enrolment_ended,
    Decided.VISIT_RESTORED: _restored,
    Decided.MOVE_WAITING: _move_waiting,
    Decided.ADOPTED: adopted,
    Decided.STOPPED: _stopped,
    Decided.TOUCH_CLAIMED: _touch(CLAIMED),
    Decided.TOUCH_SENT: _touch("sent"),
    Decided.TOUCH_DEFERRED: defer,
    Decided.TOUCH_SKIPPED: _touch("skipped"),
    Decided.TOUCH_STOPPED: _touch("stopped"),
    Decided.TOUCH_FAILED: _touch("failed"),
    Decided.TOUCH_UNKNOWN: _touch("unknown"),
    Decided.TASK_MADE: _duty(make_task),
    Decided.TASK_MOVED: _duty(move_task),
    Decided.TASK_CLOSED: _duty(close_task),
    Decided.OWNER_CHANGED: _duty(take_over),
    Decided.SCORED: _scored,
    Decided.LOCK_LOST: _lock_lost,
    Decided.SLA_WARNED: _sla(_warned),
    Decided.SLA_MISSED: _sla(_missed),
    Decided.SLA_ESCALATED: _sla(_escalated),
    **HOLDS,
}
