"""An audit as a page on the terminal: the number, who is behind it, where it leaks, what to do."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from cadence.reports.audit.sentences import day_of, days_of, how_read, missing, outcome, pace_rows, to_do, verdict
from cadence.reports.cells import clip, pad, width_of
from cadence.reports.preview_words import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cadence.reports.audit.audit import Audit
    from cadence.reports.audit.lead import Placed

__all__ = ["FIRST", "audit_lines"]

FIRST = 20  #: leads that are named unless all are asked for
_WIDEST = (9, 11, 26, 18, 24)
_NARROW = 100  #: cells; a narrower terminal does without where they stand
_LABEL = 40
_ASIDE = re.compile(r"\s*\([^()]*\)$")  #: the pipeline, behind the stage


def audit_lines(audit: Audit, *, width: int, everyone: bool = False) -> Iterator[str]:
    """Yield the page, in lines of ``width`` cells where they can be broken."""
    number = audit.number
    yield f"THE AUDIT NUMBER: {number:,}" if number is not None else "THE AUDIT NUMBER CANNOT BE TOLD FROM THIS EXPORT"
    yield from _wrapped(verdict(audit), width)
    yield from _wrapped(outcome(audit), width)
    if number:
        yield from _who(audit, width, everyone=everyone)
    yield from _lists(audit)
    yield from _section("How fast", [f"{title}: {said}" for title, said in pace_rows(audit)], width)
    yield from _section("What to do", to_do(audit), width, numbered=True)
    yield from _section("What the export cannot tell", audit.untold, width)
    yield from _section("How it was read", how_read(audit), width)


def _who(audit: Audit, width: int, *, everyone: bool) -> Iterator[str]:
    shown = audit.unlocked if everyone else audit.unlocked[:FIRST]
    rows: list[tuple[str, ...]] = [("ROW", "CAME IN", "LEAD", "OWNER", "STANDS AT", "WHAT IS MISSING")]
    rows += [_row(audit, placed) for placed in shown]
    if width < _NARROW:
        rows = [(*row[:4], row[5]) for row in rows]
    widths = [
        min(most, max(width_of(row[place]) for row in rows)) for place, most in enumerate(_WIDEST[: len(rows[0]) - 1])
    ]
    yield ""
    yield "Who they are, oldest first"
    for row in rows:
        cells = [pad(clip(cell, room), room) for cell, room in zip(row[1:-1], widths[1:], strict=False)]
        yield clip("  ".join(["", row[0].rjust(widths[0]), *cells, row[-1]]), width)
    if left := len(audit.unlocked) - len(shown):
        yield f"  and {left:,} more: --all lists them"


def _row(audit: Audit, placed: Placed) -> tuple[str, ...]:
    lead, now = placed.lead, audit.export.as_of
    status = _ASIDE.sub("", lead.status) or "-"
    said = (day_of(lead.came_in, now), lead.name, lead.owner or "nobody", status, missing(placed, now))
    return (str(lead.row), *(visible(text, line=True) for text in said))


def _lists(audit: Audit) -> Iterator[str]:
    """How long the lists are that the export allows."""
    days = days_of(audit)
    room = len(days)
    for title, is_leak in (("Where they leak", True), ("What nobody keeps hold of", False)):
        told = [each for each in audit.lists if each.is_leak is is_leak and not each.cannot]
        if told:
            yield ""
            yield f"{title:{_LABEL}}  {days:>{room}}  {'all open':>9}"
        for each in told:
            recent = f"{each.recent:,}" if days else ""
            yield f"  {each.title:{_LABEL - 2}}  {recent:>{room}}  {len(each.leads):>9,}"


def _section(title: str, items: Iterator[str] | Sequence[str], width: int, *, numbered: bool = False) -> Iterator[str]:
    for place, item in enumerate(items, 1):
        if place == 1:
            yield ""
            yield title
        mark = f"  {place}. " if numbered else "  - "
        yield from _wrapped(item, width, mark)


def _wrapped(text: str, width: int, mark: str = "") -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=mark, subsequent_indent=" " * len(mark), break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
