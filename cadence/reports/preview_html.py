"""A preview as one printable page: the weeks as a calendar, the totals, every text in full.

The page needs nothing but itself: no script, no font, no picture from elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from cadence.playbook.words import PERSON_CHANNELS
from cadence.reports.agenda import lay_out, local_time
from cadence.reports.cells import clip
from cadence.reports.condense import condensed
from cadence.reports.preview_words import (
    WEEKDAYS,
    channel_title,
    clock,
    destination,
    event_sentence,
    happening,
    lead_label,
    long_day,
    made_from,
    moment,
    money,
    number_of,
    phrase,
    place_on_page,
    short_day,
    stop_words,
    touch_label,
    verb,
    visible,
    zone_name,
)
from cadence.reports.printed import printed
from cadence.reports.totals import count
from cadence.reports.totals_table import IN_ALL, columns_of, sections, skip_reasons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cadence.reports.agenda import Agenda, Entry
    from cadence.reports.rows import PreviewHead, PreviewRow

__all__ = ["render_html"]

_IN_A_BOX = 12  # touches a day of the calendar names; the list below it has them all
_FIRST_WORDS = 120  # letters of a text in a day of the calendar
_STATES = {"sent": "go", "waits": "waits", "failed": "fails", "event": "event"}
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A row as the page shows it."""

    id: str  #: its anchor in the list
    iso: str  #: local moment with its offset, for machines
    time: str  #: ``13:11``
    zone: str  #: ``MST`` where it is not what the clock of the business says, else empty
    state: str  #: go, waits, no, fails or event
    channel: str
    badge: str  #: what the badge says: ``SMS``
    lead: str
    touch: str  #: ``new · instant``
    verb: str  #: ``would send``, ``for Dana``
    subject: str
    body: str
    first_words: str
    why: str  #: why it does not go, or not yet; for an event its sentence
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """A day with something in it."""

    id: str
    date: date
    items: tuple[_Item, ...]

    @property
    def touches(self) -> list[_Item]:
        """The items without the events."""
        return [item for item in self.items if item.state != "event"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    """A day in the calendar."""

    date: date
    inside: bool  #: within the preview
    day: _Day | None
    items: tuple[_Item, ...]
    more: int  #: touches the box has no room for


@dataclass(frozen=True, slots=True, kw_only=True)
class _Week:
    """Monday to Sunday; or, without boxes, weeks in which nothing would go."""

    first: date
    last: date
    boxes: tuple[_Box, ...] = ()


def render_html(head: PreviewHead, rows: Iterable[PreviewRow]) -> str:
    """The page, as text to be written in UTF-8."""
    kept = list(rows)
    agenda, totals = lay_out(head, condensed(kept)), count(head, kept)
    several = len({row.playbook for row in kept if row.outcome != "event"}) > 1
    days = _days(head, agenda, several=several)
    columns = columns_of(totals)
    return printed("preview.html.j2").render(
        business=visible(head.business, line=True),
        made_from=made_from(head),
        happening=happening(totals.overall),
        cost=money(totals.overall.cost) if totals.overall.cost else "",
        zone=zone_name(local_time(head.start, head.zone)),
        weekdays=WEEKDAYS,
        weeks=list(_weeks(head, days)),
        days=days,
        later=[_item(head, entry, f"later-{n}", several=several) for n, entry in enumerate(agenda.later, 1)],
        end=moment(local_time(head.end, head.zone)),
        columns=columns,
        sections=sections(totals, columns) if totals.channels else (),
        in_all=IN_ALL,
        skipped=skip_reasons(totals),
        long_day=long_day,
        short_day=short_day,
        number_of=number_of,
    )


def _days(head: PreviewHead, agenda: Agenda, *, several: bool) -> list[_Day]:
    return [
        _Day(
            id=f"d{day.date:%Y%m%d}",
            date=day.date,
            items=tuple(
                _item(head, entry, f"t{day.date:%Y%m%d}-{n}", several=several) for n, entry in enumerate(day.entries, 1)
            ),
        )
        for day in agenda.days
    ]


def _weeks(head: PreviewHead, days: list[_Day]) -> Iterator[_Week]:
    """The weeks the preview covers, those in which nothing would go drawn together."""
    start, end = local_time(head.start, head.zone).date(), local_time(head.end, head.zone).date()
    by_date = {day.date: day for day in days if day.touches}
    first, last = _monday(min([start, *by_date])), _monday(max([end, *by_date]))
    mondays = [first + n * _WEEK for n in range((last - first) // _WEEK + 1)]
    busy = {_monday(day) for day in by_date}
    for is_busy, run in groupby(mondays, key=lambda monday: monday in busy):
        weeks = list(run)
        if not is_busy:
            yield _Week(first=max(weeks[0], start), last=min(_sunday(weeks[-1]), end))
            continue
        for monday in weeks:
            dates = [monday + timedelta(days=n) for n in range(7)]
            boxes = tuple(_box(date_, by_date.get(date_), inside=start <= date_ <= end) for date_ in dates)
            yield _Week(first=monday, last=dates[-1], boxes=boxes)


def _box(date_: date, day: _Day | None, *, inside: bool) -> _Box:
    touches = day.touches if day else []
    shown = touches if len(touches) <= _IN_A_BOX else touches[: _IN_A_BOX - 1]
    return _Box(
        date=date_, inside=inside or day is not None, day=day, items=tuple(shown), more=len(touches) - len(shown)
    )


def _item(head: PreviewHead, entry: Entry, id_: str, *, several: bool) -> _Item:
    row = entry.row
    shows_text = row.outcome in {"sent", "waits"}
    subject = visible(row.subject, line=True) if shows_text else ""
    body = visible(row.body).strip("\n") if shows_text else ""
    zone = zone_name(entry.local)
    return _Item(
        id=id_,
        iso=entry.local.isoformat(timespec="minutes"),
        time=clock(entry.local),
        zone="" if zone == zone_name(local_time(row.at, head.zone)) else zone,
        state=_STATES.get(row.outcome, "no"),
        channel=row.channel if row.channel in {"sms", "email", "voice", "call", "task"} else "other",
        badge=channel_title(row.channel),
        lead=lead_label(row),
        touch=touch_label(row, playbook=several),
        verb=verb(row),
        subject=subject,
        body=body,
        first_words=clip(visible(subject or body, line=True), _FIRST_WORDS) or destination(row),
        why=event_sentence(row) if row.outcome == "event" else "" if row.outcome == "sent" else phrase(row),
        notes=tuple(filter(None, _notes(row))),
    )


def _notes(row: PreviewRow) -> Iterator[str]:
    if row.outcome == "sent":
        yield number_of(row.segments, "segment") if row.segments else ""
        yield money(row.cost) if row.cost else ""
        late = row.due_at is not None and row.due_at < row.at
        yield f"was due {moment(local_time(row.due_at, row.zone))}" if late and row.due_at else ""
        yield f"would stop: {stop_words(row)}" if row.stops else ""
    if row.to and row.channel not in PERSON_CHANNELS:
        yield destination(row) or f"to {visible(row.to, line=True)}"
    yield visible(place_on_page(row), line=True)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _sunday(monday: date) -> date:
    return monday + timedelta(days=6)
