"""Tests of two ways, as plain data and as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cadence.engine.events import instant_text
from cadence.reports.ab import POWER
from cadence.reports.experiments import NO_DIFFERENCE, NOT_ENOUGH, STOP, UNEVEN, WINNER
from cadence.reports.numbers_words import day_of, percent
from cadence.reports.page import Page, Table
from cadence.reports.preview_words import number_of
from cadence.reports.status_problems import length
from cadence.reports.tally import share
from cadence.reports.trials import ROUTING, SEQUENCE, TEXT
from cadence.store.entries import read_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from cadence.reports.experiments import Arm, Experiment

__all__ = ["experiments_data", "experiments_page"]

_WHAT = {SEQUENCE: "the touches of", ROUTING: "who gets the leads of", TEXT: "the text of"}
_MANY = 500  #: weeks beyond which nobody should wait


def experiments_data(found: Sequence[Experiment], *, account: str, now: datetime, within: timedelta) -> dict[str, Any]:
    """Return the tests as plain data; the keys stay as they are from version to version."""
    return {
        "at": instant_text(now),
        "account": account,
        "within_seconds": int(within.total_seconds()),
        "experiments": [_data(each) for each in found],
    }


def _data(each: Experiment) -> dict[str, Any]:
    trial = each.trial
    return {
        "playbook": trial.playbook,
        "kind": trial.kind,
        "place": trial.place,
        "began": trial.begins,
        "verdict": each.verdict,
        "variants_meant": list(each.of),
        "variants": [_arm_data(arm) for arm in each.arms],
        "base_rate": round(each.base, 4),
        "base_of": each.base_of,
        "difference": each.gain,
        "power": POWER,
        "leads_needed": each.needed,
        "leads_counted": each.counted,
        "leads_per_week": round(each.per_week, 2),
        "weeks_needed": None if each.weeks is None else round(each.weeks, 1),
        "weeks_left": None if each.weeks_left is None else round(each.weeks_left, 1),
        "evidence": round(each.evidence, 4),
        "evidence_needed": each.enough,
    }


def _arm_data(arm: Arm) -> dict[str, Any]:
    return {
        "variant": arm.name,
        "weight": arm.weight,
        "leads": arm.leads,
        "counted": arm.counted,
        "locked": arm.locked,
        "locked_share": share(arm.locked, arm.counted),
        "opted_out": arm.opted_out,
        "opted_out_share": share(arm.opted_out, arm.leads),
        "replied": arm.replied,
    }


def experiments_page(found: Sequence[Experiment], *, business: str, within: timedelta, timezone: str) -> Page:
    """Lay the tests out, each with what it says."""
    head = ("VARIANT", "LEADS", "COUNTED", "LOCKED A NEXT STEP", "OPTED OUT", "REPLIED")
    zone = ZoneInfo(timezone)
    return Page(
        business=business,
        title="two ways at once",
        about=f"A lead counts once, {length(within)} after it fell to a variant. "
        "What counts is a locked next step, never a reply.",
        tables=tuple(
            Table(
                head=head,
                title=_title(each, zone),
                words=(0, 3, 4, 5),
                rows=(*map(_row, each.arms), *((sentence,) for sentence in _sentences(each, within))),
            )
            for each in found
        ),
        nothing="Nothing is tried on the pages in force: no stage, role or touch has more than one variant.",
    )


def _title(each: Experiment, zone: ZoneInfo) -> str:
    trial, begins = each.trial, read_instant(each.trial.begins).astimezone(zone)
    names = " against ".join(trial.weights)
    return f"{_WHAT[trial.kind]} {trial.playbook}/{trial.place}: {names}, since {day_of(begins.date())} {begins.year}"


def _row(arm: Arm) -> tuple[str, ...]:
    return (
        arm.name,
        f"{arm.leads:,}",
        f"{arm.counted:,}",
        percent(arm.locked, arm.counted),
        percent(arm.opted_out, arm.leads),
        percent(arm.replied, arm.counted),
    )


def _sentences(each: Experiment, within: timedelta) -> Iterator[str]:
    yield f"-> {_VERDICTS[each.verdict](each)}"
    asked = f"about {_round(each.needed):,} leads to find a difference of {100 * each.gain:.0f} points"
    yield f"   It takes {asked}, 8 times in 10, {_base(each)}."
    yield f"   {_pace(each, within)}"


def _base(each: Experiment) -> str:
    if each.base_of:
        return f"where {100 * each.base:.0f}% lock a next step (of {number_of(each.base_of, 'lead')})"
    return f"where {100 * each.base:.0f}% lock a next step (assumed)"


def _pace(each: Experiment, within: timedelta) -> str:
    if each.weeks is None:
        return "No lead came there during the last four weeks, so that would never be reached."
    pace = (
        f"At the present {number_of(round(each.per_week), 'lead')} a week" if each.per_week >= 1 else "At so few leads"
    )
    if each.weeks > _MANY:
        return f"{pace} that takes more than {_MANY} weeks: try something that makes a greater difference."
    return f"{pace} they take {_weeks(each.weeks)} to come, and {length(within)} more to count."


def _not_enough(each: Experiment) -> str:
    left = f"; {_weeks(each.weeks_left)} to go" if each.weeks_left and each.weeks_left <= _MANY else ""
    counted = f"{each.counted:,} of about {_round(each.needed):,} leads have counted"
    return f"Not enough data: {counted}{left}. Change nothing yet."


def _winner(each: Experiment) -> str:
    rates = {arm.name: f"{percent(arm.locked, arm.counted)} of '{arm.name}'" for arm in each.arms}
    best = rates.pop(each.of[0])
    return f"Use '{each.of[0]}': more of its leads lock a next step ({best} against {', '.join(rates.values())})."


def _no_difference(each: Experiment) -> str:
    return (
        f"No difference of {100 * each.gain:.0f} points or more was found in {each.counted:,} leads. "
        "Keep whichever is less work."
    )


def _stop(each: Experiment) -> str:
    names = " and ".join(f"'{name}'" for name in each.of)
    told = ", ".join(f"{arm.opted_out:,} of {arm.leads:,} in '{arm.name}'" for arm in each.arms)
    return f"Stop {names}: too many opt-outs ({told}). Take it off the page, whatever else it brings."


def _uneven(each: Experiment) -> str:
    told = ", ".join(f"{arm.leads:,} to '{arm.name}'" for arm in each.arms)
    return (
        f"Nothing can be said: the leads did not fall as the weights say ({told}). "
        "Something else than the lot decides, such as a text that cannot be made for some leads."
    )


_VERDICTS: Mapping[str, Callable[[Experiment], str]] = {
    NOT_ENOUGH: _not_enough,
    WINNER: _winner,
    NO_DIFFERENCE: _no_difference,
    STOP: _stop,
    UNEVEN: _uneven,
}


def _weeks(weeks: float) -> str:
    return number_of(max(1, round(weeks)), "week")


def _round(leads: int) -> int:
    """Round to two figures: nobody knows it better."""
    step = int(10 ** max(0, len(str(leads)) - 2))
    return -(-leads // step) * step
