"""``cadence report``: the numbers, as a person asks for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import NearShop

ADD = ("leads", "add", "trade=roofing", "zip=64110", "service=roof repair")
REPORTS = ("weekly", "stages", "reasons", "unlocked")


def add(shop: NearShop, lead: str, number: int, now: str, *words: str) -> None:
    shop.run(*ADD, f"name={lead.title()} Lopez", f"phone=816-555-{number:04}", f"id={lead}", *words, "--now", now)


def tell(shop: NearShop, lead: str, kind: str, now: str, *data: str) -> None:
    shop.run("event", lead, kind, *(word for pair in data for word in ("--data", pair)), "--now", now)


def test_without_any_data_there_is_nothing_to_count_yet(near_shop: NearShop) -> None:
    fresh = [near_shop.run("report", report).out for report in REPORTS]
    assert not (near_shop.folder / "cadence.db").exists(), "asking makes no database"
    near_shop.run("tick", "--now", "2026-11-24T13:00")
    published = [near_shop.run("report", report, "--now", "2026-11-24T13:01").out for report in REPORTS]

    assert ["Nothing to count yet" in page for page in (*fresh, *published)] == [True] * 8
    assert [near_shop.run("report", report, "--json").data["account"] for report in REPORTS] == ["summit"] * 4


@pytest.mark.demand("D11")
def test_the_weekly_numbers_of_a_shops_first_days(near_shop: NearShop) -> None:
    add(near_shop, "ann", 1, "2026-11-24T13:10")
    near_shop.tick("2026-11-24T13:12")
    add(near_shop, "bob", 2, "2026-11-24T15:00")
    tell(near_shop, "bob", "call.logged", "2026-11-24T15:20", "result=spoke")
    tell(near_shop, "ann", "estimate.sent", "2026-11-24T16:00", "amount=8400")
    tell(near_shop, "ann", "call.logged", "2026-11-25T09:00", "result=voicemail")
    page = near_shop.run("report", "weekly", "--weeks", "1", "--now", "2026-11-27T12:00").out
    data = near_shop.run("report", "weekly", "--now", "2026-12-07T12:00", "--json").data

    assert "answered within 5 open minutes" in page
    assert re.search(r"answered within 5 open minutes +50% \(1 of 2\)\n", page)
    assert re.search(r"half waited at most, open time +2m\n", page)
    assert re.search(r"followed up by a person +100% \(1 of 1\)\n", page)
    weeks = {week["from"]: week for week in data["weeks"]}
    assert list(weeks) == ["2026-11-16", "2026-11-23", "2026-11-30", "2026-12-07"]
    assert weeks["2026-11-23"]["first_response"]["elapsed"]["p90"] == 20 * 60
    assert [week["open_estimates"]["number"] for week in weeks.values()] == [0, 0, 1, 1]
    assert weeks["2026-12-07"]["so_far"] is True


@pytest.mark.demand("A4", "A5")
def test_captured_leads_without_a_locked_next_step_are_named_with_their_leak(near_shop: NearShop) -> None:
    for number, lead in enumerate(("ann", "bob", "cleo", "dora", "emma"), 1):
        add(near_shop, lead, number, f"2026-11-24T13:1{number}")
    add(near_shop, "old", 9, "2026-10-01T13:10")
    tell(near_shop, "bob", "appointment.booked", "2026-11-24T14:00", "starts_at=2026-12-01T10:00")
    tell(near_shop, "cleo", "appointment.booked", "2026-11-24T14:00", "starts_at=2026-12-01T10:00")
    tell(near_shop, "cleo", "appointment.confirmed", "2026-11-24T14:10")
    tell(near_shop, "dora", "appointment.booked", "2026-11-24T14:00", "starts_at=2026-11-24T15:00")
    tell(near_shop, "dora", "estimate.sent", "2026-11-24T16:00", "amount=5000")
    tell(near_shop, "dora", "contract.sent", "2026-11-24T16:10")
    tell(near_shop, "emma", "callback.scheduled", "2026-11-24T14:00", "starts_at=2026-11-24T17:00")
    now = ("--now", "2026-11-24T16:30")
    data = near_shop.run("report", "unlocked", *now, "--json").data
    leaks = {each["lead"]: each["leak"] for each in data["leads"]}

    assert (data["captured"], data["unlocked"]) == (5, 3)
    assert leaks == {"ann": "no_slot", "bob": "appointment_unconfirmed", "dora": "contract_unsigned"}
    late = near_shop.run("report", "unlocked", "--now", "2026-11-24T18:30", "--json").data
    emma, bob = (next(each for each in late["leads"] if each["lead"] == lead) for lead in ("emma", "bob"))
    assert (emma["leak"], emma["unlocked_since"]) == ("no_slot", "2026-11-24T23:00:00Z"), "the window has passed"
    assert (bob["overdue"], bob["lock_due_at"] < late["at"]) == (True, True)
    assert late["leads"][0]["lead"] == "bob", "what is past its time comes first"
    page = near_shop.run("report", "unlocked", "--now", "2026-11-24T18:30").out
    assert "Of 5 leads that came in during the last 30 days: 80% (4 of 5) with no locked next step, 1 past" in page
    assert re.search(r"\nBob Lopez +appointment booked, not confirmed +\w.* roofer/booked +Tue 24 Nov 14:00 ", page)


@pytest.mark.demand("E14")
def test_reasons_are_told_as_colleagues_wrote_them(near_shop: NearShop) -> None:
    add(near_shop, "ann", 1, "2026-11-24T13:10", "source=google")
    add(near_shop, "bob", 2, "2026-11-24T13:11", "source=google")
    tell(near_shop, "ann", "lead.disqualified", "2026-11-24T14:00", "reason=too far")
    tell(near_shop, "bob", "lead.lost", "2026-11-24T14:00", "reason=price")
    page = near_shop.run("report", "reasons", "--since", "7d", "--now", "2026-11-25T12:00").out
    before = near_shop.run("report", "reasons", "--since", "7d", "--now", "2026-12-04T12:00", "--json").data

    assert re.search(r"\ntoo far +not a job for us +1 +0 +google 1 +roofer/new 1\n", page)
    assert (before["number"], before["number_before"]) == (0, 2)


def test_each_report_can_be_written_as_a_page_for_paper(near_shop: NearShop) -> None:
    add(near_shop, "ann", 1, "2026-11-24T13:10", "source=<b>google</b>")
    tell(near_shop, "ann", "estimate.sent", "2026-11-24T14:00", "amount=5000")
    file = near_shop.folder / "page.html"
    for report in REPORTS:
        said = near_shop.run("report", report, "--now", "2026-11-24T16:30", "--html", str(file))
        text = file.read_text(encoding="utf-8")

        assert (said.out, said.err) == ("", f"wrote {file}\n")
        assert text.startswith("<!doctype html>")
        assert "Summit Home Services" in text
        assert "<b>google" not in text
        assert "<script" not in text


def test_what_cannot_be_asked_is_said_in_plain_words(near_shop: NearShop) -> None:
    near_shop.run("tick", "--now", "2026-11-24T13:00")

    unknown = near_shop.run("report", "weekly", "--playbook", "rofer", expect=2)
    assert "there is no playbook 'rofer'" in unknown.err
    assert "roofer" in unknown.err.split("help:")[1]
    assert "--since: '90' is not a duration" in near_shop.run("report", "stages", "--since", "90", expect=2).err
    assert near_shop.run("report", "reasons", "--html", "/nowhere/page.html", expect=1).err.startswith(
        "cadence: cannot write"
    )
    assert "stages" in near_shop.run("report").out
