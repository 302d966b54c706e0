"""Why leads were lost or turned away: reasons counted, this period against the one before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cadence.engine.events import instant_text
from cadence.reports.records import read_records
from cadence.reports.roll import WHEREABOUTS, Roll
from cadence.store import chronicle
from cadence.store.entries import read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime, timedelta

    from cadence.reports.records import Record
    from cadence.reports.roll import Enrolled
    from cadence.store.chronicle import Line
    from cadence.store.session import Session

__all__ = ["REFUSALS", "Reason", "count_reasons", "read_reasons"]

#: Facts that say a lead is not to be had, or not a job for the shop.
REFUSALS = ("lead.lost", "lead.disqualified", "not_interested")


@dataclass(slots=True, kw_only=True)
class Reason:
    """One reason, and how often it was given."""

    reason: str  #: as it was written most often; empty: nobody said why
    kind: str  #: one of :data:`REFUSALS`; else what ended the lead as lost: silence, opt_out or another event
    now: int = 0  #: in the period
    before: int = 0  #: in the period of the same length before it
    by_source: Counter[str] = field(default_factory=Counter)  #: of those in the period
    by_stage: Counter[tuple[str, str]] = field(default_factory=Counter)  #: (playbook, stage) of those in the period
    spellings: Counter[str] = field(default_factory=Counter)


class _Loss(NamedTuple):
    """A lead that was lost or turned away."""

    lead: str
    at: str
    kind: str
    reason: str
    place: tuple[str, str]  #: playbook and stage it stood in; empty: it stood nowhere


def read_reasons(session: Session | None, account: str, now: datetime, period: timedelta) -> list[Reason]:
    """Count the reasons of the period that ends ``now``; without a session there are none. Reads the whole log once."""
    if session is None:
        return []
    earliest = now - 2 * period
    lines = chronicle.read(session, account, REFUSALS, until=now, since=earliest, ever=WHEREABOUTS)
    records = read_records(session, account)
    return count_reasons(lines, records, since=instant_text(now - period), earliest=instant_text(earliest))


def count_reasons(lines: Iterable[Line], records: Mapping[str, Record], *, since: str, earliest: str) -> list[Reason]:
    """Count reasons, the most frequent first: in the period from ``since`` on, and in the one from ``earliest`` on.

    Counted is every fact that says a lead is lost, no job for the shop or not interested, once for each fact, where
    the lead stood when it was recorded; and every enrolment that ended as lost by something else, such as silence.
    Reasons that differ in capitals and blanks alone are one.
    """
    found: dict[tuple[str, str], Reason] = {}
    for loss in _losses(lines, earliest):
        key = loss.kind, " ".join(loss.reason.casefold().split())
        reason = found.setdefault(key, Reason(reason="", kind=loss.kind))
        reason.spellings[loss.reason] += 1
        if loss.at >= since:
            reason.now += 1
            reason.by_source[records[loss.lead].source if loss.lead in records else ""] += 1
            reason.by_stage[loss.place] += 1
        else:
            reason.before += 1
    for reason in found.values():
        reason.reason = min(reason.spellings, key=lambda each: (-reason.spellings[each], each))
    return sorted(found.values(), key=lambda each: (-each.now, -each.before, each.kind, each.reason))


def _losses(lines: Iterable[Line], earliest: str) -> Iterator[_Loss]:
    roll = Roll()
    said: list[tuple[str, _Loss]] = []
    for line in lines:
        if line[2] in REFUSALS:
            lead, _, kind, at, _, key, kept = line
            about = roll.about(line)
            place = _place(roll.all[about[0]]) if about else ("", "")
            reason = " ".join(str(read_json(kept).get("reason") or "").split())
            said.append((key, _Loss(lead, at, kind, reason, place)))
        roll.take(line)
    yield from (loss for key, loss in said if not (key and (loss.lead, key) in roll.undone))
    for enrolled in roll.all.values():
        if enrolled.end == "lost" and enrolled.ended_at >= earliest and enrolled.ended_by not in REFUSALS:
            yield _Loss(enrolled.lead, enrolled.ended_at, enrolled.ended_by, "", _last_place(enrolled))


def _place(enrolled: Enrolled) -> tuple[str, str]:
    return enrolled.playbook, enrolled.stays[-1].stage if enrolled.stays else ""


def _last_place(enrolled: Enrolled) -> tuple[str, str]:
    """Tell where an enrolment stood before it ended."""
    left = [stay.stage for stay in enrolled.stays if stay.left_at]
    return enrolled.playbook, left[-1] if left else ""
