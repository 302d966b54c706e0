"""The tests that come with the starter playbooks, and ``cadence test --torture``, as a person runs them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Shop

IN_THIS_PROCESS = True

FRIDGES = """\
cadence: 1
playbook: fridges
title: Fridges
enroll_if: lead.value | int >= 900
stages:
  new:
    title: New lead
    owner: csr
    enter_on: [lead.created]
    touches: [{id: hello, channel: call, send: now, due: next_opening, template: plumber/new/second-call}]
    next: {lead.qualified: later, lead.lost: lost, silence: {after: 9d, to: lost}}
  later:
    title: Later
    owner: csr
    require: {to_enter: [{if: lead.source == 'crm', say: the CRM sent them}]}
    next: {lead.lost: lost, silence: {after: 9d, to: lost}}
  lost: {end: lost}
"""
SAMPLE = """\
cadence: 1
samples_of: fridges
leads: [{lead: {id: rich, name: Rich Cooper, phone: "+18165550142", zip: "64110", value: 5000}, arrives: 0m}]
"""


def test_a_new_workspace_brings_tests_that_use_all_of_its_playbooks(make_shop: Callable[..., Shop]) -> None:
    told = make_shop().run("test", "--min-coverage", "100")

    assert {line.split(":")[0] for line in told.out.splitlines()[-4:-1]} == {"hvac", "plumber", "roofer"}
    assert told.out.rstrip().endswith(", 0 failed")


def test_init_copies_the_tests_of_the_trades_it_is_asked_for(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("hvac")

    assert [page.name for page in sorted((shop.folder / "playbooks").glob("*.test.yaml"))] == ["hvac.test.yaml"]


def test_a_playbook_passes_the_torture_pack_scenario_by_scenario(make_shop: Callable[..., Shop]) -> None:
    told = make_shop("plumber").run("test", "--torture")

    first, *scenarios, totals = told.out.splitlines()
    assert first == "plumber"
    assert len(scenarios) == 14
    assert all(line.split()[0] == "passed" and line.endswith(" leads") for line in scenarios)
    assert totals.startswith("1 playbook, 14 scenarios, ")
    assert totals.endswith(" leads: every rule kept")


def test_the_pack_takes_a_sample_lead_where_it_cannot_read_whom_a_page_takes(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("plumber")
    (shop.folder / "playbooks" / "fridges.yaml").write_text(FRIDGES, encoding="utf-8")
    (shop.folder / "playbooks" / "fridges.samples.yaml").write_text(SAMPLE, encoding="utf-8")

    told = shop.run("test", "--torture", "fridges", "--json")

    assert told.err.strip() == "note: no story of the pack gets into fridges · later; nothing is said of it"
    outcomes = json.loads(told.out)
    assert {each["playbook"] for each in outcomes} == {"fridges"}
    assert all(each["passed"] and each["faults"] == [] for each in outcomes)
    assert sum(each["leads"] for each in outcomes) > 100


def test_the_pack_is_not_asked_together_with_what_is_about_written_tests(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("hvac")

    for options in (("--update",), ("--run", "x"), ("--coverage",), ("--min-coverage", "5"), ("--junit", "x.xml")):
        told = shop.run("test", "--torture", *options, expect=2)
        assert f"--torture and {options[0]} cannot go together" in told.err
    assert "did you mean 'hvac'" in shop.run("test", "--torture", "havc", expect=2).err
