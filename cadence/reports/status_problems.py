"""What in a status needs a person, most pressing first, and what to do about it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.reports.status import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cadence.reports.status import Status

__all__ = ["BACKLOG_AFTER", "STALE_AFTER", "counted", "length", "problems_of"]

STALE_AFTER = timedelta(minutes=15)
BACKLOG_AFTER = timedelta(minutes=15)
CLOCK_MAY_DIFFER = timedelta(minutes=5)
DEAF_AFTER = timedelta(minutes=10)
MOST_NAMED = 3


def problems_of(status: Status, stale_after: timedelta | None = None) -> tuple[Problem, ...]:
    """Return what needs a person; empty when all is well.

    ``stale_after`` is how old a tick may be. Who asks for it expects ticks, even where there is no database yet.
    """
    if status.database_problem:
        return (Problem(code="database", says=_sentence(status.database_problem), do=_sentence(status.database_help)),)
    if not status.revision and stale_after is None:
        return ()
    return tuple(
        Problem(code=code, says=says, do=do)
        for check in (
            _clock,
            _stale,
            _last_tick,
            _halts,
            _deaf,
            _backlog,
            _doubts,
            _unclear,
            _failures,
            _untold,
            _set_aside,
            _edits,
        )
        for code, says, do in check(status, stale_after or STALE_AFTER)
    )


def _clock(status: Status, _: timedelta) -> Iterator[tuple[str, str, str]]:
    if status.last and status.last.at > status.at + CLOCK_MAY_DIFFER:
        yield (
            "clock",
            f"The last tick judged by a time that lies {length(status.last.at - status.at)} ahead, so none goes on.",
            "Set the clock of this machine right. If it is right, say so once with `cadence tick --clock-is-right`.",
        )


def _stale(status: Status, stale_after: timedelta) -> Iterator[tuple[str, str, str]]:
    if status.last_ended is None:
        if status.versions or status.due or not status.revision:
            yield (
                "never_ticked",
                "No tick has run yet, so nothing goes out.",
                "`cadence schedule install` has one started every minute.",
            )
    elif (age := status.at - status.last_ended) > stale_after:
        yield (
            "stale",
            f"No tick has run for {length(age)}, so nothing goes out.",
            "See that the machine runs and its schedule is on: `cadence schedule install` puts it right. "
            "`cadence tick` does now what is due.",
        )


def _last_tick(status: Status, _: timedelta) -> Iterator[tuple[str, str, str]]:
    if status.last is None:
        return
    if status.last.outcome == "braked":
        most = status.last.counts.get("braked_at", 0)
        yield (
            "braked",
            f"The brake stopped the last tick: more than {most} messages are due at once, and none went.",
            "Look at them with `cadence dry-run --days 1`. `cadence tick --release` lets them go; max_per_tick in "
            "cadence.yaml sets the brake.",
        )
    elif status.last.outcome == "failed":
        yield (
            "broke_off",
            "The last tick broke off half-way. What was finished is recorded, and nothing goes twice.",
            "`cadence tick` goes on, and says what is wrong if it breaks off again.",
        )


def _halts(status: Status, _: timedelta) -> Iterator[tuple[str, str, str]]:
    for channel, why in status.halted.items():
        yield (
            "halted",
            f"Nothing goes by {channel}: {_sentence(why)}",
            f"Put that right (`cadence doctor` helps), then `cadence channels resume {channel}`.",
        )


def _deaf(status: Status, _: timedelta) -> Iterator[tuple[str, str, str]]:
    for source, (since, why) in status.deaf.items():
        if status.at - since > DEAF_AFTER:
            yield (
                "deaf",
                f"For {length(status.at - since)} nothing was heard from {source}: {_sentence(why)}",
                "Replies and opt-outs are missed until that is put right. `cadence pause` holds all touches meanwhile.",
            )


def _unclear(status: Status, _: timedelta) -> Iterator[tuple[str, str, str]]:
    if status.unclear:
        yield (
            "unclear",
            f"{counted(status.unclear, 'message')} came in of nobody known, or could not be understood.",
            "`cadence inbox list --unclear` shows them.",
        )


def _backlog(status: Status, stale_after: timedelta) -> Iterator[tuple[str, str, str]]:
    if status.paused or status.oldest_due is None or any(_stale(status, stale_after)):
        return
    if status.last and status.last.outcome in ("braked", "failed"):
        return
    if (age := status.at - status.oldest_due) > BACKLOG_AFTER:
        yield (
            "backlog",
            f"{counted(status.due, 'lead')} should have been looked at; the first has waited for {length(age)}.",
            "Ticks do not keep up. `cadence status --ticks 10` shows what they do; a second machine can share it.",
        )


def _doubts(status: Status, _: timedelta) -> Iterator[tuple[str, str, str]]:
    if status.doubts and status.doubts.left:
        number = status.doubts.left
        yield (
            "left_to_a_person",
            f"{counted(number, 'message')} may or may not have gone, and nobody can be asked. "
            f"{'They do' if number != 1 else 'It does'} not go again by {'themselves' if number != 1 else 'itself'}.",
            "`cadence outbox list` names them; ask the customer or the provider, then `cadence outbox resolve`.",
        )


def _failures(status: Status, _: timedelta) -> Iterator[tuple[str, str, str]]:
    failed = {code: number for code, number in status.failed.items() if code != "template"}
    if failed:
        yield (
            "failed",
            f"{counted(sum(failed.values()), 'message')} could not go: {_by_code(failed)}.",
            "`cadence outbox list --state failed` names the customers: call them, and correct their numbers.",
        )
    if number := status.failed.get("template", 0):
        yield (
            "text",
            f"{counted(number, 'text')} could not be made, because a lead lacks what the text names.",
            "`cadence outbox list --state failed` names the leads and what is missing.",
        )


def _untold(status: Status, _: timedelta) -> Iterator[tuple[str, str, str]]:
    for each in status.untold:
        name = status.team.get(each.member, each.member)
        yield (
            "untold",
            f"{name} could not be told of {counted(each.alerts, 'thing')} by {_WAYS.get(each.channel, each.channel)}: "
            f"{_sentence(each.why)}",
            "Tell them yourself, and put their line in cadence.yaml right: the address, or another way by `alerts:`.",
        )


_WAYS = {"sms": "text", "email": "e-mail"}


def _set_aside(status: Status, _: timedelta) -> Iterator[tuple[str, str, str]]:
    if status.set_aside:
        yield (
            "set_aside",
            f"{counted(len(status.set_aside), 'lead')} cannot be decided and nothing goes to them: "
            f"{_named([*status.set_aside])}.",
            "The others go on, and these are tried every hour. `cadence leads show LEAD` shows what happened to one; "
            "report it as a fault of cadence.",
        )


def _edits(status: Status, _: timedelta) -> Iterator[tuple[str, str, str]]:
    if status.faults:
        yield (
            "faults",
            f"Edited files have faults, so the last good versions go on: {_named(status.faults, '; ')}.",
            "`cadence validate` shows each fault with its line.",
        )
    for sentence in status.edits_held:
        yield (
            "edit_held",
            f"An edit waits: {sentence}.",
            "Give the stage back, or move these leads on first: `cadence leads list --stage STAGE`.",
        )


def counted(number: int, word: str) -> str:
    """Return ``1 lead``, ``2 leads``, ``1,200 leads``."""
    return f"{number:,} {word}{'s' * (number != 1)}"


def length(time: timedelta) -> str:
    """Return a length of time as a person says it: ``40 seconds``, ``90 minutes``, ``3 hours``, ``2 days``."""
    seconds = max(int(time.total_seconds()), 0)
    for size, word, least in ((86400, "day", 2), (3600, "hour", 2), (60, "minute", 1)):
        if seconds >= size * least:
            return counted(seconds // size, word)
    return counted(seconds, "second")


def _by_code(figures: Mapping[str, int]) -> str:
    ordered = sorted(figures.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{code} ({number:,})" for code, number in ordered)


def _named(names: Sequence[str], between: str = ", ") -> str:
    more = f"{between}and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return between.join(names[:MOST_NAMED]) + more


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") or not text else ".")
