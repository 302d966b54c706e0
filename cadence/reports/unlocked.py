"""Captured leads with no locked next step: the audit number, and which leak each lead is in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.engine.events import Decided, instant_text
from cadence.playbook.words import EVENTS
from cadence.reports.roll import STANDING, Roll
from cadence.store import chronicle, unlocked
from cadence.store.entries import read_instant, read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, timedelta

    from cadence.store.chronicle import Line
    from cadence.store.session import Session
    from cadence.store.unlocked import UnlockedRow

__all__ = ["LEAKS", "Unlocked", "UnlockedLead", "leak_of", "read_unlocked"]

CREATED = "lead.created"
#: Leak -> what it is called. The first three are those to watch.
LEAKS = {
    "contract_unsigned": "contract sent, not signed",
    "appointment_unconfirmed": "appointment booked, not confirmed",
    "no_slot": "interested, no appointment",
    "nothing_agreed": "nothing agreed",
}
_BOOKED, _CONFIRMED, _CALLBACK = "appointment.booked", "appointment.confirmed", "callback.scheduled"
_SIGNED = ("contract.signed", "deposit.paid", "work.approved")
_CALLED_OFF = ("appointment.cancelled", "appointment.missed")
_VISITED = ("visit.logged", "estimate.sent", "no_decision", "work.approved", "contract.sent")
_FACTS = frozenset((_BOOKED, _CONFIRMED, _CALLBACK, *_SIGNED, *_CALLED_OFF, *_VISITED, Decided.LOCK_LOST))
_WORDS = frozenset((*(kind for kind, said in EVENTS.items() if said.inquiry), "reply"))
_REFUSALS = frozenset(("opt_out", "not_interested"))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockedLead:
    """One open enrolment of a captured lead without a locked next step."""

    row: UnlockedRow
    leak: str  #: one of :data:`LEAKS`
    since: datetime  #: when its lock was lost or over; without one, when it entered its stage
    overdue: bool  #: the time in which the page wants it locked has passed


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlocked:
    """The audit number, and whom it is made of."""

    captured: int  #: leads that came in during the period
    without_playbook: int  #: of these, taken by no playbook: they have no next step at all
    leads: tuple[UnlockedLead, ...]  #: overdue ones first, then as long as they are unlocked

    @property
    def number(self) -> int:
        """Captured leads with no locked next step."""
        return len({each.row.lead for each in self.leads})

    @property
    def overdue(self) -> int:
        """Of these, leads past the time in which the page wants the next step locked."""
        return len({each.row.lead for each in self.leads if each.overdue})


def read_unlocked(session: Session | None, account: str, now: datetime, period: timedelta) -> Unlocked:
    """Find the leads captured in the period that ends ``now`` and have no locked next step at ``now``.

    Captured: it came in during the period, by ``lead.created``'s own time. No locked next step: an open enrolment
    without a lock, or with one that is over, whether its stage asks for one or not. A lead with several open
    enrolments stands there with each that is not locked. Reads the whole log once.
    """
    if session is None:
        return Unlocked(captured=0, without_playbook=0, leads=())
    begins = instant_text(now - period)
    rows = unlocked.listing(session, account, now)
    lines = chronicle.read(session, account, (*STANDING, *_FACTS, *_WORDS, *_REFUSALS), until=now)
    said = _Said(lines, begins, {row.enrolment for row in rows})
    found = [_lead(row, said, now) for row in rows if row.lead in said.captured]
    return Unlocked(
        captured=len(said.captured),
        without_playbook=sum(1 for lead in said.captured if not said.roll.of(lead)),
        leads=tuple(sorted(found, key=_urgency)),
    )


def leak_of(latest: Mapping[str, str], *, interested: bool, over: str = "") -> str:
    """Tell which leak an enrolment is in.

    A contract that was sent and neither signed, paid on nor approved; else an appointment that was booked and neither
    confirmed nor called off, before anybody was there; else somebody whose last word was a wish, without an
    appointment or a callback that stands, before anybody was there; else nothing agreed. ``latest`` is when each fact
    last happened, ``over`` a lock whose time has passed.
    """

    def followed(kind: str, by: Iterable[str]) -> bool:
        return any(latest.get(each, "") >= latest[kind] for each in by)

    if "contract.sent" in latest and not followed("contract.sent", _SIGNED):
        return "contract_unsigned"
    booked = _BOOKED in latest and not followed(_BOOKED, (*_CALLED_OFF, *_VISITED))
    if booked and not followed(_BOOKED, (_CONFIRMED,)):
        return "appointment_unconfirmed"
    stands = (booked and over not in (_BOOKED, _CONFIRMED)) or (_CALLBACK in latest and over != _CALLBACK)
    visited = any(kind in latest for kind in _VISITED)
    return "no_slot" if interested and not (stands or visited) else "nothing_agreed"


def _lead(row: UnlockedRow, said: _Said, now: datetime) -> UnlockedLead:
    latest = said.latest(row.enrolment)
    lost = latest.get(Decided.LOCK_LOST)
    since = row.locked_until or max(row.stage_since, read_instant(lost) if lost else row.stage_since)
    return UnlockedLead(
        row=row,
        leak=leak_of(latest, interested=said.interested(row.lead), over=row.locked_by),
        since=since,
        overdue=row.lock_due_at is not None and row.lock_due_at <= now,
    )


def _urgency(each: UnlockedLead) -> tuple[bool, datetime, datetime, str]:
    return (
        not each.overdue,
        (each.row.lock_due_at if each.overdue else None) or each.since,
        each.since,
        each.row.enrolment,
    )


class _Said:
    """What the log says of captured leads, and of enrolments that are not locked."""

    def __init__(self, lines: Iterable[Line], begins: str, wanted: set[str]) -> None:
        self.roll = Roll()
        self._facts: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)  #: by enrolment
        self._words: dict[str, list[tuple[str, bool, str]]] = defaultdict(list)  #: by lead: when, whether a wish, key
        created: list[tuple[str, str]] = []
        for line in lines:
            lead, _, kind, at, _, key, kept = line
            self.roll.take(line)
            if kind == CREATED and at >= begins:
                created.append((lead, key))
            if kind in _WORDS or kind in _REFUSALS:
                if kind != CREATED or read_json(kept).get("inquiry", True):
                    self._words[lead].append((at, kind in _WORDS, key))
            elif kind in _FACTS:
                for enrolment in self.roll.about(line):
                    if enrolment in wanted:
                        self._facts[enrolment].append((kind, at, lead, key))
        self.captured = {lead for lead, key in created if self._stands(lead, key)}

    def interested(self, lead: str) -> bool:
        """Tell whether the lead's last word was a wish: it asked by itself or replied, and refused nothing since."""
        words = [(at, wish) for at, wish, key in self._words.get(lead, ()) if self._stands(lead, key)]
        return max(words, default=("", False))[1]

    def latest(self, enrolment: str) -> dict[str, str]:
        """Tell when each fact about an enrolment last happened; what was taken back did not."""
        found: dict[str, str] = {}
        for kind, at, lead, key in self._facts.get(enrolment, ()):
            if self._stands(lead, key):
                found[kind] = max(at, found.get(kind, ""))
        return found

    def _stands(self, lead: str, key: str) -> bool:
        return not (key and (lead, key) in self.roll.undone)
