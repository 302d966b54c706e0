"""The always-valid test: its value against other ways to work it out, its promise against simulation."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb, exp, factorial, log, prod
from random import Random
from typing import TYPE_CHECKING

import pytest

from cadence.reports.ab import ALPHA, GUARD_ALPHA, POWER, Evidence, leads_needed, prior

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
#: A lead: whether it is of the first way, and whether it locked a next step.
Lead = tuple[bool, bool]


def walked(leads: Iterable[Lead], share: Fraction, *, guard: bool = False) -> Evidence:
    evidence = Evidence(share, guard=guard)
    for first, outcome in leads:
        evidence.add(first=first, outcome=outcome)
    return evidence


def beta(a: int, b: int) -> Fraction:
    return Fraction(factorial(a - 1) * factorial(b - 1), factorial(a + b - 1))


def in_one_formula(leads: Sequence[Lead], share: Fraction, *, guard: bool = False) -> Fraction:
    """Return the evidence as the exact ratio of two likelihoods: beta-binomial mixture over fair lot."""
    a, b = prior(share, guard=guard)
    value = Fraction(1)
    for outcome in (True, False):
        first = sum(1 for of_first, done in leads if done == outcome and of_first)
        second = sum(1 for of_first, done in leads if done == outcome and not of_first)
        value *= beta(a + first, b + second) / beta(a, b) / (share**first * (1 - share) ** second)
    return value


def by_integration(leads: Sequence[Lead], share: Fraction, *, guard: bool = False, steps: int = 4000) -> float:
    """Integrate the likelihood ratio over the prior, one outcome after the other, by Simpson's rule."""
    a, b = prior(share, guard=guard)
    norm = factorial(a + b - 1) / (factorial(a - 1) * factorial(b - 1))
    value = 1.0
    for outcome in (True, False):
        ways = [of_first for of_first, done in leads if done == outcome]
        first, second = ways.count(True), ways.count(False)

        def height(q: float, first: int = first, second: int = second) -> float:
            density = norm * q ** (a - 1) * (1 - q) ** (b - 1)
            return density * (q / float(share)) ** first * ((1 - q) / float(1 - share)) ** second

        inner = sum((4 if n % 2 else 2) * height(n / steps) for n in range(1, steps))
        value *= (height(0.0) + inner + height(1.0)) / (3 * steps)
    return value


def people(rate: float, other: float, share: Fraction, number: int, seed: int) -> list[Lead]:
    """Return made-up leads: the first way's lock at ``rate``, the second's at ``other``."""
    random = Random(seed)
    ways = [random.random() < share for _ in range(number)]
    return [(first, random.random() < (rate if first else other)) for first in ways]


@pytest.mark.parametrize("share", [HALF, QUARTER, Fraction(9, 10)])
@pytest.mark.parametrize("guard", [False, True])
def test_the_evidence_is_the_exact_ratio_of_mixture_and_fair_lot(share: Fraction, guard: bool) -> None:
    for seed in range(5):
        leads = people(0.3, 0.5, share, 150, seed)
        assert exp(walked(leads, share, guard=guard).now) == pytest.approx(
            float(in_one_formula(leads, share, guard=guard)), rel=1e-9
        )


@pytest.mark.parametrize("share", [HALF, QUARTER])
@pytest.mark.parametrize("guard", [False, True])
def test_the_evidence_is_what_integrating_over_the_prior_gives(share: Fraction, guard: bool) -> None:
    for seed in range(3):
        leads = people(0.2, 0.4, share, 80, seed)
        assert exp(walked(leads, share, guard=guard).now) == pytest.approx(
            by_integration(leads, share, guard=guard), rel=1e-6
        )


@pytest.mark.parametrize(("share", "guard"), [(HALF, False), (QUARTER, False), (HALF, True), (Fraction(1, 3), True)])
def test_under_a_fair_lot_the_evidence_is_one_on_the_average_whatever_the_leads_do(
    share: Fraction, guard: bool
) -> None:
    """Exactly, over every way in which the lot can fall: which is why it seldom gets high by chance."""
    for outcomes in ([True] * 7, [True, False, False, True, True, False, False]):
        mean = Fraction(0)
        for ways in product((True, False), repeat=len(outcomes)):
            chance = prod((share if first else 1 - share for first in ways), start=Fraction(1))
            mean += chance * in_one_formula(list(zip(ways, outcomes, strict=True)), share, guard=guard)
        assert mean == 1


