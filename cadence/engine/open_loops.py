"""What a review asks of each open lead: which of its lists the lead stands on, the most urgent first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.timing.value import value
from cadence.timing.wall import local_day, start_of_day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cadence.playbook.model import Playbook

__all__ = [
    "LISTS",
    "NEEDS_A_PERSON",
    "OLD_ESTIMATE",
    "Bounds",
    "Loop",
    "bounds_of",
    "lists_of",
    "stages_after",
]

OLD_ESTIMATE = timedelta(days=7)  #: an estimate that is open for longer is marked

#: The lists of a review, the most urgent first. Those that have a gap's name are the gaps of that name.
LISTS = (
    "overdue",
    "unlocked",
    "move_waiting",
    "no_owner",
    "no_next_action",
    "no_due_date",
    "due_today",
    "waiting_inside",
    "open_estimate",
    "undecided",
    "due_this_week",
    "zone_unknown",
    "not_moved",
)
#: Lists on which no lead should stand.
NEEDS_A_PERSON = frozenset(
    ("overdue", "unlocked", "move_waiting", "no_owner", "no_next_action", "no_due_date", "zone_unknown")
)  # fmt: skip
_RANK = {name: rank for rank, name in enumerate(LISTS)}
_DAY = timedelta(days=1)


@value(kw_only=True)
class Bounds:
    """The instants that a review's lists go by."""

    now: datetime
    tomorrow: datetime  #: when today is over, by the business's clock
    next_week: datetime  #: when Sunday is over


@value(kw_only=True)
class Loop:
    """What the lists ask of an open enrolment."""

    owner: str
    moved_at: datetime
    next_kind: str  #: task, touch, move or wait; empty: nothing comes next
    next_owner: str
    next_due_at: datetime | None
    unlocked_since: datetime | None  #: when its lock was due, and nothing locks it; None: it is locked, or need not be
    gaps: Collection[str]  #: codes of the gaps that time alone does not bring about
    estimate: bool  #: it stands in a stage that an estimate leads to
    undecided: bool  #: it stands in a stage that no decision leads to
    seen_at: datetime | None  #: when a review last looked at it; None: none does


def bounds_of(now: datetime, zone: ZoneInfo) -> Bounds:
    """Tell when this day and this week are over, by the clock of ``zone``."""
    today = local_day(now, zone)
    return Bounds(
        now=now,
        tomorrow=start_of_day(today + _DAY, zone),
        next_week=start_of_day(today + (7 - today.weekday()) * _DAY, zone),
    )


def lists_of(loop: Loop, bounds: Bounds) -> tuple[str, ...]:
    """Name the lists a lead stands on, the most urgent first; none: there is nothing to say of it."""
    return tuple(sorted(set(_lists(loop, bounds)), key=_RANK.__getitem__))


def _lists(loop: Loop, bounds: Bounds) -> Iterator[str]:
    for code in loop.gaps:
        if code in _RANK:
            yield code
    if not loop.owner:
        yield "no_owner"
    if loop.next_kind == "task":
        if loop.next_due_at is not None:
            yield from _due(loop.next_due_at, bounds)
        if loop.next_owner != loop.owner:
            yield "waiting_inside"
    elif not loop.next_kind:
        yield "no_next_action"
    if loop.unlocked_since is not None and loop.unlocked_since <= bounds.now:
        yield "unlocked"
    if loop.estimate:
        yield "open_estimate"
    if loop.undecided:
        yield "undecided"
    if loop.seen_at is not None and loop.moved_at < loop.seen_at:
        yield "not_moved"


def _due(due: datetime, bounds: Bounds) -> Iterator[str]:
    if due < bounds.now:
        yield "overdue"
    elif due < bounds.tomorrow:
        yield "due_today"
    elif due < bounds.next_week:
        yield "due_this_week"


def stages_after(playbook: Playbook, event: str) -> frozenset[str]:
    """Name the stages that an event leads to."""
    led = {stage.next[event] for stage in playbook.stages.values() if event in stage.next}
    return frozenset(led | {stage.id for stage in playbook.stages.values() if event in stage.enter_on})
