"""What a person wishes of us, folded into the state: to be left alone, to hear from us again, consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cadence.engine.events import Event
    from cadence.engine.state import LeadState

__all__ = ["WISHES"]


def _opted_out(state: LeadState, event: Event) -> None:
    if _returned_since(state, event):
        return
    if only := event.data.get("only"):
        state.left[str(only)] = event.at
    else:
        state.opted_out_at = event.at


def _opted_in(state: LeadState, event: Event) -> None:
    only = str(event.data.get("only", ""))
    state.left = {name: at for name, at in state.left.items() if (only and name != only) or at > event.at}
    if not only and state.opted_out_at and event.at >= state.opted_out_at:
        state.opted_out_at = None


def _agreed(state: LeadState, event: Event) -> None:
    channel, kind = str(event.data.get("channel", "")), str(event.data.get("kind", "inquiry"))
    if channel and state.consents.get(channel) != "written":
        state.consents[channel] = kind


def _disagreed(state: LeadState, event: Event) -> None:
    channel = str(event.data.get("channel", ""))
    state.consents = {name: kind for name, kind in state.consents.items() if channel and name != channel}


def _returned_since(state: LeadState, opt_out: Event) -> bool:
    """Tell whether the person came back after an opt-out that is learned only now."""
    back = state.latest.get("opt_in")
    return back is not None and back.at > opt_out.at


#: What the person wishes of us.
WISHES: Mapping[str, Callable[[LeadState, Event], None]] = {
    "opt_out": _opted_out,
    "opt_in": _opted_in,
    "consent.given": _agreed,
    "consent.withdrawn": _disagreed,
}
