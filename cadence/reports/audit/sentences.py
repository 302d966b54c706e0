"""The sentences of an audit, the same on the terminal and on the page: what is missing, how fast, what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.reports.preview_words import clock, number_of, short_day, visible
from cadence.timing.durations import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cadence.reports.audit.audit import Audit
    from cadence.reports.audit.lead import Placed
    from cadence.reports.audit.measures import Measure
    from cadence.reports.audit.moments import Moment

__all__ = ["day_of", "days_of", "how_read", "missing", "outcome", "pace_rows", "period", "to_do", "verdict"]

_MOST_WORDS = 12  #: unknown status words that are named


def verdict(audit: Audit) -> str:
    """The sentence under the number."""
    if audit.cannot:
        return f"{audit.cannot[:1].upper()}{audit.cannot[1:]}."
    if not audit.captured:
        return f"There is no lead of {period(audit)}.{_newest(audit)}"
    if audit.captured == 1:
        said = "has no locked next step" if audit.number else "has a locked next step, or is won or closed"
        return f"The one lead of {period(audit)} {said}."
    leads = f"of the {audit.captured:,} leads of {period(audit)}"
    if not audit.number:
        return f"Every one {leads} has a locked next step, or is won or closed."
    return f"{audit.number:,} {leads} {'have' if audit.number != 1 else 'has'} no locked next step."


def period(audit: Audit) -> str:
    """``the last 30 days (up to 24 Nov 2026)``; ``the file`` where nothing says when a lead came in."""
    days = days_of(audit)
    return f"the {days} (up to {_dated(audit.export.as_of)})" if days else "the file"


def days_of(audit: Audit) -> str:
    """``last 30 days``; empty where nothing says when a lead came in."""
    length = audit.export.as_of - audit.export.since
    said = format_duration(length) if length % timedelta(days=1) else number_of(length.days, "day")
    return f"last {said}" if audit.export.columns.has("created") else ""


def outcome(audit: Audit) -> str:
    """What became of the others: ``9 have one, 6 are won, 3 are closed.``"""
    kinds = (
        () if audit.cannot else (("locked", "with a locked next step"), ("won", "won"), ("closed", "lost or closed"))
    )
    said = [f"{audit.kinds.get(kind, 0):,} {word}" for kind, word in kinds if audit.kinds.get(kind)]
    others = f"The others: {', '.join(said)}." if said else ""
    aside = len(audit.export.set_aside)
    unread = f"{number_of(aside, 'row')} could not be read and {'is' if aside == 1 else 'are'} not counted."
    return " ".join(filter(None, (others, unread if aside else "")))


def missing(placed: Placed, now: datetime) -> str:
    """What an open lead waits for: ``contract of 12 Nov not signed``."""
    standing = placed.standing
    at = f" of {day_of(standing.at, now)}" if standing.at else ""
    return {
        "contract": f"contract{at} not signed",
        "acknowledgement": f"appointment{at} not acknowledged",
        "answer": f"estimate{at} has no answer",
        "cancelled": f"appointment{at} cancelled or missed, and no new one",
        "appointment_passed": f"appointment{at} is over, nothing agreed since",
        "callback_passed": f"callback{at} is over, nothing agreed since",
        "slot": "interested, no slot",
    }.get(standing.missing, "nothing agreed")


def day_of(moment: Moment | None, now: datetime) -> str:
    """``12 Nov``, ``12 Nov 2025`` in another year, ``1 Dec 09:00`` with a time that is still to come."""
    if moment is None:
        return ""
    timed = f" {clock(moment.at)}" if moment.timed and not moment.is_over(now) else ""
    return f"{_day(moment.at, now)}{timed}"


def pace_rows(audit: Audit) -> Iterator[tuple[str, str]]:
    """What the two paces are: a title and a sentence each; none for what cannot be told."""
    pace, followed = audit.speed, audit.follow_ups
    if not pace.cannot:
        yield "First response", _speed(audit)
    if not followed.cannot:
        yield "Estimates followed up within 48 hours", _followed(audit)


def _speed(audit: Audit) -> str:
    pace = audit.speed
    if not pace.counted:
        return "no lead of these days to count"
    said = [f"median {_length(pace.median)}" if pace.median is not None else "nobody was answered"]
    said.append(f"{_share(pace.quick, pace.counted)} within 5 minutes ({pace.quick:,} of {pace.counted:,})")
    if pace.unanswered:
        said.append(f"{pace.unanswered:,} without a logged response")
    if pace.left_out:
        said.append(f"{pace.left_out:,} left out: no time of day, or a response before the lead")
    return "; ".join(said)


def _followed(audit: Audit) -> str:
    followed = audit.follow_ups
    if not followed.counted:
        return "no estimate of these days is 48 hours old"
    if not followed.unclear:
        return f"{_share(followed.followed, followed.counted)} ({followed.followed:,} of {followed.counted:,})"
    most = followed.followed + followed.unclear
    return (
        f"between {_share(followed.followed, followed.counted)} and {_share(most, followed.counted)} "
        f"({followed.followed:,} to {most:,} of {followed.counted:,}): the export shows only the last contact"
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %"


def _length(took: timedelta | None) -> str:
    if took is None:
        return "none"
    seconds = int(took.total_seconds())
    if seconds < 60:
        return number_of(seconds, "second")
    return number_of(seconds // 60, "minute") if seconds < 7200 else format_duration(took, largest="d")


_ADVICE: dict[str, str] = {
    "contract_unsigned": "Ask for the signature today, and for the deposit: {leads} with an unsigned contract.",
    "not_acknowledged": "Have the appointment confirmed, in words: {leads} with one that was only sent.",
    "no_slot": "Offer two times to choose from: {leads} interested, without a slot.",
    "no_owner": "Give each to one person by name: {leads} without an owner.",
    "no_next_action": "Write down what comes next, and when: {leads} without a next action.",
    "no_due_date": "Put a date to it: {leads} with a next action and no date.",
    "overdue": "Do it today, or set a new date: {leads} with an overdue next action.",
    "old_estimates": "Ask for a yes, a no, or a day to call back: {leads} with an estimate older than 7 days.",
}


def to_do(audit: Audit) -> Iterator[str]:
    """What to do about it, the most pressing first."""
    if audit.number:
        yield (
            f"Call the {number_of(audit.number, 'lead')} of the list, oldest first. With each, agree on one of these: "
            "an appointment they confirm, a signature, a deposit, or a day and an hour to call back."
        )
    yield from (_ADVICE[each.code].format(leads=number_of(len(each.leads), "lead")) for each in _found(audit))


def _found(audit: Audit) -> Iterator[Measure]:
    yield from (each for each in audit.lists if each.leads)


def how_read(audit: Audit) -> Iterator[str]:
    """How the file was read, and what was left out of it."""
    export = audit.export
    counted = [number_of(export.rows, "row")]
    if export.doubles:
        counted.append(f"{export.doubles:,} about a lead that another row is about, counted once")
    if export.later:
        counted.append(f"{export.later:,} that came in later than {_dated(export.as_of)}, not counted")
    if export.set_aside:
        rows = ", ".join(str(each.row) for each in export.set_aside[:8])
        more = ", ..." if len(export.set_aside) > 8 else ""
        counted.append(f"{len(export.set_aside):,} set aside as unreadable (row {rows}{more})")
    yield "; ".join(counted)
    yield "read from: " + ", ".join(
        f"{field} = {' + '.join(map(_quoted, headings))}" for field, headings in export.columns.read.items()
    )
    if export.columns.unread:
        yield "not read: " + ", ".join(map(_quoted, export.columns.unread))
    if export.unknown:
        yield _unknown(audit)
    if export.clock.offsets:
        zone = export.clock.zone
        whose = f"the clock of {zone}" if zone else "this computer's clock; --timezone names another"
        yield f"times that are written with an offset were put on {whose}"
    if export.clock.day_first:
        yield (
            f"some dates put the day first ({_quoted(export.clock.day_first)}); they could not be read, and those "
            "that could be read either way may be wrong: export the dates as 2026-11-25"
        )
    if export.clock.either_way:
        yield f"dates such as {_quoted(export.clock.either_way)} were read the American way, month first"
    for each in export.unread:
        times = number_of(each.times, "cell")
        yield f"{times} of {_quoted(each.heading)} taken for empty, the first in row {each.row}: it {each.reason}"


def _unknown(audit: Audit) -> str:
    words = audit.export.unknown
    named = ", ".join(f"{_quoted(word)} ({times:,})" for word, times in list(words.items())[:_MOST_WORDS])
    more = f" and {len(words) - _MOST_WORDS} more" if len(words) > _MOST_WORDS else ""
    return f"status words nobody knows, taken for open: {named}{more}; say what they mean with --statuses"


def _quoted(text: str) -> str:
    return f"'{visible(text, line=True)}'"


def _newest(audit: Audit) -> str:
    dated = [placed.lead.came_in for placed in audit.export.leads if placed.lead.came_in]
    if not dated:
        return ""
    newest = max(moment.at for moment in dated)
    return f" The newest came in on {_dated(newest)}: --as-of looks at it from another day."


def _day(at: datetime, now: datetime) -> str:
    return f"{short_day(at)[4:]}{'' if at.year == now.year else f' {at.year}'}"


def _dated(at: datetime) -> str:
    return f"{short_day(at)[4:]} {at.year}"
