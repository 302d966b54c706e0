"""A page of numbers: tables with a sentence above and notes below, whatever it is shown on."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Page", "Table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells. A row of one cell is a heading among the others."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    words: tuple[int, ...] = (0,)  #: columns that hold words; the others hold figures and stand on the right


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What there is to show."""

    business: str
    title: str  #: what the numbers are, such as ``the weekly numbers``
    about: str  #: which leads and which time they are of
    tables: tuple[Table, ...] = ()
    nothing: str = ""  #: what is said when there is no table
    notes: tuple[str, ...] = ()