@pytest.mark.demand("E13")
def test_two_ways_that_do_the_same_seldom_have_a_winner_though_one_looks_after_every_lead() -> None:
    """At most one in twenty, at even and uneven weights, with rates that change in the middle of it."""
    runs, named = 320, 0
    for seed in range(runs):
        share = (HALF, QUARTER)[seed % 2]
        rate, later = ((0.3, 0.3), (0.1, 0.5))[seed // 2 % 2]
        leads = people(rate, rate, share, 400, seed) + people(later, later, share, 400, seed + runs)
        named += walked(leads, share).suffices()

    assert named / runs <= ALPHA


def test_opt_outs_that_are_the_same_seldom_stop_anything_though_one_looks_after_every_lead() -> None:
    runs, cried = 400, 0
    for seed in range(runs):
        random = Random(seed)
        share = (HALF, QUARTER)[seed % 2]
        cried += walked([(random.random() < share, True) for _ in range(200)], share, guard=True).suffices()

    assert cried / runs <= GUARD_ALPHA


@pytest.mark.parametrize(
    ("base", "gain", "share"), [(0.3, 0.1, HALF), (0.1, 0.1, HALF), (0.3, 0.2, HALF), (0.3, 0.2, QUARTER)]
)
def test_the_leads_asked_for_find_the_difference_about_eight_times_in_ten(
    base: float, gain: float, share: Fraction
) -> None:
    needed, runs = leads_needed(base, gain, float(share)), 160

    found = sum(walked(people(base, base + gain, share, needed, seed), share).suffices() for seed in range(runs))

    assert POWER - 0.12 <= found / runs <= POWER + 0.10


def test_who_asks_for_less_needs_fewer_leads() -> None:
    assert leads_needed(0.3, 0.2, 0.5) < leads_needed(0.3, 0.1, 0.5) < leads_needed(0.3, 0.05, 0.5)
    assert leads_needed(0.3, 0.1, 0.5) < leads_needed(0.3, 0.1, 0.2), "even weights are the fastest"
    assert leads_needed(0.3, 0.1, 0.5) < leads_needed(0.3, 0.1, 0.5, comparisons=3), "each pair has its own mistakes"
    assert leads_needed(0.95, 0.1, 0.5) == leads_needed(0.85, 0.1, 0.5), "near the top a loss is looked for"


def test_a_test_by_the_day_asks_for_more_than_one_that_looks_once_but_not_for_twice_as_much() -> None:
    """The usual formula for one look: two-sided, five per cent, 80 per cent power."""
    for base, gain in ((0.3, 0.1), (0.1, 0.1), (0.5, 0.2)):
        pooled, other = base + gain / 2, base + gain
        spread = (1.959964 * (2 * pooled * (1 - pooled)) ** 0.5) + (
            0.841621 * (base * (1 - base) + other * (1 - other)) ** 0.5
        )
        once = 2 * (spread / gain) ** 2
        assert 1.2 * once < leads_needed(base, gain, 0.5) < 2.2 * once


@pytest.mark.parametrize(("opt_outs", "stops"), [((6, 0), False), ((7, 0), True), ((8, 1), False), ((10, 1), True)])
def test_opt_outs_of_one_way_alone_stop_it_soon(opt_outs: tuple[int, int], stops: bool) -> None:
    one, other = opt_outs
    leads = [(False, True)] * other + [(True, True)] * one

    assert walked(leads, HALF, guard=True).suffices() is stops
    assert comb(one + other, one) * (one + other + 1) * GUARD_ALPHA <= 2 ** (one + other) or not stops, "by hand"


def test_what_was_enough_once_stays_enough() -> None:
    """The chance of a mistake is over all looks: a later dip takes nothing back."""
    evidence = walked([(True, True)] * 40 + [(False, True)] * 40, HALF)

    assert evidence.now < log(1 / ALPHA)
    assert evidence.suffices()
