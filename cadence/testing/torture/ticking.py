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
    if _moves_at_a_tick(seen) or _moves_at_a_tick(fewer):
        return
    dues, ends = _dues(seen), {verdict.key: verdict.at for _, verdict in _settled(seen)}
    later_ends = {verdict.key: verdict.at for _, verdict in _settled(fewer)}
    facts = [look.fact.recorded_at for look in seen.looks if look.fact]
    for key, due in _dues(fewer).items():
        if key not in dues or dues[key] == due:
            continue
        ended, ended_later = ends.get(key, seen.story.end), later_ends.get(key, seen.story.end)
        if not any(ended < learned <= ended_later for learned in facts):  # else what it counts from came in between
            yield Broken(due, f"{key} is due {dues[key]:%d %b %H:%M:%S}, and {due:%d %b %H:%M:%S} with fewer ticks")


def does_the_same_with_fewer_ticks(seen: Seen, fewer: Seen) -> Iterator[Broken]:
    """What one tick a minute does, fewer ticks do at their next one; until the wait itself changes something."""
    if _moves_at_a_tick(seen) or _moves_at_a_tick(fewer):
        return
    page = plain_page(seen.plan)
    later = {verdict.key: verdict for _, verdict in _settled(fewer)}
    for look, verdict in _settled(seen):
        at = verdict.at if look.fact else _next_tick(verdict.at, seen.story.start, fewer.tick)
        if at >= seen.story.end:
            return
        other = later.get(verdict.key)
        if other and (other.at, other.outcome, other.reason) == (at, verdict.outcome, verdict.reason):
            if _another_day(seen, page, verdict.at, at):
                return  # what the day's limit allows is another matter from here on
            continue
        if not _is_crowded(seen, fewer, look, verdict, at) and not _waiting_matters(seen, page, verdict, at):
            became = f"{other.outcome.value} at {other.at:%d %b %H:%M}" if other else "nothing"
            yield Broken(verdict.at, f"{said(verdict)} is {verdict.outcome.value}, with fewer ticks {became}")
        return


def _moves_at_a_tick(seen: Seen) -> bool:
    """Tell whether a move waited for something that a tick itself did: then the next stage begins at that tick."""
    return any(
        entry.type == "stage.entered" and entry.data["by"] != "silence"
        for look in seen.looks
        if look.fact is None
        for entry in look.entries
    )


def _is_crowded(seen: Seen, fewer: Seen, look: Look, verdict: Verdict, at: datetime) -> bool:
    """Tell whether something else happens, or wants to go, so close that fewer ticks may see both at once."""
    close = 2 * fewer.tick
    return (
        any(other is not verdict and abs(other.at - verdict.at) <= close for _, other in _settled(seen))
        or any(each.fact and abs(each.fact.recorded_at - verdict.at) <= close for each in seen.looks)
        or any(due <= at and key != verdict.key for key, due in look.waiting.items())
    )


def _another_day(seen: Seen, page: Words, one: datetime, other: datetime) -> bool:
    zone = page.zone(seen.story.record)
    return one.astimezone(zone).date() != other.astimezone(zone).date()


def _waiting_matters(seen: Seen, page: Words, verdict: Verdict, at: datetime) -> bool:
    """Tell whether the time up to the next tick changes what may be done: a window, a day, an hour, an age, a stage."""
    record = seen.story.record
    line = page.touch(verdict.stage, verdict.touch)
    asked = max((look.fact.at for look in seen.looks if look.fact and look.fact.type in INQUIRIES), default=at)
    late = verdict.due_at is not None and at - verdict.due_at > min(
        page.expiry(verdict.stage, verdict.touch), length("1h")
    )
    moves = (entry.at for look in seen.looks for entry in look.entries if entry.type == "stage.entered")
    return (
        late
        or any(verdict.at < moved <= at for moved in moves)
        or page.shop_open(verdict.at) != page.shop_open(at)
        or _another_day(seen, page, verdict.at, at)
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
