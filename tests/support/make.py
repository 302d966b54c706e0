"""Examples of what goes into a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cadence.engine.events import Event
from cadence.store.alerts import AlertRow
from cadence.store.enrolments import EnrolmentRow
from cadence.store.inbound import InboundRow
from cadence.store.leads import LeadRow
from cadence.store.outbox import Ending, OutboxRow
from cadence.store.suppressions import SuppressionRow
from cadence.store.tasks import TaskRow

__all__ = ["NOW", "Make"]

#: 1:10 PM in Kansas City.
NOW = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)


class Make:
    """Examples; every field can be given another value."""

    now = NOW

    def at(self, minutes: float = 0) -> datetime:
        return NOW + timedelta(minutes=minutes)

    def lead(self, lead: str = "maria", **fields: Any) -> LeadRow:
        given = {"name": lead.title(), "created_at": NOW, "updated_at": NOW, **fields}
        return LeadRow(lead=lead, **given)

    def event(self, kind: str = "lead.created", **fields: Any) -> Event:
        return Event(**{"type": kind, "at": NOW, "recorded_at": NOW, **fields})

    def enrolment(self, lead: str = "maria", **fields: Any) -> EnrolmentRow:
        given = {
            "enrolment": f"{lead}/roofer/-/1",
            "playbook": "roofer",
            "digest": "d1",
            "stage": "new",
            "visit": 1,
            "started_at": NOW,
            "stage_since": NOW,
            "moved_at": NOW,
            **fields,
        }
        return EnrolmentRow(lead=lead, **given)

    def came_in(self, key: str = "SM1", **fields: Any) -> InboundRow:
        given = {"source": "twilio", "kind": "message", "at": NOW, "received_at": NOW, "data": {"text": "Hi"}, **fields}
        return InboundRow(key=key, **given)

    def suppression(self, address: str = "+18165550142", **fields: Any) -> SuppressionRow:
        given = {"reason": "opt_out", "source": "text message", "at": NOW, "recorded_at": NOW, **fields}
        return SuppressionRow(address=address, **given)

    def touch(self, lead: str = "maria", touch: str = "day-1", **fields: Any) -> OutboxRow:
        given = {
            "touch_key": f"{lead}/roofer/-/1/1/{touch}",
            "enrolment": f"{lead}/roofer/-/1",
            "visit": 1,
            "playbook": "roofer",
            "digest": "d1",
            "stage": "nurture",
            "channel": "sms",
            "decided_at": NOW,
            "attempts": 1,
            "holder": "t1",
            "called_at": NOW,
            "check_at": NOW + timedelta(minutes=2),
            **fields,
        }
        return OutboxRow(lead=lead, touch=touch, **given)

    def word(self, touch_key: str = "alert/dana/1", **fields: Any) -> OutboxRow:
        """A message to a colleague."""
        given = {"enrolment": "", "visit": 0, "playbook": "", "digest": "", "stage": "", "owner": "dana", **fields}
        return self.touch("", "alert", touch_key=touch_key, **given)

    def ended(self, lead: str = "maria", touch: str = "day-1", **fields: Any) -> OutboxRow:
        given = {"state": "skipped", "ended_at": NOW, "attempts": 0, "holder": "", "called_at": None, "check_at": None}
        return self.touch(lead, touch, **{**given, **fields})

    def ending(self, touch_key: str = "maria/roofer/-/1/1/day-1", **fields: Any) -> Ending:
        given = {"state": "sent", "reason": "sent", "ended_at": NOW, "attempts": 1, **fields}
        return Ending(touch_key=touch_key, **given)

    def task(self, task: str = "call-maria", **fields: Any) -> TaskRow:
        given = {"lead": "maria", "title": "Call Maria", "owner": "dana", "due_at": NOW, "created_at": NOW, **fields}
        return TaskRow(task=task, **given)

    def alert(self, alert: str = "assigned/maria", **fields: Any) -> AlertRow:
        given = {"lead": "maria", "member": "dana", "about": "assigned", "title": "Maria is yours", **fields}
        return AlertRow(**{"alert": alert, "made_at": NOW, "due_at": NOW, **given})
