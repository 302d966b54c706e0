"""Pauses, snoozes and absences: while one holds, touches wait and silence stands still."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from cadence.engine.state import Hold, LeadState

__all__ = ["FOR_GOOD", "current_hold", "resting", "silence_due"]

FOR_GOOD = datetime.max.replace(tzinfo=UTC)


def current_hold(state: LeadState, playbook: str, now: datetime) -> Hold | None:
    """Return the hold in force for a playbook: the one that lasts longest; None when nothing holds."""
    if not state.holds:
        return None
    standing = [
        hold
        for hold in state.holds
        if _concerns(hold, playbook) and hold.start <= now and (hold.end is None or now < hold.end)
    ]
    return max(standing, key=lambda hold: (hold.end is None, hold.end or hold.start), default=None)


def resting(state: LeadState, at: datetime) -> datetime | None:
    """Return until when nobody need be pressed about a lead: it asked for later, is away, or wants nothing any more.

    None when it does not rest; the end of time for who opted out of everything.
    """
    if state.opted_out_at is not None:
        return FOR_GOOD
    ends = [
        hold.end
        for hold in state.holds
        if hold.kind != "paused" and hold.start <= at and hold.end is not None and at < hold.end
    ]
    return max(ends, default=None)


def silence_due(state: LeadState, playbook: str, base: datetime, after: timedelta) -> datetime | None:
    """Return the instant at which silence since ``base`` has lasted ``after``, held time not counted.

    None while a hold without an end stands in between.
    """
    if not state.holds:
        return base + after
    left, at = after, base
    for start, end in _merged(state, playbook):
        if end is not None and end <= at:
            continue
        if start > at:
            if start - at >= left:
                return at + left
            left -= start - at
        if end is None:
            return None
        at = end
    return at + left


def _concerns(hold: Hold, playbook: str) -> bool:
    return not hold.playbook or hold.playbook == playbook


def _merged(state: LeadState, playbook: str) -> list[tuple[datetime, datetime | None]]:
    spans = sorted((hold.start, hold.end) for hold in state.holds if _concerns(hold, playbook) and hold.end is not None)
    merged: list[tuple[datetime, datetime | None]] = []
    for start, end in spans:
        last = merged[-1] if merged else None
        if last and last[1] is not None and start <= last[1]:
            merged[-1] = (last[0], max(last[1], end))
        else:
            merged.append((start, end))
    open_starts = [hold.start for hold in state.holds if _concerns(hold, playbook) and hold.end is None]
    if open_starts:
        first = min(open_starts)
        merged = [(start, end) for start, end in merged if start < first]
        if merged and merged[-1][1] is not None and merged[-1][1] >= first:
            merged[-1] = (merged[-1][0], None)
        else:
            merged.append((first, None))
    return merged
