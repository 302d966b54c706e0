"""Variants: a lead's is the same whoever looks and however often, its life is that of its own page, shares are fair."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadence.engine.events import Decided
from cadence.engine.fold import fold
from cadence.engine.variants import draw
from support.plans import LEAD
from support.worlds import ticks, worlds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from support.plans import Played
    from support.worlds import World

common = settings(deadline=None, suppress_health_check=list(HealthCheck))
weights = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 9), min_size=2, max_size=4)


@st.composite
def parted(draw: st.DrawFn) -> World:
    """Return a world whose stages have variants; a touch that counts from another is for the same leads."""
    world = draw(worlds())
    pages = []
    for page in world.pages:
        stages = {}
        for stage_id, stage in page["stages"].items():
            variants = draw(weights) if "touches" in stage else {}
            given: dict[str, str] = {}
            touches = []
            for touch in stage.get("touches", ()):
                own = draw(st.sampled_from(["", *variants]))
                given[touch["id"]] = given.get(touch.get("anchor", ""), own)
                touches.append(touch | ({"variant": given[touch["id"]]} if given[touch["id"]] else {}))
            stages[stage_id] = stage | ({"variants": variants, "touches": touches} if variants else {})
        pages.append({**page, "stages": stages})
    return replace(world, pages=tuple(pages))


def drawn(played: Played) -> dict[tuple[str, str], set[str]]:
    """Return the variants of every stage that was entered, as the log has them."""
    found: dict[tuple[str, str], set[str]] = {}
    playbooks = {key: enrolment.playbook for key, enrolment in played.state.enrolments.items()}
    for event in played.entries(Decided.STAGE_ENTERED):
        place = playbooks[event.enrolment], event.data["stage"]
        found.setdefault(place, set()).add(event.data.get("variant", ""))
    return found


def alone(page: Mapping[str, Any], variants: Mapping[tuple[str, str], set[str]]) -> dict[str, Any]:
    """Return a page as it would be for the leads of these variants alone."""
    stages = {}
    for stage_id, stage in page["stages"].items():
        own = variants.get((page["playbook"], stage_id), {""})
        kept = [each for each in stage.get("touches", ()) if each.get("variant", "") in {"", *own}]
        kept = [{key: value for key, value in each.items() if key != "variant"} for each in kept]
        plain = {key: value for key, value in stage.items() if key not in ("variants", "touches")}
        stages[stage_id] = plain | ({"touches": kept} if kept else {})
    return {**page, "stages": stages}


@settings(common, max_examples=40)
@given(world=parted(), one=ticks, other=ticks)
def test_a_variant_is_the_same_however_often_one_looks_and_in_every_replay(
    world: World, one: timedelta, other: timedelta
) -> None:
    played, again = world.play(one), world.play(other)

    assert all(len(variants) == 1 for variants in drawn(played).values()), "nor does it change from visit to visit"
    for place in drawn(played).keys() & drawn(again).keys():
        assert drawn(played)[place] == drawn(again)[place]
    replayed = fold(LEAD, played.events)
    for key, enrolment in played.state.enrolments.items():
        assert replayed.enrolments[key].visit.variant == enrolment.visit.variant


@settings(common, max_examples=60)
@given(world=parted(), tick=ticks)
def test_a_life_with_variants_is_the_life_on_a_page_that_has_its_own_sequence_alone(
    world: World, tick: timedelta
) -> None:
    played = world.play(tick)
    plain = replace(world, pages=tuple(alone(page, drawn(played)) for page in world.pages)).play(tick)

    assert played.rows == plain.rows
    assert played.task_list() == plain.task_list()


@settings(common, max_examples=25)
@given(variants=weights, place=st.sampled_from(["roofer|new", "roofer|routing.csr", "hvac|estimate|second"]))
def test_shares_follow_the_weights(variants: dict[str, int], place: str) -> None:
    """Within five standard deviations, with which not one of ten thousand runs is to be blamed on luck."""
    leads, whole = 2000, sum(variants.values())
    got = Counter(draw(variants, f"lead-{number}|{place}") for number in range(leads))

    for name, weight in variants.items():
        share = weight / whole
        assert abs(got[name] - leads * share) <= 5 * (leads * share * (1 - share)) ** 0.5
