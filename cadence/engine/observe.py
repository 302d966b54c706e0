"""A fact comes in: what it stops, where it moves the lead, which next step it makes.

Everything that silence was due to do before the fact happened is done first, so the outcome does not depend on
how long ago the last tick ran.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.engine.absence import keep_owners
from cadence.engine.acts import act_on
from cadence.engine.adopt import adopt_versions
from cadence.engine.clock import lead_clock
from cadence.engine.decision import Reason
from cadence.engine.due import anchor_event, moment_of
from cadence.engine.events import Decided, Event, instant_text
from cadence.engine.fold import PERSON_WIDE, concerns
from cadence.engine.lost_locks import locks_at_stake, note_lost_locks
from cadence.engine.moves import advance, end_for, enrol, try_move, try_waiting_moves
from cadence.engine.person import person_is
from cadence.engine.promises import note_misses
from cadence.engine.scores import rescore
from cadence.engine.steps import drop_sequence
from cadence.engine.touches import Place, end_touches, place_of, places
from cadence.engine.work import Work
from cadence.playbook.words import EVENTS, Actor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.state import EnrolmentState, LeadState
    from cadence.playbook.compile import Plan

__all__ = ["awaits_confirmation", "take_in"]

SNOOZE_DEFAULT = timedelta(days=7)  #: "later", without a date
ABSENCE_DEFAULT = timedelta(days=3)  #: out of office, without a date

#: Facts that end the job wherever the lead stands, unless the stage's ``next`` says otherwise.
_ENDS = {"lead.won": "won", "lead.lost": "lost", "lead.disqualified": "lost"}


def take_in(work: Work, fact: Event) -> None:
    """Fold a fact in and react to it."""
    adopt_versions(work)
    keep_owners(work)
    before = min(fact.at, work.now)
    advance(work, before)
    note_misses(work, before)
    at_stake = locks_at_stake(work, fact)
    work.take(fact)
    if fact.type == "acknowledgement" and not _confirms(work, fact):
        _react(work, fact, as_type="reply")
    else:
        _react(work, fact, as_type=fact.type)
    rescore(work)
    try_waiting_moves(work, fact.at)
    note_lost_locks(work, at_stake, fact)


def _react(work: Work, fact: Event, *, as_type: str) -> None:
    _wake_from_hold(work, fact)
    special = _SPECIAL.get(as_type)
    if special:
        special(work, fact)
    act_on(work, fact)
    concerned = _concerned(work, fact, as_type)
    handled = {enrolment.id for enrolment in concerned if _move_or_stop(work, enrolment, fact, as_type)}
    if as_type == "reply" and not concerned and work.state.enrolments:
        _answer_task(work, next(reversed(work.state.enrolments.values())), fact)
    _enter_on(work, fact, handled)


def _concerned(work: Work, fact: Event, as_type: str = "") -> list[EnrolmentState]:
    active = work.state.active_enrolments()
    return [enrolment for enrolment in active if as_type in PERSON_WIDE or concerns(enrolment, fact)]


def _move_or_stop(work: Work, enrolment: EnrolmentState, fact: Event, kind: str) -> bool:
    """Apply a fact to one enrolment; tell whether it had a place in the plan."""
    place = place_of(work, enrolment)
    if place is None:
        return False
    visit = enrolment.visit.number
    meant = _in_scope(work, place, fact, kind)
    stops = kind != "opt_out" and kind in place.plan.playbook.stop_on and meant
    target = place.stage.next.get(kind)
    moved = bool(target) and try_move(work, place, str(target), by=fact.type, at=fact.at)
    if not moved and not target and kind in _ENDS:
        end_for(work, place, _ENDS[kind], by=fact.type, at=fact.at)
        moved = True
    if stops and enrolment.visit.number == visit and enrolment.active:
        _stop(work, place, fact)
    if kind == "reply" and meant:
        _answer_task(work, enrolment, fact)
    elif stops and enrolment.active and not moved:
        _decide_task(work, enrolment, fact)
    return bool(target) or stops or moved


def _in_scope(work: Work, place: Place, fact: Event, kind: str) -> bool:
    """Tell whether a reply is meant for this enrolment: the one it names, else the one that wrote last."""
    if kind != "reply" or place.plan.playbook.stop_scope == "person":
        return True
    if fact.enrolment or fact.job:
        return place.enrolment.id == fact.enrolment or (not fact.enrolment and place.enrolment.job == fact.job)
    written = [each for each in work.state.active_enrolments() if "message.sent" in each.latest]
    latest = max(written, key=lambda each: each.latest["message.sent"].at, default=place.enrolment)
    return latest.id == place.enrolment.id


def _stop(work: Work, place: Place, fact: Event) -> None:
    stop = place.enrolment.visit.stop
    if stop and not stop.keep:
        return
    keep = tuple(
        touch.id
        for touch in place.stage.touches
        if touch.anchor and anchor_event(place.plan, touch.anchor)[0] == fact.type
    )
    line = place.plan.playbook.stop_on.get(fact.type, 0)
    end_touches(work, place, Reason.STOPPED, by=fact.type, keep=keep, line=line)
    drop_sequence(work, place, by=fact.type, keep=keep, promises=False)
    work.record(
        Decided.STOPPED,
        at=fact.at,
        enrolment=place.enrolment,
        visit=place.enrolment.visit.number,
        by=fact.type,
        keep=list(keep),
    )


def _opt_out(work: Work, fact: Event) -> None:
    """End every automated touch of the person, or those of the one channel that was opted out of."""
    only = str(fact.data.get("only", ""))
    wish = f"asked us to stop on {only}: write no more there" if only else "asked us to stop: write no more messages"
    for enrolment in work.state.active_enrolments():
        place = place_of(work, enrolment)
        if place is None:
            continue
        if only:
            end_touches(work, place, Reason.OPTED_OUT, by=fact.type, only=only)
        else:
            _stop_all(work, place, fact)
        _task(work, enrolment, fact, f"{work.name} {wish}")


def _stop_all(work: Work, place: Place, fact: Event) -> None:
    end_touches(work, place, Reason.OPTED_OUT, by=fact.type)
    work.record(
        Decided.STOPPED,
        at=fact.at,
        enrolment=place.enrolment,
        visit=place.enrolment.visit.number,
        by=fact.type,
        keep=[],
    )


def _snooze(work: Work, fact: Event) -> None:
    _hold(work, fact, "snoozed", SNOOZE_DEFAULT)


def _absent(work: Work, fact: Event) -> None:
    if fact.data.get("kind") == "out_of_office":
        _hold(work, fact, "out_of_office", ABSENCE_DEFAULT)


def _hold(work: Work, fact: Event, kind: str, default: timedelta) -> None:
    until = fact.at + default
    plan = _any_plan(work)
    if plan:
        found = moment_of(plan, fact, "until", lead_clock(plan, work.state.record))
        if found and (found[0] > fact.at or kind == "out_of_office"):
            until = found[0]
    if until > fact.at:
        work.record(Decided.HELD, at=fact.at, kind=kind, until=instant_text(until))


def _not_interested(work: Work, fact: Event) -> None:
    for enrolment in _concerned(work, fact):
        place = place_of(work, enrolment)
        if place and "not_interested" not in place.stage.next:
            end_for(work, place, "lost", by=fact.type, at=fact.at)


_SPECIAL: Mapping[str, Callable[[Work, Event], None]] = {
    "opt_out": _opt_out,
    "snooze": _snooze,
    "automatic": _absent,
    "not_interested": _not_interested,
}


def _wake_from_hold(work: Work, fact: Event) -> None:
    """End a snooze or an absence: the person has come back, or a fact moves the lead on.

    A colleague's note or call does not: who asked for next week is not written to because somebody noted it.
    """
    kind = EVENTS.get(fact.type)
    inbound = (kind.actor if kind else Actor(fact.actor)) is Actor.LEAD
    if not inbound and not _moves_on(work, fact):
        return
    standing = [hold.kind for hold in work.state.holds if hold.kind != "paused" and hold.end and hold.end > fact.at]
    for name in dict.fromkeys(standing):
        work.record(Decided.HOLD_ENDED, at=fact.at, kind=name)


def _moves_on(work: Work, fact: Event) -> bool:
    found = [place_of(work, enrolment) for enrolment in _concerned(work, fact)]
    return any(place and fact.type in place.stage.next for place in found)


def _confirms(work: Work, fact: Event) -> bool:
    """Take an acknowledgement as the confirmation some touch waits for; tell whether one did."""
    confirmed = False
    for enrolment in _concerned(work, fact):
        place = place_of(work, enrolment)
        if place and _awaits_ack(place):
            confirmed = True
            confirmation = Event(
                type="appointment.confirmed",
                at=fact.at,
                recorded_at=fact.recorded_at,
                enrolment=enrolment.id,
                job=enrolment.job,
                actor=Actor.LEAD.value,
                data={"by": fact.type},
            )
            work.take(confirmation)
            _move_or_stop(work, enrolment, confirmation, confirmation.type)
    return confirmed


def awaits_confirmation(book: Book, state: LeadState, now: datetime) -> bool:
    """Tell whether some touch of a lead's has asked for a confirmation that has not come yet."""
    return any(map(_awaits_ack, places(Work(book=book, state=state, now=now))))


