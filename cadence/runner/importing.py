"""A list of leads comes in: planned row by row, recorded in batches, told in full."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cadence.engine.events import Event
from cadence.leads.arrival import Arrival, created_fact, with_places
from cadence.leads.consents import Consent, consent_fact
from cadence.leads.importing import ImportRow, plan_import
from cadence.runner.record import add_leads, record_fact
from cadence.runner.rows import mail_key
from cadence.store import leads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cadence.engine.book import Book
    from cadence.leads.table import Table
    from cadence.store.session import Session

__all__ = ["ImportReport", "import_leads"]

BATCH = 500


@dataclass(slots=True)
class ImportReport:
    """What an import did."""

    kinds: Counter[str] = field(default_factory=Counter)  #: new, merge, same, rejected
    enrolled: Counter[str] = field(default_factory=Counter)  #: by playbook
    unenrolled: int = 0  #: new leads that no playbook takes
    due_now: int = 0  #: leads the next tick looks at
    consents: int = 0  #: consents that were not on record
    rejected: list[ImportRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  #: things a person may want to look at


def import_leads(
    session: Session, account: str, book: Book, table: Table, now: datetime, zone: ZoneInfo
) -> ImportReport:
    """Record every row of a list that can be recorded; the rest is in the report, with the reason."""
    report = ImportReport()
    fresh: list[Arrival] = []
    agreed: list[tuple[str, Consent]] = []
    for row in plan_import(table, _OnRecord(session, account), now=now, zone=zone):
        report.kinds[row.kind] += 1
        report.notes.extend(f"row {row.number}: {note}" for note in row.notes)
        if row.consent:
            agreed.append((str(row.attributes["id"]), row.consent))
        if row.kind == "rejected":
            report.rejected.append(row)
        elif row.kind == "new":
            fresh.append(_arrival(row, now))
        else:
            _record_new(session, account, book, fresh, now, report)
            _record_known(session, account, book, row, now)
        if len(fresh) >= BATCH:
            _record_new(session, account, book, fresh, now, report)
    _record_new(session, account, book, fresh, now, report)
    for lead, consent in agreed:
        report.consents += bool(record_fact(session, account, book, lead, consent_fact(consent, now)).events)
    return report


def _arrival(row: ImportRow, now: datetime) -> Arrival:
    return Arrival(id=row.attributes["id"], record=with_places(row.attributes), at=row.at or now, inquiry=row.inquiry)


def _record_new(
    session: Session, account: str, book: Book, fresh: list[Arrival], now: datetime, report: ImportReport
) -> None:
    if not fresh:
        return
    for decision in add_leads(session, account, book, fresh, now).values():
        playbooks = {each.playbook for each in decision.state.enrolments.values()}
        report.enrolled.update(playbooks)
        report.unenrolled += not playbooks
        report.due_now += decision.wake_at is not None and decision.wake_at <= now
    fresh.clear()


def _record_known(session: Session, account: str, book: Book, row: ImportRow, now: datetime) -> None:
    """Record what a row says of a person already known: what changed, and a new inquiry of theirs."""
    changed = {change.field: row.attributes[change.field] for change in row.changes if change.field in row.attributes}
    if changed:
        fact = Event(type="lead.updated", at=now, recorded_at=now, data={"lead": changed})
        record_fact(session, account, book, row.merged_into, fact)
    if row.inquiry:
        again = Arrival(id=row.merged_into, record={}, at=row.at or now)
        record_fact(session, account, book, row.merged_into, created_fact(again, now))


class _OnRecord:
    """The people in the database, for :func:`cadence.leads.importing.plan_import`."""

    def __init__(self, session: Session, account: str) -> None:
        self._session = session
        self._account = account

    def find(
        self,
        *,
        id: str = "",  # noqa: A002 - the protocol's name
        external_id: str = "",
        phone: str = "",
        email: str = "",
    ) -> Mapping[str, Any] | None:
        if id:
            rows: Iterable[leads.LeadRow] = _one(leads.get(self._session, self._account, id))
        else:
            rows = leads.find(
                self._session,
                self._account,
                phones=[phone] if phone else (),
                emails=[mail_key(email)] if email else (),
                external_ids=[external_id] if external_id else (),
            )
        return next((_attributes(row) for row in rows), None)


def _one(row: leads.LeadRow | None) -> Iterator[leads.LeadRow]:
    if row is not None:
        yield row


def _attributes(row: leads.LeadRow) -> dict[str, Any]:
    own = {key: value for key, value in row.attributes.items() if key not in ("zones", "zone_source", "states")}
    known = {"id": row.lead, "name": row.name, "phone": row.phone, "email": row.email, "external_id": row.external_id}
    return {**own, **{key: value for key, value in known.items() if value}}
