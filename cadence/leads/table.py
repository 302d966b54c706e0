"""A list of leads as a spreadsheet or another program saved it: a sheet whose columns are fields of a lead."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.leads.columns import Column, assign_columns, recognised
from cadence.leads.sheet import Row, Sheet, TableError, read_sheet

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["Row", "Table", "TableError", "read_table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Sheet):
    """A list of leads, its headings understood."""

    columns: tuple[Column, ...]
    own_fields: frozenset[str]  #: fields the workspace declares

    @property
    def unknown(self) -> tuple[str, ...]:
        """Headings of the columns that are not read."""
        return tuple(column.heading for column in self.columns if column.how == "unknown")


def read_table(data: bytes, own_fields: Collection[str] = ()) -> Table:
    """Understand a list of leads: its encoding, what stands between its cells, its headings.

    ``own_fields`` are the names the workspace declares under ``lead_fields``. Rows are read later, one by one, by
    :meth:`Table.rows`. Raises :class:`TableError` with what is wrong and what to do about it.
    """
    own = frozenset(own_fields)
    sheet = read_sheet(data, lambda cells: recognised(cells, own), "Name, Phone, Email")
    columns = assign_columns(sheet.header, own)
    _check_columns(columns)
    near = [f"column '{c.heading}' was read as {c.field.replace('_', ' ')}" for c in columns if c.how == "near"]
    unread = [f"column '{c.heading}' is not a field of a lead and was not read" for c in columns if c.how == "unknown"]
    return Table(
        header=sheet.header,
        delimiter=sheet.delimiter,
        encoding=sheet.encoding,
        notes=(*sheet.notes, *near, *unread),
        text=sheet.text,
        start=sheet.start,
        number=sheet.number,
        columns=columns,
        own_fields=own,
    )


def _check_columns(columns: Sequence[Column]) -> None:
    read = [column for column in columns if column.field]
    if not any(column.field in ("phone", "email", "id", "external_id") for column in read):
        raise TableError(
            "no column holds a phone, an e-mail or an id, so the same person could not be told from another",
            help="add one of these columns, or name it Phone, Email or External ID",
        )
    for where, count in Counter((column.field, column.rank) for column in read if column.how != "near").items():
        if count > 1:
            heading = next(column.heading for column in read if (column.field, column.rank) == where)
            raise TableError(f"{count} columns are called '{heading}'", help="rename or remove all but one")
