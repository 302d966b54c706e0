"""The rules of a procedure that hold in every stage: hours, messages, what stops them, reviews."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from cadence.playbook.model import OWNER
from cadence.reports.plan_words import (
    CHANNEL_NOUNS,
    cron_words,
    events_words,
    hours_words,
    lasting,
    listed,
    people_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Limits, Review

__all__ = ["Rule", "rules_of"]

_MOST_DATES = 4
OPT_OUT = "opt_out"


class Rule(NamedTuple):
    """One line."""

    name: str
    text: str


def rules_of(plan: Plan) -> Iterator[Rule]:
    """Yield the rules of a playbook, in the order one asks for them."""
    page = plan.playbook
    yield Rule("Open", _open(plan))
    used = {touch.channel for stage in page.stages.values() for touch in stage.touches}
    windows = [
        f"{CHANNEL_NOUNS[channel]}s {hours_words(hours)}"
        for channel, hours in page.send_windows.items()
        if channel in used
    ]
    if windows:
        yield Rule("Messages", f"{'; '.join(windows)}. {_limits(page.limits)}")
    stops = events_words([event for event in page.stop_on if event != OPT_OUT], plan)
    stop = f"{listed(stops)}: the stage's plan ends and the owner acts next. " if stops else ""
    yield Rule("Stop", f"{stop}An opt-out ends all messages.")
    if page.reviews:
        yield Rule("Reviews", "; ".join(_reviews(page.reviews, plan)) + ".")
    if team := list(_team(plan)):
        yield Rule("Team", ", ".join(team) + ".")


def _open(plan: Plan) -> str:
    hours = plan.playbook.calendar.hours
    dates = dict.fromkeys(hours.holidays.dates if hours.holidays else (), "")
    dates |= {day: " and ".join(map(str, spans)) for day, spans in hours.dated.items()}
    holidays = hours.holidays.names if hours.holidays else ()
    closed = [*(f"{name} holidays" for name in holidays), *(str(day) for day in sorted(dates) if not dates[day])]
    half = [f"{day} {dates[day]}" for day in sorted(dates) if dates[day]]
    parts = [hours_words(hours), *([f"closed {_few(closed)}"] if closed else []), *([_few(half)] if half else [])]
    return "; ".join(parts) + "."


def _reviews(reviews: Iterable[Review], plan: Plan) -> Iterator[str]:
    for to, held in groupby(reviews, lambda review: review.to):
        times = [f"{cron_words(review.cron)} of {', '.join(review.of)}" for review in held]
        yield f"{people_words(to, plan)} {'; '.join(times)}"


def _team(plan: Plan) -> Iterator[str]:
    """Who the roles are that hear of a miss or get a lead then, where the page does not say so elsewhere."""
    page = plan.playbook
    told = [
        step.alert or step.reassign
        for stage in page.stages.values()
        for promise in (*stage.sla, stage.lock)
        if promise is not None
        for step in promise.on_miss
    ]
    said = {OWNER, *(stage.owner for stage in page.stages.values()), *(review.to for review in page.reviews)}
    for role in dict.fromkeys(told):
        if role not in said and role not in plan.members:
            yield people_words(role, plan)


def _few(dates: list[str]) -> str:
    shown, more = dates[:_MOST_DATES], len(dates) - _MOST_DATES
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _limits(limits: Limits) -> str:
    return (
        f"At most {limits.messages_per_day} daily, {limits.messages_per_week} weekly, {lasting(limits.min_gap)} apart."
    )
