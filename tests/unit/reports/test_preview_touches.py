"""The touches of a preview without their rows: the same, in the same order, as the rows say them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings

from cadence.engine.simulate import simulate
from cadence.engine.state import LeadState
from cadence.reports.preview import preview_rows, preview_touches
from cadence.reports.preview_json import as_array, as_lines, row_objects, touch_object
from support.plans import LEAD
from support.worlds import SPAN, START, worlds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.engine.simulate import Step
    from support.worlds import World


def _steps(world: World) -> Iterator[Step]:
    state = LeadState(lead=LEAD)
    return simulate(world.book, state, world.facts, start=START, end=START + SPAN, tick=timedelta(minutes=7))


@settings(max_examples=25)
@given(world=worlds())
def test_a_touch_makes_the_object_that_its_row_makes(world: World) -> None:
    rows = preview_rows(world.book, _steps(world), START + SPAN)
    touches = preview_touches(_steps(world), START + SPAN)
    assert [touch_object("summit", each) for each in touches] == list(row_objects(rows))


def test_a_text_of_several_objects_is_split_as_the_form_wants_it() -> None:
    texts = ['{"a": 1}\n{"a": 2}', "", '{"a": 3}']
    assert "".join(as_lines(texts)) == '{"a": 1}\n{"a": 2}\n{"a": 3}\n'
    assert "".join(as_array(texts)) == '[\n{"a": 1},\n{"a": 2},\n{"a": 3}\n]\n'
    assert "".join(as_array([""])) == "[]\n"
