"""A page of numbers on a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from cadence.reports.cells import pad, width_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.reports.page import Page, Table

__all__ = ["page_lines", "table_lines"]

_WIDTH = 110  #: of sentences; a table takes what it needs
_BETWEEN = "   "


def page_lines(page: Page) -> Iterator[str]:
    """Yield the lines."""
    yield f"{page.business}: {page.title}"
    yield page.about
    if not page.tables:
        yield ""
        yield page.nothing
    for table in page.tables:
        yield ""
        if table.title:
            yield table.title
        yield from table_lines(table)
    if page.notes:
        yield ""
    for note in page.notes:
        yield from textwrap.wrap(note, _WIDTH, break_long_words=False, break_on_hyphens=False)


def table_lines(table: Table) -> Iterator[str]:
    """Yield the lines of one table, each column as wide as its widest cell."""
    full = [row for row in (table.head, *table.rows) if len(row) > 1]
    widths = [max(width_of(row[column]) for row in full) for column in range(len(table.head))]
    for row in (table.head, *table.rows):
        if len(row) == 1:
            yield row[0]
            continue
        cells = (
            pad(cell, width) if column in table.words else " " * (width - width_of(cell)) + cell
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield _BETWEEN.join(cells).rstrip()
