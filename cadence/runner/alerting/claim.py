"""Messages to colleagues are claimed: what is due to one person goes as one, by their own channel, in their own hours.

A message to a colleague is a row of the outbox that belongs to no lead: it goes by the same states as every other,
and nothing of it stands in a lead's log.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.engine.alerts import REVIEW, address_of, until_when, way_to_tell, when_to_tell
from cadence.engine.decision import Reason
from cadence.playbook.segments import count_segments
from cadence.runner.alerting.judge import LATE, of_no_use
from cadence.runner.alerting.words import most_pressing_first, words_for
from cadence.runner.rows import mail_key
from cadence.store import alerts, leads, outbox, suppressions
from cadence.store.columns import Damaged
from cadence.store.outbox import OutboxRow
from cadence.store.states import CLAIMED, FAILED, STOPPED, WAITS
from cadence.store.suppressions import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Member
    from cadence.runner.report import TickReport
    from cadence.runner.rows import Lease
    from cadence.runner.traffic import Traffic
    from cadence.store.alerts import AlertRow
    from cadence.store.session import Session

__all__ = ["Claims", "claim_alerts", "plan_in_force"]

MOST = 5000  #: alerts looked at in one transaction; what is due to one colleague is to be one message
SET_ASIDE = timedelta(hours=1)  #: how long alerts are left alone whose message cannot be claimed
TOUCH = "alert"
DEAD = "dead"  #: reason of an entry in the ledger that is nobody's wish


def plan_in_force(book: Book) -> Plan | None:
    """Return the plan whose cadence.yaml says how colleagues are told: the one published last."""
    return max(book.current.values(), key=lambda plan: book.published_at[plan.digest], default=None)


@dataclass(slots=True)
class Claims:
    """What came of a look at the alerts that are due."""

    rows: list[OutboxRow] = field(default_factory=list)  #: to be carried out, once this is committed
    seen_to: int = 0  #: alerts that do not wait as they did
    free_at: datetime | None = None  #: when a channel that is not free now may be; None: nothing waits for one


def claim_alerts(
    session: Session, account: str, plan: Plan, traffic: Traffic, lease: Lease, now: datetime, report: TickReport
) -> Claims:
    """Claim one message for each colleague whom something is due to, and drop what is of no use any more.

    A review is a message of its own, which their own hours do not hold back: the page says when it comes.

    What cannot go now waits: for the colleague's hours, for its channel. ``report`` is told what did not go at all.
    """
    due = _due(session, account, now, report)
    if not due:
        return Claims()
    keys = {each.message for each in due if each.message}
    before = {row.touch_key: row for row in (outbox.get(session, account, key) for key in keys) if row}
    work = _Work(session, account, plan, traffic, lease, now, report, before)
    drop = of_no_use(session, account, plan, _by_first_due(due, before), now)
    work.drop(drop)
    keep = [each for each in due if each.alert not in drop]
    for member in sorted({each.member for each in keep}):
        its = most_pressing_first([each for each in keep if each.member == member])
        for review in [each for each in its if each.about == REVIEW]:
            work.tell(plan.members[member], [review])
        if its := [each for each in its if each.about != REVIEW]:
            work.tell(plan.members[member], its)
    work.end_what_is_left(due, drop)
    return work.claims


def _due(session: Session, account: str, now: datetime, report: TickReport) -> list[AlertRow]:
    """Read what is due; an alert whose row is damaged is said, and stops none of the others."""
    try:
        return alerts.due(session, account, now, MOST)
    except Damaged:
        sound, damaged = alerts.due_one_by_one(session, account, now, MOST)
        alerts.mark(session, account, dict.fromkeys(damaged, (alerts.FAILED, "")))
        report.reconciled.damaged += [f"{TOUCH}/{alert}" for alert in damaged]
        return sound


def _by_first_due(due: Iterable[AlertRow], before: Mapping[str, OutboxRow]) -> dict[datetime, list[AlertRow]]:
    """Group alerts by when they were first due: what is tried again was due before it is now."""
    found: dict[datetime, list[AlertRow]] = {}
    for each in due:
        row = before.get(each.message)
        found.setdefault((row.due_at if row else None) or each.due_at, []).append(each)
    return found


@dataclass(slots=True)
class _Work:
    """Claims in the making, colleague by colleague."""

    session: Session
    account: str
    plan: Plan
    traffic: Traffic
    lease: Lease
    now: datetime
    report: TickReport
    before: Mapping[str, OutboxRow]  #: messages that were to be tried again, by touch key
    claims: Claims = field(default_factory=Claims)
    live: set[str] = field(default_factory=set)  #: keys of those that are, now or later

    def drop(self, why: Mapping[str, str]) -> None:
        """Drop alerts: id -> why."""
        alerts.mark(self.session, self.account, dict.fromkeys(why, (alerts.DROPPED, "")))
        self.report.alerts_dropped.update(why.values())
        self.claims.seen_to += len(why)

    def tell(self, member: Member, its: Sequence[AlertRow]) -> None:
        """Claim the one message that tells a colleague of all that is due, or have it wait."""
        channel = way_to_tell(self.plan, member.id, its[0].about)
        opening = self.now if its[0].about == REVIEW else when_to_tell(self.plan, member.id, self.now)
        free_at = self.traffic.at(self.now).get(channel)
        if opening > self.now:
            self._put_off(its, opening)
        elif free_at:
            self.claims.free_at = min(free_at, self.claims.free_at or free_at)
            self._keep(its)
        else:
            self._claim(its, self._row(member, channel, its))

    def end_what_is_left(self, due: Sequence[AlertRow], dropped: Mapping[str, str]) -> None:
        """End messages that were to be tried again and are not: their alerts are dropped, or go with another one."""
        rows = []
        for key, row in self.before.items():
            if key in self.live or row.state != WAITS:
                continue
            why = {dropped.get(each.alert) for each in due if each.message == key}
            reason = Reason.LATE if LATE in why else Reason.SUPERSEDED if None in why else Reason.STOPPED
            rows.append(replace(row, state=STOPPED, reason=reason.code, ended_at=self.now, check_at=None))
        outbox.insert_ended(self.session, self.account, rows)

    def _put_off(self, its: Sequence[AlertRow], until: datetime) -> None:
        alerts.put_off(self.session, self.account, {each.alert: until for each in its})
        self.claims.seen_to += len(its)
        self._keep(its)

    def _keep(self, its: Iterable[AlertRow]) -> None:
        self.live.update(each.message for each in its)

    def _claim(self, its: Sequence[AlertRow], row: OutboxRow) -> None:
        state = alerts.TAKEN if row.state == CLAIMED else alerts.FAILED
        try:
            if row.state == CLAIMED:
                outbox.claim(self.session, self.account, [row])
                self.traffic.spend(row.channel, self.now)
                self.claims.rows.append(row)
            else:
                outbox.insert_ended(self.session, self.account, [row])
                self.report.not_told[row.owner] += 1
        except outbox.AlreadyClaimed:
            self._put_off(its, self.now + SET_ASIDE)
            return
        alerts.mark(self.session, self.account, {each.alert: (state, row.touch_key) for each in its})
        self.claims.seen_to += len(its)
        self.live.add(row.touch_key)

    def _row(self, member: Member, channel: str, its: Sequence[AlertRow]) -> OutboxRow:
        """Make the row of a message: as the next attempt of one that was to be tried again, where there is such."""
        earlier = [self.before[key] for key in sorted({each.message for each in its} & self.before.keys())]
        again = next((row for row in earlier if row.state == WAITS), None)
        key = again.touch_key if again else f"{TOUCH}/{member.id}/{its[0].alert}"
        words = words_for(channel, its, phone=self._phone(its))
        row = OutboxRow(
            touch_key=key,
            lead="",
            enrolment="",
            visit=0,
            playbook="",
            digest="",
            stage="",
            touch=TOUCH,
            channel=channel,
            reason=Reason.SENT.code,
            due_at=min([row.due_at for row in earlier if row.due_at] + [each.due_at for each in its]),
            decided_at=self.now,
            address=address_of(member, channel),
            subject=words.subject,
            body=words.body,
            segments=count_segments(words.body).segments if channel == "sms" else 0,
            owner=member.id,
            attempts=again.attempts + 1 if again else 1,
            tries=again.tries if again else 0,
            holder=self.lease.holder,
            called_at=self.lease.since,
            check_at=self.lease.until,
            handle=self.lease.handle(channel, key),
            good_until=self._good_until(member, its),
        )
        if why := self._barred(channel, row.address):
            row = replace(
                row, state=FAILED, reason=Reason.SUPPRESSED.code, detail=why, ended_at=self.now, check_at=None,
                attempts=row.attempts - 1, holder="", called_at=None,
            )  # fmt: skip
        return row

    def _good_until(self, member: Member, its: Sequence[AlertRow]) -> datetime | None:
        if its[0].about == REVIEW or not self.lease.live:
            return None
        return until_when(self.plan, member.id, self.now)

    def _barred(self, channel: str, address: str) -> str:
        """Tell why nothing may go to a colleague's address; empty: it may."""
        known = mail_key(address)
        standing = suppressions.standing(self.session, self.account, [known])
        entry = standing.get((ALL, known)) or standing.get((channel, known))
        return f"{Reason.SUPPRESSED.code}: the address is on the list of those not to be written to" if entry else ""

    def _phone(self, its: Sequence[AlertRow]) -> str:
        """Return the number of the one lead that alerts are about, unless the person wants to hear nothing more."""
        if len(its) != 1 or not its[0].lead:
            return ""
        row = leads.get(self.session, self.account, its[0].lead)
        if row is None or not row.phone:
            return ""
        standing = suppressions.standing(self.session, self.account, [row.phone])
        return "" if any(entry.reason != DEAD for entry in standing.values()) else row.phone
