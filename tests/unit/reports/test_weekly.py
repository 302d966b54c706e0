"""The weekly numbers: what counts as asked, as answered, as followed up, as open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from cadence.reports.page_text import page_lines
from cadence.reports.weekly import Weekly, WeeklyNumbers, weekly_numbers
from cadence.reports.weekly_page import weekly_page
from cadence.reports.weeks import last_weeks
from support.lines import story, undone
from support.plans import ZONE, book_of, fact, instant, lead_fact, one_stage, plan_of

if TYPE_CHECKING:
    from cadence.engine.events import Event
    from cadence.playbook.compile import Plan
    from cadence.store.chronicle import Line

HOURS = 'calendar: {business_hours: {mon-fri: "10:00-18:00"}}'
QUIET = plan_of(one_stage(top=HOURS))  #: a page on which no message goes by itself
PROMPT = plan_of(one_stage("- {id: hello, channel: sms, send: now, template: t}", top=HOURS))
PATIENT = plan_of(one_stage("- {id: hello, channel: sms, after: 30m, template: t}", top=HOURS))


def count(now: str, *logs: list[Line], plan: Plan = QUIET, weeks: int = 2, playbook: str = "") -> Weekly:
    """Count the numbers of the last weeks at a local time."""
    lines = [line for log in logs for line in log if line[3] <= f"{instant(now):%Y-%m-%dT%H:%M:%SZ}"]
    found = last_weeks(instant(now), ZoneInfo(ZONE), weeks)
    return weekly_numbers(lines, found, instant(now), lambda *_: plan.playbook.calendar, playbook=playbook)


def this_week(now: str, *facts: Event, plan: Plan = QUIET, **options: Any) -> WeeklyNumbers:
    """Count the running week of one person's story."""
    return count(now, story(book_of(plan), facts, now), plan=plan, **options).weeks[-1]


# speed to first response


def test_the_first_message_or_call_ends_the_wait() -> None:
    came = lead_fact("2026-11-04 11:00")
    machine = this_week("2026-11-04 15:00", came, plan=PATIENT).response
    person = this_week("2026-11-04 15:00", came, fact("call.logged", "2026-11-04 11:04"), plan=PATIENT).response
    visit = this_week("2026-11-04 11:20", came, fact("visit.logged", "2026-11-04 11:04"), plan=PATIENT).response

    assert (machine.elapsed.median, machine.elapsed.within, machine.open_time.within) == (30 * 60, 0, 0)
    assert (person.elapsed.median, person.elapsed.within, person.open_time.within) == (4 * 60, 1, 1)
    assert (visit.inquiries, visit.answered) == (1, 0), "a visit is no answer to a question"


def test_open_time_alone_counts_on_the_playbooks_clock() -> None:
    """The lead of Saturday 14:00, at a shop open from Monday to Friday, 10 to 18: due on Monday at 10:05."""
    came, now = lead_fact("2026-11-07 14:00"), "2026-11-09 12:00"
    kept = count(now, story(book_of(QUIET), [came, fact("call.logged", "2026-11-09 10:05")], now)).weeks
    late = count(now, story(book_of(QUIET), [came, fact("call.logged", "2026-11-09 10:06")], now)).weeks

    assert [each.response.inquiries for each in kept] == [1, 0], "it belongs to the week in which it came in"
    assert (kept[0].response.open_time.within, kept[0].response.open_time.median) == (1, 5 * 60)
    assert late[0].response.open_time.within == 0


def test_five_minutes_used_up_at_closing_time_end_there_as_an_sla_does() -> None:
    """Twenty minutes after closing no open time has passed, and the promise was missed all the same."""
    found = this_week("2026-11-05 12:00", lead_fact("2026-11-04 17:55"), fact("call.logged", "2026-11-04 18:20"))

    assert (found.response.open_time.median, found.response.open_time.within) == (5 * 60, 0)


def test_whoever_still_waits_is_judged_when_the_five_minutes_are_over() -> None:
    came = lead_fact("2026-11-04 11:00")
    early, late = this_week("2026-11-04 11:05", came).response, this_week("2026-11-04 11:06", came).response

    assert (early.answered, early.open_time.judged, early.elapsed.judged) == (0, 0, 0)
    assert (late.answered, late.open_time.judged, late.open_time.within) == (0, 1, 0)
    assert late.open_time.median is None


