"""The numbers of the stages, by stories of which every figure can be told by heart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cadence.engine.events import instant_text
from cadence.reports.page_text import page_lines
from cadence.reports.records import Record, dollars
from cadence.reports.stage_facts import EVER, LATELY, StageFacts
from cadence.reports.stages import stage_numbers
from cadence.reports.stages_page import stages_data, stages_page
from support.lines import story, undone
from support.plans import book_of, fact, instant, lead_fact, plan_of

if TYPE_CHECKING:
    from cadence.engine.events import Event
    from cadence.reports.stages import PlaybookNumbers

PLAN = plan_of("""
    title: Roofs
    calendar: {business_hours: "08:00-18:00"}
    stages:
      new:
        owner: csr
        enter_on: [lead.created]
        sla: {first-contact: {within: 1h, met_by: [call.logged], on_miss: [{reassign: fallback}]}}
        touches:
          - {id: first, channel: task, send: now, template: t}
          - {id: later, channel: task, after: 3d, template: t}
        next: {lead.qualified: estimate, lead.disqualified: closed, silence: {after: 6d, to: nurture}}
      estimate:
        owner: sales
        lock: {by: [contract.signed], within: 1d}
        next: {contract.signed: won, lead.lost: closed, silence: {after: 4d, to: closed}}
      nurture: {owner: sales}
      won: {end: won}
      closed: {end: lost}
""")
NOW = "2026-11-20 12:00"
RECORDS = {"ann": Record("google", 900.0), "bob": Record("google"), "cleo": Record("referral"), "dora": Record("")}


def numbers(stories: dict[str, list[Event]], *, since: str = "2026-11-01 00:00", now: str = NOW) -> PlaybookNumbers:
    """Count the numbers of people's stories; all of them are in the one playbook."""
    lines = [line for lead, facts in stories.items() for line in story(book_of(PLAN), facts, now, lead=lead)]
    wanted = {*LATELY, *EVER}
    facts = StageFacts(line for line in lines if line[2] in wanted)
    (found,) = stage_numbers(facts, {"roofer": PLAN.playbook}, RECORDS, since=instant_text(instant(since)))
    return found


def data(stories: dict[str, list[Event]], **options: str) -> dict[str, Any]:
    """The same as plain data, the stages by name."""
    since = timedelta(days=30)
    found = stages_data([numbers(stories, **options)], account="summit", now=instant(NOW), since=since)["playbooks"][0]
    return {**found, "stages": {each["stage"]: each for each in found["stages"]}}


#: Called in 20 minutes, qualified after two hours, an estimate, signed the day after.
ANN = [
    lead_fact("2026-11-03 09:00"),
    fact("call.logged", "2026-11-03 09:20"),
    fact("reply", "2026-11-03 10:00"),
    fact("lead.qualified", "2026-11-03 11:00"),
    fact("estimate.sent", "2026-11-03 12:00", amount="5,000"),
    fact("contract.signed", "2026-11-04 11:00", amount="$4,800"),
]
#: Called too late, qualified, and never heard of again.
BOB = [
    lead_fact("2026-11-03 09:00"),
    fact("call.logged", "2026-11-03 13:00"),
    fact("lead.qualified", "2026-11-05 09:00"),
]
#: Never called: silence moves her to nurture.
CLEO = [lead_fact("2026-11-03 09:00")]
#: No job for the shop.
DORA = [lead_fact("2026-11-03 09:00"), fact("lead.disqualified", "2026-11-03 09:40", reason="too far")]
ALL = {"ann": ANN, "bob": BOB, "cleo": CLEO, "dora": DORA}


@pytest.mark.demand("E12")
def test_leads_are_followed_from_stage_to_stage() -> None:
    stages = data(ALL)["stages"]

    assert (stages["new"]["came"], stages["new"]["by_source"]) == (4, {"google": 2, "referral": 1, "": 1})
    assert stages["new"]["went_to"] == {"estimate": 2, "nurture": 1, "closed": 1}
    assert (stages["new"]["lost"], stages["new"]["silent"], stages["new"]["leakage"]) == (1, 1, 0.5)
    assert stages["estimate"]["went_to"] == {"won": 1, "closed": 1}
    assert (stages["estimate"]["won"], stages["estimate"]["win_rate"]) == (1, 0.5)
    assert stages["estimate"]["lost"] == 1, "silence that ends as lost is lost, and not counted twice"
    assert (stages["nurture"]["now"], stages["nurture"]["stayed"]) == (1, 1)
    assert (stages["won"]["came"], stages["closed"]["came"]) == (1, 2)


@pytest.mark.demand("E12")
def test_times_promises_and_sequences_of_a_stage() -> None:
    stages = data(ALL)["stages"]

    assert stages["new"]["time_in_stage"] == 2 * 3600, "of 40 minutes, 2 hours, 2 days and 6 days, half took no longer"
    assert (stages["new"]["sla_missed"], stages["new"]["share_sla_missed"]) == (2, 0.5)
    assert (stages["estimate"]["sla_missed"], stages["estimate"]["lock_missed"]) == (0, 1)
    assert (stages["new"]["sequences"], stages["new"]["completed"]) == (4, 1), (
        "only with Cleo both steps had their time"
    )
    assert stages["estimate"]["sequences"] == 0, "there are no touches"


