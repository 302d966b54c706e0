"""Rules of one message or step by itself: the hours it goes at, never early, never too late, the hour of the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cadence.testing.torture.plain import MESSAGES, length, plain_page
from cadence.testing.torture.verdicts import Broken, said

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from cadence.testing.torture.plain import Words
    from cadence.testing.torture.story import Seen

__all__ = ["goes_in_its_hours", "goes_in_its_time", "keeps_the_hour_of_the_page"]

ANSWER_WITHIN = timedelta(minutes=15)
INQUIRIES = ("lead.created", "call.missed")


def goes_in_its_hours(seen: Seen) -> Iterator[Broken]:
    """No message outside the page's windows or the law, but an answer within a quarter of an hour."""
    page = plain_page(seen.plan)
    asked: datetime | None = None
    answered = True
    record = dict(seen.story.record)
    for look in seen.looks:
        if look.fact and look.fact.type in INQUIRIES:
            asked, answered = look.fact.at, False
        for claim in look.claims:
            verdict = claim.verdict
            if verdict.channel not in MESSAGES:
                continue
            answers = page.touch(verdict.stage, verdict.touch).get("answers") == "inquiry" and not answered
            answered = answered or answers
            soon = asked is not None and look.at - asked <= ANSWER_WITHIN
            if answers and soon and page.any_hour:
                continue
            if against := page.may_write(verdict.channel, look.at, record):
                yield Broken(look.at, f"{said(verdict)} went: {against}")


def goes_in_its_time(seen: Seen) -> Iterator[Broken]:
    """Nothing goes before it is due, and nothing later than ``expires_after``."""
    page = plain_page(seen.plan)
    for claim in seen.claims():
        verdict = claim.verdict
        if verdict.due_at is None:
            yield Broken(verdict.at, f"{said(verdict)} went and was never due")
        elif verdict.at < verdict.due_at:
            yield Broken(verdict.at, f"{said(verdict)} went {verdict.due_at - verdict.at} before it was due")
        elif verdict.at - verdict.due_at > page.expiry(verdict.stage, verdict.touch):
            yield Broken(verdict.at, f"{said(verdict)} went {verdict.at - verdict.due_at} late")


def keeps_the_hour_of_the_page(seen: Seen) -> Iterator[Broken]:
    """What the page says by the clock is due at that hour whatever clocks do, and 48 hours are 48 hours."""
    page = plain_page(seen.plan)
    zone = page.zone(seen.story.record)
    settled = [*(verdict for look in seen.looks for verdict in look.ended), *(c.verdict for c in seen.claims())]
    bases = _bases(seen, page, zone)
    dues = {(verdict.stage, verdict.visit, verdict.touch): verdict.due_at for verdict in settled}
    for verdict in settled:
        if verdict.due_at is None or "." in verdict.touch:
            continue
        line = page.touch(verdict.stage, verdict.touch)
        if _moved_with_another(page, verdict.stage, line, bases):
            continue
        known = {*bases.get(line.get("anchor", ""), ())}
        if "anchor" in line and (other := dues.get((verdict.stage, verdict.visit, line["anchor"]))):
            known.add(other)
        rows = line.get("schedule", (line,))
        if not any(_as_said(row, verdict.due_at, known, page, zone) for row in rows):
            clock = verdict.due_at.astimezone(zone)
            yield Broken(verdict.at, f"{said(verdict)} was due {clock:%a %d %b %H:%M:%S}, which its line does not say")


def _moved_with_another(
    page: Words, stage: str, line: Mapping[str, Any], bases: Mapping[str, Collection[datetime]]
) -> bool:
    """Tell whether a touch counts from another whose event came again: when that one was due last, nothing tells."""
    others = {each["id"]: each for each in page.page["stages"][stage].get("touches", ())}
    if line.get("anchor") not in others:
        return False
    while line.get("anchor") in others:
        line = others[line["anchor"]]
    return len(bases.get(line.get("anchor", ""), ())) > 1 and "anchor" in line


def _as_said(row: Mapping[str, Any], due: datetime, bases: set[datetime], page: Words, zone: ZoneInfo) -> bool:
    """Tell whether a row can mean an instant: the hour it names, or so long from something that happened."""
    if "cron" in row or row.get("clock") == "business":
        return True
    if "after" in row and "at" not in row:
        return due - length(row["after"]) in bases
    if "before" in row and "at" not in row:
        return due + length(row["before"]) in bases
    if due in bases:  # at once; or the hour it names was past by then
        return True
    hour = row.get("next_business_day") or row.get("at") or page.touch_time
    return bool(hour) and _shows(due, str(hour), zone)


def _shows(due: datetime, hour: str, zone: ZoneInfo) -> bool:
    """Tell whether a clock shows an hour for the first time; or first shows a later one, where it leaves that out."""
    clock = due.astimezone(zone)
    if clock.fold:
        return False
    if f"{clock:%H:%M:%S}" == f"{hour}:00":
        return True
    before = (due - timedelta(seconds=1)).astimezone(zone)
    put_forward = before.utcoffset() != clock.utcoffset()
    return put_forward and hour < f"{clock:%H:%M}" and (before.date() < clock.date() or f"{before:%H:%M}" < hour)


def _bases(seen: Seen, page: Words, zone: ZoneInfo) -> dict[str, set[datetime]]:
    """Return what touches may count from: the starts of visits (under the empty name), facts, and dates they carry."""
    found: dict[str, set[datetime]] = {"": set()}
    for look in seen.looks:
        found[""].update(entry.at for entry in look.entries if entry.type == "stage.entered")
        for entry in look.entries:
            found.setdefault(entry.type, set()).add(entry.at)
            for name, value in entry.data.items():
                if isinstance(value, str) and (moment := _moment(value, page, zone)):
                    found.setdefault(f"{entry.type}.{name}", set()).add(moment)
    return found


def _moment(text: str, page: Words, zone: ZoneInfo) -> datetime | None:
    try:
        day_only = len(text) == 10
        moment = datetime.fromisoformat(f"{text}T{page.touch_time}" if day_only else text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
