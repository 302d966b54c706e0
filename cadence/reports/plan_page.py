"""A plan as a page: the consequence first, then what needs a look, then the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cadence.engine.diff import Kind
from cadence.playbook.words import MESSAGE_CHANNELS
from cadence.reports.page import Table
from cadence.reports.plan_signs import SIGNS
from cadence.reports.preview_words import channel_title, moment, number_of, short_day, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.reports.plan_head import PlanHead
    from cadence.reports.plan_tally import PlanTally
    from cadence.runner.planning import Edited, Stranded

__all__ = ["NO_CHANGES", "consequence", "figures", "legend", "made_of", "needs_a_look", "page_changes"]

NO_CHANGES = "No changes."
_OF_TOUCHES = (Kind.ADDED, Kind.MOVED, Kind.DROPPED, Kind.REWORDED, Kind.PASSED)


def page_changes(head: PlanHead) -> Iterator[str]:
    """Say which pages changed, by their short digests."""
    for each in head.edited:
        yield f"{each.playbook}: {_version(each)}"


def _version(each: Edited) -> str:
    if not each.was:
        return f"new, {each.now[:8]}"
    return f"{each.was[:8]} -> {each.now[:8]}" if each.now else f"{each.was[:8]} -> the page is gone"


def made_of(head: PlanHead, tally: PlanTally) -> str:
    """Say what was looked at."""
    until = moment(head.until.astimezone(ZoneInfo(head.zone)))
    looked = f"Looked at: {number_of(head.leads, 'lead')} in flight, until {until}, as if nobody answered"
    return f"{looked}; something changes for {tally.changed:,}."


def consequence(head: PlanHead, tally: PlanTally) -> str:
    """Say first what leads would notice first."""
    if not tally.soon:
        return "Nobody would get a message within the next hour that they would not have got."
    many = (
        f" That is more than {head.burst} at once: no tick publishes this by itself." if tally.soon > head.burst else ""
    )
    leads = number_of(tally.soon, "lead")
    return f"{leads} would get a message within the next hour that they would not have got.{many}"


def legend(tally: PlanTally) -> Iterator[tuple[str, int, str]]:
    """Yield the signs that are used, with how many changes carry each and what it says."""
    for kind, (sign, says) in SIGNS.items():
        if tally.kinds[kind]:
            yield sign, tally.kinds[kind], says


def needs_a_look(head: PlanHead, tally: PlanTally) -> Iterator[str]:
    """Yield what somebody should see before this is published."""
    for each in head.stranded:
        yield from _stranded(each)
    if tally.close:
        number = sum(tally.close.values())
        to = number_of(len(tally.close), "lead")
        yield f"{number_of(number, 'message')} to {to} would go less than 24 hours after the one before."
    if tally.late:
        yield f"{number_of(tally.late, 'touch', 'touches')} would go more than an hour after the time on the page."
    if number := tally.gaps["no_owner"]:
        yield f"{number_of(number, 'lead')} would be left without an owner."
    if number := tally.gaps["no_next_action"]:
        yield f"{number_of(number, 'lead')} would be left with nothing that comes next."
    if tally.not_read:
        names = ", ".join(sorted(tally.not_read)[:3])
        yield f"{number_of(len(tally.not_read), 'lead')} cannot be told, for what is kept of them is damaged: {names}."


def _stranded(each: Stranded) -> Iterator[str]:
    stand = "stands" if each.leads == 1 else "stand"
    if not each.stage:
        yield (
            f"The page of {each.playbook} is gone, and {number_of(each.leads, 'lead')} {stand} in it: put it back, or "
            "bring them to an end first."
        )
        return
    ways = f" They may go to: {', '.join(each.ways)}." if each.ways else ""
    yield (
        f"{number_of(each.leads, 'lead')} {stand} in {each.stage!r}, which the page of {each.playbook} does not have: "
        f"write renamed_from: {each.stage} at the stage it became, or say where they go with "
        f"--move {each.playbook}.{each.stage}=STAGE.{ways}"
    )


def figures(head: PlanHead, tally: PlanTally) -> Iterator[Table]:
    """Yield the totals: by touch, by stage, by channel and day, by owner."""
    if tally.touches:
        yield _by_touch(head, tally)
    if tally.stages:
        yield _by_stage(head, tally)
    if tally.days:
        yield _by_day(tally)
    if tally.owners:
        yield _by_owner(head, tally)


def _by_touch(head: PlanHead, tally: PlanTally) -> Table:
    used = [kind for kind in _OF_TOUCHES if any(told[kind.value] for told in tally.touches.values())]
    late = any(told["late"] for told in tally.touches.values())
    rows = [
        (
            visible("/".join(((playbook,) if head.several else ()) + (stage, touch)), line=True),
            channel_title(channel),
            *(_number(told[kind.value]) for kind in used),
            *((_number(told["late"]),) if late else ()),
            _many(head, channel, told[Kind.ADDED.value] + told[Kind.MOVED.value]),
        )
        for (playbook, stage, touch, channel), told in tally.touches.items()
    ]
    head_row = ("TOUCH", "CHANNEL", *(kind.value.upper() for kind in used), *(("LATE",) if late else ()), "")
    return Table(head=head_row, rows=tuple(sorted(rows)), words=(0, 1, len(head_row) - 1))


def _many(head: PlanHead, channel: str, number: int) -> str:
    return f"! more than {head.burst}" if channel in MESSAGE_CHANNELS and number > head.burst else ""


def _by_stage(head: PlanHead, tally: PlanTally) -> Table:
    rows = [
        (
            visible("/".join(((playbook,) if head.several else ()) + (stage,)), line=True),
            *(_number(came[word]) for word in ("more", "fewer", "moved")),
        )
        for (playbook, stage), came in tally.stages.items()
    ]
    return Table(head=("LEADS THAT COME TO", "MORE", "FEWER", "AT ANOTHER TIME"), rows=tuple(sorted(rows)))


def _by_day(tally: PlanTally) -> Table:
    rows = [
        (short_day(day), channel_title(channel), _number(more), _number(fewer))
        for (day, channel), (more, fewer) in sorted(tally.days.items())
    ]
    return Table(head=("DAY", "CHANNEL", "MORE", "FEWER"), rows=tuple(rows), words=(0, 1))


def _by_owner(head: PlanHead, tally: PlanTally) -> Table:
    words = ("leads", "given", "steps more", "steps fewer")
    used = [word for word in words if any(counts[word] for counts in tally.owners.values())]
    rows = [
        (head.member(owner), *(_number(counts[word]) for word in used))
        for owner, counts in sorted(tally.owners.items(), key=lambda each: head.member(each[0]))
    ]
    titles = {"leads": "LEADS", "given": "GIVEN THEM", "steps more": "STEPS MORE", "steps fewer": "STEPS FEWER"}
    return Table(head=("OWNER", *(titles[word] for word in used)), rows=tuple(rows))


def _number(number: int) -> str:
    return f"{number:,}" if number else ""
