"""What is not locked, as plain data and as a page."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cadence.engine.events import instant_text
from cadence.reports.cells import clip
from cadence.reports.numbers_words import NONE, NOTHING, percent
from cadence.reports.page import Page, Table
from cadence.reports.preview_words import moment, number_of, visible
from cadence.reports.tally import share
from cadence.reports.unlocked import LEAKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta

    from cadence.reports.unlocked import Unlocked, UnlockedLead

__all__ = ["unlocked_data", "unlocked_page"]

MOST_SHOWN = 200  #: leads on a page
_LONGEST = 40  #: cells of a next step


def unlocked_data(found: Unlocked, *, account: str, now: datetime, since: timedelta) -> dict[str, Any]:
    """Return the number and the leads as plain data; the keys stay as they are from version to version."""
    return {
        "at": instant_text(now),
        "account": account,
        "since": instant_text(now - since),
        "captured": found.captured,
        "unlocked": found.number,
        "share": share(found.number, found.captured),
        "overdue": found.overdue,
        "without_playbook": found.without_playbook,
        "leaks": {leak: _of(found)[leak] for leak in LEAKS},
        "leads": [_lead_data(each) for each in found.leads],
    }


def _lead_data(each: UnlockedLead) -> dict[str, Any]:
    row = each.row
    return {
        "lead": row.lead,
        "name": row.name,
        "playbook": row.playbook,
        "job": row.job,
        "stage": row.stage,
        "owner": row.owner,
        "leak": each.leak,
        "unlocked_since": instant_text(each.since),
        "lock_due_at": _text(row.lock_due_at),
        "overdue": each.overdue,
        "next": {
            "kind": row.next_kind,
            "name": row.next_name,
            "owner": row.next_owner,
            "due_at": _text(row.next_due_at),
        }
        if row.next_kind
        else None,
    }


def unlocked_page(found: Unlocked, *, business: str, period: str, timezone: str, names: Mapping[str, str]) -> Page:
    """Lay the leads out, overdue ones first; ``names`` are the colleagues' names by member id."""
    zone = ZoneInfo(timezone)
    rows = [_row(each, zone, names) for each in found.leads[:MOST_SHOWN]]
    head = ("LEAD", "LEAK", "OWNER", "STANDS IN", "UNLOCKED SINCE", "TO LOCK BY", "NEXT STEP", "DUE")
    return Page(
        business=business,
        title="leads with no locked next step",
        about=_about(found, period),
        tables=(Table(head=head, words=tuple(range(len(head))), rows=tuple(rows)),) if rows else (),
        nothing="Every open lead among them has a locked next step."
        if found.captured
        else f"{NOTHING}: no lead came in.",
        notes=tuple(_notes(found)),
    )


def _about(found: Unlocked, period: str) -> str:
    return (
        f"Of {number_of(found.captured, 'lead')} that came in during the last {period}: "
        f"{percent(found.number, found.captured)} with no locked next step, {found.overdue:,} past the time to lock it."
    )


def _row(each: UnlockedLead, zone: ZoneInfo, names: Mapping[str, str]) -> tuple[str, ...]:
    row = each.row
    due = f"{_local(row.lock_due_at, zone)}{' !' if each.overdue else ''}" if row.lock_due_at else NONE
    return (
        visible(row.name, line=True) or row.lead,
        LEAKS[each.leak],
        names.get(row.owner, row.owner) or "nobody",
        f"{row.playbook}/{row.stage}",
        _local(each.since, zone),
        due,
        clip(visible(row.next_name, line=True), _LONGEST) or NONE,
        _local(row.next_due_at, zone) if row.next_due_at else NONE,
    )


def _notes(found: Unlocked) -> Iterator[str]:
    counts = _of(found)
    if found.leads:
        told = ", ".join(f"{LEAKS[leak]} {counts[leak]:,}" for leak in LEAKS if counts[leak])
        yield f"By leak: {told}. Those with ! are past the time in which the page wants them locked."
    if (more := len(found.leads) - MOST_SHOWN) > 0:
        yield f"And {more:,} more; --json has them all."
    if found.without_playbook:
        yield (
            f"Besides, {number_of(found.without_playbook, 'lead')} that came in and that no playbook took: "
            "see what enroll_if asks for."
        )


def _of(found: Unlocked) -> Counter[str]:
    return Counter(each.leak for each in found.leads)


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return moment(instant.astimezone(zone))


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant_text(instant)
