"""Whom a preview is about: sample leads, a file of leads, or everyone in flight in the database."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cadence.engine.book import Book
from cadence.engine.fold import fold
from cadence.engine.roster import Roster
from cadence.engine.state import LeadState
from cadence.errors import InvalidWorkspace, LeadError
from cadence.leads.arrival import Arrival, created_fact, with_places
from cadence.leads.importing import plan_import
from cadence.leads.samples import Sample, sample_start, samples_of
from cadence.leads.table import read_table
from cadence.store.entries import read_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from cadence.engine.events import Event
    from cadence.playbook.check import Checked
    from cadence.playbook.model import Workspace
    from cadence.store.entries import LogPage

__all__ = ["InFlight", "Run", "Source", "from_file", "from_samples", "from_store", "runs_of", "sample_stories"]


@dataclass(frozen=True, slots=True)
class Run:
    """One lead to be put on the virtual clock."""

    state: LeadState
    facts: tuple[Event, ...] = ()
    wake_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Leads to preview, and the versions they are previewed on."""

    book: Book
    start: datetime
    said: str  #: where the leads come from, as a person would say it
    runs: Iterable[Run] = field(repr=False)
    total: int
    asked: frozenset[str] = frozenset()  #: playbooks whose touches are wanted; empty: all
    notes: tuple[str, ...] = ()  #: what a person should know of the leads that were read
    roster: Roster = field(default_factory=Roster)  #: who has how much, and whose turn it is


def from_samples(checked: Checked, playbooks: Sequence[str], start: datetime | None, now: datetime) -> Source:
    """Preview the sample leads of playbooks, each from its page's start, or all from ``start``."""
    stories = sample_stories(checked, playbooks, start, now)
    if not stories:
        raise LeadError(
            "there are no sample leads",
            help=f"write some in playbooks/{playbooks[0]}.samples.yaml, or give --leads FILE",
        )
    return Source(
        book=_book(checked, playbooks),
        start=start or min(sample.arrival.at for sample in stories),
        said=f"sample leads of {', '.join(playbooks)}",
        runs=[_run(sample) for sample in stories],
        total=len(stories),
    )


def sample_stories(checked: Checked, playbooks: Sequence[str], start: datetime | None, now: datetime) -> list[Sample]:
    """Return the sample leads of playbooks, in page order."""
    workspace = checked.plans[0].workspace
    zone = ZoneInfo(workspace.business.timezone)
    return [
        sample
        for name, page in checked.samples.items()
        if name in playbooks
        for sample in samples_of(page, start or sample_start(page, zone) or now, zone, workspace.lead_fields)
    ]


