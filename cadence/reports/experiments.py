"""Two ways at once: what each came to, and what the test says. Nobody picks by replies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cadence.engine.events import instant_text
from cadence.reports.ab import Evidence, leads_needed
from cadence.store.entries import read_instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.reports.trial_units import Unit
    from cadence.reports.trials import Trial

__all__ = ["NOT_ENOUGH", "NO_DIFFERENCE", "STOP", "UNEVEN", "WINNER", "Arm", "Experiment", "judge_trial"]

#: What the test says. The first is the usual answer, for months.
NOT_ENOUGH, WINNER, NO_DIFFERENCE, STOP = "not_enough_data", "winner", "no_difference", "stop"
UNEVEN = "uneven"  #: something else than the lot decided who fell to which variant

_USUAL = 0.3  #: rate of locked next steps that is assumed where the shop has none of its own yet
_FEWEST = 20  #: leads that a rate is taken from
_PACE = timedelta(weeks=4)  #: over which the leads a week are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One variant, and its leads."""

    name: str
    weight: int
    leads: int  #: that fell to it
    counted: int  #: of these, whose time is over
    locked: int  #: of those counted: had a locked next step within their time
    opted_out: int  #: of all
    replied: int  #: of those counted; for information


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One test, as it stands."""

    trial: Trial
    arms: tuple[Arm, ...]
    base: float  #: how many of a hundred leads lock a next step in that place, as a share
    base_of: int  #: leads that was taken from; 0: assumed
    gain: float  #: the difference worth finding, as a share
    needed: int  #: leads, of all variants, in which it is found eight times in ten
    per_week: float  #: leads that came to that place in a week, over the last four
    verdict: str
    of: tuple[str, ...] = ()  #: variants it is about: the winner, or those to be stopped
    evidence: float  #: the most there was between any two, of ``enough``
    enough: float  #: evidence that names a winner

    @property
    def counted(self) -> int:
        """Leads whose time is over."""
        return sum(arm.counted for arm in self.arms)

    @property
    def weeks(self) -> float | None:
        """Weeks that the whole sample takes at the present rate of leads; None when none come."""
        return self.needed / self.per_week if self.per_week else None

    @property
    def weeks_left(self) -> float | None:
        """Weeks until so many leads have come; those whose time is not over count as come."""
        lacking = max(0, self.needed - sum(arm.leads for arm in self.arms))
        return lacking / self.per_week if self.per_week else (0.0 if not lacking else None)


def judge_trial(
    trial: Trial, units: Sequence[Unit], now: datetime, *, gain: float, since: datetime | None = None
) -> Experiment:
    """Judge a test by its leads, which come in the order of their draw, those from before it began among them.

    ``since`` leaves out what was drawn before. A lead counts once its time is over, so that a variant which is merely
    quicker, or has leads that came later, is neither better nor worse for it; opt-outs count at once.
    """
    at, begins = instant_text(now), max(trial.begins, instant_text(since) if since else "")
    tried = [unit for unit in units if unit.variant in trial.weights and unit.at >= begins]
    counted = [unit for unit in tried if unit.ends <= at]
    before = [unit for unit in units if unit.at < trial.begins and unit.ends <= at]
    base, base_of = _rate(before) or _rate(counted) or (_USUAL, 0)
    walks = [_walk(trial, pair, counted) for pair in trial.pairs]
    stopped = _too_many_opt_outs(trial, tried)
    best = _winner(trial, walks)
    needed = _needed(trial, base, gain)
    if stopped:
        verdict, of = STOP, stopped
    elif _is_uneven(trial, tried):
        verdict, of = UNEVEN, ()
    elif best:
        verdict, of = WINNER, (best,)
    else:
        verdict, of = (NO_DIFFERENCE if len(counted) >= needed else NOT_ENOUGH), ()
    return Experiment(
        trial=trial,
        arms=tuple(_arm(trial, name, tried, at) for name in trial.weights),
        base=base,
        base_of=base_of,
        gain=gain,
        needed=needed,
        per_week=_pace(units, now),
        verdict=verdict,
        of=of,
        evidence=max(walk.evidence.value for walk in walks),
        enough=len(walks) / walks[0].evidence.alpha,
    )


@dataclass(frozen=True, slots=True)
class _Walk:
    """The comparison of two variants."""

    evidence: Evidence
    better: str  #: which of the two the evidence suffices for; empty: neither


def _walk(trial: Trial, pair: tuple[str, str], counted: Sequence[Unit]) -> _Walk:
    """Go through the leads of two variants in the order of their draw, as somebody who looked every day would have."""
    one, other = pair
    evidence = Evidence(trial.share(one, other))
    leads, locked, better = {one: 0, other: 0}, {one: 0, other: 0}, ""
    for unit in counted:
        if unit.variant in pair:
            evidence.add(first=unit.variant == one, outcome=unit.locked)
            leads[unit.variant] += 1
            locked[unit.variant] += unit.locked
            if not better and evidence.suffices(len(trial.pairs)):
                better = one if locked[one] * leads[other] > locked[other] * leads[one] else other
    return _Walk(evidence, better)


def _winner(trial: Trial, walks: Sequence[_Walk]) -> str:
    """Return the variant that is better than each of the others; empty when there is none."""
    wins = [walk.better for walk in walks]
    return next((name for name in trial.weights if wins.count(name) == len(trial.weights) - 1), "")


def _too_many_opt_outs(trial: Trial, tried: Sequence[Unit]) -> tuple[str, ...]:
    """Return the variants whose leads ask to be left alone more often than those of another."""
    left = [unit for unit in tried if unit.opted_out]
    worse: dict[str, None] = {}
    for one, other in trial.pairs:
        evidence = Evidence(trial.share(one, other), guard=True)
        opted = {one: 0, other: 0}
        for unit in left:
            if unit.variant in opted:
                evidence.add(first=unit.variant == one)
                opted[unit.variant] += 1
        if evidence.suffices(len(trial.pairs)):
            more = opted[one] * trial.weights[other] > opted[other] * trial.weights[one]
            worse[one if more else other] = None
    return tuple(worse)


def _is_uneven(trial: Trial, tried: Sequence[Unit]) -> bool:
    """Tell whether the leads, whatever came of them, fell to the variants otherwise than the weights say.

    Then the split among those that locked says nothing: a text that cannot be made for many leads loses the lot itself.
    """
    for one, other in trial.pairs:
        evidence = Evidence(trial.share(one, other))
        for unit in tried:
            if unit.variant in (one, other):
                evidence.add(first=unit.variant == one)
        if evidence.suffices(len(trial.pairs)):
            return True
    return False


def _rate(units: Sequence[Unit]) -> tuple[float, int] | None:
    """Return how many of the leads locked a next step, and of how many that is; None when they are too few."""
    if len(units) < _FEWEST:
        return None
    return sum(unit.locked for unit in units) / len(units), len(units)


def _needed(trial: Trial, base: float, gain: float) -> int:
    """Return how many leads the test needs, so that the pair with the fewest has its own."""
    rate, whole = min(max(base, 0.01), 0.99), sum(trial.weights.values())
    return max(
        -(-leads_needed(rate, gain, float(trial.share(one, other)), len(trial.pairs)) * whole)
        // (trial.weights[one] + trial.weights[other])
        for one, other in trial.pairs
    )


def _pace(units: Sequence[Unit], now: datetime) -> float:
    """Return how many leads came in a week: over the last four, or since the first came, but over one at least."""
    lately = [unit for unit in units if unit.at > instant_text(now - _PACE)]
    if not lately:
        return 0.0
    time = max(min(_PACE, now - read_instant(units[0].at)), timedelta(weeks=1))
    return len(lately) / (time / timedelta(weeks=1))


def _arm(trial: Trial, name: str, tried: Sequence[Unit], at: str) -> Arm:
    mine = [unit for unit in tried if unit.variant == name]
    counted = [unit for unit in mine if unit.ends <= at]
    return Arm(
        name=name,
        weight=trial.weights[name],
        leads=len(mine),
        counted=len(counted),
        locked=sum(unit.locked for unit in counted),
        opted_out=sum(unit.opted_out for unit in mine),
        replied=sum(unit.replied for unit in counted),
    )
