"""Why leads were lost: what counts as a reason, where it counts, and against which period."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cadence.engine.events import instant_text
from cadence.reports.page_text import page_lines
from cadence.reports.reasons import REFUSALS, Reason, count_reasons
from cadence.reports.reasons_page import reasons_page
from cadence.reports.records import Record
from cadence.reports.roll import WHEREABOUTS
from support.lines import story, undone
from support.plans import book_of, fact, instant, lead_fact, plan_of

if TYPE_CHECKING:
    from cadence.engine.events import Event

PLAN = plan_of("""
    stages:
      new:
        owner: csr
        enter_on: [lead.created]
        next: {lead.qualified: estimate, silence: {after: 15d, to: closed}}
      estimate: {owner: sales, next: {lead.won: won}}
      won: {end: won}
      closed: {end: lost}
""")
NOW = "2026-11-20 12:00"
RECORDS = {"ann": Record("google"), "bob": Record("google"), "cleo": Record("referral")}
CAME, QUALIFIED = lead_fact("2026-11-02 09:00"), fact("lead.qualified", "2026-11-03 09:00")


def reasons(stories: dict[str, list[Event]]) -> list[Reason]:
    """Count the reasons of ten days and of the ten before, of people's stories."""
    lines = [line for lead, facts in stories.items() for line in story(book_of(PLAN), facts, NOW, lead=lead)]
    wanted = {*REFUSALS, *WHEREABOUTS}
    return count_reasons(
        (line for line in lines if line[2] in wanted),
        RECORDS,
        since=instant_text(instant("2026-11-10 12:00")),
        earliest=instant_text(instant("2026-10-31 12:00")),
    )


def lost(at: str, reason: str, kind: str = "lead.lost") -> Event:
    return fact(kind, at, reason=reason)


@pytest.mark.demand("E14")
def test_reasons_are_counted_by_source_and_stage_against_the_period_before() -> None:
    found = reasons(
        {
            "ann": [CAME, QUALIFIED, lost("2026-11-12 09:00", "Price ")],
            "bob": [CAME, lost("2026-11-13 09:00", "price")],
            "cleo": [CAME, lost("2026-11-05 09:00", "PRICE")],
        }
    )

    assert [(each.kind, each.now, each.before) for each in found] == [("lead.lost", 2, 1)]
    assert found[0].by_source == {"google": 2}
    assert found[0].by_stage == {("roofer", "estimate"): 1, ("roofer", "new"): 1}
    assert found[0].reason in ("Price", "price", "PRICE")


def test_a_reason_is_counted_for_each_of_its_kinds() -> None:
    found = reasons(
        {
            "ann": [CAME, lost("2026-11-12 09:00", "too far", "lead.disqualified")],
            "bob": [CAME, lost("2026-11-12 09:00", "too far")],
            "cleo": [CAME, fact("not_interested", "2026-11-12 09:00", text="no thanks")],
        }
    )

    assert {(each.kind, each.reason) for each in found} == {
        ("lead.disqualified", "too far"),
        ("lead.lost", "too far"),
        ("not_interested", ""),
    }


def test_leads_that_silence_ended_are_among_the_lost() -> None:
    found = reasons({"ann": [CAME]})

    assert [(each.kind, each.reason, each.now) for each in found] == [("silence", "", 1)]
    assert found[0].by_stage == {("roofer", "new"): 1}


def test_a_loss_that_was_taken_back_is_none() -> None:
    slip = replace(lost("2026-11-12 09:00", "slip"), key="act-1")
    back = undone("act-1", "lead.lost", "2026-11-12 09:00", "2026-11-12 09:05")

    assert reasons({"ann": [CAME, QUALIFIED, slip, back]}) == []


def test_the_page_tells_what_happened_in_words() -> None:
    found = reasons({"ann": [CAME, QUALIFIED, lost("2026-11-12 09:00", "price\x1b[31m" + "!" * 50)]})
    lines = list(page_lines(reasons_page(found, business="Summit", period="10 days")))

    assert lines[0] == "Summit: why leads were lost"
    assert lines[3].split() == ["REASON", "WHAT", "HAPPENED", "NUMBER", "BEFORE", "FROM", "STOOD", "IN"]
    assert lines[4].endswith("lost                 1        0   google 1   roofer/estimate 1")
    assert "\x1b" not in lines[4]
    assert lines[4].split("   ")[0].endswith("…")
    empty = list(page_lines(reasons_page([], business="Summit", period="10 days")))
    assert empty[-1] == "Nothing to count yet: no lead was lost or turned away."
