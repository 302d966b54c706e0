"""The totals of a preview as a table: which columns it needs, and its lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.reports.cells import clip, pad, width_of
from cadence.reports.preview_words import channel_title, money, short_day, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cadence.reports.totals import Tally, Totals

__all__ = ["IN_ALL", "NO_DAY", "Section", "columns_of", "sections", "skip_reasons", "text_table"]

NO_DAY = "Later"  #: the line of what still waits when the preview ends

IN_ALL = "In all"

_LONGEST_NAME = 26
_EXPENDABLE = ("segments", "lists", "pushes", "failing")
_ALWAYS = ("messages", "leads")
_COLUMNS: dict[str, Callable[[Tally], float]] = {
    "messages": lambda tally: tally.messages,
    "leads": lambda tally: tally.leads,
    "steps": lambda tally: tally.steps,
    "lists": lambda tally: tally.lists,
    "pushes": lambda tally: tally.pushes,
    "segments": lambda tally: tally.segments,
    "cost": lambda tally: tally.cost,
    "waiting": lambda tally: tally.waiting,
    "skipped": lambda tally: tally.skips,
    "stopped": lambda tally: tally.stopped,
    "failing": lambda tally: tally.failed,
}


@dataclass(frozen=True, slots=True)
class Section:
    """One way of counting: a title and its lines."""

    title: str  #: ``By day``
    lines: tuple[tuple[str, tuple[str, ...]], ...]  #: name, then one text per column


def columns_of(totals: Totals) -> tuple[str, ...]:
    """The columns that say something: messages and leads always, the others where they count anything."""
    return tuple(name for name, value in _COLUMNS.items() if name in _ALWAYS or value(totals.overall))


def sections(totals: Totals, columns: tuple[str, ...]) -> tuple[Section, ...]:
    """By day, by channel, by owner, and everything; ``-`` stands for nothing."""
    days = [(short_day(day) if day else NO_DAY, tally) for day, tally in totals.days.items()]
    channels = [(channel_title(channel), tally) for channel, tally in totals.channels.items()]
    owners = [(_owner(totals, id_), tally) for id_, tally in totals.owners.items()]
    named = (("By day", days), ("By channel", channels), ("By owner", owners), (IN_ALL, [(IN_ALL, totals.overall)]))
    return tuple(
        Section(title, tuple((name, tuple(_cell(column, tally) for column in columns)) for name, tally in lines))
        for title, lines in named
        if lines
    )


def skip_reasons(totals: Totals) -> str:
    """``2 × too long past due; 1 × its condition does not hold``, the most frequent reason first."""
    counted = sorted(totals.overall.skipped.items(), key=lambda item: (-item[1], item[0]))
    return "; ".join(f"{number:,} × {visible(totals.reasons.get(code) or code, line=True)}" for code, number in counted)


def text_table(totals: Totals, width: int = 0) -> Iterator[tuple[bool, str]]:
    """The lines of the table, each with whether it is a heading.

    Wider than ``width`` cells (0: any width will do) it closes up, and then leaves out what the closing sentence or
    the list of days says as well.
    """
    lines = list(_lines(totals, columns_of(totals), "  "))
    for left_out in ((), _EXPENDABLE[:1], _EXPENDABLE):
        if not width or width_of(lines[0][1]) <= width:
            break
        lines = list(_lines(totals, tuple(name for name in columns_of(totals) if name not in left_out), " "))
    yield from lines


def _lines(totals: Totals, columns: tuple[str, ...], gap: str) -> Iterator[tuple[bool, str]]:
    parts = sections(totals, columns)
    first = min(_LONGEST_NAME, max([10, *(2 + width_of(name) for part in parts for name, _ in part.lines)]))
    widths = [
        max([len(column), *(len(cells[index]) for part in parts for _, cells in part.lines)])
        for index, column in enumerate(columns)
    ]
    yield True, f"{' ' * first}{gap}{_right(columns, widths, gap)}"
    for part in parts:
        if part.title != IN_ALL:
            yield True, part.title
        for name, cells in part.lines:
            in_all = part.title == IN_ALL
            label = pad(clip(name if in_all else f"  {name}", first), first)
            yield in_all, f"{label}{gap}{_right(cells, widths, gap)}"


def _right(cells: tuple[str, ...], widths: list[int], gap: str) -> str:
    return gap.join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))


def _cell(column: str, tally: Tally) -> str:
    value = _COLUMNS[column](tally)
    if not value:
        return "-"
    return money(value).replace("under ", "<") if column == "cost" else f"{value:,}"


def _owner(totals: Totals, id_: str) -> str:
    return visible(totals.owner_names[id_], line=True) if id_ else "Nobody"
