"""The weekly numbers as plain data, and as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.engine.events import instant_text
from cadence.reports.numbers_words import NOTHING, day_of, lasted, percent
from cadence.reports.page import Page, Table
from cadence.reports.tally import share
from cadence.reports.weekly import FOLLOW_UP_WITHIN, OLD_AFTER, RESPOND_WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cadence.reports.weekly import Wait, Weekly, WeeklyNumbers

__all__ = ["weekly_data", "weekly_page"]


def weekly_data(weekly: Weekly, *, account: str, playbook: str, timezone: str, now: datetime) -> dict[str, Any]:
    """Return the numbers as plain data; the keys stay as they are from version to version. Times are in seconds."""
    return {
        "at": instant_text(now),
        "account": account,
        "playbook": playbook or None,
        "timezone": timezone,
        "weeks": [_week_data(each) for each in weekly.weeks],
        "leads_without_playbook": weekly.without_playbook,
    }


def _week_data(numbers: WeeklyNumbers) -> dict[str, Any]:
    week, response, estimates = numbers.week, numbers.response, numbers.estimates
    return {
        "from": week.monday.isoformat(),
        "to": week.sunday.isoformat(),
        "so_far": week.runs,
        "first_response": {
            "inquiries": response.inquiries,
            "answered": response.answered,
            "within_seconds": int(RESPOND_WITHIN.total_seconds()),
            "open_time": _wait_data(response.open_time),
            "elapsed": _wait_data(response.elapsed),
        },
        "estimates": {
            "sent": estimates.sent,
            "not_yet": estimates.not_yet,
            "counted": estimates.counted,
            "within_hours": int(FOLLOW_UP_WITHIN.total_seconds()) // 3600,
            "followed_up": estimates.followed_up,
            "share": share(estimates.followed_up, estimates.counted),
            "by_person": estimates.by_person,
            "share_by_person": share(estimates.by_person, estimates.counted),
        },
        "open_estimates": {"older_than_days": OLD_AFTER.days, "number": numbers.open_estimates},
    }


def _wait_data(wait: Wait) -> dict[str, Any]:
    return {
        "median": wait.median,
        "p90": wait.nine_of_ten,
        "within": wait.within,
        "judged": wait.judged,
        "share": share(wait.within, wait.judged),
    }


def weekly_page(weekly: Weekly, *, business: str, playbook: str, timezone: str) -> Page:
    """Lay the numbers out, the weeks beside each other."""
    weeks = weekly.weeks
    table = Table(
        head=("", *(_heading(each) for each in weeks)),
        rows=tuple((label, *(cell(each) for each in weeks)) if cell else (label,) for label, cell in _ROWS),
    )
    return Page(
        business=business,
        title="the weekly numbers",
        about=f"{playbook or 'All playbooks'}; weeks from Monday to Sunday, {timezone} time.",
        tables=() if weekly.empty else (table,),
        nothing=f"{NOTHING}: nobody has asked, and no estimate was sent.",
        notes=() if weekly.empty else tuple(_notes(weekly)),
    )


def _heading(numbers: WeeklyNumbers) -> str:
    week = numbers.week
    return f"{day_of(week.monday)} - {'so far' if week.runs else day_of(week.sunday)}"


_ROWS: tuple[tuple[str, Callable[[WeeklyNumbers], str] | None], ...] = (
    ("Speed to first response", None),
    ("  inquiries", lambda each: str(each.response.inquiries)),
    ("  answered within 5 open minutes", lambda each: _within(each.response.open_time)),
    ("  half waited at most, open time", lambda each: lasted(each.response.open_time.median)),
    ("  nine of ten, open time", lambda each: lasted(each.response.open_time.nine_of_ten)),
    ("  answered within 5 minutes, day or night", lambda each: _within(each.response.elapsed)),
    ("  half waited at most, day or night", lambda each: lasted(each.response.elapsed.median)),
    ("  nine of ten, day or night", lambda each: lasted(each.response.elapsed.nine_of_ten)),
    ("  not answered yet", lambda each: str(each.response.inquiries - each.response.answered)),
    ("Estimates followed up within 48 hours", None),
    ("  sent", lambda each: str(each.estimates.sent)),
    ("  followed up", lambda each: percent(each.estimates.followed_up, each.estimates.counted)),
    ("  followed up by a person", lambda each: percent(each.estimates.by_person, each.estimates.counted)),
    ("  too young to tell", lambda each: str(each.estimates.not_yet)),
    ("Estimates open for more than 7 days", lambda each: str(each.open_estimates)),
)


def _within(wait: Wait) -> str:
    return percent(wait.within, wait.judged)


def _notes(weekly: Weekly) -> list[str]:
    notes = []
    if weekly.without_playbook:
        number = weekly.without_playbook
        notes.append(
            f"Not among them: {number} lead{'s' * (number != 1)} that asked and that no playbook took. "
            "`cadence leads list` shows them without a place; see what enroll_if asks for."
        )
    return notes
