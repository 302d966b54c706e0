"""The three weekly numbers: how fast leads are answered, whether estimates are followed up, which stay open.

What each number is made of is said at the function that counts it, and in ``docs/reference/numbers.md``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from cadence.engine.events import instant_text
from cadence.reports.tally import half, nine_of_ten
from cadence.reports.weekly_facts import Facts
from cadence.store.entries import read_instant
from cadence.timing.calendar import Calendar, NeverOpens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cadence.reports.weekly_facts import Fact
    from cadence.reports.weeks import Week
    from cadence.store.chronicle import Line

__all__ = [
    "FOLLOW_UP_WITHIN",
    "OLD_AFTER",
    "RESPOND_WITHIN",
    "CalendarOf",
    "EstimatesSent",
    "FirstResponse",
    "Wait",
    "Weekly",
    "WeeklyNumbers",
    "weekly_numbers",
]

_T = TypeVar("_T")

RESPOND_WITHIN = timedelta(minutes=5)
FOLLOW_UP_WITHIN = timedelta(hours=48)
OLD_AFTER = timedelta(days=7)

_NEVER = "9999-12-31T23:59:59Z"

#: The calendar of a version: (playbook, digest) -> calendar.
CalendarOf = Callable[[str, str], Calendar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How long people waited on one clock; in seconds."""

    median: int | None  #: half of those who were answered waited no longer; None: nobody was answered
    nine_of_ten: int | None
    within: int  #: answered within :data:`RESPOND_WITHIN`
    judged: int  #: inquiries of which that can be told: answered, or waiting longer than that


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstResponse:
    """How fast the inquiries of a week were answered."""

    inquiries: int
    answered: int
    open_time: Wait  #: on the opening hours of the playbook
    elapsed: Wait  #: on the wall


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatesSent:
    """What became of the estimates of a week within :data:`FOLLOW_UP_WITHIN`."""

    sent: int
    not_yet: int  #: too young to tell; not among the following
    followed_up: int  #: by anything
    by_person: int  #: by a colleague

    @property
    def counted(self) -> int:
        """Estimates old enough to tell."""
        return self.sent - self.not_yet


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyNumbers:
    """The numbers of one week."""

    week: Week
    response: FirstResponse
    estimates: EstimatesSent
    open_estimates: int  #: older than :data:`OLD_AFTER` when the week ended; now, while it runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """Several weeks beside each other."""

    weeks: tuple[WeeklyNumbers, ...]  #: oldest first
    without_playbook: int  #: leads that asked, and that no playbook took: without opening hours, so in no week
    empty: bool  #: nobody ever asked, and no estimate was ever sent


def weekly_numbers(
    lines: Iterable[Line], weeks: Sequence[Week], now: datetime, calendar_of: CalendarOf, *, playbook: str = ""
) -> Weekly:
    """Count the numbers of ``weeks``, as known at ``now``.

    ``lines`` are the entries that :mod:`cadence.reports.weekly_facts` asks for; ``playbook``: only leads in it.
    """
    facts = Facts(lines, since=instant_text(weeks[0].starts_at), playbook=playbook)
    inquiries = _by_week(weeks, _inquiries(facts, calendar_of), lambda each: each.at)
    estimates = _by_week(weeks, facts.estimates(), _at)
    spells = list(_old_spells(facts))
    return Weekly(
        weeks=tuple(
            WeeklyNumbers(
                week=week,
                response=_first_response(asked, now),
                estimates=_estimates_sent(facts, sent, now),
                open_estimates=_open_estimates(spells, min(week.ends_at, now)),
            )
            for week, asked, sent in zip(weeks, inquiries, estimates, strict=True)
        ),
        without_playbook=0 if playbook else facts.without_playbook(),
        empty=facts.empty,
    )


def _by_week(weeks: Sequence[Week], things: Iterable[_T], at: Callable[[_T], datetime]) -> list[list[_T]]:
    """Sort things that happened in these weeks into them."""
    found: list[list[_T]] = [[] for _ in weeks]
    starts = [week.starts_at for week in weeks]
    for thing in things:
        found[bisect_right(starts, at(thing)) - 1].append(thing)
    return found


@dataclass(frozen=True, slots=True)
class _Inquiry:
    """One inquiry, and its first answer."""

    at: datetime
    answered_at: datetime | None
    calendar: Calendar


