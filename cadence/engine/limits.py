"""How often one person may be written to: day, week and gap, over all playbooks together; and what the law allows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cadence.engine.decision import Reason
from cadence.playbook.words import PHONE_CHANNELS
from cadence.timing.wall import local_day, start_of_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.engine.clock import LeadClock
    from cadence.engine.state import LeadState
    from cadence.playbook.model import Limits
    from cadence.timing.law import Most

__all__ = ["capped", "limit_wait"]

WEEK = timedelta(days=7)
_ROUNDS = 8  # each round moves to another day; eight cover a week of full days


def capped(state: LeadState, limits: Limits, now: datetime) -> bool:
    """Tell whether the person has had a week's messages in the last 7 x 24 h."""
    if len(state.messages) < limits.messages_per_week:
        return False
    return sum(1 for sent in state.messages if sent > now - WEEK) >= limits.messages_per_week


def limit_wait(
    state: LeadState, limits: Limits | None, clock: LeadClock, channel: str, now: datetime, *, lawful: bool = False
) -> tuple[datetime, Reason] | None:
    """Return until when, and why, the next message must wait; None when it may go now.

    ``limits``: the page's, None for what does not wait for them. ``lawful``: the law's number of texts need not be
    looked at. The instant already honours the channel's windows: at it, nothing but a new fact stands in the way.
    """
    most = () if lawful or channel not in PHONE_CHANNELS or not state.texts else clock.most
    if not most and (limits is None or not state.messages):
        return None
    until, reason = now, None
    for _ in range(_ROUNDS):
        blocked = _too_many_texts(state, most, until)
        if blocked is None and limits:
            blocked = _blocked(state, limits, clock, until)
        if blocked is None:
            opening = clock.next_open(channel, until)
            if opening is None or opening == until:
                break
            until = opening
        else:
            until = blocked[0]
            reason = reason or blocked[1]
    return (until, reason) if reason else None


def _too_many_texts(state: LeadState, most: Sequence[Most], at: datetime) -> tuple[datetime, Reason] | None:
    """Return when the law leaves room for one more text, whatever it is about; None when it does."""
    free_at = [
        recent[-each.number] + each.within
        for each in most
        for recent in [sorted(sent for sent in state.texts if sent > at - each.within)]
        if len(recent) >= each.number
    ]
    return (max(free_at), Reason.LAW_LIMIT) if free_at else None


def _blocked(state: LeadState, limits: Limits, clock: LeadClock, at: datetime) -> tuple[datetime, Reason] | None:
    if not state.messages:
        return None
    after_gap = max(state.messages) + limits.min_gap
    if after_gap > at:
        return after_gap, Reason.MIN_GAP
    if len(state.messages) < limits.messages_per_day:
        return None
    today = local_day(at, clock.zone)
    if sum(1 for sent in state.messages if local_day(sent, clock.zone) == today) >= limits.messages_per_day:
        return start_of_day(today + timedelta(days=1), clock.zone), Reason.DAY_LIMIT
    return None