@pytest.mark.demand("E12")
def test_what_the_leads_of_a_playbook_came_to() -> None:
    found = data(ALL)
    leads, closing = found["leads"], found["closing"]

    assert (leads["came"], leads["qualified"], leads["disqualified"]) == (4, 2, 1)
    assert (leads["mql_to_sql"], leads["qualification_rate"]) == (0.5, 0.6667)
    assert (leads["contacted"], leads["contact_rate"], leads["time_to_first_contact"]) == (2, 0.5, 20 * 60)
    assert (leads["assigned"], leads["time_to_assignment"]) == (4, 0)
    assert (leads["replied"], leads["engagement"], leads["reassigned"]) == (1, 0.25, 2)
    assert (closing["won"], closing["lost"], closing["close_rate"]) == (1, 2, 0.3333)
    assert (closing["revenue"], closing["revenue_per_lead"], closing["time_to_won"]) == (4800, 1200, 26 * 3600)


def test_velocity_is_the_value_of_what_is_open_times_the_win_rate_by_the_days() -> None:
    open_one = [
        lead_fact("2026-11-18 09:00"),
        fact("lead.qualified", "2026-11-18 10:00"),
        fact("estimate.sent", "2026-11-18 11:00", amount=2600),
    ]
    closing = data({"ann": ANN, "dora": DORA, "bob": open_one})["closing"]

    assert closing["open_value"] == 2600
    assert closing["velocity_per_day"] == pytest.approx(2600 * 0.5 / (26 / 24))
    assert data({"bob": open_one})["closing"]["velocity_per_day"] is None, "nothing was won yet"


def test_a_job_is_worth_what_the_surest_fact_says_and_else_what_the_record_says() -> None:
    known = [lead_fact("2026-11-18 09:00"), fact("lead.qualified", "2026-11-18 10:00")]
    won = [*known, fact("estimate.sent", "2026-11-18 11:00", amount="700")]

    assert data({"ann": known})["closing"]["open_value"] == 900
    assert data({"ann": won})["closing"]["open_value"] == 700
    assert [dollars(given) for given in ("$8,400.50", 12, "about 5k", None, "-3", "nan")] == [8400.5, 12, 0, 0, 0, 0]


def test_stays_count_by_when_they_began_and_lengths_by_when_they_ended() -> None:
    found = data(ALL, since="2026-11-05 00:00")

    assert found["leads"]["came"] == 0
    assert (found["stages"]["new"]["came"], found["stages"]["new"]["ended"]) == (0, 2), "those of Bob and Cleo"
    assert found["stages"]["estimate"]["came"] == 1
    assert found["stages"]["nurture"]["now"] == 1, "whoever stands there counts, whenever they came"


def test_a_move_that_was_taken_back_was_never_made() -> None:
    slip = [
        lead_fact("2026-11-18 09:00"),
        replace(fact("lead.disqualified", "2026-11-18 10:00", reason="slip"), key="act-1"),
        undone("act-1", "lead.disqualified", "2026-11-18 10:00", "2026-11-18 10:05"),
    ]
    found = data({"dora": slip})

    assert (found["stages"]["new"]["now"], found["stages"]["new"]["went_to"]) == (1, {})
    assert (found["stages"]["closed"]["came"], found["closing"]["lost"], found["leads"]["disqualified"]) == (0, 0, 0)


def test_a_lead_that_was_given_to_somebody_else_by_hand_was_reassigned() -> None:
    came = lead_fact("2026-11-18 09:00")
    called = fact("call.logged", "2026-11-18 09:10")
    given = fact("owner.assigned", "2026-11-18 09:30", owner="lee", reason="knows the house", by="dana")
    same = fact("owner.assigned", "2026-11-18 09:30", owner="dana", reason="", by="dana")

    assert data({"ann": [came, called, given]})["leads"]["reassigned"] == 1
    assert data({"ann": [came, called, same]})["leads"]["reassigned"] == 0


def test_the_page_shows_a_line_for_each_stage() -> None:
    page = stages_page([numbers(ALL)], business="Summit", period="30 days")
    lines = list(page_lines(page))

    assert lines[:2] == ["Summit: the stages", "The last 30 days."]
    assert "roofer: Roofs" in lines
    new = next(line.split() for line in lines if line.startswith("new "))
    assert " ".join(new) == "new 4 50% (2 of 4) 50% (2 of 4) 2h 0 estimate 2, closed 1, nurture 1"
    assert "  won, of those that ended                   33% (1 of 3)" in lines
    empty = list(page_lines(stages_page([], business="Summit", period="30 days")))
    assert empty[-1] == "Nothing to count yet: no lead is in a playbook."
