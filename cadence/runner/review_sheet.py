"""What a review looks at: every open lead it is about, on the lists it stands on. Read from tables, never from logs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cadence.engine.open_loops import LISTS, NEEDS_A_PERSON, Loop, bounds_of, lists_of, stages_after
from cadence.engine.reviews import review_before
from cadence.store import open_leads, reviews
from cadence.timing.wall import local_day, start_of_day
from cadence.timing.when import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from cadence.engine.book import Book
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Review
    from cadence.store.open_leads import OpenLead, Said
    from cadence.store.session import Session

__all__ = ["Listed", "Named", "Sheet", "read_sheet", "reviews_named"]

ESTIMATE, NO_DECISION, UNDONE = "estimate.sent", "no_decision", "act.undone"


class Named(NamedTuple):
    """A review of a playbook."""

    plan: Plan
    review: Review

    @property
    def key(self) -> tuple[str, str]:
        """Playbook and review, as the store names it."""
        return self.plan.playbook.id, self.review.name


class Listed(NamedTuple):
    """An open lead that stands on a list."""

    row: OpenLead
    lists: tuple[str, ...]  #: codes of :data:`cadence.engine.open_loops.LISTS`, the most urgent first
    follow_up: date | None = None  #: the day on which an undecided lead is to be asked again


@dataclass(slots=True, kw_only=True)
class Sheet:
    """A review at one instant."""

    at: datetime
    zone: ZoneInfo  #: the business's
    book: Book
    about: Sequence[Named] = ()  #: the reviews it is the sheet of; none: every open lead
    seen_at: Mapping[tuple[str, str], datetime] = field(default_factory=dict)  #: (playbook, stage) -> the last review
    open: int = 0  #: open leads it is about
    counts: Counter[str] = field(default_factory=Counter)  #: how many leads stand on each list
    leads: list[Listed] = field(default_factory=list)  #: those on a list: the most urgent first, then by due instant

    @property
    def needs_a_person(self) -> bool:
        """Whether a lead stands where none should."""
        return any(self.counts[name] for name in NEEDS_A_PERSON)


def reviews_named(book: Book, name: str, playbook: str = "") -> list[Named]:
    """Return the reviews of a name (of ``playbook`` alone, if given); an empty name stands for all of them."""
    return [
        Named(plan, review)
        for plan in book.current.values()
        for review in plan.playbook.reviews
        if name in ("", review.name) and playbook in ("", plan.playbook.id)
    ]


def read_sheet(
    session: Session,
    book: Book,
    now: datetime,
    zone: ZoneInfo,
    *,
    about: Sequence[Named] = (),
    playbook: str = "",
    owner: str = "",
) -> Sheet:
    """Read the leads that reviews are about (none: all open ones); ``playbook`` and ``owner`` leave out the others."""
    seen_at = _seen_at(session, book, now, zone, about or reviews_named(book, ""))
    sheet = Sheet(at=now, zone=zone, book=book, about=about, seen_at=seen_at)
    stands_for = _Stages(book)
    bounds = bounds_of(now, zone)
    for row in _rows(session, book.account, about, playbook):
        if owner and row.owner != owner:
            continue
        sheet.open += 1
        lists = lists_of(_loop(row, stands_for, seen_at, now), bounds)
        if lists:
            sheet.counts.update(lists)
            sheet.leads.append(Listed(row, lists))
    _add_follow_ups(session, sheet)
    sheet.leads.sort(key=_urgency)
    return sheet


def _rows(session: Session, account: str, about: Sequence[Named], playbook: str) -> Iterator[OpenLead]:
    if not about:
        yield from open_leads.read(session, account, playbook=playbook)
    for name, stages in _stages_of(about).items():
        yield from open_leads.read(session, account, playbook=name, stages=stages)


def _stages_of(about: Sequence[Named]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for named in about:
        found.setdefault(named.plan.playbook.id, set()).update(named.review.of)
    return found


def _seen_at(
    session: Session, book: Book, now: datetime, zone: ZoneInfo, about: Sequence[Named]
) -> dict[tuple[str, str], datetime]:
    """Tell when leads of each (playbook, stage) were last looked at by one of the reviews ``about``.

    That is the last time before today: whoever holds this morning's review asks what has moved since the one before.
    A review that was not held since then counts from the last of its times.
    """
    today = start_of_day(local_day(now, zone), zone)
    held = {(row.playbook, row.review): row.held_at for row in reviews.listing(session, book.account)}
    found: dict[tuple[str, str], datetime] = {}
    for named in about:
        last = held.get(named.key)
        if last is None or last >= today:
            last = review_before(named.review, named.plan.playbook.calendar, today)
        if last is not None:
            places = ((named.plan.playbook.id, stage) for stage in named.review.of)
            found.update({place: max(last, found.get(place, last)) for place in places})
    return found


class _Stages:
    """Which stages an estimate leads to, and which no decision does, in each version; worked out once."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._known: dict[tuple[str, str], tuple[frozenset[str], frozenset[str]]] = {}

    def of(self, playbook: str, digest: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the stages that an estimate leads to, and those that no decision leads to."""
        key = playbook, digest
        if key not in self._known:
            plan = self._book.plan(playbook, digest)
            self._known[key] = (
                (stages_after(plan.playbook, ESTIMATE), stages_after(plan.playbook, NO_DECISION))
                if plan
                else (frozenset(), frozenset())
            )
        return self._known[key]


def _loop(row: OpenLead, stages: _Stages, seen_at: Mapping[tuple[str, str], datetime], now: datetime) -> Loop:
    estimates, undecided = stages.of(row.playbook, row.digest)
    return Loop(
        owner=row.owner,
        moved_at=row.moved_at,
        next_kind=row.next_kind,
        next_owner=row.next_owner,
        next_due_at=row.next_due_at,
        unlocked_since=None if _is_locked(row, now) else row.lock_due_at,
        gaps=[gap["code"] for gap in row.gaps],
        estimate=row.stage in estimates,
        undecided=row.stage in undecided,
        seen_at=seen_at.get((row.playbook, row.stage)),
    )


def _is_locked(row: OpenLead, now: datetime) -> bool:
    return bool(row.locked_by) and (row.locked_until is None or row.locked_until > now)


def _add_follow_ups(session: Session, sheet: Sheet) -> None:
    """Add the day that was said when no decision was recorded; what was taken back was not said."""
    undecided = {each.row.lead for each in sheet.leads if "undecided" in each.lists}
    told = list(open_leads.said(session, sheet.book.account, undecided, (NO_DECISION, UNDONE))) if undecided else []
    undone = {(each.lead, each.data.get("undoes")) for each in told if each.type == UNDONE}
    facts: dict[str, list[Said]] = {}
    for each in told:
        if each.type == NO_DECISION and not (each.key and (each.lead, each.key) in undone):
            facts.setdefault(each.lead, []).append(each)
    for number, (row, lists, _) in enumerate(sheet.leads):
        if "undecided" in lists:
            sheet.leads[number] = Listed(row, lists, _follow_up(sheet, row, facts.get(row.lead, ())))


def _follow_up(sheet: Sheet, row: OpenLead, facts: Sequence[Said]) -> date | None:
    plan = sheet.book.plan(row.playbook, row.digest)
    for fact in reversed(facts):
        named = fact.enrolment == row.enrolment if fact.enrolment else fact.job in ("", row.job)
        if named and plan:
            try:
                at, _ = moment(fact.data.get("follow_up_due", ""), sheet.zone, plan.playbook.calendar.touch_time)
            except ValueError:
                return None
            return local_day(at, sheet.zone)
    return None


def _urgency(each: Listed) -> tuple[int, datetime, str, str]:
    row = each.row
    return LISTS.index(each.lists[0]), row.next_due_at or row.moved_at, row.lead, row.enrolment