def test_a_row_of_a_list_waits_for_nobody_until_it_calls() -> None:
    listed = lead_fact("2026-11-03 11:00", inquiry=False)
    called = fact("call.missed", "2026-11-04 11:00")
    alone = count("2026-11-05 12:00", story(book_of(PATIENT), [listed], "2026-11-05 12:00"))
    later = this_week("2026-11-05 12:00", listed, called, fact("call.logged", "2026-11-04 11:10"), plan=QUIET)

    assert (alone.weeks[-1].response.inquiries, alone.empty) == (0, True)
    assert (later.response.inquiries, later.response.elapsed.median) == (1, 10 * 60)


def test_a_missed_call_while_the_first_waits_is_no_second_inquiry() -> None:
    facts = (lead_fact("2026-11-04 11:00"), fact("call.missed", "2026-11-04 11:30"))
    found = this_week("2026-11-04 15:00", *facts, fact("call.logged", "2026-11-04 11:40"))

    assert (found.response.inquiries, found.response.elapsed.median) == (1, 40 * 60)


def test_what_was_told_late_counts_when_it_happened() -> None:
    call = fact("call.logged", "2026-11-04 11:03", learned="2026-11-05 09:00")
    found = this_week("2026-11-05 12:00", lead_fact("2026-11-04 11:00"), call, plan=PATIENT)

    assert found.response.elapsed.median == 3 * 60


def test_nobody_is_answered_before_asking() -> None:
    """A call of the day before, told when the lead was there: it answers nothing, and no wait is negative."""
    before = fact("call.logged", "2026-11-03 11:00", learned="2026-11-04 11:01")
    found = this_week("2026-11-05 12:00", lead_fact("2026-11-04 11:00"), before)

    assert (found.response.inquiries, found.response.answered) == (1, 0)


def test_a_call_that_was_taken_back_answered_nobody() -> None:
    call = replace(fact("call.logged", "2026-11-04 11:03"), key="act-1")
    back = undone("act-1", "call.logged", "2026-11-04 11:03", "2026-11-04 11:10")
    found = this_week("2026-11-04 15:00", lead_fact("2026-11-04 11:00"), call, back, plan=PATIENT)

    assert found.response.elapsed.median == 30 * 60


def test_two_playbooks_that_take_a_lead_share_its_one_inquiry() -> None:
    gutters = plan_of("playbook: gutters\n" + one_stage(top=HOURS))
    log = story(book_of(PROMPT, gutters), [lead_fact("2026-11-04 11:00")], "2026-11-04 12:00")

    assert count("2026-11-04 12:00", log).weeks[-1].response.inquiries == 1
    assert count("2026-11-04 12:00", log, playbook="gutters").weeks[-1].response.inquiries == 1


def test_leads_that_no_playbook_took_are_told_beside_the_numbers() -> None:
    choosy = plan_of("enroll_if: lead.zip\n" + one_stage(top=HOURS))
    found = count("2026-11-04 12:00", story(book_of(choosy), [lead_fact("2026-11-04 11:00")], "2026-11-04 12:00"))
    lines = list(page_lines(weekly_page(found, business="Summit", playbook="", timezone=ZONE)))

    assert (found.without_playbook, found.weeks[-1].response.inquiries) == (1, 0)
    assert any(line.startswith("Not among them: 1 lead that asked") for line in lines)


# estimates


SENT = fact("estimate.sent", "2026-11-03 16:40")


@pytest.mark.parametrize(
    ("follow_up", "counts"),
    [
        (fact("call.logged", "2026-11-05 16:40"), (1, 1)),
        (fact("call.logged", "2026-11-05 16:41"), (0, 0)),
        (fact("call.logged", "2026-11-03 16:40"), (0, 0)),
        (fact("visit.logged", "2026-11-04 09:00"), (1, 1)),
        (fact("note.added", "2026-11-04 09:00"), (0, 0)),
    ],
)
def test_a_follow_up_comes_after_the_estimate_and_within_48_hours(follow_up: Event, counts: tuple[int, int]) -> None:
    facts = sorted([lead_fact("2026-11-02 11:00"), SENT, follow_up], key=lambda each: each.at)
    found = this_week("2026-11-06 12:00", *facts).estimates

    assert (found.sent, found.not_yet, found.counted) == (1, 0, 1)
    assert (found.followed_up, found.by_person) == counts


