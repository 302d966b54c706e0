"""Days that people name: "next week", "after the holidays", "hasta el 7 de diciembre", as instants.

Everything is worked out on the person's own calendar, and means 09:00 of a day there:

- next week: its Monday; next month: its first; next year: 2 January
- in two weeks, in 3 months: that day; "in a week or two", "6-8 weeks": the later
- March: its first, this year's or the next's that is to come; early, mid and late March: the 1st, 15th and 25th
- spring, summer, fall, winter: 1 March, June, September, December
- after a day: the day after; after a month: the first of the next; after the holidays: 2 January
- 12/1: the first of December, also in Spanish, unless only the other reading is a day
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from cadence.inbox.day_words import (
    AFTER,
    FEASTS,
    IN_FRONT,
    MONTHS,
    NEXT,
    NUMBERS,
    SEASONS,
    SMALL,
    THROUGH,
    TITLES,
    UNITS,
    WEEKDAYS,
)
from cadence.timing.wall import local_day, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from cadence.playbook.phrases import Word

__all__ = ["MORNING", "Named", "instant_of", "named_days"]

MORNING = time(9)
FARTHEST = timedelta(days=731)  #: who names a later day means none
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Named:
    """A day that somebody named."""

    day: date
    first: int  #: first word
    last: int  #: behind the last word
    lead: str = ""  #: the word in front: until, through, after, from
    near: bool = False  #: today, tomorrow, or a day of the week alone: a matter of making an appointment


def instant_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant in UTC at which that day's work begins for somebody who lives there."""
    return resolve(day, MORNING, zone)


def named_days(words: Sequence[Word], at: datetime, zone: ZoneInfo) -> Iterator[Named]:
    """Yield the days named in words said at an instant, in their order; days gone by and far off ones are none."""
    today = local_day(at, zone)
    plain = [word.plain for word in words]
    index = 0
    while index < len(plain):
        found = _at(plain, index, today)
        if found is None:
            index += 1
            continue
        day, last, near = found
        lead = _lead(plain, index)
        if lead in THROUGH:
            day += _DAY
        if today < day <= today + FARTHEST or (near and day >= today):
            yield Named(day, index, last, lead, near)
        index = last


def _lead(words: Sequence[str], index: int) -> str:
    for before in reversed(words[max(0, index - 4) : index]):
        if before not in SMALL and before not in WEEKDAYS:
            return before
    return ""


def _at(words: Sequence[str], index: int, today: date) -> tuple[date, int, bool] | None:
    """Read a day that begins at a word: the day, behind its last word, whether it is near."""
    for reader in (_counted, _next, _numbers, _month, _feast, _season, _weekday, _word):
        if found := reader(words, index, today):
            return found
    return None


def _after(words: Sequence[str], index: int) -> bool:
    return _lead(words, index) in AFTER


def _number(word: str) -> int:
    return NUMBERS.get(word) or (int(word) if word.isascii() and word.isdigit() and len(word) < 4 else 0)


def _word_at(words: Sequence[str], index: int) -> str:
    return words[index] if 0 <= index < len(words) else ""


def _counted(words: Sequence[str], index: int, today: date) -> tuple[date, int, bool] | None:
    """Two weeks, a couple of weeks, a week or two, 6-8 weeks; in front of it: in, dentro de, another, give me."""
    number = _number(words[index])
    if not number or not _is_ahead(words, index):
        return None
    last = index + 1
    if _word_at(words, last) in ("couple", "few", "par"):
        number, last = _number(words[last]), last + 1
    if _word_at(words, last) in ("or", "to", "o", "a") and _number(_word_at(words, last + 1)):
        number, last = _number(words[last + 1]), last + 2
    elif _word_at(words, last).isdigit():
        number, last = max(number, _number(words[last])), last + 1
    while _word_at(words, last) in ("of", "de", "more", "mas"):
        last += 1
    unit = UNITS.get(_word_at(words, last))
    if unit is None:
        return None
    last += 1
    if _word_at(words, last) == "or" and _number(_word_at(words, last + 1)):
        number, last = max(number, _number(words[last + 1])), last + 2
    day = _later(today, number, unit)
    return (day, last, unit == "day" and number < 2) if day else None


