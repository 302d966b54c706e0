"""A plan on a terminal, and as Markdown for a comment."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from cadence.reports.page_text import table_lines
from cadence.reports.plan_page import (
    NO_CHANGES,
    consequence,
    figures,
    legend,
    made_of,
    needs_a_look,
    page_changes,
)
from cadence.reports.plan_signs import change_words
from cadence.reports.preview_words import number_of, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from cadence.reports.page import Table
    from cadence.reports.plan_head import PlanHead
    from cadence.reports.plan_tally import PlanTally

__all__ = ["plan_lines", "plan_markdown"]

_WIDTH = 110
_MORE_INDENT = "      "


def plan_lines(head: PlanHead, tally: PlanTally, leads: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of a plan; ``leads`` are those that are shown one by one."""
    yield f"{visible(head.business, line=True)}: what the edit changes"
    yield from (f"  {each}" for each in page_changes(head))
    yield ""
    if not (tally.changed or head.stranded or tally.not_read):
        yield _nothing(head)
        return
    yield from _wrapped(consequence(head, tally), "")
    yield from _wrapped(made_of(head, tally), "")
    yield ""
    for sign, number, says in legend(tally):
        yield f"  {sign} {number:>6,}  {says}"
    looks = list(needs_a_look(head, tally))
    if looks:
        yield ""
        yield "Look at this first"
    for each in looks:
        yield from _wrapped(f"! {each}", "  ")
    for table in figures(head, tally):
        yield ""
        yield from table_lines(table)
    yield from _lead_lines(head, tally, leads)


def _nothing(head: PlanHead) -> str:
    if not head.edited:
        return f"{NO_CHANGES} The pages are what is in force."
    if not head.leads:
        return "Nobody is in flight there, so nothing changes for anybody."
    flight = number_of(head.leads, "lead")
    return f"{NO_CHANGES} Nothing becomes different for the {flight} in flight; the pages were edited all the same."


def _lead_lines(head: PlanHead, tally: PlanTally, leads: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for lead in leads:
        yield ""
        yield visible(f"{lead['name']} ({lead['lead']})", line=True)
        for change in lead["changes"]:
            sign, when, channel, place, rest = change_words(head, change)
            line = f"  {sign} {when:<16}  {channel:<8}  {place}".rstrip()
            if rest and len(line) + len(rest) + 2 <= _WIDTH:
                yield f"{line}  {rest}"
            else:
                yield line
                yield from _wrapped(rest, _MORE_INDENT)
    if (rest_of_them := tally.changed - len(leads)) > 0:
        yield ""
        yield f"and {number_of(rest_of_them, 'more lead')}: --full shows all"


def _wrapped(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  " * bool(indent), break_on_hyphens=False
    )


def plan_markdown(head: PlanHead, tally: PlanTally, leads: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of a plan as Markdown; leads by their ids, for a comment is read by many."""
    yield f"### {_escaped(head.business)}: what the edit changes"
    yield ""
    yield from (f"- {_escaped(each)}" for each in page_changes(head))
    yield ""
    if not (tally.changed or head.stranded or tally.not_read):
        yield f"**{_nothing(head)}**"
        return
    yield f"**{consequence(head, tally)}** {made_of(head, tally)}"
    looks = list(needs_a_look(head, tally))
    if looks:
        yield ""
        yield from (f"> :warning: {_escaped(each)}  " for each in looks)
    yield ""
    for sign, number, says in legend(tally):
        yield f"- `{sign}` {number:,} {says}"
    for table in figures(head, tally):
        yield ""
        yield from _markdown_table(table)
    if leads:
        yield ""
        yield "<details><summary>Lead by lead</summary>"
        for lead in leads:
            yield ""
            yield f"**{_escaped(lead['lead'])}**"
            yield ""
            for change in lead["changes"]:
                sign, when, channel, place, rest = change_words(head, change)
                yield f"- `{sign}` " + _escaped(" ".join(filter(None, (when, channel, place, rest and f"({rest})"))))
        yield ""
        if (rest_of_them := tally.changed - len(leads)) > 0:
            yield f"and {number_of(rest_of_them, 'more lead')}"
            yield ""
        yield "</details>"


def _markdown_table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(_escaped(cell) for cell in table.head)} |"
    yield f"|{'|'.join('---' if n in table.words else '--:' for n in range(len(table.head)))}|"
    for row in table.rows:
        yield f"| {' | '.join(_escaped(cell) for cell in row)} |"


def _escaped(text: str) -> str:
    escaped = visible(text, line=True)
    for char in "\\`*_<>[]|":
        escaped = escaped.replace(char, f"\\{char}")
    return escaped
