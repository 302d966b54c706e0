"""Tests of playbooks: what a story brings about, and what of it a test must name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cadence.reports.case_text import failure_lines, timeline_lines
from cadence.reports.case_words import wrong_lines
from cadence.testing.coverage import coverage_of
from support.tried import HEAD, PLAYBOOK, Tried

AT_ONCE = """\
- test: nobody answers
  lead: maria
  until: 2h
  expect:
    - {at: "2026-11-24T13:10", touch: hello, says: [Hi Maria, Summit Roofing]}
    - {after: 0m, touch: call, owner: dana, due: "2026-11-24T13:10", says: is it urgent}
"""


def wrong(tests: str, **more: str) -> list[str]:
    """Say what is wrong with the only test of a page."""
    (result,) = Tried(tests, **more).results()
    return [" ".join(line.split()) for line in wrong_lines(result)]


def test_a_test_that_names_all_that_goes_passes() -> None:
    assert wrong(AT_ONCE) == []


def test_what_goes_and_is_not_expected_fails_a_test() -> None:
    (head, *text) = wrong(AT_ONCE.replace("until: 2h", "until: 3h"))

    assert head.startswith("unexpected Tue 24 Nov 16:10 sms hint (for dana)")
    assert "[playbooks/roofer.yaml:" in head
    assert text == ["| Dana at Summit Roofing again. Reply STOP to opt out."]


def test_what_is_expected_and_does_not_go_fails_a_test_that_says_what_became_of_it() -> None:
    tests = AT_ONCE.replace("  expect:", "  events: [{after: 5m, event: call.logged}]\n  expect:").replace("2h", "4h")
    found = wrong(tests + '    - {at: "2026-11-24T16:10", touch: hint}\n')

    assert found == [
        "missing Tue 24 Nov 16:10 touch hint [line 15]",
        "it was skipped Tue 24 Nov 16:10: its condition does not hold: not events.call.logged "
        "[playbooks/roofer.yaml:15]",
    ]


def test_a_touch_that_goes_at_another_minute_is_told_as_such() -> None:
    assert wrong(AT_ONCE.replace("{after: 0m", "{after: 1m")) == [
        "different Tue 24 Nov 13:11 touch call [line 13]",
        "when: expected Tue 24 Nov 13:11, came Tue 24 Nov 13:10",
    ]


def test_a_text_that_differs_is_told_word_by_word() -> None:
    tests = AT_ONCE.replace(
        "says: [Hi Maria, Summit Roofing]", 'text: "Hi Mary, Dana at Summit Roofing here. Reply STOP to opt out."'
    )
    assert wrong(tests)[1:] == [
        "text:",
        "- Hi [Mary,] Dana at Summit Roofing here. Reply STOP to opt out.",
        "+ Hi [Maria,] Dana at Summit Roofing here. Reply STOP to opt out.",
    ]


def test_words_that_a_text_lacks_are_shown_beside_it() -> None:
    assert wrong(AT_ONCE.replace("Hi Maria", "Dear Maria"))[1:] == [
        'says: "Dear Maria" is not in its text:',
        "| Hi Maria, Dana at Summit Roofing here. Reply STOP to opt out.",
    ]


def test_an_empty_list_says_that_nothing_goes() -> None:
    tests = "- {test: it is silent, lead: maria, until: 1h, expect: []}"
    assert [line.split()[0] for line in wrong(tests) if not line.startswith("|")] == ["unexpected"] * 2


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("skip", "{after: 3h, skip: hint, reason: condition}"),
        ("stage", "{after: 0m, stage: new, owner: dana}"),
        ("sla", "{after: 20m, sla: first-contact, is: warned}"),
        ("alert", "{after: 0m, alert: dana, about: assigned}"),
        ("step", '{after: 20m, step: "Maria Lopez: first contact is due soon", owner: dana}'),
    ],
)
def test_a_test_that_names_one_of_a_kind_must_name_all_of_it(kind: str, named: str) -> None:
    """Of the kinds that it does not name, whatever happens is no fault."""
    story = AT_ONCE.replace("2h", "8h").replace("  expect:", "  events: [{after: 2h, event: call.logged}]\n  expect:")
    assert wrong(story) == []

    (result,) = Tried(f"{story}    - {named}\n").results()
    others = [each for each in result.played.happened if each.kind == kind]
    left = result.comparison.unexpected

    assert not result.comparison.missing
    assert not result.comparison.different
    assert len(left) == len(others) - 1
    assert {each.kind for each in left} <= {kind}


def test_every_kind_of_thing_can_be_expected() -> None:
    tests = """\
    - test: it is booked late
      lead: maria
      events:
        - {after: 50m, event: reply, data: {text: "Can you come?"}}
        - {after: 1h, event: appointment.booked, data: {starts_at: "2026-11-25T10:00"}}
      expect:
        - {after: 0m, touch: hello}
        - {after: 0m, touch: call}
        - {after: 1h, touch: confirm, subject: Your visit, text: "Hi Maria,\\n\\nwe will be there."}
        - {after: 50m, stop: hint, by: reply}
        - {after: 50m, stop: more, by: reply}
        - {after: 0m, stage: new, owner: dana}
        - {after: 1h, stage: booked, owner: dana}
        - {after: 20m, sla: first-contact, is: warned}
        - {after: 30m, sla: first-contact, is: missed}
        - {after: 0m, alert: csr, about: assigned}
        - {after: 20m, alert: dana, about: sla}
        - {after: 30m, alert: ops_lead, about: sla}
        - {after: 50m, alert: dana, about: reply}
        - {after: 20m, step: "Maria Lopez: first contact is due soon", owner: dana, due: "2026-11-24T13:40"}
        - {after: 30m, step: "Maria Lopez: first contact was missed", owner: pat}
        - {after: 50m, step: Answer Maria Lopez, owner: dana, due: "2026-11-24T14:00"}
    """
    assert wrong(tests) == []


def test_leads_that_come_in_together_take_their_turns_in_order_and_each_test_begins_anew() -> None:
    tests = """\
    - test: two at once
      leads: [maria, drew]
      until: 1h
      expect:
        - {after: 0m, lead: maria, touch: hello, says: Dana}
        - {after: 0m, lead: maria, touch: call, owner: dana}
        - {after: 0m, lead: drew, touch: hello, says: Jo}
        - {after: 0m, lead: drew, touch: call, owner: jo}
    - test: then one alone
      lead: drew
      until: 1h
      expect: [{after: 0m, touch: hello, says: Dana}, {after: 0m, touch: call, owner: dana}]
    """
    assert [result.passed for result in Tried(tests).results()] == [True, True]


def test_turns_are_taken_in_order_of_time_not_of_the_page() -> None:
    """Drew, who stands second on the page, is booked first, and so takes the first turn."""
    tests = """\
    - test: the second books first
      leads: [maria, drew]
      events:
        - {after: 10m, lead: maria, event: appointment.booked}
        - {after: 5m, lead: drew, event: appointment.booked}
      until: 20m
      expect:
        - {after: 0m, lead: maria, touch: hello}
        - {after: 0m, lead: maria, touch: call}
        - {after: 0m, lead: drew, touch: hello}
        - {after: 0m, lead: drew, touch: call}
        - {after: 10m, lead: maria, touch: confirm, owner: jo}
        - {after: 0m, lead: maria, stage: new, owner: dana}
        - {after: 0m, lead: drew, stage: new, owner: jo}
        - {after: 5m, lead: drew, stage: booked, owner: dana}
        - {after: 10m, lead: maria, stage: booked, owner: jo}
    """
    assert wrong(tests) == []


def test_in_an_outage_nothing_goes_and_what_is_overdue_goes_after_it() -> None:
    tests = """\
    - test: the machine is off
      lead: maria
      down: {from: "2026-11-24T15:00", to: "2026-11-24T17:30"}
      until: 5h
      expect: [{after: 0m, touch: hello}, {after: 0m, touch: call}, {at: "2026-11-24T17:30", touch: hint}]
    """
    assert wrong(tests) == []


def test_slow_ticks_are_those_of_the_test_else_those_of_the_page() -> None:
    tests = "- {test: slow, lead: maria, until: 4h, expect: [{after: 0m, touch: hello}, {after: 0m, touch: call}, "
    late = "{after: AFTER, touch: hint}]}"
    head = HEAD.replace("leads:", "tick: 50m\nleads:")
    assert wrong(tests + late.replace("AFTER", "3h20m"), head=head) == []
    assert wrong(tests.replace("lead:", "tick: 70m, lead:") + late.replace("AFTER", "3h30m"), head=head) == []


def test_a_test_may_begin_at_its_own_time_and_ends_a_day_after_its_last_event() -> None:
    tests = """\
    - test: on a Friday night
      start: "2026-11-27T22:00"
      lead: {name: Tom Becker, phone: "+18165550117"}
      inquiry: false
      events: [{at: "2026-11-28T09:30", event: call.logged}]
      expect: []
    """
    (result,) = Tried(tests).results()
    assert result.case.times.start == datetime(2026, 11, 28, 4, tzinfo=UTC)
    assert result.case.times.end == datetime(2026, 11, 29, 15, 30, tzinfo=UTC)


def test_minutes_that_the_clock_shows_twice_are_told_by_how_long_after_the_start() -> None:
    """On 1 November clocks in Chicago show 1:30 twice; what goes at the second is no fault of the first."""
    head = HEAD.replace("2026-11-24T13:10", "2026-11-01T00:30")
    page = PLAYBOOK.replace("channel: call, send: now", "channel: call, after: 2h")
    tests = "- {test: twice, lead: maria, until: 2h, expect: []}"
    shop = Tried(tests, head=head, playbook=page)

    assert b"{after: 2h, touch: call" in shop.update().raw


def test_coverage_tells_what_no_test_uses() -> None:
    tests = """\
    - test: it is booked
      lead: maria
      events:
        - {after: 5m, event: call.logged}
        - {after: 10m, event: reply}
        - {after: 15m, event: appointment.booked, data: {starts_at: "2026-11-25T10:00"}}
      until: 1h
      expect: []
    """
    (result,) = Tried(tests).results()
    found = coverage_of(result.plan, [result.played.footprint])

    assert [(part.kind, part.name) for part in found.open] == [
        ("touch", "new · hint"),
        ("touch", "new · more"),
        ("transition", "new · lead.won -> won"),
        ("transition", "new · lead.lost -> lost"),
        ("transition", "new · silence -> lost"),
        ("transition", "booked · lead.won -> won"),
        ("transition", "booked · lead.lost -> lost"),
        ("promise", "new · first-contact missed"),
    ]
    assert found.count("touch") == (3, 5)
    assert found.count("stop") == (1, 1)
    assert found.percent == 100 * 6 // 14
    assert all(part.line for part in found.parts)


def test_silence_and_a_missed_promise_are_ways_that_count() -> None:
    tests = "- {test: nobody says anything, lead: maria, until: 8d, expect: []}"
    (result,) = Tried(tests).results()
    footprint = result.played.footprint

    assert ("new", "silence") in footprint.ways
    assert ("new", "first-contact", "missed") in footprint.promises
    assert ("new", "hint") in footprint.touches


def test_the_story_of_a_test_gives_each_touch_its_reason_and_the_lead_its_own_hour() -> None:
    tests = "- {test: far away, lead: drew, until: 1d, expect: []}"
    (result,) = Tried(tests).results()
    told = [" ".join(line.split()) for line in timeline_lines(result, derive=True)]

    assert told[0] == "Tuesday 24 November 2026 (CST)"
    assert told[1] == "13:10 (11:10 PST) event the lead came in"
    assert "13:10 (11:10 PST) sms hello (for dana) it was due, and nothing spoke against it " in " ".join(told)
    assert "3h after Tue 24 Nov 11:10 (visit start), America/Los_Angeles" in told
    assert next(iter(failure_lines(result))).strip() == told[0]


def test_a_touch_that_waits_is_told_once_with_what_it_waits_for() -> None:
    tests = """\
    - test: at night
      start: "2026-11-24T19:00"
      lead: maria
      until: 14h
      expect: []
    """
    (result,) = Tried(tests).results()
    waits = [line for line in timeline_lines(result) if "waits" in line]

    assert len(waits) == 1
    assert "until Wed 25 Nov 08:00" in waits[0]
    assert "the send window is closed" in waits[0]
