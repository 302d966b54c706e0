"""A playbook's times, hours and people in the words of a page on the wall: ``open day 3 11:00``, ``csr (Dana, Jo)``."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from cadence.engine.owners import present_with
from cadence.playbook.event_nouns import event_noun, moment_noun
from cadence.timing.durations import format_duration
from cadence.timing.hours import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import time, timedelta

    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Playbook, Stage, Touch
    from cadence.timing.hours import Hours
    from cadence.timing.when import When

__all__ = [
    "CHANNEL_NOUNS",
    "cron_words",
    "due_words",
    "events_words",
    "hours_words",
    "lasting",
    "listed",
    "people_words",
    "ways_in",
]

#: What a touch of a channel is called.
CHANNEL_NOUNS = {
    "sms": "text",
    "email": "email",
    "voice": "voice message",
    "call": "call",
    "task": "task",
    "audience": "list",
    "webhook": "program",
}
_ARTICLE = re.compile(r"^(?:an?|the) ")
_PLAIN_CRON = re.compile(r"(\d{1,2}) (\d{1,2}) \* \* (\*|[\w,-]+)", re.ASCII)


def listed(words: Iterable[str], last: str = "or") -> str:
    """``a, b or c``."""
    *before, end = words
    return f"{', '.join(before)} {last} {end}" if before else end


def lasting(duration: timedelta, *, business: bool = False) -> str:
    """``3d``; ``8h open`` where only open time counts."""
    return f"{format_duration(duration, largest='h')} open" if business else format_duration(duration)


def events_words(events: Iterable[str], plan: Plan) -> list[str]:
    """What events are called, each once, without an article: ``booking``."""
    return list(dict.fromkeys(_ARTICLE.sub("", event_noun(event, plan.workspace.events)) for event in events))


def people_words(wanted: str, plan: Plan) -> str:
    """Who a role is now: ``csr (Dana, Jo)``; a colleague named on the page by name; ``nobody`` when all are away."""
    team = plan.workspace.team
    if any(member.id == wanted for member in team):
        return _first_name(plan, wanted)
    here = [_first_name(plan, member) for member in present_with(team, wanted)]
    return f"{wanted} ({', '.join(here) or 'nobody'})"


def _first_name(plan: Plan, member: str) -> str:
    """The first name; the whole one where two colleagues share it."""
    known = plan.members[member]
    alone = sum(each.first_name == known.first_name for each in plan.workspace.team) == 1
    return known.first_name if alone else known.name


def ways_in(page: Playbook) -> Mapping[str, dict[str, list[str]]]:
    """What moves a lead into each stage: stage -> event -> the stages it does so in; where any is, an empty list."""
    ways: dict[str, dict[str, list[str]]] = {name: {} for name in page.stages}
    for stage in page.stages.values():
        for event in stage.enter_on:
            ways[stage.id][event] = []
    for stage in page.stages.values():
        for event, to in stage.next.items():
            if ways[to].get(event) != []:
                ways[to].setdefault(event, []).append(stage.id)
    return ways


def due_words(touch: Touch, stage: Stage, plan: Plan) -> str:
    """When a touch is due: ``at once``, ``open day 3 11:00``, ``48h before the appointment``.

    A day without a time means the time that the playbook's days without one have.
    """
    start = _start(touch, stage, plan)
    rows = [_row(when, start, plan) for when in touch.when]
    earlier = [
        f"{row} (before {say_time(when.if_before)}) else " if when.if_before else f"{row} else "
        for when, row in zip(touch.when[:-1], rows[:-1], strict=True)
    ]
    return "".join(earlier) + rows[-1] + " or at opening" * bool(touch.due)


def say_time(at: time) -> str:
    """``08:15``."""
    return f"{at.hour:02}:{at.minute:02}"


def _start(touch: Touch, stage: Stage, plan: Plan) -> str:
    """What it counts from; empty where that is the beginning of the stay, or the event that began it."""
    if not touch.anchor or touch.anchor in ways_in(plan.playbook)[stage.id]:
        return ""
    if any(touch.anchor == other.id for other in stage.touches):
        return touch.anchor
    return _ARTICLE.sub("the ", moment_noun(touch.anchor, plan.workspace.events))


def _row(when: When, start: str, plan: Plan) -> str:
    text = _counted(when, start, plan)
    return f"{text} then {cron_words(when.cron)}" if when.cron else text


def _counted(when: When, start: str, plan: Plan) -> str:
    after = f" after {start}" if start else ""
    at = f" {say_time(when.at)}" if when.at else ""
    of_day = at if when.at != plan.playbook.calendar.touch_time else ""
    if when.next_business_day is not None:
        return f"next open day {say_time(when.next_business_day)}{after}"
    if when.day is not None or when.business_day is not None:
        kind, number = ("day", when.day) if when.day is not None else ("open day", when.business_day)
        return f"{kind} {number}{of_day}{f' from {start}' if start else ''}"
    if when.after is not None:
        return f"{lasting(when.after, business=when.business_clock)} {f'after {start}' if start else 'later'}" + (
            f" then{at}" if at else ""
        )
    if when.before is not None:
        return f"{lasting(when.before)} before {start}" + (f" at{at}" if at else "")
    if when.at is not None and not when.send_now:
        return f"{at.strip()} on {start}" if start else f"at{at}"
    return f"at {start}" if start else "at once"


def hours_words(hours: Hours) -> str:
    """``mon-fri 08:00-18:00, sat 09:00-13:00``; ``always`` and ``never`` where it is so."""
    parts = []
    for spans, days in groupby(range(7), key=lambda day: hours.week[day]):
        run = list(days)
        if spans:
            first, last = WEEKDAYS[run[0]], WEEKDAYS[run[-1]]
            name = first if first == last else f"{first}-{last}"
            parts.append(f"{name} {' and '.join(map(str, spans))}")
    return ", ".join(parts).replace("mon-sun 00:00-24:00", "always").replace("mon-sun", "daily") or "never"


def cron_words(cron: str) -> str:
    """``mon-fri 07:30``; a time that needs more words than that as it is written: ``cron 0 9 1 * *``."""
    plain = _PLAIN_CRON.fullmatch(cron)
    if plain is None:
        return f"cron {cron}"
    minute, hour, days = plain.groups()
    return f"{'daily' if days == '*' else _days(days)} {int(hour):02}:{int(minute):02}"


def _days(days: str) -> str:
    """Days of the week by name, as they stand or, where numbers stand for them, translated (0 and 7: Sunday)."""
    return re.sub(r"\d", lambda found: WEEKDAYS[(int(found[0]) - 1) % 7], days.lower())
