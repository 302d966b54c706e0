"""Zones, clocks and ticks of a shop with a database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cadence.doctor.clocks import check
from cadence.store import accounts, leads, ticks
from cadence.store.leads import LeadRow
from cadence.store.store import open_store
from support.clocks import take_over
from support.desk import TUESDAY
from support.doctor_make import case, found, said
from support.fixtures import desk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cadence.doctor.case import Case
    from support.desk import Desk

__all__ = ["desk"]

MINUTE = timedelta(minutes=1)


def shop(desk: Desk, **page: Any) -> Case:
    """That shop, looked at on a Tuesday."""
    return case(root=desk.root, clock=lambda: TUESDAY, account=desk.account.name, **page)


def record(desk: Desk, *spans: tuple[float, float], runs: int = 0) -> None:
    """Record ticks: so many minutes ago each began and ended, the oldest first."""
    with desk.account.store.write() as session:
        accounts.ensure(session, desk.account.name, TUESDAY)
        for began, ended in spans:
            at = TUESDAY - ended * MINUTE
            row = ticks.TickRow(
                started_at=TUESDAY - began * MINUTE, finished_at=at, at=at, holder="here", outcome="done",
                counts={}, idle_runs=runs,
            )  # fmt: skip
            ticks.record(session, desk.account.name, row)


def test_a_shop_whose_ticks_come_steadily_is_fine(desk: Desk) -> None:
    record(desk, *((each + 0.1, each) for each in range(30, 0, -1)))

    assert found(check, shop(desk)) == [("zones", "fine"), ("ticks", "fine")]


def test_a_shop_that_never_ticked_is_told_what_starts_ticks(desk: Desk) -> None:
    findings = list(check(shop(desk, online=False)))

    assert ("ticks", "look") in [(each.code, each.verdict) for each in findings]
    assert "cadence schedule" in said(findings, "ticks")
    assert ("ticks", "wrong") in found(check, shop(desk, mode="live"))


def test_a_last_tick_that_is_long_ago_is_told(desk: Desk) -> None:
    record(desk, (61, 60))

    assert "the last tick ended 60 min ago" in said(check(shop(desk)), "ticks")


@pytest.mark.parametrize(("apart", "code"), [(14, "ticks"), (16, "gaps")])
def test_ticks_that_stay_away_too_long_are_told(desk: Desk, apart: int, code: str) -> None:
    record(desk, (apart + 2.1, apart + 2), (2, 1))

    assert code in [each for each, _ in found(check, shop(desk))]


def test_what_was_before_yesterday_is_forgotten(desk: Desk) -> None:
    record(desk, (5000, 4999), (1500, 1), runs=1500)

    assert found(check, shop(desk)) == [("zones", "fine"), ("ticks", "fine")]


def test_idle_ticks_in_one_row_may_be_too_far_apart(desk: Desk) -> None:
    record(desk, (301, 1), runs=11)

    assert "no tick ran for up to 30 min" in said(check(shop(desk)), "gaps")


def test_leads_whose_zone_nobody_knows_are_counted(desk: Desk) -> None:
    record(desk, (1, 0.5))
    toll_free = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage",
                 "Pacific/Honolulu", "America/Halifax", "America/St_Johns", "America/Phoenix"]  # fmt: skip
    with desk.account.store.write() as session:
        rows = [
            LeadRow(lead=name, name=name, created_at=TUESDAY, updated_at=TUESDAY,
                    attributes={"zones": zones, "zone_source": "phone"})
            for name, zones in (("ann", ["America/Chicago"]), ("bob", toll_free), ("eve", []))
        ]  # fmt: skip
        leads.add(session, desk.account.name, rows)

    assert "of 1 lead nobody knows the time zone" in said(check(shop(desk)), "lead_zones")


@pytest.mark.parametrize(
    ("ahead", "verdict", "says"),
    [
        (timedelta(seconds=2), "fine", "Twilio's clock agrees with ours"),
        (timedelta(seconds=90), "look", "this machine's clock is 1 min 30 s behind Twilio's clock"),
        (-timedelta(minutes=7), "wrong", "this machine's clock is 7 min 0 s ahead of Twilio's clock"),
        (timedelta(hours=3), "wrong", "this machine's clock is 3 h behind Twilio's clock"),
    ],
)
def test_a_clock_that_differs_from_a_provider_s_is_told(desk: Desk, ahead: timedelta, verdict: str, says: str) -> None:
    looked = shop(desk)
    looked.clocks["Twilio"] = ahead

    assert ("clock", verdict) in found(check, looked)
    assert says in said(check(looked), "clock")


def test_the_clock_of_a_database_server_is_compared(
    postgres_url: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_url()
    monkeypatch.setenv("CADENCE_STORE", url)
    with open_store(url, create=True) as store:
        take_over(store, TUESDAY + timedelta(minutes=2), monkeypatch)

    looked = case(root=tmp_path, clock=lambda: TUESDAY)

    assert "this machine's clock is 2 min 0 s behind the database's clock" in said(check(looked), "clock")


def test_a_date_that_is_none_tells_nothing() -> None:
    looked = case()
    for date in ("", "yesterday", "Tue, 24 Nov 2026 19:10:00"):
        looked.hear("Twilio", date, TUESDAY)

    assert looked.clocks == {}
