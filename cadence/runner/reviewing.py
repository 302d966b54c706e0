"""Standing reviews in time: when each is due, and that it is held once, by telling the people it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cadence.engine.alerts import REVIEW, way_to_tell
from cadence.engine.events import instant_text
from cadence.engine.owners import present_with
from cadence.engine.reviews import is_on_a_holiday, next_review
from cadence.runner.review_sheet import Named, Sheet, read_sheet, reviews_named
from cadence.store import alerts, reviews

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Member, Workspace
    from cadence.store.session import Session
    from cadence.store.store import Store

__all__ = ["Holding", "WriteReview", "hold_reviews", "people_for", "schedule_reviews", "see_to_schedule"]

_INSTANT = timedelta(seconds=1)

#: Writes a review as a mail: its subject, and its body as Markdown.
WriteReview = Callable[[Sheet, "Workspace"], tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A review that was held."""

    playbook: str
    review: str
    leads: int  #: that stood on a list
    told: tuple[str, ...] = ()  #: members it was sent to
    problem: str = ""  #: why it could not be, in plain words; empty: nobody needs to see to it


def schedule_reviews(
    session: Session, account: str, published: Iterable[Plan], retired: Iterable[str], now: datetime
) -> None:
    """Say when the reviews of pages that are in force from ``now`` on are due, and forget those that are gone.

    One that is due already is still held once.
    """
    known = {(row.playbook, row.review): row.due_at for row in reviews.listing(session, account)}
    named = [Named(plan, review) for plan in published for review in plan.playbook.reviews]
    changed = {plan.playbook.id for plan in published} | set(retired)
    reviews.keep_only(session, account, [key for key in known if key[0] not in changed] + [each.key for each in named])
    due = {each.key: _due(each, now) for each in named if known.get(each.key, now + _INSTANT) > now}
    reviews.set_due(session, account, due)


def see_to_schedule(session: Session, book: Book, now: datetime) -> None:
    """Say when reviews are due that nobody has said it of: pages published before reviews were held."""
    known = {(row.playbook, row.review) for row in reviews.listing(session, book.account)}
    missing = {each.key: _due(each, now) for each in reviews_named(book, "") if each.key not in known}
    reviews.set_due(session, book.account, missing)


def hold_reviews(store: Store, book: Book, plan: Plan, now: datetime, write: WriteReview | None) -> list[Holding]:
    """Hold the reviews that are due: each once, whatever number of ticks look; after an outage once for all of it.

    What each found is told to the people it is for, where there is something to look at and ``write`` is given;
    ``plan`` says how they are told. One that is due on a holiday, because no tick came before, waits for its next time.
    """
    with store.read() as session:
        due = {(row.playbook, row.review): row.due_at for row in reviews.due(session, book.account, now)}
        sheets = {
            named.key: _read(session, named, book, plan, now) for named in reviews_named(book, "") if named.key in due
        }
    held = []
    for key, (named, sheet) in sheets.items():
        with store.write() as session:
            if due[key] not in {row.due_at for row in reviews.due(session, book.account, now) if _key(row) == key}:
                continue  # another tick has held it
            following = _due(named, now + _INSTANT)
            if sheet is None:
                reviews.set_due(session, book.account, {key: following})
                continue
            held.append(_tell(session, named, sheet, plan, due[key], write))
            reviews.held(session, book.account, *key, now, following)
    return held


def _read(session: Session, named: Named, book: Book, plan: Plan, now: datetime) -> tuple[Named, Sheet | None]:
    if is_on_a_holiday(named.plan.playbook.calendar, now):
        return named, None
    return named, read_sheet(session, book, now, ZoneInfo(plan.workspace.business.timezone), about=[named])


def _tell(
    session: Session, named: Named, sheet: Sheet, plan: Plan, due_at: datetime, write: WriteReview | None
) -> Holding:
    playbook, review = named.key
    if not sheet.leads or write is None:
        return Holding(playbook=playbook, review=review, leads=len(sheet.leads))
    reached = [each for each in people_for(plan, named) if way_to_tell(plan, each.id, REVIEW)]
    if not reached:
        mails = "email" in plan.workspace.channels
        why = "nobody it is for has an e-mail address" if mails else "there is no channel email in cadence.yaml"
        return Holding(playbook=playbook, review=review, leads=len(sheet.leads), problem=why)
    title, body = write(sheet, plan.workspace)
    alerts.add(
        session,
        sheet.book.account,
        [
            alerts.AlertRow(
                alert=f"{REVIEW}/{playbook}/{review}/{instant_text(due_at)}/{member.id}",
                member=member.id,
                about=REVIEW,
                title=title,
                body=body,
                made_at=sheet.at,
                due_at=sheet.at,
            )
            for member in reached
        ],
    )
    return Holding(
        playbook=playbook, review=review, leads=len(sheet.leads), told=tuple(member.id for member in reached)
    )


def people_for(plan: Plan, named: Named) -> Sequence[Member]:
    """Return whom a review is for: everybody present with its role, else those who stand in for them.

    ``plan`` names the team as it is now.
    """
    wanted = named.review.to
    routing = named.plan.playbook.routing.get(wanted)
    for role in (wanted, routing.fallback if routing else "fallback", "fallback"):
        if present := present_with(plan.workspace.team, role):
            return [plan.members[each] for each in present]
    return ()


def _due(named: Named, since: datetime) -> datetime:
    return next_review(named.review, named.plan.playbook.calendar, since) or reviews.NEVER


def _key(row: reviews.ReviewRow) -> tuple[str, str]:
    return row.playbook, row.review
