"""A preview as aligned text: what a person reads in a terminal or pipes into a file.

A line is a list of pieces, each a text and a style by name; in black and white the styles fall away, so
a coloured preview and a piped one have the same letters in the same places.
"""

from __future__ import annotations

import textwrap
from itertools import chain
from typing import TYPE_CHECKING

from cadence.playbook.words import PERSON_CHANNELS
from cadence.reports.agenda import lay_out, local_time
from cadence.reports.cells import clip, pad, width_of
from cadence.reports.condense import condensed
from cadence.reports.preview_words import (
    clock,
    closing,
    destination,
    event_sentence,
    lead_label,
    long_day,
    made_from,
    moment,
    money,
    number_of,
    phrase,
    place_on_page,
    stop_words,
    touch_label,
    verb,
    visible,
    zone_name,
)
from cadence.reports.totals import count
from cadence.reports.totals_table import skip_reasons, text_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cadence.reports.agenda import Agenda, Entry
    from cadence.reports.rows import PreviewHead, PreviewRow
    from cadence.reports.totals import Totals

    Line = list[tuple[str, str]]

__all__ = ["render_text", "text_lines"]

_STYLES = {
    "title": "bold",
    "day": "bold",
    "would send": "bold green",
    "step": "bold cyan",
    "held": "yellow",
    "fails": "bold red",
    "quiet": "dim",
}
_GAP = "  "
_BODY_INDENT = " " * 13  # under the verb of a line whose zone has three letters
_LONGEST_VERB, _LONGEST_NAME, _LONGEST_TOUCH = 16, 24, 30
_LEAST_ROOM = 32  # with less than that beside the columns, a text goes on a line of its own
_LEAST_WIDTH = 48


def render_text(head: PreviewHead, rows: Iterable[PreviewRow], *, full: bool, width: int, colour: bool) -> str:
    """The whole preview; see :func:`text_lines`."""
    return "".join(f"{line}\n" for line in text_lines(head, rows, full=full, width=width, colour=colour))


def text_lines(head: PreviewHead, rows: Iterable[PreviewRow], *, full: bool, width: int, colour: bool) -> Iterator[str]:
    """The preview line by line, without line ends.

    ``full`` shows every touch, with its whole text and what would stop it; otherwise a text is shortened to fit, and
    touches that will not go are told in a few words. ``width`` is in
    terminal cells; 0 means that nothing is shortened. ``colour`` is for terminals, and loads rich.
    """
    kept = list(rows)
    shown = kept if full else condensed(kept)
    agenda, totals = lay_out(head, shown), count(head, kept)
    page = _Page(agenda, shown, full=full, width=max(width, _LEAST_WIDTH) if width else 0)
    finish = _painter() if colour else _plain
    for line in chain(page.head(head), page.agenda(head, agenda), page.totals(totals)):
        yield finish(_trimmed(line))


