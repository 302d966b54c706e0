"""What a review asks of each open lead, and when reviews come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cadence.engine.open_loops import LISTS, NEEDS_A_PERSON, Loop, bounds_of, lists_of, stages_after
from cadence.engine.reviews import next_review, review_before, reviews_held
from support.plans import ZONE, instant, local_text, one_stage, plan_of

MONDAY, TUESDAY, SUNDAY = "2026-11-23", "2026-11-24", "2026-11-29"


def lists(now: str, /, **said: Any) -> tuple[str, ...]:
    """The lists of a lead that Dana owns, who calls it some time, unless said otherwise."""
    instants = ("moved_at", "next_due_at", "unlocked_since", "seen_at")
    given = {name: instant(value) if name in instants and value else value for name, value in said.items()}
    usual: dict[str, Any] = {
        "owner": "dana", "moved_at": instant(f"{MONDAY} 12:00"), "next_kind": "task", "next_owner": "dana",
        "next_due_at": instant("2026-12-20 12:00"), "unlocked_since": None, "gaps": (), "estimate": False,
        "undecided": False, "seen_at": None,
    }  # fmt: skip
    return lists_of(Loop(**{**usual, **given}), bounds_of(instant(now), ZoneInfo(ZONE)))


@pytest.mark.parametrize(
    ("due", "found"),
    [
        (f"{TUESDAY} 09:59", ("overdue",)),
        (f"{TUESDAY} 10:00", ("due_today",)),
        (f"{TUESDAY} 23:59", ("due_today",)),
        ("2026-11-25 00:00", ("due_this_week",)),
        (f"{SUNDAY} 23:59", ("due_this_week",)),
        ("2026-11-30 00:00", ()),
        (None, ()),
    ],
)
def test_a_persons_step_is_overdue_due_today_or_due_this_week_on_the_shops_clock(
    due: str | None, found: tuple[str, ...]
) -> None:
    assert lists(f"{TUESDAY} 10:00", next_due_at=due) == found
    assert lists(f"{TUESDAY} 10:00", next_due_at=due, next_kind="touch") == (), "what goes by itself is nobody's to do"


@pytest.mark.parametrize(
    ("now", "today", "week"),
    [
        ("2026-11-01 00:30", timedelta(hours=24.5), timedelta(hours=24.5)),  # Sunday, 25 hours long: clocks go back
        ("2026-03-08 01:30", timedelta(hours=21.5), timedelta(hours=21.5)),  # Sunday, 23 hours long
        ("2026-10-31 12:00", timedelta(hours=12), timedelta(hours=37)),
        ("2026-10-26 00:00", timedelta(hours=24), timedelta(days=7, hours=1)),
    ],
)
def test_days_and_weeks_end_on_the_shops_clock_when_clocks_change(now: str, today: timedelta, week: timedelta) -> None:
    bounds = bounds_of(instant(now), ZoneInfo(ZONE))

    assert (bounds.tomorrow - bounds.now, bounds.next_week - bounds.now) == (today, week)


def test_each_list_has_its_reason() -> None:
    now = f"{TUESDAY} 10:00"

    assert lists(now, unlocked_since=now) == ("unlocked",)
    assert lists(now, unlocked_since=f"{TUESDAY} 10:01") == ()
    assert lists(now, gaps=("move_waiting", "no_due_date", "no_due_date")) == ("move_waiting", "no_due_date")
    assert lists(now, owner="", next_owner="") == ("no_owner",)
    assert lists(now, next_kind="", next_due_at=None) == ("no_next_action",)
    assert lists(now, next_owner="lee") == ("waiting_inside",)
    assert lists(now, next_owner="lee", next_kind="move") == (), "silence waits for nobody"
    assert lists(now, estimate=True, undecided=True) == ("open_estimate", "undecided")
    assert lists(now, seen_at=f"{MONDAY} 12:01") == ("not_moved",)
    assert lists(now, seen_at=f"{MONDAY} 12:00") == ()


def test_a_lead_is_shown_under_its_most_urgent_list() -> None:
    found = lists(
        f"{TUESDAY} 10:00", next_due_at=f"{MONDAY} 10:00", next_owner="lee", unlocked_since=f"{MONDAY} 10:00",
        gaps=("zone_unknown",), estimate=True, seen_at=f"{TUESDAY} 09:00",
    )  # fmt: skip

    assert found == ("overdue", "unlocked", "waiting_inside", "open_estimate", "zone_unknown", "not_moved")
    assert set(LISTS) > NEEDS_A_PERSON


def test_stages_that_an_event_leads_to_are_found_on_the_page() -> None:
    page = """
        stages:
          new: {owner: csr, enter_on: [lead.created], next: {estimate.sent: estimate, lead.won: won}}
          estimate: {owner: csr, next: {estimate.sent: revised, lead.won: won}}
          revised: {owner: csr, enter_on: [estimate.sent], next: {lead.won: won}}
          won: {end: won}
    """
    playbook = plan_of(page).playbook

    assert stages_after(playbook, "estimate.sent") == {"estimate", "revised"}
    assert stages_after(playbook, "no_decision") == set()


def page(cron: str) -> Any:
    """A playbook whose one review has this cron, on holidays' eves and all."""
    top = f'calendar: {{holidays: [US-major]}}\nreviews: {{look: {{cron: "{cron}", of: [new], to: csr}}}}'
    return plan_of(one_stage("", top=top)).playbook


def after(cron: str, at: str) -> str:
    """When a review comes at or after an instant."""
    playbook = page(cron)
    found = next_review(playbook.reviews[0], playbook.calendar, instant(at))
    assert found is not None
    return local_text(found)


def before(cron: str, at: str) -> str:
    """When a review came last before an instant."""
    playbook = page(cron)
    found = review_before(playbook.reviews[0], playbook.calendar, instant(at))
    assert found is not None
    return local_text(found)


def test_the_next_review_is_at_or_after_an_instant_and_the_last_before_it() -> None:
    mornings = "30 7 * * mon-fri"

    assert after(mornings, f"{TUESDAY} 07:30") == f"{TUESDAY} 07:30"
    assert after(mornings, f"{TUESDAY} 07:31") == "2026-11-25 07:30"
    assert after(mornings, "2026-11-25 08:00") == "2026-11-27 07:30", "Thanksgiving is left out"
    assert before(mornings, f"{TUESDAY} 07:30") == f"{MONDAY} 07:30"
    assert before(mornings, "2026-11-27 00:00") == "2026-11-25 07:30"
    assert before(mornings, "2026-11-02 00:00") == "2026-10-30 07:30", "over the night in which clocks go back"


def test_a_yearly_review_on_a_holiday_never_comes() -> None:
    playbook = page("0 9 25 12 *")

    assert next_review(playbook.reviews[0], playbook.calendar, instant(f"{TUESDAY} 07:30")) is None
    assert review_before(playbook.reviews[0], playbook.calendar, instant(f"{TUESDAY} 07:30")) is None


def test_a_review_that_an_outage_put_off_to_a_holiday_is_held_at_its_next_time() -> None:
    playbook = page("30 7 * * mon-fri")
    held = reviews_held(
        playbook.reviews[0],
        playbook.calendar,
        start=instant("2026-11-24 12:00"),
        end=instant("2026-11-30 12:00"),
        tick=timedelta(days=2),
    )

    assert [local_text(at) for at in held] == ["2026-11-28 12:00"], "not on Thursday 26: one stands for three mornings"
