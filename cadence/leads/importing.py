"""Importing a list of leads: what each row would do, told before anything is done.

Rows are matched with the people on record, and with earlier rows of the file, by id, external id, phone and e-mail.
The same file read twice changes nothing the second time.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from cadence.leads.columns import CONSENT, PROBLEM, RECEIVED
from cadence.leads.consents import Consent, consent_of_row
from cadence.leads.fields import guarded, is_blank, lead_id, unwrapped
from cadence.leads.ids import new_lead_id
from cadence.leads.merging import NAMES, Change, Merge, merged, same_identity
from cadence.leads.moments import received_at
from cadence.leads.people import IDENTITY, Lookup, People
from cadence.leads.record import BadLead, normalise, place, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cadence.leads.table import Row, Table

__all__ = ["Change", "ImportRow", "Lookup", "plan_import", "write_rejects"]

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """What one row of the file does."""

    kind: Literal["new", "merge", "same", "rejected"]
    number: int  #: row number as a spreadsheet shows it
    raw: tuple[str, ...]  #: the cells as the file has them
    attributes: dict[str, Any] = field(
        default_factory=dict
    )  #: the lead after this row, ``id`` included; empty: rejected
    merged_into: str = ""  #: id of the lead that the row is about, when it was known before
    changes: tuple[Change, ...] = ()  #: what a merge changes
    notes: tuple[str, ...] = ()  #: what a person may want to look at
    reason: str = ""  #: why it was rejected, and what to do
    at: datetime | None = None  #: when the lead came in, UTC; the time of the import when the row does not say
    inquiry: bool = False  #: the row says when the person asked; a mere list is nobody's inquiry
    consent: Consent | None = None  #: what the row says the person agreed to


def plan_import(table: Table, existing: Lookup, *, now: datetime, zone: ZoneInfo) -> Iterator[ImportRow]:
    """Say what every row of the table does, one row at a time and in order; nothing is written.

    ``zone`` is the business's, for times without an offset; ``now`` (UTC) is when the import happens. One
    :class:`ImportRow` comes out for each row that holds data. A merge fills what is not known; of differing values
    the file's holds, the first in the file where its rows differ; phone, e-mail and ids on record are never replaced.
    Raises :class:`~cadence.leads.table.TableError` when the rows cannot be told apart.
    """
    run = _Run(table, existing, now, zone)
    for row in table.rows():
        yield run.plan(row)


def write_rejects(rows: Iterable[ImportRow], header: Sequence[str]) -> str:
    """The rejected rows as CSV with their reasons in front, to be corrected and imported again.

    Cells that a spreadsheet would run as a formula get an apostrophe in front; the import takes it off again.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    old = [index for index, heading in enumerate(header) if heading.strip().casefold() == PROBLEM]
    writer.writerow([PROBLEM.capitalize(), *_without(header, old)])
    for row in rows:
        if row.kind == "rejected":
            writer.writerow([row.reason, *_without(row.raw, old)])
    return out.getvalue()


