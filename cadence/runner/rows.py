"""The engine's answers as rows of the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cadence.engine.events import Decided, instant_text
from cadence.engine.standing import standings
from cadence.handles import handle_of
from cadence.store.alerts import AlertRow
from cadence.store.enrolments import EnrolmentRow
from cadence.store.leads import LeadRow
from cadence.store.outbox import OutboxRow
from cadence.store.tasks import TaskRow

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.decision import AlertDraft, Claim, Decision, TaskDraft, Verdict
    from cadence.engine.standing import Standing
    from cadence.engine.state import EnrolmentState, LeadState

__all__ = ["MOVES", "Lease", "claim_row", "ended_row", "enrolment_rows", "lead_row", "mail_key", "step_row", "task_row"]

#: Entries after which an enrolment stands otherwise.
MOVES = (
    Decided.ENROLLED, Decided.STAGE_ENTERED, Decided.ENROLMENT_ENDED, Decided.ADOPTED, Decided.OWNER_CHANGED,
    Decided.VISIT_RESTORED, "owner.assigned",
)  # fmt: skip
_BY_THE_CLOCK = ("unlocked", "no_next_action")  #: gaps that the other columns tell
_NAMED = ("email", "webhook")
_COLUMNS = ("name", "phone", "email", "external_id")  # of the leads table; all else is in ``attributes``


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who has claims in hand, and until when nobody else looks at them; by the store's clock."""

    holder: str
    since: datetime
    until: datetime
    secret: str = ""  #: makes the opaque names of what leaves the house; empty: nothing gets one
    live: bool = False  #: messages leave, so that it matters until when they may arrive

    def handle(self, channel: str, touch_key: str) -> str:
        """Return the opaque name of a message, where its channel has a use for one."""
        return handle_of(self.secret, "message", touch_key) if self.secret and channel in _NAMED else ""


def claim_row(claim: Claim, lease: Lease) -> OutboxRow:
    """Make the outbox row of a touch about to be carried out."""
    verdict = claim.verdict
    return OutboxRow(
        **_of(verdict),
        attempts=claim.attempt,
        tries=claim.tries,
        holder=lease.holder,
        called_at=lease.since,
        check_at=lease.until,
        decided_at=verdict.at,
        address=claim.to,
        subject=claim.subject,
        body=claim.body,
        segments=claim.segments,
        variant=claim.variant,
        handle=lease.handle(verdict.channel, verdict.key),
        good_until=claim.until if lease.live else None,
    )


def ended_row(verdict: Verdict) -> OutboxRow:
    """Make the outbox row of a touch that ended without being carried out."""
    return OutboxRow(**_of(verdict), state=verdict.outcome.value, decided_at=verdict.at, ended_at=verdict.at)


def _of(verdict: Verdict) -> dict[str, Any]:
    return {
        "touch_key": verdict.key,
        "lead": verdict.lead,
        "enrolment": verdict.enrolment,
        "visit": verdict.visit,
        "playbook": verdict.playbook,
        "digest": verdict.digest,
        "stage": verdict.stage,
        "touch": verdict.touch,
        "channel": verdict.channel,
        "reason": verdict.reason.code,
        "detail": verdict.detail,
        "due_at": verdict.due_at,
        "line": verdict.line,
        "owner": verdict.owner,
    }


def task_row(task: TaskDraft, created_at: datetime) -> TaskRow:
    """Make the row of a next step that the engine drafted."""
    return TaskRow(
        task=task.id,
        lead=task.lead,
        enrolment=task.enrolment,
        title=task.title,
        body=task.body,
        owner=task.owner,
        due_at=task.due_at,
        created_at=created_at,
        cause=task.cause,
    )


def alert_row(alert: AlertDraft) -> AlertRow:
    """Make the row of something that a colleague is to be told."""
    return AlertRow(
        alert=alert.id,
        lead=alert.lead,
        enrolment=alert.enrolment,
        member=alert.member,
        about=alert.about,
        title=alert.title,
        body=alert.body,
        made_at=alert.at,
        due_at=alert.due_at,
    )


def step_row(claim: Claim, created_at: datetime) -> TaskRow:
    """Make the row of a call or task touch: a person's next step with its talk track."""
    verdict = claim.verdict
    return TaskRow(
        task=verdict.key,
        lead=verdict.lead,
        enrolment=verdict.enrolment,
        title=claim.title,
        body=claim.body,
        owner=claim.to,
        due_at=claim.task_due_at or verdict.at,
        created_at=created_at,
        cause=verdict.key,
    )


def enrolment_rows(book: Book, decision: Decision, now: datetime) -> list[EnrolmentRow]:
    """Make the rows of the enrolments that run, or that a decision changed, as they stand now."""
    state = decision.state
    changed = {event.enrolment for event in decision.events if event.type in MOVES}
    standing = {each.enrolment: each for each in standings(book, state, now)}
    return [
        _enrolment(state, each, standing.get(key))
        for key, each in state.enrolments.items()
        if key in changed or key in standing
    ]


def _enrolment(state: LeadState, enrolment: EnrolmentState, standing: Standing | None) -> EnrolmentRow:
    return EnrolmentRow(
        enrolment=enrolment.id,
        lead=state.lead,
        playbook=enrolment.playbook,
        job=enrolment.job,
        digest=enrolment.digest,
        stage=enrolment.visit.stage,
        visit=enrolment.visit.number,
        owner=enrolment.owner,
        started_at=enrolment.started_at,
        ended_at=enrolment.ended_at,
        end=enrolment.end,
        stage_since=enrolment.visit.started_at,
        score=enrolment.score,
        reason=_reason(enrolment) if enrolment.end == "lost" else "",
        **(_standing(standing) if standing else {"moved_at": enrolment.ended_at}),
    )


def _standing(standing: Standing) -> dict[str, Any]:
    following, lock = standing.next, standing.lock
    values: dict[str, Any] = {
        "moved_at": standing.moved_at,
        "lock_due_at": standing.lock_due_at,
        "locked_by": lock.by,
        "locked_at": lock.at,
        "locked_until": lock.until,
        "gaps": tuple(
            {"code": gap.code, "text": gap.text, "since": instant_text(gap.since)}
            for gap in standing.gaps
            if gap.code not in _BY_THE_CLOCK
        ),
    }
    if following:
        values.update(
            next_kind=following.kind,
            next_name=following.name,
            next_owner=following.owner,
            next_due_at=following.due_at,
        )
    return values


def _reason(enrolment: EnrolmentState) -> str:
    """Tell why a job was lost: what was given as the reason, else the fact that ended it."""
    ending = enrolment.latest.get(enrolment.visit.by)
    return str(ending.data.get("reason") or "") if ending else ""


def mail_key(address: Any) -> str:
    """Return what an e-mail address is looked up by: nobody's mail program minds capitals."""
    return str(address or "").casefold()


def lead_row(state: LeadState, *, created_at: datetime, updated_at: datetime, wake_at: datetime | None) -> LeadRow:
    """Make the row of a lead: a copy, for listings and look-ups, of what its log says."""
    record = state.record
    active = state.active_enrolments()
    return LeadRow(
        lead=state.lead,
        **{**{name: str(record.get(name) or "") for name in _COLUMNS}, "email": mail_key(record.get("email"))},
        attributes={key: value for key, value in record.items() if key not in (*_COLUMNS, "id")},
        owner=active[-1].owner if active else "",
        created_at=created_at,
        updated_at=updated_at,
        wake_at=wake_at,
    )
