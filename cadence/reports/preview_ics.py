"""A preview as a calendar file: one entry per touch that would go (RFC 5545)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.channels.mail.calendars import new_calendar
from cadence.engine.invites import uid_of
from cadence.playbook.words import PERSON_CHANNELS
from cadence.reports.preview_words import channel_title, destination, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icalendar import Event

    from cadence.reports.rows import PreviewHead, PreviewRow

__all__ = ["render_ics"]

_SHOWN_AS = timedelta(minutes=15)  # long enough to be seen and clicked in a calendar's day view


def render_ics(head: PreviewHead, rows: Iterable[PreviewRow]) -> bytes:
    """The calendar of what would be sent, made or added; what waits, is skipped or stopped is not in it.

    The same preview gives the same bytes. An entry's UID comes from account, lead, playbook, stage, touch and how
    many times the touch came before, not from its time: a later preview moves the entries it shares with this one.
    """
    calendar = new_calendar("preview")
    calendar.add("x-wr-calname", f"{visible(head.business, line=True)}: preview, nothing sent")
    seen: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        if row.outcome != "sent":
            continue
        identity = (row.account, row.lead, row.playbook, row.stage, row.touch)
        calendar.add_component(_entry(head, row, uid_of((*identity, str(seen[identity])))))
        seen[identity] += 1
    return bytes(calendar.to_ical())


def _entry(head: PreviewHead, row: PreviewRow, uid: str) -> Event:
    from icalendar import Event

    entry = Event()
    entry.add("uid", uid)
    entry.add("dtstamp", head.start)
    entry.add("dtstart", row.at)
    entry.add("duration", _SHOWN_AS)
    entry.add("summary", _summary(row))
    entry.add("description", visible("\n\n".join(filter(None, (row.subject, row.body)))))
    entry.add("categories", [channel_title(row.channel)])
    entry.add("status", "TENTATIVE")
    entry.add("transp", "TRANSPARENT")
    return entry


def _summary(row: PreviewRow) -> str:
    lead = row.lead_name or row.lead
    what = f"{channel_title(row.channel)} to {lead}"
    if row.channel in PERSON_CHANNELS:
        who = f" for {row.owner_name or row.owner}" if row.owner_name or row.owner else ""
        what = f"{channel_title(row.channel)}{who}: {lead}"
    elif to := destination(row):
        what = f"{lead} {to}"
    return visible(f"{what}: {row.touch}", line=True)
