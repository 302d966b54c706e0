"""Which alerts nobody needs to be told any more, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.engine.alerts import way_to_tell
from cadence.store import enrolments, tasks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cadence.playbook.compile import Plan
    from cadence.store.alerts import AlertRow
    from cadence.store.enrolments import EnrolmentRow
    from cadence.store.session import Session
    from cadence.store.tasks import TaskRow

__all__ = ["LATE", "LATE_AFTER", "of_no_use"]

LATE_AFTER = timedelta(hours=24)  #: past due; it is on the lists of the day by then
LATE, NO_WAY, ENDED, NOT_THEIRS, DONE = "late", "no_way", "lead_ended", "not_theirs", "done_already"


def of_no_use(
    session: Session, account: str, plan: Plan, alerts: Mapping[datetime, Sequence[AlertRow]], now: datetime
) -> dict[str, str]:
    """Tell which alerts are to be dropped, and why: id -> late, no_way, lead_ended, not_theirs, done_already.

    ``alerts`` by when they were first due.
    """
    every = [each for its in alerts.values() for each in its]
    leads = {each.lead for each in every if each.lead}
    known = {row.enrolment: row for rows in enrolments.of_leads(session, account, leads).values() for row in rows}
    steps = tasks.of_leads(session, account, leads)
    late = {each.alert for due_at, its in alerts.items() if now - due_at > LATE_AFTER for each in its}
    found: dict[str, str] = {}
    for each in every:
        if each.alert in late:
            found[each.alert] = LATE
        elif not way_to_tell(plan, each.member, each.about):
            found[each.alert] = NO_WAY
        elif why := _moot(each, known.get(each.enrolment), steps.get(each.lead, ())):
            found[each.alert] = why
    return found


def _moot(alert: AlertRow, enrolment: EnrolmentRow | None, steps: Sequence[TaskRow]) -> str:
    """Say why an alert has nothing to say any more: its job is over, or what it asks for is done or somebody else's."""
    if enrolment is None:
        return ""
    if enrolment.end:
        return ENDED
    if alert.about == "assigned":
        return NOT_THEIRS if enrolment.owner != alert.member else ""
    step = _step_of(alert, steps)
    if step is None:
        return ""
    if step.closed_as:
        return DONE
    return NOT_THEIRS if step.owner != alert.member else ""


def _step_of(alert: AlertRow, steps: Sequence[TaskRow]) -> TaskRow | None:
    """Find the next step that an alert was made with: by its words, the latest made by then."""
    its = [
        step
        for step in steps
        if step.enrolment == alert.enrolment and step.title == alert.title and step.created_at <= alert.made_at
    ]
    return max(its, key=lambda step: (step.created_at, step.owner == alert.member), default=None)