def _is_ahead(words: Sequence[str], index: int) -> bool:
    """Tell "in two weeks" and "two weeks from now" from "I called two weeks ago"."""
    before, behind = words[max(0, index - 3) : index], words[index + 1 : index + 8]
    if "ago" in behind[:4] or any(word in before for word in ("hace", "past", "last", "been", "waited", "waiting")):
        return False
    return bool(
        {"in", "another", "en", "dentro", "give", "deme", "after", "least", "otra", "otras", "otros", "wait", "about"}
        & set(before)
        or {"from", "out"} & set(behind[:5])
    )


def _later(today: date, number: int, unit: str) -> date | None:
    if unit in ("day", "week"):
        return today + timedelta(days=number * (7 if unit == "week" else 1))
    months = number * (12 if unit == "year" else 1) + today.month - 1
    year, month = today.year + months // 12, months % 12 + 1
    return _day(year, month, min(today.day, monthrange(year, month)[1])) if year < 9999 else None


def _next(words: Sequence[str], index: int, today: date) -> tuple[date, int, bool] | None:
    """Next week, next month, next year, next Monday; la próxima semana, el mes que viene; the week after next."""
    word, behind = words[index], _word_at(words, index + 1)
    if word in NEXT:
        unit, last = UNITS.get(behind), index + 2
        if behind in WEEKDAYS:
            return _next_monday(today) + timedelta(days=WEEKDAYS[behind]), last, True
        if behind in SEASONS or behind in MONTHS:
            return None
    else:
        unit, last = UNITS.get(word), index + 3
        if tuple(words[index + 1 : index + 3]) not in (("que", "viene"), ("que", "entra"), ("after", "next")):
            return None
    if unit == "week":
        weeks = 7 if _word_at(words, last - 2) == "after" else 0
        return _next_monday(today) + timedelta(days=weeks + 7 * _after(words, index)), last, False
    if unit == "month":
        first = _next_first(today)
        return _next_first(first) if _after(words, index) else first, last, False
    if unit == "year":
        return date(today.year + 1, 1, 2), last, False
    return None


def _next_monday(today: date) -> date:
    return today + timedelta(days=7 - today.weekday())


def _next_first(today: date) -> date:
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


def _month(words: Sequence[str], index: int, today: date) -> tuple[date, int, bool] | None:
    """March, March 3, the 3rd of March, 3 de marzo, mid March."""
    number = _ordinal(words[index])
    if number:
        last = index + 1
        while _word_at(words, last) in ("of", "de"):
            last += 1
        month = MONTHS.get(_word_at(words, last))
        if month:
            return _dated(words, index, today, month, number, last + 1)
        return _of_this_month(words, index, today, number)
    month = MONTHS.get(words[index])
    if not month or (words[index] in TITLES and not _introduced(words, index)):
        return None
    number = _ordinal(_word_at(words, index + 1))
    if number:
        return _dated(words, index, today, month, number, index + 2)
    start = {"early": 1, "mid": 15, "middle": 15, "mediados": 15, "late": 25, "end": 25, "finales": 25, "fines": 25}
    before = next((word for word in reversed(words[max(0, index - 3) : index]) if word in start), "")
    day = _coming(today, month, start.get(before, 1), same_month=bool(before))
    if _after(words, index):
        day = _next_first(day)
    return day, index + 1, False


def _introduced(words: Sequence[str], index: int) -> bool:
    return _word_at(words, index - 1) in IN_FRONT or bool(_ordinal(_word_at(words, index + 1)))


def _ordinal(word: str) -> int:
    digits = word.removesuffix("st").removesuffix("nd").removesuffix("rd").removesuffix("th")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 3 else 0
    return number if number <= 31 else 0


def _dated(
    words: Sequence[str], index: int, today: date, month: int, number: int, last: int
) -> tuple[date, int, bool] | None:
    year = _word_at(words, last)
    if year == "de" or (year == "del" and _word_at(words, last + 1).isdigit()):
        last, year = last + 1, _word_at(words, last + 1)
    if year.isascii() and year.isdigit() and len(year) == 4:
        day, last = _day(int(year), month, number), last + 1
    else:
        day = _coming_day(today, month, number)
    return (day + _DAY * _after(words, index), last, False) if day else None


def _of_this_month(words: Sequence[str], index: int, today: date, number: int) -> tuple[date, int, bool] | None:
    """The 15th, el 15."""
    ordinal = not words[index].isdigit()
    if not (ordinal and _word_at(words, index - 1) == "the") and not (
        words[index].isdigit() and _word_at(words, index - 1) in ("el", "dia") and not ordinal
    ):
        return None
    first = today if number > today.day else _next_first(today)
    day = _day(first.year, first.month, number)
    return (day + _DAY * _after(words, index), index + 1, False) if day else None