class _Run:
    """One reading of one table, and what its rows have said so far."""

    def __init__(self, table: Table, existing: Lookup, now: datetime, zone: ZoneInfo) -> None:
        self._table = table
        self._people = People(existing)
        self._now = now
        self._zone = zone
        used = sorted((column for column in table.columns if column.field), key=lambda column: column.rank)
        self._columns = [(column.index, column.field, column.heading) for column in used]
        self._nameless = [column.index for column in table.columns if not column.heading.strip()]

    def plan(self, row: Row) -> ImportRow:
        if row.fault:
            return self._rejected(row, f"the row {row.fault}")
        values, columns, notes = self._values(row)
        at, problems = None, []
        if RECEIVED in values:
            try:
                at = received_at(values.pop(RECEIVED), self._zone, self._now)
            except ValueError as error:
                problems.append(f"{place('date received', columns[RECEIVED], row.number)} {error}")
        told = {name: values.pop(name) for name in CONSENT if name in values and name not in self._table.own_fields}
        consent = consent_of_row(told, lambda text: received_at(text, self._zone, self._now))
        problems += [f"{place(spoken(name), columns[name], row.number)} {why}" for name, why in consent.problems]
        try:
            record = normalise(values, self._table.own_fields, columns=columns, row=row.number)
        except BadLead as bad:
            return self._rejected(row, "; ".join((*bad.problems, *problems)), notes)
        if problems:
            return self._rejected(row, "; ".join(problems), notes)
        notes += [*record.notes, *consent.notes]
        if not record.attributes.keys() & set(IDENTITY):
            return self._rejected(
                row, "there is no phone, no e-mail and no id: the same person could not be told from another", notes
            )
        return self._placed(row, record.attributes, notes, at, consent.consent)

    def _placed(
        self, row: Row, given: dict[str, Any], notes: list[str], at: datetime | None, consent: Consent | None
    ) -> ImportRow:
        """Decide whose row it is, and what it does."""
        people = self._people
        owners = {name: lead for name in IDENTITY if name in given and (lead := people.find(name, str(given[name])))}
        leads = sorted(set(owners.values()))
        if len(leads) > 1:
            return self._rejected(row, _conflict(owners), notes)
        if leads:
            before, said = people.lead(leads[0])
            if not same_identity(before, given, owners.keys()):
                return self._rejected(row, _somebody_else(owners), notes)
            outcome = merged(before, given, said)
        else:
            said = frozenset()
            outcome = Merge({**given, "id": new_lead_id(given, self._taken)}, (), ())
        people.record(outcome.attributes, given, said)
        return ImportRow(
            kind="new" if not leads else "merge" if outcome.changes else "same",
            number=row.number,
            raw=row.cells,
            attributes=outcome.attributes,
            merged_into=leads[0] if leads else "",
            changes=outcome.changes,
            notes=(*notes, *outcome.notes),
            at=at or self._now,
            inquiry=at is not None,
            consent=replace(consent, at=consent.at or at) if consent else None,
        )

    def _values(self, row: Row) -> tuple[dict[str, str], dict[str, str], list[str]]:
        """Field -> value and field -> heading, the best column of each field that holds something; and notes."""
        values: dict[str, str] = {}
        columns: dict[str, str] = {}
        notes = [f"the row {row.note}"] if row.note else []
        for index, name, heading in self._columns:
            cell = unwrapped(row.cells[index]) if index < len(row.cells) else ""
            if not cell or (name not in NAMES and is_blank(cell)):
                continue
            if name not in values:
                values[name], columns[name] = cell, heading
            elif cell != values[name]:
                notes.append(f"column '{heading}' was not read, because '{columns[name]}' has the {spoken(name)}")
        if "id" in values and not _is_ours(values["id"]) and "external_id" not in values:
            values["external_id"], columns["external_id"] = values.pop("id"), columns.pop("id")
        if any(index < len(row.cells) and row.cells[index].strip() for index in self._nameless):
            notes.append("a cell under no heading was not read")
        return values, columns, notes

    def _taken(self, lead: str) -> bool:
        return bool(self._people.find("id", lead))

    def _rejected(self, row: Row, reason: str, notes: Sequence[str] = ()) -> ImportRow:
        return ImportRow(kind="rejected", number=row.number, raw=row.cells, reason=reason, notes=tuple(notes))


def _is_ours(text: str) -> bool:
    """Whether a text in a column called ID has the form of our ids; numbers and UUIDs are another program's."""
    try:
        lead_id(text)
    except ValueError:
        return False
    return not _UUID.fullmatch(text)


def _conflict(owners: Mapping[str, str]) -> str:
    said = ", ".join(f"the {spoken(name)} is that of {lead}" for name, lead in owners.items())
    return f"{said}: one row cannot be several people; correct it, or merge them first"


def _somebody_else(owners: Mapping[str, str]) -> str:
    said = " and ".join(spoken(name) for name in owners)
    return (
        f"the {said} is that of {next(iter(owners.values()))}, but the name, the phone and the e-mail are those of "
        "somebody else; correct the one or the other"
    )


def _without(cells: Sequence[str], left_out: Sequence[int]) -> list[str]:
    """The cells but those left out, made safe for a spreadsheet."""
    return [guarded(cell) for index, cell in enumerate(cells) if index not in left_out]
