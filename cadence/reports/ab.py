"""The test of two ways against each other: it may be looked at every day, and keeps its word whenever one stops.

Leads fall to one way or the other by lot, with known weights. If it made no difference to whom a lead fell, then among
the leads that locked a next step, and among those that did not, each would still be of the first way with the lot's own
chance, whatever the rate and however it changes with the season. So what is tested is the lot: every lead multiplies
the *evidence* by how much better a guess from the leads before it does than the lot's chance. Guessing by a beta prior
makes that the Bayes factor of a beta-binomial mixture. Its expectation never rises above 1 under a fair lot, so
(Ville's inequality) the chance that it ever reaches 1/alpha is at most alpha, over all the days one may look.
"""

from __future__ import annotations

from math import exp, log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

__all__ = ["ALPHA", "GUARD_ALPHA", "POWER", "Evidence", "leads_needed", "prior"]

ALPHA = 0.05  #: how often a winner may be named where there is no difference
GUARD_ALPHA = 0.10  #: how often too many opt-outs may be cried where there are not: to stop is cheap
POWER = 0.80  #: how often the difference worth finding is found in the leads that are asked for

_STRENGTH = 40  #: of the prior: as if so many leads had been seen; best for differences of about ten points
_GUARD_STRENGTH = 2  #: opt-outs are few, and too many of them are far too many
_LONGEST = 10**7  #: leads: more than any shop will have
_NORMAL = NormalDist()


def prior(share: Fraction, *, guard: bool = False) -> tuple[int, int]:
    """Return the beta prior of a comparison in which the first way has this share of the lot."""
    strength = _GUARD_STRENGTH if guard else _STRENGTH
    first = min(max(round(strength * share), 1), strength - 1)
    return first, strength - first


class Evidence:
    """What speaks against a fair lot between two ways. Give it every lead of the two, in the order of the draw."""

    def __init__(self, share: Fraction, *, guard: bool = False) -> None:
        """``share`` is the chance of the first way, by the weights; ``guard``: it is about opt-outs."""
        self.alpha = GUARD_ALPHA if guard else ALPHA
        self.highest = 0.0  #: natural logarithm of the most that the evidence has been
        self.now = 0.0  #: of what it is
        self._prior = prior(share, guard=guard)
        self._lot = float(share), float(1 - share)
        self._seen = {True: [0, 0], False: [0, 0]}  #: outcome -> leads of the first way, and of the second

    def add(self, *, first: bool, outcome: bool = True) -> None:
        """Take in one more lead; ``outcome`` tells whether it did what is counted."""
        way, seen = int(not first), self._seen[outcome]
        guess = (self._prior[way] + seen[way]) / (sum(self._prior) + sum(seen))
        self.now += log(guess / self._lot[way])
        self.highest = max(self.highest, self.now)
        seen[way] += 1

    @property
    def value(self) -> float:
        """The most the evidence has been: 1 at the start, 20 once it suffices for one mistake in 20."""
        return exp(min(self.highest, 700.0))

    def suffices(self, comparisons: int = 1) -> bool:
        """Tell whether it has ever been enough, where so many pairs are compared."""
        return self.highest >= log(comparisons / self.alpha)


def leads_needed(base: float, gain: float, share: float, comparisons: int = 1) -> int:
    """Return how many leads two ways need together for a difference to be found with :data:`POWER`.

    ``base`` is the rate of the one, from 0 to 1, and ``gain`` what the other locks more often, also from 0 to 1;
    ``share`` is the chance of the first. An approximation by normal distributions; a test holds it to simulation.
    """
    other = base + gain if base + gain < 1 else base - gain
    return _first(lambda leads: _power(leads, base, other, share, comparisons) >= POWER)


def _power(leads: int, first: float, second: float, share: float, comparisons: int) -> float:
    """Return the chance that the evidence has sufficed by the time that so many leads are counted.

    Its logarithm is taken for a Brownian motion with drift, which passes a bar on its way more often than it stands
    above it at the end.
    """
    fair = share * (1 - share)
    rate = share * first + (1 - share) * second
    mean = variance = 0.0
    bar = log(comparisons / ALPHA)
    for part, of_first in ((rate, first), (1 - rate, 1 - first)):
        chance, number = share * of_first / part, leads * part  #: that a lead of this outcome is of the first way
        score, spread = sqrt(number / fair) * (chance - share), sqrt(chance * (1 - chance) / fair)
        shrink = number / (number + _STRENGTH)
        mean += 0.5 * shrink * (score**2 + spread**2)
        bar += 0.5 * log(1 + number / _STRENGTH)
        variance += shrink**2 * (0.5 * spread**4 + (score * spread) ** 2)
    deviation = sqrt(variance)
    passed = _NORMAL.cdf((mean - bar) / deviation)
    return passed + exp(min(2 * mean * bar / variance, 700)) * _NORMAL.cdf(-(mean + bar) / deviation)


def _first(enough: Callable[[int], bool]) -> int:
    """Return the smallest number that is enough, of those that more than it are."""
    high = 16
    while not enough(high) and high < _LONGEST:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
