"""Real ticks, killed at every step while others run, on both kinds of database: no text twice, none lost.

Texts to leads, and what their owners are told: both go by the same steps.

`make soak` does the same a thousand times over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.kill.arena import AT_RANDOM, BAD_DAY, open_arena
from support.kill.worker import PLACES
from support.kill.zygote import running_zygote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.kill.zygote import Zygote


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with running_zygote() as process:
        yield process


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/cadence.db"
    return request.getfixturevalue("postgres_url")()


def test_wherever_ticks_are_killed_every_text_goes_once(zygote: Zygote, store: str, tmp_path: Path) -> None:
    """Two at once, both killed; the provider has a bad day on top of it. Then all settles."""
    places = [*PLACES, AT_RANDOM] * 2
    with open_arena(tmp_path, store, zygote, seed=3, mood=BAD_DAY) as arena:
        alive = arena.fight(places)
        verdict = arena.settle_all()

    assert alive == []
    assert all(arena.kills[place] >= 2 for place in places), arena.kills
    assert verdict.ok, str(verdict)
    assert verdict.recovered > 0, "answers were lost"
    assert verdict.acknowledged == verdict.taken
    assert verdict.told == {"sent": len(arena.arrivals)}, "every owner was told of every lead"
    assert verdict.outcomes["sent sent"] > 0.9 * verdict.outcomes.total(), verdict.outcomes


@pytest.mark.parametrize(
    ("variant", "place", "fault"),
    [
        ("resends what is unknown", "during call, taken", "duplicated"),
        ("takes what is unknown for sent", "before call", "lost"),
        ("forgets what is unknown", "before call", "lost"),
        ("calls before the claim is committed", "before claim commit", "duplicated"),
    ],
)
def test_the_harness_catches_a_program_that(
    zygote: Zygote, tmp_path: Path, variant: str, place: str, fault: str
) -> None:
    with open_arena(tmp_path, f"sqlite:///{tmp_path}/cadence.db", zygote, seed=1, variant=variant) as arena:
        assert arena.fight([place]) == []
        verdict = arena.settle_all()

    assert getattr(verdict, fault), str(verdict)
