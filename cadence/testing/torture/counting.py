"""Rules of how much one person gets: once, one at a time, so many a day and a week, and no flood after silence."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cadence.testing.torture.plain import MESSAGES, length, plain_page
from cadence.testing.torture.sending import INQUIRIES
from cadence.testing.torture.verdicts import Broken, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.engine.decision import Verdict
    from cadence.testing.torture.plain import Words
    from cadence.testing.torture.story import Seen

__all__ = [
    "goes_once",
    "goes_one_at_a_time",
    "keeps_the_days_number",
    "keeps_the_gap",
    "keeps_the_laws_number",
    "keeps_the_weeks_number",
    "never_floods",
]

WEEK = timedelta(days=7)
STALE = timedelta(hours=1)


def goes_once(seen: Seen) -> Iterator[Broken]:
    """No touch goes twice in a visit."""
    gone: set[tuple[str, int, str]] = set()
    for claim in seen.claims():
        verdict = claim.verdict
        name = verdict.enrolment, verdict.visit, verdict.touch
        if name in gone:
            yield Broken(verdict.at, f"{said(verdict)} went again in the same visit")
        gone.add(name)


def goes_one_at_a_time(seen: Seen) -> Iterator[Broken]:
    """At most one message goes to a person in one tick."""
    number = Counter(claim.verdict.at for claim in seen.claims(*MESSAGES))
    for at, many in number.items():
        if many > 1:
            yield Broken(at, f"{many} messages went in one tick")


def keeps_the_days_number(seen: Seen) -> Iterator[Broken]:
    """No more than ``messages_per_day`` on a day of the lead's, but answers and what asks for a yes."""
    page = plain_page(seen.plan)
    zone = page.zone(seen.story.record)
    number: Counter[object] = Counter()
    for at, message in _counted(seen, page):
        day = at.astimezone(zone).date()
        number[day] += 1
        if message and number[day] > page.per_day:
            yield Broken(at, f"{said(message)} was message {number[day]} of {day:%a %d %b}")


def keeps_the_weeks_number(seen: Seen) -> Iterator[Broken]:
    """No more than ``messages_per_week`` in any seven days, but the same."""
    page = plain_page(seen.plan)
    gone: list[datetime] = []
    for at, message in _counted(seen, page):
        gone.append(at)
        number = sum(1 for each in gone if each > at - WEEK)
        if message and number > page.per_week:
            yield Broken(at, f"{said(message)} was message {number} of seven days")


def keeps_the_gap(seen: Seen) -> Iterator[Broken]:
    """No message sooner than ``min_gap`` after the last, but the same."""
    page = plain_page(seen.plan)
    last: datetime | None = None
    for at, message in _counted(seen, page):
        if message and last is not None and at - last < page.min_gap:
            yield Broken(at, f"{said(message)} went {at - last} after the last message")
        last = at


def keeps_the_laws_number(seen: Seen) -> Iterator[Broken]:
    """No more texts than the law of the lead's state allows, but an answer to their inquiry."""
    page = plain_page(seen.plan)
    texts = [claim.verdict for claim in seen.claims("sms", "voice")]
    for row in page.laws(seen.story.record):
        if "most" not in row:
            continue
        most, _, within = str(row["most"]).partition(" in ")
        for verdict in texts:
            before = [other for other in texts if verdict.at - length(within) < other.at <= verdict.at]
            answers = page.touch(verdict.stage, verdict.touch).get("answers")
            if len(before) > int(most) and not answers:
                yield Broken(verdict.at, f"{said(verdict)} was text {len(before)} in {within}; the law says {most}")


def never_floods(seen: Seen) -> Iterator[Broken]:
    """Of the messages that an outage held up for over an hour, one goes by each way, the newest; the rest never go."""
    if not seen.story.down:
        return
    page = plain_page(seen.plan)
    begins, ends = seen.story.down
    held: dict[tuple[str, bool], Verdict] = {}
    for claim in seen.claims(*MESSAGES):
        verdict = claim.verdict
        due = verdict.due_at
        if verdict.at < ends or due is None or not begins <= due < ends - STALE:
            continue
        line = page.touch(verdict.stage, verdict.touch)
        way = verdict.channel, line.get("expects") == "ack"
        if way in held:
            yield Broken(verdict.at, f"{said(verdict)} went as well as {said(held[way])}, both held up by the outage")
        held[way] = verdict


def _counted(seen: Seen, page: Words) -> Iterator[tuple[datetime, Verdict | None]]:
    """Yield what counts in limits, in order: messages of the page, and, as None, those a colleague wrote."""
    asked = False
    for look in seen.looks:
        if look.fact and look.fact.type in INQUIRIES:
            asked = True
        if look.fact and look.fact.type == "message.sent.by_person":
            yield look.fact.at, None
        for claim in look.claims:
            if claim.verdict.channel not in MESSAGES:
                continue
            line = page.touch(claim.verdict.stage, claim.verdict.touch)
            answers = asked and line.get("answers") == "inquiry"
            asked = asked and not answers
            if not answers and line.get("expects") != "ack":
                yield claim.verdict.at, claim.verdict
