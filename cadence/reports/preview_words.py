"""The words of a preview: days, verbs, reasons and the closing sentence, the same on screen and on paper.

Names of days and months are spelled here, because those of the standard library follow the machine's locale.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cadence.playbook.event_nouns import event_noun
from cadence.playbook.words import EVENTS, PERSON_CHANNELS
from cadence.reports.agenda import local_time

if TYPE_CHECKING:
    from datetime import date, datetime

    from cadence.reports.rows import PreviewHead, PreviewRow
    from cadence.reports.totals import Tally

__all__ = [
    "WEEKDAYS",
    "channel_title",
    "clock",
    "closing",
    "destination",
    "event_sentence",
    "happening",
    "lead_label",
    "long_day",
    "made_from",
    "moment",
    "money",
    "number_of",
    "phrase",
    "place_on_page",
    "short_day",
    "stop_words",
    "touch_label",
    "verb",
    "visible",
    "zone_name",
]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
#: Control characters but the line end, half characters, and the marks that turn the reading direction.
_STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_CHANNELS = {
    "sms": "SMS",
    "email": "Email",
    "voice": "Voice",
    "call": "Call",
    "task": "Task",
    "audience": "List",
    "webhook": "Program",
    "event": "Event",
}
#: What is done to what is no message and no step: channel -> (it would go, it does not, to what).
_DONE = {"audience": ("would add", "not added", "the list"), "webhook": ("would tell", "not told", "the program")}


def long_day(day: date) -> str:
    """``Tuesday 24 November 2026``."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """``Tue 24 Nov``."""
    return f"{WEEKDAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1][:3]}"


def clock(local: datetime) -> str:
    """``13:11``."""
    return f"{local.hour:02}:{local.minute:02}"


def moment(local: datetime) -> str:
    """``Thu 26 Nov 08:00``."""
    return f"{short_day(local)} {clock(local)}"


def zone_name(local: datetime) -> str:
    """``CST``; ``UTC+04`` where the zone has no letters of its own."""
    name = local.tzname() or ""
    return f"UTC{name}" if name[:1] in {"+", "-"} else name


def money(dollars: float) -> str:
    """``$0.61``; a cost that rounds to nothing says so."""
    return "under $0.01" if 0 < dollars < 0.005 else f"${dollars:,.2f}"


def number_of(number: int, noun: str, plural: str = "") -> str:
    """``1 message``, ``34 messages``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {plural or noun + 's'}"


def channel_title(channel: str) -> str:
    """How the channel is labelled: ``SMS``."""
    return _CHANNELS.get(channel, channel.capitalize())


def visible(text: str, *, line: bool = False) -> str:
    """The text without characters that steer a terminal or turn the reading direction.

    ``line`` also folds every run of white space, line ends included, into one space.
    """
    if text.isascii() and text.isprintable():  # most are: nothing in them steers anything
        return " ".join(text.split()) if line else text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = _STEERING.sub("\ufffd", text)
    return " ".join(text.split()) if line else text


def verb(row: PreviewRow) -> str:
    """What becomes of the touch, in two words; a colleague's step names the colleague."""
    person = row.channel in PERSON_CHANNELS
    goes, stays, _ = _DONE.get(row.channel, ("would send", "not made" if person else "not sent", ""))
    if row.outcome == "waits":
        return "not yet"
    if row.outcome != "sent":
        return stays
    if person:
        first_name = (row.owner_name or row.owner or "nobody").split()[0]
        return f"for {visible(first_name, line=True)}"
    return goes


def destination(row: PreviewRow) -> str:
    """``to the list website-retarget``, ``to the program crm``; empty for what goes to a person."""
    return f"to {_DONE[row.channel][2]} {visible(row.to, line=True)}" if row.channel in _DONE and row.to else ""


