"""A playbook as a picture."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from cadence.reports.graph.chart import chart_of
from cadence.reports.graph.layout import ROW, lay_out, width_of
from cadence.reports.graph.mermaid import mermaid_text
from cadence.reports.graph.svg import svg_text
from support.plans import one_stage, plan_of
from support.starters import GOOD_PAGES, TRADES, good_plan, starter_plan

SVG = "{http://www.w3.org/2000/svg}"
PICTURES = [(trade, touches) for trade in TRADES for touches in (True, False)]
NASTY = """end "quoted" #1; <script>alert(1)</script> `x` & {a} [b] (c) |d| %% -- Muñoz"""


def way_names(chart):
    return {(way.source, way.target, way.silent): way.label for way in chart.ways}


def rectangles(laid):
    """What must not lie on each other: boxes, and the labels beside arrows and before lanes."""
    for box in laid.boxes:
        yield f"box {box.node.id}", box.x, box.y, box.width, box.height
    for arrow in laid.arrows:
        height = len(arrow.lines) * ROW
        yield f"label {arrow.way.label}", arrow.x, arrow.text_y - ROW * 0.7, width_of(arrow.lines) + 8, height
    for lane in laid.lanes:
        for each in lane.exits:
            yield f"label {each.way}", each.x, each.y - ROW * 0.7, width_of(each.lines), len(each.lines) * ROW


@pytest.mark.parametrize("touches", [True, False])
@pytest.mark.parametrize("page", [*TRADES, *GOOD_PAGES], ids=lambda page: getattr(page, "stem", page))
def test_nothing_lies_on_anything_else(page, touches):
    """In the pictures of the starters, and of the odd but legal pages of the corpus."""
    plan = starter_plan(page) if page in TRADES else good_plan(page)
    laid = lay_out(chart_of(plan, touches=touches))
    found = list(rectangles(laid))

    for number, (name, x, y, width, height) in enumerate(found):
        assert min(x, y) >= 0, name
        assert (x + width <= laid.width, y + height <= laid.height) == (True, True), name
        for other, x2, y2, width2, height2 in found[number + 1 :]:
            apart = x + width <= x2 or x2 + width2 <= x or y + height <= y2 + 0.01 or y2 + height2 <= y + 0.01
            assert apart, f"{name} lies on {other}"
    for above, below in pairwise(laid.boxes):
        assert above.y + above.height < below.y
    begin = max((each.x + width_of(each.lines) for lane in laid.lanes for each in lane.exits), default=0)
    assert all(lane.x > begin for lane in laid.lanes)
    assert len({lane.x for lane in laid.lanes}) == len(laid.lanes)


@pytest.mark.parametrize(("trade", "touches"), PICTURES)
def test_every_way_is_drawn_once_with_its_label_and_every_touch_stands_in_its_stage(trade, touches):
    plan = starter_plan(trade)
    chart = chart_of(plan, touches=touches)
    laid = lay_out(chart)
    drawn = [arrow.way for arrow in laid.arrows] + [each.way for lane in laid.lanes for each in lane.exits]
    picture = ET.fromstring(svg_text(chart))
    groups = {group.get("id"): "".join(group.itertext()) for group in picture.iter(f"{SVG}g") if group.get("id")}

    assert sorted(drawn, key=chart.ways.index) == list(chart.ways)
    assert all(way.label for way in chart.ways)
    for stage in plan.playbook.stages.values():
        assert stage.title in groups[f"{trade}-{stage.id}"]
        shown = groups[f"{trade}-{stage.id}"].replace("*:", ":")
        assert all((f"{touch.id}:" in shown) == touches for touch in stage.touches)


def test_ways_say_what_moves_a_lead_and_silence_is_dashed():
    chart = chart_of(starter_plan("roofer"), touches=True)
    names = way_names(chart)
    picture = svg_text(chart)

    assert names["", "new", False] == "new lead, missed call"
    assert names["new", "schedule", False] == "qualified lead"
    assert names["nurture", "reengage", True] == "60d silence"
    assert names["booked", "booked", False] == "booking"
    assert picture.count("stroke-dasharray") > 5
    assert '"60d silence"| s7' in mermaid_text(chart)
    assert mermaid_text(chart).count("-.->") == sum(way.silent for way in chart.ways)


def test_the_picture_is_told_in_words_and_has_neither_script_nor_style():
    picture = ET.fromstring(svg_text(chart_of(starter_plan("hvac"), touches=True)))
    title, words = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")

    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby").split() == [title.get("id"), words.get("id")]
    assert "1. New lead, first contact to 2. Real job, no visit yet by qualified lead" in words.text
    assert {element.tag.removeprefix(SVG) for element in picture.iter()} == {
        "svg", "title", "desc", "rect", "g", "path", "circle", "polygon", "text"
    }  # fmt: skip
    assert not any({"style", "class"} & element.attrib.keys() for element in picture.iter())
    assert picture.find(f"{SVG}rect").get("fill") == "#ffffff"


@pytest.mark.parametrize(("trade", "touches"), PICTURES)
def test_mermaid_has_a_box_for_each_stage_and_an_arrow_for_each_way(trade, touches):
    chart = chart_of(starter_plan(trade), touches=touches)
    head, *lines = mermaid_text(chart).splitlines()

    assert head == "flowchart TD"
    assert all(is_mermaid(line) for line in lines)
    assert sum("-->" in line or "-.->" in line for line in lines) == len(chart.ways)
    assert sum(re.match(r"  s\d+[\[(]", line) is not None for line in lines) == len(chart.nodes)


def is_mermaid(line):
    """Whether a line is one of the kinds we write; that Mermaid itself takes these was tried with its own parser."""
    text = r'"(?:[^"#<>&`]|#(?:35|96|quot|lt|gt|amp);|</?b>|<br/>)*"'
    kinds = (
        r"acc(?:Title|Descr): [^;#%{}]+",
        rf"s\d+\[{text}\]",
        rf"s\d+\(\[{text}\]\)",
        r'start\d+\(\(" "\)\)',
        rf"(?:s|start)\d+ -\.?->\|{text}\| s\d+".replace(r"-\.?->", r"(?:-->|-\.->)"),
    )
    return any(re.fullmatch(f"  {kind}", line) for kind in kinds)


def test_a_title_of_signs_breaks_neither_picture():
    plan = plan_of(one_stage("- {id: a, channel: sms, template: t}", top=f"title: '{NASTY}'"))
    chart = chart_of(plan, touches=True)

    assert all(map(is_mermaid, mermaid_text(chart).splitlines()[1:]))
    assert NASTY in "".join(ET.fromstring(svg_text(chart)).itertext())


def test_a_page_of_one_stage_and_no_touch_is_a_picture_too():
    laid = lay_out(chart_of(plan_of(one_stage()), touches=True))

    assert [box.node.id for box in laid.boxes] == ["new", "won", "lost"]
    assert laid.lanes == ()
