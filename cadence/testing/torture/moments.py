"""The worst moments to come in: nights when clocks change, holidays, closing time, the turn of the year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from cadence.testing.torture.plain import Words

__all__ = ["Moment", "clock_changes", "closing_times", "holidays", "on_clock", "other_days", "plain_morning"]

#: United States and Cuba: the clocks go forward on 14 March 2027 and back on 1 November 2026.
FORWARD, BACK = date(2027, 3, 14), date(2026, 11, 1)
WEEK = date(2027, 1, 11)  #: an ordinary week without holidays, from its Monday
_LAST_MINUTE = 24 * 60


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, and what is special about it."""

    name: str
    instant: datetime


def on_clock(day: date, clock: str, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    """Return the instant at which a clock shows a time; ``fold``: 1 for the second time it does."""
    return datetime.combine(day, time.fromisoformat(clock), zone).replace(fold=fold).astimezone(UTC)


def clock_changes(zone: ZoneInfo, *, forward: bool) -> Iterator[Moment]:
    """Yield moments of the night in which the clocks go forward, or back; also for a zone that has no such night."""
    night = FORWARD if forward else BACK
    eve = night - timedelta(days=1)
    yield Moment(f"the evening before, {zone.key}", on_clock(eve, "21:40", zone))
    yield Moment(f"a minute before midnight, {zone.key}", on_clock(eve, "23:59", zone))
    if forward:
        yield Moment(f"right after the change, {zone.key}", on_clock(night, "03:01", zone))
    else:
        yield Moment(f"in the hour that comes twice, the first time, {zone.key}", on_clock(night, "00:40", zone))
        yield Moment(
            f"in the hour that comes twice, the second time, {zone.key}", on_clock(night, "01:20", zone, fold=1)
        )


def closing_times(page: Words) -> Iterator[Moment]:
    """Yield moments around an ordinary day's opening and closing."""
    day = next((each for each in _week() if page.shop_spans(each)), WEEK)
    spans = page.shop_spans(day) or ((9 * 60, 17 * 60),)
    opens, closes = spans[0][0], min(spans[-1][1], _LAST_MINUTE)
    for name, minute in (
        ("five minutes before closing", closes - 5),
        ("a minute before closing", closes - 1),
        ("at closing time", closes),
        ("a minute after closing", closes + 1),
        ("a minute before opening", opens - 1),
    ):
        yield Moment(name, on_clock(day, "00:00", page.home) + timedelta(minutes=minute))


def holidays(page: Words) -> Iterator[Moment]:
    """Yield moments on and before holidays and half days: those of the page, and the usual ones."""
    thanksgiving = date(2026, 11, 26)
    yield Moment("the evening before Thanksgiving", on_clock(thanksgiving - timedelta(days=1), "17:45", page.home))
    yield Moment("Thanksgiving morning", on_clock(thanksgiving, "10:00", page.home))
    yield Moment("the night before Christmas", on_clock(date(2026, 12, 24), "22:30", page.home))
    yield Moment("a holiday kept on a Monday", on_clock(date(2027, 7, 5), "11:00", page.home))
    own = [date.fromisoformat(name) for name in page.holidays if name[:2].isdigit()]
    for day in sorted({*own, *page.dated})[:4]:
        spans = page.shop_spans(day)
        yield Moment(f"the evening before {day:%d %b}", on_clock(day - timedelta(days=1), "18:30", page.home))
        minute = spans[-1][1] - 10 if spans else 600
        yield Moment(f"{day:%d %b}", on_clock(day, "00:00", page.home) + timedelta(minutes=minute))


def other_days(page: Words) -> Iterator[Moment]:
    """Yield Friday evening, the weekend, the turn of the year and the leap day."""
    for name, day, clock in (
        ("Friday evening", WEEK + timedelta(days=4), "18:40"),
        ("Sunday night", WEEK + timedelta(days=6), "23:30"),
        ("the last minute of the year", date(2026, 12, 31), "23:59"),
        ("New Year's morning", date(2027, 1, 1), "09:10"),
        ("the day before the leap day", date(2028, 2, 28), "16:10"),
        ("the leap day", date(2028, 2, 29), "09:20"),
    ):
        yield Moment(name, on_clock(day, clock, page.home))


def plain_morning(page: Words) -> datetime:
    """Return ten past ten on a plain Tuesday."""
    return on_clock(WEEK + timedelta(days=1), "10:10", page.home)


def _week() -> Iterator[date]:
    return (WEEK + timedelta(days=step) for step in range(1, 7))