def _inquiries(facts: Facts, calendar_of: CalendarOf) -> Iterator[_Inquiry]:
    """Yield the first inquiry of every enrolment, each once, with the first response to it.

    An inquiry is a lead that came in by itself (no row of a list) or a missed call. A response is a message to the
    person that went out (by machine or by a colleague), or a call that was logged, at the inquiry's instant or later,
    whatever job it was about.
    """
    seen: set[tuple[str, str]] = set()
    for enrolled, at in facts.first_inquiries():
        if (enrolled.lead, at) in seen:
            continue
        seen.add((enrolled.lead, at))
        answers = [contact.at for contact in facts.responses(enrolled.lead) if contact.at >= at]
        yield _Inquiry(
            at=read_instant(at),
            answered_at=read_instant(min(answers)) if answers else None,
            calendar=calendar_of(enrolled.playbook, enrolled.digest),
        )


def _first_response(inquiries: Sequence[_Inquiry], now: datetime) -> FirstResponse:
    """Count how fast inquiries were answered, on the opening hours and on the wall.

    Within five minutes of open time means what an SLA of that length means: answered at or before the instant at
    which five minutes of open time have passed. An inquiry that nobody has answered counts as not within, once that
    instant has come; before, it is not judged. Median and 90th percentile are of those that were answered.
    """
    answered = [each for each in inquiries if each.answered_at is not None]
    return FirstResponse(
        inquiries=len(inquiries),
        answered=len(answered),
        open_time=_wait(inquiries, now, _open_seconds, _open_limit),
        elapsed=_wait(inquiries, now, _seconds, lambda each: each.at + RESPOND_WITHIN),
    )


def _wait(
    inquiries: Sequence[_Inquiry],
    now: datetime,
    length: Callable[[_Inquiry, datetime], int],
    limit: Callable[[_Inquiry], datetime],
) -> Wait:
    lengths = [length(each, each.answered_at) for each in inquiries if each.answered_at is not None]
    limits = [(each.answered_at, limit(each)) for each in inquiries]
    return Wait(
        median=half(lengths),
        nine_of_ten=nine_of_ten(lengths),
        within=sum(1 for answered, last in limits if answered is not None and answered <= last),
        judged=sum(1 for answered, last in limits if answered is not None or last < now),
    )


def _seconds(inquiry: _Inquiry, until: datetime) -> int:
    return int((until - inquiry.at).total_seconds())


def _open_seconds(inquiry: _Inquiry, until: datetime) -> int:
    return int(inquiry.calendar.open_time_between(inquiry.at, until).total_seconds())


def _open_limit(inquiry: _Inquiry) -> datetime:
    try:
        return inquiry.calendar.plus_open_time(inquiry.at, RESPOND_WITHIN)
    except NeverOpens:
        return datetime.max.replace(tzinfo=inquiry.at.tzinfo)


def _estimates_sent(facts: Facts, sent: Sequence[Fact], now: datetime) -> EstimatesSent:
    """Count estimates, and those that were followed up.

    A follow-up is a message to the person that went out, a call or a visit that was logged, after the estimate and
    at most 48 hours after it, about the same enrolment. Estimates younger than 48 hours are not counted yet.
    """
    counted = [each for each in sent if _at(each) + FOLLOW_UP_WITHIN <= now]
    followed_up = by_person = 0
    for estimate in counted:
        last = instant_text(_at(estimate) + FOLLOW_UP_WITHIN)
        found = [each for each in facts.contacts_about(estimate) if estimate.at < each.at <= last]
        followed_up += bool(found)
        by_person += any(each.by_person for each in found)
    return EstimatesSent(sent=len(sent), not_yet=len(sent) - len(counted), followed_up=followed_up, by_person=by_person)


def _open_estimates(spells: Sequence[tuple[str, str]], at: datetime) -> int:
    """Count the enrolments that are open at an instant and whose latest estimate is then older than seven days.

    None of those in which, since that estimate, a yes or a no came: a contract signed, a deposit paid, work approved,
    the lead won, lost, disqualified or not interested.
    """
    moment = instant_text(at)
    return sum(1 for begins, ends in spells if begins < moment < ends)


def _old_spells(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield from when until when an enrolment counts there: both instants are outside."""
    for enrolled, estimates, answers in facts.by_enrolment():
        ordered = sorted(estimates)
        for estimate, following in zip(ordered, [*ordered[1:], _NEVER], strict=True):
            answer = min((each for each in answers if each >= estimate), default=_NEVER)
            begins = instant_text(read_instant(estimate) + OLD_AFTER)
            ends = min(following, answer, enrolled.ended_at or _NEVER)
            if begins < ends:
                yield max(begins, enrolled.started_at), ends


def _at(fact: Fact) -> datetime:
    return read_instant(fact.at)