def test_a_message_of_the_machine_is_a_follow_up_and_none_by_a_person() -> None:
    plan = plan_of(one_stage("- {id: a, channel: sms, anchor: estimate.sent, after: 2h, template: t}", top=HOURS))
    found = this_week("2026-11-06 12:00", lead_fact("2026-11-02 11:00"), SENT, plan=plan).estimates

    assert (found.followed_up, found.by_person) == (1, 0)


def test_an_estimate_younger_than_48_hours_is_not_counted_yet_even_when_it_was_followed_up() -> None:
    facts = (lead_fact("2026-11-02 11:00"), SENT, fact("call.logged", "2026-11-04 09:00"))
    young, old = this_week("2026-11-05 16:39", *facts), this_week("2026-11-05 16:40", *facts)

    assert (young.estimates.not_yet, young.estimates.followed_up) == (1, 0)
    assert (old.estimates.not_yet, old.estimates.followed_up) == (0, 1)


def test_a_message_about_another_job_follows_no_estimate_up() -> None:
    plan = plan_of(one_stage("- {id: hello, channel: sms, after: 1d, template: t}", top=HOURS))
    kitchen = lead_fact("2026-11-03 16:00", job="kitchen")
    roof = replace(SENT, enrolment="maria/roofer/-/1")
    found = this_week("2026-11-06 12:00", lead_fact("2026-11-01 11:00"), kitchen, roof, plan=plan)
    about_it = this_week(
        "2026-11-06 12:00", lead_fact("2026-11-01 11:00"), kitchen, replace(SENT, job="kitchen"), plan=plan
    )

    assert found.estimates.followed_up == 0
    assert about_it.estimates.followed_up == 1


# open estimates


def open_at(now: str, *facts: Event) -> int:
    return this_week(now, lead_fact("2026-11-02 11:00"), *facts).open_estimates


def test_an_estimate_is_old_after_seven_days_and_no_second_sooner() -> None:
    assert open_at("2026-11-10 16:40", SENT) == 0
    assert open_at("2026-11-10 16:41", SENT) == 1


@pytest.mark.parametrize("answer", ["contract.signed", "deposit.paid", "work.approved", "not_interested"])
def test_an_estimate_with_a_yes_or_a_no_is_open_no_more(answer: str) -> None:
    assert open_at("2026-11-13 12:00", SENT, fact(answer, "2026-11-12 09:00")) == 0


def test_a_yes_that_was_taken_back_was_none() -> None:
    signed = replace(fact("contract.signed", "2026-11-12 09:00"), key="act-1")
    back = undone("act-1", "contract.signed", "2026-11-12 09:00", "2026-11-12 09:05")

    assert open_at("2026-11-13 12:00", SENT, signed, back) == 1


def test_the_latest_estimate_counts_and_a_job_that_ended_does_not() -> None:
    again = fact("estimate.sent", "2026-11-09 10:00")
    assert open_at("2026-11-13 12:00", SENT, again) == 0
    assert open_at("2026-11-16 10:01", SENT, again) == 1
    assert open_at("2026-11-13 12:00", SENT, fact("lead.won", "2026-11-12 09:00")) == 0


def test_weeks_that_are_over_tell_how_it_stood_when_they_ended() -> None:
    facts = [lead_fact("2026-11-02 11:00"), SENT, fact("lead.won", "2026-11-18 09:00")]
    found = count("2026-11-20 12:00", story(book_of(QUIET), facts, "2026-11-20 12:00"), weeks=3)

    assert [each.open_estimates for each in found.weeks] == [0, 1, 0]


# weeks and pages


def test_weeks_begin_on_monday_on_the_business_clock_and_may_be_longer() -> None:
    first, second = last_weeks(instant("2026-11-02 00:00"), ZoneInfo(ZONE), 2)

    assert (first.ends_at - first.starts_at).total_seconds() == 169 * 3600, "the clocks went back on Sunday"
    assert first.ends_at == second.starts_at == instant("2026-11-02 00:00")
    assert (f"{first.monday} {first.sunday}", first.runs, second.runs) == ("2026-10-26 2026-11-01", False, True)


def test_without_anything_to_count_the_page_says_so() -> None:
    page = weekly_page(count("2026-11-04 12:00"), business="Summit", playbook="", timezone=ZONE)

    assert list(page_lines(page))[-1] == "Nothing to count yet: nobody has asked, and no estimate was sent."
