"""How fast an export says the shop is: the first response, and the follow-up of estimates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from cadence.reports.audit.measures import lacks
from cadence.reports.audit.moments import waited

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cadence.reports.audit.lead import ExportLead
    from cadence.reports.audit.moments import Moment
    from cadence.reports.audit.reading import Export

__all__ = ["FollowUps", "Speed", "follow_ups", "speed"]

QUICK = timedelta(minutes=5)
TWO_DAYS = timedelta(hours=48)
_NO_TIMES = "when a lead came in and when it was answered stand in the export as days, without the time of day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Speed to first response of the leads that came in within the audit's days; the clock never stands still."""

    cannot: str = ""  #: why it cannot be told; empty: it can
    median: timedelta | None = None  #: of those who were answered
    quick: int = 0  #: answered within five minutes
    counted: int = 0  #: answered, or waiting for more than five minutes
    unanswered: int = 0  #: of them, those without a logged response
    left_out: int = 0  #: no time of day is known, or the response lies before the lead


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUps:
    """How many estimates of the audit's days were followed up within 48 hours; those younger than that do not count."""

    cannot: str = ""  #: why it cannot be told; empty: it can
    followed: int = 0
    not_followed: int = 0
    unclear: int = 0  #: the export knows the last contact only, and an earlier one may have been in time

    @property
    def counted(self) -> int:
        """How many estimates were looked at."""
        return self.followed + self.not_followed + self.unclear


def speed(export: Export) -> Speed:
    """The speed to first response."""
    if not export.columns.has("first_response"):
        return Speed(cannot=lacks("first_response"))
    took: list[timedelta] = []
    unanswered = left_out = answered = 0
    for lead in (placed.lead for placed in export.leads if placed.recent):
        response = lead.first_response
        if response is None or not (isinstance(response, timedelta) or response.has_come(export.as_of)):
            unanswered += lead.came_in is not None and _is_late(lead.came_in, export.as_of)
            continue
        answered += 1
        length = _length(lead, response)
        if length is None or length < timedelta(0):
            left_out += 1
        else:
            took.append(length)
    if answered and answered == left_out:
        return Speed(cannot=_NO_TIMES if export.columns.has("created") else lacks("created"))
    return Speed(
        median=timedelta(seconds=median(length.total_seconds() for length in took)) if took else None,
        quick=sum(1 for length in took if length <= QUICK),
        counted=len(took) + unanswered,
        unanswered=unanswered,
        left_out=left_out,
    )


def _length(lead: ExportLead, response: Moment | timedelta) -> timedelta | None:
    if isinstance(response, timedelta):
        return response
    return waited(lead.came_in, response) if lead.came_in else None


def _is_late(came_in: Moment, now: datetime) -> bool:
    return came_in.at + QUICK < now if came_in.timed else came_in.is_over(now)


def follow_ups(export: Export) -> FollowUps:
    """The share of estimates with a follow-up within 48 hours."""
    if not export.columns.has("estimate_sent"):
        return FollowUps(cannot=lacks("estimate_sent"))
    if not export.columns.has("followed_up", "last_contact"):
        return FollowUps(cannot=lacks("followed_up", "last_contact"))
    judge = _was_followed if export.columns.has("followed_up") else _was_contacted
    verdicts = [judge(lead, sent, export.as_of) for lead, sent in _estimates(export)]
    return FollowUps(followed=verdicts.count(True), not_followed=verdicts.count(False), unclear=verdicts.count(None))


def _estimates(export: Export) -> Iterator[tuple[ExportLead, Moment]]:
    """The estimates sent within the audit's days, at least 48 hours ago, whatever became of them."""
    for lead in (placed.lead for placed in export.leads):
        sent = lead.estimate_sent.at if lead.estimate_sent and lead.estimate_sent.yes else None
        if sent and sent.at >= export.since and sent.has_come(export.as_of) and not _within(sent, export.as_of):
            yield lead, sent


def _was_followed(lead: ExportLead, sent: Moment, now: datetime) -> bool | None:
    """Whether a follow-up is logged within 48 hours; None where it is logged without a day."""
    told = lead.followed_up
    if told is None or not told.holds(now):
        return False
    if told.at is None:
        return None
    return told.at.at.date() >= sent.at.date() and _within(sent, told.at.at)


def _was_contacted(lead: ExportLead, sent: Moment, now: datetime) -> bool | None:
    """The same by the last contact; None where an earlier contact, or the sending itself, may be meant."""
    contact = lead.last_contact
    if contact is None or not contact.has_come(now) or contact.at.date() < sent.at.date():
        return False
    if contact.timed and sent.timed and contact.at <= sent.at:
        return False
    if not (contact.timed and sent.timed) and contact.at.date() == sent.at.date():
        return None
    return _within(sent, contact.at) or None


def _within(sent: Moment, until: datetime) -> bool:
    """Whether it is 48 hours at most; two days, where the time of sending is not known."""
    if sent.timed:
        return until - sent.at <= TWO_DAYS
    return until.date() - sent.at.date() <= TWO_DAYS
