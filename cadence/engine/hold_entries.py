"""Entries of the log that hold a lead's touches back, and those that let them go on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cadence.engine.events import Decided, Event, parse_instant
from cadence.engine.state import Hold, LeadState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["HOLDS"]


def _held(state: LeadState, event: Event) -> None:
    state.holds.append(Hold(kind=event.data["kind"], start=event.at, end=parse_instant(event.data["until"])))


def _hold_ended(state: LeadState, event: Event) -> None:
    _end_holds(state, event, lambda hold: hold.kind == event.data["kind"])


def _paused(state: LeadState, event: Event) -> None:
    data = event.data
    state.holds.append(
        Hold(kind="paused", start=event.at, playbook=data.get("playbook", ""), shop=data["scope"] != "lead")
    )


def _resumed(state: LeadState, event: Event) -> None:
    shop, playbook = event.data["scope"] != "lead", event.data.get("playbook", "")
    _end_holds(state, event, lambda hold: hold.kind == "paused" and hold.shop == shop and hold.playbook == playbook)


def _end_holds(state: LeadState, event: Event, ended: Callable[[Hold], bool]) -> None:
    state.holds = [
        replace(hold, end=event.at, cut=True) if ended(hold) and (hold.end is None or hold.end > event.at) else hold
        for hold in state.holds
    ]


HOLDS: Mapping[str, Callable[[LeadState, Event], None]] = {
    Decided.HELD: _held,
    Decided.HOLD_ENDED: _hold_ended,
    Decided.PAUSED: _paused,
    Decided.RESUMED: _resumed,
}
