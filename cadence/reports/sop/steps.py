"""What is done in a stage, put together: all calls, all texts, and what is due at the same time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.playbook.words import PERSON_CHANNELS
from cadence.reports.plan_words import CHANNEL_NOUNS, due_words, people_words
from cadence.timing.when import When

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage, Touch

__all__ = ["Action", "actions_of"]

_STAR = "*"
_BEFORE = " before "


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What is done in one way."""

    kind: str  #: ``call``, ``text``, ``list website-retarget``
    owner: str  #: who does it, where that is not the stage's owner
    steps: tuple[str, ...]  #: ``first-call at once or at opening``; a message has no name: ``at once*``


def actions_of(touches: Iterable[Touch], stage: Stage, plan: Plan) -> tuple[Action, ...]:
    """Put together what goes the same way, and within it what is due at the same time."""
    ways: dict[tuple[str, str], dict[str, list[Touch]]] = {}
    for touch in touches:
        way = (_kind(touch), people_words(touch.owner, plan) if touch.owner not in ("", stage.owner) else "")
        ways.setdefault(way, {}).setdefault(_due(touch, stage, plan), []).append(touch)
    return tuple(
        Action(kind=kind, owner=owner, steps=tuple(_shared(_step(same, due) for due, same in dues.items())))
        for (kind, owner), dues in ways.items()
    )


def _due(touch: Touch, stage: Stage, plan: Plan) -> str:
    """When it is due, and in which of the stage's sequences where it belongs to one."""
    return due_words(_unchained(touch, stage), stage, plan) + (f" [{touch.variant}]" if touch.variant else "")


def _kind(touch: Touch) -> str:
    return f"{CHANNEL_NOUNS.get(touch.channel, touch.channel)} {touch.audience or touch.endpoint}".strip()


def _step(same: list[Touch], due: str) -> str:
    """Name a step and say when; what the name says itself is not said again: ``day-14 or at opening``.

    The star of messages stays away where one of them goes whatever holds.
    """
    if same[0].channel not in PERSON_CHANNELS:
        return due + _STAR * all(touch.condition for touch in same)
    names = " and ".join(_name(touch) for touch in same)
    if len(same) == 1:
        due = due.removeprefix(same[0].id.replace("-", " ")).strip()
    return f"{names} {due}".strip()


def _shared(steps: Iterable[str]) -> list[str]:
    """Say once what several steps come before: ``2d and 1d before the appointment*``."""
    said: list[str] = []
    for step in steps:
        _, _, rest = step.partition(_BEFORE)
        if rest and said and said[-1].endswith(_BEFORE + rest):
            said[-1] = f"{said[-1].removesuffix(_BEFORE + rest)} and {step}"
        else:
            said.append(step)
    return said


def _name(touch: Touch) -> str:
    """Its id; nothing for a call that is called ``call``."""
    return ("" if touch.id == touch.channel else touch.id) + _STAR * bool(touch.condition)


def _unchained(touch: Touch, stage: Stage) -> Touch:
    """The same touch counted from what the touch before it counts from, where that says the same in other words.

    The open day after the open day after the beginning is open day 3. What cannot be said so stays as it is.
    """
    by_id = {each.id: each for each in stage.touches}
    before = by_id.get(touch.anchor)
    if before is None or len(touch.when) > 1:
        return touch
    before = _unchained(before, stage)
    if before.anchor in by_id or len(before.when) > 1:
        return touch
    joined = _joined(before.when[0], touch.when[0])
    return replace(touch, anchor=before.anchor, when=(joined,)) if joined else touch


def _joined(first: When, then: When) -> When | None:
    """What two rows come to, one after the other; None where that has no row of its own."""
    if first.cron or then.cron or then.before is not None:
        return None
    if then.after is not None:
        return _joined_lengths(first, then)
    days = _open_days(first)
    if days is None or (then.day is not None and days > 1):
        return None
    if then.next_business_day is not None and days > 1:
        return When(business_day=days + 1, at=then.next_business_day)
    if then.business_day is not None:
        return replace(then, business_day=then.business_day + days - 1)
    return then


def _joined_lengths(first: When, then: When) -> When | None:
    if first.send_now and first.at is None:
        return then
    same = first.after is not None and first.business_clock == then.business_clock and first.at is None
    return replace(then, after=(first.after or timedelta()) + (then.after or timedelta())) if same else None


def _open_days(when: When) -> int | None:
    """On which open day it is due, counted from its anchor: 1 where that is the anchor's day, or nearly always is."""
    if when.next_business_day is not None:
        return 2
    if when.business_day is not None:
        return when.business_day
    if when.day is not None or when.before is not None:
        return None
    return 1 if when.after is None or when.business_clock or when.after <= timedelta(hours=1) else None
