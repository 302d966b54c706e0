"""The weekly numbers, read out of the database."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cadence.playbook.compile import compile_plan
from cadence.reports.weekly import weekly_numbers
from cadence.reports.weekly_facts import EVER, LATELY
from cadence.reports.weeks import last_weeks
from cadence.store import chronicle, versions

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.reports.weekly import CalendarOf, Weekly
    from cadence.store.session import Session
    from cadence.timing.calendar import Calendar

__all__ = ["read_weekly"]


def read_weekly(
    session: Session | None, account: str, now: datetime, timezone: str, *, weeks: int, playbook: str = ""
) -> Weekly:
    """Count the numbers of the last ``weeks``, the running one included, on the business's clock.

    Opening hours are those of the version that an enrolment began with, so that a number once told stays. Without a
    session there is nothing to count. Reads the whole log once.
    """
    wanted = last_weeks(now, ZoneInfo(timezone), weeks)
    if session is None:
        return weekly_numbers((), wanted, now, _no_calendar)
    lines = chronicle.read(session, account, LATELY, until=now, since=wanted[0].starts_at, ever=EVER)
    return weekly_numbers(lines, wanted, now, _calendars(session, account), playbook=playbook)


def _calendars(session: Session, account: str) -> CalendarOf:
    @cache
    def calendar_of(playbook: str, digest: str) -> Calendar:
        return compile_plan(versions.content(session, account, playbook, digest)).playbook.calendar

    return calendar_of


def _no_calendar(playbook: str, digest: str) -> Calendar:
    raise LookupError(f"{playbook} {digest}")
