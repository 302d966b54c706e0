"""Telling a colleague at once: by which channel, and when their own hours allow it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cadence.timing.timeline import Timeline, at_second, second_of
from cadence.timing.windows import Window, common_times
from cadence.timing.zones import find_zone

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Member

__all__ = ["REVIEW", "address_of", "until_when", "way_to_tell", "when_to_tell"]


REVIEW = "review"  #: what is told with it is a review: the page asks for it, so it goes by e-mail and at once


@lru_cache(maxsize=1024)
def way_to_tell(plan: Plan, member_id: str, about: str) -> str:
    """Return the channel by which a member is told of something: sms or email; empty when they are not told.

    What the member's ``alerts: {by: ...}`` says; left out, a text where there is a phone, else an e-mail.
    """
    member = plan.members.get(member_id)
    if about == REVIEW:
        return "email" if member and member.email and "email" in plan.workspace.channels else ""
    if member is None or member.alerts is None or about not in member.alerts.about or member.alerts.by == "none":
        return ""
    wanted = (member.alerts.by,) if member.alerts.by else ("sms", "email")
    return next((way for way in wanted if way in plan.workspace.channels and address_of(member, way)), "")


def address_of(member: Member, channel: str) -> str:
    """Return where a member is reached on a channel; empty: nowhere."""
    return member.phone if channel == "sms" else member.email


def when_to_tell(plan: Plan, member_id: str, at: datetime) -> datetime:
    """Return the first instant at or after ``at`` that lies in a member's own hours, on the business's clock."""
    opening = _hours(plan, member_id).next_open(second_of(at))
    return at if opening is None else at_second(opening)


def until_when(plan: Plan, member_id: str, at: datetime) -> datetime | None:
    """Return when the member's own hours that hold ``at`` end; None: they do not, or ``at`` lies outside."""
    closing = _hours(plan, member_id).closes_at(second_of(at))
    return None if closing is None else at_second(closing)


@lru_cache(maxsize=1024)
def _hours(plan: Plan, member_id: str) -> Timeline:
    zone = find_zone(plan.workspace.business.timezone)
    alerts = plan.members[member_id].alerts
    return common_times((Window(hours=alerts.hours, zone=zone),) if alerts else ())
