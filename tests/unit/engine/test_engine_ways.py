"""Spoken messages are messages by phone, programs are told at any hour, and callers read what time it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cadence.engine.state import LeadState
from support.plans import LEAD, Played, book_of, fact, lead_fact, one_stage, plan_of, play

if TYPE_CHECKING:
    from collections.abc import Mapping

TUESDAY = "2026-11-17"
PHONE = "+18165550142"
ROW = {"basis": "own", "source": "the tests", "as_of": "2026-11-01"}
LAW = {
    "rows": [
        {"state": "US", "hours": "08:00-21:00", **ROW},
        {"state": "MO", "hours": {"mon-fri": "09:00-19:00"}, **ROW},
    ]
}


def story(touches: str, *facts: Any, at: str = f"{TUESDAY} 10:00", top: str = "", **more: Any) -> Played:
    """Play a stage for Maria, who comes in on Tuesday at ten unless ``at`` says otherwise."""
    lead = lead_fact(at, **more.pop("lead", {}))
    state = LeadState(lead=LEAD, suppressed=more.pop("suppressed", {}))
    book = book_of(plan_of(one_stage(touches, top=top), law=LAW, **more))
    return play(book, [lead, *facts], f"{TUESDAY} 00:00", "2026-12-24 00:00", state=state)


def reasons(played: Played) -> dict[str, str]:
    return {each.touch: each.reason.code for each in played.verdicts}


# Spoken messages


def test_a_spoken_message_goes_to_the_phone() -> None:
    [claim] = story("- {id: say, channel: voice, send: now, template: t}").claims

    assert (claim.to, claim.segments) == (PHONE, 0)


def test_without_a_phone_nothing_is_spoken() -> None:
    played = story("- {id: say, channel: voice, send: now, template: t}", lead={"phone": ""})

    assert reasons(played) == {"say": "no_address"}


@pytest.mark.parametrize(
    ("top", "sent"),
    [
        ("", "2026-11-18 09:00"),
        ('send_windows: {voice: "11:00-12:00"}', "2026-11-18 11:00"),
        ('send_windows: {voice: "06:00-23:00"}', "2026-11-18 09:00"),
    ],
)
def test_nothing_is_spoken_outside_its_window_or_against_the_law(top: str, sent: str) -> None:
    """The law of the tests: nine to seven on working days."""
    played = story("- {id: say, channel: voice, send: now, template: t}", at=f"{TUESDAY} 19:30", top=top)

    assert played.sent("say") == [sent]


def test_a_spoken_message_counts_in_the_limits_like_any_other() -> None:
    touches = """
        - {id: text, channel: sms, send: now, template: t}
        - {id: say, channel: voice, after: 5m, template: t}
        - {id: mail, channel: email, after: 10m, template: t}
    """
    played = story(touches, top="limits: {messages_per_day: 2, messages_per_week: 9, min_gap: 30m}")

    assert [row.at[5:] for row in played.rows] == ["11-17 10:00", "11-17 10:30", "11-18 00:00"]


def test_who_wants_no_more_texts_is_not_spoken_to_either() -> None:
    """Both are machines that use the phone; mails go on."""
    touches = """
        - {id: say, channel: voice, after: 1d, template: t}
        - {id: mail, channel: email, after: 2d, template: t}
    """
    alone = fact("opt_out", f"{TUESDAY} 12:00", channel="sms", only="sms")

    assert reasons(story(touches, alone)) == {"say": "opted_out", "mail": "sent"}


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({("sms", PHONE): "opt_out"}, "opted_out"),
        ({("sms", PHONE): "dead"}, "sent"),
        ({("voice", PHONE): "dead"}, "dead_address"),
        ({("all", PHONE): "opt_out"}, "opted_out"),
    ],
)
def test_a_number_that_takes_no_texts_may_still_be_spoken_to(known: Mapping[tuple[str, str], str], reason: str) -> None:
    """But not one whose owner has asked for no more."""
    played = story("- {id: say, channel: voice, send: now, template: t}", suppressed=known)

    assert reasons(played) == {"say": reason}


# Programs and lists


def test_a_program_is_told_at_night_and_does_not_count() -> None:
    touches = """
        - {id: crm, channel: webhook, send: now, to: crm}
        - {id: again, channel: webhook, after: 1h, to: crm}
        - {id: ads, channel: audience, after: 2h, list: warm}
        - {id: text, channel: sms, day: 2, at: "10:00", template: t}
    """
    top = "limits: {messages_per_day: 1, messages_per_week: 1, min_gap: 20h}"
    played = story(touches, at=f"{TUESDAY} 23:00", top=top)

    assert [(row.touch, row.at[5:]) for row in played.rows] == [
        ("crm", "11-17 23:00"),
        ("again", "11-18 00:00"),
        ("ads", "11-18 01:00"),
        ("text", "11-18 10:00"),
    ]
    assert [(claim.to, claim.body) for claim in played.claims[:3]] == [("crm", ""), ("crm", ""), ("warm", "")]


def test_a_program_may_be_told_in_words_of_its_own() -> None:
    played = story(
        "- {id: crm, channel: webhook, send: now, to: crm, template: t}",
        templates={"t.webhook.j2": "{{ lead.name }} of {{ stage.id }}"},
    )

    assert [claim.body for claim in played.claims] == ["Maria Lopez of new"]


def test_a_program_is_not_told_while_its_sequence_is_stopped() -> None:
    touches = "- {id: crm, channel: webhook, after: 1d, to: crm}"
    played = story(touches, fact("opt_out", f"{TUESDAY} 12:00", channel="sms"))

    assert reasons(played) == {"crm": "opted_out"}


# Calls


def talk(touch: str = "send: now", at: str = f"{TUESDAY} 07:30", lead: Mapping[str, Any] = {}, **more: Any) -> str:
    played = story(f"- {{id: ring, channel: call, {touch}, template: t}}", at=at, lead=lead, **more)
    return played.claims[0].body


def test_whoever_calls_reads_what_time_it_is_there_and_what_the_law_allows() -> None:
    """No hours hold a call back: at half past seven it is made, and says so."""
    assert talk(templates={"t.call.j2": "Ask about the leak."}) == (
        "Ask about the leak.\n\n"
        "Their time when this is due: Tue 17 Nov 7:30 AM CST. "
        "The law allows sales calls there from 9 AM to 7 PM that day."
    )


def test_a_days_lawful_hours_are_one_stretch_also_where_the_programs_pages_of_days_meet() -> None:
    """Open spans are kept in pages of sixteen days, and one ends on this evening at six."""
    assert talk(at="2026-11-26 07:30").endswith("from 9 AM to 7 PM that day.")


def test_a_call_for_the_opening_tells_the_time_of_the_opening() -> None:
    hours = 'calendar: {business_hours: {mon-fri: "08:00-18:00"}}'

    assert "Tue 17 Nov 8 AM CST." in talk("send: now, due: next_opening", top=hours)


def test_a_call_on_a_day_without_lawful_hours_says_so() -> None:
    assert talk("day: 5, at: '10:00'").endswith("The law allows no sales calls there that day.")


def test_where_the_lead_may_be_in_two_zones_both_times_are_told() -> None:
    """And the hours that are lawful in both, on the clock the lead's days go by."""
    said = talk(lead={"zones": ["America/Chicago", "America/Denver"], "zone_source": "phone", "states": ["KS"]})

    assert "Tue 17 Nov 7:30 AM CST or Tue 17 Nov 6:30 AM MST." in said
    assert said.endswith("from 9 AM to 9 PM that day.")


@pytest.mark.parametrize("place", ["abroad", "abroad:DE", "abroad:FR"])
def test_where_no_law_of_calls_is_known_only_the_time_is_told(place: str) -> None:
    """The row of a country is about texts."""
    said = talk(lead={"zones": ["Europe/Berlin"], "zone_source": "phone", "states": [place]}, at=f"{TUESDAY} 07:30")

    assert said.endswith("CET.")


def test_a_task_is_left_as_it_is_written() -> None:
    played = story("- {id: post, channel: task, send: now, template: t}", templates={"t.task.j2": "Send a card."})

    assert [claim.body for claim in played.claims] == ["Send a card."]
