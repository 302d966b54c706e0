"""How often one person may be written to: day, week and gap, over all playbooks together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cadence.engine.decision import Reason
from cadence.timing.wall import local_day, start_of_day

if TYPE_CHECKING:
    from cadence.engine.clock import LeadClock
    from cadence.engine.state import LeadState
    from cadence.playbook.model import Limits

__all__ = ["capped", "limit_wait"]

WEEK = timedelta(days=7)
_ROUNDS = 8  # each round moves to another day; eight cover a week of full days


def capped(state: LeadState, limits: Limits, now: datetime) -> bool:
    """Tell whether the person has had a week's messages in the last 7 x 24 h."""
    if len(state.messages) < limits.messages_per_week:
        return False
    return sum(1 for sent in state.messages if sent > now - WEEK) >= limits.messages_per_week


def limit_wait(
    state: LeadState, limits: Limits, clock: LeadClock, channel: str, now: datetime
) -> tuple[datetime, Reason] | None:
    """Return until when, and why, the next message must wait; None when it may go now.

    The instant already honours the channel's windows: at it, nothing but a new fact stands in the way.
    """
    if not state.messages:
        return None
    until, reason = now, None
    for _ in range(_ROUNDS):
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


def _blocked(state: LeadState, limits: Limits, clock: LeadClock, at: datetime) -> tuple[datetime, Reason] | None:
    after_gap = max(state.messages) + limits.min_gap
    if after_gap > at:
        return after_gap, Reason.MIN_GAP
    if len(state.messages) < limits.messages_per_day:
        return None
    today = local_day(at, clock.zone)
    if sum(1 for sent in state.messages if local_day(sent, clock.zone) == today) >= limits.messages_per_day:
        return start_of_day(today + timedelta(days=1), clock.zone), Reason.DAY_LIMIT
    return None
