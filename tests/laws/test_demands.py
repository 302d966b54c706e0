"""Every demand is shown by a test, and every test that says it shows one names a demand there is."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from demands import demands, shown_by


def test_every_demand_is_shown_by_a_test() -> None:
    _, asked = demands()
    shown = shown_by()
    assert [name for name in asked if name not in shown] == []


def test_every_test_that_shows_a_demand_names_one_there_is() -> None:
    _, asked = demands()
    assert set(shown_by()) <= set(asked)


def test_every_demand_comes_from_one_of_the_sources() -> None:
    sources, asked = demands()
    assert {name[0] for name in asked} == set(sources)
