"""Roads and circles, held against the plain definition on every map of three stops."""

from __future__ import annotations

import itertools

from cadence.playbook.lint_roads import Roads, circles, reached, turned

STOPS = ("a", "b", "c")
PAIRS = list(itertools.product(STOPS, STOPS))


def every_map() -> list[Roads]:
    chosen = itertools.product((False, True), repeat=len(PAIRS))
    return [
        {
            stop: {to for (start, to), there in zip(PAIRS, choice, strict=True) if there and start == stop}
            for stop in STOPS
        }
        for choice in chosen
    ]


def walks(roads: Roads, start: str | int) -> set[str | int]:
    """Follow every road three times over: more is never needed on three stops."""
    seen = {start}
    for _ in STOPS:
        seen |= {target for stop in seen for target in roads[stop]}
    return seen


def test_what_is_reached_is_what_can_be_walked_to() -> None:
    assert all(reached(roads, [stop]) == walks(roads, stop) for roads in every_map() for stop in STOPS)


def test_turned_roads_lead_back() -> None:
    for roads in every_map():
        back = turned(roads)
        assert all((to in roads[start]) == (start in back[to]) for start, to in PAIRS)
        assert turned(back) == roads


def test_two_stops_are_on_one_circle_when_each_can_be_reached_from_the_other() -> None:
    for roads in every_map():
        circle = circles(roads)
        for one, other in PAIRS:
            assert (circle[one] == circle[other]) == (other in walks(roads, one) and one in walks(roads, other))