def from_file(checked: Checked, playbooks: Sequence[str], path: Path, start: datetime | None, now: datetime) -> Source:
    """Preview the leads of a file: a list as CSV, or a samples page."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise LeadError(f"cannot read {path}: {error.strerror}") from error
    if path.suffix.lower() in (".yaml", ".yml"):
        return _from_page(checked, playbooks, path, raw, start, now)
    begin = start or now
    runs, notes = _listed(checked, raw, begin)
    return Source(
        book=_book(checked, playbooks),
        start=begin,
        said=f"the leads in {path.name}",
        runs=runs,
        total=len(runs),
        notes=notes,
    )


def _from_page(
    checked: Checked, playbooks: Sequence[str], path: Path, raw: bytes, start: datetime | None, now: datetime
) -> Source:
    from cadence.playbook.check import check_page
    from cadence.workspace import rulebook

    page, faults = check_page(path.name, raw, "samples", rulebook().schemas["samples"])
    if page is None or faults:
        raise InvalidWorkspace(faults)
    workspace = checked.plans[0].workspace
    zone = ZoneInfo(workspace.business.timezone)
    begin = start or sample_start(page.data, zone) or now
    runs = [_run(sample) for sample in samples_of(page.data, begin, zone, workspace.lead_fields)]
    return Source(
        book=_book(checked, playbooks), start=begin, said=f"the leads in {path.name}", runs=runs, total=len(runs)
    )


class _Nobody:
    """A look-up that knows no lead."""

    def find(self, **_: str) -> Mapping[str, Any] | None:
        return None


def _listed(checked: Checked, raw: bytes, start: datetime) -> tuple[list[Run], tuple[str, ...]]:
    """Read a list as an import would: the leads it brings, and what is to be said of its rows."""
    workspace = checked.plans[0].workspace
    table = read_table(raw, tuple(workspace.lead_fields))
    people: dict[str, Arrival] = {}
    notes, rejected, again = list(table.notes), [], 0
    for row in plan_import(table, _Nobody(), now=start, zone=ZoneInfo(workspace.business.timezone)):
        if row.kind == "rejected":
            rejected.append(f"row {row.number} is left out: {row.reason}")
            continue
        notes.extend(f"row {row.number}: {note}" for note in row.notes)
        known = people.get(row.merged_into)
        again += known is not None
        lead = str(row.attributes["id"])
        people[lead] = Arrival(
            id=lead,
            record=row.attributes,
            at=known.at if known else row.at or start,
            inquiry=known.inquiry if known else row.inquiry,
        )
    if again:
        notes.append(f"{again} row{'s are' if again != 1 else ' is'} about people in earlier rows")
    if rejected:
        notes[:0] = [f"{len(rejected)} of {len(rejected) + again + len(people)} rows cannot be used", *rejected]
    return [_listed_run(person, start) for person in people.values()], tuple(notes)


def _listed_run(person: Arrival, start: datetime) -> Run:
    arrival = replace(person, record=with_places(person.record))
    return Run(LeadState(lead=arrival.id), (created_fact(arrival, start),))


def from_store(
    root: Path, checked: Checked, playbooks: Sequence[str], lead: str | None, start: datetime | None, now: datetime
) -> Source:
    """Preview everyone in flight, as if nobody answered; edited pages count as published at the start.

    The leads are read while they are previewed, page by page.
    """
    from cadence.runner.account import load_book, open_account
    from cadence.runner.inflight import one_in_flight
    from cadence.runner.record import state_of
    from cadence.runner.sharing import read_roster
    from cadence.store.leads import count_in_flight

    workspace = checked.plans[0].workspace
    begin = start or now
    asked = frozenset(playbooks) if len(playbooks) < len(checked.plans) else frozenset()
    with open_account(root, workspace.account, workspace.mode) as account, account.store.read() as session:
        if lead:
            state_of(session, account.name, lead)
        published = load_book(session, account.name)
        roster = read_roster(session, account.name)
        found = one_in_flight(session, account.name, lead, playbooks=asked) if lead else None
        total = count_in_flight(session, account.name, playbooks=asked) if not lead else 1
    if lead and not found:
        raise LeadError(f"lead {lead!r} is in no playbook now", help=f"`cadence leads show {lead}` tells why")
    book = published.with_plans([plan for plan in checked.plans if plan.playbook.id in playbooks], begin)
    return Source(
        book=book,
        start=begin,
        said="everyone in flight" if not lead else f"lead {lead}",
        runs=[_woken(*found, book, begin)] if found else InFlight(root, workspace, asked, book, begin),
        total=total,
        asked=asked,
        roster=roster,
    )


@dataclass(frozen=True, slots=True)
class InFlight:
    """Everyone in flight, read anew each time they are gone through."""

    root: Path
    workspace: Workspace
    asked: frozenset[str]
    book: Book
    start: datetime

    def __iter__(self) -> Iterator[Run]:
        for page in self.pages():
            yield from runs_of(page, self.book, self.start)

    def pages(self) -> Iterator[LogPage]:
        """Read them, some hundred at a time."""
        from cadence.runner.account import open_account
        from cadence.runner.inflight import in_flight

        opened = open_account(self.root, self.workspace.account, self.workspace.mode)
        with opened as account, account.store.read() as session:
            yield from in_flight(session, account.name, playbooks=self.asked)


def runs_of(page: LogPage, book: Book, start: datetime) -> Iterator[Run]:
    """Yield the runs of a page of logs."""
    for lead, wake_at, rows, barred in page:
        state = fold(lead, map(read_entry, rows))
        state.suppressed = barred
        yield _woken(state, wake_at, book, start)


def _woken(state: LeadState, wake_at: datetime | None, book: Book, start: datetime) -> Run:
    """Have a lead looked at from the start when its playbook was edited since it was last decided."""
    for each in state.active_enrolments():
        plan = book.current.get(each.playbook)
        if plan is not None and plan.digest != each.digest:
            return Run(state, (), start)
    return Run(state, (), wake_at)


def _book(checked: Checked, playbooks: Sequence[str]) -> Book:
    plans = {plan.playbook.id: plan for plan in checked.plans if plan.playbook.id in playbooks}
    return Book(account=checked.plans[0].workspace.account, current=MappingProxyType(plans))


def _run(sample: Sample) -> Run:
    arrival = sample.arrival
    return Run(LeadState(lead=arrival.id), (created_fact(arrival, arrival.at), *sample.facts))