def _awaits_ack(place: Place) -> bool:
    visit = place.enrolment.visit
    confirmed = place.enrolment.latest.get("appointment.confirmed")
    asked = [
        visit.touches[touch.id].at
        for touch in place.stage.touches
        if touch.expects == "ack"
        and touch.id in visit.touches
        and visit.touches[touch.id].outcome in ("sent", "claimed", "unknown")
    ]
    return any(confirmed is None or confirmed.at < at for at in asked)


def _enter_on(work: Work, fact: Event, handled: set[str]) -> None:
    for plan in work.book.current.values():
        stage = next((each for each in plan.playbook.stages.values() if fact.type in each.enter_on), None)
        if stage is None:
            continue
        running = [each for each in _concerned(work, fact) if each.playbook == plan.playbook.id]
        for enrolment in running:
            if enrolment.id not in handled:
                _go_forward(work, enrolment, stage.id, fact)
        if not running and _takes(work, plan):
            enrol(work, plan, stage, fact)


def _go_forward(work: Work, enrolment: EnrolmentState, to: str, fact: Event) -> None:
    """Move on by ``enter_on``, never backwards: a lead further along gets a next step instead."""
    place = place_of(work, enrolment)
    if place is None:
        return
    target = place.plan.playbook.stages.get(to)
    if target and target.index > place.stage.index:
        try_move(work, place, to, by=fact.type, at=fact.at)
    elif fact.at > enrolment.visit.started_at:
        _task(work, enrolment, fact, f"{work.name}: {_title(fact)} - call back")