class _Page:
    """The widths of one preview, and its lines."""

    def __init__(self, agenda: Agenda, rows: list[PreviewRow], *, full: bool, width: int) -> None:
        touches = [row for row in rows if row.outcome != "event"]
        zones = {zone_name(entry.local) for day in agenda.days for entry in day.entries}
        self._full = full
        self._width = width
        self._several_playbooks = len({row.playbook for row in touches}) > 1
        self._zone = max((width_of(zone) for zone in zones), default=3)
        self._verb = min(_LONGEST_VERB, max((width_of(verb(row)) for row in touches), default=0))
        self._channel = max((width_of(row.channel) for row in touches), default=0)
        self._name = min(_LONGEST_NAME, max((width_of(lead_label(row)) for row in touches), default=0))
        self._touch = min(_LONGEST_TOUCH, max((width_of(self._touch_of(row)) for row in touches), default=0))

    def head(self, head: PreviewHead) -> Iterator[Line]:
        """One line of what the preview was made from, broken between its parts where it is too long."""
        name = visible(head.business, line=True)
        line: Line = [(name, "title")]
        used = width_of(name)
        for part in made_from(head):
            if self._width and used + 3 + width_of(part) > self._width:
                yield line
                line, used = [(f"  {part}", "")], 2 + width_of(part)
            else:
                line.append((f" · {part}", ""))
                used += 3 + width_of(part)
        yield line

    def agenda(self, head: PreviewHead, agenda: Agenda) -> Iterator[Line]:
        """The days, then what still waits."""
        for day in agenda.days:
            yield []
            yield [(long_day(day.date), "day")]
            zone = ""
            for entry in day.entries:
                yield from self._entry(entry, zone)
                zone = zone_name(entry.local)
        if agenda.later:
            end = local_time(head.end, head.zone)
            yield []
            yield [(f"Still waiting when the preview ends on {moment(end)} {zone_name(end)}", "day")]
            for entry in agenda.later:
                yield from self._touch_lines(entry, " " * (6 + self._zone))

    def _entry(self, entry: Entry, zone_above: str) -> Iterator[Line]:
        zone = zone_name(entry.local)
        if entry.row.outcome == "event":
            named = "" if zone == zone_above else zone
            before = f"  {clock(entry.local)} {pad(named, self._zone)}  · "
            room = self._width - width_of(before) if self._width else 0
            sentence = event_sentence(entry.row)
            yield [(before, "quiet"), (sentence if self._full else clip(sentence, room), "quiet")]
        else:
            yield from self._touch_lines(entry, f"{clock(entry.local)} {pad(zone, self._zone)}")

    def _touch_lines(self, entry: Entry, time: str) -> Iterator[Line]:
        row = entry.row
        start: Line = [
            (f"  {time}{_GAP}", ""),
            (pad(clip(verb(row), self._verb), self._verb), _style(row)),
            (_GAP + pad(row.channel, self._channel), ""),
            (_GAP + pad(clip(lead_label(row), self._name), self._name), ""),
            (_GAP + pad(clip(self._touch_of(row), self._touch), self._touch), "quiet"),
        ]
        if self._full:
            yield from self._whole(entry, start)
        elif row.outcome != "sent":
            yield from self._beside(start, phrase(row), _style(row))
        else:
            yield from self._shortened(row, start)

    def _shortened(self, row: PreviewRow, start: Line) -> Iterator[Line]:
        note = _segments(row)
        taken = sum(width_of(text) for text, _ in start) + len(_GAP)
        text = visible(f"{row.subject}: {row.body}" if row.subject and row.body else row.subject or row.body, line=True)
        text = f'"{text}"' if text else destination(row)
        tail = width_of(_GAP + note) if note else 0
        if self._width and self._width - taken - tail < min(_LEAST_ROOM, width_of(text)):
            yield [*start, (_GAP + note, "quiet")]
            yield [(_BODY_INDENT + _clip_quoted(text, self._width - len(_BODY_INDENT)), "")]
        else:
            room = self._width - taken - tail if self._width else 0
            yield [*start, (_GAP + _clip_quoted(text, room), ""), (_GAP + note, "quiet")]

    def _beside(self, start: Line, text: str, style: str) -> Iterator[Line]:
        taken = sum(width_of(piece) for piece, _ in start) + len(_GAP)
        if not self._width or taken + width_of(text) <= self._width:
            yield [*start, (_GAP + text, style)]
            return
        yield start
        for line in textwrap.wrap(text, max(20, self._width - len(_BODY_INDENT))):
            yield [(_BODY_INDENT + line, style)]

    def _whole(self, entry: Entry, start: Line) -> Iterator[Line]:
        row = entry.row
        if row.outcome != "sent":
            why = f"{phrase(row)}  {place_on_page(row)}".rstrip()
            yield from self._beside(start, why, _style(row))
        else:
            costs = (_segments(row), money(row.cost) if row.cost else "")
            yield [*start, (_GAP + ", ".join(filter(None, costs)), "quiet")]
        if row.outcome in {"sent", "waits"}:
            yield from self._letter(row)
        if row.outcome == "sent":
            for note in _notes(entry):
                yield [(f"{_BODY_INDENT}{note}", "quiet")]

    def _letter(self, row: PreviewRow) -> Iterator[Line]:
        if row.to and row.channel not in PERSON_CHANNELS:
            yield [(f"{_BODY_INDENT}{destination(row) or f'to {visible(row.to, line=True)}'}", "quiet")]
        rule = (f"{_BODY_INDENT}│ ", "quiet")
        if row.subject:
            yield [rule, (f"Subject: {visible(row.subject, line=True)}", "title")]
        room = max(20, self._width - len(_BODY_INDENT) - 2) if self._width else 10**6
        for paragraph in visible(row.body).rstrip("\n").split("\n") if row.body else ():
            for line in textwrap.wrap(paragraph, room, break_long_words=False, break_on_hyphens=False) or [""]:
                yield [rule, (line, "")]

    def _touch_of(self, row: PreviewRow) -> str:
        return touch_label(row, playbook=self._several_playbooks)

    def totals(self, totals: Totals) -> Iterator[Line]:
        """The table, the reasons, the closing sentence."""
        yield []
        for heading, cells in text_table(totals, self._width):
            yield [(cells, "title" if heading else "")]
        if totals.overall.skipped:
            yield []
            yield [(f"Skipped: {skip_reasons(totals)}", "")]
        yield []
        yield [(closing(totals.overall), "title")]


def _style(row: PreviewRow) -> str:
    if row.outcome != "sent":
        return {"waits": "held", "failed": "fails"}.get(row.outcome, "quiet")
    return "step" if row.channel in PERSON_CHANNELS else "would send"


def _segments(row: PreviewRow) -> str:
    return number_of(row.segments, "segment") if row.segments else ""


def _notes(entry: Entry) -> Iterator[str]:
    row = entry.row
    if row.due_at is not None and row.due_at < row.at:
        yield f"was due {moment(local_time(row.due_at, row.zone))}"
    if row.derivation:
        yield f"due: {'; '.join(row.derivation)}"
    if row.stops:
        yield f"would stop: {stop_words(row)}"
    if place_on_page(row):
        yield place_on_page(row)


def _clip_quoted(text: str, room: int) -> str:
    shorter = clip(text, room)
    return shorter if shorter == text or not text.startswith('"') else clip(text, room - 1) + '"'


def _trimmed(line: Line) -> Line:
    kept = list(line)
    while kept and not kept[-1][0].strip():
        kept.pop()
    if kept:
        text, style = kept[-1]
        kept[-1] = (text.rstrip(), style)
    return kept


def _plain(line: Line) -> str:
    return "".join(text for text, _ in line)


def _painter() -> Callable[[Line], str]:
    from rich.color import ColorSystem
    from rich.style import Style

    styles = {name: Style.parse(definition) for name, definition in _STYLES.items()}

    def paint(line: Line) -> str:
        painted = (
            styles[name].render(text, color_system=ColorSystem.STANDARD) if name and text.strip() else text
            for text, name in line
        )
        return "".join(painted)

    return paint