def phrase(row: PreviewRow) -> str:
    """Why a touch does not go, or not yet: ``would wait until Thu 26 Nov 08:00 (quiet hours)``."""
    reason = visible(row.reason_text, line=True)
    detail = visible(row.detail, line=True)
    if row.outcome == "waits":
        because = f"{reason}: {detail}" if reason and detail else reason or detail
        if row.due_at is None:
            return f"would wait: {because}" if because else "would wait"
        until = f"would wait until {moment(local_time(row.at, row.zone))}"
        return f"{until} ({because})" if because else until
    word = {"failed": "would fail"}.get(row.outcome, row.outcome)
    return f"{word}: {reason}" + (f" ({detail})" if detail else "")


def event_sentence(row: PreviewRow) -> str:
    """``Maria Lopez: the lead is a real job for us -> Qualified, ready to schedule``."""
    kind = EVENTS.get(row.touch)
    sentence = row.reason_text or (kind.title if kind else row.touch)
    said = f' "{row.detail}"' if row.detail else ""
    leads_to = f" -> {row.reason}" if row.reason else ""
    return visible(f"{row.lead_name or row.lead}: {sentence}{said}{leads_to}", line=True)


def touch_label(row: PreviewRow, *, playbook: bool) -> str:
    """``new · instant``; with ``playbook`` (where a preview has several) ``roofer/new · instant``."""
    before = f"{row.playbook}/" if playbook else ""
    return visible(f"{before}{row.stage} · {row.touch}", line=True)


def lead_label(row: PreviewRow) -> str:
    """The lead's name, or its id where it has none."""
    return visible(row.lead_name or row.lead, line=True)


def stop_words(row: PreviewRow) -> str:
    """``a reply, a booking``: what would stop the touch; empty when nothing would."""
    return ", ".join(map(event_noun, row.stops))


def place_on_page(row: PreviewRow) -> str:
    """``playbooks/roofer.yaml:31``; empty when the row does not know."""
    return f"{row.file}:{row.line}" if row.file and row.line else row.file


def happening(tally: Tally) -> list[str]:
    """What would happen, in parts: ``34 messages to 21 leads``, ``6 waiting``; nothing that counts zero."""
    messages = number_of(tally.messages, "message") if tally.messages else "no messages"
    to = f" to {number_of(tally.leads, 'lead')}" if tally.messages else ""
    rest = (
        (tally.steps, number_of(tally.steps, "step for colleagues", "steps for colleagues")),
        (tally.lists, f"{number_of(tally.lists, 'lead')} put on a list"),
        (tally.pushes, number_of(tally.pushes, "push to another program", "pushes to other programs")),
        (tally.waiting, f"{tally.waiting:,} waiting"),
        (tally.skips, f"{tally.skips:,} skipped"),
        (tally.stopped, f"{tally.stopped:,} stopped"),
        (tally.failed, f"{tally.failed:,} would fail"),
    )
    return [messages + to, *(text for number, text in rest if number)]


def closing(tally: Tally) -> str:
    """``34 messages to 21 leads, 6 waiting, 3 stopped. Estimated cost $0.61. Nothing was sent or written.``"""
    counted = ", ".join(happening(tally))
    cost = f" Estimated cost {money(tally.cost)}." if tally.cost else ""
    return f"{counted[:1].upper()}{counted[1:]}.{cost} Nothing was sent or written."


def made_from(head: PreviewHead) -> list[str]:
    """What the preview was made from, in parts: its time, its tick, its versions, its leads."""
    start, end = local_time(head.start, head.zone), local_time(head.end, head.zone)
    versions = ", ".join(f"{playbook} {digest}".strip() for playbook, digest in head.versions)
    return [
        f"{_with_year(start)} to {_with_year(end)}",
        f"looked at every {number_of(head.tick_minutes, 'minute') if head.tick_minutes != 1 else 'minute'}",
        *([visible(versions, line=True)] if versions else []),
        f"leads: {visible(head.source, line=True)}",
    ]


def _with_year(local: datetime) -> str:
    return f"{short_day(local)} {local.year} {clock(local)} {zone_name(local)}"