def _takes(work: Work, plan: Plan) -> bool:
    return not plan.playbook.enroll_if or person_is(work, plan, plan.playbook.enroll_if)


def _answer_task(work: Work, enrolment: EnrolmentState, fact: Event) -> None:
    _task(work, enrolment, fact, f"Answer {work.name}", body=str(fact.data.get("text", "")))


def _decide_task(work: Work, enrolment: EnrolmentState, fact: Event) -> None:
    _task(work, enrolment, fact, f"{work.name}: {_title(fact)} - decide the next step", tell=False)


def _task(work: Work, enrolment: EnrolmentState, fact: Event, title: str, body: str = "", *, tell: bool = True) -> None:
    """Give the owner a next step, due when the shop opens; ``tell`` them at once where somebody waits for them."""
    place = place_of(work, enrolment)
    opening = place.plan.playbook.calendar.next_opening(fact.at) if place else None
    cause = f"{fact.type}@{instant_text(fact.at)}"
    if work.make_task(enrolment, title=title, body=body, due_at=opening or fact.at, cause=cause) and tell:
        work.alert(enrolment, enrolment.owner, "reply", title=title, body=body, cause=cause)


def _title(fact: Event) -> str:
    return EVENTS[fact.type].title if fact.type in EVENTS else fact.type


def _any_plan(work: Work) -> Plan | None:
    active = work.state.active_enrolments()
    carried = [work.book.plan(each.playbook, each.digest) for each in active]
    return next((plan for plan in (*carried, *work.book.current.values()) if plan), None)
