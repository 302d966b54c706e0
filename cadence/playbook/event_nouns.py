"""What an event is called in a list: ``a reply``, ``a booking``, ``a signed contract``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.playbook.words import EVENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EVENT_NOUNS", "event_noun", "moment_noun"]

#: Every event of :data:`cadence.playbook.words.EVENTS`.
EVENT_NOUNS: dict[str, str] = {
    "lead.created": "a new lead",
    "lead.updated": "a changed record",
    "lead.qualified": "a qualified lead",
    "lead.disqualified": "a disqualified lead",
    "lead.won": "a job won",
    "lead.lost": "a job lost",
    "call.missed": "a missed call",
    "call.logged": "a logged call",
    "message.sent": "a message",
    "message.sent.by_person": "a colleague's message",
    "reply": "a reply",
    "acknowledgement": "a confirmation",
    "snooze": "a wish to wait",
    "not_interested": "a no",
    "automatic": "an automatic answer",
    "opt_out": "an opt-out",
    "opt_in": "an opt-in",
    "consent.given": "a consent",
    "consent.withdrawn": "a withdrawn consent",
    "message.bounced": "a message that came back",
    "message.opened": "an opened message",
    "message.clicked": "a followed link",
    "appointment.booked": "a booking",
    "appointment.confirmed": "a confirmed appointment",
    "appointment.cancelled": "a cancelled appointment",
    "appointment.missed": "a missed appointment",
    "callback.scheduled": "an agreed callback",
    "visit.logged": "a logged visit",
    "estimate.sent": "a sent estimate",
    "work.approved": "approved work",
    "no_decision": "no decision",
    "contract.sent": "a sent contract",
    "contract.signed": "a signed contract",
    "deposit.paid": "a deposit",
    "note.added": "a note",
    "owner.assigned": "a new owner",
    "next.set": "a next step set by hand",
    "handoff.noted": "a hand-off note",
    "task.done": "a finished task",
    "task.postponed": "a task put off",
    "act.undone": "an act taken back",
}
_MOMENTS = {
    "appointment.booked.starts_at": "the appointment",
    "appointment.booked.ends_at": "the appointment's end",
    "callback.scheduled.starts_at": "the callback",
    "callback.scheduled.ends_at": "the callback's end",
    "no_decision.follow_up_due": "the follow-up date",
    "snooze.until": "the day asked for",
}
_BEGINS = "starts_at"


def event_noun(event: str, own: Mapping[str, tuple[str, object]] | None = None) -> str:
    """Return what an event is called; one of the shop's ``own`` (type -> title and more) by its title."""
    if event in EVENT_NOUNS:
        return EVENT_NOUNS[event]
    return own[event][0] if own and event in own else event


def moment_noun(anchor: str, own: Mapping[str, tuple[str, object]] | None = None) -> str:
    """Return what a touch counts from when its anchor is an event or a date an event carries."""
    if anchor in EVENTS or (own and anchor in own):
        return event_noun(anchor, own)
    if anchor in _MOMENTS:
        return _MOMENTS[anchor]
    event, _, field = anchor.rpartition(".")
    noun = event_noun(event, own)
    return noun if field == _BEGINS else f"{noun} ({field.replace('_', ' ')})"
