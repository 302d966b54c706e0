"""A page as somebody reads it who has only the text, a calendar and a clock: the judge's own reading.

Nothing of ``cadence.timing`` or ``cadence.engine`` is used, so that a slip there cannot excuse itself here.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cadence.playbook.compile import Plan

__all__ = ["MESSAGES", "MINUTE", "Spans", "Week", "Words", "counted_time", "length", "plain_page"]

MESSAGES = ("sms", "email", "voice")
MINUTE = timedelta(minutes=1)
Spans = tuple[tuple[int, int], ...]  #: minutes after midnight; beyond 1440: the next day
Week = tuple[Spans, ...]  #: Monday first

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"w": timedelta(days=7), "d": timedelta(days=1), "h": timedelta(hours=1), "m": MINUTE}
_WINDOWS = {"sms": "08:00-20:00", "email": "07:00-21:00", "voice": "08:00-20:00"}
_MOST_ZONES = 4


class Words:
    """What one page says, as text; times are on the lead's clock unless said otherwise."""

    def __init__(self, content: str) -> None:
        meaning = json.loads(content)["meaning"]
        self.page: Mapping[str, Any] = meaning["playbook"]
        self.workspace: Mapping[str, Any] = meaning["workspace"]
        calendar = self.page.get("calendar", {})
        self.home = ZoneInfo(self.workspace["business"]["timezone"])
        self.shop_week = week_of(calendar.get("business_hours", "00:00-24:00"))
        self.dated = {date.fromisoformat(day): day_of(text) for day, text in calendar.get("hours_on", {}).items()}
        self.holidays: Sequence[str] = calendar.get("holidays", ())
        self.touch_time: str = calendar.get("touch_time", "10:00")
        windows = self.page.get("send_windows", {})
        self.windows = {channel: week_of(windows.get(channel, usual)) for channel, usual in _WINDOWS.items()}
        self.holidays_shut = windows.get("holidays") == "closed"
        limits = self.page.get("limits", {})
        self.per_day: int = limits.get("messages_per_day", 2)
        self.per_week: int = limits.get("messages_per_week", 4)
        self.min_gap = length(limits.get("min_gap", "4h"))
        self.stop_on = frozenset(self.page.get("stop_on", ()))
        self.skip_late = self.page.get("catch_up") == "skip"
        self.any_hour: bool = self.workspace.get("answer_any_hour", True)
        self._laws = _laws(meaning["law"].get("rows", ()), self.workspace.get("law", ()))

    def touch(self, stage: str, touch: str) -> Mapping[str, Any]:
        """Return the lines of a touch; of one that stands in for another, those of the other."""
        said = self.page["stages"][stage].get("touches", ())
        name = touch.rpartition(".")[0] or touch
        return next(each for each in said if each["id"] in (touch, name))

    def expiry(self, stage: str, touch: str) -> timedelta:
        """Return how late a touch may go."""
        said = self.touch(stage, touch).get("expires_after") or self.page.get("expires_after", "24h")
        return min(length(said), timedelta(hours=1)) if self.skip_late else length(said)

    def is_holiday(self, day: date) -> bool:
        """Whether the page's calendar names the day as a holiday."""
        return any(
            day.isoformat() == name or (name in ("US", "US-major") and day in _us_days(day.year, name == "US"))
            for name in self.holidays
        )

    def shop_spans(self, day: date) -> Spans:
        """When the shop opens on a day."""
        if day in self.dated:
            return self.dated[day]
        return () if self.is_holiday(day) else self.shop_week[day.weekday()]

    def shop_open(self, instant: datetime) -> bool:
        """Whether the shop is open."""
        return _open(counted_time(instant, self.home), self.shop_spans)

    def may_write(self, channel: str, instant: datetime, record: Mapping[str, Any]) -> str:
        """Tell what forbids a message at an instant; empty: nothing does."""
        rows = self.laws(record) if channel in ("sms", "voice") else []
        for zone in self.zones(record):
            clock = counted_time(instant, zone)
            if not _open(clock, lambda day: self._window(channel, day)):
                return f"at {clock:%a %d %b %H:%M} ({zone.key}) the page's window for {channel} is closed"
            for row in rows:
                hours = week_of(row["hours"])
                if not _open(clock, lambda day, hours=hours: hours[day.weekday()]):
                    return f"at {clock:%a %d %b %H:%M} ({zone.key}) the law of {_place(row)} is against it"
        return ""

    def zones(self, record: Mapping[str, Any]) -> list[ZoneInfo]:
        """List the zones a person may live in: the shop's, where nothing or too much is known."""
        names = list(record.get("zones", ()))
        return [ZoneInfo(name) for name in names] if 0 < len(names) <= _MOST_ZONES else [self.home]

    def zone(self, record: Mapping[str, Any]) -> ZoneInfo:
        """Return the zone of a person's days."""
        zones = self.zones(record)
        return self.home if self.home in zones else zones[0]

    def laws(self, record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """List the rows of the law table that may hold for a person."""
        states = set(record.get("states", ()))
        if not states:
            return [row for state, row in self._laws.items() if ":" not in state]
        if any(not state.startswith("abroad") for state in states):
            states.add("US")
        return [row for state, row in self._laws.items() if state in states]

    def _window(self, channel: str, day: date) -> Spans:
        return () if self.holidays_shut and self.is_holiday(day) else self.windows[channel][day.weekday()]


@lru_cache(maxsize=8)
def plain_page(plan: Plan) -> Words:
    """Read a plan's page."""
    return Words(plan.content)


def length(text: str) -> timedelta:
    """Read ``1h30m``."""
    return sum((int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([wdhm])", text)), timedelta())


def week_of(said: Any) -> Week:
    """Read the hours of a week."""
    if not isinstance(said, dict):
        return (day_of(said),) * 7
    week: list[Spans] = [()] * 7
    for days, text in said.items():
        first, _, last = days.partition("-")
        at = _DAYS.index(first)
        for step in range((_DAYS.index(last or first) - at) % 7 + 1):
            week[(at + step) % 7] = day_of(text)
    return tuple(week)


def day_of(said: Any) -> Spans:
    """Read the hours of a day."""
    if said == "closed":
        return ()
    return tuple(sorted(_span(text) for text in ([said] if isinstance(said, str) else said)))


def _span(text: str) -> tuple[int, int]:
    start, end = (int(half[:2]) * 60 + int(half[3:]) for half in text.split("-"))
    return (start, end) if end > start else (start, end + 1440)


def counted_time(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the clock's reading, without zone; while it shows an hour again, the last reading before it was put back.

    What opened or closed in that hour has done so when the clock showed it first.
    """
    clock = instant.astimezone(zone)
    wall = clock.replace(tzinfo=None, fold=0)
    if clock.fold:
        while _shown_twice(wall + MINUTE, zone):
            wall += MINUTE
    return wall


def _shown_twice(wall: datetime, zone: ZoneInfo) -> bool:
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second


def _open(wall: datetime, spans_on: Any) -> bool:
    minute = wall.hour * 60 + wall.minute + wall.second / 60
    return any(start <= minute < end for start, end in spans_on(wall.date())) or any(
        minute + 1440 < end for _, end in spans_on(wall.date() - timedelta(days=1))
    )


def _laws(table: Sequence[Mapping[str, Any]], own: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {row.get("state") or f"abroad:{row['country']}": row for row in (*table, *own)}


def _place(row: Mapping[str, Any]) -> str:
    return str(row.get("state") or row.get("country"))


@lru_cache(maxsize=64)
def _us_days(year: int, every: bool) -> frozenset[date]:
    """The federal days of a year (5 U.S.C. 6103), or the six that shops keep; observed days too."""
    return frozenset(
        day
        for around in (year - 1, year, year + 1)
        for fixed, day in _federal(around, every)
        for day in ({day, _observed(day)} if fixed else {day})
        if day.year == year
    )


def _observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def _federal(year: int, every: bool) -> Iterator[tuple[bool, date]]:
    for month, day, major in ((1, 1, True), (6, 19, False), (7, 4, True), (11, 11, False), (12, 25, True)):
        if every or major:
            yield True, date(year, month, day)
    counted = ((1, 0, 3, False), (2, 0, 3, False), (9, 0, 1, True), (10, 0, 2, False), (11, 3, 4, True))
    for month, weekday, number, major in counted:
        if every or major:
            yield False, _nth(year, month, weekday, number)
    yield False, _nth(year, 6, 0, 1) - timedelta(days=7)


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))
