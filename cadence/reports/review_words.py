"""The words of a review: what its lists are called, what comes next for a lead and when, what else is to be said."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.engine.open_loops import LISTS, OLD_ESTIMATE
from cadence.reports.preview_words import channel_title, clock, short_day, visible
from cadence.timing.wall import local, local_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cadence.runner.review_sheet import Listed, Sheet

__all__ = ["TITLES", "due_words", "lead_words", "marks", "next_words", "stage_words", "when"]

#: What each list is called.
TITLES = {
    "overdue": "Overdue",
    "unlocked": "Not locked in time",
    "move_waiting": "Cannot move on",
    "no_owner": "Nobody owns it",
    "no_next_action": "No next action",
    "no_due_date": "Next action without a date",
    "due_today": "Due today",
    "waiting_inside": "Waiting inside: the next action is somebody else's",
    "open_estimate": "Open estimates",
    "undecided": "Undecided",
    "due_this_week": "Due this week",
    "zone_unknown": "Time zone not known",
    "not_moved": "Not moved since the last review",
}
assert tuple(TITLES) == LISTS  # noqa: S101 - a list without a name would show at once

_DAY = timedelta(days=1)
_WEEK = 7  #: days; a day that is nearer needs no date
_MARKED = {  #: lists that need no more than a word beside a lead
    "no_owner": "nobody owns it",
    "no_next_action": "no next action",
    "not_moved": "not moved since the last review",
}
_TOLD = ("move_waiting", "no_due_date", "zone_unknown")  #: lists whose gap has a sentence


def when(instant: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Write an instant as one says it: ``today 16:00``, ``Tue 09:15``, ``Mon 7 Dec 09:00``."""
    at = local(instant, zone)
    return f"{_day(instant, now, zone)} {clock(at)}"


def due_words(each: Listed, now: datetime, zone: ZoneInfo) -> str:
    """Say when the next action is due."""
    row = each.row
    if row.next_due_at is None:
        return "no date" if row.next_kind else "-"
    if row.next_kind != "task" or row.next_due_at >= now:
        return when(row.next_due_at, now, zone)
    today = local_day(row.next_due_at, zone) == local_day(now, zone)
    at = clock(local(row.next_due_at, zone)) if today else _day(row.next_due_at, now, zone)
    return f"overdue since {at}"


def lead_words(each: Listed) -> str:
    """Name the lead, and the job where it has one."""
    row = each.row
    name = row.name if row.name and row.name != row.lead else ""
    return visible(" ".join(filter(None, (name, f"({row.lead})" if name else row.lead, row.job))), line=True)


def stage_words(sheet: Sheet, each: Listed) -> str:
    """Name the stage as the page does."""
    row = each.row
    stage = sheet.book.stage(row.playbook, row.digest, row.stage)
    return visible(stage.title if stage else row.stage, line=True)


def next_words(sheet: Sheet, each: Listed, name_of: dict[str, str]) -> str:
    """Say what comes next; whose it is where that is not the owner."""
    row = each.row
    if row.next_kind == "task":
        whose = "" if row.next_owner == row.owner else f" ({name_of.get(row.next_owner, row.next_owner) or 'nobody'})"
        return visible(row.next_name + whose, line=True)
    plan = sheet.book.plan(row.playbook, row.digest)
    stage = plan.playbook.stages.get(row.stage) if plan else None
    if row.next_kind == "touch":
        channel = next((touch.channel for touch in stage.touches if touch.id == row.next_name), "") if stage else ""
        return f"{channel_title(channel) if channel else 'touch'} {row.next_name}, by itself"
    if row.next_kind == "move":
        to = plan.playbook.stages.get(row.next_name) if plan else None
        return f"goes to {to.title if to else row.next_name}, by itself"
    return "-"


def marks(sheet: Sheet, each: Listed, shown: str) -> str:
    """Say what else is so: of the list it is shown under what its title leaves out, and the other lists."""
    return "; ".join(filter(None, _marks(sheet, each, shown)))


def _marks(sheet: Sheet, each: Listed, shown: str) -> Iterator[str]:
    row, now, zone = each.row, sheet.at, sheet.zone
    told = {gap["code"]: visible(gap["text"], line=True) for gap in row.gaps}
    for name in each.lists:
        if name in _TOLD:
            yield told[name]
        elif name == "unlocked" and row.lock_due_at:
            yield f"lock was due {when(row.lock_due_at, now, zone)}"
        elif name == "open_estimate":
            yield _estimate(row.stage_since, now)
        elif name == "undecided":
            yield f"ask again {short_day(each.follow_up)}" if each.follow_up else "no day to ask again"
        elif name == "waiting_inside" and shown != name:
            yield "waiting inside"
        elif name != shown:
            yield _MARKED.get(name, "")
    if shown == "not_moved":
        yield f"last moved {_day(row.moved_at, now, zone)}"


def _estimate(since: datetime, now: datetime) -> str:
    days = (now - since) // _DAY
    old = ": OLD" if now - since > OLD_ESTIMATE else ""
    return f"estimate open for {f'{days} day' + 's' * (days != 1) if days else 'less than a day'}{old}"


def _day(instant: datetime, now: datetime, zone: ZoneInfo) -> str:
    day, today = local_day(instant, zone), local_day(now, zone)
    if day == today:
        return "today"
    said = short_day(day)
    if abs((day - today).days) < _WEEK:
        return said.partition(" ")[0]
    return said if abs((day - today).days) < 300 else f"{said} {day.year}"
