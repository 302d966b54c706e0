"""Laws of tests of playbooks that hold for all edits: what is brought up to date passes, and a list is closed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cadence.playbook.source import read_page
from cadence.testing.cases import KINDS
from cadence.testing.compare import compare
from cadence.testing.splice import comments_of
from support.tried import PLAYBOOK, Tried

STORY = """\
# the first comment
- test: it is booked                    # a name
  lead: maria
  events:
    - {after: 50m, event: reply, data: {text: "Can you come?"}}
    - {after: 1h, event: appointment.booked, data: {starts_at: "2026-11-25T10:00"}}   # so he came
  expect: EXPECTED

- test: two who do not answer           # another
  leads: [maria, drew]
  until: 2d
  # one between
  expect:
    # one inside
    - {at: "2026-11-24T13:10", lead: drew, touch: hello}   # one behind
    - at: "2026-11-24T16:10"   # one in an item
      lead: maria
      touch: hint
    # one at the end
# the last
"""
KIND_ITEMS = {
    "touch": "{after: 0m, touch: hello, says: Hi}",
    "skip": "{after: 3h, skip: hint}",
    "stop": "{after: 50m, stop: more, by: reply}",
    "stage": "{after: 1h, stage: booked}",
    "sla": "{after: 20m, sla: first-contact, is: warned}",
    "alert": "{after: 0m, alert: dana}",
    "step": "{after: 50m, step: Answer Maria Lopez}",
}

expected = st.lists(st.sampled_from(sorted(KIND_ITEMS.values())), max_size=5, unique=True)
in_lines = st.booleans()
#: Edits of the playbook: times, texts, conditions, stops.
edits = st.fixed_dictionaries(
    {},
    optional={
        "after: 3h": st.sampled_from(["after: 1h", "after: 26h", "after: 4h, clock: business"]),
        '"09:15"': st.sampled_from(['"08:05"', '"17:30"']),
        "if: not events.call.logged, ": st.just(""),
        "within: 30m": st.sampled_from(["within: 15m", "within: 2h"]),
        "stop_on: [reply]": st.just("stop_on: [reply, appointment.booked]"),
        "channel: call, send: now": st.just("channel: call, send: now, due: next_opening"),
    },
)


def edited(changes: dict[str, str]) -> str:
    page = PLAYBOOK
    for old, new in changes.items():
        assert old in page
        page = page.replace(old, new)
    return page


def written(items: list[str], lines: bool) -> str:
    if not lines:
        return STORY.replace("EXPECTED", f"[{', '.join(items)}]   # a list")
    return STORY.replace("EXPECTED", "".join(f"\n    - {item}   # an item" for item in items) or "[]")


def without_expectations(data: dict[str, Any]) -> dict[str, Any]:
    tests = [{key: value for key, value in test.items() if key != "expect"} for test in data["tests"]]
    return {**data, "tests": tests}


@given(items=expected, lines=in_lines, changes=edits)
@settings(max_examples=25, deadline=None)
def test_what_is_brought_up_to_date_passes_and_says_nothing_else_otherwise(
    items: list[str], lines: bool, changes: dict[str, str]
) -> None:
    shop = Tried(written(items, lines), playbook=edited(changes))
    new = shop.update().raw
    before, _ = read_page("page", shop.raw)
    after, faults = read_page("page", new)

    assert before is not None
    assert after is not None
    assert not faults
    assert without_expectations(after.data) == without_expectations(before.data)
    assert comments_of(new.decode()) == comments_of(shop.raw.decode())
    assert all(result.passed for result in shop.results(new))
    assert shop.update(new).raw == new
    for old, now in zip(before.data["tests"], after.data["tests"], strict=True):
        named = {kind for item in old["expect"] for kind in KINDS if kind in item}
        assert {kind for item in now["expect"] for kind in KINDS if kind in item} <= named | {"touch"}


@given(changes=edits, chosen=st.data())
@settings(max_examples=25, deadline=None)
def test_a_list_is_closed(changes: dict[str, str], chosen: st.DataObject) -> None:
    """A test fails when any expectation of a touch that goes is left out, and when any stands there twice."""
    shop = Tried(written([], lines=False), playbook=edited(changes))
    result = chosen.draw(st.sampled_from(shop.results(shop.update().raw)))
    expect = result.case.expect
    one = chosen.draw(st.sampled_from(expect))

    def compared(*wanted: Any) -> bool:
        return compare(result.plan, replace(result.case, expect=wanted), result.played.happened).passed

    assert compared(*expect)
    assert not compared(*(each for each in expect if each is not one))
    assert not compared(*expect, one)


@given(changes=edits, kinds=st.sets(st.sampled_from(sorted(set(KINDS) - {"touch"}))))
@settings(max_examples=25, deadline=None)
def test_a_test_is_strict_about_the_kinds_it_names_alone(changes: dict[str, str], kinds: set[str]) -> None:
    shop = Tried(written([KIND_ITEMS[kind] for kind in sorted(kinds)], lines=True), playbook=edited(changes))
    (before, _), (after, _) = shop.results(), shop.results(shop.update().raw)
    happened = Counter(each.kind for each in after.played.happened)
    listed = Counter(each.kind for each in after.case.expect)

    assert before.case.strict == kinds | {"touch"}
    assert listed == Counter({kind: number for kind, number in happened.items() if kind in kinds | {"touch"}})