def _numbers(words: Sequence[str], index: int, today: date) -> tuple[date, int, bool] | None:
    """12/1, 12/1/2026, 2026-12-01; the caller's words are split at the strokes."""
    three = words[index : index + 3]
    if not words[index].isascii() or not words[index].isdigit():
        return None
    if len(words[index]) == 4 and len(three) == 3 and all(len(each) == 2 and each.isdigit() for each in three[1:]):
        day = _day(int(three[0]), int(three[1]), int(three[2]))
        return (day + _DAY * _after(words, index), index + 3, False) if day else None
    if _word_at(words, index - 1) not in IN_FRONT or not _ordinal(_word_at(words, index + 1)):
        return None
    month, number, last = int(words[index]), _ordinal(words[index + 1]), index + 2
    if month > 12 >= number:
        month, number = number, month
    day = _coming_day(today, month, number)
    year = _word_at(words, last)
    if year.isascii() and year.isdigit() and len(year) in (2, 4):
        day, last = _day(int(year) + (2000 if len(year) == 2 else 0), month, number), last + 1
    return (day + _DAY * _after(words, index), last, False) if day else None


def _feast(words: Sequence[str], index: int, today: date) -> tuple[date, int, bool] | None:
    """After the holidays; after Thanksgiving; after New Year's."""
    word = words[index]
    if word in ("new", "ano") and _word_at(words, index + 1) in ("year", "years", "nuevo"):
        return date(today.year + 1, 1, 2), index + 2, False
    if word == "first" and tuple(words[index + 1 : index + 4]) == ("of", "the", "year"):
        return date(today.year + 1, 1, 2), index + 4, False
    if word in ("thanksgiving", "accion"):
        feast = next(day for year in (0, 1) if (day := _thanksgiving(today.year + year)) > today)
        return feast, index + (3 if word == "accion" else 1), False
    if word == "weekend" or (word == "fin" and _word_at(words, index + 2) == "semana"):
        return (_next_monday(today), index + (1 if word == "weekend" else 3), False) if _after(words, index) else None
    if word in ("tax", "taxes", "impuestos") and _after(words, index):
        return _coming(today, 4, 16, same_month=True), index + 1, False
    if word not in FEASTS or not (_after(words, index) or _lead(words, index) in ("until", "till", "til", "past")):
        return None
    month, number = FEASTS[word]
    return _coming(today, month, number, same_month=True), index + 1, False


def _thanksgiving(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def _season(words: Sequence[str], index: int, today: date) -> tuple[date, int, bool] | None:
    month = SEASONS.get(words[index])
    if month is None or _lead(words, index) not in IN_FRONT:
        return None
    if _after(words, index):
        month = month % 12 + 3
    return _coming(today, month, 1, same_month=True), index + 1, False


def _weekday(words: Sequence[str], index: int, today: date) -> tuple[date, int, bool] | None:
    number = WEEKDAYS.get(words[index])
    if number is None or (words[index] in TITLES and not _introduced(words, index)):
        return None
    day = today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    return day + _DAY * _after(words, index), index + 1, True


def _word(words: Sequence[str], index: int, today: date) -> tuple[date, int, bool] | None:
    word = words[index]
    if word in ("today", "tonight", "hoy"):
        return today, index + 1, True
    if word in ("tomorrow", "tmrw", "tomorow", "manana") and _word_at(words, index - 1) != "la":
        return today + _DAY, index + 1, True
    if word in ("end", "fin", "finales", "fines"):
        rest = [each for each in words[index + 1 : index + 4] if each not in SMALL]
        unit = UNITS.get(rest[0]) if rest else None
        if unit in ("month", "year"):
            month = 12 if unit == "year" else today.month
            return date(today.year, month, monthrange(today.year, month)[1]), index + 2, False
    return None


def _coming(today: date, month: int, number: int, *, same_month: bool = False) -> date:
    day = date(today.year, month, number)
    over = day <= today or (month == today.month and not same_month)
    return date(today.year + 1, month, number) if over else day


def _coming_day(today: date, month: int, number: int) -> date | None:
    day = _day(today.year, month, number)
    if day is None or day <= today:
        return _day(today.year + 1, month, number) or day
    return day


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None
