"""Rules of how often ticks come: what is due does not change, and fewer ticks do the same, at their next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.testing.torture.plain import MESSAGES, length, plain_page
from cadence.testing.torture.sending import ANSWER_WITHIN, INQUIRIES
from cadence.testing.torture.verdicts import Broken, said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from cadence.engine.decision import Verdict
    from cadence.testing.torture.plain import Words
    from cadence.testing.torture.story import Look, Seen

__all__ = ["does_the_same_with_fewer_ticks", "is_due_whatever_the_ticks"]


def is_due_whatever_the_ticks(seen: Seen, fewer: Seen) -> Iterator[Broken]:
    """When a touch is due does not depend on how often ticks come."""
    dues = _dues(seen)
    for key, due in _dues(fewer).items():
        if key in dues and dues[key] != due:
            yield Broken(due, f"{key} is due {dues[key]:%d %b %H:%M:%S}, and {due:%d %b %H:%M:%S} with fewer ticks")


def does_the_same_with_fewer_ticks(seen: Seen, fewer: Seen) -> Iterator[Broken]:
    """What one tick a minute does, fewer ticks do at their next one; until the wait itself changes something."""
    page = plain_page(seen.plan)
    later = {verdict.key: verdict for _, verdict in _settled(fewer)}
    facts = [look.fact for look in seen.looks if look.fact]
    settled = list(_settled(seen))
    for look, verdict in settled:
        at = verdict.at if look.fact else _next_tick(verdict.at, seen.story.start, fewer.tick)
        if at >= seen.story.end:
            return
        other = later.get(verdict.key)
        if other and (other.at, other.outcome, other.reason) == (at, verdict.outcome, verdict.reason):
            continue
        near = [each for _, each in settled if each is not verdict and abs(each.at - verdict.at) <= 2 * fewer.tick]
        if near or any(abs(fact.recorded_at - verdict.at) <= 2 * fewer.tick for fact in facts):
            return
        if _waiting_matters(seen, page, verdict, at):
            return
        became = f"{other.outcome.value} at {other.at:%d %b %H:%M}" if other else "nothing"
        yield Broken(verdict.at, f"{said(verdict)} is {verdict.outcome.value}, with fewer ticks {became}")
        return


def _waiting_matters(seen: Seen, page: Words, verdict: Verdict, at: datetime) -> bool:
    """Tell whether the time up to the next tick changes what may be done: a window, a day, an hour, an age."""
    record = seen.story.record
    line = page.touch(verdict.stage, verdict.touch)
    zone = page.zone(record)
    asked = max((look.fact.at for look in seen.looks if look.fact and look.fact.type in INQUIRIES), default=at)
    late = verdict.due_at is not None and at - verdict.due_at > min(
        page.expiry(verdict.stage, verdict.touch), length("1h")
    )
    return (
        late
        or page.shop_open(verdict.at) != page.shop_open(at)
        or verdict.at.astimezone(zone).date() != at.astimezone(zone).date()
        or (verdict.channel in MESSAGES and bool(page.may_write(verdict.channel, at, record)))
        or (line.get("answers") == "inquiry" and at - asked > ANSWER_WITHIN)
    )


def _settled(seen: Seen) -> Iterator[tuple[Look, Verdict]]:
    for look in seen.looks:
        for verdict in look.ended:
            yield look, verdict
        for claim in look.claims:
            yield look, claim.verdict


def _dues(seen: Seen) -> dict[str, datetime]:
    """Return the last due instant of each touch, of those that ended and of those that still wait."""
    dues = dict(seen.looks[-1].waiting) if seen.looks else {}
    return dues | {verdict.key: verdict.due_at for _, verdict in _settled(seen) if verdict.due_at}


def _next_tick(at: datetime, start: datetime, every: timedelta) -> datetime:
    steps = -((start - at) // every)
    return start + every * steps
